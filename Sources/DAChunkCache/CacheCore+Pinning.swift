// Pinning: chunks stay in memory while somebody looks at them.

import DAStore

/// A chunk that stays in memory while this object lives.
public final class PinnedChunk: @unchecked Sendable {
  // Sendable: nobody writes to the bytes of a loaded chunk.
  public let number: Int
  /// The chunk's elements: dense, C order, little-endian, clipped to the array. Valid while this object lives.
  public let bytes: UnsafeRawBufferPointer
  private let entry: CacheEntry
  private let core: CacheCore
  private let buffer: PooledBuffer

  init(_ entry: CacheEntry, buffer: PooledBuffer, core: CacheCore) {
    self.entry = entry
    self.core = core
    self.buffer = buffer
    number = entry.number
    bytes = UnsafeRawBufferPointer(buffer.bytes)
  }

  deinit { core.monitor.withLock { $0.unpin(entry) } }
}

/// Chunks that one call wants pinned, and how far that is.
private struct PinRequest {
  let dataset: any ChunkedDataset
  let identity: ObjectIdentifier
  let chunks: [Int]
  /// One per chunk, pinned for this request; `nil` until claimed.
  var entries: [CacheEntry?]
  /// Decoded sizes of the chunks that were absent at first sight.
  var byteCounts: [Int: Int] = [:]
  /// The entries that this thread loads itself.
  var mine: [CacheEntry] = []

  init(dataset: any ChunkedDataset, chunks: [Int]) {
    self.dataset = dataset
    identity = ObjectIdentifier(dataset)
    self.chunks = chunks
    entries = Array(repeating: nil, count: chunks.count)
  }
}

extension CacheCore {
  /// The chunk, pinned, if it is in memory.
  func pinIfReady(_ dataset: ObjectIdentifier, _ number: Int) -> PinnedChunk? {
    monitor.withLock { state in
      guard let entry = state.entry(dataset, number), case .ready = entry.phase, let buffer = entry.buffer else {
        return nil
      }
      state.statistics.hits += 1
      state.pin(entry)
      return PinnedChunk(entry, buffer: buffer, core: self)
    }
  }

  func pinOne(_ dataset: any ChunkedDataset, _ number: Int) throws(StoreError) -> PinnedChunk {
    if let pin = pinIfReady(ObjectIdentifier(dataset), number) { return pin }
    let pins = try pin(dataset, [number])
    precondition(pins.count == 1, "one pin for each chunk asked for")
    return pins[0]
  }

  /// Pins chunks, loading what is absent as one batch; in the order given, doubles allowed.
  func pin(_ dataset: any ChunkedDataset, _ chunks: [Int]) throws(StoreError) -> [PinnedChunk] {
    var request = PinRequest(dataset: dataset, chunks: chunks)
    do {
      try take(&request)
      // One turn, and another when a loader that this thread waited for gave up for lack of memory.
      while true {
        try claim(&request)
        load(request.mine, of: dataset, isAhead: false)
        if let pins = try settle(&request) { return pins }
      }
    } catch {
      monitor.withLock { state in
        for entry in request.entries { if let entry { state.unpin(entry) } }
      }
      throw error
    }
  }

  /// Pins what is in memory and measures the rest.
  private func take(_ request: inout PinRequest) throws(StoreError) {
    monitor.withLock { state in
      for (index, number) in request.chunks.enumerated() {
        if let entry = state.entry(request.identity, number), case .ready = entry.phase {
          state.statistics.hits += 1
          state.pin(entry)
          request.entries[index] = entry
        } else {
          state.statistics.misses += 1
        }
      }
    }
    if request.entries.allSatisfy({ $0 != nil }) { return }
    let description = request.dataset.description
    for (index, number) in request.chunks.enumerated() where request.entries[index] == nil {
      request.byteCounts[number] = try byteCount(ofChunk: number, description, path: request.dataset.path)
    }
  }

  private enum Claim {
    case done
    case failed(StoreError)
    case shortage(Int)
  }

  /// Pins what others are loading, and takes upon this thread what nobody is.
  private func claim(_ request: inout PinRequest) throws(StoreError) {
    request.mine = []
    if request.entries.allSatisfy({ $0 != nil }) { return }
    let outcome = monitor.wait { state -> Claim? in
      var absent: [Int: Int] = [:]
      var cost = 0
      for (index, number) in request.chunks.enumerated() where request.entries[index] == nil {
        let entry = state.entry(request.identity, number)
        switch entry?.phase {
        case .ready, .loading:
          if let entry {
            state.pin(entry)
            request.entries[index] = entry
          }
        case .failed(let error):
          if let entry { state.removeFromTable(entry) }
          return .failed(error)
        case .queued, nil:
          guard absent[number] == nil else { continue }
          let byteCount = request.byteCounts[number] ?? 0
          absent[number] = byteCount
          let (sum, overflow) = cost.addingReportingOverflow(BufferPool.capacity(for: byteCount))
          cost = overflow ? Int.max : sum
        }
      }
      guard state.reserve(cost) else {
        // What helper threads are loading ahead can be evicted as soon as they are done.
        return state.prefetchingByteCount > 0 ? nil : .shortage(cost)
      }
      for (index, number) in request.chunks.enumerated() where request.entries[index] == nil {
        let entry: CacheEntry
        if let known = state.entry(request.identity, number) {
          entry = known
        } else {
          entry = CacheEntry(
            dataset: request.identity, number: number, byteCount: absent[number] ?? 0, phase: .queued)
          state.insert(entry, of: request.dataset)
        }
        if case .queued = entry.phase {
          entry.phase = .loading
          request.mine.append(entry)
        }
        state.pin(entry)
        request.entries[index] = entry
      }
      return .done
    }
    switch outcome {
    case .done: return
    case .failed(let error): throw error
    case .shortage(let cost):
      let count = request.chunks.count
      throw memoryError(
        cost, for: count == 1 ? "chunk \(request.chunks[0])" : "a batch of \(count) chunks", path: request.dataset.path)
    }
  }

