// Several results of one pass: sources read once, the same bits as alone, and what cannot be made together.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct OutputTests {
  let context: Context
  let u: CountingDataset
  let v: CountingDataset

  init() throws {
    context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20))
    func made(_ value: (Int) -> Double) throws -> CountingDataset {
      CountingDataset(try MemoryDataset((0..<24 * 30).map(value), shape: [24, 30], chunkShape: [5, 7]))
    }
    u = try made { Double($0 % 17) - 5 }
    v = try made { Double($0 * 7 % 23) / 4 }
  }

  private var logicalByteCount: Int { u.description.logicalByteCount }

  /// What `body` reads of `u` and of `v`.
  private func read(_ body: () throws -> Void) rethrows -> [Int] {
    let before = [u.readByteCount, v.readByteCount]
    try body()
    return [u.readByteCount - before[0], v.readByteCount - before[1]]
  }

  @Test func statisticsOfDifferentArraysReadSourcesOnce() throws {
    let (u, v) = (context.array(u), context.array(v))
    let asked = [
      (u * v).mean(), (u + v).max(axis: 0), (u + v).mean(axis: 1), u.argmin(), sqrt(u * v).variance(ddof: 1),
    ]
    var together: [DenseArray] = []
    #expect(try read { together = try context.evaluate(asked) } == [logicalByteCount, logicalByteCount])
    for (array, found) in zip(asked, together) { #expect(try context.evaluate(array) == found) }
  }

  @Test func statisticsAndFilesReadSourcesOnce() throws {
    try withTemporaryDirectory { directory in
      let speed = sqrt(context.array(u) * context.array(u) + context.array(v) * context.array(v))
      var results: [DenseArray] = []
      let bytes = try read {
        results = try context.evaluate(
          [speed.mean(), speed.max(axis: 0), speed > 3.0],
          writing: [
            speed.file("\(directory)/speed.dnpy"), (speed * 2).astype(.float32).file("\(directory)/twice.dnpy"),
          ])
      }
      #expect(bytes == [logicalByteCount, logicalByteCount])
      #expect(try results == [speed.mean(), speed.max(axis: 0), speed > 3.0].map { try context.evaluate($0) })
      #expect(try context.evaluate(context.open("\(directory)/speed.dnpy")) == context.evaluate(speed))
      #expect(
        try context.evaluate(context.open("\(directory)/twice.dnpy")) == context.evaluate((speed * 2).astype(.float32)))
    }
  }

  @Test func otherChunksTakePassesOfTheirOwn() throws {
    try withTemporaryDirectory { directory in
      let sum = context.array(u) + context.array(v)
      let files = [
        sum.file("\(directory)/a.dnpy"), sum.file("\(directory)/b.npy"),
        sum.file("\(directory)/c.dnpy", chunks: [24, 1]),
        sum.file("\(directory)/d.dnpy", chunks: [5, 7]),
      ]
      let plan = try context.explain([sum.sum()], writing: files)
      #expect(plan.passes.map(\.results.count) == [3, 1, 1])
      #expect(plan.passes.map(\.readByteCount) == Array(repeating: 2 * logicalByteCount, count: 3))
      #expect(plan.passes.map(\.writtenByteCount) == [2, 1, 1].map { $0 * logicalByteCount })
      let total = try context.evaluate([sum.sum()], writing: files)
      #expect(try total == [context.evaluate(sum.sum())])
      for name in ["a.dnpy", "b.npy", "c.dnpy", "d.dnpy"] {
        #expect(try context.evaluate(context.open("\(directory)/\(name)")) == context.evaluate(sum))
      }
    }
  }

  @Test func whatNeedsAStatisticComesAfterIt() throws {
    try withTemporaryDirectory { directory in
      let x = context.array(u)
      let centred = x - x.mean()
      var results: [DenseArray] = []
      let bytes = try read {
        results = try context.evaluate([x.max(), centred.min(axis: 0)], writing: [centred.file("\(directory)/c.dnpy")])
      }
      #expect(bytes[0] == 2 * logicalByteCount)
      #expect(try results == [context.evaluate(x.max()), context.evaluate(centred.min(axis: 0))])
      #expect(try context.evaluate(context.open("\(directory)/c.dnpy")) == context.evaluate(centred))
    }
  }

  @Test func allElementTypesLieAligned() throws {
    let (x, y) = (context.array(u), context.array(v))
    let arrays = DType.allCases.map { (x * 3 + y).astype($0) } + [x > y, x * y, x, context.zeros([24, 30])]
    let together = try context.evaluate(arrays + arrays)
    for (array, found) in zip(arrays + arrays, together) { #expect(try context.evaluate(array) == found) }
  }

  @Test func aSmallBudgetTakesMorePasses() throws {
    func asked(_ context: Context) -> [DistArray] { (0..<6).map { (context.array(u) * Double($0)).sum(axis: 0) } }
    let alone = try asked(context).map { try context.explain([$0]).passes[0].leastByteCount }.max() ?? 1
    let expected = try context.evaluate(asked(context))
    for byteCount in [alone, 2 * alone] {
      let small = try Context(communicator: .serial, memory: MemoryBudget(byteCount: byteCount))
      let plan = try small.explain(asked(small))
      #expect(plan.passes.count > 1 && plan.passes.allSatisfy { $0.leastByteCount <= byteCount })
      let notes = plan.passes.flatMap(\.algorithm).filter { $0.contains("bytes per rank of a budget of \(byteCount)") }
      #expect(!notes.isEmpty)
      #expect(try small.evaluate(asked(small)) == expected)
    }
  }

  @Test func aFailureLeavesNoFile() throws {
    try withTemporaryDirectory { directory in
      let x = context.array(u).astype(.int64)
      let wrong = 2 ** x
      #expect(throws: StoreError.self) {
        try context.evaluate([x.sum()], writing: [x.file("\(directory)/a.dnpy"), wrong.file("\(directory)/b.dnpy")])
      }
      #expect(throws: StoreError.self) { try context.open("\(directory)/a.dnpy") }
      #expect(throws: StoreError.self) { try context.evaluate([x], writing: [x.file("\(directory)/a.what")]) }
    }
  }

  @Test func commonPartsAreComputedOnce() throws {
    let (x, y) = (context.array(u), context.array(v))
    let product = x * y
    let tape = try Tape([(product + 1).result.get(), (product - 1).result.get(), product.result.get()])
    #expect(tape.sources.count == 2)
    #expect(tape.steps.count == 3)
  }

  /// Lists of random expressions, some of them over other shapes, together and one by one.
  @Test(arguments: 1...40) func randomListsGiveWhatEachGivesAlone(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shapes = [[6, 5], [6, 5], [5], [6, 1], []]
    var pool = try (0..<4).map { _ in
      let shape = shapes.randomElement(using: &random) ?? []
      let values = (0..<shape.reduce(1, *)).map { _ in Double(Int.random(in: -20...20, using: &random)) / 4 }
      return context.array(
        try MemoryDataset(
          values, shape: shape, chunkShape: shape.map { Int.random(in: 1...max(1, $0), using: &random) }))
    }
    for _ in 0..<10 {
      guard let x = pool.randomElement(using: &random), let y = pool.randomElement(using: &random) else { return }
      switch Int.random(in: 0..<6, using: &random) {
      case 0: pool.append(x * y)
      case 1: pool.append(x + y * 0.5)
      case 2: pool.append(x - x.mean())
      case 3: pool.append(x.reduced(.standardDeviation, axes: x.shape.isEmpty ? nil : [0]))
      case 4: pool.append(maximum(x, y))
      default: pool.append(x.flipped())
      }
    }
    let together = try context.evaluate(pool)
    for (number, (array, found)) in zip(pool, together).enumerated() {
      #expect(try context.evaluate(array) == found, "seed \(seed), array \(number)")
    }
    let plan = try context.explain(pool)
    #expect(plan.passes.allSatisfy { $0.leastByteCount <= plan.budgetByteCount })
  }

  @Test func explainingTouchesNothing() throws {
    let x = context.array(u)
    let joined = context.concatenate([x - x.mean(axis: 0), context.array(v)[.stride(by: 2)]], axis: 0).reshaped(to: [-1]
    )
    let plan = try context.explain([joined.sum(), joined])
    #expect([u, v].map(\.storageCount) == [0, 0])
    #expect(
      plan.passes.map(\.results) == [
        ["mean of (24, 30) float64 over axes 0"],
        ["sum of (1080,) float64 over all axes", "(1080,) float64, all elements on every rank"],
      ])
    #expect(plan.passes[1].sources.map(\.byteCount).reduce(0, +) >= logicalByteCount * 3 / 2)
    #expect(plan.lines.first == "pass 1: mean of (24, 30) float64 over axes 0")
    guard case .object(let json) = plan.json, case .array(let passes)? = json["passes"] else {
      Issue.record("no JSON of passes")
      return
    }
    #expect(passes.count == 2)
  }

  /// What a dataset is asked while statistics, a view and a file of it are planned, and a plan of writing it.
  private func questions(chunks: Int) throws -> [Int] {
    let made = try ComputedDataset(
      ConstantElements(value: ElementValue(zero: .float64)), shape: [chunks, 1 << 17], name: "computed")
    #expect(made.description.grid.chunkCount == chunks)
    let source = CountingDataset(made)
    let x = context.array(source)
    let plan = try context.explain(
      [x.mean(), (x * 2 - x.mean(axis: 1, keepDimensions: true)).max(axis: 0), x.rolled(by: 1, axis: 0).sum()],
      writing: [sqrt(x).file("x.dnpy")])
    #expect(plan.passes.count > 1)
    for ranks in [1, 1000] {
      let parts = [ReductionRequest(axes: [1]), ReductionRequest()]
      _ = try Explanation(parts, over: source, ranks: ranks, budget: context.options.budget)
      _ = try ArrayCopy.route(
        from: source, to: source.description, roundScratch: { $0 }, rankCount: ranks, budget: context.options.budget)
    }
    return [source.storageCount, source.descriptionCount]
  }

  @Test func aScratchFileIsToldBeforehand() throws {
    let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 4 << 20))
    let rows = context.array(
      CountingDataset(try PlaceholderDataset(shape: [4096, 4096], dtype: .float64, chunkShape: [1, 4096])))
    let columns = try context.explain([], writing: [rows.file("x.dnpy", chunks: [4096, 1])]).passes[0].algorithm
    #expect(columns.contains { $0.contains("by way of a scratch file of 128 MiB beside the target") }, "\(columns)")
    let straight = try context.explain([], writing: [rows.file("x.dnpy"), rows.file("x.npy")])
    #expect(!straight.lines.contains { $0.contains("scratch") })
  }

  @Test func planningCostsNothingPerChunk() throws {
    let (few, many) = (try questions(chunks: 1000), try questions(chunks: 1_000_000))
    #expect(few[0] == 0 && many[0] == 0)
    // More passes where partial results do not fit, but nothing for each chunk.
    #expect(many[1] < 2 * few[1], "\(few) and \(many)")
  }

  @Test func aSmallArrayDoesNotCutALargeOne() throws {
    let small = context.array(
      try MemoryDataset([Double](repeating: 1, count: 4000), shape: [4000, 1], chunkShape: [1, 1]))
    let large = try (context.zeros([4000, 1000]) + small).dataset().description.grid.chunkShape
    #expect(large == [131, 1000])
    // Without computed elements beside it, or where it is no small one, an array's own chunks are kept.
    #expect(try small.broadcast(to: [4000, 1000]).dataset().description.grid.chunkShape == [1, 1000])
    #expect(try (context.zeros([4000, 10]) + small).dataset().description.grid.chunkShape == [1, 10])
  }

  @Test func aProfileTellsWhatWasDone() throws {
    try withTemporaryDirectory { directory in
      let x = context.array(u) * context.array(v)
      for files in [[], [x.file("\(directory)/x.dnpy")], [x.file("\(directory)/x.npy")]] {
        _ = try context.evaluate([x.mean(), x.max(axis: 0)], writing: files)
        let profile = try Profile(context.report, over: context.communicator)
        let report = try #require(profile.ranks.first)
        #expect(report == context.report)
        #expect(profile.hasPasses && profile.imbalance == 1)
        #expect(report.readByteCount >= 2 * logicalByteCount && report.decodedByteCount >= logicalByteCount)
        #expect(report.writtenByteCount == files.count * logicalByteCount)
        #expect(report.missCount >= u.description.grid.chunkCount)
        #expect(report.totalNanoseconds >= report.waitNanoseconds + report.computeNanoseconds + report.writeNanoseconds)
        #expect((report.writeNanoseconds > 0) == !files.isEmpty)
        #expect(report.readNanoseconds > 0 && report.decodeNanoseconds > 0 && report.computeNanoseconds > 0)
        #expect(profile.lines.last == "imbalance: 1.0")
        guard case .object(let json) = profile.json, case .array(let ranks)? = json["ranks"] else {
          Issue.record("no JSON of ranks")
          return
        }
        #expect(ranks.count == 1)
      }
      _ = try context.evaluate(x.mean())
      #expect(context.report.writtenByteCount == 0)
    }
  }
}
