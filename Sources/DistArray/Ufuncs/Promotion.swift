// Which element type holds the values of two others: NumPy's promotion lattice.

import DAStore

/// The smallest element type to which both types cast safely; `numpy.promote_types`.
///
/// An int64 with a uint64 makes float64, and a 32- or 64-bit integer with any float too, as in NumPy.
public func promote(_ a: DType, _ b: DType) -> DType {
  if a == b || b == .bool { return a }
  if a == .bool { return b }
  if a.isComplex || b.isComplex {
    return .complex(partByteCount: max(a.floatByteCount, b.floatByteCount))
  }
  if a.isFloatingPoint || b.isFloatingPoint {
    return .floating(byteCount: max(a.floatByteCount, b.floatByteCount))
  }
  if a.isSignedInteger == b.isSignedInteger { return a.byteCount > b.byteCount ? a : b }
  let (signed, unsigned) = a.isSignedInteger ? (a, b) : (b, a)
  return .signed(byteCount: max(signed.byteCount, 2 * unsigned.byteCount)) ?? .float64
}

extension DType {
  /// Whether every value of this type has its like in `other`, by NumPy's "safe" casting rule (which takes 64-bit
  /// integers to float64 for safe).
  public func castsSafely(to other: DType) -> Bool { promote(self, other) == other }

  /// Bytes of the real floating-point type that goes with this type in arithmetic with floats.
  fileprivate var floatByteCount: Int {
    if isComplex { return byteCount / 2 }
    if isFloatingPoint { return byteCount }
    return self == .bool ? 2 : min(2 * byteCount, 8)
  }

  fileprivate static func floating(byteCount: Int) -> DType {
    byteCount == 2 ? .float16 : byteCount == 4 ? .float32 : .float64
  }
  fileprivate static func complex(partByteCount: Int) -> DType { partByteCount <= 4 ? .complex64 : .complex128 }
  fileprivate static func signed(byteCount: Int) -> DType? {
    allCases.first { $0.isSignedInteger && $0.byteCount == byteCount }
  }

  /// The values of an integer type.
  var integerRange: ClosedRange<Int128>? {
    guard isInteger else { return nil }
    let bits = Int128(8 * byteCount)
    return isSignedInteger ? -(1 << (bits - 1))...((1 << (bits - 1)) - 1) : 0...((1 << bits) - 1)
  }
}
