// Changing the shape: whole chunks stay where they are, chunks whose clipping changes are rewritten. Section 8.

import MessagePassing

extension Dnpy2Writer {
  /// Gives the array another shape; new elements have the fill value, elements outside are dropped. Collective.
  ///
  /// Must come before other writes of a generation; takes effect with the next commit. Appending along an axis is a resize
  /// followed by writing the new chunks.
  /// - Parameter shape: One size per axis, as many axes as before.
  /// - Throws: `.invalidArgument`, `.corrupt` when a chunk that must be rewritten is damaged, `.io`.
  /// - Complexity: O(chunks along the changed edges) when only the first axis grows; otherwise O(chunks) index records too.
  public func resize(to shape: [Int]) throws(StoreError) {
    let oldGrid = description.grid
    var changed = metadata
    changed.shape = shape
    let newGrid = try communicator.agree { () throws(StoreError) -> ChunkGrid in
      guard !hasUncommittedChunks else {
        throw StoreError(.invalidArgument, "chunks were written in this generation; commit before changing the shape", path: path)
      }
      return try located { () throws(StoreError) in try changed.grid() }
    }
    guard shape != oldGrid.shape else { return }
    let rewritten = Self.chunksToRewrite(from: oldGrid, to: newGrid)
    let source = try communicator.agree { () throws(StoreError) in
      try parent.map { snapshot throws(StoreError) in try Dnpy2Dataset(snapshot, verifyChecksums: true) }
    }
    try communicator.agree { () throws(StoreError) in
      try located { () throws(StoreError) in try renumber(from: oldGrid, to: newGrid) }
    }
    metadata = changed
    description = try Self.describe(changed)
    description.generation = parent?.state.generation
    hasUncommittedChunks = true
    guard let source else { return }
    try rewrite(rewritten, of: source, from: oldGrid, to: newGrid)
  }

  /// Positions in the grid of chunks that both grids have and whose clipped shape differs, in row-major order.
  static func chunksToRewrite(from oldGrid: ChunkGrid, to newGrid: ChunkGrid) -> [[Int]] {
    let common = zip(oldGrid.chunksPerAxis, newGrid.chunksPerAxis).map { min($0, $1) }
    guard !common.contains(0) else { return [] }
    var positions = Set<[Int]>()
    for axis in common.indices where oldGrid.shape[axis] != newGrid.shape[axis] {
      let last = common[axis] - 1
      let extent = { (grid: ChunkGrid) in min(grid.chunkShape[axis], grid.shape[axis] - last * grid.chunkShape[axis]) }
      guard extent(oldGrid) != extent(newGrid) else { continue }
      var slab: [[Int]] = [[]]
      for other in common.indices {
        let span = other == axis ? last...last : 0...common[other] - 1
        slab = slab.flatMap { prefix in span.map { prefix + [$0] } }
      }
      positions.formUnion(slab)
    }
    return positions.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Rank 0: carries the records over to the numbers of the new grid.
  private func renumber(from oldGrid: ChunkGrid, to newGrid: ChunkGrid) throws(StoreError) {
    guard var ledger, let parent else {
      if communicator.rank == 0 { try beginEmpty(newGrid) }
      return
    }
    self.ledger = nil
    defer { self.ledger = ledger }
    // Row-major numbers do not depend on the size of the first axis.
    if oldGrid.chunksPerAxis.dropFirst() == newGrid.chunksPerAxis.dropFirst(), !oldGrid.chunksPerAxis.isEmpty {
      if newGrid.chunkCount < oldGrid.chunkCount {
        for chunk in newGrid.chunkCount..<oldGrid.chunkCount {
          try ledger.index.set(.absent, ofChunk: chunk, allocator: &ledger.allocator)
        }
        try ledger.index.shrink(toChunkCount: newGrid.chunkCount, allocator: &ledger.allocator)
      } else {
        ledger.index.grow(toChunkCount: newGrid.chunkCount)
      }
      return
    }
    try ledger.index.clear(chunkCount: newGrid.chunkCount, allocator: &ledger.allocator)
    for chunk in 0..<oldGrid.chunkCount {
      let record = try parent.index.record(ofChunk: chunk)
      guard record.kind != .absent else { continue }
      let position = oldGrid.position(of: chunk)
      if zip(position, newGrid.chunksPerAxis).allSatisfy({ $0 < $1 }) {
        try ledger.index.set(record, ofChunk: newGrid.number(at: position), allocator: &ledger.allocator)
      } else if let bytes = record.footprint(chunkAlignment: preamble.chunkAlignment, blockAlignment: preamble.blockAlignment) {
        ledger.allocator.release(bytes, by: nextGeneration)
      }
    }
  }

  /// A file without a generation has no records to carry over.
  private func beginEmpty(_ grid: ChunkGrid) throws(StoreError) {
    guard var ledger else { return }
    self.ledger = nil
    try ledger.index.clear(chunkCount: grid.chunkCount, allocator: &ledger.allocator)
    self.ledger = ledger
  }

  /// Rewrites chunks in rounds that all ranks share.
  private func rewrite(_ positions: [[Int]], of source: Dnpy2Dataset, from oldGrid: ChunkGrid, to newGrid: ChunkGrid) throws(StoreError) {
    let size = communicator.size
    for start in stride(from: 0, to: positions.count, by: size) {
      let mine = start + communicator.rank
      var buffers: [PooledBuffer] = []
      let round = try communicator.agree { () throws(StoreError) -> [ChunkToWrite] in
        guard mine < positions.count else { return [] }
        let oldNumber = oldGrid.number(at: positions[mine])
        let newNumber = newGrid.number(at: positions[mine])
        let buffer = try pool.lease(byteCount: description.byteCount(ofChunk: newNumber))
        buffers.append(buffer)
        metadata.fillValue.fill(buffer.bytes)
        guard try copyOld(oldNumber, of: source, region: newGrid.region(of: newNumber), into: buffer.bytes) else { return [] }
        return [ChunkToWrite(number: newNumber, bytes: UnsafeRawBufferPointer(buffer.bytes))]
      }
      try write(round)
      withExtendedLifetime(buffers) {}
    }
  }

  /// Copies what a chunk held into its new extent; false when it held nothing.
  private func copyOld(
    _ number: Int, of source: Dnpy2Dataset, region newRegion: Region, into buffer: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> Bool {
    guard try source.snapshot.index.record(ofChunk: number).kind != .absent else { return false }
    let old = try pool.lease(byteCount: source.description.byteCount(ofChunk: number))
    try source.readChunk(number, into: old.bytes, pool: pool)
    let oldRegion = source.description.grid.region(of: number)
    guard let common = oldRegion.intersection(newRegion), let from = old.bytes.baseAddress, let to = buffer.baseAddress else { return true }
    let size = description.dtype.byteCount
    copyBox(
      shape: common.shape, elementByteCount: size, from: from,
      sourceStrides: rowMajorStrides(oldRegion.shape, elementByteCount: size), to: to,
      destinationStrides: rowMajorStrides(newRegion.shape, elementByteCount: size))
    return true
  }
}
