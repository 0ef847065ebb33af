// Sweeps: order, what they leave in the cache, and what happens when something fails on the way.

import DAStore
import DATestSupport
import Glibc
import Testing

@testable import DAChunkCache

@Suite struct SweepTests {
  @Test(arguments: [0, 1, 3], [SweepHint.scan, .keep])
  func bringsEveryChunkInOrder(workers: Int, hint: SweepHint) throws {
    for kind in FakeDataset.Kind.allCases {
      let dataset = try FakeDataset(chunks: 30, chunkByteCount: 100, gap: 1, clip: 7) { _ in kind }
      for roundByteCount in [1, 100, 350, 1 << 20] {
        let cache = cache(chunks: 8, workers: workers) { $0.scanRoundByteCount = roundByteCount }
        for order in [Array(0..<30), Array((0..<30).reversed()), [3, 3, 29, 0, 3], []] {
          var seen: [Int] = []
          var wrong: [Int] = []
          try cache.sweep(dataset, chunks: order, hint: hint) { number, bytes throws(StoreError) in
            seen.append(number)
            if Array(bytes) != dataset.expected(number) { wrong.append(number) }
          }
          #expect(seen == order)
          #expect(wrong == [])
        }
        #expect(cache.pool.statistics.peak <= cache.pool.budget)
        #expect(cache.statistics.pinnedByteCount == 0)
      }
    }
  }

  @Test(arguments: [0, 2])
  func aScanDisplacesNothing(workers: Int) throws {
    let hot = try FakeDataset(chunks: 4, chunkByteCount: 100)
    let cold = try FakeDataset(chunks: 500, chunkByteCount: 100)
    let cache = cache(chunks: 4, workers: workers) { $0.scanRoundByteCount = 300 }
    _ = try cache.pin(hot, chunks: [0, 1, 2, 3])
    hot.forgetReads()
    try cache.sweep(cold, chunks: 0..<500, hint: .scan) { _, _ throws(StoreError) in }
    #expect(cache.statistics.evictions == 0)
    #expect(try cache.pin(hot, chunks: [0, 1, 2, 3]).arrays == (0..<4).map(hot.expected))
    #expect(hot.reads.isEmpty)
    try cache.sweep(cold, chunks: 0..<500, hint: .keep) { _, _ throws(StoreError) in }
    _ = try cache.pin(hot, chunks: [0, 1, 2, 3])
    #expect(!hot.reads.isEmpty)
  }

  @Test func aScanUsesWhatIsCached() throws {
    let dataset = try FakeDataset(chunks: 10, chunkByteCount: 100)
    let cache = cache(chunks: 4)
    _ = try cache.pin(dataset, chunks: [2, 5])
    dataset.forgetReads()
    try cache.sweep(dataset, chunks: [1, 2, 4, 5], hint: .scan) { _, _ throws(StoreError) in }
    #expect(dataset.reads.reduce(0) { $0 + $1.byteCount } == 200)
    #expect(cache.statistics.hits == 2)
  }

  @Test func aScanReusesOneBufferAndReadsStraight() throws {
    let dataset = try FakeDataset(chunks: 64, chunkByteCount: 2 * page)
    let cache = cache(chunks: 4) { $0.scanRoundByteCount = 4 * page }
    var places: Set<UnsafeRawPointer?> = []
    try cache.sweep(dataset, chunks: 0..<64) { _, bytes throws(StoreError) in places.insert(bytes.baseAddress) }
    #expect(cache.pool.statistics.allocations == 1)
    #expect(places.count == 2)
    // Two neighbouring chunks lie side by side in the round's buffer: one read, no copy.
    #expect(dataset.reads.map(\.byteCount) == Array(repeating: 4 * page, count: 32))
  }

