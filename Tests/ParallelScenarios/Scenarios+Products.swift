// Products of matrices on any number of ranks: the bits of one rank, also by way of scratch files, which vanish.

import DAStore
import DistArray
import Foundation
import MessagePassing

let productScenarios: [Scenario] = [
  Scenario(name: "matrix-products", run: matrixProducts)
]

private let products = [
  "a @ b", "sum((a @ b) @ (b.T @ a.T), axis=0)", "(a.astype('f4') @ b.astype('f4')).T", "c @ b[:60]",
  "b[:, 0] @ b", "a @ b[:, 1]", "sum(tensordot(c, b[:7], axes=([0], [0])), axis=0)", "vdot(b, b)",
  "a.astype('i2') @ b.astype('i1')",
  "(a > 0) @ (b > 1)", "b[:9].T @ b[:9] - mean(a @ b)",
]

private func matrixProducts(_ world: Communicator, _ arguments: [String]) throws {
  let directory = try argument(0, of: arguments)
  func source(_ shape: [Int], _ chunkShape: [Int], _ seed: Int) throws -> MemoryDataset {
    let values = (0..<shape.reduce(1, *)).map { (place: Int) -> Double in
      Double((place * 7919 + seed) % 1009) / 3 - 160
    }
    return try MemoryDataset(values, shape: shape, chunkShape: chunkShape)
  }
  let sources = [
    "a": try source([300, 540], [64, 100], 1), "b": try source([540, 290], [100, 290], 2),
    "c": try source([7, 40, 60], [2, 40, 33], 3),
  ]
  let alone = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 64 << 20))
  let large = try Context(communicator: world, memory: MemoryBudget(byteCount: 64 << 20))
  // Too small for the largest product in memory.
  let small = try Context(communicator: world, memory: MemoryBudget(byteCount: 20 << 20))
  small.options.scratchDirectory = directory + "/"
  for formula in products {
    let own = try FormulaEvaluation.array(formula, sources.mapValues { alone.array($0) }, in: alone)
    let expected = try alone.evaluate(own)
    for context in [large, small] {
      let array = try FormulaEvaluation.array(formula, sources.mapValues { context.array($0) }, in: context)
      let found = try context.evaluate(array)
      try requireEqual(found.shape, expected.shape, "shape of \(formula)")
      try require(found.bytes == expected.bytes, "\(formula): other bits than on one rank")
    }
  }
  let left = try FileManager.default.contentsOfDirectory(atPath: directory)
  try requireEqual(left, [], "scratch files")
}
