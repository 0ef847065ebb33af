// The memory that arrays hold for as long as they live, beside what passes over data take for a while.

import DAStore

/// The buffers of a rank's arrays in memory, those that users hold and those inside expressions: passes have so much less.
/// Each has a pool of its own, so that its memory is given back at once.
final class HeldMemory: Sendable {
  private struct Pool: Sendable {
    weak var pool: BufferPool?
  }
  /// Guards the list only.
  private let pools = Monitor([Pool]())
  /// Guards the list only.
  private let scratchFiles = Monitor([ScratchWriter]())

  /// Bytes now held.
  var byteCount: Int {
    pools.withLock { pools in
      pools.removeAll { $0.pool == nil }
      return pools.reduce(0) { saturatingSum($0, $1.pool?.statistics.leased ?? 0) }
    }
  }

  /// Lets the names of scratch files live as long as these settings: network file systems would take files without
  /// names from the ranks of other nodes. On one node they have no names.
  func keep(_ scratch: ScratchWriter) {
    if scratch.hasNames { scratchFiles.withLock { $0.append(scratch) } }
  }

  /// A pool whose leases count as held until they end.
  func makePool(byteCount: Int) -> BufferPool {
    let pool = BufferPool(budget: BufferPool.capacity(for: byteCount))
    pools.withLock { $0.append(Pool(pool: pool)) }
    return pool
  }

  /// - Throws: `.memory` when the system has none left.
  func lease(byteCount: Int) throws(StoreError) -> PooledBuffer {
    try makePool(byteCount: byteCount).lease(byteCount: byteCount)
  }
}
