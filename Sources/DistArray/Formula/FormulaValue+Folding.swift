// Numbers of a formula are computed before arrays see them, as Python computes them: `x * (2 * 3)` is `x * 6`.

import DAStore
import Glibc

extension FormulaValue {
  /// Applies an operator to a plain number; `nil` for everything else.
  ///
  /// - Throws: `.invalidArgument` for a result beyond 128 bits.
  static func folded(
    _ operation: FormulaSyntax.UnaryOperator, _ value: FormulaValue
  ) throws(StoreError) -> FormulaValue? {
    if let whole = value.wholeNumber {
      return switch operation {
      case .plus: .integer(whole)
      case .minus: try integers(.subtract, 0, whole)
      case .invert: .integer(~whole)
      }
    }
    switch (operation, value) {
    case (.plus, .real), (.plus, .complex): return value
    case (.minus, .real(let number)): return .real(-number)
    case (.minus, .complex(let real, let imaginary)): return .complex(-real, -imaginary)
    default: return nil
    }
  }

  /// Applies an operator to two plain numbers; `nil` when one is no plain number or the operator is for arrays.
  ///
  /// - Throws: `.invalidArgument` for a division by zero, a result beyond 128 bits, and the like.
  static func folded(
    _ operation: FormulaSyntax.BinaryOperator, _ left: FormulaValue, _ right: FormulaValue
  ) throws(StoreError) -> FormulaValue? {
    guard left.isNumber, right.isNumber else { return nil }
    if case .complex = left { return complex(operation, left, right) }
    if case .complex = right { return complex(operation, left, right) }
    if case .bool(let a) = left, case .bool(let b) = right, let result = truths(operation, a, b) { return result }
    if let a = left.wholeNumber, let b = right.wholeNumber { return try integers(operation, a, b) }
    guard let a = left.realNumber, let b = right.realNumber else { return nil }
    switch operation {
    case .add: return .real(a + b)
    case .subtract: return .real(a - b)
    case .multiply: return .real(a * b)
    case .divide, .floorDivide, .remainder:
      guard b != 0 else { throw StoreError(.invalidArgument, "division by zero") }
      if operation == .divide { return .real(a / b) }
      let (quotient, remainder) = flooredQuotient(a, b)
      return .real(operation == .floorDivide ? quotient : remainder)
    case .power: return try power(a, b)
    default: return compared(operation, a, b)
    }
  }

  private static func truths(_ operation: FormulaSyntax.BinaryOperator, _ a: Bool, _ b: Bool) -> FormulaValue? {
    switch operation {
    case .and: .bool(a && b)
    case .or: .bool(a || b)
    case .exclusiveOr: .bool(a != b)
    default: nil
    }
  }

  private static func compared<Number: Comparable>(
    _ operation: FormulaSyntax.BinaryOperator, _ a: Number, _ b: Number
  ) -> FormulaValue? {
    switch operation {
    case .less: .bool(a < b)
    case .lessOrEqual: .bool(a <= b)
    case .equal: .bool(a == b)
    case .notEqual: .bool(a != b)
    case .greater: .bool(a > b)
    case .greaterOrEqual: .bool(a >= b)
    default: nil
    }
  }

  private static func integers(
    _ operation: FormulaSyntax.BinaryOperator, _ a: Int128, _ b: Int128
  ) throws(StoreError) -> FormulaValue? {
    func checked(_ result: (partialValue: Int128, overflow: Bool)) throws(StoreError) -> Int128 {
      guard !result.overflow else { throw StoreError(.invalidArgument, "an integer beyond 128 bits") }
      return result.partialValue
    }
    switch operation {
    case .add: return .integer(try checked(a.addingReportingOverflow(b)))
    case .subtract: return .integer(try checked(a.subtractingReportingOverflow(b)))
    case .multiply: return .integer(try checked(a.multipliedReportingOverflow(by: b)))
    case .divide, .floorDivide, .remainder:
      guard b != 0 else { throw StoreError(.invalidArgument, "division by zero") }
      if operation == .divide { return .real(nearestQuotient(a, b)) }
      let quotient = try checked(a.dividedReportingOverflow(by: b))
      let remainder = a - quotient * b
      let isBelow = remainder != 0 && (remainder < 0) != (b < 0)
      return .integer(
        operation == .floorDivide ? (isBelow ? quotient - 1 : quotient) : (isBelow ? remainder + b : remainder))
    case .power:
      guard b >= 0 else { return try power(Double(a), Double(b)) }
      if a.magnitude <= 1 { return .integer(a == -1 && b % 2 == 0 || b == 0 ? 1 : a) }
      var result: Int128 = 1
      // Ends after 128 turns at most: by then the result is too large.
      for _ in 0..<b { result = try checked(result.multipliedReportingOverflow(by: a)) }
      return .integer(result)
    case .and: return .integer(a & b)
    case .or: return .integer(a | b)
    case .exclusiveOr: return .integer(a ^ b)
    case .shiftLeft, .shiftRight:
      guard (0..<127).contains(b) else { throw StoreError(.invalidArgument, "a shift by \(b) bits") }
      return .integer(operation == .shiftRight ? a >> b : try checked(a.multipliedReportingOverflow(by: 1 << b)))
    default: return compared(operation, a, b)
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

// MARK: Arithmetic of Python's numbers

/// The double nearest to `a / b`, rounded once also where the integers themselves are no doubles.
///
/// - Precondition: `b` is not zero.
private func nearestQuotient(_ a: Int128, _ b: Int128) -> Double {
  if let a = Double(exactly: a), let b = Double(exactly: b) { return a / b }
  let (n, d) = (a.magnitude, b.magnitude)
  // A quotient of 64 or 65 bits, whose last bit also says whether there is a remainder, rounds as the exact one.
  let shift = 64 + n.leadingZeroBitCount - d.leadingZeroBitCount
  let (quotient, remainder) =
    shift >= 0
    ? d.dividingFullWidth((high: shift >= 128 ? n << (shift - 128) : n >> (128 - shift), low: n << shift))
    : n.quotientAndRemainder(dividingBy: d << -shift)
  let magnitude = scalbn(Double(remainder == 0 ? quotient : quotient | 1), Int32(-shift))
  return (a < 0) == (b < 0) ? magnitude : -magnitude
}

/// Python's `a // b` and `a % b` of floats: the remainder is exact and has the sign of `b`.
private func flooredQuotient(_ a: Double, _ b: Double) -> (Double, Double) {
  var remainder = fmod(a, b)
  var quotient = (a - remainder) / b
  if remainder == 0 {
    remainder = copysign(0, b)
  } else if (remainder < 0) != (b < 0) {
    remainder += b
    quotient -= 1
  }
  if quotient == 0 { return (copysign(0, a / b), remainder) }
  let whole = floor(quotient)
  return (quotient - whole > 0.5 ? whole + 1 : whole, remainder)
}

/// Python's `a ** b` of floats: complex for a root of a negative number.
private func power(_ a: Double, _ b: Double) throws(StoreError) -> FormulaValue {
  if a == 0, b < 0 { throw StoreError(.invalidArgument, "zero to a negative power") }
  if a < 0, a.isFinite, b.isFinite, b != b.rounded() {
    let size = pow(-a, b)
    return .complex(size * cos(.pi * b), size * sin(.pi * b))
  }
  let result = pow(a, b)
  guard result.isFinite || !a.isFinite || !b.isFinite else {
    throw StoreError(.invalidArgument, "a power beyond the range of floating point")
  }
  return .real(result)
}
