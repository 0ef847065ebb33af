// What DistArray's tests show of its arrays, on arrays in memory of every kind of distribution: creation, files, views
// of another type, reductions, random numbers. Elements, slices and functions: Scenarios+Elements.

import DAStore
import DATestSupport
import DistArray
import MessagePassing

let behaviourScenarios: [Scenario] = [
  Scenario(name: "behaviours-assignment") { world, _ in try assignment(world) },
  Scenario(name: "behaviours-creation") { world, _ in try creation(world) },
  Scenario(name: "behaviours-elements") { world, _ in try elements(world) },
  Scenario(name: "behaviours-files") { world, _ in try files(world) },
  Scenario(name: "behaviours-functions") { world, _ in try functions(world) },
  Scenario(name: "behaviours-random") { world, _ in try randomArrays(world) },
  Scenario(name: "behaviours-reductions") { world, _ in try reductions(world) },
  Scenario(name: "behaviours-slices") { world, _ in try slices(world) },
  Scenario(name: "behaviours-views") { world, _ in try views(world) },
]

func behaviourContext(_ world: Communicator) throws -> Context {
  try Context(communicator: world, memory: MemoryBudget(byteCount: 16 << 20))
}

/// Zeros, ones and functions of the index; subsets of the ranks; grids that are given.
private func creation(_ world: Communicator) throws {
  let context = try behaviourContext(world)
  for shape in [[16, 16], []] {
    for distribution in try distributions(shape, over: world.size) {
      let zeros = try context.zeros(as: distribution)
      try requireEqual(zeros.dtype, .float64, "type without one asked for")
      try requireElements(zeros, "zeros") { _ in 0.0 }
      try requireElements(try context.full(as: distribution, ElementValue(1.0)), "ones") { _ in 1.0 }
      let same = context.full(shape, 42.0)
      try requireElements(same.distribute(as: distribution), "42") { _ in 42.0 }
    }
  }
  for distribution in try distributions([7, 9], over: world.size) {
    let sums = try context.fromFunction(as: distribution) { Int64($0[0] + $0[1]) }
    try requireElements(sums, "i + j") { Int64($0 / 9 + $0 % 9) }
  }
  let depth = try Distribution(
    shape: [4, 4, 4], distributions: [.block, .undistributed, .block], gridShape: [1, 1, world.size],
    rankCount: world.size)
  try requireEqual(try context.zeros(as: depth).distribution.gridShape, [1, 1, world.size], "a grid that was given")
  let targets = Array(stride(from: 0, to: world.size, by: 2))
  let subset = try context.zeros(as: Distribution(shape: [40], targets: targets))
  let partCount = try world.allReduce(subset.localBlock == nil ? 0 : 1, .sum)
  try requireEqual(partCount, targets.count, "parts of a subset")
  try requireEqual(subset.localBlock == nil, world.rank % 2 == 1, "rank \(world.rank)")
}

/// Loads of one `.npy` file as `bn`, `nc` and `nu` on two ranks, and saves of arrays that are dealt out, read back.
private func files(_ world: Communicator) throws {
  let context = try behaviourContext(world)
  let folder = try ScratchFolder(world)
  try context.arange(20).reshaped(to: [2, 10]).write(to: "\(folder.path)/x.npy")
  let source = try context.open("\(folder.path)/x.npy")
  let columns = [[0, 3, 4, 6, 8], [1, 2, 5, 7, 9]]
  let loads: [([AxisDistribution], [[Int64]])] = [
    ([.block, .undistributed], [Array(0..<10), Array(10..<20)]),
    (
      [.undistributed, .cyclic(blockSize: 1)],
      [[0, 2, 4, 6, 8, 10, 12, 14, 16, 18], [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]]
    ),
    ([.undistributed, .unstructured(columns)], columns.map { list in (list + list.map { $0 + 10 }).map(Int64.init) }),
  ]
  for (kinds, parts) in loads where world.size > 1 {
    let array = try source.distribute(as: Distribution(shape: [2, 10], distributions: kinds, targets: [0, 1]))
    let own = try array.withLocalBlock(as: Int64.self) { _, elements in elements.indices.map { elements[$0] } }
    try requireEqual(own, world.rank < 2 ? parts[world.rank] : nil, "\(kinds)")
    for row in 0..<2 {
      for column in 0..<10 {
        try requireEqual(array.value(at: [row, column], as: Int64.self), Int64(row * 10 + column), "\(kinds)")
      }
    }
  }
  for shape in [[51], [11, 15], [33], [4, 5, 3]] {
    let numbers = context.random(seed: 5).random(shape)
    let expected = try context.evaluate(numbers)
    for (number, distribution) in try distributions(shape, over: world.size).enumerated() {
      let path = "\(folder.path)/\(shape.count)-\(shape[0])-\(number)." + (number % 2 == 0 ? "npy" : "dnpy")
      try numbers.distribute(as: distribution).write(to: path)
      try requireEqual(try context.evaluate(context.open(path)), expected, "\(distribution)")
    }
  }
  // Two arrays side by side; what is there stays unless it may be replaced.
  try numbered(context, 3).write(to: "\(folder.path)/foo.dnpy")
  try numbered(context, 4).write(to: "\(folder.path)/bar.dnpy")
  let kept = try requireSameFailure(world, "a file that exists") {
    try numbered(context, 5).write(to: "\(folder.path)/foo.dnpy")
  }
  try requireEqual(kept.code, .alreadyExists, "a file that exists")
  try numbered(context, 6).write(to: "\(folder.path)/bar.dnpy", overwrite: true)
  for (name, count) in [("foo", 3), ("bar", 6)] {
    let values = try context.evaluate(context.open("\(folder.path)/\(name).dnpy")).values(as: Int64.self)
    try requireEqual(values, (0..<count).map(Int64.init), name)
  }
  try folder.remove()
}

