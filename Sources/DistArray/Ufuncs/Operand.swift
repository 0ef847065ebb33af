// What a ufunc is applied to: arrays, which have an element type, and plain numbers, which take that of the arrays.

import DAStore

/// One operand of a ufunc, as the choice of a loop sees it.
///
/// Plain numbers are weak, as Python's are in NumPy 2 (NEP 50): `x + 1` has the type of an int8 array `x`, `x + 1.5` is
/// float64 for integers and has the type of any float array.
public enum Operand: Sendable, Hashable {
  case typed(DType)
  case weakBool(Bool)
  case weakInt(Int128)
  case weakFloat(Double)
  case weakComplex(real: Double, imaginary: Double)

  /// The type of the elements, unless the operand is weak.
  var dtype: DType? {
    switch self {
    case .typed(let dtype): dtype
    // Python's bool is no weaker than an array of bools.
    case .weakBool: .bool
    default: nil
    }
  }

  /// The type that this operand has beside others of type `common`, or alone.
  func dtype(beside common: DType?) throws(StoreError) -> DType {
    switch self {
    case .typed(let dtype): return dtype
    case .weakBool: return .bool
    case .weakInt(let value):
      if let common, common != .bool { return common }
      guard let dtype = [DType.int64, .uint64].first(where: { $0.integerRange?.contains(value) == true }) else {
        throw StoreError(.invalidArgument, "\(value) fits no integer type; write it as a floating-point number")
      }
      return dtype
    case .weakFloat:
      guard let common, common.isFloatingPoint || common.isComplex else { return .float64 }
      return common
    case .weakComplex:
      guard let common, common.isFloatingPoint || common.isComplex else { return .complex128 }
      return promote(common, .complex64)
    }
  }

  /// A weak operand's value as an element; `nil` for typed operands.
  ///
  /// - Throws: `.invalidArgument` when an integer is out of the type's range.
  func element(as dtype: DType) throws(StoreError) -> ElementValue? {
    switch self {
    case .typed: return nil
    case .weakBool(let value): return convert(StoredBool(value), to: dtype)
    case .weakInt(let value):
      if let range = dtype.integerRange, !range.contains(value) {
        throw StoreError(
          .invalidArgument,
          "\(value) is out of bounds for \(dtype.name) (\(range.lowerBound) to \(range.upperBound)), the type it takes "
            + "beside the array; convert the array with astype, or write the number as floating point")
      }
      if let small = Int64(exactly: value) { return convert(small, to: dtype) }
      if let large = UInt64(exactly: value) { return convert(large, to: dtype) }
      return convert(Double(value), to: dtype)
    case .weakFloat(let value): return convert(value, to: dtype)
    case .weakComplex(let real, let imaginary): return convert(StoredComplex(real, imaginary), to: dtype)
    }
  }

  private func convert<E: Element>(_ value: E, to dtype: DType) -> ElementValue {
    let source = ElementValue(value)
    var bytes = [UInt8](repeating: 0, count: dtype.byteCount)
    let stopped = source.bytes.withUnsafeBytes { input in
      bytes.withUnsafeMutableBytes { castElements(from: source.dtype, input, to: dtype, $0) }
    }
    precondition(stopped == nil, "a type that was chosen to hold the number")
    return bytes.withUnsafeBytes { ElementValue(dtype: dtype, littleEndian: $0) }
  }
}

extension Operand: CustomStringConvertible {
  public var description: String {
    switch self {
    case .typed(let dtype): dtype.name
    case .weakBool(let value): value ? "True" : "False"
    case .weakInt(let value): "\(value)"
    case .weakFloat(let value): "\(value)"
    case .weakComplex(let real, let imaginary): ElementValue(StoredComplex(real, imaginary)).description
    }
  }
}
