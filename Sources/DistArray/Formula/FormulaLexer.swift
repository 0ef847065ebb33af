// A formula's text cut into tokens, one at a time, so that the first mistake in the text is the one reported.

/// The smallest piece of a formula with a meaning.
enum FormulaToken: Equatable {
  case integer(Int128)
  case float(Double)
  case imaginary(Double)
  case string(String)
  /// Also `True`, `False` and `None`.
  case name(String)
  case symbol(String)
  case end
}

struct FormulaLexer {
  let text: String
  let bytes: [UInt8]
  var position = 0

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  /// The next token and its place; at the end, the place behind the last token.
  mutating func next() throws(FormulaError) -> (token: FormulaToken, range: Range<Int>) {
    let last = position
    skipBlanks()
    let start = position
    guard let byte = current else { return (.end, last..<last) }
    let token: FormulaToken
    if byte.isDigit || (byte == UInt8(ascii: ".") && byteAfter.isDigit) {
      token = try number()
    } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
      token = try string(quote: byte)
    } else if let name = try takeName() {
      token = .name(name)
    } else if let symbol = takeSymbol() {
      token = .symbol(symbol)
    } else {
      throw foreignCharacter()
    }
    return (token, start..<position)
  }

  /// Whether the text goes on with a single `=`.
  var isBeforeAssignment: Bool {
    guard let place = bytes[position...].firstIndex(where: { !$0.isBlank }) else { return false }
    return bytes[place...].starts(with: "=".utf8) && !bytes[place...].starts(with: "==".utf8)
  }

  // MARK: Kinds of tokens

  /// The letters, digits and underscores from here, if they can begin a name.
  ///
  /// - Throws: The advice for a word that Python reserves.
  private mutating func takeName() throws(FormulaError) -> String? {
    let start = position
    let scalars = text.unicodeScalars[index(start)...]
    guard let first = scalars.first, first == "_" || first.properties.isXIDStart else { return nil }
    skipWord()
    let name = part(start..<position)
    if let advice = formulaKeywordAdvice[name] { throw problem("'\(name)' \(advice)", start..<position) }
    if current == UInt8(ascii: "'") || current == UInt8(ascii: "\"") {
      throw problem("a string takes no prefix, found '\(name.shortened)'", start..<position)
    }
    return name
  }

  private mutating func string(quote: UInt8) throws(FormulaError) -> FormulaToken {
    let start = position
    position += 1
    while let byte = current, byte != quote {
      if byte == UInt8(ascii: "\\") {
        throw problem("escapes in strings are not understood", position..<position + 1)
      }
      if byte < 0x20 || byte == 0x7F { break }
      position += 1
    }
    guard current == quote else { throw problem("this string does not end", start..<position) }
    position += 1
    return .string(part(start + 1..<position - 1))
  }

  private mutating func takeSymbol() -> String? {
    let rest = bytes[position...]
    guard let symbol = Self.symbols.first(where: { rest.starts(with: $0.utf8) }) else { return nil }
    position += symbol.utf8.count
    return symbol
  }

  /// Longer ones before those that they begin with.
  private static let symbols = [
    "...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "(", ")", "[", "]", ",", ".", ":", "=", "+", "-", "*", "/",
    "%", "@", "&", "|", "^", "~", "<", ">",
  ]

  private func foreignCharacter() -> FormulaError {
    let found = text[index(position)]
    let code = found.unicodeScalars.map { "U+" + String($0.value, radix: 16, uppercase: true) }.first ?? ""
    let range = position..<position + found.utf8.count
    return switch found {
    case "−", "–", "—": problem("'\(found)' (\(code)) is no minus sign; use '-'", range)
    case "×", "·", "∙", "⋅": problem("'\(found)' is no operator; use '*'", range)
    case "÷": problem("'\(found)' is no operator; use '/'", range)
    case "≤": problem("'\(found)' is no operator; use '<='", range)
    case "≥": problem("'\(found)' is no operator; use '>='", range)
    case "≠": problem("'\(found)' is no operator; use '!='", range)
    case "‘", "’", "“", "”", "`": problem("'\(found)' is no quote; use ' or \"", range)
    case "!": problem("'!' is no operator; use ~, or logical_not", range)
    case "{", "}": problem("dicts and sets are not understood", range)
    case "#": problem("comments are not understood", range)
    default: problem("a formula cannot contain '\(String(found).shortened)' (\(code))", range)
    }
  }

  // MARK: Characters

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }
  private var byteAfter: UInt8 { position + 1 < bytes.count ? bytes[position + 1] : 0 }

  private mutating func skipBlanks() {
    while let byte = current, byte.isBlank { position += 1 }
  }

  /// Passes over everything that could continue a name.
  mutating func skipWord() {
    let rest = text.unicodeScalars[index(position)...]
    position += rest.prefix { $0.properties.isXIDContinue }.reduce(0) { $0 + UTF8.width($1) }
  }

  /// Of a place between two scalars.
  func index(_ position: Int) -> String.Index { text.utf8.index(text.startIndex, offsetBy: position) }

  /// The text at a place.
  func part(_ range: Range<Int>) -> String { String(text[index(range.lowerBound)..<index(range.upperBound)]) }

  func problem(_ message: String, _ range: Range<Int>) -> FormulaError {
    FormulaError(message, at: range, in: text)
  }
}

extension UInt8 {
  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  /// Blank, tab, line feed, form feed or carriage return.
  fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0C || self == 0x0D }
}
