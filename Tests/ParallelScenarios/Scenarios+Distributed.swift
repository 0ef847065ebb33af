// Arrays in the memory of several ranks: dealt out from files and formulas, changed, written, and lazy again.

import DAStore
import DATestSupport
import DistArray
import MessagePassing

let distributedScenarios: [Scenario] = [
  Scenario(name: "distributed-arrays") { world, _ in try dealtOut(world) },
  Scenario(name: "distributed-writing") { world, _ in try written(world) },
  Scenario(name: "distributed-failures") { world, _ in try failures(world) },
]

private func context(_ world: Communicator, _ byteCount: Int = 8 << 20) throws -> Context {
  try Context(communicator: world, memory: MemoryBudget(byteCount: byteCount))
}

private func dealtOut(_ world: Communicator) throws {
  let context = try context(world)
  let folder = try ScratchFolder(world)
  for shape in [[], [0], [23], [7, 5], [4, 3, 5]] {
    let count = shape.reduce(1, *)
    let lazy = context.array(
      try MemoryDataset(
        (0..<count).map { Int32($0) }, shape: shape, chunkShape: shape.map { max(1, $0 / 2) }))
    let path = "\(folder.path)/\(count)-\(shape.count).dnpy"
    try (lazy * 3).write(to: path, chunks: shape.map { max(1, $0 / 3) })
    let stored = try context.open(path)
    for (number, distribution) in try distributions(shape, over: world.size).enumerated() {
      let what = "\(distribution)"
      try requireElements(lazy.distribute(as: distribution), what) { Int32($0) }
      let array = try (stored + lazy).distribute(as: distribution)
      try requireElements(array, what) { Int32($0 * 4) }
      try requireEqual(array.localBlock == nil, !distribution.targets.contains(world.rank), what)
      let made = try context.fromFunction(as: distribution) { Int32(4 * elementNumber($0, in: shape)) }
      try requireElements(made, what) { Int32($0 * 4) }
      guard count > 0, number % 3 == shape.count % 3 else { continue }
      try requireEqual(array.toArray().values(as: Int32.self), (0..<count).map { Int32($0 * 4) }, what)
      let last = shape.map { _ in -1 }
      try requireEqual(array.value(at: last, as: Int32.self), Int32((count - 1) * 4), what)
      try array.setElement(at: last, to: ElementValue(Int32(-1)))
      try requireEqual(array.value(at: shape.map { $0 - 1 }, as: Int32.self), -1, what)
      try made.apply(as: Int32.self) { _, elements in for place in elements.indices { elements[place] /= 4 } }
      try requireElements(made, what) { Int32($0) }
      if made.localBlock != nil {
        let shared = try made.protocolArray()
        try requireEqual(shared.buffer.shape, made.localBlock?.shape ?? [], what)
      }
    }
  }
  try requireEqual(context.heldByteCount, 0, "memory that nobody needs")
  try folder.remove()
}

private func written(_ world: Communicator) throws {
  let folder = try ScratchFolder(world)
  var turn = 0
  for shape in [[], [0], [61], [13, 11], [5, 4, 6]] {
    let count = shape.reduce(1, *)
    for (number, distribution) in try distributions(shape, over: world.size).enumerated()
    where (number + shape.count) % 3 == 0 {
      turn += 1
      let context = try context(world, turn % 2 == 0 ? 1 << 20 : 8 << 20)
      let array = try context.fromFunction(as: distribution) { Double(elementNumber($0, in: shape)) }
      let expected = (0..<count).map(Double.init)
      let path = folder.path + (turn % 3 == 0 ? "/x.npy" : "/x.dnpy")
      try array.write(to: path, chunks: shape.map { max(1, $0 / 4 + 1) }, overwrite: true)
      try requireEqual(
        context.evaluate(context.open(path)).values(as: Double.self), expected, "\(path) of \(distribution)")
      try requireEqual(context.evaluate(array.array() * 1).values(as: Double.self), expected, "\(distribution)")
    }
  }
  // Where all elements do not fit, the lazy array is in a file, which nobody sees.
  let small = try context(world)
  small.scratchDirectory = folder.path
  let large = try small.arange(1 << 19).distribute(as: Distribution(shape: [1 << 19], rankCount: world.size))
  let before = try folder.contents()
  let lazy = try large.array()
  try world.barrier()
  try requireEqual(folder.contents(), before, "scratch files")
  try requireEqual(small.evaluate(lazy.sum()).values(as: Int64.self), [(1 << 37) - (1 << 18)], "sum")
  let refused = try requireSameFailure(world, "all elements") { _ = try large.toArray() }
  try requireEqual(refused.code, .memory, "all elements")
  let exists = try requireSameFailure(world, "a file that exists") { try large.write(to: "\(folder.path)/x.dnpy") }
  try requireEqual(exists.code, .alreadyExists, "a file that exists")
  try folder.remove()
}

private func failures(_ world: Communicator) throws {
  struct Unexpected: Error {}
  let context = try context(world)
  let failing = world.size - 1
  let rows = try Distribution(shape: [12, 4], rankCount: world.size)
  let array = try context.fromFunction(as: rows) { Double(elementNumber($0, in: [12, 4])) }
  let thrown = try requireSameFailure(world, "a user's function") {
    try array.apply(as: Double.self) { block, _ in if block.rank == failing { throw Unexpected() } }
  }
  try require(thrown.message.contains("Unexpected"), "\(thrown)")
  let short = try requireSameFailure(world, "a short block") {
    let count = (array.localBlock?.elementCount ?? 0) - (world.rank == failing ? 1 : 0)
    _ = try context.fromLocalBlocks(as: rows, [Double](repeating: 0, count: count))
  }
  try requireEqual(short.code, .invalidArgument, "a short block")
  // An element that cannot be computed, in one chunk.
  var exponents = [Int64](repeating: 2, count: 48)
  exponents[47] = -1
  let wrong = 3 ** context.array(try MemoryDataset(exponents, shape: [12, 4], chunkShape: [1, 4]))
  let computed = try requireSameFailure(world, "a formula") { _ = try wrong.distribute(as: rows) }
  try require(computed.message.contains("negative integer powers"), "\(computed)")
  // Budgets that differ: the smallest counts.
  let uneven = try Context(
    communicator: world, memory: MemoryBudget(byteCount: world.rank == failing ? 10_000 : 1 << 20))
  let memory = try requireSameFailure(world, "too little memory") {
    _ = try uneven.zeros(as: Distribution(shape: [2000 * world.size], rankCount: world.size))
  }
  try require(memory.message.contains("raise --memory to 16384"), "\(memory)")
  try requireElements(array, "after all failures") { Double($0) }
}

/// Fails unless all ranks throw the same `StoreError`; gives it.
@discardableResult
func requireSameFailure(
  _ world: Communicator, _ what: String, _ body: () throws -> Void
) throws -> StoreError {
  do {
    try body()
  } catch let error as StoreError {
    let texts = try world.allGather(Array(error.message.utf8))
    try requireEqual(Set(texts).count, 1, what)
    return error
  }
  throw ScenarioFailure("\(what): no error")
}
