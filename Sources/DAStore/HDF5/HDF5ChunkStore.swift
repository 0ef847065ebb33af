// The chunks of one HDF5 dataset: where each lies, and how its bytes become elements.

/// A table of chunks and the filters they went through. Immutable, so any thread may use it.
struct HDF5ChunkStore: Sendable {
  private let baseOffset: Int
  private let fileByteCount: Int
  private let grid: ChunkGrid
  private let records: [HDF5ChunkRecord]
  private let elementByteCount: Int
  private let fullChunkByteCount: Int
  private let hasUnfilteredEdges: Bool
  let chain: HDF5FilterChain
  let storedByteCount: Int
  let largestStoredByteCount: Int

  /// What HDF5 allows a chunk to have, and what zlib and LZ4 count.
  private static let largestChunkByteCount = Int(UInt32.max)

  init(
    _ file: HDF5File, _ place: HDF5ChunkIndexPlace, grid: ChunkGrid, limits: [Int?], filters: [HDF5Filter],
    elementByteCount: Int
  ) throws(StoreError) {
    baseOffset = file.baseOffset
    fileByteCount = file.byteCount
    self.grid = grid
    self.elementByteCount = elementByteCount
    fullChunkByteCount = grid.fullChunkElementCount * elementByteCount
    guard fullChunkByteCount <= Self.largestChunkByteCount else {
      throw StoreError(
        .unsupported, "has chunks of \(fullChunkByteCount) bytes; at most \(Self.largestChunkByteCount) are read")
    }
    chain = try HDF5FilterChain(filters, chunkByteCount: fullChunkByteCount)
    if case .unfilteredEdges = place { hasUnfilteredEdges = true } else { hasUnfilteredEdges = false }
    records = try HDF5ChunkIndex(file, place, grid: grid, limits: limits, fullChunkByteCount: fullChunkByteCount)
      .records
    // Chunks that cannot be there are refused when they are asked for, so they need no memory.
    let sizes = records.lazy.map(\.byteCount).filter { [fileByteCount] in $0 <= fileByteCount }
    largestStoredByteCount = sizes.max() ?? 0
    storedByteCount = sizes.reduce(0) { min($0 + $1, 1 << 62) }
  }

  var recordCount: Int { records.count }

  /// Binary search in the table.
  private func record(of number: Int) -> HDF5ChunkRecord? {
    var (low, high) = (0, records.count)
    while low < high {
      let middle = (low + high) / 2
      if records[middle].number < number { low = middle + 1 } else { high = middle }
    }
    return low < records.count && records[low].number == number ? records[low] : nil
  }

  /// Where a chunk lies in the file; `nil` when it was never written.
  ///
  /// - Throws: `.truncated` when the file ends before it does.
  func extent(of number: Int) throws(StoreError) -> StoredExtent? {
    guard let record = record(of: number) else { return nil }
    guard record.address <= fileByteCount, record.byteCount <= fileByteCount - record.address else {
      throw StoreError(
        .truncated,
        "should lie in \(record.byteCount) bytes at byte \(record.address), the file ends at byte \(fileByteCount)")
    }
    if steps(of: record).isEmpty, record.byteCount != fullChunkByteCount {
      throw StoreError(.corrupt, "is stored in \(record.byteCount) bytes, expected \(fullChunkByteCount)")
    }
    return StoredExtent(offset: baseOffset + record.address, byteCount: record.byteCount)
  }

  private func isClipped(_ number: Int) -> Bool { grid.region(of: number).shape != grid.chunkShape }

  /// Indices of the filters that a chunk went through.
  private func steps(of record: HDF5ChunkRecord) -> [Int] {
    if hasUnfilteredEdges, isClipped(record.number) { return [] }
    return chain.steps.indices.filter { record.filterMask & (1 << UInt32($0)) == 0 }
  }

  /// Whether a chunk's stored bytes are its elements.
  func isPlain(_ number: Int) -> Bool {
    guard let record = record(of: number) else { return false }
    return steps(of: record).isEmpty && !isClipped(number)
  }

  /// The filters' scratch, and a whole chunk of which an edge keeps only a part.
  var scratchByteCount: Int {
    chain.scratchByteCount + (zip(grid.shape, grid.chunkShape).allSatisfy { $0 % $1 == 0 } ? 0 : fullChunkByteCount)
  }

  func decode(
    _ number: Int, _ stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    guard let record = record(of: number) else { throw StoreError(.internalFault, "was never written") }
    let mask = steps(of: record).isEmpty ? UInt32.max : record.filterMask
    let region = grid.region(of: number)
    let filterScratch = UnsafeMutableRawBufferPointer(rebasing: scratch[..<chain.scratchByteCount])
    guard isClipped(number) else { return try chain.decode(stored, mask: mask, into: buffer, scratch: filterScratch) }
    let rest = chain.scratchByteCount..<chain.scratchByteCount + fullChunkByteCount
    let whole = UnsafeMutableRawBufferPointer(rebasing: scratch[rest])
    try chain.decode(stored, mask: mask, into: whole, scratch: filterScratch)
    guard let from = whole.baseAddress, let to = buffer.baseAddress else { return }
    copyBox(
      shape: region.shape, elementByteCount: elementByteCount, from: from,
      sourceStrides: rowMajorStrides(grid.chunkShape, elementByteCount: elementByteCount), to: to,
      destinationStrides: rowMajorStrides(region.shape, elementByteCount: elementByteCount))
  }
}
