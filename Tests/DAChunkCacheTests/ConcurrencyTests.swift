// Many threads on one cache. Run under ThreadSanitizer as well.

import DAStore
import DATestSupport
import Foundation
import Testing

@testable import DAChunkCache

/// Lets other threads run.
func yieldProcessor() { sched_yield() }

/// Runs `body` on several threads at once and waits for all.
private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let group = DispatchGroup()
  for index in 0..<count {
    group.enter()
    Thread {
      body(index)
      group.leave()
    }.start()
  }
  group.wait()
}

/// What threads have to report.
private final class Findings: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [String] = []
  func add(_ text: String) { lock.withLock { list.append(text) } }
  var all: [String] { lock.withLock { list } }
}

@Suite struct ConcurrencyTests {
  /// The reader of an absent chunk waits until a second thread wants the same chunk: it must not read it again.
  @Test func anAbsentChunkIsLoadedOnce() throws {
    let dataset = try FakeDataset(chunks: 3, chunkByteCount: 100)
    let cache = cache(chunks: 8)
    let findings = Findings()
    dataset.onRead { while cache.statistics.misses < 4 { yieldProcessor() } }
    onThreads(4) { _ in
      do {
        if try cache.pin(dataset, chunk: 1).array != dataset.expected(1) { findings.add("wrong bytes") }
      } catch { findings.add("\(error)") }
    }
    #expect(findings.all == [])
    #expect(dataset.reads.count == 1)
    #expect(cache.statistics.loads == 1)
  }

  @Test func allWaitersHearOfAFailure() throws {
    let dataset = try FakeDataset(chunks: 3, chunkByteCount: 100)
    dataset.fail(1, .check)
    let cache = cache(chunks: 8)
    let findings = Findings()
    dataset.onRead { while cache.statistics.misses < 4 { yieldProcessor() } }
    onThreads(4) { _ in
      if storeError({ try cache.pin(dataset, chunk: 1) })?.message != "chunk 1 fails at check" {
        findings.add("no error")
      }
    }
    #expect(findings.all == [])
    #expect(cache.statistics.pinnedByteCount == 0)
    #expect(cache.statistics.residentByteCount == 0)
    #expect(cache.pool.statistics.leased == 0)
  }

  /// Batches that overlap in opposite orders must not wait for each other in a circle.
  @Test(arguments: [0, 2])
  func threadsMixEverything(workers: Int) throws {
    let count = 40
    let dataset = try FakeDataset(chunks: count, chunkByteCount: 120, gap: 2) { FakeDataset.Kind.allCases[$0 % 5] }
    let cache = cache(chunks: 24, reservePages: 40, workers: workers) { $0.scanRoundByteCount = 300 }
    let findings = Findings()
    onThreads(4) { thread in
      var random = SeededRandom(seed: UInt64(thread + 10 * workers))
      for step in 0..<60 {
        let chunks = (0..<5).map { _ in Int.random(in: 0..<count, using: &random) }
        do {
          switch Int.random(in: 0..<5, using: &random) {
          case 0: cache.prefetch(dataset, chunks: chunks)
          case 1:
            try cache.sweep(dataset, chunks: chunks, hint: .scan) { number, bytes throws(StoreError) in
              if Array(bytes) != dataset.expected(number) { findings.add("swept chunk \(number) is wrong") }
            }
          case 2:
            try cache.sweep(dataset, chunks: chunks, hint: .keep) { number, bytes throws(StoreError) in
              if Array(bytes) != dataset.expected(number) { findings.add("kept chunk \(number) is wrong") }
            }
          case 3 where step % 10 == 0: cache.drop(dataset)
          default:
            if try cache.pin(dataset, chunks: chunks).arrays != chunks.map(dataset.expected) {
              findings.add("wrong bytes")
            }
          }
        } catch { findings.add("thread \(thread), step \(step): \(error)") }
      }
    }
    #expect(findings.all == [])
    #expect(cache.pool.statistics.peak <= cache.pool.budget)
    #expect(cache.statistics.pinnedByteCount == 0)
  }

  @Test func threadsUpdateTheSameChunks() throws {
    let writer = try FakeWriter(chunks: 3, chunkByteCount: 8)
    let cache = cache(chunks: 8)
    for number in 0..<3 {
      try cache.update(writer, chunk: number, contents: .merged) { _ throws(StoreError) in }
    }
    let findings = Findings()
    let target = Target(writer)
    onThreads(4) { thread in
      for step in 0..<90 {
        do {
          try cache.update(target.writer, chunk: step % 3, contents: .merged) { bytes throws(StoreError) in
            bytes[2 * thread] &+= 1
            bytes[2 * thread + 1] = UInt8(thread)
          }
        } catch { findings.add("\(error)") }
      }
    }
    #expect(findings.all == [])
    try cache.flush(to: writer, over: .serial)
    #expect(writer.contents == Dictionary(uniqueKeysWithValues: (0..<3).map { ($0, [30, 0, 30, 1, 30, 2, 30, 3]) }))
  }

  @Test func helpersEndWithTheirCache() throws {
    let dataset = try FakeDataset(chunks: 200, chunkByteCount: 100) { _ in .encoded }
    for _ in 0..<20 {
      let cache = cache(chunks: 64, workers: 3) { $0.largestMergedRead = 200 }
      #expect(cache.workerCount == 3)
      cache.prefetch(dataset, chunks: Array(0..<200))
    }
  }
}

/// Carries a writer to threads that only update through the cache, which never calls it for that but for its
/// description.
private final class Target: @unchecked Sendable {
  let writer: FakeWriter
  init(_ writer: FakeWriter) { self.writer = writer }
}
