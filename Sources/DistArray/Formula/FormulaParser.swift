// The parser of formulas: operators by precedence, literals, brackets. Tokens in, a tree or the first mistake out.

struct FormulaParser {
  private var lexer: FormulaLexer
  private var token: FormulaToken = .end
  /// Place of `token`.
  private(set) var range = 0..<0
  /// Where the token before ended.
  private(set) var lastEnd = 0
  /// Brackets, signs and exponents around the present operand.
  private var nesting = -1

  init(_ text: String) throws(FormulaError) {
    guard text.utf8.count <= FormulaSyntax.maximumByteCount else {
      throw FormulaError(
        "\(text.utf8.count) bytes of text; at most \(FormulaSyntax.maximumByteCount) are accepted", at: 0..<0, in: text)
    }
    lexer = FormulaLexer(text)
    try advance()
  }

  mutating func parseFormula() throws(FormulaError) -> FormulaSyntax {
    let formula = try expression()
    guard token == .end else {
      throw switch token {
      case .symbol(","): problem("a tuple here needs parentheses", range)
      case .symbol("="): problem("'=' only names arguments in calls; compare with '=='", range)
      case .symbol(":"): problem("a slice stands in brackets, as in x[1:5]", range)
      case .symbol(")"), .symbol("]"): problem("\(found) closes nothing", range)
      default: unexpected("an operator or the end")
      }
    }
    return formula
  }

  // MARK: Operators

  /// An expression whose operators hold at least as tightly as `minimum`.
  mutating func expression(
    _ minimum: FormulaSyntax.Precedence = .comparison
  ) throws(FormulaError) -> FormulaSyntax {
    var left = try operand()
    var isComparison = false
    while let operation = binaryOperator, operation.precedence >= minimum {
      if operation.isComparison, isComparison { throw chainedComparison(left) }
      isComparison = operation.isComparison
      try advance()
      let right = try expression(operation.precedence.next)
      left = try node(.binary(operation, left, right), left.range.lowerBound..<right.range.upperBound)
    }
    return left
  }

  /// An operand with its signs and its exponent: `-x ** -2` is `-(x ** (-2))`.
  private mutating func operand() throws(FormulaError) -> FormulaSyntax {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= FormulaSyntax.maximumNesting else {
      throw problem("nested deeper than \(FormulaSyntax.maximumNesting) levels", range)
    }
    let start = range.lowerBound
    if case .symbol(let symbol) = token, let sign = FormulaSyntax.UnaryOperator(rawValue: symbol) {
      try advance()
      let operand = try operand()
      return try node(.unary(sign, operand), start..<operand.range.upperBound)
    }
    let base = try suffixed(atom())
    guard try take("**") else { return base }
    let exponent = try operand()
    return try node(.binary(.power, base, exponent), start..<exponent.range.upperBound)
  }

  private var binaryOperator: FormulaSyntax.BinaryOperator? {
    if case .symbol(let symbol) = token { FormulaSyntax.BinaryOperator(rawValue: symbol) } else { nil }
  }

  private func chainedComparison(_ left: FormulaSyntax) -> FormulaError {
    // In `a < b & c < d` the `&` holds tighter than the `<`; hardly anyone means that.
    if case .binary(_, _, let middle) = left.kind, case .binary(let operation, let first, _) = middle.kind,
      [.and, .or, .exclusiveOr].contains(operation), middle.range.lowerBound == first.range.lowerBound
    {
      let sign = operation.rawValue
      return problem("'\(sign)' binds tighter than comparisons; write (a < b) \(sign) (c < d)", range)
    }
    return problem("comparisons cannot be chained; write (a < b) & (b < c)", range)
  }

  // MARK: Operands

