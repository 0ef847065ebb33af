// What every pass over stored arrays is told: its budget, its helpers, how to report and when to stop.

import DAChunkCache
import DAStore
import MessagePassing

/// Settings of a streaming pass. All ranks give the same budget; where they do not, the smallest counts.
public struct StreamingOptions: Sendable {
  /// Bytes that one rank may hold in buffers at once.
  public var budget: MemoryBudget
  /// Threads per rank that read and decode ahead.
  public var workerCount = 0
  /// Told after every round, on every rank: bytes of the array done, and all of them.
  public var progress: (@Sendable (_ done: Int, _ total: Int) -> Void)?
  /// Asked in every round; when one rank says yes, all stop with `.interrupted`.
  public var shouldStop: (@Sendable () -> Bool)?
  /// Told of the cache of every pass when it is made, on the rank that made it, so that its statistics can be read later.
  /// A cache that is kept keeps its chunks.
  public var cacheMade: (@Sendable (ChunkCache) -> Void)?
  /// Told what every pass did on this rank, when it is over.
  public var passDone: (@Sendable (StreamingReport) -> Void)?
  /// Where scratch files lie, a directory ending with `/` that all ranks see. When not given: for copies that of the
  /// target, for products of matrices that in which the program runs.
  public var scratchDirectory: String?
  /// What arrays in memory hold; copies of these settings share it.
  var held = HeldMemory()

  public init(budget: MemoryBudget) { self.budget = budget }

  /// The budget that all ranks share, without what is held. Collective.
  func agreedBudget(_ communicator: Communicator) throws(StoreError) -> MemoryBudget {
    let own = max(1, budget.byteCount - held.byteCount)
    let least = try passing { () throws(MPIError) in try communicator.allReduce(own, .min) }
    return budget.without(budget.byteCount - least)
  }

  func checkForStop() throws(StoreError) {
    if shouldStop?() == true { throw StoreError(.interrupted, "interrupted by the user") }
  }

  /// A cache of `byteCount` bytes for datasets of these costs.
  func makeCache(byteCount: Int, for costs: [SourceCost]) -> ChunkCache {
    var options = CacheOptions()
    options.workerCount = workerCount
    let chunks = costs.reduce(0) {
      saturatingSum($0, saturatingProduct(2, BufferPool.capacity(for: $1.chunkByteCount)))
    }
    let loader = costs.map(\.reserveByteCount).max() ?? 0
    // Chunks come first; what is left beyond a quarter for staging is more chunks.
    let reserve = max(0, min(byteCount - chunks, max(byteCount / 4, loader)))
    options.reserveByteCount = reserve
    // Every thread that loads needs staging of its own at the same time: a small budget has room for few of them.
    if loader > 0 { options.workerCount = min(workerCount, max(0, reserve / loader - 1)) }
    // Rounds and joined reads take what a chunk in the making leaves, so that its stored bytes and scratch always fit.
    let spare = max(2, byteCount - saturatingSum(chunks, loader))
    options.scanRoundByteCount = min(options.scanRoundByteCount, spare / 2)
    options.largestMergedRead = min(options.largestMergedRead, spare / 2)
    let cache = ChunkCache(pool: BufferPool(budget: byteCount), options: options)
    cacheMade?(cache)
    return cache
  }
}
