// Reading and assigning parts of arrays on any number of ranks: DistArray's tests of element access; stored updates.

import DAStore
import DistArray
import MessagePassing

let indexingScenarios: [Scenario] = [
  Scenario(name: "element-access", run: elementAccess),
  Scenario(name: "indexed-arrays", run: indexedArrays),
  Scenario(name: "updated-arrays", run: updatedArrays),
]

/// Values in C order beside the array that holds them: every step is made with both.
private struct Pair {
  var array: DistArray
  var values: [Double]
  let context: Context

  init(_ context: Context, _ shape: [Int], chunks: [Int]) throws {
    values = (0..<shape.reduce(1, *)).map(Double.init)
    array = context.array(try MemoryDataset(values, shape: shape, chunkShape: chunks))
    self.context = context
  }

  func check(_ what: String) throws { try check(array, values, what) }

  func check(_ part: DistArray, _ expected: [Double], _ what: String) throws {
    let dense = try context.evaluate(part)
    try requireEqual(dense.values(as: Double.self), expected, what)
  }
}

/// What `behaviour` must refuse with a word of the message.
private func refused(_ word: String, _ what: String, _ behaviour: () throws -> Void) throws {
  do {
    try behaviour()
  } catch let error as StoreError {
    try require(error.message.contains(word), "\(what): \(error.message)")
    return
  }
  throw ScenarioFailure("\(what) was not refused")
}

/// DistArray's tests of element access, slices and writes, with pieces whose borders lie where its processes' would.
private func elementAccess(_ world: Communicator, _ arguments: [String]) throws {
  let context = try Context(communicator: world, memory: MemoryBudget(byteCount: 4 << 20))
  for chunk in [10, 3, 1] {
    var line = try Pair(context, [10], chunks: [chunk])
    for index in -10..<10 { try line.check(line.array[index], [Double((index + 10) % 10)], "element \(index)") }
    for index in [11, -11] {
      try refused("index \(index) is out of bounds for axis 0 with size 10", "reading") {
        try line.array[index].check()
      }
      var copy = line.array
      copy[index] = 1
      try refused("index \(index) is out of bounds for axis 0 with size 10", "writing") { try copy.check() }
    }
    try line.check(line.array[PartialRangeUpTo(9)][0..<5][PartialRangeUpTo(2)], [0, 1], "a slice of slices")
    try line.check(line.array[(-2)...], [8, 9], "the end")
    try line.check(line.array[.stride(by: 2)], [0, 2, 4, 6, 8], "every second")
    try line.check(line.array[.stride(by: -3)], [9, 6, 3, 0], "backwards")
    try line.check(line.array[100...], [], "beyond the end")
    try line.check(line.array[.ellipsis], line.values, "everything")
    line.array[3] = 30
    line.array[-1] = 90
    (line.values[3], line.values[9]) = (30, 90)
    try line.check("elements written")
  }
  var long = try Pair(context, [20], chunks: [5])
  long.array[1..<4] = context.full([3], 1.0)
  long.array[5..<15] = context.full([10], 2.0)
  for place in 1..<4 { long.values[place] = 1 }
  for place in 5..<15 { long.values[place] = 2 }
  try long.check("writes inside and up to borders")
  long.array[.stride(from: 7, to: 17, by: 2)] = 3
  long.array[.stride(from: 16, to: 2, by: -5)] = context.arange(3)
  for place in [7, 9, 11, 13, 15] { long.values[place] = 3 }
  (long.values[16], long.values[11], long.values[6]) = (0, 1, 2)
  try long.check("writes across borders")
  long.array[0..<6] = context.ones([10])
  try refused("from shape (10,) into shape (6,)", "ten into six") { try long.array.check() }

  var plane = try Pair(context, [15, 20], chunks: [4, 7])
  func block(_ rows: some Sequence<Int>, _ columns: some Sequence<Int>) -> [Double] {
    rows.flatMap { row in columns.map { plane.values[row * 20 + $0] } }
  }
  try plane.check(plane.array[2..<6, 3..<10], block(2..<6, 3..<10), "a block")
  try plane.check(plane.array[-6..<(-2), -10..<(-3)], block(9..<13, 10..<17), "a block from the end")
  try plane.check(plane.array[3..<9], block(3..<9, 0..<20), "missing axes")
  try plane.check(plane.array[1], block([1], 0..<20), "a row")
  try plane.check(plane.array[.ellipsis, 2], block(0..<15, [2]), "a column")
  try requireEqual(plane.array[100..., 100...].shape, [0, 0], "shape beyond the end")
  plane.array[.stride(from: 5, to: 10, by: 3), .stride(from: 5, to: 15, by: 2)] = -1
  for row in [5, 8] { for column in [5, 7, 9, 11, 13] { plane.values[row * 20 + column] = -1 } }
  try plane.check("[5:10:3, 5:15:2]")
  plane.array[1] = context.full([20], 4.0)
  plane.array[.all, 2] = 5
  plane.array[2] = try context.array((0..<20).map { Double($0) })
  for column in 0..<20 { plane.values[20 + column] = 4 }
  for row in 0..<15 { plane.values[row * 20 + 2] = 5 }
  for column in 0..<20 { plane.values[40 + column] = Double(column) }
  try plane.check("a row, a column, a list")
  for everything in [[ArrayIndex.slice()], [.otherAxes], [.slice(), .slice()]] {
    plane.array[everything] = plane.array * 2
    plane.values = plane.values.map { $0 * 2 }
    try plane.check("everything")
  }
  var scalar = try Pair(context, [], chunks: [])
  scalar.array[.ellipsis] = 55
  try scalar.check(scalar.array[[ArrayIndex]()], [55], "a[...] = 55")
  scalar.array[[ArrayIndex]()] = context.full([], 99)
  try scalar.check(scalar.array[.ellipsis], [99], "a[()] = 99")
}