  private mutating func atom() throws(FormulaError) -> FormulaSyntax {
    let (token, range) = (token, range)
    let kind: FormulaSyntax.Kind
    switch token {
    case .integer(let value): kind = .integer(value)
    case .float(let value): kind = .float(value)
    case .imaginary(let value): kind = .imaginary(value)
    case .string(let value): kind = .string(value)
    case .name(let name): kind = Self.meaning(of: name)
    case .symbol("..."): kind = .ellipsis
    case .symbol("("): return try parenthesized()
    case .symbol("["):
      try advance()
      let (elements, _) = try elements(until: "]", openedAt: range)
      return try node(.list(elements), range.lowerBound..<lastEnd)
    default: throw missingOperand()
    }
    try advance()
    return try node(kind, range)
  }

  /// The node for a name that stands alone.
  static func meaning(of name: String) -> FormulaSyntax.Kind {
    switch name {
    case "True": .bool(true)
    case "False": .bool(false)
    case "None", "newaxis": .none
    default: .name(name)
    }
  }

  private mutating func parenthesized() throws(FormulaError) -> FormulaSyntax {
    let open = range
    try advance()
    let (elements, endsWithComma) = try elements(until: ")", openedAt: open)
    // Parentheses around one value without a comma are only parentheses.
    if elements.count == 1, !endsWithComma, let only = elements.first {
      return FormulaSyntax(only, range: open.lowerBound..<lastEnd)
    }
    return try node(.tuple(elements), open.lowerBound..<lastEnd)
  }

  private mutating func elements(
    until close: String, openedAt open: Range<Int>
  ) throws(FormulaError) -> (elements: [FormulaSyntax], endsWithComma: Bool) {
    var elements: [FormulaSyntax] = []
    var endsWithComma = false
    while !isAt(close) {
      elements.append(try expression())
      endsWithComma = try take(",")
      if !endsWithComma { break }
    }
    try self.close(close, openedAt: open)
    return (elements, endsWithComma)
  }

  private func missingOperand() -> FormulaError {
    switch token {
    case .end where lastEnd == 0: problem("an empty formula", range)
    case .symbol("&") where lexer.text.utf8.prefix(lastEnd).last == UInt8(ascii: "&"),
      .symbol("|") where lexer.text.utf8.prefix(lastEnd).last == UInt8(ascii: "|"):
      problem("one \(found) is enough between arrays", range)
    case .symbol("*"), .symbol("**"): problem("expected a value, found \(found); nothing can be unpacked here", range)
    default: unexpected("a value")
    }
  }

  // MARK: Tokens

  mutating func advance() throws(FormulaError) {
    lastEnd = range.upperBound
    (token, range) = try lexer.next()
  }

  func isAt(_ symbol: String) -> Bool { token == .symbol(symbol) }

  mutating func take(_ symbol: String) throws(FormulaError) -> Bool {
    guard isAt(symbol) else { return false }
    try advance()
    return true
  }

  /// The name at which the parser stands.
  var name: String? { if case .name(let name) = token { name } else { nil } }
  /// The name at which the parser stands, if a single `=` follows it.
  var keyword: String? { lexer.isBeforeAssignment ? name : nil }

  /// Passes a closing bracket.
  mutating func close(_ symbol: String, openedAt open: Range<Int>) throws(FormulaError) {
    if token == .end { throw problem("'\(symbol == ")" ? "(" : "[")' is never closed", open) }
    guard try take(symbol) else { throw unexpected("',' or '\(symbol)'") }
  }

  /// A node of the tree.
  ///
  /// - Throws: When the tree becomes higher than may be walked by recursion.
  func node(_ kind: FormulaSyntax.Kind, _ range: Range<Int>) throws(FormulaError) -> FormulaSyntax {
    let node = FormulaSyntax(kind, range: range)
    guard node.height <= FormulaSyntax.maximumHeight else {
      throw problem(
        "more than \(FormulaSyntax.maximumHeight) operations in a row; group them with parentheses", lastEnd..<lastEnd)
    }
    return node
  }

  func unexpected(_ expected: String) -> FormulaError { problem("expected \(expected), found \(found)", range) }

  private var found: String {
    token == .end ? "the end" : "'\(lexer.part(range).shortened)'"
  }

  func problem(_ message: String, _ range: Range<Int>) -> FormulaError { lexer.problem(message, range) }
}
