// Operators that assign: the result in the array's own type and shape, as NumPy's in-place operators.

import DAStore

infix operator **= : AssignmentPrecedence

extension DistArray {
  /// x becomes x + y. NumPy's `+=`; the result must be convertible to x's type by the same-kind rule.
  public static func += (x: inout DistArray, y: some ArrayOperand) { x.become("add", y) }
  /// x becomes x - y. NumPy's `-=`.
  public static func -= (x: inout DistArray, y: some ArrayOperand) { x.become("subtract", y) }
  /// x becomes x * y. NumPy's `*=`.
  public static func *= (x: inout DistArray, y: some ArrayOperand) { x.become("multiply", y) }
  /// x becomes x / y; an error for integers, whose quotient is no integer. NumPy's `/=`.
  public static func /= (x: inout DistArray, y: some ArrayOperand) { x.become("divide", y) }
  /// x becomes x modulo y. NumPy's `%=`.
  public static func %= (x: inout DistArray, y: some ArrayOperand) { x.become("remainder", y) }
  /// x becomes x to the power of y. NumPy's `**=`.
  public static func **= (x: inout DistArray, y: some ArrayOperand) { x.become("power", y) }
  /// x becomes the bits that both have. NumPy's `&=`.
  public static func &= (x: inout DistArray, y: some ArrayOperand) { x.become("bitwise_and", y) }
  /// x becomes the bits that one has. NumPy's `|=`.
  public static func |= (x: inout DistArray, y: some ArrayOperand) { x.become("bitwise_or", y) }
  /// x becomes the bits that differ. NumPy's `^=`.
  public static func ^= (x: inout DistArray, y: some ArrayOperand) { x.become("bitwise_xor", y) }
  /// x becomes x shifted left. NumPy's `<<=`.
  public static func <<= (x: inout DistArray, y: some ArrayOperand) { x.become("left_shift", y) }
  /// x becomes x shifted right. NumPy's `>>=`.
  public static func >>= (x: inout DistArray, y: some ArrayOperand) { x.become("right_shift", y) }

  private mutating func become(_ name: String, _ other: some ArrayOperand) {
    let new = applying(name, other)
    self = map { old throws(StoreError) in
      let result = try new.result.get()
      guard result.shape == old.shape else {
        throw StoreError(
          .invalidArgument,
          "non-broadcastable output operand with shape \(shapeText(old.shape)) doesn't match the broadcast shape "
            + shapeText(result.shape))
      }
      guard result.dtype.castsWithinKind(to: old.dtype) else {
        throw StoreError(
          .unsupportedDType,
          "'\(name)' gives \(result.dtype.name), which is not of the same kind as \(old.dtype.name); write "
            + "x = x.astype(…) first")
      }
      return try result.converted(to: old.dtype)
    }
  }
}

extension DType {
  /// NumPy's "same kind" rule: safe casts, and those to a smaller type of the same or a later kind (bool, unsigned,
  /// signed, real, complex).
  fileprivate func castsWithinKind(to other: DType) -> Bool { castsSafely(to: other) || kindOrder <= other.kindOrder }

  private var kindOrder: Int {
    if self == .bool { return 0 }
    if isInteger { return isSignedInteger ? 2 : 1 }
    return isComplex ? 4 : 3
  }
}
