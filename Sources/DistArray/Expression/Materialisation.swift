// Evaluation, level by level: reductions, products and elements picked by lists before what uses them, and what is asked
// for in as few passes as can be.

import DAStore
import MessagePassing

/// Replaces those parts of expressions that are made beforehand by their results, innermost first, and makes what is asked
/// for on the way.
///
/// What needs no other result makes up a level; each level takes as few passes as its arrays and the budget allow, and one
/// for each product, each copy in other chunks and each list of points.
struct Materialisation {
  let options: StreamingOptions
  let communicator: Communicator
  private(set) var report = StreamingReport()
  /// What was replaced, by node. The nodes live as long as the expressions that were given.
  private var replaced: [ObjectIdentifier: Expression] = [:]

  /// Something that is asked for of an expression.
  struct Output {
    var expression: Expression
    /// The file that it goes to; `nil` for elements on every rank.
    var file: ArrayFile.Target?
  }

  /// Reductions that are made together.
  private struct Key: Hashable {
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

  /// The expressions without parts that are made beforehand. Collective when there are any.
  mutating func callAsFunction(_ expressions: [Expression]) throws(StoreError) -> [Expression] {
    _ = try outputs([], replacing: expressions)
    var results: [Expression] = []
    for expression in expressions { results.append(try rebuilt(expression)) }
    return results
  }

  /// Makes what is asked for; the elements of those outputs that go to no file.
  ///
  /// - Parameter expressions: Further ones whose reductions are made.
  /// - Collective: yes, when there is something to make.
  mutating func outputs(
    _ outputs: [Output], replacing expressions: [Expression] = []
  ) throws(StoreError) -> [DenseArray?] {
    var elements = [DenseArray?](repeating: nil, count: outputs.count)
    var pending = Set(outputs.indices)
    while true {
      if try makeAlone(ready(outputs, pending, expressions)) { continue }
      var level: [PassItem] = []
      for item in try items(outputs, &pending, expressions) {
        // What is in memory already needs no pass.
        if case .elements(let output) = item.use, let memory = item.dataset as? MemoryDataset {
          elements[output] = DenseArray(
            dtype: memory.description.dtype, shape: memory.description.shape, bytes: memory.bytes())
        } else {
          level.append(item)
        }
      }
      if level.isEmpty { return elements }
      let budget = try options.agreedBudget(communicator)
      for pass in try EvaluationPass.passes(level, ranks: communicator.size, budget: budget.byteCount) {
        let run = EvaluationRun(pass: pass, communicator: communicator, options: options, budget: budget)
        let results = try run.results()
        report.add(results.report)
        for (output, array) in results.elements { elements[output] = array }
        try replace(pass, results.statistics)
      }
    }
  }

  /// A pass that is to be made.
  enum PlannedPass {
    case chunks(EvaluationPass)
    /// Of operands that need no other result.
    case product(MatrixProduct)
    /// Elements that every rank keeps for what comes after.
    case kept(any ChunkedDataset)
    /// A copy in other chunks of an array that needs no other result.
    case rechunked(RechunkedArray)
  }

  /// The passes that ``outputs(_:replacing:)`` would make. Touches no data. Local.
  mutating func plan(_ outputs: [Output]) throws(StoreError) -> [PlannedPass] {
    var passes: [PlannedPass] = []
    var pending = Set(outputs.indices)
    while true {
      let alone = ready(outputs, pending, []).filter { !$0.isReduction }
      for node in alone {
        passes.append(try plannedAlone(node))
        replaced[ObjectIdentifier(node)] = try rebuiltPlace(node)
      }
      if !alone.isEmpty { continue }
      let level = try items(outputs, &pending, []).filter { item in
        if case .elements = item.use {
          !(item.dataset is MemoryDataset || item.dataset is PlaceholderDataset)
        } else {
          true
        }
      }
      if level.isEmpty { return passes }
      for pass in try EvaluationPass.passes(level, ranks: communicator.size, budget: options.budget.byteCount) {
        passes.append(.chunks(pass))
      }
      for case .statistics(_, let nodes) in level.map(\.use) {
        for node in nodes { replaced[ObjectIdentifier(node)] = try node.placeholder() }
      }
    }
  }

  /// What stands for a node whose pass is planned, on operands that are planned.
  private mutating func rebuiltPlace(_ node: Expression) throws(StoreError) -> Expression {
    guard case .patched(let patched) = node.kind else { return try node.placeholder() }
    let own = PatchedArray(try rebuilt(patched.array), patched.view, patched.points, patched.values)
    return try Expression(shape: node.shape, dtype: node.dtype, .patched(own)).placeholder()
  }

  private mutating func plannedAlone(_ node: Expression) throws(StoreError) -> PlannedPass {
    switch node.kind {
    case .product(let product):
      .product(MatrixProduct(try rebuilt(product.a), try rebuilt(product.b), product.geometry))
    case .picked(let picked):
      .kept(
        try PickedDataset(
          PickedArray(try rebuilt(picked.array), picked.points), isSorting: true, name: "picked elements"))
    case .patched(let patched) where !patched.pending.isEmpty:
      .kept(try Self.dataset(rebuilt(patched.pending[0]), name: "assigned elements"))
    case .rechunked(let rechunked): .rechunked(rechunked.with(try rebuilt(rechunked.array)))
    default: throw StoreError(.internalFault, "a statistic is made with others")
    }
  }

  /// What is made beforehand and can be made now.
  private func ready(_ outputs: [Output], _ pending: Set<Int>, _ expressions: [Expression]) -> [Expression] {
    var ready: [Expression] = []
    var known: [ObjectIdentifier: Bool] = [:]
    for expression in expressions { _ = collect(expression, &ready, &known) }
    for index in outputs.indices where pending.contains(index) {
      _ = collect(outputs[index].expression, &ready, &known)
    }
    return ready
  }

