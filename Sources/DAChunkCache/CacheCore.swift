// The inside of a cache, shared by its face, its pins and its helper threads: limits, lock and memory.

import DAStore

/// Everything of a cache except its threads, so that a helper thread never is the last to hold what joins it.
final class CacheCore: Sendable {
  let pool: BufferPool
  let options: CacheOptions
  /// Most bytes of one staged read.
  let stagingByteCount: Int
  /// Chunks that a scan reads at a time take about this many bytes.
  let scanRoundByteCount: Int
  /// Guards the accounts and tables; no IO, decoding or user closure runs while it is held.
  let monitor: Monitor<CacheState>
  let capacity: Int

  init(pool: BufferPool, options: CacheOptions) {
    self.pool = pool
    self.options = options
    let reserve = min(max(options.reserveByteCount ?? pool.budget / 4, 0), max(pool.budget, 0))
    capacity = pool.budget - reserve
    let threads = max(options.workerCount, 0) + 1
    // A quarter of the reserve stages reads and half of it holds the rounds of a scan, on every thread at once.
    stagingByteCount = max(1, min(options.largestMergedRead, reserve / (4 * threads)))
    scanRoundByteCount = max(1, min(options.scanRoundByteCount, reserve / (2 * threads)))
    monitor = Monitor(CacheState(capacity: capacity))
  }

  var planLimits: ReadPlan.Limits {
    ReadPlan.Limits(
      largestRead: stagingByteCount, largestGap: min(options.largestBridgedGap, stagingByteCount),
      smallestStraightRead: options.smallestStraightRead)
  }

  /// Leases memory, evicting chunks while the pool has too little.
  ///
  /// - Parameter isAhead: The memory is wanted for a mere hint: evicts nothing that was itself loaded ahead, waits
  ///   for nobody.
  /// - Throws: `.memory` with the figures when everything is in use.
  func lease(
    _ byteCount: Int, for purpose: @autoclosure () -> String, isAhead: Bool = false
  ) throws(StoreError) -> PooledBuffer {
    while true {
      let refusal: StoreError
      do { return try pool.lease(byteCount: byteCount) } catch { refusal = error }
      guard refusal.code == .memory else { throw refusal }
      var hasWaited = false
      let mayRetry = monitor.wait { state -> Bool? in
        if state.evict(byteCount, sparingPrefetched: isAhead) || hasWaited { return true }
        if isAhead || state.prefetchingByteCount == 0 { return false }
        hasWaited = true
        return nil
      }
      if !mayRetry { throw memoryError(byteCount, for: purpose()) }
    }
  }

  /// The refusal that says what occupies the memory and what would do.
  func memoryError(_ byteCount: Int, for purpose: String, path: String? = nil) -> StoreError {
    let (pinned, dirty) = monitor.withLock { ($0.statistics.pinnedByteCount, $0.statistics.dirtyByteCount) }
    let leased = pool.statistics.leased
    let wayOut: String
    // Far beyond any machine's memory the sums below would overflow, and no budget is good advice.
    if byteCount < 1 << 60 {
      let cost = BufferPool.capacity(for: byteCount)
      let forChunks = pinned + dirty + cost
      let reserve = options.reserveByteCount.map { max($0, 0) } ?? (forChunks / 3 + AlignedBuffer.alignment)
      let budget = max(forChunks.addingReportingOverflow(reserve).partialValue, leased + cost)
      wayOut = "ask for fewer chunks at a time, or raise --memory to at least \(budget) bytes"
    } else {
      wayOut = "use smaller chunks"
    }
    return StoreError(
      .memory,
      "\(purpose) needs \(byteCount) bytes, but of a budget of \(pool.budget) bytes (\(capacity) for chunks) "
        + "\(pinned) are pinned, \(dirty) hold updates not yet flushed and \(leased) are leased in all; \(wayOut)",
      path: path)
  }
}
