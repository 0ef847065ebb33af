// Arrays in memory that change their distribution: every kind to every kind, other ranks, other shapes, in few bytes and
// through the disk.

import DAStore
import DATestSupport
import DistArray
import MessagePassing

let redistributionScenarios: [Scenario] = [
  Scenario(name: "redistribution") { world, _ in try everyPair(world) },
  Scenario(name: "redistribution-failures") { world, _ in try failuresMidway(world) },
  Scenario(name: "redistribution-reshapes") { world, _ in try reshapes(world) },
  Scenario(name: "redistribution-rounds") { world, _ in try manyRounds(world) },
  Scenario(name: "redistribution-through-disk") { world, _ in try throughDisk(world) },
]

private func context(_ world: Communicator, _ byteCount: Int = 8 << 20) throws -> Context {
  try Context(communicator: world, memory: MemoryBudget(byteCount: byteCount))
}

private func numbered(_ context: Context, _ distribution: Distribution) throws -> DistributedArray {
  let shape = distribution.shape
  return try context.fromFunction(as: distribution) { Double(elementNumber($0, in: shape)) }
}

private func everyPair(_ world: Communicator) throws {
  let context = try context(world)
  for shape in [[11], [5, 7]] {
    let all = try distributions(shape, over: world.size)
    for source in all {
      let array = try numbered(context, source)
      for target in all {
        try requireElements(array.distribute(as: target), "\(source) to \(target)") { Double($0) }
      }
      try requireElements(array, "\(source), afterwards") { Double($0) }
    }
  }
  // Round all distributions, in place.
  for shape in [[], [0], [1], [2], [3, 1], [4, 0], [2, 3, 4]] {
    let all = try distributions(shape, over: world.size)
    let array = try numbered(context, all[0])
    for target in all + all.reversed() {
      try array.redistribute(as: target)
      try requireEqual(array.distribution, target, "distribution")
      try requireElements(array, "\(target)") { Double($0) }
    }
  }
  // Elements of every size.
  let all = try distributions([6, 5], over: world.size)
  for (source, target) in zip(all, all.reversed()) {
    func check<E: Element>(_ value: @escaping (Int) -> E) throws {
      let array = try context.fromFunction(as: source) { value(elementNumber($0, in: [6, 5])) }
      try requireElements(array.distribute(as: target), "\(E.dtype.name)", value)
    }
    try check { UInt8($0) }
    try check { StoredBool($0 % 3 == 0) }
    try check { Int16($0 - 7) }
    try check { Float($0) / 3 }
    try check { StoredComplex(Double($0), -Double($0)) }
  }
  try requireEqual(context.heldByteCount, 0, "memory that nobody needs")
}

/// The cases of DistArray's tests, and their like for other kinds.
private func reshapes(_ world: Communicator) throws {
  let context = try context(world)
  let ranks = Array(0..<world.size)
  let halves = (Array(ranks.prefix((world.size + 1) / 2)), Array(ranks.suffix((world.size + 1) / 2)))
  func dealt(_ shape: [Int], _ letters: String, _ targets: [Int]) throws -> Distribution {
    try Distribution(shape: shape, distributions: AxisDistribution.list(parsing: letters), targets: targets)
  }
  var cases: [(Distribution, Distribution)] = []
  for (from, to) in [
    (ranks, ranks), (halves.0, halves.0), (halves.0, ranks), (ranks, halves.1), (halves.0, halves.1),
  ] {
    cases.append((try dealt([40], "b", from), try dealt([5, 8], "bn", to)))
    cases.append((try dealt([40], "c", from), try dealt([5, 8], "nb", to)))
    cases.append((try dealt([40], "c3", from), try dealt([40], "b", to)))
    cases.append((try dealt([3, 5, 2], "bn", from), try dealt([6, 5], "nc", to)))
    cases.append((try dealt([13, 17, 19], "nbn", from), try dealt([13, 323], "cn", to)))
    cases.append((try dealt([1, 40], "n,c2", from), try dealt([40, 1, 1], "b", to)))
    cases.append((try dealt([3, 0], "b", from), try dealt([0, 7], "nb", to)))
  }
  if world.size == 4 {
    let grid = try Distribution(
      shape: [7, 13], distributions: AxisDistribution.list(parsing: "bb"), gridShape: [2, 2], targets: ranks)
    let bounds = try Distribution(
      axes: [.block(bounds: [0, 2, 7]), .block(bounds: [0, 4, 13])], ranks: [3, 1, 0, 2])
    cases.append((grid, bounds))
    let lists = try AxisMap.unstructured(size: 91, indices: [(0..<50).reversed(), [], Array(60..<91), Array(50..<60)])
    cases.append((grid, try Distribution(axes: [lists], ranks: ranks)))
  }
  for (source, target) in cases {
    for (from, to) in [(source, target), (target, source)] {
      let array = try numbered(context, from)
      try requireElements(array.distribute(as: to), "\(from) to \(to)") { Double($0) }
      try array.redistribute(as: to)
      try requireElements(array, "\(from) to \(to) in place") { Double($0) }
    }
  }
  let array = try numbered(context, dealt([10], "b", ranks))
  for shape in [[9], [3, 4], [3, 4000]] {
    let error = try requireSameFailure(world, "\(shape)") { _ = try array.distribute(as: dealt(shape, "b", ranks)) }
    try requireEqual(error.code, .invalidArgument, "\(shape)")
  }
  // A formula of another shape is dealt out as it would be reshaped.
  let lazy = context.arange(0.0, 40.0).reshaped(to: [8, 5])
  try requireElements(lazy.distribute(as: dealt([5, 8], "bb", [0])), "a lazy array") { Double($0) }
}

