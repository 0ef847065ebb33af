// Builds the next generation's index over its parent's: changed pages only. Only rank 0 of a writer has one. Section 5.

/// The index of the generation under construction.
struct IndexWriter {
  private(set) var root: Record
  private(set) var levels: Int
  private(set) var storedChunkCount: Int
  private(set) var storedByteCount: Int
  /// Changed pages not yet written, by level and number.
  private var changed: [[Int: IndexPage]]
  private let file: PositionalFile
  private let preamble: Preamble
  /// The generation under construction.
  private let generation: Int
  /// Changed leaves held before they are written out: 16 MiB of them.
  private let largestLeafCount: Int

  init(parent: GenerationState, generation: Int, file: PositionalFile, preamble: Preamble, largestLeafCount: Int = 4096) {
    root = parent.root
    levels = parent.levels
    storedChunkCount = parent.storedChunkCount
    storedByteCount = parent.storedByteCount
    changed = Array(repeating: [:], count: levels)
    self.file = file
    self.preamble = preamble
    self.generation = generation
    self.largestLeafCount = largestLeafCount
  }

  /// Replaces the record of a chunk; the space of the one it replaces is released.
  mutating func set(_ record: Record, ofChunk chunk: Int, allocator: inout ExtentAllocator) throws(StoreError) {
    let number = chunk / Dnpy2Layout.recordsPerPage
    if changed[0][number] == nil {
      if changed[0].count >= largestLeafCount { try writeOut(level: 0, allocator: &allocator) }
      changed[0][number] = try load(level: 0, number: number, allocator.frontier)
    }
    let slot = chunk % Dnpy2Layout.recordsPerPage
    guard let old = changed[0][number]?.records[slot] else { return }
    count(old, by: -1)
    count(record, by: 1)
    if old != record { release(old, &allocator) }
    changed[0][number]?.records[slot] = record
  }

  /// The record of a chunk as it stands now.
  func record(ofChunk chunk: Int, frontier: Int) throws(StoreError) -> Record {
    try load(level: 0, number: chunk / Dnpy2Layout.recordsPerPage, frontier).records[chunk % Dnpy2Layout.recordsPerPage]
  }

  /// Makes the tree reach more chunks, whose numbers follow those it has.
  mutating func grow(toChunkCount chunkCount: Int) {
    let target = Dnpy2Layout.levels(forChunkCount: chunkCount)
    while levels < target {
      changed.append([:])
      if root.kind != .absent || !(changed[levels - 1].isEmpty) {
        var page = IndexPage(emptyAtLevel: levels, number: 0)
        page.records[0] = root
        changed[levels][0] = page
      }
      root = .absent
      levels += 1
    }
  }

  /// Drops upper levels that a smaller array does not need; chunks beyond it must be absent already.
  mutating func shrink(toChunkCount chunkCount: Int, allocator: inout ExtentAllocator) throws(StoreError) {
    let target = Dnpy2Layout.levels(forChunkCount: chunkCount)
    while levels > target {
      try flush(allocator: &allocator)
      let top = try load(level: levels - 1, number: 0, allocator.frontier)
      release(root, &allocator)
      root = top.records[0]
      changed.removeLast()
      levels -= 1
    }
  }

  /// Forgets every record: the tree of a new numbering. The space of the old pages is released, that of chunks is not.
  mutating func clear(chunkCount: Int, allocator: inout ExtentAllocator) throws(StoreError) {
    try flush(allocator: &allocator)
    try releasePages(level: levels - 1, record: root, number: 0, allocator: &allocator)
    root = .absent
    levels = Dnpy2Layout.levels(forChunkCount: chunkCount)
    changed = Array(repeating: [:], count: levels)
    storedChunkCount = 0
    storedByteCount = 0
  }

  /// Writes all changed pages, leaves first; afterwards ``root`` reaches everything.
  mutating func flush(allocator: inout ExtentAllocator) throws(StoreError) {
    for level in 0..<levels { try writeOut(level: level, allocator: &allocator) }
  }

  private mutating func writeOut(level: Int, allocator: inout ExtentAllocator) throws(StoreError) {
    let pages = changed[level].sorted { $0.key < $1.key }
    guard !pages.isEmpty else { return }
    changed[level] = [:]
    let kept = pages.filter { !$0.value.isEmpty }
    let size = roundedUp(Dnpy2Layout.pageByteCount, to: preamble.blockAlignment)
    let start = kept.isEmpty ? 0 : allocator.allocate(kept.count * size)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(kept.count * size)
    var placed = 0
    for (number, page) in pages {
      var record = Record.absent
      if !page.isEmpty {
        let encoded = page.encoded()
        record = Record(
          kind: .page, offset: UInt64(start + placed * size), length: UInt32(encoded.count), checksum: xxh3(encoded))
        bytes += encoded
        bytes += Array(repeating: 0, count: size - encoded.count)
        placed += 1
      }
      try replacePage(level: level, number: number, by: record, allocator: &allocator)
    }
    try write(bytes, at: start)
  }

  private mutating func replacePage(level: Int, number: Int, by record: Record, allocator: inout ExtentAllocator) throws(StoreError) {
    guard level < levels - 1 else {
      release(root, &allocator)
      root = record
      return
    }
    let above = number / Dnpy2Layout.recordsPerPage
    let slot = number % Dnpy2Layout.recordsPerPage
    var page = try load(level: level + 1, number: above, allocator.frontier)
    release(page.records[slot], &allocator)
    page.records[slot] = record
    changed[level + 1][above] = page
  }

  /// A page as it stands now: changed, written, or empty.
  private func load(level: Int, number: Int, _ frontier: Int) throws(StoreError) -> IndexPage {
    if let page = changed[level][number] { return page }
    let record: Record
    if level == levels - 1 {
      record = root
    } else {
      let above = try load(level: level + 1, number: number / Dnpy2Layout.recordsPerPage, frontier)
      record = above.records[number % Dnpy2Layout.recordsPerPage]
    }
    guard record.kind == .page else { return IndexPage(emptyAtLevel: level, number: number) }
    return try IndexReader.read(record, level: level, number: number, file: file, frontier: frontier)
  }

  private func releasePages(level: Int, record: Record, number: Int, allocator: inout ExtentAllocator) throws(StoreError) {
    guard record.kind == .page else { return }
    if level > 0 {
      let page = try IndexReader.read(record, level: level, number: number, file: file, frontier: allocator.frontier)
      for (slot, below) in page.records.enumerated() {
        try releasePages(
          level: level - 1, record: below, number: number * Dnpy2Layout.recordsPerPage + slot, allocator: &allocator)
      }
    }
    release(record, &allocator)
  }

  private func release(_ record: Record, _ allocator: inout ExtentAllocator) {
    if let bytes = record.footprint(chunkAlignment: preamble.chunkAlignment, blockAlignment: preamble.blockAlignment) {
      allocator.release(bytes, by: generation)
    }
  }

  private mutating func count(_ record: Record, by sign: Int) {
    guard record.hasExtent else { return }
    storedChunkCount += sign
    storedByteCount += sign * Int(record.length)
  }

  private func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
    guard !bytes.isEmpty else { return }
    var failure: StoreError?
    bytes.withUnsafeBytes { buffer in
      do throws(StoreError) { try file.write(at: offset, buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
