// What a part of a formula stands for: an array, or a plain value as Python has them.

import DAStore

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
