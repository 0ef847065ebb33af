// The content digest of a stored array, computed by all ranks together.

import DAChunkCache
import DAStore
import MessagePassing

/// The content digest: the same for every chunk grid, codec, file format and number of ranks.
///
/// Constant chunks are added without their elements.
/// - Throws: What reading throws; `.memory` when not even two chunks fit into the budget.
/// - Collective: yes.
/// - Source: Formats/digest.md.
public func digest(
  _ dataset: any ChunkedDataset, over communicator: Communicator, options: StreamingOptions
) throws(StoreError) -> String {
  let facts = dataset.description
  let cost = SourceCost(dataset)
  let budget = try options.agreedBudget(communicator)
  var (sums, plan) = try communicator.agree { () throws(StoreError) in
    (
      try ContentDigest(shape: facts.shape, dtype: facts.dtype),
      try SweepPlan(
        facts.grid, cost: cost, rankCount: communicator.size, budget: budget, what: "a digest", path: dataset.path)
    )
  }
  let cache = options.makeCache(byteCount: budget.byteCount, for: [cost])
  options.progress?(0, facts.logicalByteCount)
  for round in 0..<plan.roundCount {
    try communicator.agree { () throws(StoreError) in
      try options.checkForStop()
      var stored: [Int] = []
      for chunk in plan.chunks(round: round, rank: communicator.rank) {
        if case .constant(let value) = try dataset.storage(of: chunk) {
          sums.add(region: facts.grid.region(of: chunk), repeating: value)
        } else {
          stored.append(chunk)
        }
      }
      try cache.sweep(dataset, chunks: stored) { chunk, bytes throws(StoreError) in
        sums.add(region: facts.grid.region(of: chunk), bytes: bytes)
      }
    }
    let done = Double(plan.chunkCount(throughRound: round)) / Double(max(facts.grid.chunkCount, 1))
    options.progress?(Int(done * Double(facts.logicalByteCount)), facts.logicalByteCount)
  }
  try communicator.agree { () throws(StoreError) in try dataset.finishReading() }
  let own = sums.summands
  let all = try passing { () throws(MPIError) in try communicator.allReduce(own, .sum) }
  return try ContentDigest(shape: facts.shape, dtype: facts.dtype, summands: all).finish()
}

/// Runs of consecutive chunks dealt to the ranks in turn, so that all ranks go through the file side by side.
struct SweepPlan: Sendable, Hashable {
  let chunkCount: Int
  let rankCount: Int
  /// Chunks of one rank in one round.
  let runLength: Int

  /// A round is about this many bytes per rank.
  private static let roundByteCount = 64 << 20

  /// - Throws: `.memory` when the budget cannot hold the chunks that a sweep needs at once.
  init(
    _ grid: ChunkGrid, cost: SourceCost, rankCount: Int, budget: MemoryBudget, what: String, path: String
  ) throws(StoreError) {
    guard cost.leastCacheByteCount <= budget.byteCount else {
      throw StoreError(
        .memory,
        "\(what) of chunks of \(cost.chunkByteCount) bytes \(budget.refusal(needing: cost.leastCacheByteCount))",
        path: path)
    }
    chunkCount = grid.chunkCount
    self.rankCount = rankCount
    runLength = max(1, min(Self.roundByteCount / max(cost.chunkByteCount, 1), (chunkCount + rankCount - 1) / rankCount))
  }

  var roundCount: Int { chunkCount == 0 ? 0 : (chunkCount - 1) / (runLength * rankCount) + 1 }

  func chunks(round: Int, rank: Int) -> Range<Int> {
    let first = min((round * rankCount + rank) * runLength, chunkCount)
    return first..<min(first + runLength, chunkCount)
  }

  func chunkCount(throughRound round: Int) -> Int { min((round + 1) * rankCount * runLength, chunkCount) }
}
