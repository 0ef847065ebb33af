// An array that is computed instead of read: any such type streams into any format.

import DAStore

/// Element (i, j, k) is i * j + k, as float64.
final class FormulaField: ChunkedDataset {
  let path = "i * j + k"
  let description: DatasetDescription

  init(shape: [Int], chunkShape: [Int]) throws(StoreError) {
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: .float64, grid: try ChunkGrid(shape: shape, chunkShape: chunkShape),
      storedByteCount: 0)
  }

  /// Nothing is stored: chunks come out of ``decode(_:stored:into:scratch:)`` alone.
  func storage(of number: Int) throws(StoreError) -> ChunkStorage { .encoded([]) }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    throw StoreError(.internalFault, "a formula has nothing to read", path: path)
  }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let region = description.grid.region(of: number)
    let elements = buffer.bindMemory(to: Double.self)
    var next = 0
    for i in region.lower[0]..<region.upper[0] {
      for j in region.lower[1]..<region.upper[1] {
        for k in region.lower[2]..<region.upper[2] {
          elements[next] = Double(i * j + k)
          next += 1
        }
      }
    }
  }
}
