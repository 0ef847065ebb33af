// Updated chunks: held in memory until all ranks write them back together, in file order.

import DAStore
import MessagePassing

/// What an updated chunk holds before the update.
public enum ChunkContents: Sendable {
  /// Nothing: the update writes every byte.
  case overwritten
  /// The fill value, and what earlier updates since the last flush wrote.
  case merged
  /// The chunk of the same number as stored in this array, and what earlier updates since the last flush wrote.
  case mergedInto(any ChunkedDataset)
}

/// An updated chunk. Its fields are guarded by the cache's monitor; its bytes belong to the thread that set `isBusy`.
final class DirtyChunk {
  let buffer: PooledBuffer
  let cost: Int
  var isBusy = true
  init(buffer: PooledBuffer, cost: Int) {
    self.buffer = buffer
    self.cost = cost
  }
}

/// The updated chunks of one writer.
struct WriterTable {
  /// Held so that no other writer can take over its identity; the cache calls it only from the thread that passes
  /// it in.
  let writer: any ChunkedDatasetWriter
  var chunks: [Int: DirtyChunk] = [:]
  /// Chunks whose updates have left for the file: merging into them needs the stored chunk.
  var flushed = RangeSet<Int>()
}

extension CacheCore {
  func update(
    _ writer: any ChunkedDatasetWriter, _ number: Int, _ contents: ChunkContents,
    _ body: (UnsafeMutableRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    let identity = ObjectIdentifier(writer)
    let known = monitor.wait { state -> DirtyChunk?? in
      guard let chunk = state.writers[identity]?.chunks[number] else { return .some(nil) }
      if chunk.isBusy { return nil }
      chunk.isBusy = true
      return chunk
    }
    if let known {
      defer { finish(known) }
      try body(known.buffer.bytes)
      return
    }
    let chunk = try begin(writer, number, contents)
    do {
      try body(chunk.buffer.bytes)
    } catch {
      discard(chunk, number, of: identity)
      throw error
    }
    finish(chunk)
  }

  /// Makes a new updated chunk, filled as `contents` says, and busy.
  private func begin(
    _ writer: any ChunkedDatasetWriter, _ number: Int, _ contents: ChunkContents
  ) throws(StoreError) -> DirtyChunk {
    let identity = ObjectIdentifier(writer)
    let description = writer.description
    let byteCount = try byteCount(ofChunk: number, description, path: writer.path)
    let cost = BufferPool.capacity(for: byteCount)
    let isFlushed = monitor.withLock { $0.writers[identity]?.flushed.contains(number) ?? false }
    if isFlushed, case .merged = contents {
      throw StoreError(
        .invalidArgument,
        "chunk \(number) was written back already and cannot be updated in part; "
          + "name the stored array to merge into, or update each chunk before it is flushed",
        path: writer.path)
    }
    let isReserved = monitor.wait { state -> Bool? in
      state.reserve(cost) ? true : state.prefetchingByteCount > 0 ? nil : false
    }
    guard isReserved else {
      throw memoryError(byteCount, for: "updating chunk \(number), before a flush,", path: writer.path)
    }
    do throws(StoreError) {
      let buffer = try lease(byteCount, for: "updating chunk \(number)")
      switch contents {
      case .overwritten: break
      case .merged: description.fillValue.fill(buffer.bytes)
      case .mergedInto(let source): try fill(buffer, from: source, number, description)
      }
      let chunk = DirtyChunk(buffer: buffer, cost: cost)
      let isFirst = monitor.withLock { state in
        guard state.writers[identity]?.chunks[number] == nil else { return false }
        state.writers[identity, default: WriterTable(writer: writer)].chunks[number] = chunk
        state.statistics.dirtyByteCount += cost
        return true
      }
      guard isFirst else {
        throw StoreError(.invalidArgument, "chunk \(number) is being updated by two threads at once", path: writer.path)
      }
      return chunk
    } catch {
      monitor.withLock { $0.count(resident: -cost) }
      throw error.at(path: writer.path)
    }
  }

  private func fill(
    _ buffer: PooledBuffer, from source: any ChunkedDataset, _ number: Int, _ target: DatasetDescription
  ) throws(StoreError) {
    let description = source.description
    guard description.grid == target.grid, description.dtype == target.dtype else {
      throw StoreError(
        .invalidArgument,
        "chunks of \(source.path) cannot be merged into: its shape, chunks or element type differ from the target's")
    }
    if let cached = pinIfReady(ObjectIdentifier(source), number) {
      buffer.bytes.copyMemory(from: cached.bytes)
      return
    }
    var failure: StoreError?
    load([LoadTarget(number: number, destination: buffer.bytes)], of: source, isAhead: false) { failure = $1 }
    if let failure { throw failure }
  }

  private func finish(_ chunk: DirtyChunk) {
    monitor.withLock { _ in chunk.isBusy = false }
    monitor.broadcast()
  }

  private func discard(_ chunk: DirtyChunk, _ number: Int, of writer: ObjectIdentifier) {
    monitor.withLock { state in
      state.writers[writer]?.chunks[number] = nil
      chunk.isBusy = false
      state.statistics.dirtyByteCount -= chunk.cost
      state.count(resident: -chunk.cost)
    }
    monitor.broadcast()
  }
}

extension CacheCore {
  /// Most bytes that one rank gives to one round, where memory for the writer's share allows it.
  private static let largestRound = 64 << 20

