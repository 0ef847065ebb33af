// Expressions on several ranks: the same bits as on one, and an error in one chunk is everybody's.

import DAStore
import DATestSupport
import DistArray
import MessagePassing

let expressionScenarios: [Scenario] = [
  Scenario(name: "expressions", run: sameBits),
  Scenario(name: "expression-failures", run: sameFailures),
  Scenario(name: "expressions-together", run: sameBitsTogether),
]

/// What is computed from a (13 × 9), b (9), c (13 × 1) and d (300).
private let formulas = [
  "a * b + c", "(a - mean(a, axis=0)) / std(a, axis=0)", "a[::-2, 1:7] ** 2 - c[::2]", "(a.T + b[:, None])[..., 3:11]",
  "where(a > mean(a), a, 0) + sum(b) * c", "a - max(a, axis=1, keepdims=True)", "sqrt(abs(a)) * sin(b) / (1 + exp(-c))",
  "mean((a - mean(a)) ** 2, axis=0)", "sum(a * b)", "argmax(a, axis=1)", "a[4:4] + b", "a.astype('f4')[5] < 3",
  "any(a > 60, axis=0)", "prod(a / 40)", "prod(a, axis=0)", "nanmean(where(a > 0, a, nan), axis=1)",
  "nanstd(where(a > 0, a, nan))", "nanvar(where(d > 0, d, nan), ddof=1)", "nanargmin(where(d > 0, d, nan))",
  "nanmax(where(a < 0, a, nan), axis=0)", "mean(a, axis=0, where=a > -60)", "std(d, where=d > 0)", "cumsum(a, axis=0)",
  "cumsum(a)", "cumsum(d)", "cumprod(d / 40)", "cumsum(d)[::-7] - mean(cumsum(d))", "norm(a, axis=1)",
  "isclose(a, b, atol=9)", "histogram(a, 5)", "bincount((d + 80).astype('i8'))",
]

private func arrays(_ context: Context) throws -> [String: DistArray] {
  var random = SeededRandom(seed: 7)
  let numbers = (0..<13 * 9).map { _ in Double.random(in: -80...80, using: &random) }
  return [
    "a": context.array(try MemoryDataset(numbers, shape: [13, 9], chunkShape: [3, 4])),
    "b": context.array(try MemoryDataset(Array(numbers[..<9]), chunkShape: [2])),
    "c": context.array(try MemoryDataset(Array(numbers[50..<63]), shape: [13, 1], chunkShape: [5, 1])),
    "d": context.array(try MemoryDataset((0..<300).map { numbers[$0 * 7 % 117] }, chunkShape: [5])),
  ]
}

private func sameBits(_ world: Communicator, _ arguments: [String]) throws {
  let folder = try argument(0, of: arguments)
  let alone = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 8 << 20))
  for workerCount in [0, 2] {
    let together = try Context(communicator: world, memory: MemoryBudget(byteCount: 4 << 20))
    together.options.workerCount = workerCount
    for (number, formula) in formulas.enumerated() {
      let expected = try alone.evaluate(FormulaEvaluation.array(formula, arrays(alone), in: alone))
      let array = try FormulaEvaluation.array(formula, arrays(together), in: together)
      try requireEqual(together.evaluate(array), expected, formula)
      for name in workerCount == 0 ? ["dnpy", "npy"] : [] {
        let path = "\(folder)/\(number).\(name)"
        try array.write(to: path)
        try requireEqual(together.evaluate(together.open(path)), expected, "\(formula) in a .\(name)")
      }
    }
  }
}

private func sameBitsTogether(_ world: Communicator, _ arguments: [String]) throws {
  let folder = try argument(0, of: arguments)
  let alone = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 8 << 20))
  let expected = try formulas.map { try alone.evaluate(FormulaEvaluation.array($0, arrays(alone), in: alone)) }
  for (workerCount, byteCount) in [(0, 4 << 20), (2, 4 << 20), (0, 1 << 20)] {
    let together = try Context(communicator: world, memory: MemoryBudget(byteCount: byteCount))
    together.options.workerCount = workerCount
    let sources = try arrays(together)
    let asked = try formulas.map { try FormulaEvaluation.array($0, sources, in: together) }
    let files = asked.enumerated().map { number, array in
      array.file("\(folder)/\(number).\(number % 5 == 4 ? "npy" : "dnpy")", overwrite: true)
    }
    let found = try together.evaluate(asked, writing: files)
    for (number, formula) in formulas.enumerated() {
      try requireEqual(found[number], expected[number], formula)
      let path = "\(folder)/\(number).\(number % 5 == 4 ? "npy" : "dnpy")"
      try requireEqual(together.evaluate(together.open(path)), expected[number], "\(formula) in a file")
    }
    let passes = try together.explain(asked, writing: files).passes
    try require(passes.count < asked.count + files.count, "\(passes.count) passes")
  }
}

private func sameFailures(_ world: Communicator, _ arguments: [String]) throws {
  let folder = try argument(0, of: arguments)
  let context = try Context(communicator: world, memory: MemoryBudget(byteCount: 4 << 20))
  // One exponent is negative; its chunk belongs to one rank.
  for place in [0, 17, 39] {
    var exponents = Array(repeating: 2, count: 40)
    exponents[place] = -1
    let x = context.array(try MemoryDataset(exponents.map { Int64($0) }, chunkShape: [4]))
    let wrong = 3 ** x
    for (what, body) in [
      ("a .dnpy", { try wrong.write(to: "\(folder)/x.dnpy") }), ("a .npy", { try wrong.write(to: "\(folder)/x.npy") }),
      ("all elements", { _ = try context.evaluate(wrong) }), ("a statistic", { _ = try context.evaluate(wrong.sum()) }),
      ("a statistic inside", { try (x - wrong.mean()).write(to: "\(folder)/x.npy") }),
      (
        "one of several",
        {
          _ = try context.evaluate(
            [x.sum(), wrong.max()], writing: [x.file("\(folder)/y.dnpy"), wrong.file("\(folder)/z.dnpy")])
        }
      ),
    ] as [(String, () throws -> Void)] {
      try requireFailure("the element at (\(place),)", over: world, what, body)
    }
  }
}

/// Fails unless all ranks throw the same `.invalidArgument`, which names the place.
private func requireFailure(
  _ place: String, over world: Communicator, _ what: String, _ body: () throws -> Void
) throws {
  do {
    try body()
  } catch let error as StoreError {
    try requireEqual(error.code, .invalidArgument, what)
    try require(error.message.contains("negative integer powers"), "\(what): \(error)")
    try require(error.message.contains(place), "\(what), \(place): \(error)")
    let own = Array(error.description.utf8)
    var first = Array(repeating: UInt8(0), count: try world.broadcast(own.count, from: 0))
    if world.rank == 0 { first = own }
    try world.broadcast(&first, from: 0)
    try requireEqual(String(decoding: first, as: UTF8.self), error.description, what)
    return
  }
  throw ScenarioFailure("\(what): no error")
}
