// Several reductions in one sweep: each chunk once, the bits of separate passes, and the plan's choice between both.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct SharedSweepTests {
  /// All choices of axes of an array of so many, and all axes.
  private func choices(_ dimensions: Int) -> [[Int]?] {
    [nil] + (0..<1 << dimensions).map { bits in (0..<dimensions).filter { bits >> $0 & 1 == 1 } }
  }

  @Test(arguments: DType.allCases)
  func bitsAreThoseOfSeparatePasses(_ dtype: DType) throws {
    for seed: UInt64 in 0..<5 {
      var random = SeededRandom(seed: seed &* 77 &+ UInt64(dtype.kernelCode))
      let shape = (0..<Int(seed % 4)).map { _ in Int(random.next() % 7) + 1 }
      let chunks = shape.map { _ in Int(random.next() % 3) + 1 }
      let content = ReductionIdentityTests.elements(
        dtype, count: shape.reduce(1, *), awkward: seed % 2 == 0, &random)
      let array = try ChunkedMemory(shape: shape, dtype: dtype, chunkShape: chunks, bytes: content)
      let requests = choices(shape.count).enumerated().map {
        ReductionRequest(axes: $0.element, ddof: Double($0.offset % 2))
      }
      let separate = try requests.map { try array.reduce($0).arrays }
      for ranks in 1...5 {
        let together = try array.simulate(requests, ranks: ranks).map(\.arrays)
        #expect(together == separate, "seed \(seed): \(dtype) \(shape) in \(chunks) on \(ranks) ranks")
      }
    }
  }

  @Test func unitsOfSeveralChunksStayWhole() throws {
    var random = SeededRandom(seed: 6)
    let content = ReductionIdentityTests.elements(.int8, count: 300 * 4000, awkward: false, &random)
    let array = try ChunkedMemory(shape: [300, 4000], dtype: .int8, chunkShape: [1, 4000], bytes: content)
    let requests = [
      ReductionRequest([.sum], axes: [0]), ReductionRequest([.maximum, .mean]), ReductionRequest([.minimum], axes: [1]),
    ]
    #expect(try ReductionPlan(requests[0], over: array, ranks: 1).geometry.chunksPerUnit > 1)
    let separate = try requests.map { try array.reduce($0).arrays }
    for ranks in 1...4 { #expect(try array.simulate(requests, ranks: ranks).map(\.arrays) == separate, "\(ranks)") }
  }

  /// An array whose chunks count how often they are read.
  private func counted() throws -> CountingDataset {
    CountingDataset(
      try MemoryDataset((0..<24 * 30).map { Double($0 % 17) }, shape: [24, 30], chunkShape: [5, 7]))
  }

  @Test func oneSweepReadsEveryChunkOnce() throws {
    let source = try counted()
    let options = StreamingOptions(budget: try MemoryBudget(byteCount: 16 << 20))
    let requests = [
      ReductionRequest([.mean]), ReductionRequest([.maximum], axes: [0]),
      ReductionRequest([.variance], axes: [1], ddof: 1),
      ReductionRequest([.variance], axes: [1]),
    ]
    let (results, report) = try reduce(requests, over: source, options: options)
    #expect(source.readByteCount == source.description.logicalByteCount)
    #expect(report.readByteCount == source.description.logicalByteCount)
    for (request, result) in zip(requests, results) {
      #expect(try reduce(request, over: source, options: options).result == result)
    }
  }

  @Test func whatDoesNotFitTogetherIsMadeInPassesOfItsOwn() throws {
    let source = try counted()
    let requests = [ReductionRequest(axes: [0]), ReductionRequest(), ReductionRequest([.sum], axes: [0])]
    let plans = try requests.map { try ReductionPlan($0, over: source, ranks: 1) }
    let all = SharedSweep.dealt(plans, budget: 1 << 30)
    #expect(all.sweeps.count == 1 && all.places.map(\.part) == [0, 1, 2])
    let tight = SharedSweep.dealt(plans, budget: all.sweeps[0].smallestBudget - 1)
    #expect(tight.sweeps.count == 2)
    #expect(tight.places.map(\.sweep) == [0, 0, 1] && tight.places.map(\.part) == [0, 1, 0])
    #expect(tight.sweeps.allSatisfy { $0.smallestBudget < all.sweeps[0].smallestBudget })

    let options = StreamingOptions(budget: try MemoryBudget(byteCount: tight.sweeps.map(\.smallestBudget).max() ?? 1))
    let (results, report) = try reduce(requests, over: source, options: options)
    #expect(report.readByteCount == 2 * source.description.logicalByteCount)
    #expect(report.peakByteCount <= options.budget.byteCount)
    let roomy = StreamingOptions(budget: try MemoryBudget(byteCount: 16 << 20))
    #expect(try reduce(requests, over: source, options: roomy).results == results)
  }

  @Test func ranksShareEvenlyOrNotAtAll() throws {
    // Units of the sum over the first axis reach over half of it: three ranks could not share a common sweep.
    let array = try ChunkedMemory(
      shape: [512, 12000], dtype: .int8, chunkShape: [1, 12000], bytes: [UInt8](repeating: 1, count: 512 * 12000))
    func sweeps(ranks: Int) throws -> Int {
      let plans = try [[0], nil].map { axes in
        try ReductionPlan(ReductionRequest([.sum], axes: axes), over: array, ranks: ranks)
      }
      return SharedSweep.dealt(plans, budget: 1 << 30).sweeps.count
    }
    #expect(try sweeps(ranks: 1) == 1)
    let unit = try ReductionPlan(ReductionRequest([.sum], axes: [0]), over: array, ranks: 1).geometry.chunksPerUnit
    #expect(unit > 1)
    #expect(try sweeps(ranks: 512) == (unit >= 4 ? 2 : 1))
  }

  @Test func statisticsOfOneArrayAreMadeTogether() throws {
    let source = try counted()
    let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20))
    let x = context.array(source)
    let (mean, peak, spread) = try context.evaluate(x.mean(), x.max(axis: 0), x.variance(axis: 1, ddof: 1))
    #expect(source.readByteCount == source.description.logicalByteCount)
    #expect(try context.evaluate(x.mean()) == mean)
    #expect(try context.evaluate(x.max(axis: 0)) == peak)
    #expect(try context.evaluate(x.variance(axis: 1, ddof: 1)) == spread)
  }
}