  @Test(arguments: [0, 2], [SweepHint.scan, .keep])
  func aFailureComesAtItsTurn(workers: Int, hint: SweepHint) throws {
    for step in FakeDataset.Step.allCases {
      let dataset = try FakeDataset(chunks: 20, chunkByteCount: 100) { _ in step == .decode ? .encoded : .direct }
      dataset.fail(11, step)
      let cache = cache(chunks: 8, workers: workers) { $0.scanRoundByteCount = 300 }
      var seen: [Int] = []
      let error = storeError {
        try cache.sweep(dataset, chunks: 0..<20, hint: hint) { number, _ throws(StoreError) in seen.append(number) }
      }
      #expect(error == StoreError(.corrupt, "chunk 11 fails at \(step)", path: "fake"))
      #expect(seen == Array(0..<seen.count))
      #expect(hint == .keep ? seen.count <= 11 : seen.count == 11)
      #expect(cache.statistics.pinnedByteCount == 0)
      dataset.heal()
      var again: [Int] = []
      // A prefetch that met the same failure tells of it once.
      for _ in 0..<3 where again.count < 20 {
        again = []
        _ = storeError {
          try cache.sweep(dataset, chunks: 0..<20, hint: hint) { number, _ throws(StoreError) in again.append(number) }
        }
      }
      #expect(again == Array(0..<20))
    }
  }

  @Test(arguments: [0, 2], [SweepHint.scan, .keep])
  func theBodyMayStop(workers: Int, hint: SweepHint) throws {
    let dataset = try FakeDataset(chunks: 100, chunkByteCount: 100)
    let cache = cache(chunks: 8, workers: workers) { $0.scanRoundByteCount = 200 }
    var count = 0
    let error = storeError {
      try cache.sweep(dataset, chunks: 0..<100, hint: hint) { number, _ throws(StoreError) in
        count += 1
        if number == 5 { throw StoreError(.interrupted, "enough") }
      }
    }
    #expect(error?.code == .interrupted)
    #expect(count == 6)
    #expect(cache.statistics.pinnedByteCount == 0)
  }

  @Test func aSweepWorksWhereThereIsRoomForOneChunkOnly() throws {
    let dataset = try FakeDataset(chunks: 20, chunkByteCount: 3 * page)
    let pool = BufferPool(budget: 4 * page)
    for workers in [0, 3] {
      let cache = cache(chunks: 3, reservePages: 1, workers: workers, pool: pool)
      for hint in [SweepHint.scan, .keep] {
        var seen: [Int] = []
        try cache.sweep(dataset, chunks: 0..<20, hint: hint) { number, bytes throws(StoreError) in
          if Array(bytes) == dataset.expected(number) { seen.append(number) }
        }
        #expect(seen == Array(0..<20))
        cache.drop(dataset)
      }
    }
    #expect(pool.statistics.peak <= pool.budget)
  }

  @Test func slowReadsThatJumpAreAnnounced() throws {
    let dataset = try FakeDataset(chunks: 40, chunkByteCount: 100)
    let cache = cache(chunks: 4) { $0.scanRoundByteCount = 100 }
    dataset.onRead { usleep(10) }
    // In file order the system sees by itself what comes.
    try cache.sweep(dataset, chunks: Array(0..<40)) { _, _ throws(StoreError) in }
    #expect(dataset.hints.isEmpty)
    try cache.sweep(dataset, chunks: (0..<40).map { $0 * 7 % 40 }) { _, _ throws(StoreError) in }
    #expect(!dataset.hints.isEmpty)
    #expect(dataset.reads.count == 80)
  }

  @Test func onlyReadsSlowerThanMemoryCount() {
    var pace = ReadPace()
    #expect(!pace.isSlow)
    pace.note(nanoseconds: 1_000_000, byteCount: 1 << 20)
    #expect(pace.isSlow)
    pace.note(nanoseconds: 100_000, byteCount: 1 << 20)
    #expect(!pace.isSlow)
    // A round that was cached whole says nothing of a device.
    pace.note(nanoseconds: 0, byteCount: 0)
    #expect(!pace.isSlow)
  }
}
