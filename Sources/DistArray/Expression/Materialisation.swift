// Reductions inside expressions: each is made in a pass of its own before what uses it, those over the same array together.

import DAStore
import MessagePassing

/// Replaces the reductions of expressions by their results, innermost first.
struct Materialisation {
  let options: StreamingOptions
  let communicator: Communicator
  /// What was replaced, by node.
  private var replaced: [ObjectIdentifier: Expression] = [:]
  /// Keeps nodes alive whose identities are keys.
  private var nodes: [Expression] = []
  /// Datasets of expressions that were reduced, by node.
  private var datasets: [ObjectIdentifier: any ChunkedDataset] = [:]
  private(set) var passCount = 0

  init(options: StreamingOptions, communicator: Communicator) {
    self.options = options
    self.communicator = communicator
  }

  /// The expressions without reductions. Collective when there are any.
  mutating func callAsFunction(_ expressions: [Expression]) throws(StoreError) -> [Expression] {
    while true {
      var ready: [Expression] = []
      var visited: Set<ObjectIdentifier> = []
      for expression in expressions { collect(expression, &ready, &visited) }
      if ready.isEmpty { break }
      try reduceTogether(ready)
    }
    var results: [Expression] = []
    for expression in expressions { results.append(try rebuilt(expression)) }
    return results
  }

  /// The elements of an expression without reductions, as a dataset.
  func dataset(_ expression: Expression) throws(StoreError) -> any ChunkedDataset {
    if case .stored(let dataset) = expression.kind { return dataset }
    return try ExpressionDataset(expression, name: "expression")
  }

  /// Reductions not yet made whose operand needs no other reduction.
  private func collect(_ node: Expression, _ ready: inout [Expression], _ visited: inout Set<ObjectIdentifier>) {
    guard visited.insert(ObjectIdentifier(node)).inserted, replaced[ObjectIdentifier(node)] == nil else { return }
    let before = ready.count
    for operand in node.operands { collect(operand, &ready, &visited) }
    if case .reduced(let inner, _) = node.kind, ready.count == before, isFree(inner) { ready.append(node) }
  }

  /// Whether all reductions below a node have been made.
  private func isFree(_ node: Expression) -> Bool {
    if replaced[ObjectIdentifier(node)] != nil { return true }
    if case .reduced = node.kind { return false }
    return node.operands.allSatisfy(isFree)
  }

  /// Makes reductions, in one pass for each array and choice of axes.
  private mutating func reduceTogether(_ ready: [Expression]) throws(StoreError) {
    struct Pass: Hashable {
      var operand: ObjectIdentifier
      var reduced: [Bool]
      var ddof: Double
    }
    var order: [Pass] = []
    var groups: [Pass: [Expression]] = [:]
    for node in ready {
      guard case .reduced(let inner, let reduction) = node.kind else { continue }
      let pass = Pass(operand: ObjectIdentifier(inner), reduced: reduction.reduced, ddof: reduction.ddof)
      if groups[pass] == nil { order.append(pass) }
      groups[pass, default: []].append(node)
    }
    for pass in order {
      guard let group = groups[pass], case .reduced(let inner, _)? = group.first?.kind else { continue }
      let source = try dataset(rebuilt(inner))
      var statistics: Set<Statistic> = []
      for case .reduced(_, let reduction) in group.map(\.kind) { statistics.insert(reduction.statistic) }
      let axes = pass.reduced.indices.filter { pass.reduced[$0] }
      let result = try reduce(
        ReductionRequest(statistics, axes: axes, ddof: pass.ddof), over: source, options: options,
        communicator: communicator
      ).result
      passCount += 1
      for node in group {
        guard case .reduced(_, let reduction) = node.kind else { continue }
        let array = try result.array(reduction.statistic)
        let memory = try MemoryDataset(shape: array.shape, dtype: array.dtype, bytes: array.bytes, name: reduction.statistic.name)
        replaced[ObjectIdentifier(node)] = Expression(memory)
        nodes.append(node)
      }
    }
  }

  /// A node with all reductions below it replaced; shared nodes stay shared.
  private mutating func rebuilt(_ node: Expression) throws(StoreError) -> Expression {
    if let known = replaced[ObjectIdentifier(node)] { return known }
    let result: Expression
    switch node.kind {
    case .stored: return node
    case .view(let inner, let view):
      let own = try rebuilt(inner)
      result = own === inner ? node : own.viewed(view)
    case .applied(let application, let index):
      var inputs: [Expression?] = []
      var isSame = true
      for input in application.inputs {
        let own = try input.map { input throws(StoreError) in try rebuilt(input) }
        isSame = isSame && own === input
        inputs.append(own)
      }
      result =
        isSame
        ? node
        : Expression(
          shape: node.shape, dtype: node.dtype,
          .applied(Application(application.loop, inputs, shape: application.shape), result: index))
    case .reduced:
      throw StoreError(.internalFault, "a statistic was needed before it was made")
    }
    replaced[ObjectIdentifier(node)] = result
    nodes.append(node)
    return result
  }
}

extension Expression {
  /// The nodes that this one is made from.
  var operands: [Expression] {
    switch kind {
    case .stored: []
    case .view(let inner, _), .reduced(let inner, _): [inner]
    case .applied(let application, _): application.inputs.compactMap { $0 }
    }
  }
}
