// Floating-point numbers as decimal digits: the shortest that read back, or correctly rounded to a number of digits.

import DAStore
import Glibc

/// A floating-point type that prints itself with the fewest digits that identify it.
protocol DecimalPrintable: Element, BinaryFloatingPoint, LosslessStringConvertible {
  /// Columns switch to scientific notation at this power of ten: the digits the type holds, at most 8.
  static var columnLimit: Double { get }
  /// Single numbers switch at this one.
  static var scalarLimit: Double { get }
}
extension Float16: DecimalPrintable {
  static var columnLimit: Double { 1e3 }
  static var scalarLimit: Double { 1e3 }
}
extension Float: DecimalPrintable {
  static var columnLimit: Double { 1e6 }
  static var scalarLimit: Double { 1e6 }
}
extension Double: DecimalPrintable {
  static var columnLimit: Double { 1e8 }
  static var scalarLimit: Double { 1e16 }
}

/// A finite number as sign, digits and exponent: `d.ddd × 10^exponent`.
struct DecimalText {
  var isNegative: Bool
  /// At least one; no trailing zeros behind the first.
  var digits: [UInt8]
  var exponent: Int

  /// The fewest digits that read back as `value`.
  init<Value: DecimalPrintable>(shortest value: Value) {
    if Value.significandBitCount == Float16.significandBitCount {
      // Swift prints large half-precision integers in full.
      for count in 0..<4 {
        let rounded = DecimalText(value, scientific: true, fractionDigits: count)
        let text = rounded.scientific()
        if Double("\(text.whole).\(text.fraction)0e\(text.exponent)").map({ Value($0) }) == value {
          self = rounded
          return
        }
      }
    }
    self.init(parsing: "\(value)")
  }

  /// Exactly `value`, correctly rounded to `digitCount` digits behind the point of `1.5e+00`, or of `1.5`.
  init<Value: DecimalPrintable>(_ value: Value, scientific: Bool, fractionDigits: Int) {
    // Every type here fits into Double, and the C library rounds its exact value, ties to even.
    let text = withVaList([CInt(clamping: fractionDigits), Double(value)]) { arguments in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
        let count = vsnprintf(buffer.baseAddress, buffer.count, scientific ? "%.*e" : "%.*f", arguments)
        let used = buffer.prefix(max(0, min(Int(count), buffer.count - 1)))
        return String(decoding: used.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
    }
    self.init(parsing: text)
  }

  /// Reads `-12.5`, `1e-05`, `3`.
  private init(parsing text: String) {
    isNegative = text.first == "-"
    var digits: [UInt8] = []
    var pointPosition: Int?
    var exponent = 0
    let parts = text.split(separator: "e", maxSplits: 1)
    for character in (parts.first ?? "").utf8 {
      switch character {
      case UInt8(ascii: "."): pointPosition = digits.count
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(character - UInt8(ascii: "0"))
      default: break
      }
    }
    if parts.count == 2 { exponent = Int(parts[1]) ?? 0 }
    exponent += (pointPosition ?? digits.count) - 1
    let leadingZeros = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leadingZeros)
    exponent -= leadingZeros
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty { (digits, exponent) = ([0], 0) }
    self.digits = digits
    self.exponent = exponent
  }

  /// `1.5`: what stands before and behind the point; the second may be empty.
  var positional: (whole: String, fraction: String) {
    let sign = isNegative ? "-" : ""
    func text(_ part: some Sequence<UInt8>) -> String { part.map { String($0) }.joined() }
    if exponent < 0 {
      let zeros = String(repeating: "0", count: -exponent - 1)
      return (sign + "0", digits == [0] ? "" : zeros + text(digits))
    }
    let padded = digits + Array(repeating: 0, count: max(0, exponent + 1 - digits.count))
    return (sign + text(padded[...exponent]), text(padded[(exponent + 1)...]))
  }

  /// `1.5e+00`: before the point, behind it, and the exponent's sign with at least `exponentDigits` digits.
  func scientific(exponentDigits: Int = 2) -> (whole: String, fraction: String, exponent: String) {
    let power = String(exponent.magnitude)
    let zeros = String(repeating: "0", count: max(0, exponentDigits - power.count))
    return (
      (isNegative ? "-" : "") + "\(digits[0])", digits.dropFirst().map { String($0) }.joined(),
      (exponent < 0 ? "-" : "+") + zeros + power
    )
  }
}
