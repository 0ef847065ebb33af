// One round of a scan: a few chunks that are read together into one buffer.

import DAStore
import Glibc

/// Chunks read together, by the sweeping thread or a helper.
final class ScanRound: @unchecked Sendable {
  // Sendable: the sweeping thread owns it until a helper takes it under the cache's lock, and again once it is done.
  enum Phase { case waiting, running, done }
  enum Source {
    case cached(PinnedChunk)
    /// Another thread is loading it into the cache.
    case coming(ComingChunk)
    /// A prefetch of it failed.
    case failed(StoreError)
    /// Read into this round's buffer, as the target of this position.
    case own(Int)
  }

  let numbers: [Int]
  /// Guarded by the cache's lock.
  private(set) var phase = Phase.waiting
  /// Where the chunks are stored, as far as that was asked to announce the reads.
  var storages: [Int: ChunkStorage] = [:]
  var sources: [Source] = []
  var targets: [LoadTarget] = []
  var errors: [StoreError?] = []
  var buffer: PooledBuffer?

  init(_ numbers: [Int]) { self.numbers = numbers }

  /// Takes the round upon the calling thread, if nobody has. Called under the cache's lock.
  func take() -> Bool {
    guard phase == .waiting else { return false }
    phase = .running
    return true
  }

  /// Called under the cache's lock.
  func finish() { phase = .done }

  /// Lets go of pins and memory, since a helper's queue may hold the round itself for a while.
  ///
  /// - Returns: The buffer, for the next round.
  func strip() -> PooledBuffer? {
    sources = []
    targets = []
    defer { buffer = nil }
    return buffer
  }
}

/// A chunk that another thread is loading, kept from eviction when it comes.
final class ComingChunk {
  let entry: CacheEntry
  private let core: CacheCore

  /// Called under the cache's lock.
  init(_ entry: CacheEntry, _ state: inout CacheState, core: CacheCore) {
    self.entry = entry
    self.core = core
    state.pin(entry)
  }

  deinit { core.monitor.withLock { $0.unpin(entry) } }
}

extension CacheCore {
  /// Decides for each chunk of a round where it comes from, and gives it its place in the buffer.
  func prepare(
    _ round: ScanRound, of dataset: any ChunkedDataset, _ description: DatasetDescription, _ buffer: PooledBuffer
  ) {
    let identity = ObjectIdentifier(dataset)
    round.buffer = buffer
    var position = 0
    let byteCounts = round.numbers.map { description.byteCount(ofChunk: $0) }
    monitor.withLock { state in
      for (number, byteCount) in zip(round.numbers, byteCounts) {
        let entry = state.entry(identity, number)
        if let entry, case .ready = entry.phase, let bytes = entry.buffer {
          state.statistics.hits += 1
          state.pin(entry)
          round.sources.append(.cached(PinnedChunk(entry, buffer: bytes, core: self)))
          continue
        }
        state.statistics.misses += 1
        switch entry?.phase {
        case .loading:
          if let entry { round.sources.append(.coming(ComingChunk(entry, &state, core: self))) }
        case .failed(let error):
          if let entry { state.removeFromTable(entry) }
          round.sources.append(.failed(error))
        case .ready, .queued, nil:
          round.sources.append(.own(round.targets.count))
          round.targets.append(
            LoadTarget(
              number: number,
              destination: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[position..<position + byteCount]),
              storage: round.storages[number]))
          position += byteCount
        }
      }
    }
    round.errors = Array(repeating: nil, count: round.targets.count)
  }

  /// Runs on a helper thread: reads a round unless the sweeping thread came first.
  func read(_ round: ScanRound, of dataset: any ChunkedDataset, isAhead: Bool) {
    if monitor.withLock({ _ in round.take() }) { perform(round, of: dataset, isAhead: isAhead) }
  }

  /// Reads a round that the calling thread has taken.
  func perform(_ round: ScanRound, of dataset: any ChunkedDataset, isAhead: Bool) {
    var loads = 0
    load(round.targets, of: dataset, isAhead: isAhead) { index, error in
      round.errors[index] = error
      if error == nil { loads += 1 }
    }
    monitor.withLock { state in
      state.statistics.loads += loads
      round.finish()
    }
    monitor.broadcast()
  }

  /// Makes sure that no helper works on a round any more.
  func withdraw(_ round: ScanRound) {
    monitor.wait { _ in
      if round.take() { round.finish() }
      return round.phase == .done ? true : nil
    }
    _ = round.strip()
  }

  /// The chunk that another thread was loading when the round was prepared.
  func pin(_ coming: ComingChunk, of dataset: any ChunkedDataset) throws(StoreError) -> PinnedChunk {
    let outcome = monitor.wait { state -> Result<PinnedChunk, StoreError>? in
      switch coming.entry.phase {
      case .ready:
        guard let buffer = coming.entry.buffer else { return nil }
        state.pin(coming.entry)
        return .success(PinnedChunk(coming.entry, buffer: buffer, core: self))
      case .failed(let error): return .failure(error)
      case .queued, .loading: return nil
      }
    }
    switch outcome {
    case .success(let pin): return pin
    case .failure(let error):
      // The other's lack of memory is not this thread's.
      guard error.code == .memory else { throw error }
      return try pinOne(dataset, coming.entry.number)
    }
  }

  /// Tells the system that a round will be read soon, unless it goes on where the round before ended: the system reads ahead
  /// of a stream by itself, and better. What fails here is reported when the round is read.
  func announce(_ dataset: any ChunkedDataset, _ round: ScanRound, _ stream: inout FileStream) {
    var pieces: [ReadPiece] = []
    for number in round.numbers {
      guard let storage = try? dataset.storage(of: number) else { continue }  // asked again, and thrown, at the read
      round.storages[number] = storage
      pieces += hintPieces(storage)
    }
    if !stream.goesOn(with: pieces) { announce(dataset, pieces) }
  }
}

