// What the cache did, in numbers that tests and `--verbose` can rely on.

/// Counts since the cache was made, and its present size.
public struct CacheStatistics: Sendable, Equatable {
  /// Chunks asked for that were in memory.
  public var hits = 0
  /// Chunks asked for that were not, or not yet.
  public var misses = 0
  /// Chunks brought into memory, by whomever.
  public var loads = 0
  /// Reads issued to datasets.
  public var reads = 0
  /// Reads that served more than one extent.
  public var mergedReads = 0
  /// Bytes that those reads asked for, bridged gaps included.
  public var bytesRead = 0
  /// Bytes that came out of codecs.
  public var bytesDecoded = 0
  /// Time of reads and of decoding, of all threads together; and how much of both was spent ahead, by helper threads.
  public var readNanoseconds = 0
  public var decodeNanoseconds = 0
  public var aheadNanoseconds = 0
  public var evictions = 0
  /// Chunks loaded ahead by helper threads.
  public var prefetched = 0
  /// Of these, how many were wanted before they were evicted.
  public var prefetchHits = 0
  /// Updated chunks handed to writers.
  public var writeBacks = 0
  /// Bytes of memory that hold chunks now, and the most there ever were.
  public var residentByteCount = 0
  public var peakByteCount = 0
  /// Bytes among them that are pinned, and that hold updates not yet flushed.
  public var pinnedByteCount = 0
  public var dirtyByteCount = 0

  public init() {}
}
