// Where a result will stand that is not there yet: for plans.

import DAStore

/// An array in memory of which only shape, type and chunks are known; its elements are zeros.
final class PlaceholderDataset: DerivedDataset {
  let path: String
  let description: DatasetDescription

  /// - Parameter chunkShape: That of a ``MemoryDataset`` when not given.
  /// - Throws: `.invalidArgument` for a shape that no array can have.
  init(shape: [Int], dtype: DType, chunkShape: [Int]? = nil, name: String = "statistic") throws(StoreError) {
    path = name
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

extension Expression {
  /// What stands for the node in plans when it is made before what uses it: its shape, type and chunks.
  func placeholder() throws(StoreError) -> Expression {
    switch kind {
    case .product(let product):
      Expression(
        try PlaceholderDataset(shape: shape, dtype: dtype, chunkShape: product.geometry.blockShape, name: "product"))
    case .patched(let patched):
      Expression(
        shape: shape, dtype: dtype,
        .patched(
          PatchedArray(
            try patched.array.withPlaceholders(), patched.view, patched.points,
            .elements(DenseArray(dtype: dtype, shape: [], bytes: Array(repeating: 0, count: dtype.byteCount))))))
    case .rechunked(let rechunked):
      Expression(
        try PlaceholderDataset(
          shape: shape, dtype: dtype, chunkShape: rechunked.chunkShape, name: "array in C order"))
    case .picked: Expression(try PlaceholderDataset(shape: shape, dtype: dtype, name: "picked elements"))
    default: Expression(try PlaceholderDataset(shape: shape, dtype: dtype))
    }
  }

  /// The expression with placeholders for all that is made before it: for plans.
  func withPlaceholders() throws(StoreError) -> Expression {
    var replaced: [ObjectIdentifier: Expression] = [:]
    return try replacing(&replaced) { node throws(StoreError) in node.isMadeBefore ? try node.placeholder() : nil }
  }
}
