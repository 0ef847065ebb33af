// Memory of a local array that is shared between libraries of one process, and kept alive by whoever lends it.

import DAStore

/// The buffer of the Distributed Array Protocol: elements in memory, described and not copied.
///
/// The pointer is trusted: it must be valid for every element that shape and strides reach, as long as `owner` lives.
/// Nothing synchronises access; lender and borrower agree on who writes.
public struct ProtocolBuffer {
  /// Address of the first element; `nil` only where there is none.
  public let start: UnsafeMutableRawPointer?
  public let dtype: DType
  /// Extents of the local array.
  public let shape: [Int]
  /// Bytes from element to element along each axis; may be negative or 0.
  public let strides: [Int]
  public let isReadOnly: Bool
  /// Keeps the memory alive.
  let owner: AnyObject?

  /// - Parameters:
  ///   - strides: Without them the elements are dense, in C order.
  ///   - owner: An object that keeps the memory alive as long as it lives itself.
  /// - Throws: `.invalidArgument` for a shape beyond the limits, another number of strides than axes, or a missing
  ///   address of elements.
  public init(
    start: UnsafeMutableRawPointer?, dtype: DType, shape: [Int], strides: [Int]? = nil, isReadOnly: Bool = false,
    keeping owner: AnyObject?
  ) throws(StoreError) {
    let elementCount = try checkedElementCount(shape, dtype: dtype)
    guard start != nil || elementCount == 0 else {
      throw StoreError(.invalidArgument, "buffer: no address for \(elementCount) elements")
    }
    let strides = strides ?? rowMajorStrides(shape, elementByteCount: dtype.byteCount)
    guard strides.count == shape.count else {
      throw StoreError(
        .invalidArgument, "buffer: \(strides.count) strides for the \(shape.count) axes of \(shapeText(shape))")
    }
    self.start = start
    self.dtype = dtype
    self.shape = shape
    self.strides = strides
    self.isReadOnly = isReadOnly
    self.owner = owner
  }

  /// The elements as bytes where they are dense and in C order, otherwise `nil`.
  ///
  /// Valid inside `body` only.
  public func withContiguousBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
    let dense = rowMajorStrides(shape, elementByteCount: dtype.byteCount)
    let isEmpty = shape.contains(0)
    guard isEmpty || zip(shape.indices, shape).allSatisfy({ $1 == 1 || strides[$0] == dense[$0] }) else { return nil }
    let byteCount = isEmpty ? 0 : shape.reduce(dtype.byteCount, *)
    return try withExtendedLifetime(owner) { try body(UnsafeRawBufferPointer(start: start, count: byteCount)) }
  }
}