private func numbered(_ context: Context, _ count: Int) throws -> DistributedArray {
  try context.fromFunction(as: Distribution(shape: [count], rankCount: context.communicator.size)) { Int64($0[0]) }
}

/// Bytes as elements of another type: shared, so that what is written to one array is seen in the other.
private func views(_ world: Communicator) throws {
  let context = try behaviourContext(world)
  var count = 0
  for distribution in try distributions([6, 8], over: world.size) {
    let same = try context.fromFunction(as: distribution) { Float(elementNumber($0, in: [6, 8])) }
    let bits = try same.viewed(as: .int32)
    try requireEqual(bits.distribution, distribution, "a view of as large elements")
    try requireElements(bits, "bits") { Int32(bitPattern: Float($0).bitPattern) }
    try bits.setElement(at: [1, 2], to: ElementValue(Int32(bitPattern: Float(-7).bitPattern)))
    try requireEqual(same.value(at: [1, 2], as: Float.self), -7, "written through the view")
    let numbers = try context.fromFunction(as: distribution) { Int32(elementNumber($0, in: [6, 8]) * 65537) }
    let halves = try numbers.viewed(as: .int16)
    try requireEqual(halves.shape, [6, 16], "shape of halves")
    try requireElements(halves, "halves of \(distribution)") { Int16($0 / 2) }
    try halves.setElement(at: [5, 15], to: ElementValue(Int16(-1)))
    try requireEqual(
      numbers.value(at: [5, 7], as: Int32.self), (47 * 65537 & 0xffff) - 65536, "the upper half written")
    // Elements twice as large are whole where borders between ranks are even.
    if let pairs = try? numbers.distribution.viewed(from: .int32, as: .int64) {
      count += 1
      try requireEqual(try numbers.viewed(as: .int64).distribution, pairs, "pairs")
    } else {
      let torn = try requireSameFailure(world, "torn elements") { _ = try numbers.viewed(as: .int64) }
      try requireEqual(torn.code, .invalidArgument, "torn elements")
    }
    // The lazy array has no borders.
    let pairs = try context.evaluate(numbers.array().viewed(as: .int64)[0, 1])
    try requireEqual(pairs.values(as: Int64.self), [2 * 65537 + (3 * 65537) << 32], "pairs of the lazy array")
  }
  try require(count > 0, "no distribution kept pairs together")
  let rows = try Distribution(shape: [4, 5], rankCount: world.size)
  try requireEqual(
    requireSameFailure(world, "an odd row") { _ = try context.zeros(as: rows, dtype: .int32).viewed(as: .int64) }.code,
    .invalidArgument, "an odd row")
  if world.size == 4 {
    let odd = try Distribution(shape: [30], distributions: [.bounds([0, 3, 12, 21, 30])], rankCount: 4)
    let torn = try requireSameFailure(world, "odd bounds") {
      _ = try context.zeros(as: odd, dtype: .int16).viewed(as: .int32)
    }
    try require(torn.message.contains("3 elements of 2 bytes"), torn.message)
  }
  let scalar = try context.zeros(as: Distribution(shape: [], rankCount: world.size))
  try requireSameFailure(world, "no axes") { _ = try scalar.viewed(as: .int32) }
  try requireEqual(try scalar.viewed(as: .int64).value(at: [], as: Int64.self), 0, "no axes, the same size")
}

