// What expressions need whole before their own pass: reductions, those over the same array together, and the elements
// that lists pick or assign.

import DAStore
import MessagePassing

/// Replaces the parts of expressions that need passes of their own by their results, innermost first.
struct Materialisation {
  let options: StreamingOptions
  let communicator: Communicator
  /// What was replaced, by node. The nodes live as long as the expressions that were given.
  private var replaced: [ObjectIdentifier: Expression] = [:]

  /// Reductions that are made together.
  struct Pass: Hashable {
    var operand: ObjectIdentifier
    var reduced: [Bool]
    var ddof: Double

    /// `nil` for a node that is no reduction.
    init?(_ node: Expression) {
      guard case .reduced(let inner, let reduction) = node.kind else { return nil }
      operand = ObjectIdentifier(inner)
      reduced = reduction.reduced
      ddof = reduction.ddof
    }
  }

  init(options: StreamingOptions, communicator: Communicator) {
    self.options = options
    self.communicator = communicator
  }

  /// The expressions without such parts. Collective when there are any.
  mutating func callAsFunction(_ expressions: [Expression]) throws(StoreError) -> [Expression] {
    while true {
      var ready: [Expression] = []
      var known: [ObjectIdentifier: Bool] = [:]
      for expression in expressions { _ = collect(expression, &ready, &known) }
      if ready.isEmpty { break }
      try reduceTogether(ready)
      for node in ready where replaced[ObjectIdentifier(node)] == nil {
        replaced[ObjectIdentifier(node)] = try collected(node)
      }
    }
    var results: [Expression] = []
    for expression in expressions { results.append(try rebuilt(expression)) }
    return results
  }

  /// The elements of an expression without reductions, as a dataset.
  static func dataset(_ expression: Expression, name: String = "expression") throws(StoreError) -> any ChunkedDataset {
    switch expression.kind {
    case .stored(let dataset): dataset
    case .assembled: try AssembledDataset(expression, name: name)
    case .masked(let masked): try MaskedDataset(masked, name: name)
    case .picked(let picked): try PickedDataset(picked, name: name)
    case .patched(let patched): try PatchedDataset(patched, name: name)
    case .spread(let spread): try SpreadDataset(spread, name: name)
    case .applied, .view, .reduced: try ExpressionDataset(expression, name: name)
    }
  }

  /// Finds nodes that need a pass not yet made and whose operands need no other.
  ///
  /// - Parameter known: For nodes seen before, whether they need no pass.
  /// - Returns: Whether the node needs no pass.
  private func collect(
    _ node: Expression, _ ready: inout [Expression], _ known: inout [ObjectIdentifier: Bool]
  ) -> Bool {
    if replaced[ObjectIdentifier(node)] != nil { return true }
    if let isFree = known[ObjectIdentifier(node)] { return isFree }
    var isFree = true
    for operand in node.kind.operands where !collect(operand, &ready, &known) { isFree = false }
    if node.needsPass {
      if isFree { ready.append(node) }
      isFree = false
    }
    known[ObjectIdentifier(node)] = isFree
    return isFree
  }

  /// Makes reductions, in one pass for each array and choice of axes.
  private mutating func reduceTogether(_ ready: [Expression]) throws(StoreError) {
    var order: [Pass] = []
    var groups: [Pass: [Expression]] = [:]
    for node in ready {
      guard let pass = Pass(node) else { continue }
      if groups[pass] == nil { order.append(pass) }
      groups[pass, default: []].append(node)
    }
    for pass in order {
      guard let group = groups[pass], case .reduced(let inner, _)? = group.first?.kind else { continue }
      let source = try Self.dataset(rebuilt(inner))
      var statistics: Set<Statistic> = []
      for case .reduced(_, let reduction) in group.map(\.kind) { statistics.insert(reduction.statistic) }
      let axes = pass.reduced.indices.filter { pass.reduced[$0] }
      let result = try reduce(
        ReductionRequest(statistics, axes: axes, ddof: pass.ddof), over: source, options: options,
        communicator: communicator
      ).result
      for node in group {
        guard case .reduced(_, let reduction) = node.kind else { continue }
        let array = try result.array(reduction.statistic)
        let memory = try MemoryDataset(
          shape: array.shape, dtype: array.dtype, bytes: array.bytes, name: reduction.statistic.name)
        replaced[ObjectIdentifier(node)] = Expression(memory)
      }
    }
  }

  /// A node with all below it replaced that needed a pass.
  private mutating func rebuilt(_ node: Expression) throws(StoreError) -> Expression {
    try node.replacing(&replaced) { node throws(StoreError) in
      guard node.needsPass else { return nil }
      throw StoreError(.internalFault, "a part of the expression was needed before it was made")
    }
  }

  /// What stands in for a node that lists pick or assign elements of.
  private mutating func collected(_ node: Expression) throws(StoreError) -> Expression {
    switch node.kind {
    case .picked(let picked):
      let own = PickedArray(try rebuilt(picked.array), picked.points)
      let dataset = try PickedDataset(own, isSorting: true, name: "picked elements")
      let dense = try gathered(dataset, options: options, communicator: communicator)
      return Expression(try dense.scattered(to: dataset.order ?? [], name: "picked elements"))
    case .patched(let patched):
      let array = try rebuilt(patched.array)
      guard let pending = patched.pending.first else { return node }
      let values = try Self.dataset(try rebuilt(pending), name: "assigned elements")
      let dense = try gathered(values, options: options, communicator: communicator)
      return Expression(
        shape: node.shape, dtype: node.dtype,
        .patched(PatchedArray(array, patched.view, patched.points, .elements(dense))))
    default: throw StoreError(.internalFault, "a statistic was not made with the others")
    }
  }
}

extension Expression {
  /// Whether it is made, or what it needs is made, in a pass before that of what uses it.
  var needsPass: Bool {
    switch kind {
    case .reduced: true
    case .picked:
      PickedArray.isCollected(
        count: shape[0], rowByteCount: shape.dropFirst().reduce(dtype.byteCount, saturatingProduct))
    case .patched(let patched): !patched.pending.isEmpty
    case .stored, .applied, .view, .assembled, .masked, .spread: false
    }
  }
}
