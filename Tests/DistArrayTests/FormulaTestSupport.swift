// Syntax trees in the neutral form of make_formulas.py, and random ones.

import DATestSupport

@testable import DistArray

extension FormulaSyntax {
  /// The tree as nested lists: `(+ a (call sin b))`; floats as the bits of their double.
  var neutralForm: String {
    func group(_ parts: [String]) -> String { "(" + parts.joined(separator: " ") + ")" }
    func bits(_ value: Double) -> String {
      let digits = String(value.bitPattern, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    switch kind {
    case .integer(let value): return "\(value)"
    case .float(let value): return "(float \(bits(value)))"
    case .imaginary(let value): return "(imaginary \(bits(value)))"
    case .bool(let value): return value ? "True" : "False"
    case .none: return "None"
    case .ellipsis: return "..."
    case .string(let value): return "(string \(value))"
    case .name(let name): return name
    case .tuple(let elements): return group(["tuple"] + elements.map(\.neutralForm))
    case .list(let elements): return group(["list"] + elements.map(\.neutralForm))
    case .unary(let operation, let operand): return group([operation.rawValue, operand.neutralForm])
    case .binary(let operation, let left, let right):
      return group([operation.rawValue, left.neutralForm, right.neutralForm])
    case .attribute(let base, let name): return group(["attribute", base.neutralForm, name])
    case .call(let callee, let arguments, let keywords):
      let named = keywords.map { group(["=", $0.name, $0.value.neutralForm]) }
      return group(["call", callee.neutralForm] + arguments.map(\.neutralForm) + named)
    case .subscripted(let base, let items):
      return group(["subscript", base.neutralForm] + items.map(\.neutralForm))
    case .slice(let start, let stop, let step):
      return group(["slice"] + [start, stop, step].map { $0?.neutralForm ?? "_" })
    }
  }

  /// This node and all below it.
  var nodes: [FormulaSyntax] { [self] + children.flatMap(\.nodes) }
}

/// A tree that some text means, at most `depth` operations high.
func randomFormula(depth: Int, using random: inout SeededRandom) -> FormulaSyntax {
  func below() -> FormulaSyntax { randomFormula(depth: depth - 1, using: &random) }
  func several(_ counts: ClosedRange<Int>) -> [FormulaSyntax] {
    (0..<Int.random(in: counts, using: &random)).map { _ in below() }
  }
  func name() -> String { ["a", "x_1", "sin", "größe", "T", "mean"].randomElement(using: &random) ?? "a" }
  func part() -> FormulaSyntax? { Bool.random(using: &random) ? below() : nil }
  func node(_ kind: FormulaSyntax.Kind) -> FormulaSyntax { FormulaSyntax(kind, range: 0..<0) }

  if depth == 0 {
    return node(
      [
        .integer(Int128.random(in: 0...1000, using: &random)), .integer(.max), .bool(true), .bool(false), .none,
        .ellipsis,
        .float(Double(bitPattern: random.next() >> 2)), .float(.infinity), .float(0), .string("f4"), .string("it's"),
        .imaginary(Double.random(in: 0...9, using: &random)), .name(name()), .name(name()), .name(name()),
      ].randomElement(using: &random) ?? .none)
  }
  switch Int.random(in: 0..<12, using: &random) {
  case 0: return node(.tuple(several(0...3)))
  case 1: return node(.list(several(0...3)))
  case 2, 3: return node(.unary(FormulaSyntax.UnaryOperator.allCases.randomElement(using: &random) ?? .minus, below()))
  case 4: return node(.attribute(of: below(), name()))
  case 5:
    let callee = Bool.random(using: &random) ? node(.name(name())) : node(.attribute(of: below(), name()))
    let keywords = ["axis", "out"].prefix(Int.random(in: 0...2, using: &random)).map {
      FormulaSyntax.Keyword(name: $0, value: below(), nameRange: 0..<0)
    }
    return node(.call(callee, arguments: several(0...2), keywords: keywords))
  case 6, 7:
    let items = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      Bool.random(using: &random) ? below() : node(.slice(start: part(), stop: part(), step: part()))
    }
    return node(.subscripted(of: below(), items: items))
  default:
    let operation = FormulaSyntax.BinaryOperator.allCases.randomElement(using: &random) ?? .add
    return node(.binary(operation, below(), below()))
  }
}
