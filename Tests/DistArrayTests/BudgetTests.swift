// Refusals for want of memory: the budget that they name does.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct BudgetTests {
  /// Results in one budget after the other, from the smallest on.
  private func budgets(
    _ compute: (Context) throws -> Void
  ) throws -> (last: Int, refusals: [String]) {
    var refusals: [String] = []
    var budget = 1
    while refusals.count < 9 {
      let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: budget))
      do {
        try compute(context)
        return (budget, refusals)
      } catch let error as StoreError {
        refusals.append(error.message)
        let named = error.message.firstMatch(of: /raise --memory to (\d+)/).flatMap { Int($0.1) }
        budget = try #require(named, "\(error.message)")
        try #require(error.code == .memory)
      }
    }
    return (budget, refusals)
  }

  @Test func `what results take beside a pass is named, too`() throws {
    try withTemporaryDirectory { folder in
      let (last, refusals) = try budgets { context in
        let x = context.array(try MemoryDataset((0..<240).map(Double.init), shape: [40, 6], chunkShape: [7, 6]))
        let y = context.array(try MemoryDataset((0..<30).map(Float.init), shape: [30], chunkShape: [4]))
        _ = try context.evaluate([x * 2], writing: [(y + 1).file("\(folder)/y.npy", overwrite: true)])
      }
      #expect(!refusals.isEmpty)
      // One refusal for each step of the work, and none twice.
      #expect(Set(refusals).count == refusals.count, "\(refusals)")
      #expect(refusals.count < 9 && last < 1 << 20, "\(refusals)")
    }
  }

  @Test func `what arrays in memory hold is named, too`() throws {
    let (last, refusals) = try budgets { context in
      let x = context.array(try MemoryDataset((0..<2400).map(Double.init), shape: [400, 6], chunkShape: [70, 6]))
      let held = try x.distribute(as: Distribution(shape: [400, 6], rankCount: 1))
      _ = try context.evaluate(x.sum(axis: 1), (x + 1)[0..<5])
      _ = try held.withLocalBlock(as: Double.self) { _, _ in }
    }
    #expect(refusals.contains { $0.contains("that are in use") }, "\(refusals)")
    #expect(refusals.count < 9 && last < 1 << 20, "\(refusals)")
  }

  @Test func `a budget is divided without losing what was taken`() throws {
    let budget = try MemoryBudget(byteCount: 1000).without(300).without(200)
    #expect(budget.byteCount == 500)
    #expect(
      budget.refusal(needing: 600)
        == "needs 600 bytes per rank, the budget is 500 beside 500 that are in use; raise --memory to 1100")
    #expect(
      try MemoryBudget(byteCount: 7).refusal(needing: 9)
        == "needs 9 bytes per rank, the budget is 7; raise --memory to 9")
    #expect(try MemoryBudget(byteCount: 10).without(99).byteCount == 1)
  }
}
