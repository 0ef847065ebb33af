// Numbers as Python writes them: 42, 1_000, 0xff, 0b101, 0o17, 1., .5, 1e-3, 2j.

extension FormulaLexer {
  /// The number that begins here.
  mutating func number() throws(FormulaError) -> FormulaToken {
    let start = position
    let token: FormulaToken
    if let radix = takeRadixPrefix() {
      // An underscore may stand behind the prefix.
      if current == UInt8(ascii: "_") { position += 1 }
      guard let digits = takeDigits(radix: radix) else { throw notANumber(from: start) }
      token = .integer(try integer(digits, radix: radix, from: start))
    } else {
      token = try decimalNumber(from: start)
    }
    let end = position
    skipWord()
    guard position > end else { return token }
    let (head, tail) = (part(start..<end), part(end..<position))
    guard let first = tail.unicodeScalars.first, first != "_", first.properties.isXIDStart else {
      throw notANumber(from: start)
    }
    throw problem(
      "'\((head + tail).shortened)' is no number; write a product as \(head.shortened)*\(tail.shortened)",
      start..<position)
  }

  private mutating func decimalNumber(from start: Int) throws(FormulaError) -> FormulaToken {
    var digits = ""
    var isFloat = false
    if current != UInt8(ascii: ".") {
      guard let whole = takeDigits(radix: 10) else { throw notANumber(from: start) }
      digits = whole
    }
    var decimal = digits.isEmpty ? "0" : digits
    if take(".") {
      isFloat = true
      if current?.isDigit == true {
        guard let fraction = takeDigits(radix: 10) else { throw notANumber(from: start) }
        decimal += "." + fraction
      }
    }
    if take("e") || take("E") {
      isFloat = true
      let sign = take("-") ? "-" : take("+") ? "+" : ""
      guard let exponent = takeDigits(radix: 10) else { throw notANumber(from: start) }
      decimal += "e" + sign + exponent
    }
    if take("j") || take("J") { return .imaginary(try double(decimal, from: start)) }
    if isFloat { return .float(try double(decimal, from: start)) }
    if digits.first == "0", let nonzero = digits.firstIndex(where: { $0 != "0" }) {
      let rest = String(digits[nonzero...]).shortened
      throw problem("an integer cannot begin with 0; write \(rest), or 0o\(rest) for an octal one", start..<position)
    }
    return .integer(try integer(digits, radix: 10, from: start))
  }

  private func integer(_ digits: String, radix: Int, from start: Int) throws(FormulaError) -> Int128 {
    guard let value = Int128(digits, radix: radix) else {
      throw problem("an integer of more than 128 bits; write it as a float", start..<position)
    }
    return value
  }

  private func double(_ decimal: String, from start: Int) throws(FormulaError) -> Double {
    guard let value = Double(decimal) else { throw problem("not a number", start..<position) }
    return value
  }

  private mutating func takeRadixPrefix() -> Int? {
    guard current == UInt8(ascii: "0"), position + 1 < bytes.count else { return nil }
    let radix: Int
    switch bytes[position + 1] | 0x20 {
    case UInt8(ascii: "x"): radix = 16
    case UInt8(ascii: "o"): radix = 8
    case UInt8(ascii: "b"): radix = 2
    default: return nil
    }
    position += 2
    return radix
  }

  /// The digits from here without the single underscores between them; `nil` when there is none.
  private mutating func takeDigits(radix: Int) -> String? {
    func isDigit(_ place: Int) -> Bool {
      place < bytes.count && (Character(Unicode.Scalar(bytes[place])).hexDigitValue ?? radix) < radix
    }
    var digits: [UInt8] = []
    while isDigit(position) {
      digits.append(bytes[position])
      position += 1
      if current == UInt8(ascii: "_"), isDigit(position + 1) { position += 1 }
    }
    return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func notANumber(from start: Int) -> FormulaError {
    skipWord()
    return problem("'\(part(start..<position).shortened)' is not a number", start..<position)
  }
}
