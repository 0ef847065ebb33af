// The syntax tree of a formula: what `sin(a)*b + x[::2, -1]` says, before its names have a meaning. Pure values.

import DAStore

/// A formula, or a part of one, as a tree of operations with their places in the text.
///
/// The language is Python's for expressions, as far as NumPy's users write them, with the same precedences: numbers,
/// names, strings in quotes, tuples and lists, `+ - ~`, `+ - * / // % @ ** << >> & ^ |`, comparisons, calls with
/// keywords, attributes and subscripts. `np.` and `numpy.` before a name are dropped. `and or not if`, chained
/// comparisons, comprehensions and escapes in strings are refused; a line break is a blank.
///
/// Two trees are equal when they say the same, wherever they stand in their texts.
public struct FormulaSyntax: Sendable, Hashable {
  /// What a node is. Literals are never negative: `-1` is `minus` of 1.
  public indirect enum Kind: Sendable, Hashable {
    case integer(Int128)
    /// Infinite when the text is beyond the range of doubles, as in Python.
    case float(Double)
    /// `2j`: a number without a real part.
    case imaginary(Double)
    case bool(Bool)
    /// `None` or `newaxis`.
    case none
    case ellipsis
    case string(String)
    case name(String)
    case tuple([FormulaSyntax])
    case list([FormulaSyntax])
    case unary(UnaryOperator, FormulaSyntax)
    case binary(BinaryOperator, FormulaSyntax, FormulaSyntax)
    /// `of.name`
    case attribute(of: FormulaSyntax, String)
    /// The callee is a name, or an attribute: a method with its object.
    case call(FormulaSyntax, arguments: [FormulaSyntax], keywords: [Keyword])
    /// `of[items]`; only these items can be slices.
    case subscripted(of: FormulaSyntax, items: [FormulaSyntax])
    case slice(start: FormulaSyntax?, stop: FormulaSyntax?, step: FormulaSyntax?)
  }

  /// `name=value` in a call.
  public struct Keyword: Sendable, Hashable {
    public let name: String
    public let value: FormulaSyntax
    /// Place of the name, in UTF-8 bytes from the beginning of the text.
    public let nameRange: Range<Int>

    public static func == (left: Keyword, right: Keyword) -> Bool {
      left.name == right.name && left.value == right.value
    }
    public func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      hasher.combine(value)
    }
  }

  public let kind: Kind
  /// Place in UTF-8 bytes from the beginning of the text, with the parentheses around the node.
  public let range: Range<Int>
  /// Nodes on the longest way down, with this one. Bounded by the parser, so that walks down the tree may recurse.
  let height: Int

  init(_ kind: Kind, range: Range<Int>) {
    self.kind = kind
    self.range = range
    height = 1 + (kind.children.lazy.map(\.height).max() ?? 0)
  }

  /// The same node at another place.
  init(_ node: FormulaSyntax, range: Range<Int>) {
    kind = node.kind
    height = node.height
    self.range = range
  }

  /// The nodes directly below this one, in the order of the text.
  public var children: [FormulaSyntax] { kind.children }

  public static func == (left: FormulaSyntax, right: FormulaSyntax) -> Bool { left.kind == right.kind }
  public func hash(into hasher: inout Hasher) { hasher.combine(kind) }
}

extension FormulaSyntax.Kind {
  fileprivate var children: [FormulaSyntax] {
    switch self {
    case .integer, .float, .imaginary, .bool, .none, .ellipsis, .string, .name: []
    case .tuple(let elements), .list(let elements): elements
    case .unary(_, let operand): [operand]
    case .binary(_, let left, let right): [left, right]
    case .attribute(let base, _): [base]
    case .call(let callee, let arguments, let keywords): [callee] + arguments + keywords.map(\.value)
    case .subscripted(let base, let items): [base] + items
    case .slice(let start, let stop, let step): [start, stop, step].compactMap { $0 }
    }
  }
}

extension FormulaSyntax {
  /// Longest text that is accepted.
  public static let maximumByteCount = 1 << 16
  /// Deepest nesting of brackets, signs and exponents that is accepted.
  public static let maximumNesting = 100
  /// Most nodes on a way down the tree: a longer sum must be grouped with parentheses.
  public static let maximumHeight = 1000

  /// Parses a formula.
  ///
  /// - Throws: `.invalidArgument` with the place, what was expected there and what was found, in one line. `parse`
  ///   gives the same error with its place as a number.
  /// - Complexity: O(bytes).
  public init(parsing text: String) throws(StoreError) {
    do {
      self = try FormulaSyntax.parse(text)
    } catch {
      throw error.storeError
    }
  }

  /// Parses a formula; the error can show its place in the text.
  ///
  /// - Complexity: O(bytes).
  public static func parse(_ text: String) throws(FormulaError) -> FormulaSyntax {
    var parser = try FormulaParser(text)
    return try parser.parseFormula()
  }
}
