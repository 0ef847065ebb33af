// The parser of Python literals: bytes in, a value or an error with its position out. No IO, bounded recursion.

extension PythonLiteral {
  /// How the bytes above 127 in strings are meant.
  package enum TextEncoding: Sendable { case latin1, utf8 }

  /// Deepest nesting of containers that is accepted.
  package static let maximumDepth = 32
  /// Longest text that is accepted.
  package static let maximumByteCount = 1 << 20
  /// Most entries of one dict; keys are compared with each other.
  package static let maximumEntryCount = 1024

  /// Parses one literal, surrounded by white space at most.
  ///
  /// Understood are dicts, tuples, lists, strings in either quotes with Python's escapes and the prefixes `u` and `b`,
  /// decimal integers (also Python 2's `12L`) and floats with a sign, `True`, `False`, `None`, and `array([...])`.
  /// - Parameter offset: Position of the first byte in its file, for error texts.
  /// - Throws: `.corrupt` with the byte, what was expected there and what was found; also for an integer that does not
  ///   fit 64 bits, a key given twice, and text beyond the limits.
  /// - Complexity: O(bytes), and O(entries²) in the keys of one dict, of which there are few.
  package init(parsing bytes: [UInt8], encoding: TextEncoding = .utf8, offset: Int = 0) throws(StoreError) {
    guard bytes.count <= Self.maximumByteCount else {
      throw StoreError(
        .corrupt, "a header of \(bytes.count) bytes; at most \(Self.maximumByteCount) are accepted")
    }
    var parser = PythonLiteralParser(bytes: bytes, encoding: encoding, offset: offset)
    self = try parser.parseDocument()
  }
}

struct PythonLiteralParser {
  let bytes: [UInt8]
  let encoding: PythonLiteral.TextEncoding
  let offset: Int
  private var position = 0
  /// Inside `array(...)`: there `...` is allowed and noted.
  private var isInsideArray = false
  private var sawEllipsis = false

  init(bytes: [UInt8], encoding: PythonLiteral.TextEncoding, offset: Int) {
    self.bytes = bytes
    self.encoding = encoding
    self.offset = offset
  }

  mutating func parseDocument() throws(StoreError) -> PythonLiteral {
    let value = try parseValue(depth: 0)
    skipWhiteSpace()
    guard position == bytes.count else { throw unexpected("the end of the header") }
    return value
  }

