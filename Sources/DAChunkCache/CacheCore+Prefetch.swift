// Prefetching: what the next round needs is read while this one is computed.

import DAStore

extension CacheCore {
  /// Makes entries for absent chunks and lets helper threads load them, as far as memory allows.
  func prefetch(_ dataset: any ChunkedDataset, _ chunks: [Int], on workers: WorkerThreads) {
    let description = dataset.description
    let identity = ObjectIdentifier(dataset)
    let wanted = absent(identity, chunks, description)
    let queued = monitor.withLock { state in
      wanted.compactMap { number, byteCount -> CacheEntry? in
        guard state.entry(identity, number) == nil else { return nil }
        let entry = CacheEntry(dataset: identity, number: number, byteCount: byteCount, phase: .queued)
        state.insert(entry, of: dataset)
        return entry
      }
    }
    var job: [CacheEntry] = []
    var byteCount = 0
    for (index, entry) in queued.enumerated() {
      job.append(entry)
      byteCount += entry.cost
      if byteCount >= stagingByteCount || index == queued.count - 1 {
        let entries = job
        workers.submit { self.loadAhead(entries, of: dataset) }
        job = []
        byteCount = 0
      }
    }
  }

  /// Tells the system which bytes will be wanted. A failing look at a chunk's storage is kept for whoever pins it.
  func announce(_ dataset: any ChunkedDataset, _ chunks: [Int]) {
    let identity = ObjectIdentifier(dataset)
    var pieces: [ReadPiece] = []
    for (number, byteCount) in absent(identity, chunks, dataset.description) {
      do throws(StoreError) {
        pieces += hintPieces(try dataset.storage(of: number))
      } catch {
        monitor.withLock { state in
          guard state.entry(identity, number) == nil else { return }
          let failure = error.at(path: dataset.path)
          state.insert(
            CacheEntry(dataset: identity, number: number, byteCount: byteCount, phase: .failed(failure)), of: dataset)
        }
      }
    }
    announce(dataset, pieces)
  }

  func announce(_ dataset: any ChunkedDataset, _ pieces: [ReadPiece]) {
    var limits = planLimits
    limits.largestRead = options.largestMergedRead
    limits.smallestStraightRead = Int.max
    for read in ReadPlan(pieces, limits: limits).reads { dataset.willRead(read.extent) }
  }

  /// Extents worth announcing: only the readable ones, since a wrong one is reported when it is read.
  func hintPieces(_ storage: ChunkStorage) -> [ReadPiece] {
    switch storage {
    case .constant: []
    case .direct(let extents), .encoded(let extents):
      extents.filter {
        $0.offset >= 0 && $0.byteCount > 0 && !$0.offset.addingReportingOverflow($0.byteCount).overflow
      }.map { ReadPiece(target: 0, positionInChunk: 0, extent: $0, destination: nil) }
    }
  }

  /// The chunks that the cache knows nothing of, with their sizes, each once. Numbers that do not exist are left out:
  /// pinning them says what is wrong.
  private func absent(
    _ identity: ObjectIdentifier, _ chunks: [Int], _ description: DatasetDescription
  ) -> [(number: Int, byteCount: Int)] {
    var seen: Set<Int> = []
    let unknown = monitor.withLock { state in
      chunks.filter { state.entry(identity, $0) == nil && seen.insert($0).inserted }
    }
    return unknown.filter { $0 >= 0 && $0 < description.grid.chunkCount }.map {
      ($0, description.byteCount(ofChunk: $0))
    }
  }

  /// Runs on a helper thread: claims what nobody took over meanwhile and what memory allows, and loads it.
  private func loadAhead(_ entries: [CacheEntry], of dataset: any ChunkedDataset) {
    let claimed = monitor.withLock { state in
      entries.filter { entry in
        guard case .queued = entry.phase, !entry.isDropped else { return false }
        guard state.reserve(entry.cost, sparingPrefetched: true) else {
          state.removeFromTable(entry)
          return false
        }
        entry.phase = .loading
        state.prefetchingByteCount += entry.cost
        return true
      }
    }
    load(claimed, of: dataset, isAhead: true)
  }
}
