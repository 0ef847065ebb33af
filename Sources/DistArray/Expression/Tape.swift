// Expressions as a list of steps over tiles: compiled once, run for every chunk. Pure.

import DAStore

/// The steps that make the elements of one or several expressions from those of datasets.
///
/// All operations are applied to a tile of a few thousand elements before the next tile is touched, so that an
/// expression of any size costs one pass over memory. Subexpressions that occur twice are steps once, in whichever of the
/// expressions they occur.
struct Tape: Sendable {
  /// A dataset's elements under a view; what a region needs of it is gathered before the steps run.
  struct Source: Sendable {
    var dataset: any ChunkedDataset
    var view: AffineView
    var dtype: DType { dataset.description.dtype }
    /// Whether its elements follow from their indices, so that nothing is gathered.
    var isComputed: Bool { dataset is ComputedDataset }
    /// Whether it shows the same element everywhere.
    var isSingle: Bool { view.axes.allSatisfy { if case .fixed = $0 { true } else { false } } }
  }

  /// Where a step finds an operand.
  enum Place: Sendable, Hashable {
    case source(Int)
    case number(Int)
    case register(Int)
  }

  struct Step: Sendable {
    var loop: UfuncLoop
    var inputs: [Place]
    /// Registers, one per result.
    var outputs: [Int]
    /// Whether it depends on single elements only, wherever the block lies: it runs once per block then.
    var isSingle: Bool
  }

  private(set) var sources: [Source] = []
  private(set) var numbers: [ElementValue] = []
  private(set) var steps: [Step] = []
  /// Per expression, where its elements are found.
  private(set) var results: [Place] = []
  private(set) var registerCount = 0
  /// Bytes of the largest element that a register holds.
  private(set) var registerElementByteCount = 1
  let shape: [Int]
  /// Per expression.
  let dtypes: [DType]

  /// Most steps, and most sources: parts of parts of one array, used in many ways, multiply.
  static let maximumStepCount = 1 << 14

  /// Compiles expressions of one shape, without reductions.
  ///
  /// - Precondition: At least one.
  /// - Throws: `.invalidArgument` for more steps than a tape may have; `.internalFault` for a reduction that was not
  ///   made before.
  /// - Complexity: O(nodes).
  init(_ expressions: [Expression]) throws(StoreError) {
    precondition(expressions.allSatisfy { $0.shape == expressions[0].shape }, "expressions of one shape")
    shape = expressions[0].shape
    dtypes = expressions.map(\.dtype)
    var compiler = Compiler()
    for expression in expressions {
      results.append(try compiler.place(of: expression, seen: AffineView(identity: shape)))
    }
    sources = compiler.sources
    numbers = compiler.numbers
    steps = compiler.steps
    shareRegisters()
  }

  init(_ expression: Expression) throws(StoreError) { try self.init([expression]) }

  private struct Compiler {
    struct Key: Hashable {
      var node: ObjectIdentifier
      var view: AffineView
    }
    var sources: [Source] = []
    var numbers: [ElementValue] = []
    var steps: [Step] = []
    /// Per register, whether it holds a single element.
    private var singles: [Bool] = []
    private var sourcePlaces: [Key: Place] = [:]
    private var results: [Key: [Place]] = [:]
    /// Datasets of nodes that no map of indices expresses.
    private var gathered: [ObjectIdentifier: any ChunkedDataset] = [:]

    private func checkRoom() throws(StoreError) {
      guard max(steps.count, sources.count) < Tape.maximumStepCount else {
        throw StoreError(
          .invalidArgument,
          "more than \(Tape.maximumStepCount) steps for each element; store or evaluate a part of the expression and go "
            + "on from there"
        )
      }
    }