  private mutating func parseValue(depth: Int) throws(StoreError) -> PythonLiteral {
    guard depth <= PythonLiteral.maximumDepth else {
      throw error("nesting deeper than \(PythonLiteral.maximumDepth) levels")
    }
    skipWhiteSpace()
    guard let byte = current else { throw unexpected("a value") }
    switch byte {
    case UInt8(ascii: "{"): return try parseDict(depth: depth)
    case UInt8(ascii: "("):
      let (elements, endsWithComma) = try parseElements(until: UInt8(ascii: ")"), depth: depth)
      // Parentheses around one value without a comma are only parentheses.
      if elements.count == 1, !endsWithComma, let only = elements.first { return only }
      return .tuple(elements)
    case UInt8(ascii: "["): return .list(try parseElements(until: UInt8(ascii: "]"), depth: depth).elements)
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try parseString(isBytes: false))
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      return try parseNumber()
    default: return try parseWord(depth: depth)
    }
  }

  // MARK: Containers

  private mutating func parseDict(depth: Int) throws(StoreError) -> PythonLiteral {
    position += 1
    var entries: [PythonLiteral.Entry] = []
    while true {
      skipWhiteSpace()
      if take(UInt8(ascii: "}")) { return .dict(entries) }
      let start = position
      let key = try parseValue(depth: depth + 1)
      guard !entries.contains(where: { $0.key == key }) else {
        position = start
        throw error("key \(key.repr()) is given twice")
      }
      guard entries.count < PythonLiteral.maximumEntryCount else {
        throw error("a dict of more than \(PythonLiteral.maximumEntryCount) entries")
      }
      skipWhiteSpace()
      guard take(UInt8(ascii: ":")) else { throw unexpected("':' after a key") }
      entries.append(PythonLiteral.Entry(key, try parseValue(depth: depth + 1)))
      skipWhiteSpace()
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
      return .dict(entries)
    }
  }

  /// The elements of a tuple or list whose opening bracket is the current byte.
  private mutating func parseElements(
    until close: UInt8, depth: Int
  ) throws(StoreError) -> (elements: [PythonLiteral], endsWithComma: Bool) {
    position += 1
    var elements: [PythonLiteral] = []
    var endsWithComma = false
    while true {
      skipWhiteSpace()
      if take(close) { return (elements, endsWithComma) }
      if isInsideArray, takeEllipsis() {
        sawEllipsis = true
      } else {
        elements.append(try parseValue(depth: depth + 1))
      }
      skipWhiteSpace()
      endsWithComma = take(UInt8(ascii: ","))
      if !endsWithComma {
        guard take(close) else { throw unexpected("',' or '\(Character(Unicode.Scalar(close)))'") }
        return (elements, false)
      }
    }
  }

  private mutating func takeEllipsis() -> Bool {
    guard bytes[position...].starts(with: "...".utf8) else { return false }
    position += 3
    return true
  }

  // MARK: Words

  private mutating func parseWord(depth: Int) throws(StoreError) -> PythonLiteral {
    let start = position
    let word = takeWord()
    switch word {
    case "None": return .none
    case "True": return .bool(true)
    case "False": return .bool(false)
    case "u", "U", "b", "B":
      if let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
        return .string(try parseString(isBytes: word.lowercased() == "b"))
      }
    case "array":
      if !isInsideArray { return try parseArray(depth: depth) }
    default: break
    }
    position = start
    throw unexpected("a value")
  }

  private mutating func takeWord() -> String {
    let start = position
    while let byte = current, byte == UInt8(ascii: "_") || byte.isASCIILetter || byte.isASCIIDigit { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// `array([...])` after its name, with any keyword arguments; `dtype` is kept, others (`shape`) are parsed and
  /// dropped.
  private mutating func parseArray(depth: Int) throws(StoreError) -> PythonLiteral {
    skipWhiteSpace()
    guard take(UInt8(ascii: "(")) else { throw unexpected("'(' after array") }
    isInsideArray = true
    sawEllipsis = false
    defer { isInsideArray = false }
    skipWhiteSpace()
    guard current == UInt8(ascii: "[") else { throw unexpected("'[' after array(") }
    var array = PythonLiteral.PrintedArray(
      try parseElements(until: UInt8(ascii: "]"), depth: depth + 1).elements)
    array.isElided = sawEllipsis
    while true {
      skipWhiteSpace()
      let hasComma = take(UInt8(ascii: ","))
      skipWhiteSpace()
      if take(UInt8(ascii: ")")) { return .array(array) }
      guard hasComma else { throw unexpected("',' or ')'") }
      let start = position
      let keyword = takeWord()
      skipWhiteSpace()
      guard !keyword.isEmpty, take(UInt8(ascii: "=")) else {
        position = start
        throw unexpected("a keyword argument or ')'")
      }
      skipWhiteSpace()
      if keyword == "dtype", current?.isASCIILetter == true {
        array.dtype = takeWord()
      } else {
        let value = try parseValue(depth: depth + 1)
        if keyword == "dtype" { array.dtype = value.stringValue }
      }
    }
  }

  // MARK: Numbers

  private mutating func parseNumber() throws(StoreError) -> PythonLiteral {
    let start = position
    if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
    let digits = position
    var isFloat = false
    skipDigits()
    if take(UInt8(ascii: ".")) {
      isFloat = true
      skipDigits()
    }
    let hasDigits = position - digits > (isFloat ? 1 : 0)
    if hasDigits, current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isFloat = true
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      let exponent = position
      skipDigits()
      guard position > exponent else { throw unexpected("the digits of an exponent") }
    }
    guard hasDigits else {
      position = digits
      throw unexpected("a number")
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isFloat {
      try checkNumberEnds()
      // Swift wants a digit on both sides of the point.
      guard let value = Double(text) ?? Double(text.replacingBarePoint) else {
        position = start
        throw unexpected("a number")
      }
      return .float(value)
    }
    if bytes[digits] == UInt8(ascii: "0"), bytes[digits..<position].contains(where: { $0 != UInt8(ascii: "0") }) {
      position = start
      throw error("a number with leading zeros: \(text)")
    }
    if !take(UInt8(ascii: "L")) { _ = take(UInt8(ascii: "l")) }
    try checkNumberEnds()
    guard let value = Int(text) else {
      position = start
      throw error("an integer that does not fit 64 bits: \(text.prefix(40))")
    }
    return .int(value)
  }

  private mutating func skipDigits() {
    while let byte = current, byte.isASCIIDigit { position += 1 }
  }

  private func checkNumberEnds() throws(StoreError) {
    if let byte = current, byte.isASCIILetter || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") {
      throw unexpected("the end of a number")
    }
  }

  // MARK: Strings

  private mutating func parseString(isBytes: Bool) throws(StoreError) -> String {
    let quote = bytes[position]
    position += 1
    var utf8: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case quote:
        guard let text = String(validating: utf8, as: UTF8.self) else {
          position -= 1
          throw error("a string that is not valid UTF-8 ends here")
        }
        return text
      case UInt8(ascii: "\\"): try parseEscape(isBytes: isBytes, into: &utf8)
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        position -= 1
        throw unexpected("the closing quote of a string")
      case 0x80...0xFF where encoding == .latin1: utf8 += String(Unicode.Scalar(byte)).utf8
      default: utf8.append(byte)
      }
    }
    throw unexpected("the closing quote of a string")
  }

  /// What follows a backslash.
  private mutating func parseEscape(isBytes: Bool, into utf8: inout [UInt8]) throws(StoreError) {
    guard let byte = current else { throw unexpected("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\n"): break
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): utf8.append(byte)
    case UInt8(ascii: "a"): utf8.append(7)
    case UInt8(ascii: "b"): utf8.append(8)
    case UInt8(ascii: "t"): utf8.append(9)
    case UInt8(ascii: "n"): utf8.append(10)
    case UInt8(ascii: "v"): utf8.append(11)
    case UInt8(ascii: "f"): utf8.append(12)
    case UInt8(ascii: "r"): utf8.append(13)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      position -= 1
      utf8 += String(try parseScalar(radix: 8, digits: 1...3)).utf8
    case UInt8(ascii: "x"): utf8 += String(try parseScalar(radix: 16, digits: 2...2)).utf8
    case UInt8(ascii: "u") where !isBytes: utf8 += String(try parseScalar(radix: 16, digits: 4...4)).utf8
    case UInt8(ascii: "U") where !isBytes: utf8 += String(try parseScalar(radix: 16, digits: 8...8)).utf8
    case UInt8(ascii: "N") where !isBytes:
      throw error("a character by name (\\N{...}) is not understood")
    default:
      // Python keeps the backslash of an escape that it does not know; the byte itself is read again as text.
      utf8.append(UInt8(ascii: "\\"))
      position -= 1
    }
  }

  private mutating func parseScalar(radix: UInt32, digits: ClosedRange<Int>) throws(StoreError) -> Unicode.Scalar {
    let start = position
    var value: UInt32 = 0
    while position - start < digits.upperBound, let byte = current, let digit = byte.hexDigitValue, digit < radix {
      value = value << (radix == 8 ? 3 : 4) | digit
      position += 1
    }
    guard position - start >= digits.lowerBound else { throw unexpected("\(digits.lowerBound) hexadecimal digits") }
    guard let scalar = Unicode.Scalar(value) else {
      position = start
      throw error("an escape that names no character")
    }
    return scalar
  }

  // MARK: Bytes and errors

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipWhiteSpace() {
    while let byte = current, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
  }

  private func error(_ what: String) -> StoreError {
    StoreError(.corrupt, "header, byte \(offset + position): \(what)")
  }

  private func unexpected(_ expected: String) -> StoreError {
    let found =
      switch current {
      case nil: "the end"
      case .some(let byte) where (0x20...0x7E).contains(byte): "'\(Character(Unicode.Scalar(byte)))'"
      case .some(let byte): "byte 0x\(String(byte, radix: 16))"
      }
    return error("expected \(expected), found \(found)")
  }
}

extension UInt8 {
  fileprivate var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  fileprivate var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
  fileprivate var hexDigitValue: UInt32? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}

extension String {
  /// `1.` as `1.0`, `.5` as `0.5`, `-.5e3` as `-0.5e3`.
  fileprivate var replacingBarePoint: String {
    guard let point = firstIndex(of: ".") else { return self }
    let before = self[..<point]
    let after = self[index(after: point)...]
    let left = before.last?.isNumber == true ? before : before + "0"
    let right = after.first?.isNumber == true ? after : "0" + after
    return left + "." + right
  }
}
