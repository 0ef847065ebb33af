// What may stand behind an operand: attributes, calls with their arguments, subscripts with their slices.

extension FormulaParser {
  /// The operand with everything that is bound to its right.
  mutating func suffixed(_ operand: FormulaSyntax) throws(FormulaError) -> FormulaSyntax {
    var base = operand
    while true {
      let (start, open) = (base.range.lowerBound, range)
      if try take(".") {
        guard let name else { throw unexpected("the name of an attribute or method") }
        guard name == "newaxis" || Self.meaning(of: name) == .name(name) else {
          throw problem("'\(name)' cannot name an attribute", range)
        }
        try advance()
        let isInNumPy = base.kind == .name("np") || base.kind == .name("numpy")
        base = try node(isInNumPy ? Self.meaning(of: name) : .attribute(of: base, name), start..<lastEnd)
      } else if try take("(") {
        guard base.isCallable else {
          throw problem("only functions and methods can be called; write a product with '*'", open)
        }
        let (arguments, keywords) = try arguments(openedAt: open)
        base = try node(.call(base, arguments: arguments, keywords: keywords), start..<lastEnd)
      } else if try take("[") {
        base = try node(.subscripted(of: base, items: items(openedAt: open)), start..<lastEnd)
      } else {
        return base
      }
    }
  }

  private mutating func arguments(
    openedAt open: Range<Int>
  ) throws(FormulaError) -> (arguments: [FormulaSyntax], keywords: [FormulaSyntax.Keyword]) {
    var arguments: [FormulaSyntax] = []
    var keywords: [FormulaSyntax.Keyword] = []
    var names: Set<String> = []
    while !isAt(")") {
      if let name = keyword {
        let nameRange = range
        guard name == "newaxis" || Self.meaning(of: name) == .name(name) else {
          throw problem("'\(name)' cannot name an argument", nameRange)
        }
        guard names.insert(name).inserted else {
          throw problem("the keyword argument '\(name.shortened)' is given twice", nameRange)
        }
        try advance()
        try advance()
        keywords.append(.init(name: name, value: try expression(), nameRange: nameRange))
      } else {
        let argument = try expression()
        guard keywords.isEmpty else {
          throw problem("an argument without a name after one with a name", argument.range)
        }
        arguments.append(argument)
      }
      guard try take(",") else { break }
    }
    try close(")", openedAt: open)
    return (arguments, keywords)
  }

  /// What stands in the brackets of a subscript; a tuple that is the only item is the items, as in Python.
  private mutating func items(openedAt open: Range<Int>) throws(FormulaError) -> [FormulaSyntax] {
    var items: [FormulaSyntax] = []
    var endsWithComma = false
    while !isAt("]") {
      items.append(try item())
      endsWithComma = try take(",")
      if !endsWithComma { break }
    }
    try close("]", openedAt: open)
    guard !items.isEmpty else {
      throw problem("an index is missing; write [...] for everything", open.lowerBound..<lastEnd)
    }
    if items.count == 1, !endsWithComma, case .tuple(let elements) = items[0].kind { return elements }
    return items
  }

  /// An index or `start:stop:step`, of which every part may be missing.
  private mutating func item() throws(FormulaError) -> FormulaSyntax {
    let first = range.lowerBound
    var start: FormulaSyntax?
    if !isAt(":") {
      let index = try expression()
      guard isAt(":") else { return index }
      start = index
    }
    try advance()
    let stop = try slicePart()
    let step = try take(":") ? try slicePart() : nil
    return try node(.slice(start: start, stop: stop, step: step), first..<lastEnd)
  }

  private mutating func slicePart() throws(FormulaError) -> FormulaSyntax? {
    isAt(":") || isAt(",") || isAt("]") ? nil : try expression()
  }
}

extension FormulaSyntax {
  fileprivate var isCallable: Bool {
    switch kind {
    case .name, .attribute: true
    default: false
    }
  }
}
