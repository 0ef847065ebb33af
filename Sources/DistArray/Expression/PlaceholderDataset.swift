// Where a result will stand that is not there yet: for plans.

import DAStore

/// An array in memory of which only shape, type and chunks are known; its elements are zeros.
final class PlaceholderDataset: DerivedDataset {
  let path = "statistic"
  let description: DatasetDescription

  /// - Parameter chunkShape: That of a ``MemoryDataset`` when not given.
  /// - Throws: `.invalidArgument` for a shape that no array can have.
  init(shape: [Int], dtype: DType, chunkShape: [Int]? = nil) throws(StoreError) {
    _ = try checkedElementCount(shape, dtype: dtype)
    let chunkShape = chunkShape ?? ChunkGrid.slabs(shape, elementByteCount: dtype.byteCount, targetByteCount: 1 << 20)
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: dtype, grid: try ChunkGrid(shape: shape, chunkShape: chunkShape),
      storedByteCount: 0)
  }

  func storage(of number: Int) -> ChunkStorage { .constant(ElementValue(zero: description.dtype)) }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    throw StoreError(.internalFault, "a result that is not there yet has nothing to read", path: path)
  }
}
