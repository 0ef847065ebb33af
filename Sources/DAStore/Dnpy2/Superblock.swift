// The block that makes a generation current. Formats/dnpy-2.md section 4.

/// One generation of the array: what a reader needs to reach all of it.
struct GenerationState: Sendable, Equatable {
  var generation: Int
  var parent: Int
  /// Nanoseconds since 1970-01-01 UTC.
  var time: Int64
  var metadata: Record
  var root: Record
  var levels: Int
  var chunkCount: Int
  var storedChunkCount: Int
  var storedByteCount: Int

  /// - Throws: `.corrupt` when the fields contradict each other.
  func validate() throws(StoreError) {
    guard generation >= 1, parent < generation else {
      throw StoreError(.corrupt, "generation \(generation) with parent \(parent)")
    }
    guard levels == Dnpy2Layout.levels(forChunkCount: chunkCount) else {
      throw StoreError(.corrupt, "generation \(generation): \(levels) index levels for \(chunkCount) chunks")
    }
    // Below zero when a writer replaced more than its parent's superblock had counted.
    guard (0...chunkCount).contains(storedChunkCount), storedByteCount >= 0 else {
      throw StoreError(
        .corrupt, "generation \(generation): \(storedChunkCount) stored chunks of \(storedByteCount) bytes, of \(chunkCount)")
    }
  }
}

struct Superblock: Sendable, Equatable {
  var state: GenerationState
  /// Generations that a commit keeps, itself included.
  var retention: Int
  /// Everything allocated lies below.
  var frontier: Int
  var retainedTable: Record
  var freeTable: Record
  var uuid: [UInt8]

  /// What the two slots of a file hold.
  struct Slots {
    var current: Superblock
    /// Descriptions of copies that are neither empty nor sound.
    var damage: [String]
  }

  /// Chooses the current generation from the 8192 bytes of both slots: the highest of all valid copies.
  ///
  /// - Throws: `.corrupt` when no copy is valid, or when the current one contradicts itself: an older generation must not
  ///   pass for it.
  static func choose(fromSlots bytes: [UInt8], uuid: [UInt8]) throws(StoreError) -> Slots {
    var best: FieldReader?
    var damage: [String] = []
    var isEmpty = true
    for (slot, name) in ["A", "B"].enumerated() {
      for copy in 0..<2 {
        let start = slot * Dnpy2Layout.blockByteCount + copy * Dnpy2Layout.copyByteCount
        let fields = FieldReader(bytes: Array(bytes[start..<start + Dnpy2Layout.copyByteCount]))
        if fields.bytes.allSatisfy({ $0 == 0 }) { continue }
        isEmpty = false
        if let flaw = flaw(of: fields, uuid: uuid, slot: slot) {
          damage.append("superblock \(name), copy \(copy + 1): \(flaw)")
        } else if fields.u64(8) > best?.u64(8) ?? 0 {
          best = fields
        }
      }
    }
    guard let best else {
      throw StoreError(
        .corrupt,
        isEmpty
          ? "was begun but never committed: it holds no generation"
          : "no superblock is sound: \(damage.joined(separator: "; "))")
    }
    return Slots(current: try Superblock(copy: best, uuid: uuid), damage: damage)
  }

  /// Why a copy is not valid; `nil` when it is.
  private static func flaw(of copy: FieldReader, uuid: [UInt8], slot: Int) -> String? {
    guard isSealed(copy) else { return "does not match its checksum" }
    guard copy.slice(0, 8) == Dnpy2Layout.superblockMagic else { return "wrong magic" }
    guard copy.slice(168, 16) == uuid else { return "belongs to another file" }
    let generation = copy.u64(8)
    guard generation >= 1 else { return "generation 0" }
    guard generation % 2 == UInt64(slot) else { return "generation \(generation) in the other generation's slot" }
    return nil
  }

