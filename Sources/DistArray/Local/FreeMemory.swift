// What the ranks may still take beside the arrays that they hold.

import DAStore
import MessagePassing

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
}
