// What `--verbose` says about the caches of a command's passes.

import DAChunkCache
import DistArray
import Synchronization

/// The caches that a command has made, kept so that their statistics can be read after the work.
final class CacheReport: Sendable {
  private let caches = Mutex<[ChunkCache]>([])
  private let passes = Mutex(StreamingReport())

  /// What all passes together did on this rank.
  var report: StreamingReport { passes.withLock { $0 } }

  func add(_ report: StreamingReport) { passes.withLock { $0.add(report) } }

  func add(_ cache: ChunkCache) { caches.withLock { $0.append(cache) } }

  /// The counts of this rank, in the order in which ``text(_:)`` takes them; all zero without a cache.
  var counts: [Int] {
    caches.withLock { caches in
      caches.map(\.statistics).reduce(into: Array(repeating: 0, count: 9)) { sums, statistics in
        let counts = [
          1, statistics.hits, statistics.misses, statistics.loads, statistics.evictions, statistics.bytesRead,
          statistics.reads, statistics.prefetched, statistics.prefetchHits,
        ]
        for (index, count) in counts.enumerated() { sums[index] += count }
      }
    }
  }

  /// One rank's counts in words; `nil` when it had no cache.
  static func text(_ counts: [Int]) -> String? {
    guard counts.count == 9, counts[0] > 0 else { return nil }
    func many(_ index: Int, _ one: String, _ several: String) -> String {
      "\(countText(counts[index])) \(counts[index] == 1 ? one : several)"
    }
    return "cache: \(many(1, "hit", "hits")), \(many(2, "miss", "misses")), \(many(3, "load", "loads")), "
      + "\(many(4, "eviction", "evictions")), \(countText(counts[5])) bytes in \(many(6, "read call", "read calls")), "
      + "\(many(7, "prefetch", "prefetches")), \(countText(counts[8])) of them used"
  }
}