  private init(copy fields: FieldReader, uuid: [UInt8]) throws(StoreError) {
    frontier = try fields.count(96, "the allocation frontier")
    guard frontier >= Dnpy2Layout.firstExtent else { throw StoreError(.corrupt, "allocation frontier \(frontier)") }
    state = GenerationState(
      generation: try fields.count(8, "the generation"), parent: try fields.count(16, "the parent generation"),
      time: Int64(bitPattern: fields.u64(24)),
      metadata: try Record(fields, at: 32, allowed: [.block], frontier: frontier, what: "the metadata"),
      root: try Record(fields, at: 56, allowed: [.page, .absent], frontier: frontier, what: "the index root"),
      levels: Int(fields.u32(80)), chunkCount: try fields.count(88, "the chunk count"),
      storedChunkCount: try fields.count(104, "the count of stored chunks"),
      storedByteCount: try fields.count(112, "the stored bytes"))
    try state.validate()
    retention = Int(fields.u32(84))
    guard retention >= 1 else { throw StoreError(.corrupt, "a retention of 0 generations") }
    retainedTable = try Record(
      fields, at: 120, allowed: [.block, .absent], frontier: frontier, what: "the table of retained generations")
    freeTable = try Record(
      fields, at: 144, allowed: [.block, .absent], frontier: frontier, what: "the table of free space")
    self.uuid = uuid
  }

  init(state: GenerationState, retention: Int, frontier: Int, retainedTable: Record, freeTable: Record, uuid: [UInt8]) {
    self.state = state
    self.retention = retention
    self.frontier = frontier
    self.retainedTable = retainedTable
    self.freeTable = freeTable
    self.uuid = uuid
  }

  /// The 4096 bytes of a slot: two copies.
  func encoded() -> [UInt8] {
    var fields = FieldWriter(byteCount: Dnpy2Layout.copyByteCount)
    fields.put(0, bytes: Dnpy2Layout.superblockMagic)
    fields.put(8, count: state.generation)
    fields.put(16, count: state.parent)
    fields.put(24, u64: UInt64(bitPattern: state.time))
    state.metadata.put(into: &fields, at: 32)
    state.root.put(into: &fields, at: 56)
    fields.put(80, u32: UInt32(state.levels))
    fields.put(84, u32: UInt32(retention))
    fields.put(88, count: state.chunkCount)
    fields.put(96, count: frontier)
    fields.put(104, count: state.storedChunkCount)
    fields.put(112, count: state.storedByteCount)
    retainedTable.put(into: &fields, at: 120)
    freeTable.put(into: &fields, at: 144)
    fields.put(168, bytes: uuid)
    return fields.sealedTwice()
  }
}

/// The table of generations that are kept beside the current one.
enum RetainedTable {
  static func decode(_ bytes: [UInt8], frontier: Int, current: Int) throws(StoreError) -> [GenerationState] {
    guard bytes.count % Dnpy2Layout.retainedEntryByteCount == 0 else {
      throw StoreError(.corrupt, "a table of retained generations of \(bytes.count) bytes")
    }
    let fields = FieldReader(bytes: bytes)
    var states: [GenerationState] = []
    for start in stride(from: 0, to: bytes.count, by: Dnpy2Layout.retainedEntryByteCount) {
      let state = GenerationState(
        generation: try fields.count(start, "a generation"), parent: try fields.count(start + 8, "a parent generation"),
        time: Int64(bitPattern: fields.u64(start + 16)),
        metadata: try Record(fields, at: start + 24, allowed: [.block], frontier: frontier, what: "retained metadata"),
        root: try Record(fields, at: start + 48, allowed: [.page, .absent], frontier: frontier, what: "a retained index root"),
        levels: Int(fields.u32(start + 72)), chunkCount: try fields.count(start + 80, "the chunk count"),
        storedChunkCount: try fields.count(start + 88, "the count of stored chunks"),
        storedByteCount: try fields.count(start + 96, "the stored bytes"))
      try state.validate()
      guard state.generation > states.last?.generation ?? 0, state.generation < current else {
        throw StoreError(.corrupt, "retained generations out of order at \(state.generation)")
      }
      states.append(state)
    }
    return states
  }

  static func encode(_ states: [GenerationState]) -> [UInt8] {
    var fields = FieldWriter(byteCount: states.count * Dnpy2Layout.retainedEntryByteCount)
    for (index, state) in states.enumerated() {
      let start = index * Dnpy2Layout.retainedEntryByteCount
      fields.put(start, count: state.generation)
      fields.put(start + 8, count: state.parent)
      fields.put(start + 16, u64: UInt64(bitPattern: state.time))
      state.metadata.put(into: &fields, at: start + 24)
      state.root.put(into: &fields, at: start + 48)
      fields.put(start + 72, u32: UInt32(state.levels))
      fields.put(start + 80, count: state.chunkCount)
      fields.put(start + 88, count: state.storedChunkCount)
      fields.put(start + 96, count: state.storedByteCount)
    }
    return fields.bytes
  }
}
