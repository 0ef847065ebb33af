// Python literals as text: what `repr` prints, and the form of `.npy` and `.dnpy` 1 headers.

extension PythonLiteral {
  /// What Python 3's `repr` prints; dicts in the order of their entries or, as `pprint` does, of their keys.
  ///
  /// Arrays print on one line. Non-finite floats print as `inf` and `nan`, which no literal parser reads back.
  package func repr(sortingKeys: Bool = false) -> String {
    switch self {
    case .none: return "None"
    case .bool(let value): return value ? "True" : "False"
    case .int(let value): return "\(value)"
    case .float(let value): return "\(value)"
    case .string(let value): return Self.quoted(value)
    case .tuple(let elements):
      let list = elements.map { $0.repr(sortingKeys: sortingKeys) }.joined(separator: ", ")
      return elements.count == 1 ? "(\(list),)" : "(\(list))"
    case .list(let elements):
      return "[" + elements.map { $0.repr(sortingKeys: sortingKeys) }.joined(separator: ", ") + "]"
    case .dict(let entries):
      return "{" + Self.entryTexts(entries, sortingKeys: sortingKeys).joined(separator: ", ") + "}"
    case .array(let array):
      let elements = array.elements.map { $0.repr(sortingKeys: sortingKeys) }.joined(separator: ", ")
      return "array([\(elements)]" + (array.dtype.map { ", dtype=\($0)" } ?? "") + ")"
    }
  }

  /// A dict as NumPy and DistArray write it into headers: keys sorted, a comma and a blank after every entry, also the
  /// last: `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`. Nested dicts print as `repr` does.
  package static func headerText(_ entries: [Entry]) -> String {
    "{" + sorted(entries).map { "\($0.key.repr()): \($0.value.repr()), " }.joined() + "}"
  }

  private static func entryTexts(_ entries: [Entry], sortingKeys: Bool) -> [String] {
    (sortingKeys ? sorted(entries) : entries).map {
      "\($0.key.repr(sortingKeys: sortingKeys)): \($0.value.repr(sortingKeys: sortingKeys))"
    }
  }

  /// Python compares strings by code point; keys of other kinds are ordered by their text.
  private static func sorted(_ entries: [Entry]) -> [Entry] {
    func scalars(_ key: PythonLiteral) -> String.UnicodeScalarView { (key.stringValue ?? key.repr()).unicodeScalars }
    return entries.sorted { scalars($0.key).lexicographicallyPrecedes(scalars($1.key)) }
  }

  private static func quoted(_ text: String) -> String {
    let quote: Unicode.Scalar = text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case quote: result += "\\" + String(quote)
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default: result += scalar.isPythonPrintable ? String(scalar) : escaped(scalar)
      }
    }
    return result + String(quote)
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    func padded(_ mark: String, _ width: Int) -> String {
      let digits = String(scalar.value, radix: 16)
      return "\\" + mark + String(repeating: "0", count: width - digits.count) + digits
    }
    return switch scalar.value {
    case ..<0x100: padded("x", 2)
    case ..<0x10000: padded("u", 4)
    default: padded("U", 8)
    }
  }
}

extension Unicode.Scalar {
  /// Python's `str.isprintable`: everything but the categories "other" and "separator", and the blank.
  fileprivate var isPythonPrintable: Bool {
    if self == " " { return true }
    return switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator:
      false
    default: true
    }
  }
}
