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
  /// The expression with places in place of its statistics and products: for plans.
  func withPlaceholders() throws(StoreError) -> Expression {
    var replaced: [ObjectIdentifier: Expression] = [:]
    return try replacing(&replaced) { node throws(StoreError) in
      guard node.kind.isMadeBefore else { return nil }
      var chunkShape: [Int]?
      if case .product(let product) = node.kind { chunkShape = product.geometry.blockShape }
      return Expression(
        try PlaceholderDataset(
          shape: node.shape, dtype: node.dtype, chunkShape: chunkShape, name: chunkShape == nil ? "statistic" : "product"))
    }
  }
}
