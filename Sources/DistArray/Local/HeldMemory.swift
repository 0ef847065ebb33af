// The memory that arrays in memory hold for as long as they live, beside what passes over data take for a while.

import DAStore
import MessagePassing

/// The buffers of a rank's arrays in memory. Each has a pool of its own, so that its memory is given back at once.
///
/// Used by the thread that owns message passing; buffers may be given back by any.
final class HeldMemory {
  private struct Entry {
    weak var pool: BufferPool?
  }
  private var entries: [Entry] = []

  /// Bytes now held.
  var byteCount: Int {
    entries.removeAll { $0.pool == nil }
    return entries.reduce(0) { saturatingSum($0, $1.pool?.statistics.leased ?? 0) }
  }

  /// A pool that counts for as long as a buffer of it lives.
  func makePool(byteCount: Int) -> BufferPool {
    let pool = BufferPool(budget: BufferPool.capacity(for: byteCount))
    entries.append(Entry(pool: pool))
    return pool
  }

  /// - Throws: `.memory` when the system has none left.
  func lease(byteCount: Int) throws(StoreError) -> PooledBuffer {
    try makePool(byteCount: byteCount).lease(byteCount: byteCount)
  }
}

/// What every rank may still take, in bytes: the least of all ranks.
public struct FreeMemory: Sendable, Hashable {
  /// The whole budget of a rank.
  public var budget: Int
  /// What arrays in memory leave of it.
  public var free: Int

  public init(budget: Int, free: Int) {
    self.budget = budget
    self.free = free
  }

  /// Refuses what does not fit.
  ///
  /// - Throws: `.memory` with the budget that would do.
  func require(_ byteCount: Int, for what: String, advice: String = "") throws(StoreError) {
    guard byteCount > free else { return }
    throw StoreError(
      .memory,
      "\(what) needs \(byteCount) bytes per rank, \(free) of the budget of \(budget) are free; raise --memory to "
        + "\(saturatingSum(budget, byteCount - free))\(advice)")
  }
}

extension Context {
  /// Bytes that this rank's arrays in memory hold. Local.
  public var heldByteCount: Int { heldMemory.byteCount }

  /// What every rank may still take.
  ///
  /// - Parameter released: Bytes that this rank holds now and will give back before it takes more.
  /// - Collective: yes.
  func freeMemory(releasing released: Int = 0) throws(StoreError) -> FreeMemory {
    let budget = options.budget.byteCount
    let own = [budget, max(0, budget - heldByteCount + released)]
    let least = try passing { () throws(MPIError) in try communicator.allReduce(own, .min) }
    return FreeMemory(budget: least[0], free: least[1])
  }

  /// The options of a pass over data: arrays in memory take their share of the budget.
  var passOptions: StreamingOptions {
    get throws(StoreError) {
      var options = options
      options.budget = try MemoryBudget(byteCount: max(1, options.budget.byteCount - heldByteCount))
      return options
    }
  }
}
