// Pinning, eviction and the budget.

import DAStore
import DATestSupport
import Testing

@testable import DAChunkCache

@Suite struct PinningTests {
  @Test(arguments: FakeDataset.Kind.allCases)
  func bringsEveryKindOfStorage(kind: FakeDataset.Kind) throws {
    let dataset = try FakeDataset(chunks: 7, chunkByteCount: 100, gap: 3, clip: 40) { _ in kind }
    let cache = cache(chunks: 16)
    for number in 0..<7 { #expect(try cache.pin(dataset, chunk: number).array == dataset.expected(number)) }
    cache.drop(dataset)
    #expect(try cache.pin(dataset, chunks: Array(0..<7)).arrays == (0..<7).map(dataset.expected))
    #expect(cache.statistics.loads == 14)
    #expect(cache.statistics.bytesDecoded == (kind == .encoded || kind == .scatteredEncoded ? 2 * 660 : 0))
  }

  @Test func mixedKindsInOneBatchWithDoubles() throws {
    let dataset = try FakeDataset(chunks: 20, chunkByteCount: 90, gap: 2) { FakeDataset.Kind.allCases[$0 % 5] }
    let cache = cache(chunks: 32)
    let wanted = [19, 3, 3, 0, 7, 12, 19, 1]
    #expect(try cache.pin(dataset, chunks: wanted).arrays == wanted.map(dataset.expected))
    #expect(cache.statistics.loads == 6)
    #expect(cache.statistics.misses == wanted.count)
    #expect(try cache.pin(dataset, chunks: []).isEmpty)
  }

  @Test func neighboursAreReadTogether() throws {
    let dataset = try FakeDataset(chunks: 40, chunkByteCount: 100, gap: 4) { _ in .encoded }
    let cache = cache(chunks: 64)
    _ = try cache.pin(dataset, chunks: Array((0..<40).reversed()))
    #expect(dataset.reads.count == 1)
    #expect(cache.statistics.mergedReads == 1)
    #expect(cache.statistics.bytesRead == 40 * 105 - 4)
    #expect(cache.statistics.bytesDecoded == 4000)
  }

  @Test func largeChunksAreReadStraightToTheirPlace() throws {
    let dataset = try FakeDataset(chunks: 4, chunkByteCount: 3 * page)
    let cache = cache(chunks: 16) { $0.smallestStraightRead = 2 * page }
    let pins = try cache.pin(dataset, chunks: [0, 1, 2, 3])
    #expect(dataset.reads.allSatisfy { $0.byteCount % (3 * page) == 0 })
    // Nothing but the chunks was ever leased: no staging.
    #expect(cache.pool.statistics.peak == 12 * page)
    #expect(pins.arrays == (0..<4).map(dataset.expected))
  }

  @Test func leastRecentlyUsedGoesFirst() throws {
    let dataset = try FakeDataset(chunks: 10, chunkByteCount: 100)
    let cache = cache(chunks: 3)
    for number in [0, 1, 2, 0, 3] { _ = try cache.pin(dataset, chunk: number) }
    dataset.forgetReads()
    for number in [0, 2, 3] { _ = try cache.pin(dataset, chunk: number) }
    #expect(dataset.reads.isEmpty)
    _ = try cache.pin(dataset, chunk: 1)
    #expect(dataset.reads.count == 1)
    #expect(cache.statistics.evictions == 2)
    #expect(cache.statistics.hits == 4)
  }

  @Test func pinnedChunksAreNeverEvicted() throws {
    let dataset = try FakeDataset(chunks: 10, chunkByteCount: 100)
    let cache = cache(chunks: 3)
    var held: PinnedChunk? = try cache.pin(dataset, chunk: 0)
    for number in 1..<10 { _ = try cache.pin(dataset, chunk: number) }
    #expect(held?.array == dataset.expected(0))
    dataset.forgetReads()
    _ = try cache.pin(dataset, chunk: 0)
    #expect(dataset.reads.isEmpty)
    #expect(cache.statistics.pinnedByteCount == page)
    held = nil
    #expect(cache.statistics.pinnedByteCount == 0)
  }

  @Test func exhaustedBudgetSaysWhatWouldDo() throws {
    let dataset = try FakeDataset(chunks: 10, chunkByteCount: 100)
    let cache = cache(chunks: 3)
    var held = try cache.pin(dataset, chunks: [0, 1, 2])
    let error = try #require(storeError { try cache.pin(dataset, chunk: 3) })
    #expect(error.code == .memory)
    #expect(
      error.description
        == "fake: chunk 3 needs 4096 bytes, but of a budget of 77824 bytes (12288 for chunks) 12288 are pinned, "
        + "0 hold updates not yet flushed and 12288 are leased in all; ask for fewer chunks at a time, "
        + "or raise --memory to at least 81920 bytes")
    // What it advises does indeed do.
    let larger = ChunkCache(
      pool: BufferPool(budget: 81920),
      options: {
        var options = CacheOptions(); options.reserveByteCount = 16 * page; return options
      }())
    let advised = try larger.pin(dataset, chunks: [0, 1, 2])
    #expect(try larger.pin(dataset, chunk: 3).array == dataset.expected(3))
    #expect(advised.count == 3)
    // The failure took nothing away, and room makes it work.
    #expect(cache.statistics.pinnedByteCount == 3 * page)
    held.removeLast()
    #expect(try cache.pin(dataset, chunk: 3).array == dataset.expected(3))
    #expect(held.arrays == [0, 1].map(dataset.expected))
    let batch = try #require(storeError { try cache.pin(dataset, chunks: [5, 6, 7]) })
    #expect(batch.code == .memory && batch.message.hasPrefix("a batch of 3 chunks needs"))
  }

