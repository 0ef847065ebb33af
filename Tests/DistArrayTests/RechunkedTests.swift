// Arrays whose stretches cut across bands of chunks: each source chunk is decoded a few times, whatever the budget is.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct RechunkedTests {
  static let shape = [160, 16_000]
  static let values = (0..<shape[0] * shape[1]).map { Double($0 * 7919 % 1013) }
  /// A band of ten megabytes: several chunks of a flattened array lie in it.
  static let chunkShape = [80, 800]
  static let budgets = [48 << 20, 96 << 20, 1 << 30]

  /// The array, what is read of it, and ranks that have so much memory.
  private func made(_ budget: Int) throws -> (x: DistArray, source: CountingDataset, context: Context) {
    let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: budget))
    context.options.scratchDirectory = "/tmp/"
    let source = CountingDataset(try MemoryDataset(Self.values, shape: Self.shape, chunkShape: Self.chunkShape))
    return (context.array(source), source, context)
  }

  private func value(_ array: DistArray) throws -> Double {
    try #require(try array.context.evaluate(array.astype(.float64)).values(as: Double.self)?.first)
  }

  /// Times that each element was read, at most.
  private func readings(_ source: CountingDataset) -> Double {
    Double(source.readByteCount) / Double(source.description.logicalByteCount)
  }

  /// A sum that tells the order of the elements, without rounding.
  private func weighted(_ array: DistArray) -> DistArray {
    array.applying("multiply", array.context.arange(array.shape.first ?? 0).astype(.float64)).sum()
  }

  private func weighted(_ values: [Double]) -> Double {
    values.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
  }

  @Test(arguments: budgets) func flattenedArrays(budget: Int) throws {
    let (x, source, _) = try made(budget)
    #expect(try value(weighted(x.raveled())) == weighted(Self.values))
    #expect(readings(source) <= 1.1, "\(budget)")
    #expect(try value(x.reshaped(to: [1_600, 1_600])[3, 5]) == Self.values[3 * 1_600 + 5])
  }

  @Test(arguments: budgets) func elementsThatAMaskChooses(budget: Int) throws {
    let (x, source, _) = try made(budget)
    let expected = Self.values.filter { $0.truncatingRemainder(dividingBy: 7) == 0 }
    let chosen = try x.elements(where: x.applying("remainder", 7).applying("equal", 0))
    #expect(chosen.shape == [expected.count])
    #expect(readings(source) <= 1.1, "counted within \(budget)")
    let counted = readings(source)
    #expect(try value(chosen.sum()) == expected.reduce(0, +))
    #expect(readings(source) - counted <= 1.1, "summed within \(budget)")
    let summed = readings(source)
    #expect(try value(weighted(chosen)) == weighted(expected))
    #expect(readings(source) - summed <= 1.1, "in order within \(budget)")
  }

  @Test(arguments: budgets) func valuesPutWhereAMaskIsTrue(budget: Int) throws {
    let (x, source, context) = try made(budget)
    let mask = x.applying("greater", 500)
    let count = Self.values.count { $0 > 500 }
    var next = 0.0
    let expected = Self.values.map { value in
      guard value > 500 else { return value }
      defer { next += 1 }
      return next.truncatingRemainder(dividingBy: 1009)
    }
    var y = x
    y.assign(context.arange(count).applying("remainder", 1009).astype(.float64), where: mask)
    #expect(try value(weighted(y.raveled())) == weighted(expected))
    #expect(readings(source) <= 2.1, "\(budget)")
  }

  @Test func bitsDoNotDependOnTheBudget() throws {
    var results: [[DenseArray]] = []
    for budget in Self.budgets {
      let (x, _, context) = try made(budget)
      let y = sqrt(x)
      let chosen = try y.elements(where: x.applying("greater", 500))
      results.append(
        try context.evaluate([y.raveled().sum(), chosen.sum(), chosen.applying("add", 1.5).sum(), chosen.mean()]))
    }
    #expect(results[1] == results[0])
    #expect(results[2] == results[0])
  }

  @Test func plansSayThatArraysAreCopied() throws {
    let (x, source, context) = try made(96 << 20)
    let plan = try context.explain([x.raveled().applying("add", 1).sum()])
    try #require(plan.passes.count == 2)
    #expect(plan.passes[0].results == ["(160, 16000) float64 in C order, to a scratch file of 19.5 MiB"])
    #expect(plan.passes[0].sources.map(\.byteCount) == [source.description.logicalByteCount])
    #expect(plan.passes.allSatisfy { $0.leastByteCount <= 96 << 20 })
    #expect(source.readByteCount == 0)
    // A small part is read through, without a copy of the whole.
    #expect(try context.explain([x.raveled()[100_000..<200_000].sum()]).passes.count == 1)
    // Where a chunk of the flattened array holds whole bands there is nothing to copy.
    let low = context.array(try MemoryDataset(Self.values, shape: Self.shape, chunkShape: [16, 800]))
    #expect(try context.explain([low.raveled().sum()]).passes.count == 1)
  }

  @Test func budgetsThatAreTooSmallAreNamed() throws {
    let (x, _, context) = try made(1 << 20)
    let error = try #require(throws: StoreError.self) { try context.evaluate(x.raveled().sum()) }
    #expect(error.code == .memory)
    #expect(error.message.contains("raise --memory to"), "\(error.message)")
  }
}

