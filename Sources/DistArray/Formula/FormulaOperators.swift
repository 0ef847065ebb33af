// The operators of formulas, spelled and ranked as in Python.

extension FormulaSyntax {
  /// An operator before its operand; the raw value is its spelling.
  public enum UnaryOperator: String, Sendable, CaseIterable {
    case plus = "+"
    case minus = "-"
    case invert = "~"
  }

  /// An operator between two operands; the raw value is its spelling.
  public enum BinaryOperator: String, Sendable, CaseIterable {
    case less = "<"
    case lessOrEqual = "<="
    case equal = "=="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case greater = ">"
    case or = "|"
    case exclusiveOr = "^"
    case and = "&"
    case shiftLeft = "<<"
    case shiftRight = ">>"
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case matrixMultiply = "@"
    case power = "**"

    /// One of `< <= == != >= >`, which cannot be chained.
    public var isComparison: Bool { precedence == .comparison }

    var precedence: Precedence {
      switch self {
      case .less, .lessOrEqual, .equal, .notEqual, .greaterOrEqual, .greater: .comparison
      case .or: .or
      case .exclusiveOr: .exclusiveOr
      case .and: .and
      case .shiftLeft, .shiftRight: .shift
      case .add, .subtract: .sum
      case .multiply, .divide, .floorDivide, .remainder, .matrixMultiply: .product
      case .power: .power
      }
    }
  }

  /// How tightly a construct holds its parts, the loosest first.
  enum Precedence: Int, Comparable {
    case comparison, or, exclusiveOr, and, shift, sum, product, unary, power, postfix

    static func < (left: Precedence, right: Precedence) -> Bool { left.rawValue < right.rawValue }
    /// What an operand must hold so that it needs no parentheses on the side where its operator does not associate.
    var next: Precedence { Precedence(rawValue: rawValue + 1) ?? .postfix }
  }
}