  @Test func memoryThatOthersLeaseIsRespected() throws {
    let dataset = try FakeDataset(chunks: 10, chunkByteCount: 100)
    let pool = BufferPool(budget: 19 * page)
    let cache = cache(chunks: 3, pool: pool)
    _ = try cache.pin(dataset, chunks: [0, 1, 2])
    // Others take more than the reserve: the cache gives way only when it next needs memory, or when told.
    let theirs = try pool.lease(byteCount: 16 * page)
    #expect(storeError { try pool.lease(byteCount: page) }?.code == .memory)
    try cache.makeRoom(2 * page, for: "a message")
    let more = try pool.lease(byteCount: 2 * page)
    #expect(storeError { try cache.makeRoom(2 * page, for: "a message") }?.code == .memory)
    #expect(try cache.pin(dataset, chunk: 5).array == dataset.expected(5))
    #expect(pool.statistics.peak <= pool.budget)
    _ = (theirs, more)
  }

  @Test func datasetsAreToldApart() throws {
    let first = try FakeDataset(chunks: 3, chunkByteCount: 100)
    let second = try FakeDataset(chunks: 3, chunkByteCount: 100) { _ in .constant }
    let cache = cache(chunks: 8)
    #expect(try cache.pin(first, chunk: 1).array == first.expected(1))
    #expect(try cache.pin(second, chunk: 1).array == second.expected(1))
    #expect(try cache.pin(first, chunk: 1).array == first.expected(1))
    #expect(cache.statistics.hits == 1)
  }

  /// A dataset at the address of a former one must not inherit its chunks.
  @Test func identitiesAreNotReusedWhileChunksAreCached() throws {
    let cache = cache(chunks: 64)
    for turn in 0..<40 {
      let kind: FakeDataset.Kind = turn % 2 == 0 ? .direct : .constant
      let dataset = try FakeDataset(chunks: 1, chunkByteCount: 10) { _ in kind }
      #expect(try cache.pin(dataset, chunk: 0).array == dataset.expected(0))
    }
    #expect(cache.statistics.hits == 0)
  }

  @Test func droppedChunksAreForgottenButPinsStayValid() throws {
    let dataset = try FakeDataset(chunks: 4, chunkByteCount: 100)
    let cache = cache(chunks: 8)
    var held: [PinnedChunk] = try cache.pin(dataset, chunks: [0, 1])
    _ = try cache.pin(dataset, chunk: 2)
    cache.drop(dataset)
    #expect(cache.statistics.residentByteCount == 2 * page)
    dataset.forgetReads()
    #expect(try cache.pin(dataset, chunk: 0).array == dataset.expected(0))
    #expect(dataset.reads.count == 1)
    #expect(held.arrays == [0, 1].map(dataset.expected))
    held = []
    #expect(cache.statistics.residentByteCount == page)
    #expect(cache.statistics.pinnedByteCount == 0)
    cache.drop(dataset)
    #expect(cache.statistics.residentByteCount == 0)
    #expect(cache.pool.statistics.leased == 0)
  }

  @Test func pinsOutliveTheCache() throws {
    let dataset = try FakeDataset(chunks: 4, chunkByteCount: 100)
    let held = try cache(chunks: 8, workers: 2).pin(dataset, chunk: 3)
    #expect(held.array == dataset.expected(3))
  }

  @Test func aChunkLargerThanTheCacheIsRefused() throws {
    let dataset = try FakeDataset(chunks: 2, chunkByteCount: 5 * page)
    let cache = cache(chunks: 4)
    #expect(storeError { try cache.pin(dataset, chunk: 0) }?.code == .memory)
    let other = try FakeDataset(chunks: 1, chunkByteCount: 30 * page)
    #expect(storeError { try cache.sweep(other, chunks: [0]) { _, _ throws(StoreError) in } }?.code == .memory)
    #expect(cache.pool.statistics.leased == 0)
  }

  @Test func storagesThatMakeNoSenseAreRefused() throws {
    let wrong: [ChunkStorage] = [
      .direct([StoredExtent(offset: -1, byteCount: 10)]),
      .direct([StoredExtent(offset: 0, byteCount: 9)]),
      .direct([StoredExtent(offset: 0, byteCount: 11)]),
      .direct([]),
      .direct([StoredExtent(offset: 0, byteCount: -10), StoredExtent(offset: 0, byteCount: 20)]),
      .direct([StoredExtent(offset: .max - 3, byteCount: 10)]),
      .direct([StoredExtent(offset: 0, byteCount: .max), StoredExtent(offset: 0, byteCount: .max)]),
      .encoded([StoredExtent(offset: 0, byteCount: 12)]),
      .encoded([StoredExtent(offset: 0, byteCount: 1 << 60)]),
      .encoded([]),
      .constant(ElementValue(1.5)),
    ]
    let dataset = try FakeDataset(storages: wrong, chunkByteCount: 10, fileByteCount: 100)
    for workers in [0, 2] {
      let cache = cache(chunks: 32, workers: workers)
      for number in wrong.indices {
        #expect(storeError { try cache.pin(dataset, chunk: number) } != nil, "\(wrong[number])")
      }
      cache.prefetch(dataset, chunks: Array(wrong.indices))
      for number in wrong.indices {
        let swept = storeError { try cache.sweep(dataset, chunks: [number]) { _, _ throws(StoreError) in } }
        #expect(swept != nil, "\(wrong[number])")
      }
      #expect(cache.statistics.pinnedByteCount == 0)
    }
  }
}