@Suite struct ChosenStatisticsTests {
  private let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  static let types: [DType] = [
    .bool, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64, .float32, .float64, .complex128,
  ]

  /// Statistics of `x[mask]` equal those of the same elements in a row.
  @Test(arguments: types) func statisticsOfAllThatIsChosen(dtype: DType) throws {
    let whole = context.array(
      try MemoryDataset(
        (0..<63).map { Double($0 * 31 % 64) - (dtype.isUnsignedInteger ? 0 : 20) }, shape: [7, 9], chunkShape: [3, 4]))
    let x = whole.astype(dtype)
    let mask = context.arange(63).reshaped(to: [7, 9]).applying("remainder", 4).applying("less", 2)
    let chosen = try x.elements(where: mask)
    let dense = try context.evaluate(chosen)
    let row = context.array(
      try MemoryDataset(shape: dense.shape, dtype: dtype, bytes: dense.bytes, name: "row"))
    func compare(_ name: String, _ statistic: (DistArray) -> DistArray) throws {
      let (direct, expected) = try (context.evaluate(statistic(chosen)), context.evaluate(statistic(row)))
      #expect(direct.shape == expected.shape && direct.dtype == expected.dtype, "\(name)")
      let difference = try context.evaluate(
        abs(statistic(chosen).astype(.complex128).applying("subtract", statistic(row).astype(.complex128))))
      let distance = try #require(difference.values(as: Double.self)?.first)
      #expect(distance <= 1e-5, "\(name) of \(dtype.name)")
    }
    try compare("sum") { $0.sum() }
    try compare("sum along the axis") { $0.sum(axis: -1) }
    try compare("sum with its axis") { $0.sum(keepDimensions: true)[0] }
    try compare("mean") { $0.mean() }
    try compare("variance") { $0.variance() }
    try compare("all") { $0.all() }
    try compare("any") { $0.any() }
    try compare("count") { $0.countNonzero() }
    try compare("min") { $0.min() }
    try compare("max") { $0.max() }
  }

  @Test func whatIsNotANumberIsChosenOrNot() throws {
    let x = context.array(try MemoryDataset([1.0, .nan, -3, .infinity], shape: [2, 2], chunkShape: [1, 2]))
    func value(_ array: DistArray) throws -> Double {
      try #require(try context.evaluate(array).values(as: Double.self)?.first)
    }
    let numbers = try x.elements(where: isfinite(x))
    #expect(try value(numbers.sum()) == -2)
    #expect(try value(numbers.max()) == 1)
    #expect(try value(numbers.mean()) == -1)
    #expect(try value(x.elements(where: isnan(x)).min()).isNaN)
    #expect(try value(x.elements(where: x.applying("not_equal", 1)).mean()).isNaN)
    let none = try x.elements(where: x.applying("less", -9))
    #expect(throws: StoreError.self) { try value(none.max()) }
    #expect(try value(none.sum()) == 0)
  }
}
