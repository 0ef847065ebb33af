// What is to be computed, as a tree of values: building it touches no data.

import DAStore

/// A node of an expression: an array that is stored, or how it is made from others.
///
/// Nodes never change; several nodes may share an operand, which is then computed once.
final class Expression: Sendable {
  let shape: [Int]
  let dtype: DType
  let kind: Kind
  /// Nodes on the longest way down, with this one.
  private let depth: Int

  enum Kind: Sendable {
    /// Elements of a dataset: stored, in memory, or computed by a formula.
    case stored(any ChunkedDataset)
    /// Result number `result` of a ufunc.
    case applied(Application, result: Int)
    /// Elements of another array under other indices.
    case view(Expression, AffineView)
    /// The bytes of another array as elements of this one's type, row by row.
    case retyped(Expression)
    /// A statistic over some axes of another array: made in a pass of its own, before what uses it.
    case reduced(Expression, Reduction)
    /// Products of matrices: made in a pass of their own, before what uses them.
    case product(MatrixProduct)
    /// Pieces of other arrays.
    case assembled(Assembly)
    /// Rows of another array that a mask chooses.
    case masked(MaskedArray)
    /// What a user's function makes of blocks of other arrays.
    case mapped(MappedArray)
    /// Running sums or products of another array.
    case cumulated(CumulatedArray)
    /// Elements of another array at listed points.
    case picked(PickedArray)
    /// Another array with new elements at listed points.
    case patched(PatchedArray)
    /// Another array with new rows where a mask is true.
    case spread(SpreadArray)
    /// Another array in chunks in C order: copied before what uses it.
    case rechunked(RechunkedArray)
  }

  init(shape: [Int], dtype: DType, _ kind: Kind) {
    self.shape = shape
    self.dtype = dtype
    self.kind = kind
    depth = 1 + (kind.operands.map(\.depth).max() ?? 0)
  }

  /// Most operations on a way down: walks down an expression recurse.
  static let maximumDepth = 1000

  /// The expression, if it may be walked.
  ///
  /// - Throws: `.invalidArgument` beyond the largest depth.
  func checkedDepth() throws(StoreError) -> Expression {
    guard depth <= Self.maximumDepth else {
      throw StoreError(
        .invalidArgument,
        "more than \(Self.maximumDepth) operations, each on the result of the one before; store or evaluate a part of "
          + "them and go on from there, or add up in pairs")
    }
    return self
  }

  convenience init(_ dataset: any ChunkedDataset) {
    self.init(shape: dataset.description.shape, dtype: dataset.description.dtype, .stored(dataset))
  }

  /// The array seen in another way.
  func viewed(_ view: AffineView) -> Expression {
    if view.isIdentity(of: shape) { return self }
    if case .view(let inner, let innerView) = kind {
      return inner.viewed(innerView.seen(through: view))
    }
    return Expression(shape: view.shape, dtype: dtype, .view(unreadied(for: view), view))
  }
}

extension Expression.Kind {
  /// The nodes that this one is made from.
  var operands: [Expression] {
    switch self {
    case .stored: []
    case .view(let inner, _), .reduced(let inner, _), .retyped(let inner): [inner]
    case .applied(let application, _): application.inputs.compactMap { $0 }
    case .assembled(let assembly): assembly.parts
    case .masked(let masked): [masked.array, masked.mask]
    case .mapped(let mapped): mapped.inputs
    case .product(let product): [product.a, product.b]
    case .cumulated(let cumulated): cumulated.operands
    case .picked(let picked): [picked.array]
    case .patched(let patched): [patched.array] + patched.pending
    case .spread(let spread): [spread.array, spread.mask, spread.values]
    case .rechunked(let rechunked): [rechunked.array]
    }
  }
}

/// A ufunc applied to arrays and numbers; one value for all of its results.
final class Application: Sendable {
  let loop: UfuncLoop
  /// One per operand; `nil` where the loop has a number of its own.
  let inputs: [Expression?]
  let shape: [Int]

  init(_ loop: UfuncLoop, _ inputs: [Expression?], shape: [Int]) {
    self.loop = loop
    self.inputs = inputs
    self.shape = shape
  }
}

/// One statistic over some axes.
struct Reduction: Sendable, Hashable {
  var statistic: Statistic
  /// Which axes are reduced.
  var reduced: [Bool]
  var ddof: Double
}

extension Expression {
  /// An operand of a ufunc.
  enum Argument {
    case array(Expression)
    case number(Operand)
  }

  /// Applies a ufunc; its results in order.
  ///
  /// - Throws: `.invalidArgument` when shapes do not broadcast; `.unsupportedDType` when the ufunc does not take the
  ///   types.
  static func apply(_ ufunc: Ufunc, _ arguments: [Argument]) throws(StoreError) -> [Expression] {
    let loop = try ufunc.loop(
      for: arguments.map { argument in
        switch argument {
        case .array(let array): .typed(array.dtype)
        case .number(let number): number
        }
      })
    var shapes: [[Int]] = []
    for case .array(let array) in arguments { shapes.append(array.shape) }
    let shape = try broadcastShape(shapes)
    var inputs: [Expression?] = []
    for (argument, dtype) in zip(arguments, loop.inputTypes) {
      switch argument {
      case .array(let array): inputs.append(try array.converted(to: dtype))
      case .number: inputs.append(nil)
      }
    }
    let application = Application(loop, inputs, shape: shape)
    var results: [Expression] = []
    for (number, dtype) in loop.outputTypes.enumerated() {
      results.append(try Expression(shape: shape, dtype: dtype, .applied(application, result: number)).checkedDepth())
    }
    return results
  }
}

extension Expression {
  /// The array with its elements in another type, as `astype` converts them.
  func converted(to dtype: DType) throws(StoreError) -> Expression {
    if dtype == self.dtype { return self }
    let application = Application(.cast(from: self.dtype, to: dtype), [self], shape: shape)
    return try Expression(shape: shape, dtype: dtype, .applied(application, result: 0)).checkedDepth()
  }
}

extension Expression {
  var isReduction: Bool { if case .reduced = kind { true } else { false } }

  /// Whether it is made, or what it needs is made, in a pass before that of what uses it.
  var isMadeBefore: Bool {
    switch kind {
    case .reduced, .product, .rechunked: true
    case .picked:
      PickedArray.isCollected(
        count: shape[0], rowByteCount: shape.dropFirst().reduce(dtype.byteCount, saturatingProduct))
    case .patched(let patched): !patched.pending.isEmpty
    case .stored, .applied, .view, .retyped, .assembled, .masked, .mapped, .cumulated, .spread: false
    }
  }
}