/// The sums, means, spreads and extremes of 0 … 15 as 4 × 4, however it is dealt out.
private func reductions(_ world: Communicator) throws {
  let context = try behaviourContext(world)
  func requireAll(_ answers: [(array: DistArray, expected: [Double])], _ what: String) throws {
    let found = try context.evaluate(answers.map { $0.array.astype(.float64) })
    try requireEqual(found.map { $0.values(as: Double.self) }, answers.map(\.expected), what)
  }
  func require(_ array: DistArray, _ expected: [Double], _ what: String) throws {
    try requireAll([(array, expected)], what)
  }
  let root = 4.6097722286464435
  for distribution in try distributions([4, 4], over: world.size) {
    let what = "\(distribution)"
    let square = try context.fromFunction(as: distribution) { Int64($0[0] * 4 + $0[1]) }.array()
    let twice = square.sum(axis: 0).sum(axis: 0)
    let sums = try context.evaluate([
      square.sum(), square.sum(axis: 0), square.sum(axis: -1), square.sum(axis: [0, 1]), twice,
    ])
    let expected: [[Int64]] = [[120], [24, 28, 32, 36], [6, 22, 38, 54], [120], [120]]
    try requireEqual(sums.map { $0.values(as: Int64.self) }, expected, what)
    try requireEqual(sums.map(\.shape), [[], [4], [4], [], []], what)
    try requireAll(
      [
        (square.mean(), [7.5]),
        (square.mean(axis: 0), [6, 7, 8, 9]),
        (square.mean(axis: 1), [1.5, 5.5, 9.5, 13.5]),
        (square.mean(axis: 0, dtype: .int64), [6, 7, 8, 9]),
        (square.variance(), [21.25]),
        (square.variance(axis: 0), [20, 20, 20, 20]),
        (square.variance(axis: 1), [1.25, 1.25, 1.25, 1.25]),
        (square.variance(dtype: .int64), [21]),
        (square.standardDeviation(), [root]),
        (square.standardDeviation(axis: 0), Array(repeating: 4.47213595499958, count: 4)),
        (square.standardDeviation(axis: 1), Array(repeating: 1.118033988749895, count: 4)),
        (square.standardDeviation(dtype: .int64), [4]),
        (square.min(), [0]),
        (square.min(axis: 1), [0, 4, 8, 12]),
        (square.max(), [15]),
        (square.max(axis: 1), [3, 7, 11, 15]),
      ], what)
    let mask = try (square > 3).distribute(as: distribution).array()
    try requireAll(
      [
        (mask.min(), [0]), (mask.max(), [1]), (mask.sum(), [12]), (mask.mean(), [0.75]), (mask.variance(), [0.1875]),
        (mask.standardDeviation(), [0.4330127018922193]),
      ], "a mask, \(what)")
  }
  for distribution in try distributions([9, 9], over: world.size) {
    try require(context.arange(81).reshaped(to: [9, 9]).distribute(as: distribution).array().sum(), [3240], "9 × 9")
  }
  let deal = try Distribution(
    shape: [10, 20, 30, 40], distributions: Array(repeating: .cyclic(blockSize: 1), count: 4), rankCount: world.size)
  let threes = try context.full(as: deal, ElementValue(Float(3))).array()
  for axis in 0..<4 { try require(threes.sum(axis: axis).sum(), [720_000], "threes over axis \(axis)") }
  // Ranks without elements add nothing.
  let few = try context.full(as: Distribution(shape: [14], rankCount: world.size), ElementValue(1.0))
  try require(few.array().variance(), [0], "ones")
  let single = try context.full(
    as: Distribution(
      shape: [1], distributions: [.cyclic(blockSize: 1)], gridShape: [world.size], rankCount: world.size),
    ElementValue(5.0))
  try require(single.array().max(), [5], "one element on several ranks")
}

/// The same seed gives the same array, none gives another each time, and no two rows are alike.
private func randomArrays(_ world: Communicator) throws {
  let context = try behaviourContext(world)
  let shape = [2 * world.size, 8]
  func rows(_ array: DistributedArray) throws -> [[Double]] {
    let values = try array.toArray().values(as: Double.self) ?? []
    return (0..<shape[0]).map { Array(values[$0 * 8..<$0 * 8 + 8]) }
  }
  for distribution in try distributions(shape, over: world.size) {
    func made(_ random: RandomArrays) throws -> [[[Double]]] {
      try [random.random(shape), random.normal(shape), random.integers(shape, from: 0, to: 1 << 30).astype(.float64)]
        .map { try rows($0.distribute(as: distribution)) }
    }
    let (first, again) = (try made(context.random(seed: 42)), try made(context.random(seed: 42)))
    try requireEqual(first, again, "the same seed, \(distribution)")
    for kind in first { try requireEqual(Set(kind).count, shape[0], "rows of \(distribution)") }
    let (one, other) = (try made(context.random().arrays), try made(context.random().arrays))
    for (kind, otherKind) in zip(one, other) { try require(kind != otherKind, "two calls without a seed") }
  }
}
