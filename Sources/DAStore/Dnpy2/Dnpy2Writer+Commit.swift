// Publishing a generation: pages and tables, synchronise, superblock, synchronise. Formats/dnpy-2.md section 8.

import MessagePassing

extension Dnpy2Writer {
  /// Makes everything written so far the current generation, durably, and begins the next. Collective.
  ///
  /// When it returns, on every rank, the generation survives a crash. When it throws, the generation before is current.
  public func commitGeneration() throws(StoreError) {
    try commitGeneration(publishing: true)
  }

  /// The same; a new file gets its name only when `publishing`.
  func commitGeneration(publishing: Bool) throws(StoreError) {
    try finishWriting()
    var prepared = try communicator.agree { () throws(StoreError) -> [UInt8] in
      try located { () throws(StoreError) in try prepareCommit() }
    }
    try synchronizeAll()
    try communicator.agree { () throws(StoreError) in
      guard communicator.rank == 0 else { return }
      try located { () throws(StoreError) in
        let slot = Dnpy2Layout.slotOffset(ofGeneration: nextGeneration)
        try prepared.withBytes { bytes throws(StoreError) in try file.write(at: slot, bytes) }
        try file.synchronize()
      }
    }
    if publishing, let target {
      try target.publish()
      self.target = nil
    }
    try passing { () throws(MPIError) in try communicator.broadcast(&prepared, from: 0) }
    try communicator.agree { () throws(StoreError) in try located { () throws(StoreError) in try adopt(prepared) } }
  }

  private func synchronizeAll() throws(StoreError) {
    try communicator.agree { () throws(StoreError) in
      try passing { () throws(MPIError) in try parallelFile.sync() }
    }
  }

  /// Rank 0: writes pages, metadata and tables; returns the bytes of the superblock's slot.
  private func prepareCommit() throws(StoreError) -> [UInt8] {
    guard var ledger else { return [] }
    self.ledger = nil
    defer { self.ledger = ledger }
    let generation = nextGeneration
    try ledger.index.flush(allocator: &ledger.allocator)
    let metadataRecord = try store(try metadata.encoded(), &ledger.allocator)
    let previous = parent?.superblock
    // Retained generations keep their metadata; a parent that is dropped gives up its own, and its tables in any case.
    let kept = Array(ledger.retained.suffix(retention - 1))
    for dropped in ledger.retained.dropLast(kept.count) { release(dropped.metadata, &ledger.allocator) }
    if let previous {
      release(previous.retainedTable, &ledger.allocator)
      release(previous.freeTable, &ledger.allocator)
    }
    let retainedRecord = kept.isEmpty ? Record.absent : try store(RetainedTable.encode(kept), &ledger.allocator)
    let freeRecord = try storeFreeTable(&ledger.allocator)
    let frontier = roundedUp(ledger.allocator.frontier, to: preamble.blockAlignment)
    try extend(to: frontier)
    let state = GenerationState(
      generation: generation, parent: previous?.state.generation ?? 0, time: clock(), metadata: metadataRecord,
      root: ledger.index.root, levels: ledger.index.levels, chunkCount: description.grid.chunkCount,
      storedChunkCount: ledger.index.storedChunkCount, storedByteCount: ledger.index.storedByteCount)
    try state.validate()
    return Superblock(
      state: state, retention: retention, frontier: frontier, retainedTable: retainedRecord, freeTable: freeRecord,
      uuid: preamble.uuid
    ).encoded()
  }

  /// All ranks: builds on the generation just committed.
  private func adopt(_ slot: [UInt8]) throws(StoreError) {
    var head = try Snapshot.head(of: file)
    let offset = Dnpy2Layout.slotOffset(ofGeneration: nextGeneration)
    head.replaceSubrange(offset..<offset + slot.count, with: slot)
    let snapshot = try Snapshot(path: path, head: head, file: file)
    parent = snapshot
    description.generation = snapshot.state.generation
    description.storedByteCount = snapshot.state.storedByteCount
    try beginGeneration()
  }

  /// The table lies in space that it lists itself until the moment it is placed, and placing it may split an extent: so it is
  /// placed with room for that, and made afterwards.
  private func storeFreeTable(_ allocator: inout ExtentAllocator) throws(StoreError) -> Record {
    let expected = allocator.table().count
    guard expected > 0 else { return .absent }
    let room = roundedUp((expected + 2) * Dnpy2Layout.freeEntryByteCount, to: preamble.blockAlignment)
    let offset = allocator.allocate(room)
    let table = allocator.table()
    guard !table.isEmpty else { return .absent }
    let bytes = FreeTable.encode(table)
    // A damaged index that reaches some bytes twice gives them up twice: rather no new generation than one that no writer
    // can go on from.
    _ = try FreeTable.decode(bytes, frontier: roundedUp(allocator.frontier, to: preamble.blockAlignment))
    return try store(bytes, at: offset)
  }

  private func store(_ bytes: [UInt8], _ allocator: inout ExtentAllocator) throws(StoreError) -> Record {
    try store(bytes, at: allocator.allocate(roundedUp(bytes.count, to: preamble.blockAlignment)))
  }

  private func store(_ bytes: [UInt8], at offset: Int) throws(StoreError) -> Record {
    try bytes.withBytes { bytes throws(StoreError) in try file.write(at: offset, bytes) }
    return Record(kind: .block, offset: UInt64(offset), length: UInt32(bytes.count), checksum: xxh3(bytes))
  }

  private func release(_ record: Record, _ allocator: inout ExtentAllocator) {
    if let bytes = record.footprint(chunkAlignment: preamble.chunkAlignment, blockAlignment: preamble.blockAlignment) {
      allocator.release(bytes, by: nextGeneration)
    }
  }

  /// Makes the file at least as long as its frontier says.
  private func extend(to byteCount: Int) throws(StoreError) {
    guard try file.byteCount() < byteCount else { return }
    try [UInt8(0)].withBytes { bytes throws(StoreError) in try file.write(at: byteCount - 1, bytes) }
  }

  func located<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
    do { return try body() } catch { throw error.at(path: path) }
  }
}
