// The order in which cached chunks were last used: an intrusive list, so that every step is O(1) and allocates nothing.

/// Cached chunks that may be evicted, least recently used first.
///
/// The links live in the entries and own nothing: an entry must be removed before its last owner lets go.
struct LRUList {
  private(set) var oldest: CacheEntry?
  private var newest: CacheEntry?
  private(set) var count = 0
  /// What the listed chunks count against the budget.
  private(set) var byteCount = 0

  /// Appends an entry as the most recently used.
  mutating func append(_ entry: CacheEntry) {
    precondition(!entry.isListed, "an entry stands in the list once")
    entry.isListed = true
    entry.older = newest.map(Unmanaged.passUnretained)
    entry.newer = nil
    newest?.newer = Unmanaged.passUnretained(entry)
    newest = entry
    if oldest == nil { oldest = entry }
    count += 1
    byteCount += entry.cost
  }

  /// Takes an entry out, wherever it stands.
  mutating func remove(_ entry: CacheEntry) {
    precondition(entry.isListed, "only a listed entry can be removed")
    let older = entry.older?.takeUnretainedValue()
    let newer = entry.newer?.takeUnretainedValue()
    older?.newer = entry.newer
    newer?.older = entry.older
    if oldest === entry { oldest = newer }
    if newest === entry { newest = older }
    entry.older = nil
    entry.newer = nil
    entry.isListed = false
    count -= 1
    byteCount -= entry.cost
  }
}
