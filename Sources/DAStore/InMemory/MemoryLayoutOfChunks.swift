// Where each chunk of an array in memory begins: pure arithmetic and the copies between chunks and C order.

/// Chunks one after the other, each dense and clipped to the array.
struct MemoryLayoutOfChunks {
  let grid: ChunkGrid
  let dtype: DType
  /// Where chunk `n` begins; one more entry than chunks, the last being the size of all.
  private let offsets: [Int]

  /// Default size of a chunk.
  private static let targetByteCount = 1 << 20

  /// - Throws: `.invalidArgument` for a shape or chunk shape that makes no sense.
  init(shape: [Int], chunkShape: [Int]?, dtype: DType) throws(StoreError) {
    _ = try checkedElementCount(shape, dtype: dtype)
    grid = try ChunkGrid(
      shape: shape,
      chunkShape: chunkShape
        ?? ChunkGrid.slabs(shape, elementByteCount: dtype.byteCount, targetByteCount: Self.targetByteCount))
    self.dtype = dtype
    let byteCount = Region(shape: shape).elementCount * dtype.byteCount
    // The table takes eight bytes a chunk: for chunks of a few bytes that would be more than the array.
    guard grid.chunkCount <= max(1 << 16, byteCount / 8) else {
      throw StoreError(
        .invalidArgument,
        "an array in memory of \(grid.chunkCount) chunks of shape \(shapeText(grid.chunkShape)) has chunks too small; "
          + "use larger ones")
    }
    var offsets = [0]
    offsets.reserveCapacity(grid.chunkCount + 1)
    var end = 0
    for number in 0..<grid.chunkCount {
      end += grid.elementCount(of: number) * dtype.byteCount
      offsets.append(end)
    }
    self.offsets = offsets
  }

  /// Bytes of all chunks.
  var byteCount: Int { offsets[offsets.count - 1] }

  func extent(of number: Int, path: String) throws(StoreError) -> StoredExtent {
    guard number >= 0 && number < grid.chunkCount else {
      throw StoreError(.invalidArgument, "there is no chunk \(number) among \(grid.chunkCount)", path: path)
    }
    return StoredExtent(offset: offsets[number], byteCount: offsets[number + 1] - offsets[number])
  }

  /// Copies an array in C order into its chunks.
  func scatter(_ elements: UnsafeRawBufferPointer, into chunks: UnsafeMutableRawBufferPointer) {
    guard let array = elements.baseAddress, let base = chunks.baseAddress else { return }
    forEachChunk { offset, start, shape, strides, chunkStrides in
      copyBox(
        shape: shape, elementByteCount: dtype.byteCount, from: array + start, sourceStrides: strides, to: base + offset,
        destinationStrides: chunkStrides)
    }
  }

  /// Copies chunks into an array in C order.
  func gather(_ chunks: UnsafeRawBufferPointer, into elements: UnsafeMutableRawBufferPointer) {
    guard let array = elements.baseAddress, let base = chunks.baseAddress else { return }
    forEachChunk { offset, start, shape, strides, chunkStrides in
      copyBox(
        shape: shape, elementByteCount: dtype.byteCount, from: base + offset, sourceStrides: chunkStrides,
        to: array + start, destinationStrides: strides)
    }
  }

  private func forEachChunk(
    _ body: (_ offset: Int, _ start: Int, _ shape: [Int], _ strides: [Int], _ chunkStrides: [Int]) -> Void
  ) {
    let strides = rowMajorStrides(grid.shape, elementByteCount: dtype.byteCount)
    for number in 0..<grid.chunkCount {
      let region = grid.region(of: number)
      let start = zip(region.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }
      body(
        offsets[number], start, region.shape, strides,
        rowMajorStrides(region.shape, elementByteCount: dtype.byteCount))
    }
  }
}
