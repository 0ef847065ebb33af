// Requests that make no sense, plans in words, budgets, and the order of work.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct ReductionPlanTests {
  private func array(_ shape: [Int] = [6, 4], _ dtype: DType = .float64, chunks: [Int]? = nil) throws -> ChunkedMemory {
    try ChunkedMemory(
      shape: shape, dtype: dtype, chunkShape: chunks ?? shape.map { max(1, $0 / 2) },
      bytes: [UInt8](repeating: 0, count: shape.reduce(dtype.byteCount, *)))
  }

  private func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return "\(error)" }
    return "no error"
  }

  @Test func impossibleRequestsSayWhy() throws {
    let array = try array()
    func refusal(_ request: ReductionRequest) -> String {
      message { _ = try ReductionPlan(request, over: array, ranks: 1) }
    }
    #expect(
      refusal(ReductionRequest(axes: [2])) == "array in memory: axis 2 is out of bounds for an array of 2 dimensions")
    #expect(refusal(ReductionRequest(axes: [Int.min])).contains("out of bounds"))
    #expect(refusal(ReductionRequest(axes: [0, -2])) == "array in memory: axis -2 is given twice in [0, -2]")
    #expect(refusal(ReductionRequest(ddof: .nan)) == "ddof nan is not finite")
    #expect(refusal(ReductionRequest(histogram: HistogramRequest(binCount: 0))).contains("0 histogram bins"))
    #expect(refusal(ReductionRequest(axes: [0], histogram: HistogramRequest(binCount: 3))).contains("takes all axes"))
    #expect(
      refusal(ReductionRequest(histogram: HistogramRequest(binCount: 3, range: 0 ... .infinity))).contains(
        "is not finite"))
    let complex = try self.array([3], .complex64)
    #expect(
      message {
        _ = try ReductionPlan(ReductionRequest(histogram: HistogramRequest(binCount: 3)), over: complex, ranks: 1)
      }
      .contains("complex numbers have no order"))
  }

  @Test func negativeAxesCountFromTheEnd() throws {
    var random = SeededRandom(seed: 3)
    let content = ReductionIdentityTests.elements(.int16, count: 60, awkward: false, &random)
    let array = try ChunkedMemory(shape: [3, 4, 5], dtype: .int16, chunkShape: [2, 2, 2], bytes: content)
    #expect(try array.reduce(ReductionRequest(axes: [-1, 0])) == array.reduce(ReductionRequest(axes: [0, 2])))
  }

  @Test func nothingHasNoExtremes() throws {
    let result = try array([0, 3], chunks: [1, 1]).reduce(ReductionRequest(axes: [0]))
    #expect(
      message { _ = try result.array(.minimum) }
        == "zero-size array to reduction operation minimum which has no identity")
    #expect(message { _ = try result.array(.positionOfMaximum) } == "attempt to get argmax of an empty sequence")
    #expect(try result.array(.sum).values(as: Double.self) == [0, 0, 0])
    #expect(try result.array(.mean).values(as: Double.self)?.allSatisfy(\.isNaN) == true)
    let other = try array([4], chunks: [2]).reduce(ReductionRequest([.sum]))
    #expect(message { _ = try other.array(.mean) } == "mean was not asked for in this reduction")
  }

  @Test func aBudgetTooSmallIsRefusedWithOneThatWillDo() throws {
    let array = try array([200, 200], chunks: [10, 200])
    let plan = try ReductionPlan(ReductionRequest(axes: [0]), over: array, ranks: 4)
    try plan.check(budget: MemoryBudget(byteCount: plan.smallestBudget))
    do {
      try plan.check(budget: MemoryBudget(byteCount: plan.smallestBudget - 1))
      Issue.record("a budget that is too small was accepted")
    } catch {
      #expect(error.code == .memory)
      #expect(error.message.contains("raise --memory to \(plan.smallestBudget)"))
    }
  }

  @Test func thePlanExplainsItself() throws {
    let plan = try ReductionPlan(
      ReductionRequest([.mean, .sum], histogram: HistogramRequest(binCount: 5)), over: array(), ranks: 2)
    #expect(plan.passes == 2)
    #expect(plan.byteCount == 2 * 6 * 4 * 8)
    #expect(
      plan.explanation.prefix(3) == [
        "reduce (6, 4) float64 over all axes to (): sum, mean, min, max",
        "4 chunks of (3, 2), 4 units of work over 2 ranks, joined in a tree fixed by the chunk grid",
        "2 passes: 384 decoded bytes; the histogram's range must be found first (give one to save a pass)",
      ])
  }

  @Test func workIsSplitWithoutGapsBetweenUnits() throws {
    for (shape, chunks, axes) in [([7, 9], [2, 2], [0]), ([40], [3], [0]), ([5, 6, 7], [2, 3, 2], [0, 2])] {
      let array = try array(shape, chunks: chunks)
      let geometry = try ReductionPlan(ReductionRequest(axes: axes), over: array, ranks: 1).geometry
      for ranks in 1...40 {
        var chunks: [Int] = []
        for rank in 0..<ranks {
          let units = geometry.units(ofRank: rank, of: ranks)
          #expect(units.allSatisfy { geometry.rank(ofUnit: $0, of: ranks) == rank })
          chunks += geometry.chunks(ofUnits: units)
        }
        #expect(chunks.count == geometry.grid.chunkCount && Set(chunks).count == chunks.count)
      }
    }
  }

  @Test func progressEndsAtTheTotal() throws {
    let array = try array([40, 4], chunks: [8, 4])
    let plan = try ReductionPlan(ReductionRequest(histogram: HistogramRequest(binCount: 2)), over: array, ranks: 1)
    var steps: [(Int, Int)] = []
    _ = try ReductionRun(
      plan: SharedSweep(plan), communicator: .serial, progress: { steps.append(($0, $1)) }, sweep: array.sweep
    ).results()
    #expect(steps.map(\.0) == (1...10).map { $0 * 256 })
    #expect(steps.allSatisfy { $0.1 == 2560 })
  }

  @Test func aReductionCanBeStopped() throws {
    let array = try array([40, 4], chunks: [8, 4])
    let plan = try ReductionPlan(ReductionRequest(), over: array, ranks: 1)
    let run = ReductionRun(plan: SharedSweep(plan), communicator: .serial, shouldStop: { true }, sweep: array.sweep)
    let error = #expect(throws: StoreError.self) { try run.results() }
    #expect(error?.code == .interrupted)
  }

  @Test func everyStatisticIsARowOfTheTable() {
    #expect(ReductionTable.rows.map(\.statistic) == Statistic.allCases)
    #expect(Set(ReductionTable.rows.map(\.name)).count == Statistic.allCases.count)
    for statistic in Statistic.allCases { #expect(Statistic(name: statistic.name) == statistic) }
    #expect(Statistic(name: "median") == nil)
  }

  @Test func aHugeElementHasAHistogram() throws {
    let array = try ChunkedMemory(shape: [2], dtype: .float64, chunkShape: [2], bytes: bytes(of: [1e300, 1e300]))
    let histogram = try array.reduce(ReductionRequest([.sum], histogram: HistogramRequest(binCount: 3))).histogram
    #expect(histogram?.counts.reduce(0, +) == 2)
  }

  @Test func histogramsOfUnboundedDataNeedARange() throws {
    let content = bytes(of: [1.0, .nan, 3.0])
    let array = try ChunkedMemory(shape: [3], dtype: .float64, chunkShape: [2], bytes: content)
    let result = try array.reduce(ReductionRequest([.sum], histogram: HistogramRequest(binCount: 2)))
    #expect(result.histogram == nil)
    #expect(result.remarks == ["no histogram: the smallest and the largest element are not finite; give a range"])
    let ranged = try array.reduce(ReductionRequest([.sum], histogram: HistogramRequest(binCount: 2, range: 0...2)))
    #expect(ranged.histogram == Histogram(counts: [0, 1], edges: [0, 1, 2], outsideCount: 2))
  }
}
