// NumPy's basic indexing as text and as a value: `[0:10, ..., ::2]`. Pure; views of datasets are made from it.

/// What stands in brackets behind a dataset's name: integers, slices and an ellipsis.
public struct Selection: Sendable, Hashable {
  public enum Item: Sendable, Hashable {
    /// Takes one position and drops the axis; negative counts from the end.
    case index(Int)
    /// Python's `start:stop:step`; a missing bound is the axis' end in the direction of the step. `step` is not 0.
    case slice(start: Int?, stop: Int?, step: Int)
    /// All axes that no other item names.
    case ellipsis
  }
  public let items: [Item]

  /// - Throws: `.invalidArgument` for a zero step or a second ellipsis.
  public init(_ items: [Item]) throws(StoreError) {
    guard items.count(where: { $0 == .ellipsis }) <= 1 else {
      throw StoreError(.invalidArgument, "a selection can have only one ellipsis '...'")
    }
    for case .slice(_, _, 0) in items {
      throw StoreError(.invalidArgument, "a slice step of 0 goes nowhere; use 1 or -1")
    }
    self.items = items
  }

  /// Parses a selection with its brackets.
  ///
  /// - Throws: `.invalidArgument` with the place and what was expected there.
  public init(parsing text: String) throws(StoreError) {
    var parser = SelectionParser(text)
    items = try parser.parse()
  }

  /// The elements that this selection takes from an array of `shape`.
  ///
  /// - Throws: `.invalidArgument` for too many items, or an index outside its axis (with index, axis and size).
  public func resolve(shape: [Int]) throws(StoreError) -> ResolvedSelection {
    let named = items.count { $0 != .ellipsis }
    guard named <= shape.count else {
      throw StoreError(
        .invalidArgument, "\(self) has \(named) indices, the array \(shapeText(shape)) has \(shape.count) axes")
    }
    let everything = Item.slice(start: nil, stop: nil, step: 1)
    let rest = Array(repeating: everything, count: shape.count - named)
    var full: [Item] = []
    for item in items { full += item == .ellipsis ? rest : [item] }
    if !items.contains(.ellipsis) { full += rest }

    var axes: [ResolvedSelection.Axis] = []
    for (axis, size) in shape.enumerated() {
      switch full[axis] {
      case .index(let index):
        guard index >= 0 ? index < size : index >= -size else {
          throw StoreError(
            .invalidArgument,
            "index \(index) is out of bounds for axis \(axis) with size \(size) of shape \(shapeText(shape))")
        }
        axes.append(.init(start: index < 0 ? index + size : index, step: 1, count: 1, isDropped: true))
      case .slice(let start, let stop, let step):
        axes.append(Self.resolve(start: start, stop: stop, step: step, size: size))
      case .ellipsis:
        axes.append(.init(start: 0, step: 1, count: size, isDropped: false))
      }
    }
    return ResolvedSelection(sourceShape: shape, axes: axes)
  }

  /// Python's `slice.indices`; no value of the bounds overflows.
  private static func resolve(start: Int?, stop: Int?, step: Int, size: Int) -> ResolvedSelection.Axis {
    // A step beyond the axis takes one element, whatever its exact value.
    let reach = max(size, 1)
    let step = max(-reach, min(reach, step))
    let lowest = step > 0 ? 0 : -1
    let highest = step > 0 ? size : size - 1
    func clamp(_ bound: Int) -> Int { max(lowest, min(highest, bound < 0 ? max(bound, -size - 1) + size : bound)) }
    let first = start.map(clamp) ?? (step > 0 ? 0 : size - 1)
    let end = stop.map(clamp) ?? (step > 0 ? size : -1)
    let distance = step > 0 ? end - first : first - end
    let count = distance <= 0 ? 0 : (distance - 1) / abs(step) + 1
    // One element or none needs no step; an empty axis keeps a start inside the array's bounds.
    return .init(start: count == 0 ? 0 : first, step: count <= 1 ? 1 : step, count: count, isDropped: false)
  }
}

extension Selection: CustomStringConvertible {
  /// `[0:10, ..., ::2]`
  public var description: String {
    let texts = items.map { item in
      switch item {
      case .index(let index): return "\(index)"
      case .ellipsis: return "..."
      case .slice(let start, let stop, let step):
        let bounds = "\(start.map(String.init) ?? ""):\(stop.map(String.init) ?? "")"
        return step == 1 ? bounds : "\(bounds):\(step)"
      }
    }
    return "[\(texts.joined(separator: ", "))]"
  }
}

