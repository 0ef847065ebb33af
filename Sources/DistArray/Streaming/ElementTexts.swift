// The elements of an array as texts of one width, as NumPy prints them with its default options.

import DAStore

/// NumPy's default print options.
enum PrintOptions {
  static let precision = 8
  static let threshold = 1000
  static let edgeItems = 3
  static let lineWidth = 75
}

/// One text per element.
///
/// - Parameter isScalar: The array has no dimensions: its only element prints as a number does, not as a column.
func elementTexts(_ dtype: DType, _ bytes: UnsafeRawBufferPointer, isScalar: Bool) -> [String] {
  dtype.visit(ElementTexts(bytes: bytes, isScalar: isScalar))
}

private struct ElementTexts: ElementVisitor {
  let bytes: UnsafeRawBufferPointer
  let isScalar: Bool

  func visit<E: Element>(_: E.Type) -> [String] {
    switch E.self {
    case is StoredBool.Type: return bools()
    case is Float16.Type: return floats(elements(as: Float16.self))
    case is Float.Type: return floats(elements(as: Float.self))
    case is Double.Type: return floats(elements(as: Double.self))
    case is StoredComplex<Float>.Type: return complexes(elements(as: StoredComplex<Float>.self))
    case is StoredComplex<Double>.Type: return complexes(elements(as: StoredComplex<Double>.self))
    default: return aligned(elements(as: E.self).map { "\($0)" })
    }
  }

  private func elements<E: Element>(as _: E.Type) -> [E] {
    stride(from: 0, to: bytes.count, by: MemoryLayout<E>.size).map {
      bytes.loadUnaligned(fromByteOffset: $0, as: E.self)
    }
  }

  private func bools() -> [String] {
    let texts = elements(as: StoredBool.self).map { $0.isTrue ? "True" : "False" }
    return isScalar ? texts : texts.map { $0 == "True" ? " True" : $0 }
  }

  private func aligned(_ texts: [String]) -> [String] {
    let width = texts.map(\.utf8.count).max() ?? 0
    return texts.map { String(repeating: " ", count: width - $0.utf8.count) + $0 }
  }

  private func floats<Value: DecimalPrintable>(_ values: [Value]) -> [String] {
    if isScalar { return values.map { scalarText($0, trim: false) } }
    let format = FloatColumn(values, showsPlus: false)
    return values.map(format.text)
  }

  private func complexes<Part: DecimalPrintable>(_ values: [StoredComplex<Part>]) -> [String] {
    if isScalar {
      return values.map {
        let imaginary = scalarText($0.imaginary, trim: true)
        if $0.real == 0, $0.real.sign == .plus { return imaginary + "j" }
        let plus = imaginary.first == "-" ? "" : "+"
        return "(\(scalarText($0.real, trim: true))\(plus)\(imaginary)j)"
      }
    }
    let real = FloatColumn(values.map(\.real), showsPlus: false)
    let imaginary = FloatColumn(values.map(\.imaginary), showsPlus: true)
    return values.map {
      let text = imaginary.text($0.imaginary)
      let end = text.lastIndex { $0 != " " }.map { text.index(after: $0) } ?? text.startIndex
      return real.text($0.real) + text[..<end] + "j" + text[end...]
    }
  }

  /// A number by itself: `1.5`, `1e-05`, `nan`.
  private func scalarText<Value: DecimalPrintable>(_ value: Value, trim: Bool) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let decimal = DecimalText(shortest: value)
    let magnitude = Double(value.magnitude)
    if magnitude == 0 || (magnitude >= 1e-4 && magnitude < Value.scalarLimit) {
      let (whole, fraction) = decimal.positional
      return fraction.isEmpty ? (trim ? whole : whole + ".0") : "\(whole).\(fraction)"
    }
    let (whole, fraction, exponent) = decimal.scientific()
    return "\(whole)\(fraction.isEmpty ? "" : "." + fraction)e\(exponent)"
  }
}

/// The common layout of a column of floating-point numbers: notation, digits behind the point, widths.
private struct FloatColumn<Value: DecimalPrintable> {
  private let showsPlus: Bool
  private var isScientific = false
  private var leftWidth = 0
  private var rightWidth = 0
  private var fractionDigits = 0
  private var exponentDigits = 0

  init(_ values: [Value], showsPlus: Bool) {
    self.showsPlus = showsPlus
    let finite = values.filter(\.isFinite)
    let magnitudes = finite.filter { $0 != 0 }.map(\.magnitude)
    if let largest = magnitudes.max(), let smallest = magnitudes.min() {
      // In the type's own arithmetic, as NumPy compares.
      isScientific = largest >= Value(Value.columnLimit) || smallest < Value(0.0001) || largest / smallest > 1000
    }
    for value in finite {
      if isScientific {
        let (whole, fraction, exponent) = decimal(value).scientific()
        leftWidth = max(leftWidth, whole.utf8.count + plus(value).utf8.count)
        fractionDigits = max(fractionDigits, fraction.utf8.count)
        exponentDigits = max(exponentDigits, exponent.utf8.count - 1)
      } else {
        let (whole, fraction) = decimal(value).positional
        leftWidth = max(leftWidth, whole.utf8.count + plus(value).utf8.count)
        rightWidth = max(rightWidth, fraction.utf8.count)
      }
    }
    if isScientific { rightWidth = fractionDigits + 2 + exponentDigits }
    if finite.count < values.count {
      let others = values.filter { !$0.isFinite }
      if others.contains(where: \.isNaN) || others.contains(where: \.isInfinite) {
        let signWidth = showsPlus || others.contains { !$0.isNaN && $0 < 0 } ? 1 : 0
        leftWidth = max(leftWidth, 3 - (rightWidth + 1), 3 + signWidth - (rightWidth + 1))
      }
    }
  }

  private func plus(_ value: Value) -> String { showsPlus && value.sign == .plus ? "+" : "" }

  /// The shortest digits, unless more than the precision stand behind the point.
  private func decimal(_ value: Value) -> DecimalText {
    let shortest = DecimalText(shortest: value)
    let fraction = isScientific ? shortest.digits.count - 1 : shortest.digits.count - 1 - shortest.exponent
    if fraction <= PrintOptions.precision { return shortest }
    var rounded = DecimalText(value, scientific: isScientific, fractionDigits: PrintOptions.precision)
    rounded.isNegative = value.sign == .minus
    return rounded
  }

  func text(_ value: Value) -> String {
    guard value.isFinite else {
      let text = value.isNaN ? (showsPlus ? "+nan" : "nan") : value < 0 ? "-inf" : showsPlus ? "+inf" : "inf"
      return String(repeating: " ", count: max(0, leftWidth + rightWidth + 1 - text.utf8.count)) + text
    }
    var left: String
    var right: String
    if isScientific {
      // Where another element has more digits, this one shows its exact digits too, not zeros.
      var exact = decimal(value)
      if exact.digits.count - 1 < fractionDigits {
        exact = DecimalText(value, scientific: true, fractionDigits: fractionDigits)
      }
      let (whole, fraction, exponent) = exact.scientific(exponentDigits: exponentDigits)
      left = whole
      right = fraction + String(repeating: "0", count: max(0, fractionDigits - fraction.utf8.count)) + "e" + exponent
    } else {
      (left, right) = decimal(value).positional
    }
    left = plus(value) + left
    left = String(repeating: " ", count: max(0, leftWidth - left.utf8.count)) + left
    right += String(repeating: " ", count: max(0, rightWidth - right.utf8.count))
    return left + "." + right
  }
}
