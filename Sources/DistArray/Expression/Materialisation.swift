// Reductions inside expressions: each is made before what uses it, those over the same array together.

import DAStore
import MessagePassing

/// Replaces the reductions of expressions by their results, innermost first.
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

  /// The expressions without reductions. Collective when there are any.
  mutating func callAsFunction(_ expressions: [Expression]) throws(StoreError) -> [Expression] {
    while true {
      var ready: [Expression] = []
      var known: [ObjectIdentifier: Bool] = [:]
      for expression in expressions { _ = collect(expression, &ready, &known) }
      if ready.isEmpty { break }
      try reduceTogether(ready)
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
    case .applied, .view, .reduced: try ExpressionDataset(expression, name: name)
    }
  }

  /// Finds reductions not yet made whose operand needs no other reduction.
  ///
  /// - Parameter known: For nodes seen before, whether they need no reduction.
  /// - Returns: Whether the node needs no reduction.
  private func collect(
    _ node: Expression, _ ready: inout [Expression], _ known: inout [ObjectIdentifier: Bool]
  ) -> Bool {
    if replaced[ObjectIdentifier(node)] != nil { return true }
    if let isFree = known[ObjectIdentifier(node)] { return isFree }
    var isFree = true
    for operand in node.kind.operands where !collect(operand, &ready, &known) { isFree = false }
    if case .reduced = node.kind {
      if isFree { ready.append(node) }
      isFree = false
    }
    known[ObjectIdentifier(node)] = isFree
    return isFree
  }

  /// Makes reductions, those of one array in as few passes as the budget allows.
  private mutating func reduceTogether(_ ready: [Expression]) throws(StoreError) {
    var order: [ObjectIdentifier] = []
    var groups: [ObjectIdentifier: [Pass: [Expression]]] = [:]
    for node in ready {
      guard let pass = Pass(node) else { continue }
      if groups[pass.operand] == nil { order.append(pass.operand) }
      groups[pass.operand, default: [:]][pass, default: []].append(node)
    }
    for operand in order {
      guard let group = groups[operand], case .reduced(let inner, _)? = group.first?.value.first?.kind else { continue }
      let passes = ready.compactMap(Pass.init).filter { $0.operand == operand }.unique
      var requests: [ReductionRequest] = []
      for pass in passes {
        var statistics: Set<Statistic> = []
        for case .reduced(_, let reduction) in (group[pass] ?? []).map(\.kind) {
          statistics.insert(reduction.statistic)
        }
        let axes = pass.reduced.indices.filter { pass.reduced[$0] }
        requests.append(ReductionRequest(statistics, axes: axes, ddof: pass.ddof))
      }
      let source = try Self.dataset(rebuilt(inner))
      let results = try reduce(requests, over: source, options: options, communicator: communicator).results
      for (pass, result) in zip(passes, results) {
        for node in group[pass] ?? [] {
          guard case .reduced(_, let reduction) = node.kind else { continue }
          let array = try result.array(reduction.statistic)
          let memory = try MemoryDataset(
            shape: array.shape, dtype: array.dtype, bytes: array.bytes, name: reduction.statistic.name)
          replaced[ObjectIdentifier(node)] = Expression(memory)
        }
      }
    }
  }

  /// A node with all reductions below it replaced.
  private mutating func rebuilt(_ node: Expression) throws(StoreError) -> Expression {
    try node.replacing(&replaced) { node throws(StoreError) in
      guard case .reduced = node.kind else { return nil }
      throw StoreError(.internalFault, "a statistic was needed before it was made")
    }
  }
}

extension Expression {
  /// The node with others in place of some below it; shared nodes stay shared, and results of one application too.
  ///
  /// - Parameters:
  ///   - replaced: What is known already, and what comes to be known.
  ///   - body: What stands in for a node, `nil` for the node itself made from its new operands.
  func replacing(
    _ replaced: inout [ObjectIdentifier: Expression], _ body: (Expression) throws(StoreError) -> Expression?
  ) throws(StoreError) -> Expression {
    var applications: [ObjectIdentifier: Application] = [:]
    return try replacing(&replaced, &applications, body)
  }

  private func replacing(
    _ replaced: inout [ObjectIdentifier: Expression], _ applications: inout [ObjectIdentifier: Application],
    _ body: (Expression) throws(StoreError) -> Expression?
  ) throws(StoreError) -> Expression {
    if let known = replaced[ObjectIdentifier(self)] { return known }
    let result: Expression
    if let other = try body(self) {
      result = other
    } else {
      switch kind {
      case .stored: return self
      case .view(let inner, let view):
        let own = try inner.replacing(&replaced, &applications, body)
        result = own === inner ? self : Expression(shape: shape, dtype: dtype, .view(own, view))
      case .reduced(let inner, let reduction):
        let own = try inner.replacing(&replaced, &applications, body)
        result = own === inner ? self : Expression(shape: shape, dtype: dtype, .reduced(own, reduction))
      case .assembled(let assembly):
        var parts: [Expression] = []
        for part in assembly.parts { parts.append(try part.replacing(&replaced, &applications, body)) }
        let isSame = zip(parts, assembly.parts).allSatisfy { $0 === $1 }
        result = isSame ? self : Expression(shape: shape, dtype: dtype, .assembled(Assembly(parts, assembly.layout)))
      case .masked(let masked):
        let array = try masked.array.replacing(&replaced, &applications, body)
        let mask = try masked.mask.replacing(&replaced, &applications, body)
        let isSame = array === masked.array && mask === masked.mask
        result =
          isSame ? self : Expression(shape: shape, dtype: dtype, .masked(MaskedArray(array, mask, masked.counts)))
      case .applied(let application, let index):
        var own = applications[ObjectIdentifier(application)]
        if own == nil {
          var inputs: [Expression?] = []
          for input in application.inputs {
            inputs.append(
              try input.map { input throws(StoreError) in try input.replacing(&replaced, &applications, body) })
          }
          let isSame = zip(inputs, application.inputs).allSatisfy { $0 === $1 }
          own = isSame ? application : Application(application.loop, inputs, shape: application.shape)
          applications[ObjectIdentifier(application)] = own
        }
        guard let own else { return self }
        result = own === application ? self : Expression(shape: shape, dtype: dtype, .applied(own, result: index))
      }
    }
    replaced[ObjectIdentifier(self)] = result
    return result
  }
}

extension Array where Element: Hashable {
  /// The elements without repetitions, each where it comes first.
  var unique: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
