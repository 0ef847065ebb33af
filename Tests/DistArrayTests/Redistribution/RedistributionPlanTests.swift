// What a change of distribution takes: memory, rounds, the choice between memory and disk, and refusals.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct RedistributionPlanTests {
  private let rows: Distribution
  private let columns: Distribution

  init() throws {
    rows = try distribution([1024, 1024], "bn", ranks: 4)
    columns = try distribution([1024, 1024], "nb", ranks: 4)
  }

  private func plan(
    _ free: Int, keepsSource: Bool = false, limit: Int = 256 << 20
  ) throws -> RedistributionPlan {
    try RedistributionPlan(
      from: rows, to: columns, dtype: .float64, keepsSource: keepsSource,
      memory: FreeMemory(budget: free + 1000, free: free), messageByteLimit: limit)
  }

  @Test func inMemoryWhereBothPartsFit() throws {
    // Parts of 2 MiB; each rank sends three quarters of its own.
    let plan = try plan(64 << 20)
    #expect(plan.way == .inMemory)
    #expect(plan.roundByteCount == 3 << 19)
    #expect(plan.rounds.count == 1)
    #expect(plan.movedByteCount == 6 << 20)
    #expect(plan.spilledByteCount == 0)
    #expect(plan.peakByteCount == (4 << 20) + (3 << 20))
    #expect(
      plan.explanation == [
        "(1024, 1024) float64, ranks [0, 1, 2, 3] to [0, 1, 2, 3]",
        "6 MiB of 8 MiB change their rank, in 1 rounds of at most 1.5 MiB per rank", "at most 7 MiB of memory per rank",
      ])
  }

  @Test func roundsShrinkToWhatIsLeft() throws {
    let tight = try plan((4 << 20) + (256 << 10))
    #expect(tight.way == .inMemory)
    #expect(tight.roundByteCount == 128 << 10)
    #expect(tight.rounds.count == 12)
    #expect(tight.peakByteCount == (4 << 20) + (256 << 10))
    let limited = try plan(64 << 20, limit: 4096)
    #expect(limited.roundByteCount == 4096)
    #expect(limited.rounds.count == 384)
  }

  @Test func throughDiskWhereTheyDoNot() throws {
    let plan = try plan(4 << 20)
    #expect(plan.way == .throughDisk)
    #expect(plan.spilledByteCount == 8 << 20)
    #expect(plan.peakByteCount <= 4 << 20)
    #expect(plan.explanation.contains { $0.contains("8 MiB go through scratch files") })
  }

  @Test func whatFitsNowhereIsRefusedWithTheBudgetThatWouldDo() throws {
    let need = (3 << 20) + (128 << 10)
    for free in [need, need - 1] {
      do {
        let plan = try plan(free)
        #expect(free == need && plan.way == .throughDisk && plan.peakByteCount == need)
      } catch let error as StoreError {
        #expect(free < need && error.code == .memory)
        #expect(error.message.contains("raise --memory to \(need + 1000)"), "\(error)")
      }
    }
    do {
      _ = try plan(4 << 20, keepsSource: true)
      Issue.record("both parts do not fit")
    } catch let error as StoreError {
      #expect(error.message.contains("raise --memory to \((4 << 20) + (128 << 10) + 1000), or use redistribute(as:)"))
    }
  }

  @Test func spilledElementsComeBack() throws {
    let folder = try ScratchFolder()
    let numbers = (0..<300_000).map { Int32($0) }
    var spilled = try numbers.withUnsafeBytes { bytes in
      try SpilledElements(bytes, elementByteCount: 4, in: folder.path)
    }
    #expect(try folder.contents().isEmpty)
    spilled.begin(try BufferPool(budget: 1 << 20).lease(byteCount: 1000))
    var target = [Int32](repeating: -1, count: 2000)
    for (count, offset, step, targetStep) in [
      (2000, 0, 1, 1), (2000, 298_000, 1, 1), (1000, 5, 299, 2), (700, 299_999, -3, 1), (1, 17, 0, 1), (3, 250, 1, 1),
      (2000, 253, 1, 1), (4, 299_000, -90_000, 3),
    ] {
      try target.withUnsafeMutableBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        try spilled.copy(count, from: offset, step: step, to: start, step: targetStep)
      }
      #expect((0..<count).allSatisfy { Int(target[$0 * targetStep]) == offset + $0 * step }, "\(count) from \(offset)")
    }
    var back = [Int32](repeating: 0, count: numbers.count)
    try back.withUnsafeMutableBytes { bytes in try spilled.restore(into: bytes) }
    #expect(back == numbers)
    do {
      _ = try numbers.withUnsafeBytes { bytes in
        try SpilledElements(bytes, elementByteCount: 4, in: folder.path + "/missing")
      }
      Issue.record("a file in a folder that is not there")
    } catch let error as StoreError { #expect(error.code == .notFound) }
    try folder.remove()
  }
}
