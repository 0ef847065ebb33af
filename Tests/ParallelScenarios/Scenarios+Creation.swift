// Computed arrays on several ranks: the elements of one rank, in whole, in part, in sums and in files.

import DAStore
import DATestSupport
import DistArray
import MessagePassing

let creationScenarios: [Scenario] = [
  Scenario(name: "creation") { world, _ in try sameElements(world) },
  Scenario(name: "creation-seeds") { world, _ in try sameSeeds(world) },
]

/// One array of every kind. None fits a chunk of its elements' natural grid by accident: 300 000 elements are several.
private func kinds(_ context: Context) -> [(name: String, array: DistArray)] {
  let random = context.random(seed: 20_261_121).stream(3)
  let shape = [3, 500, 20]
  return [
    ("random", random.random([300_000])), ("normal", random.normal(shape, mean: 1, deviation: 2)),
    ("uniform", random.uniform(shape, from: -1, to: 1)), ("exponential", random.exponential(shape)),
    ("poisson", random.poisson([40, 30], mean: 12)), ("beta", random.beta([40, 30], a: 0.5, b: 2)),
    ("integers", random.integers(shape, from: -5, to: 100, dtype: .int16)), ("permutation", random.permutation(5000)),
    ("choice", random.choice(7, [0, 3])), ("zeros", context.zeros([])), ("ones", context.ones(shape, dtype: .uint8)),
    ("arange", context.arange(0.5, 1000.0, 0.25)), ("linspace", context.linspace(1, 2, count: 1001)),
    ("eye", context.eye(60, 80, diagonal: -3)), ("function", context.fromFunction([50, 40]) { Int32($0[0] * $0[1]) }),
  ]
}

private func sameElements(_ world: Communicator) throws {
  let budget = try MemoryBudget(byteCount: 16 << 20)
  let (serial, parallel) = (
    try Context(communicator: .serial, memory: budget), try Context(communicator: world, memory: budget)
  )
  let folder = try ScratchFolder(world)
  for (one, several) in zip(kinds(serial), kinds(parallel)) {
    let whole = try serial.evaluate(one.array)
    try requireEqual(try parallel.evaluate(several.array), whole, one.name)
    let sums = try (serial.evaluate((one.array * 3).sum()), parallel.evaluate((several.array * 3).sum()))
    try requireEqual(sums.1, sums.0, "sum of \(one.name)")
    guard one.array.dimensionCount > 0 else { continue }
    let parts = try (serial.evaluate(one.array[.stride(by: -3)]), parallel.evaluate(several.array[.stride(by: -3)]))
    try requireEqual(parts.1, parts.0, "part of \(one.name)")
    // Stored in chunks that have nothing to do with those in which it is computed.
    let path = "\(folder.path)/\(one.name).dnpy"
    try several.array.write(to: path, chunks: several.array.shape.map { max(1, $0 / 3 + 1) })
    try requireEqual(try parallel.evaluate(parallel.open(path)), whole, "stored \(one.name)")
  }
  try folder.remove()
}

private func sameSeeds(_ world: Communicator) throws {
  let context = try Context(communicator: world, memory: MemoryBudget(byteCount: 16 << 20))
  let (_, seed) = try context.random()
  var seeds = [UInt64(truncatingIfNeeded: seed), UInt64(truncatingIfNeeded: seed >> 64)]
  let own = seeds
  try world.broadcast(&seeds, from: 0)
  try requireEqual(own, seeds, "seed of rank \(world.rank)")
}
