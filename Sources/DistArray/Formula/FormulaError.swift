// A mistake in a formula with its place: as one line for logs, and as a line with a mark below it for terminals.

import DAStore

/// What is wrong with a formula, and where; thrown by the parser, and by whoever gives its nodes a meaning.
public struct FormulaError: Error, Sendable, Equatable {
  /// What is wrong and the way out, without the place.
  public let message: String
  /// The place, in UTF-8 bytes from the beginning of `text`; empty for something missing.
  public let range: Range<Int>
  public let text: String

  /// - Parameter range: As nodes of `text` carry it; what lies outside the text is cut off.
  public init(_ message: String, at range: Range<Int>, in text: String) {
    self.message = message
    self.range = range.clamped(to: 0..<text.utf8.count)
    self.text = text
  }

  /// The error for a name that means nothing here, with the nearest of those that do.
  ///
  /// - Parameter what: Kind of the name: "name", "method", "keyword argument", …
  public static func unknown(
    _ what: String, _ name: String, at range: Range<Int>, in text: String, known: some Sequence<String>
  ) -> FormulaError {
    let advice = nearestName(to: name, among: known).map { "; did you mean '\($0)'?" } ?? ""
    return FormulaError("unknown \(what) '\(name.shortened)'\(advice)", at: range, in: text)
  }

  /// The error in one line: `formula: …, at character 7, here: sin(a)^b`; far parts of a long text are left out.
  public var storeError: StoreError {
    let place = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
    let (before, after) = (text[..<place], text[place...])
    let shownBefore = before.unicodeScalars.suffix(Self.shownCount)
    let shownAfter = after.unicodeScalars.prefix(Self.shownCount)
    let head = (shownBefore.startIndex > before.startIndex ? "…" : "") + String(shownBefore)
    let tail = String(shownAfter) + (shownAfter.endIndex < after.endIndex ? "…" : "")
    return StoreError(
      .invalidArgument, "formula: \(message), at character \(before.count + 1), here: \(head)^\(tail)")
  }

  /// Most Unicode scalars shown on each side of a place.
  private static let shownCount = 60
}

extension FormulaError: CustomStringConvertible {
  public var description: String { storeError.description }
}

extension FormulaError {
  /// The line of the text where the mistake is, and below it a line with `^~~~` under the place.
  public var pointing: String { Self.pointing(at: range, in: text) }

  /// The line of `text` in which `range` begins, and below it a line with `^~~~` under the part of it in `range`.
  ///
  /// Tabs stay tabs in both lines; other control characters are shown as `\u{FFFD}`. Wide characters take two columns.
  /// Of a long line the part around the place is shown. No line break at the end.
  public static func pointing(at range: Range<Int>, in text: String) -> String {
    let range = range.clamped(to: 0..<text.utf8.count)
    let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
    let end = text.utf8.index(text.startIndex, offsetBy: range.upperBound)
    // Between \r and \n the next line would begin behind the place.
    let lineStart =
      text[..<start].lastIndex(where: \.isNewline).map { min(text.index(after: $0), start) } ?? text.startIndex
    let lineEnd = text[start...].firstIndex(where: \.isNewline) ?? text.endIndex
    let before = text[lineStart..<start]
    let marked = text[start..<min(max(end, start), lineEnd)]
    let after = text[marked.endIndex..<lineEnd]

    let shownBefore = before.suffix(shownCount)
    let shownMarked = marked.prefix(2 * shownCount)
    let shownAfter = after.prefix(shownMarked.endIndex < marked.endIndex ? 0 : shownCount)
    let isCutBefore = shownBefore.startIndex > before.startIndex
    let isCutAfter = max(shownMarked.endIndex, shownAfter.endIndex) < lineEnd
    let shown = (shownBefore + shownMarked + shownAfter).map { $0.isControl ? "\u{FFFD}" : $0 }
    let line = (isCutBefore ? "…" : "") + String(shown) + (isCutAfter ? "…" : "")

    let indent = (isCutBefore ? " " : "") + shownBefore.map { $0 == "\t" ? "\t" : $0.blanks }.joined()
    let width = shownMarked.reduce(0) { $0 + $1.columnCount }
    return line + "\n" + indent + "^" + String(repeating: "~", count: max(width - 1, 0))
  }
}

extension Character {
  fileprivate var isControl: Bool {
    self != "\t" && unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) }
  }

  /// Columns on a terminal: none for a mark of its own, two for East Asian wide characters and emoji.
  fileprivate var columnCount: Int { unicodeScalars.lazy.map(\.columnCount).max() ?? 0 }

  fileprivate var blanks: String { String(repeating: " ", count: columnCount) }
}

extension Unicode.Scalar {
  fileprivate var columnCount: Int {
    switch value {
    case ..<0x300: 1
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      2
    default:
      switch properties.generalCategory {
      case .nonspacingMark, .enclosingMark, .format: 0
      default: properties.isEmojiPresentation ? 2 : 1
      }
    }
  }
}

extension String {
  /// The text, or its beginning when it is too long to be quoted.
  var shortened: String {
    let head = unicodeScalars.prefix(40)
    return head.endIndex < endIndex ? String(head) + "…" : self
  }
}
