// The face of the cache: datasets' chunks in, pinned memory out, and updated chunks on their way back.

import DAStore
import MessagePassing

/// How a cache divides its budget and reads.
public struct CacheOptions: Sendable {
  /// Bytes of the pool's budget that chunks leave free, for staged reads, codecs, scans and other users of the pool;
  /// a quarter of the budget when not given.
  public var reserveByteCount: Int?
  /// Helper threads that read and decode ahead: what the node's cores leave when every rank has its own.
  public var workerCount = 0
  /// Neighbouring extents are joined into reads of at most this size.
  public var largestMergedRead = 8 << 20
  /// Unwanted bytes between extents that are read along rather than starting a new read.
  public var largestBridgedGap = 64 << 10
  /// Extents from this size on that need no decoding are read straight to their place rather than joined and copied.
  public var smallestStraightRead = 256 << 10
  /// Bytes that a scan reads at a time: so few that they are still warm in the processor when they are used.
  public var scanRoundByteCount = 1 << 20
  /// Rounds of a scan that are announced to the system ahead of reading, where reads come from a device.
  public var roundsAnnounced = 8
  /// Share of the cache that updated chunks may fill before ``ChunkCache/needsFlush`` asks for a flush.
  public var dirtyShare = 0.5

  public init() {}
}

/// What a sweep does to the cache.
public enum SweepHint: Sendable {
  /// The chunks will not be wanted again soon: they pass by and displace nothing.
  case scan
  /// The chunks will be wanted again: they enter the cache as by pinning.
  case keep
}

/// Chunks of any number of datasets in memory, least recently used ones making room, under the budget of a pool.
///
/// One cache serves a rank. Every function is local except ``flush(to:over:)``, and thread-safe. Datasets are told
/// apart by identity; the cache holds those whose chunks it has until ``drop(_:)`` or eviction. Pinned and updated
/// chunks are never evicted.
public final class ChunkCache: Sendable {
  private let core: CacheCore
  private let workers: WorkerThreads

  public init(pool: BufferPool, options: CacheOptions = CacheOptions()) {
    core = CacheCore(pool: pool, options: options)
    workers = WorkerThreads(count: options.workerCount)
  }

  /// Ends the helper threads.
  deinit { workers.shutDown() }

  /// Most bytes that chunks may occupy: the pool's budget less the reserve.
  public var capacity: Int { core.capacity }
  public var pool: BufferPool { core.pool }
  /// Helper threads that run: fewer than asked for when the system refused more.
  public var workerCount: Int { workers.count }
  public var statistics: CacheStatistics { core.monitor.withLock { $0.statistics } }

  /// Keeps a chunk in memory, loading it if it is absent.
  ///
  /// Threads that want the same absent chunk load it once. What a prefetch of the chunk met with is thrown here, once;
  /// the next call tries again.
  /// - Throws: `.memory` when pinned and updated chunks leave too little; what the dataset throws.
  /// - Complexity: O(1) for a chunk in memory.
  public func pin(_ dataset: any ChunkedDataset, chunk: Int) throws(StoreError) -> PinnedChunk {
    try core.pinOne(dataset, chunk)
  }

  /// Keeps chunks in memory, loading the absent ones as one batch in file order with joined reads.
  ///
  /// - Returns: One pin per chunk, in the order given.
  /// - Throws: As ``pin(_:chunk:)``; then none of the chunks is pinned, but those that could be loaded are cached.
  public func pin(_ dataset: any ChunkedDataset, chunks: [Int]) throws(StoreError) -> [PinnedChunk] {
    try core.pin(dataset, chunks)
  }

  /// Says which chunks the next round needs.
  ///
  /// Helper threads load them as far as memory allows; where there are none, the system is told to read ahead. Never
  /// evicts what was itself prefetched, never fails: errors wait for whoever pins the chunk.
  public func prefetch(_ dataset: any ChunkedDataset, chunks: [Int]) {
    if workers.count > 0 { core.prefetch(dataset, chunks, on: workers) } else { core.announce(dataset, chunks) }
  }

  /// Streams chunks in the given order: each is handed to `body` once, loaded while the chunks before are worked on.
  ///
  /// The bytes are valid during `body` only, aligned for their element type.
  /// - Throws: What loading a chunk throws, when its turn comes; what `body` throws.
  /// - Complexity: one pass; memory of a few rounds, whatever the number of chunks.
  public func sweep<Chunks: Collection<Int>>(
    _ dataset: any ChunkedDataset, chunks: Chunks, hint: SweepHint = .scan,
    _ body: (Int, UnsafeRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    switch hint {
    case .scan: try core.sweepScanning(dataset, chunks, on: workers, body)
    case .keep: try core.sweepKeeping(dataset, chunks, prefetch: { prefetch(dataset, chunks: $0) }, body)
    }
  }

  /// Forgets a dataset's chunks; those that are pinned stay valid until unpinned.
  public func drop(_ dataset: any ChunkedDataset) { core.drop(dataset) }

  /// Evicts chunks until the pool can lease `byteCount` bytes more to others.
  ///
  /// - Throws: `.memory` when what is in use leaves too little; nothing is evicted then.
  public func makeRoom(_ byteCount: Int, for purpose: String) throws(StoreError) {
    guard core.makeRoom(byteCount) else { throw core.memoryError(byteCount, for: purpose) }
  }

  /// Changes a chunk of an array that is being written; the change stays in memory until ``flush(to:over:)``.
  ///
  /// The chunk must belong to this rank: each chunk has one writer. If `body` throws at the first update of a
  /// chunk, the chunk counts as never updated.
  /// - Throws: `.memory` when updated and pinned chunks leave too little (flush first); `.invalidArgument` when
  ///   `.merged` would lose what was flushed before; what `body` throws.
  public func update(
    _ writer: any ChunkedDatasetWriter, chunk: Int, contents: ChunkContents,
    _ body: (UnsafeMutableRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    try core.update(writer, chunk, contents, body)
  }

  /// Whether updated chunks fill so much of the cache that it is time for a flush. Ranks must agree on it: flushing is
  /// collective.
  public var needsFlush: Bool { core.needsFlush() }

  /// Hands all updated chunks to their writer, in ascending order and in rounds that all ranks share.
  ///
  /// Chunks of rounds that failed stay updated in memory.
  /// - Collective: yes, over `communicator`, which is the writer's; ranks without updates take part.
  /// - Throws: The same error on every rank.
  public func flush(to writer: any ChunkedDatasetWriter, over communicator: Communicator) throws(StoreError) {
    try core.flush(to: writer, over: communicator)
  }

  /// Forgets a writer, after its last flush or when its array is given up: updates not yet flushed are lost.
  public func discard(_ writer: any ChunkedDatasetWriter) { core.discard(writer) }
}
