// Checked arithmetic on shapes that may come from a file: products of untrusted sizes never trap.

/// Most axes an array may have; NumPy's limit is 64.
public let maximumDimensionCount = 32

/// Number of elements of a shape.
///
/// - Throws: `.invalidArgument` for a negative size, more than ``maximumDimensionCount`` axes, or when the bytes of such
///   an array (zero-length axes counted as one) exceed 2^62.
public func checkedElementCount(_ shape: [Int], dtype: DType) throws(StoreError) -> Int {
  guard shape.count <= maximumDimensionCount else {
    throw StoreError(.invalidArgument, "\(shape.count) dimensions; at most \(maximumDimensionCount) are supported")
  }
  var bound = dtype.byteCount
  for size in shape {
    guard size >= 0 else { throw StoreError(.invalidArgument, "shape \(shapeText(shape)) has a negative size") }
    let (product, overflow) = bound.multipliedReportingOverflow(by: max(size, 1))
    guard !overflow, product <= 1 << 62 else {
      throw StoreError(.invalidArgument, "shape \(shapeText(shape)) of \(dtype.name) is larger than 2^62 bytes")
    }
    bound = product
  }
  return shape.contains(0) ? 0 : bound / dtype.byteCount
}

/// A shape as NumPy prints it: `(3, 4)`, `(5,)`, `()`.
public func shapeText(_ shape: [Int]) -> String {
  shape.count == 1 ? "(\(shape[0]),)" : "(" + shape.map(String.init).joined(separator: ", ") + ")"
}

/// Byte strides of a dense array of this shape, C order (last axis fastest).
public func rowMajorStrides(_ shape: [Int], elementByteCount: Int) -> [Int] {
  var strides = Array(repeating: elementByteCount, count: shape.count)
  for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1) }
  return strides
}

/// Byte strides of a dense array of this shape, Fortran order (first axis fastest).
public func columnMajorStrides(_ shape: [Int], elementByteCount: Int) -> [Int] {
  var strides = Array(repeating: elementByteCount, count: shape.count)
  for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * max(shape[axis - 1], 1) }
  return strides
}