/// A selection fitted to an array's shape: on every axis an arithmetic progression of positions inside the array.
public struct ResolvedSelection: Sendable, Hashable {
  public struct Axis: Sendable, Hashable {
    /// Source position of element 0.
    public let start: Int
    public let step: Int
    public let count: Int
    /// The axis was named by an integer and does not appear in the result.
    public let isDropped: Bool
  }
  public let sourceShape: [Int]
  /// One per source axis.
  public let axes: [Axis]

  /// Shape of the result.
  public var shape: [Int] { axes.filter { !$0.isDropped }.map(\.count) }
  /// Source axes that appear in the result.
  public var keptAxes: [Int] { axes.indices.filter { !axes[$0].isDropped } }
  /// Nothing is left out, turned round or dropped.
  public var isEverything: Bool {
    zip(axes, sourceShape).allSatisfy { !$0.isDropped && $0.step == 1 && $0.count == $1 }
  }
}

/// Reads `[item, item, …]`; every error says where, and shows the text with a `^` before the place.
struct SelectionParser {
  private let text: [Character]
  private var position = 0

  init(_ text: String) { self.text = Array(text) }

  mutating func parse() throws(StoreError) -> [Selection.Item] {
    guard take("[") else { throw expected("'['") }
    var items: [Selection.Item] = []
    var hasEllipsis = false
    while true {
      skipSpaces()
      if take("]") { break }
      if !items.isEmpty && position < text.count && text[position] == "," { throw expected("an index or slice") }
      let start = position
      let item = try parseItem()
      if item == .ellipsis {
        if hasEllipsis { throw problem("a selection can have only one ellipsis '...'", at: start) }
        hasEllipsis = true
      }
      items.append(item)
      guard items.count <= maximumDimensionCount + 1 else {
        throw problem("more than \(maximumDimensionCount) indices", at: start)
      }
      skipSpaces()
      if take(",") { continue }
      guard take("]") else { throw expected("',' or ']'") }
      break
    }
    guard position == text.count else { throw expected("the end of the name") }
    guard !items.isEmpty else { throw problem("an empty selection; write [...] for everything", at: 0) }
    return items
  }

  private mutating func parseItem() throws(StoreError) -> Selection.Item {
    if text[position...].starts(with: "...") {
      position += 3
      return .ellipsis
    }
    if text[position...].starts(with: "None") || text[position...].starts(with: "newaxis") {
      throw problem("a new axis cannot be selected from a stored array; use integers, slices and '...'", at: position)
    }
    let start = try parseNumber()
    skipSpaces()
    guard take(":") else {
      guard let start else { throw expected("an integer, a slice start:stop:step or '...'") }
      return .index(start)
    }
    let stop = try parseNumber()
    skipSpaces()
    guard take(":") else { return .slice(start: start, stop: stop, step: 1) }
    skipSpaces()
    let place = position
    let step = try parseNumber() ?? 1
    guard step != 0 else { throw problem("a slice step of 0 goes nowhere; use 1 or -1", at: place) }
    return .slice(start: start, stop: stop, step: step)
  }

  private mutating func parseNumber() throws(StoreError) -> Int? {
    skipSpaces()
    let start = position
    var end = position
    if end < text.count, text[end] == "-" || text[end] == "+" { end += 1 }
    while end < text.count, text[end].isASCII, text[end].isNumber { end += 1 }
    if end == start { return nil }
    guard let number = Int(String(text[start..<end])) else {
      throw problem("'\(String(text[start..<end]))' is not a 64-bit integer", at: start)
    }
    position = end
    return number
  }

  private mutating func skipSpaces() {
    while position < text.count, text[position] == " " || text[position] == "\t" { position += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    guard position < text.count, text[position] == character else { return false }
    position += 1
    return true
  }

  private func expected(_ what: String) -> StoreError {
    let found = position < text.count ? "'\(text[position])'" : "the end"
    return problem("expected \(what), found \(found)", at: position)
  }

  private func problem(_ what: String, at place: Int) -> StoreError {
    StoreError(
      .invalidArgument,
      "selection: \(what), at character \(place + 1), here: \(String(text[..<place]))^\(String(text[place...]))")
  }
}