  /// Waits until every chunk is there.
  ///
  /// - Returns: `nil` when a chunk must be claimed again.
  private func settle(_ request: inout PinRequest) throws(StoreError) -> [PinnedChunk]? {
    var pins: [(CacheEntry, PooledBuffer)] = []
    var isComplete = true
    for (index, entry) in request.entries.enumerated() {
      guard let entry else { continue }
      let outcome = monitor.wait { _ -> Result<PooledBuffer, StoreError>? in
        switch entry.phase {
        case .ready: entry.buffer.map { .success($0) }
        case .failed(let error): .failure(error)
        case .queued, .loading: nil
        }
      }
      switch outcome {
      case .success(let buffer): pins.append((entry, buffer))
      case .failure(let error):
        // Another thread's lack of memory, perhaps for a larger batch, is not this one's.
        guard error.code == .memory, !request.mine.contains(where: { $0 === entry }) else { throw error }
        request.entries[index] = nil
        isComplete = false
      }
    }
    return isComplete ? pins.map { PinnedChunk($0, buffer: $1, core: self) } : nil
  }

  /// Loads entries that this thread has claimed, and tells whoever waits for them.
  ///
  /// - Parameter isAhead: Nobody may be waiting yet: an error is kept for the first who asks.
  func load(_ entries: [CacheEntry], of dataset: any ChunkedDataset, isAhead: Bool) {
    if entries.isEmpty { return }
    var loading: [(entry: CacheEntry, buffer: PooledBuffer)] = []
    var targets: [LoadTarget] = []
    for entry in entries {
      do {
        let buffer = try lease(entry.byteCount, for: "chunk \(entry.number)", isAhead: isAhead)
        loading.append((entry, buffer))
        targets.append(LoadTarget(number: entry.number, destination: buffer.bytes))
      } catch {
        finish(entry, .failure(error.at(path: dataset.path)), isAhead: isAhead)
      }
    }
    load(targets, of: dataset, isAhead: isAhead) { index, error in
      let (entry, buffer) = loading[index]
      finish(entry, error.map { .failure($0) } ?? .success(buffer), isAhead: isAhead)
    }
  }

  private func finish(_ entry: CacheEntry, _ outcome: Result<PooledBuffer, StoreError>, isAhead: Bool) {
    monitor.withLock { state in
      if isAhead { state.prefetchingByteCount -= entry.cost }
      switch outcome {
      case .success(let buffer):
        entry.buffer = buffer
        entry.phase = .ready
        state.statistics.loads += 1
        if isAhead {
          state.statistics.prefetched += 1
          if entry.pins > 0 { state.statistics.prefetchHits += 1 } else { entry.isPrefetched = true }
        }
        if entry.pins == 0 {
          if entry.isDropped { state.release(entry) } else { state.evictable.append(entry) }
        }
      case .failure(let error):
        // A hint that lacked memory is forgotten: whoever needs the chunk will try for itself.
        state.fail(entry, error, isKept: isAhead && entry.pins == 0 && !entry.isDropped && error.code != .memory)
      }
    }
    monitor.broadcast()
  }
}

/// Decoded size of a chunk.
///
/// - Throws: `.invalidArgument` when there is no such chunk.
func byteCount(ofChunk number: Int, _ description: DatasetDescription, path: String) throws(StoreError) -> Int {
  let chunkCount = description.grid.chunkCount
  guard number >= 0 && number < chunkCount else {
    let range = chunkCount == 0 ? "it has none" : "they are numbered from 0 to \(chunkCount - 1)"
    throw StoreError(.invalidArgument, "there is no chunk \(number): \(range)", path: path)
  }
  return description.byteCount(ofChunk: number)
}

extension CacheCore {
  /// Forgets a dataset's chunks; those in use vanish with their last pin.
  func drop(_ dataset: any ChunkedDataset) {
    let table = monitor.withLock { state -> DatasetTable? in
      guard let table = state.tables.removeValue(forKey: ObjectIdentifier(dataset)) else { return nil }
      for entry in table.entries.values {
        entry.isDropped = true
        if entry.isListed {
          state.evictable.remove(entry)
          state.release(entry)
        }
      }
      return table
    }
    withExtendedLifetime(table) {}  // what it holds goes after the lock, not under it
  }
}