private let formulas = [
  "x[i, i[::-1]]", "x[i[:, None], [3, 1]] * 2", "x[x[:, 0] > 0, 3:9]", "x[:, x[0] > 0].T", "argwhere(x > 50)",
  "take(x, [[39, 0], [-1, 7]], axis=0)", "mean(x[i], axis=0)", "sum(x[i, j[:4] % 18]) + x[i, 4]", "diagonal(x, 3)",
  "x[j[:200] % 40, j[200:400] % 18]", "take_along_axis(x, j[:40, None] % 18, 1)", "x[nonzero(x % 7 == 0)[0], 1]",
]

/// Lists, masks and arrays as indices, from one file: what one rank reads, all read.
private func indexedArrays(_ world: Communicator, _ arguments: [String]) throws {
  func source<E: Element>(_ shape: [Int], _ chunkShape: [Int], _ element: (Int) -> E) throws -> MemoryDataset {
    try MemoryDataset((0..<shape.reduce(1, *)).map(element), shape: shape, chunkShape: chunkShape)
  }
  let sources = [
    "x": try source([40, 18], [7, 5]) { Double(($0 * 37) % 101) - 40 },
    "i": try source([4], [3]) { Int64($0 * 11 % 18) },
    "j": try source([400], [60]) { Int32($0 * 7919 % 631) },
  ]
  let alone = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 4 << 20))
  let together = try Context(communicator: world, memory: MemoryBudget(byteCount: 4 << 20))
  for formula in formulas {
    let own = try FormulaEvaluation.array(formula, sources.mapValues { alone.array($0) }, in: alone)
    let array = try FormulaEvaluation.array(formula, sources.mapValues { together.array($0) }, in: together)
    let (expected, found) = (try alone.evaluate(own), try together.evaluate(array))
    try requireEqual(found.shape, expected.shape, "shape of \(formula)")
    try requireEqual(found.bytes, expected.bytes, "elements of \(formula)")
  }
  try refused("index 347 is out of bounds for axis 0 with size 40", "an array of positions") {
    let (x, j) = (
      together.array(try source([40], [7]) { Int64($0) }), together.array(try source([2], [1]) { Int64($0 * 347) })
    )
    try x[j].check()
  }
}

/// A stored array changed by all ranks together holds what one rank's would; a failure on one rank leaves it.
private func updatedArrays(_ world: Communicator, _ arguments: [String]) throws {
  let context = try Context(communicator: world, memory: MemoryBudget(byteCount: 4 << 20))
  for ending in ["dnpy", "npy"] {
    let path = "\(try argument(0, of: arguments)).\(ending)"
    var expected = (0..<600).map(Double.init)
    try context.arange(600).astype(.float64).reshaped(to: [20, 30])
      .write(to: path, chunks: ending == "npy" ? nil : [3, 7])
    try context.update(path) { u in
      u[4..<9, .stride(by: 2)] = -1
      u[context.arange(20), 5] = context.arange(20) * 1000
      u[u > 15000] += 0.5
    }
    for row in 4..<9 { for column in stride(from: 0, to: 30, by: 2) { expected[row * 30 + column] = -1 } }
    for row in 0..<20 { expected[row * 30 + 5] = Double(row * 1000) }
    expected = expected.map { $0 > 15000 ? $0 + 0.5 : $0 }
    try requireEqual(context.evaluate(context.open(path)).values(as: Double.self), expected, "the updated \(ending)")
    try refused("only one rank", "an update in which one rank fails") {
      try context.update(path) { (u) throws(StoreError) in
        u[0] = 1
        if world.rank == world.size - 1 { throw StoreError(.invalidArgument, "only one rank") }
      }
    }
    try requireEqual(context.evaluate(context.open(path)).values(as: Double.self), expected, "the \(ending) afterwards")
  }
}