  /// What can be made now: reductions of arrays, and outputs, that need no other reduction.
  ///
  /// - Parameter pending: Outputs not yet made; those returned are taken away.
  private mutating func items(
    _ outputs: [Output], _ pending: inout Set<Int>, _ expressions: [Expression]
  ) throws(StoreError) -> [PassItem] {
    var ready: [Expression] = []
    var known: [ObjectIdentifier: Bool] = [:]
    for expression in expressions { _ = collect(expression, &ready, &known) }
    var items: [PassItem] = []
    for index in outputs.indices where pending.contains(index) {
      guard collect(outputs[index].expression, &ready, &known) else { continue }
      pending.remove(index)
      let use: PassItem.Use = if let file = outputs[index].file { .file(file) } else { .elements(output: index) }
      items.append(try PassItem(use, rebuilt(outputs[index].expression)))
    }
    var groups: [Key: [Expression]] = [:]
    for node in ready { if let key = Key(node) { groups[key, default: []].append(node) } }
    var statistics: [PassItem] = []
    for key in ready.compactMap(Key.init).unique {
      guard let nodes = groups[key], case .reduced(let inner, _)? = nodes.first?.kind else { continue }
      var wanted: Set<Statistic> = []
      for case .reduced(_, let reduction) in nodes.map(\.kind) { wanted.insert(reduction.statistic) }
      let request = ReductionRequest(
        wanted, axes: key.reduced.indices.filter { key.reduced[$0] }, ddof: key.ddof)
      statistics.append(try PassItem(.statistics(request, nodes: nodes), rebuilt(inner)))
    }
    return statistics + items
  }

  /// Puts the results of a pass in the places of its reductions.
  private mutating func replace(_ pass: EvaluationPass, _ results: [ReductionResult]) throws(StoreError) {
    var next = results.makeIterator()
    for item in pass.items {
      guard case .statistics(_, let nodes) = item.use, let result = next.next() else { continue }
      for node in nodes {
        guard case .reduced(_, let reduction) = node.kind else { continue }
        let array = try result.array(reduction.statistic)
        let memory = try MemoryDataset(
          shape: array.shape, dtype: array.dtype, bytes: array.bytes, name: reduction.statistic.name)
        replaced[ObjectIdentifier(node)] = Expression(memory)
      }
    }
  }

  /// The elements of an expression without reductions, as a dataset.
  static func dataset(_ expression: Expression, name: String = "expression") throws(StoreError) -> any ChunkedDataset {
    switch expression.kind {
    case .stored(let dataset): dataset
    case .assembled: try AssembledDataset(expression, name: name)
    case .retyped(let inner):
      try RetypedDataset(inner, shape: expression.shape, dtype: expression.dtype, name: name)
    case .masked(let masked): try MaskedDataset(masked, name: name)
    case .mapped(let mapped): try MappedDataset(mapped)
    case .picked(let picked): try PickedDataset(picked, name: name)
    case .patched(let patched): try PatchedDataset(patched, name: name)
    case .spread(let spread): try SpreadDataset(spread, name: name)
    case .cumulated(let cumulated): try CumulatedDataset(cumulated, name: name)
    case .applied, .view, .reduced, .product, .rechunked: try ExpressionDataset(expression, name: name)
    }
  }

  /// Finds reductions and products not yet made whose operands need no other.
  ///
  /// - Parameter known: For nodes seen before, whether they need none.
  /// - Returns: Whether the node needs none.
  private func collect(
    _ node: Expression, _ ready: inout [Expression], _ known: inout [ObjectIdentifier: Bool]
  ) -> Bool {
    if replaced[ObjectIdentifier(node)] != nil { return true }
    if let isFree = known[ObjectIdentifier(node)] { return isFree }
    var isFree = true
    for operand in node.kind.operands where !collect(operand, &ready, &known) { isFree = false }
    if node.isMadeBefore {
      if isFree { ready.append(node) }
      isFree = false
    }
    known[ObjectIdentifier(node)] = isFree
    return isFree
  }

  /// Makes those of these nodes that are no reductions, each in a pass of its own; says whether there were any.
  private mutating func makeAlone(_ ready: [Expression]) throws(StoreError) -> Bool {
    let alone = ready.filter { !$0.isReduction }
    for node in alone { replaced[ObjectIdentifier(node)] = try made(node) }
    return !alone.isEmpty
  }

  /// A node with all below it replaced that is made beforehand.
  private mutating func rebuilt(_ node: Expression) throws(StoreError) -> Expression {
    try node.replacing(&replaced) { node throws(StoreError) in
      guard node.isMadeBefore else { return nil }
      throw StoreError(.internalFault, "a part of the expression was needed before it was made")
    }
  }

  /// A product, a copy in other chunks, or what stands in for a node that lists pick or assign elements of.
  private mutating func made(_ node: Expression) throws(StoreError) -> Expression {
    switch node.kind {
    case .product(let product):
      let own = MatrixProduct(try rebuilt(product.a), try rebuilt(product.b), product.geometry)
      return Expression(try ProductRun(own, options: options, communicator: communicator).result())
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
    case .rechunked(let rechunked):
      let own = rechunked.with(try rebuilt(rechunked.array))
      let result = try own.made(options: options, communicator: communicator)
      report.add(result.report)
      return Expression(result.dataset)
    default: throw StoreError(.internalFault, "a statistic was not made with the others")
    }
  }
}

extension Array where Element: Hashable {
  /// The elements without repetitions, each where it comes first.
  var unique: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
