// What a part of a formula stands for: an array, or a plain value as Python has them.

import DAStore
import Glibc

/// The value of a part of a formula.
enum FormulaValue {
  case array(DistArray)
  case integer(Int128)
  case real(Double)
  case complex(Double, Double)
  case bool(Bool)
  case string(String)
  case list([FormulaValue])
  case none

  /// The value as an operand of a ufunc; `nil` for lists, strings and None.
  var argument: Expression.Argument? {
    get throws(StoreError) {
      switch self {
      case .array(let array): .array(try array.result.get())
      case .integer(let value): .number(.weakInt(value))
      case .real(let value): .number(.weakFloat(value))
      case .complex(let real, let imaginary): .number(.weakComplex(real: real, imaginary: imaginary))
      case .bool(let value): .number(.weakBool(value))
      case .string, .list, .none: nil
      }
    }
  }

  /// What messages call it.
  var kindName: String {
    switch self {
    case .array: "an array"
    case .integer, .real, .complex, .bool: "a number"
    case .string: "a text"
    case .list: "a list"
    case .none: "None"
    }
  }

  var integer: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }
}

// Numbers of a formula are computed before arrays see them, as Python does: `x * (2 * 3)` is `x * 6`.
extension FormulaValue {
  /// Applies an operator to two plain numbers; `nil` when one is no plain number or the operator is for arrays.
  ///
  /// - Throws: `.invalidArgument` for a division by zero, a result beyond 128 bits, and the like.
  static func folded(
    _ operation: FormulaSyntax.BinaryOperator, _ left: FormulaValue, _ right: FormulaValue
  ) throws(StoreError) -> FormulaValue? {
    guard left.isNumber, right.isNumber else { return nil }
    if case .complex = left { return complex(operation, left, right) }
    if case .complex = right { return complex(operation, left, right) }
    if let a = left.wholeNumber, let b = right.wholeNumber { return try integers(operation, a, b) }
    guard let a = left.realNumber, let b = right.realNumber else { return nil }
    switch operation {
    case .add: return .real(a + b)
    case .subtract: return .real(a - b)
    case .multiply: return .real(a * b)
    case .divide, .floorDivide, .remainder:
      guard b != 0 else { throw StoreError(.invalidArgument, "division by zero") }
      if operation == .divide { return .real(a / b) }
      let quotient = (a / b).rounded(.down)
      return .real(operation == .floorDivide ? quotient : a - b * quotient)
    case .power: return .real(pow(a, b))
    case .less: return .bool(a < b)
    case .lessOrEqual: return .bool(a <= b)
    case .equal: return .bool(a == b)
    case .notEqual: return .bool(a != b)
    case .greater: return .bool(a > b)
    case .greaterOrEqual: return .bool(a >= b)
    default: return nil
    }
  }

  private static func integers(
    _ operation: FormulaSyntax.BinaryOperator, _ a: Int128, _ b: Int128
  ) throws(StoreError) -> FormulaValue? {
    func checked(_ result: (partialValue: Int128, overflow: Bool)) throws(StoreError) -> FormulaValue {
      guard !result.overflow else { throw StoreError(.invalidArgument, "an integer beyond 128 bits") }
      return .integer(result.partialValue)
    }
    switch operation {
    case .add: return try checked(a.addingReportingOverflow(b))
    case .subtract: return try checked(a.subtractingReportingOverflow(b))
    case .multiply: return try checked(a.multipliedReportingOverflow(by: b))
    case .divide:
      guard b != 0 else { throw StoreError(.invalidArgument, "division by zero") }
      return .real(Double(a) / Double(b))
    case .floorDivide, .remainder:
      guard b != 0 else { throw StoreError(.invalidArgument, "division by zero") }
      let (quotient, overflow) = a.dividedReportingOverflow(by: b)
      guard !overflow else { throw StoreError(.invalidArgument, "an integer beyond 128 bits") }
      let remainder = a - quotient * b
      let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
      return .integer(operation == .floorDivide ? (isBelow ? quotient - 1 : quotient) : (isBelow ? remainder + b : remainder))
    case .power:
      guard b >= 0 else { return .real(pow(Double(a), Double(b))) }
      if a.magnitude <= 1 { return .integer(a == -1 && b % 2 == 0 || b == 0 ? 1 : a) }
      var result: Int128 = 1
      // Ends after 128 turns at most: by then the result is too large.
      for _ in 0..<b {
        let product = result.multipliedReportingOverflow(by: a)
        guard !product.overflow else { throw StoreError(.invalidArgument, "an integer beyond 128 bits") }
        result = product.partialValue
      }
      return .integer(result)
    case .less: return .bool(a < b)
    case .lessOrEqual: return .bool(a <= b)
    case .equal: return .bool(a == b)
    case .notEqual: return .bool(a != b)
    case .greater: return .bool(a > b)
    case .greaterOrEqual: return .bool(a >= b)
    case .and: return .integer(a & b)
    case .or: return .integer(a | b)
    case .exclusiveOr: return .integer(a ^ b)
    case .shiftLeft, .shiftRight:
      guard (0..<127).contains(b) else { throw StoreError(.invalidArgument, "a shift by \(b) bits") }
      return operation == .shiftRight ? .integer(a >> b) : try checked(a.multipliedReportingOverflow(by: 1 << b))
    default: return nil
    }
  }

  private static func complex(
    _ operation: FormulaSyntax.BinaryOperator, _ left: FormulaValue, _ right: FormulaValue
  ) -> FormulaValue? {
    let (a, b) = left.parts
    let (c, d) = right.parts
    switch operation {
    case .add: return .complex(a + c, b + d)
    case .subtract: return .complex(a - c, b - d)
    case .multiply: return .complex(a * c - b * d, a * d + b * c)
    default: return nil
    }
  }

  private var isNumber: Bool {
    switch self {
    case .integer, .real, .complex, .bool: true
    case .array, .string, .list, .none: false
    }
  }
  private var wholeNumber: Int128? {
    switch self {
    case .integer(let value): value
    case .bool(let value): value ? 1 : 0
    default: nil
    }
  }
  private var realNumber: Double? {
    if case .real(let value) = self { return value }
    return wholeNumber.map { Double($0) }
  }
  private var parts: (Double, Double) {
    if case .complex(let real, let imaginary) = self { return (real, imaginary) }
    return (realNumber ?? 0, 0)
  }
}
