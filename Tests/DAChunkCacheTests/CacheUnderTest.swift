// Small caches for tests: a chunk of up to a page counts as one page.

import DAChunkCache
import DAStore
import Testing

let page = 4096

/// A cache with room for `chunks` small chunks beside a reserve.
func cache(
  chunks: Int, reservePages: Int = 16, workers: Int = 0, pool: BufferPool? = nil,
  _ adjust: (inout CacheOptions) -> Void = { _ in }
) -> ChunkCache {
  var options = CacheOptions()
  options.reserveByteCount = reservePages * page
  options.workerCount = workers
  options.largestBridgedGap = 8
  adjust(&options)
  return ChunkCache(pool: pool ?? BufferPool(budget: (chunks + reservePages) * page), options: options)
}

/// The error that `body` throws.
func storeError<Value>(_ body: () throws -> Value) -> StoreError? {
  do {
    _ = try body()
    return nil
  } catch { return error as? StoreError }
}

extension PinnedChunk {
  var array: [UInt8] { Array(bytes) }
}

extension Array where Element == PinnedChunk {
  var arrays: [[UInt8]] { map(\.array) }
}