    /// Where the elements of `node`, seen through `view`, are found.
    mutating func place(of node: Expression, seen view: AffineView) throws(StoreError) -> Place {
      switch node.kind {
      case .stored(let dataset):
        return try source(dataset, view)
      case .assembled, .retyped, .masked, .mapped, .cumulated, .picked, .patched, .spread:
        let known = gathered[ObjectIdentifier(node)]
        let dataset = if let known { known } else { try Materialisation.dataset(node) }
        gathered[ObjectIdentifier(node)] = dataset
        return try source(dataset, view)
      case .view(let inner, let innerView):
        return try place(of: inner, seen: innerView.seen(through: view))
      case .applied(let application, let result):
        let key = Key(node: ObjectIdentifier(application), view: view)
        if let known = results[key] { return known[result] }
        var inputs: [Place] = []
        for (input, scalar) in zip(application.inputs, application.loop.scalars) {
          if let input {
            let broadcast = AffineView(broadcasting: input.shape, to: application.shape)
            inputs.append(try place(of: input, seen: broadcast.seen(through: view)))
          } else if let scalar {
            inputs.append(number(scalar))
          } else {
            throw StoreError(
              .internalFault, "'\(application.loop.name)' has an operand that is neither array nor number")
          }
        }
        try checkRoom()
        let isSingle = inputs.allSatisfy(isSingle)
        let outputs = application.loop.outputTypes.indices.map { singles.count + $0 }
        singles += outputs.map { _ in isSingle }
        steps.append(Step(loop: application.loop, inputs: inputs, outputs: outputs, isSingle: isSingle))
        let places = outputs.map { Place.register($0) }
        results[key] = places
        return places[result]
      case .reduced, .product, .rechunked:
        throw StoreError(.internalFault, "a part of an expression that is made before it was not")
      }
    }

    private mutating func source(_ dataset: any ChunkedDataset, _ view: AffineView) throws(StoreError) -> Place {
      let key = Key(node: ObjectIdentifier(dataset), view: view)
      if let known = sourcePlaces[key] { return known }
      try checkRoom()
      sources.append(Source(dataset: dataset, view: view))
      sourcePlaces[key] = .source(sources.count - 1)
      return .source(sources.count - 1)
    }

    private func isSingle(_ place: Place) -> Bool {
      switch place {
      case .number: true
      case .source(let source): sources[source].isSingle
      case .register(let register): singles[register]
      }
    }

    private mutating func number(_ value: ElementValue) -> Place {
      if let known = numbers.firstIndex(of: value) { return .number(known) }
      numbers.append(value)
      return .number(numbers.count - 1)
    }
  }

  /// Lets results whose last use has passed make room for later ones; single elements stay for all tiles, and what an
  /// expression gives stands alone, because it is written where it belongs.
  private mutating func shareRegisters() {
    var lastUse: [Int: Int] = [:]
    for (index, step) in steps.enumerated() {
      for output in step.outputs { lastUse[output] = step.isSingle ? steps.count : index }
      for case .register(let register) in step.inputs { lastUse[register] = max(lastUse[register] ?? index, index) }
    }
    var given: Set<Int> = []
    for case .register(let register) in results {
      given.insert(register)
      lastUse[register] = steps.count
    }
    var assigned: [Int: Int] = [:]
    var free: [Int] = []
    for index in steps.indices {
      for position in steps[index].outputs.indices {
        let output = steps[index].outputs[position]
        // Single elements are made before all tiles, so that no other step may ever write where they are.
        let isAlone = steps[index].isSingle || given.contains(output)
        let register = isAlone ? registerCount : free.popLast() ?? registerCount
        registerCount = max(registerCount, register + 1)
        assigned[output] = register
        registerElementByteCount = max(registerElementByteCount, steps[index].loop.outputTypes[position].byteCount)
      }
      let used = Set(
        steps[index].inputs.compactMap { place -> Int? in
          if case .register(let register) = place { register } else { nil }
        }
      ).union(steps[index].outputs)
      for virtual in used.sorted() where lastUse[virtual] == index {
        if let register = assigned[virtual] { free.append(register) }
      }
      steps[index].inputs = steps[index].inputs.map { place in
        if case .register(let register) = place { .register(assigned[register] ?? register) } else { place }
      }
      steps[index].outputs = steps[index].outputs.map { assigned[$0] ?? $0 }
    }
    results = results.map { place in
      if case .register(let register) = place { .register(assigned[register] ?? register) } else { place }
    }
  }
}
