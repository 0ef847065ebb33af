// Users' functions of blocks on any number of ranks: the same elements, and the same error on all.

import DAStore
import DistArray
import MessagePassing

let functionScenarios: [Scenario] = [
  Scenario(name: "block-functions", run: blockFunctions),
  Scenario(name: "failing-functions", run: failingFunctions),
]

private func volume() throws -> MemoryDataset {
  let values = (0..<1680).map { (place: Int) -> Double in Double((place * 37) % 101) - 40 }
  return try MemoryDataset(values, shape: [20, 14, 6], chunkShape: [3, 5, 6])
}

private func smoothed(_ x: DistArray) -> DistArray {
  let near = x.mapOverlap(depth: [2, 1, 0], boundary: [.periodic, .reflect, .nearest], chunks: [4, 7, 6]) {
    (block: Block<Double>, result: ResultBlock<Double>) in
    for i in 0..<block.shape[0] {
      for j in 0..<block.shape[1] {
        for k in 0..<block.shape[2] {
          let first = block[i - 2, j, k] + block[i + 2, j, k]
          let second = block[i, j - 1, k] + block[i, j + 1, k]
          result[i, j, k] = (first + second) / 3
        }
      }
    }
  }
  let distance = vectorize { (x: Double, y: Double) in (x - y) * (x - y) }
  return distance(near, x.mean(axis: 0)).mapBlocks(dropping: [2]) {
    (block: Block<Double>, result: ResultBlock<Double>) in
    for i in 0..<block.shape[0] {
      for j in 0..<block.shape[1] {
        for k in 0..<block.shape[2] { result[i, j] += block[i, j, k] }
      }
    }
  }
}

private func blockFunctions(_ world: Communicator, _ arguments: [String]) throws {
  let path = "\(try argument(0, of: arguments))/smoothed.dnpy"
  let alone = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 4 << 20))
  let together = try Context(communicator: world, memory: MemoryBudget(byteCount: 4 << 20))
  together.options.workerCount = 2
  let expected = try alone.evaluate(smoothed(alone.array(volume())))
  let array = smoothed(together.array(try volume()))
  try array.write(to: path)
  try requireEqual(together.evaluate(together.open(path)).bytes, expected.bytes, "stored elements")
  try requireEqual(together.evaluate(array).bytes, expected.bytes, "elements in memory")
  let sums = try (alone.evaluate(smoothed(alone.array(volume())).sum()), together.evaluate(array.sum()))
  try requireEqual(sums.1.bytes, sums.0.bytes, "the sum")
}

private struct Refusal: Error {}

private func failingFunctions(_ world: Communicator, _ arguments: [String]) throws {
  let context = try Context(communicator: world, memory: MemoryBudget(byteCount: 4 << 20))
  // One block on one rank fails; every rank hears of it, and the target does not appear.
  let array = context.array(try volume()).mapBlocks { (block: Block<Double>, result: ResultBlock<Double>) in
    if block.region.lower == [9, 5, 0] { throw Refusal() }
  }
  let path = "\(try argument(0, of: arguments))/failed.dnpy"
  for attempt in 0..<2 {
    do {
      if attempt == 0 { try array.write(to: path) } else { _ = try context.evaluate(array.sum()) }
      throw ScenarioFailure("the function's error was lost")
    } catch let error as StoreError {
      try requireEqual(error.code, .functionFailed, "code")
      try require(error.message.contains("the function failed for chunk 10, [9:12, 5:10, 0:6]: Refusal()"), "\(error)")
    }
  }
  do {
    _ = try context.open(path)
    throw ScenarioFailure("a target of a failed pass")
  } catch let error as StoreError { try requireEqual(error.code, .notFound, "code of a missing target") }
}
