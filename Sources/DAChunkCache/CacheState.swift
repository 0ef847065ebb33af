// What the cache's lock guards: the tables, the order of use, and the accounts.

import DAStore

/// The shared state of a cache. Its functions are short and do no IO; they run under the lock.
struct CacheState {
  /// Most bytes that chunks may occupy.
  let capacity: Int
  var tables: [ObjectIdentifier: DatasetTable] = [:]
  /// Entries that are ready and not pinned.
  var evictable = LRUList()
  /// Bytes counted for entries and updated chunks.
  var residentByteCount = 0
  /// Bytes counted for entries that helper threads are loading now.
  var prefetchingByteCount = 0
  var writers: [ObjectIdentifier: WriterTable] = [:]
  var statistics = CacheStatistics()

  init(capacity: Int) { self.capacity = capacity }

  func entry(_ dataset: ObjectIdentifier, _ number: Int) -> CacheEntry? { tables[dataset]?.entries[number] }

  mutating func insert(_ entry: CacheEntry, of dataset: any ChunkedDataset) {
    tables[entry.dataset, default: DatasetTable(dataset: dataset)].entries[entry.number] = entry
  }

  /// Takes an entry out of its table, unless its dataset was dropped before.
  mutating func removeFromTable(_ entry: CacheEntry) {
    if entry.isDropped { return }
    tables[entry.dataset]?.entries[entry.number] = nil
    if tables[entry.dataset]?.entries.isEmpty == true { tables[entry.dataset] = nil }
  }

  mutating func count(resident cost: Int) {
    residentByteCount += cost
    statistics.residentByteCount = residentByteCount
    statistics.peakByteCount = max(statistics.peakByteCount, residentByteCount)
  }

  mutating func pin(_ entry: CacheEntry) {
    if entry.pins == 0 {
      statistics.pinnedByteCount += entry.cost
      if entry.isListed { evictable.remove(entry) }
    }
    entry.pins += 1
    if entry.isPrefetched {
      entry.isPrefetched = false
      statistics.prefetchHits += 1
    }
  }

  /// Takes one pin off; entries that failed meanwhile have none left and stay as they are.
  mutating func unpin(_ entry: CacheEntry) {
    guard entry.pins > 0 else { return }
    entry.pins -= 1
    guard entry.pins == 0 else { return }
    statistics.pinnedByteCount -= entry.cost
    guard case .ready = entry.phase else { return }
    if entry.isDropped { release(entry) } else { evictable.append(entry) }
  }

  /// Gives an entry's memory back.
  mutating func release(_ entry: CacheEntry) {
    entry.buffer = nil
    count(resident: -entry.cost)
  }

  /// Ends a load that did not succeed: whoever waits for the entry sees the error.
  ///
  /// - Parameter isKept: Nobody waits, so that the error stays in the table for the first who asks.
  mutating func fail(_ entry: CacheEntry, _ error: StoreError, isKept: Bool) {
    entry.phase = .failed(error)
    release(entry)
    if entry.pins > 0 {
      entry.pins = 0
      statistics.pinnedByteCount -= entry.cost
    }
    if !isKept { removeFromTable(entry) }
  }

  /// Evicts the chunk that was used longest ago.
  ///
  /// - Returns: The bytes that this gave back; 0 when every chunk is pinned or dirty.
  mutating func evictOldest(sparingPrefetched: Bool = false) -> Int {
    guard let entry = evictable.oldest, !(sparingPrefetched && entry.isPrefetched) else { return 0 }
    evictable.remove(entry)
    removeFromTable(entry)
    release(entry)
    statistics.evictions += 1
    return entry.cost
  }

  /// Evicts at least `byteCount` bytes, or as many as there are.
  ///
  /// - Returns: Whether any chunk was evicted.
  mutating func evict(_ byteCount: Int, sparingPrefetched: Bool) -> Bool {
    var freed = 0
    while freed < byteCount {
      let bytes = evictOldest(sparingPrefetched: sparingPrefetched)
      if bytes == 0 { break }
      freed += bytes
    }
    return freed > 0
  }

  /// Evicts until `cost` bytes more stay within the capacity, and counts them; evicts nothing when that cannot do.
  mutating func reserve(_ cost: Int, sparingPrefetched: Bool = false) -> Bool {
    guard cost <= capacity - residentByteCount + evictable.byteCount else { return false }
    while cost > capacity - residentByteCount {
      if evictOldest(sparingPrefetched: sparingPrefetched) == 0 { return false }
    }
    count(resident: cost)
    return true
  }
}