private func manyRounds(_ world: Communicator) throws {
  // Messages of at most 24 bytes, all in all, and single bytes between two ranks.
  let narrow = try world.duplicate(messageLimit: MessageLimit(byteCount: 24))
  let context = try context(narrow)
  for shape in [[17], [4, 6]] {
    let all = try distributions(shape, over: world.size)
    for (source, target) in zip(all, all.dropFirst() + all.prefix(1)) {
      let array = try numbered(context, source)
      let plan = try array.plan(distributingAs: target)
      let most = all.indices.map { _ in plan.roundByteCount }.max() ?? 0
      try require(most <= 24, "rounds of \(most) bytes")
      try require(plan.movedByteCount <= plan.rounds.count * 24 * world.size, "\(plan.rounds.count) rounds")
      try requireElements(array.distribute(as: target), "\(source) to \(target)") { Double($0) }
      try requireEqual(
        array.toArray().values(as: Double.self), (0..<shape.reduce(1, *)).map(Double.init), "all of \(source)")
    }
  }
  try narrow.free()
}

/// Budgets with which two parts of 2 MiB do not fit and do fit, with rounds that are short.
private let budgets = (throughDisk: 3584 << 10, inMemory: 4352 << 10)

/// Parts of 2 MiB on every rank, and another distribution.
private func largeArray(_ world: Communicator) throws -> (Context, DistributedArray, Distribution) {
  let context = try context(world)
  let count = (1 << 18) * world.size
  let array = try context.arange(0.0, Double(count)).distribute(as: Distribution(shape: [count], rankCount: world.size))
  context.options.budget = try MemoryBudget(byteCount: budgets.throughDisk)
  let target = try Distribution(
    shape: [count], distributions: AxisDistribution.list(parsing: "c"), rankCount: world.size)
  return (context, array, target)
}

private func requireCount(_ array: DistributedArray, _ what: String) throws {
  _ = try array.withLocalBlock(as: Double.self) { block, elements in
    for place in elements.indices where elements[place] != Double(block.globalIndex(place, axis: 0)) {
      throw ScenarioFailure("\(what): element \(place) is \(elements[place])")
    }
  }
}

private func throughDisk(_ world: Communicator) throws {
  let folder = try ScratchFolder(world)
  let (context, array, target) = try largeArray(world)
  context.scratchDirectory = folder.path
  let refused = try requireSameFailure(world, "both parts") { _ = try array.distribute(as: target) }
  try require(refused.message.contains("or use redistribute(as:)"), "\(refused)")
  try requireEqual(array.plan(distributingAs: target, keepsSource: false).way, .throughDisk, "the way")
  let original = array.distribution
  for distribution in [target, original] {
    try array.redistribute(as: distribution)
    try requireEqual(folder.contents(), [], "scratch files")
    try requireCount(array, "\(distribution.axes[0].kind)")
    try require(context.heldByteCount <= 3 << 20, "\(context.heldByteCount) bytes are held")
  }
  try folder.remove()
}

private func failuresMidway(_ world: Communicator) throws {
  let (context, array, target) = try largeArray(world)
  let failing = world.size - 1
  let scratch = context.scratchDirectory
  if world.rank == failing { context.scratchDirectory = "/missing/folder" }
  let error = try requireSameFailure(world, "a folder that is not there") { try array.redistribute(as: target) }
  try requireEqual(error.code, .notFound, "a folder that is not there")
  try requireCount(array, "after a failure")
  context.scratchDirectory = scratch
  guard world.size > 1 else { return }
  // One rank is told to stop in the second round: first through the disk, then in memory.
  for budget in [budgets.throughDisk, budgets.inMemory] {
    context.options.budget = try MemoryBudget(byteCount: budget)
    let plan = try array.plan(distributingAs: target, keepsSource: false)
    try requireEqual(plan.way, budget == budgets.throughDisk ? .throughDisk : .inMemory, "the way")
    try require(plan.rounds.count > 1, "\(plan.rounds.count) rounds")
    let turns = Turns()
    if world.rank == failing { context.options.shouldStop = { turns.next() == 2 } }
    let stopped = try requireSameFailure(world, "an interruption") { try array.redistribute(as: target) }
    try requireEqual(stopped.code, .interrupted, "an interruption")
    context.options.shouldStop = nil
    try requireCount(array, "after an interruption")
  }
  try array.redistribute(as: target)
  try requireCount(array, "at last")
}

/// Counts how often it was asked; by one thread.
private final class Turns: @unchecked Sendable {
  // Sendable: asked by the thread that owns message passing only.
  private var count = 0
  func next() -> Int {
    count += 1
    return count
  }
}
