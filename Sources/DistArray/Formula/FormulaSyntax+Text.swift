// A syntax tree as text: one spelling for each tree, with the fewest parentheses that keep its meaning.

extension FormulaSyntax: CustomStringConvertible {
  /// Text that parses to an equal tree: `sin(a) * b + x[::2, -1]`.
  ///
  /// - Complexity: O(nodes).
  public var description: String {
    var text = ""
    write(to: &text)
    return text
  }

  /// How tightly this node holds its parts.
  private var precedence: Precedence {
    switch kind {
    case .unary: .unary
    case .binary(let operation, _, _): operation.precedence
    default: .postfix
    }
  }

  private func write(to text: inout String, atLeast minimum: Precedence) {
    let needsParentheses = precedence < minimum
    if needsParentheses { text += "(" }
    write(to: &text)
    if needsParentheses { text += ")" }
  }

  private func write(to text: inout String) {
    switch kind {
    case .integer(let value): text += "\(value)"
    case .float(let value): text += Self.text(of: value)
    case .imaginary(let value): text += Self.text(of: value) + "j"
    case .bool(let value): text += value ? "True" : "False"
    case .none: text += "None"
    case .ellipsis: text += "..."
    case .string(let value): text += value.contains("'") ? "\"\(value)\"" : "'\(value)'"
    case .name(let name): text += name
    case .tuple(let elements):
      text += "("
      Self.write(elements, to: &text)
      text += elements.count == 1 ? ",)" : ")"
    case .list(let elements):
      text += "["
      Self.write(elements, to: &text)
      text += "]"
    case .unary(let operation, let operand):
      text += operation.rawValue
      operand.write(to: &text, atLeast: .unary)
    case .binary(let operation, let left, let right):
      let (minimumLeft, minimumRight) = operation.minimumOfOperands
      left.write(to: &text, atLeast: minimumLeft)
      text += " \(operation.rawValue) "
      right.write(to: &text, atLeast: minimumRight)
    case .attribute(let base, let name):
      base.writeBase(to: &text)
      text += "." + name
    case .call(let callee, let arguments, let keywords):
      callee.write(to: &text, atLeast: .postfix)
      text += "("
      Self.write(arguments, to: &text)
      for (index, keyword) in keywords.enumerated() {
        text += (index == 0 && arguments.isEmpty ? "" : ", ") + keyword.name + "="
        keyword.value.write(to: &text)
      }
      text += ")"
    case .subscripted(let base, let items):
      base.write(to: &text, atLeast: .postfix)
      text += items.isEmpty ? "[(" : "["
      Self.write(items, to: &text)
      if items.count == 1, case .tuple = items[0].kind { text += "," }
      text += items.isEmpty ? ")]" : "]"
    case .slice(let start, let stop, let step):
      start?.write(to: &text)
      text += ":"
      stop?.write(to: &text)
      if let step {
        text += ":"
        step.write(to: &text)
      }
    }
  }

  private static func write(_ nodes: [FormulaSyntax], to text: inout String) {
    for (index, node) in nodes.enumerated() {
      if index > 0 { text += ", " }
      node.write(to: &text)
    }
  }

  /// The point of an attribute would make a float of an integer.
  private func writeBase(to text: inout String) {
    if case .integer(let value) = kind {
      text += "(\(value))"
    } else {
      write(to: &text, atLeast: .postfix)
    }
  }

  /// The shortest decimal that reads back; only beyond the range of doubles does one read as infinite.
  private static func text(of value: Double) -> String { value.isFinite ? "\(value)" : "1e309" }
}

extension FormulaSyntax.BinaryOperator {
  /// How tightly the operands must hold to need no parentheses.
  fileprivate var minimumOfOperands: (left: FormulaSyntax.Precedence, right: FormulaSyntax.Precedence) {
    switch self {
    // To the right, and with signs on its right: a ** -b ** c.
    case .power: (.postfix, .unary)
    case _ where isComparison: (precedence.next, precedence.next)
    default: (precedence, precedence.next)
    }
  }
}
