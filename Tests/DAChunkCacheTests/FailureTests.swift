// Failures while loading: told to the right caller, once, and to nobody else.

import DAStore
import DATestSupport
import Testing

@testable import DAChunkCache

@Suite struct FailureTests {
  /// Every step of every kind of storage fails once for one chunk of a joined read; the neighbours are unharmed.
  @Test func neighboursOfAFailingChunkAreLoaded() throws {
    for kind in FakeDataset.Kind.allCases {
      for step in FakeDataset.Step.allCases {
        let dataset = try FakeDataset(chunks: 6, chunkByteCount: 100) { _ in kind }
        dataset.fail(3, step)
        let cache = cache(chunks: 8)
        let isMet =
          switch (step, kind) {
          case (.storage, _): true
          case (_, .constant): false
          case (.read, _): true
          case (.check, .direct), (.check, .scattered): true
          case (.decode, .encoded), (.decode, .scatteredEncoded): true
          default: false
          }
        let error = storeError { try cache.pin(dataset, chunks: Array(0..<6)) }
        #expect(
          error == (isMet ? StoreError(.corrupt, "chunk 3 fails at \(step)", path: "fake") : nil), "\(kind) \(step)")
        #expect(cache.statistics.pinnedByteCount == 0)
        #expect(cache.statistics.residentByteCount == (isMet ? 5 : 6) * page)
        dataset.forgetReads()
        for number in [0, 1, 2, 4, 5] {
          #expect(try cache.pin(dataset, chunk: number).array == dataset.expected(number))
        }
        #expect(dataset.reads.isEmpty)
        // Nothing of the failure stays.
        dataset.heal()
        #expect(try cache.pin(dataset, chunk: 3).array == dataset.expected(3))
      }
    }
  }

  @Test func aFileThatEndsEarlyHarmsOnlyWhatLiesBeyond() throws {
    let storages = (0..<6).map { ChunkStorage.encoded([StoredExtent(offset: $0 * 11, byteCount: 11)]) }
    let dataset = try FakeDataset(storages: storages, chunkByteCount: 10, fileByteCount: 35)
    let cache = cache(chunks: 8)
    // The bytes there are no encoding, but they are there: each chunk has its own error.
    #expect(storeError { try cache.pin(dataset, chunks: [0, 4]) }?.code == .corrupt)
    #expect(storeError { try cache.pin(dataset, chunks: [4, 0]) }?.code == .truncated)
  }

  @Test func aFailedPrefetchIsToldOnce() throws {
    for workers in [0, 1, 2] {
      let dataset = try FakeDataset(chunks: 6, chunkByteCount: 100)
      // Where there are no helpers, only the look at the chunk's storage can fail ahead of time.
      dataset.fail(2, .storage, times: 1)
      let cache = cache(chunks: 8, workers: workers)
      cache.prefetch(dataset, chunks: [0, 1, 2, 3])
      if workers > 0 { settle(cache, prefetched: 3) }
      let error = storeError { try cache.pin(dataset, chunks: [1, 2]) }
      #expect(error == StoreError(.corrupt, "chunk 2 fails at storage", path: "fake"), "\(workers) helpers")
      #expect(try cache.pin(dataset, chunk: 2).array == dataset.expected(2))
      #expect(cache.statistics.pinnedByteCount == 0)
      // Prefetching again neither hides nor repeats it.
      dataset.fail(5, .storage, times: 1)
      cache.prefetch(dataset, chunks: [5])
      cache.prefetch(dataset, chunks: [5])
      #expect(storeError { try cache.pin(dataset, chunk: 5) }?.code == .corrupt)
      #expect(try cache.pin(dataset, chunk: 5).array == dataset.expected(5))
    }
  }

  @Test func prefetchedChunksAreThereWhenWanted() throws {
    let dataset = try FakeDataset(chunks: 12, chunkByteCount: 100) { _ in .encoded }
    let cache = cache(chunks: 8, workers: 2)
    cache.prefetch(dataset, chunks: Array(0..<8))
    settle(cache, prefetched: 8)
    dataset.forgetReads()
    #expect(try cache.pin(dataset, chunks: Array(0..<8)).arrays == (0..<8).map(dataset.expected))
    #expect(dataset.reads.isEmpty)
    #expect(cache.statistics.prefetchHits == 8)
    #expect(cache.statistics.hits == 8)
  }

  @Test func aPrefetchNeverEvictsAnother() throws {
    let dataset = try FakeDataset(chunks: 40, chunkByteCount: 100)
    let cache = cache(chunks: 8, workers: 1)
    _ = try cache.pin(dataset, chunks: [30, 31, 32])
    cache.prefetch(dataset, chunks: Array(0..<20))
    settle(cache, prefetched: 8)
    let gone = cache.statistics.evictions
    #expect(gone == 3)
    dataset.forgetReads()
    #expect(try cache.pin(dataset, chunks: Array(0..<8)).arrays == (0..<8).map(dataset.expected))
    #expect(dataset.reads.isEmpty)
    #expect(storeError { try cache.pin(dataset, chunks: Array(8..<16)) } == nil)
    #expect(cache.pool.statistics.peak <= cache.pool.budget)
  }

  @Test func chunksThatDoNotExistAreNotPrefetched() throws {
    let dataset = try FakeDataset(chunks: 3, chunkByteCount: 100)
    for workers in [0, 1] {
      let cache = cache(chunks: 8, workers: workers)
      cache.prefetch(dataset, chunks: [-1, 3, .max, .min])
      #expect(
        storeError { try cache.pin(dataset, chunk: 3) }?.description
          == "fake: there is no chunk 3: they are numbered from 0 to 2")
    }
  }

  @Test func withoutHelpersTheSystemIsTold() throws {
    let dataset = try FakeDataset(chunks: 9, chunkByteCount: 100, gap: 4) { _ in .encoded }
    let cache = cache(chunks: 16)
    _ = try cache.pin(dataset, chunk: 1)
    cache.prefetch(dataset, chunks: [0, 1, 2, 3, 8])
    #expect(dataset.hints.map(\.byteCount) == [101, 206, 101])
    #expect(dataset.reads.count == 1)
  }
}

/// Waits until helper threads have loaded so many chunks and rest.
func settle(_ cache: ChunkCache, prefetched: Int) {
  while cache.statistics.prefetched < prefetched { yieldProcessor() }
}
