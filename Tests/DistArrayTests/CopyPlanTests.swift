// The plan of a copy as a value: everything once, equal rounds, within the budget.

import DAStore
import DATestSupport
import Foundation
import Testing

@testable import DistArray

@Suite struct CopyPlanTests {
  private func plan(
    _ shape: [Int], _ source: [Int], _ target: [Int], ranks: Int = 1, budget: Int = 1 << 24, element: Int = 8,
    converted: Int? = nil
  ) throws -> CopyPlan {
    let source = try ChunkGrid(shape: shape, chunkShape: source)
    let target = try ChunkGrid(shape: shape, chunkShape: target)
    return try CopyPlan(
      source: source,
      cost: SourceCost(elementByteCount: element, chunkByteCount: source.largestChunkElementCount * element),
      target: target,
      targetCost: .init(elementByteCount: converted ?? element, isConverted: converted != nil),
      roundScratch: { $0 / 2 + 100 }, rankCount: ranks, budget: MemoryBudget(byteCount: budget))
  }

  @Test func `every target chunk has one writer, every rank the same rounds, and memory holds`() throws {
    var generator = SeededRandom(seed: 11)
    for _ in 0..<1500 {
      let rank = Int.random(in: 0...3, using: &generator)
      func draw(_ range: ClosedRange<Int>) -> [Int] { (0..<rank).map { _ in Int.random(in: range, using: &generator) } }
      let shape = draw(0...9)
      let source = draw(1...6)
      let target = draw(1...6)
      let ranks = Int.random(in: 1...5, using: &generator)
      let budget = Int.random(in: 5...80, using: &generator) * 4096
      let converted = Bool.random(using: &generator) ? 4 : nil
      let plan: CopyPlan
      do {
        plan = try self.plan(shape, source, target, ranks: ranks, budget: budget, converted: converted)
      } catch {
        #expect((error as? StoreError)?.code == .memory)
        continue
      }
      #expect(plan.memory.peak == budget && plan.memory.cache >= 8192)
      var written = Array(repeating: 0, count: plan.target.chunkCount)
      for rank in 0..<ranks {
        for round in 0..<plan.roundCount {
          guard let block = plan.block(round: round, rank: rank) else { continue }
          for chunk in plan.targetChunks(ofBlock: block) { written[chunk] += 1 }
          #expect(plan.targetChunks(ofBlock: block).count <= plan.writesPerRound * plan.chunksPerWrite)
          let region = plan.region(ofBlock: block)
          if !plan.isDirect { #expect(region.elementCount * 8 <= plan.memory.block) }
          #expect(plan.targetChunks(ofBlock: block).allSatisfy { region.contains(plan.target.region(of: $0)) })
        }
        #expect(plan.block(round: plan.roundCount, rank: rank) == nil)
      }
      #expect(written.allSatisfy { $0 == 1 }, "\(shape) \(source) \(target) on \(ranks)")
      // The stated amplification against counting.
      var read = 0
      for block in 0..<plan.blockCount {
        for chunk in plan.sourceChunks(ofBlock: block) { read += plan.source.elementCount(of: chunk) }
      }
      let elements = shape.reduce(1, *)
      if elements > 0 { #expect(abs(plan.readAmplification - Double(read) / Double(elements)) < 1e-9) }
    }
  }

  @Test func `aligned grids are read once`() throws {
    #expect(try plan([64, 64], [16, 64], [8, 8]).readAmplification == 1)
    #expect(try plan([60, 60], [7, 60], [60, 11], budget: 1 << 20).readAmplification == 1)
    #expect(try plan([64, 64], [16, 64], [16, 64]).isDirect)
    #expect(try !plan([64, 64], [16, 64], [16, 64], converted: 4).isDirect)
  }

  @Test func `a block may fill the budget where the writer stages a part of it at a time`() throws {
    // Rows of chunks of 43 MB of a file that is best read once, in 64 MiB.
    let source = try ChunkGrid(shape: [21600, 43200], chunkShape: [24, 43200])
    let target = try ChunkGrid(shape: [21600, 43200], chunkShape: [1024, 1024])
    let plan = try CopyPlan(
      source: source, cost: SourceCost(elementByteCount: 1, chunkByteCount: 24 * 43200), target: target,
      targetCost: .init(elementByteCount: 1, isConverted: false), roundScratch: { $0 + (2 << 20) }, rankCount: 2,
      budget: MemoryBudget(byteCount: 64 << 20))
    #expect(plan.blocks.chunkShape == [1, 43] && plan.readAmplification < 1.05)
    #expect(plan.chunksPerWrite == 8 && plan.writesPerRound == 6 && plan.memory.peak == 64 << 20)
  }

  @Test func `planes to columns are re-read as little as the budget allows`() throws {
    let shape = [64, 64, 64]
    var last = Double.infinity
    for budget in [1 << 18, 1 << 19, 1 << 20, 1 << 21, 1 << 22] {
      let plan = try plan(shape, [1, 64, 64], [64, 1, 1], budget: budget)
      #expect(plan.readAmplification <= last)
      last = plan.readAmplification
      // A block can hold at most the budget of the 2 MiB that there are.
      #expect(plan.readAmplification <= 3 * Double(1 << 21) / Double(budget) + 1)
    }
    #expect(last == 1)
  }

  @Test func `a small copy is shared by the ranks`() throws {
    let plan = try plan([64, 64], [8, 64], [8, 64], ranks: 4, budget: 1 << 26)
    #expect(plan.blockCount >= 4 && plan.roundCount <= 2)
  }

  @Test func `a refusal names the smallest budget, which then suffices`() throws {
    let shape = [100, 100]
    do {
      _ = try plan(shape, [10, 100], [50, 100], budget: 40_000)
      Issue.record("must not fit")
    } catch let error as StoreError {
      #expect(error.code == .memory)
      let words = error.message.split(separator: " ")
      let least = try #require(words.firstIndex(of: "needs").flatMap { Int(words[$0 + 1]) })
      #expect(error.message.contains("raise --memory to \(least)"))
      #expect(try plan(shape, [10, 100], [50, 100], budget: least).memory.peak == least)
      #expect(throws: StoreError.self) { try plan(shape, [10, 100], [50, 100], budget: least - 4096) }
      let advice = try #require(error.message.components(separatedBy: "at most ").last)
      let chunk = advice.split(separator: ",").compactMap { Int($0) }
      #expect(try plan(shape, [10, 100], chunk, budget: 40_000).blockCount > 0)
    }
  }

  @Test func `huge grids are planned without walking them`() throws {
    let plan = try plan([1 << 40, 1 << 12], [1 << 10, 1], [1, 1 << 12], ranks: 1000, budget: 1 << 28)
    #expect(plan.roundCount > 0 && plan.block(round: plan.roundCount - 1, rank: 0) != nil)
  }

  @Test func `shapes must agree`() throws {
    let a = try ChunkGrid(shape: [3], chunkShape: [1])
    let b = try ChunkGrid(shape: [4], chunkShape: [1])
    #expect(throws: StoreError.self) {
      try CopyPlan(
        source: a, cost: SourceCost(elementByteCount: 8, chunkByteCount: 8), target: b,
        targetCost: .init(elementByteCount: 8, isConverted: false), roundScratch: { _ in 0 }, rankCount: 1,
        budget: MemoryBudget(byteCount: 1 << 20))
    }
  }

  @Test func `amounts of memory`() throws {
    #expect(try MemoryBudget(parsing: "64MiB").byteCount == 64 << 20)
    #expect(try MemoryBudget(parsing: "1.5 GB").byteCount == 1_500_000_000)
    #expect(try MemoryBudget(parsing: "4096").byteCount == 4096)
    for text in ["", "x", "-1", "0", "1e99", "12QB", "99999999TiB", "1..2"] {
      #expect(throws: StoreError.self) { try MemoryBudget(parsing: text) }
    }
    #expect(byteCountText(300) == "300 B" && byteCountText(64 << 20) == "64 MiB" && byteCountText(3 << 29) == "1.5 GiB")
  }
}
