// Lazy arrays that are joined, reshaped and masked, written by any number of ranks: what one rank writes, all write.

import DAStore
import DistArray
import MessagePassing

let assemblyScenarios: [Scenario] = [
  Scenario(name: "assembled-arrays", run: assembledArrays),
  Scenario(name: "rechunked-arrays", run: rechunkedArrays),
]

private let formulas = [
  "roll(concatenate((x, y * 2), axis=0), 5, axis=0)", "pad(x, (2, 3), mode='reflect').T.reshape(-1)",
  "concatenate((x[x > mean(x)], y.ravel()))", "stack((x, x - mean(x, axis=0)), axis=1)[:, :, [3, 0, 7]]",
]

private func assembledArrays(_ world: Communicator, _ arguments: [String]) throws {
  let directory = try argument(0, of: arguments)
  func source(_ shape: [Int], _ chunkShape: [Int]) throws -> MemoryDataset {
    let values = (0..<shape.reduce(1, *)).map { Double(($0 * 37) % 101) - 40 }
    return try MemoryDataset(values, shape: shape, chunkShape: chunkShape)
  }
  let sources = ["x": try source([40, 18], [7, 5]), "y": try source([23, 18], [10, 18])]
  let alone = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 4 << 20))
  let together = try Context(communicator: world, memory: MemoryBudget(byteCount: 4 << 20))
  for (number, formula) in formulas.enumerated() {
    let path = "\(directory)/\(number).dnpy"
    let array = try FormulaEvaluation.array(formula, sources.mapValues { together.array($0) }, in: together)
    try array.write(to: path)
    let own = try FormulaEvaluation.array(formula, sources.mapValues { alone.array($0) }, in: alone)
    let expected = try alone.evaluate(own)
    let stored = try together.evaluate(together.open(path))
    try requireEqual(stored.shape, expected.shape, "shape of \(formula)")
    try requireEqual(stored.bytes, expected.bytes, "elements of \(formula)")
    try requireEqual(together.evaluate(array).bytes, expected.bytes, "elements of \(formula), in memory")
  }
}

/// Stretches that cut across bands of chunks, with little memory and with much: the same bits on any number of ranks.
private func rechunkedArrays(_ world: Communicator, _ arguments: [String]) throws {
  let directory = try argument(0, of: arguments)
  let values = (0..<160 * 16_000).map { Double($0 * 7919 % 1013) / 3 }
  let source = try MemoryDataset(values, shape: [160, 16_000], chunkShape: [80, 800])
  func results(_ communicator: Communicator, _ byteCount: Int) throws -> [DenseArray] {
    let context = try Context(communicator: communicator, memory: MemoryBudget(byteCount: byteCount))
    context.options.scratchDirectory = directory + "/"
    let x = context.array(source)
    let formulas = ["sum(x.ravel() * 1.5)", "sum(x[x > 200])", "sum(x[x > 200] + 1)", "x.ravel()[::9973]"]
    return try context.evaluate(formulas.map { try FormulaEvaluation.array($0, ["x": x], in: context) })
  }
  let expected = try results(.serial, 1 << 30)
  for byteCount in [48 << 20, 1 << 30] {
    for (own, other) in zip(try results(world, byteCount), expected) {
      try requireEqual(own.bytes, other.bytes, "elements with \(byteCount) bytes")
    }
  }
  let picked = stride(from: 0, to: values.count, by: 9973).map { values[$0] }
  try requireEqual(expected[3].values(as: Double.self) ?? [], picked, "elements of the flattened array")
}
