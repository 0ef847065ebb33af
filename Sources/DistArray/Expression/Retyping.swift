// The bytes of an array as elements of another type: the last axis grows or shrinks, rows stay rows.

import DAStore

extension DistArray {
  /// The elements' little-endian bytes in C order, read as elements of another type: no value is converted. NumPy's
  /// `view`.
  ///
  /// Where the types have different sizes, the last axis has as many more or fewer elements. An array here is a value,
  /// so that nothing written to the result reaches this array.
  /// - Parameter dtype: Its size divides the bytes of the last axis; for an array without axes it is the same.
  public func viewed(as dtype: DType) -> DistArray {
    map { expression throws(StoreError) in try expression.retyped(as: dtype) }
  }
}

extension Expression {
  /// The bytes of each row as elements of another type.
  func retyped(as dtype: DType) throws(StoreError) -> Expression {
    // Rows of bytes stay what they are, however often they are read as another type.
    if case .retyped(let inner) = kind { return try inner.retyped(as: dtype) }
    if dtype == self.dtype { return self }
    let target = try retypedShape(as: dtype)
    return try Expression(shape: target, dtype: dtype, .retyped(self)).checkedDepth()
  }

  private func retypedShape(as dtype: DType) throws(StoreError) -> [Int] {
    let (old, new) = (self.dtype.byteCount, dtype.byteCount)
    if old == new { return shape }
    guard let count = shape.last else {
      throw StoreError(
        .invalidArgument,
        "an array without axes of \(self.dtype.name) cannot be viewed as \(dtype.name): the sizes of elements differ, "
          + "\(old) and \(new) bytes")
    }
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: old)
    guard !overflow, byteCount % new == 0 else {
      throw StoreError(
        .invalidArgument,
        "\(count) elements of \(self.dtype.name) along the last axis are \(overflow ? "too many" : "\(byteCount)") "
          + "bytes, which do not make whole elements of \(dtype.name), \(new) bytes each")
    }
    let target = Array(shape.dropLast()) + [byteCount / new]
    _ = try checkedElementCount(target, dtype: dtype)
    return target
  }
}

/// An array in chunks whose last extent is a multiple of a number: elements that become one lie in one chunk.
struct WholeElements: PieceLayout {
  let factor: Int
  private let all: Mosaic

  /// Chunks of this many bytes are made so large that they end where the array's own do.
  private static let roomyByteCount = 4 << 20

  init(shape: [Int], factor: Int) {
    self.factor = factor
    all = Mosaic(shape.map { Mosaic.Axis(all: $0) })
  }

  func pieces(of region: Region) -> [Piece] { all.pieces(of: region) }

  func chunkShape(_ shape: [Int], _ dtype: DType, _ parts: [Tape.Source]) -> [Int] {
    let own = all.chunkShape(shape, dtype, parts)
    guard let extent = own.last, let size = shape.last else { return own }
    var common = own
    common[own.count - 1] = min(saturatingProduct(extent, factor / greatestCommonDivisor(extent, factor)), max(1, size))
    let byteCount = common.reduce(dtype.byteCount, saturatingProduct)
    return byteCount <= Self.roomyByteCount ? rounded(common) : rounded(own)
  }

  func halves(of chunkShape: [Int]) -> [[Int]] {
    all.halves(of: chunkShape).map(rounded).filter { $0 != chunkShape }
  }

  func mostStoredByteCount(_ grid: ChunkGrid, _ parts: [Tape.Source], _ byteCounts: [Int]) -> Int {
    all.mostStoredByteCount(grid, parts, byteCounts)
  }

  private func rounded(_ chunkShape: [Int]) -> [Int] {
    guard let extent = chunkShape.last else { return chunkShape }
    return chunkShape.dropLast() + [(extent + factor - 1) / factor * factor]
  }
}
