// One chunk of one dataset as the cache knows it, and the table of a dataset's chunks.

import DAStore

/// A chunk that is in memory, on its way there, or whose prefetch failed.
final class CacheEntry: @unchecked Sendable {
  // Sendable: everything but the constants is guarded by the cache's monitor.
  enum Phase {
    /// A helper thread will load it; it holds no memory yet, and whoever needs it first may load it instead.
    case queued
    /// One thread loads it; its memory is counted.
    case loading
    case ready
    /// Loading failed; holds no memory. Stands in the table only until somebody has been told.
    case failed(StoreError)
  }

  let dataset: ObjectIdentifier
  let number: Int
  let byteCount: Int
  /// What its buffer counts against the budget.
  let cost: Int
  var phase: Phase
  var buffer: PooledBuffer?
  var pins = 0
  /// Loaded ahead of need and not used since.
  var isPrefetched = false
  /// Its dataset was dropped: it vanishes with its last pin.
  var isDropped = false

  // Links of `LRUList`, which alone changes them.
  var older: Unmanaged<CacheEntry>?
  var newer: Unmanaged<CacheEntry>?
  var isListed = false

  init(dataset: ObjectIdentifier, number: Int, byteCount: Int, phase: Phase) {
    self.dataset = dataset
    self.number = number
    self.byteCount = byteCount
    self.phase = phase
    cost = BufferPool.capacity(for: byteCount)
  }
}

/// The entries of one dataset.
struct DatasetTable {
  /// Held so that no other dataset can take over its identity while chunks of it are cached.
  let dataset: any ChunkedDataset
  var entries: [Int: CacheEntry] = [:]
}