/// Where a stream of reads has got to.
struct FileStream {
  /// Gaps that the system's reading ahead passes over.
  private static let largestGap = 1 << 20
  private var last: StoredExtent?

  /// Whether the pieces come next in the file, as far as one can tell; the stream is behind them afterwards.
  mutating func goesOn(with pieces: [ReadPiece]) -> Bool {
    var goesOn = true
    for piece in pieces {
      if let last {
        let gap = piece.extent.offset - (last.offset + last.byteCount)
        goesOn = goesOn && piece.extent.file == last.file && gap >= 0 && gap <= Self.largestGap
      }
      last = piece.extent
    }
    return goesOn
  }
}

/// Cuts a sequence of chunks into rounds of limited size.
struct RoundFormer<Chunks: Collection<Int>> {
  /// Whether each chunk counts with the whole pages of a buffer of its own.
  private let countsPages: Bool
  private var rest: Chunks.Iterator
  private let description: DatasetDescription
  private let limit: Int
  private let path: String
  private var held: (number: Int, byteCount: Int)?

  init(_ chunks: Chunks, _ description: DatasetDescription, limit: Int, countsPages: Bool, path: String) {
    self.countsPages = countsPages
    rest = chunks.makeIterator()
    self.description = description
    self.limit = limit
    self.path = path
  }

  /// The next chunks whose sizes sum up to at most the limit, at least one; `nil` at the end.
  ///
  /// - Throws: `.invalidArgument` for a number that no chunk has.
  mutating func next() throws(StoreError) -> [Int]? {
    var numbers: [Int] = []
    var byteCount = 0
    while true {
      if held == nil { held = try measured(rest.next()) }
      guard let chunk = held, numbers.isEmpty || chunk.byteCount <= limit - byteCount else { break }
      held = nil
      numbers.append(chunk.number)
      byteCount += chunk.byteCount
    }
    return numbers.isEmpty ? nil : numbers
  }

  private func measured(_ number: Int?) throws(StoreError) -> (number: Int, byteCount: Int)? {
    guard let number else { return nil }
    let byteCount = try byteCount(ofChunk: number, description, path: path)
    return (number, countsPages ? BufferPool.capacity(for: byteCount) : byteCount)
  }
}

/// Whether reads come from a device rather than from memory: only then does announcing them pay.
///
/// Announcing costs the system a look at every page; when all of them are in its cache that would be a tenth of the
/// read.
struct ReadPace {
  private(set) var isSlow = false

  /// Slower than 2 GB/s is no copy from the page cache.
  mutating func note(nanoseconds: Int, byteCount: Int) { isSlow = nanoseconds > byteCount / 2 }
}

/// Nanoseconds of a clock that only runs forward. Wraps `clock_gettime(2)`.
package func now() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