  func flush(to writer: any ChunkedDatasetWriter, over communicator: Communicator) throws(StoreError) {
    let planned: Result<[[Int]], StoreError>
    do throws(StoreError) { planned = .success(try rounds(of: writer)) } catch { planned = .failure(error) }
    let rounds = try communicator.agree(planned)
    let roundCount = try passing { () throws(MPIError) in try communicator.allReduce(rounds.count, .max) }
    let identity = ObjectIdentifier(writer)
    for round in 0..<roundCount {
      let numbers = round < rounds.count ? rounds[round] : []
      let chunks = monitor.withLock { state in numbers.map { ($0, state.writers[identity]?.chunks[$0]) } }
      // All ranks come here in every round, with nothing in hand if need be.
      try writer.write(
        chunks.compactMap { number, chunk in
          chunk.map { ChunkToWrite(number: number, bytes: UnsafeRawBufferPointer($0.buffer.bytes)) }
        })
      monitor.withLock { state in
        for (number, chunk) in chunks {
          guard let chunk else { continue }
          state.writers[identity]?.chunks[number] = nil
          state.writers[identity]?.flushed.insert(number, within: Int.min..<Int.max)
          state.statistics.dirtyByteCount -= chunk.cost
          state.count(resident: -chunk.cost)
          state.statistics.writeBacks += 1
        }
      }
    }
  }

  /// A writer's updated chunks in file order, in rounds whose share of the writer's memory fits beside the chunks.
  private func rounds(of writer: any ChunkedDatasetWriter) throws(StoreError) -> [[Int]] {
    let identity = ObjectIdentifier(writer)
    let dirty = monitor.wait { state -> [(number: Int, byteCount: Int)]? in
      let chunks = state.writers[identity]?.chunks ?? [:]
      if chunks.contains(where: { $0.value.isBusy }) { return nil }
      return chunks.map { ($0.key, $0.value.buffer.bytes.count) }.sorted { $0.0 < $1.0 }
    }
    guard let largest = dirty.map(\.byteCount).max() else { return [] }
    var limit = max(largest, min(dirty.reduce(0) { $0 + $1.byteCount }, Self.largestRound))
    while !makeRoom(writer.roundScratchByteCount(forChunksOf: limit)) {
      guard limit > largest else {
        throw memoryError(
          writer.roundScratchByteCount(forChunksOf: largest), for: "writing chunks back", path: writer.path)
      }
      limit = max(largest, limit / 2)
    }
    var rounds: [[Int]] = [[]]
    var byteCount = 0
    for chunk in dirty {
      if byteCount + chunk.byteCount > limit {
        rounds.append([])
        byteCount = 0
      }
      rounds[rounds.count - 1].append(chunk.number)
      byteCount += chunk.byteCount
    }
    return rounds
  }

  /// Evicts chunks until the pool can lease `byteCount` bytes more.
  ///
  /// - Returns: `false`, with nothing evicted, when what is in use leaves too little.
  func makeRoom(_ byteCount: Int) -> Bool {
    let leased = pool.statistics.leased
    return monitor.withLock { state in
      let missing = byteCount - (pool.budget - leased)
      if missing <= 0 { return true }
      guard missing <= state.evictable.byteCount else { return false }
      return state.evict(missing, sparingPrefetched: false)
    }
  }

  func needsFlush() -> Bool {
    monitor.withLock { Double($0.statistics.dirtyByteCount) > options.dirtyShare * Double(capacity) }
  }

  /// Forgets a writer and the updates that it has not written.
  func discard(_ writer: any ChunkedDatasetWriter) {
    let table = monitor.withLock { state in
      let table = state.writers.removeValue(forKey: ObjectIdentifier(writer))
      let cost = table?.chunks.values.reduce(0) { $0 + $1.cost } ?? 0
      state.statistics.dirtyByteCount -= cost
      state.count(resident: -cost)
      return table
    }
    withExtendedLifetime(table) {}  // the last reference to a writer must not go under the lock
  }
}
