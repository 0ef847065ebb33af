// Updated chunks on their way to a writer.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DAChunkCache

@Suite struct WriteBackTests {
  /// Sets some bytes of a chunk.
  private func set(_ bytes: UnsafeMutableRawBufferPointer, _ range: Range<Int>, _ value: UInt8) {
    for index in range { bytes[index] = value }
  }

  @Test func updatesLeaveInFileOrder() throws {
    let writer = try FakeWriter(chunks: 10, chunkByteCount: 4, fill: 9)
    let cache = cache(chunks: 8)
    for number in [7, 2, 5, 0] {
      try cache.update(writer, chunk: number, contents: .overwritten) { bytes throws(StoreError) in
        set(bytes, 0..<4, UInt8(number))
      }
    }
    try cache.update(writer, chunk: 2, contents: .merged) { bytes throws(StoreError) in set(bytes, 1..<2, 77) }
    try cache.update(writer, chunk: 9, contents: .merged) { bytes throws(StoreError) in set(bytes, 3..<4, 1) }
    #expect(cache.statistics.dirtyByteCount == 5 * page)
    #expect(writer.rounds.isEmpty)
    try cache.flush(to: writer, over: .serial)
    #expect(writer.rounds == [[0, 2, 5, 7, 9]])
    #expect(
      writer.contents == [0: [0, 0, 0, 0], 2: [2, 77, 2, 2], 5: [5, 5, 5, 5], 7: [7, 7, 7, 7], 9: [9, 9, 9, 1]])
    #expect(cache.statistics.dirtyByteCount == 0)
    #expect(cache.statistics.writeBacks == 5)
    #expect(cache.pool.statistics.leased == 0)
    try cache.flush(to: writer, over: .serial)
    #expect(writer.rounds.count == 1)
  }

  @Test func mergingAfterAFlushNeedsTheStoredChunk() throws {
    let writer = try FakeWriter(chunks: 3, chunkByteCount: 100)
    let stored = try FakeDataset(chunks: 3, chunkByteCount: 100) { _ in .encoded }
    let cache = cache(chunks: 8)
    try cache.update(writer, chunk: 1, contents: .merged) { bytes throws(StoreError) in set(bytes, 0..<1, 1) }
    try cache.flush(to: writer, over: .serial)
    let error = storeError { try cache.update(writer, chunk: 1, contents: .merged) { _ throws(StoreError) in } }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("was written back already") == true)
    try cache.update(writer, chunk: 1, contents: .mergedInto(stored)) { bytes throws(StoreError) in set(bytes, 0..<1, 1)
    }
    try cache.update(writer, chunk: 1, contents: .merged) { bytes throws(StoreError) in set(bytes, 1..<2, 2) }
    _ = try cache.pin(stored, chunk: 2)
    stored.forgetReads()
    try cache.update(writer, chunk: 2, contents: .mergedInto(stored)) { _ throws(StoreError) in }
    #expect(stored.reads.isEmpty)
    try cache.flush(to: writer, over: .serial)
    #expect(writer.contents[1] == [1, 2] + stored.expected(1).dropFirst(2))
    #expect(writer.contents[2] == stored.expected(2))
    // Whole chunks may be written as often as one likes.
    try cache.update(writer, chunk: 1, contents: .overwritten) { bytes throws(StoreError) in set(bytes, 0..<100, 3) }
    let other = try FakeDataset(chunks: 4, chunkByteCount: 100)
    #expect(
      storeError { try cache.update(writer, chunk: 0, contents: .mergedInto(other)) { _ throws(StoreError) in } }?.code
        == .invalidArgument)
    stored.fail(0, .decode)
    #expect(
      storeError { try cache.update(writer, chunk: 0, contents: .mergedInto(stored)) { _ throws(StoreError) in } }?.code
        == .corrupt)
    #expect(
      storeError { try cache.update(writer, chunk: 3, contents: .merged) { _ throws(StoreError) in } }?.code
        == .invalidArgument)
    cache.discard(writer)
    #expect(cache.statistics.dirtyByteCount == 0)
    #expect(cache.statistics.residentByteCount == page)
  }

  @Test func updatesDisplaceCleanChunksButNotEachOther() throws {
    let writer = try FakeWriter(chunks: 10, chunkByteCount: 4)
    let dataset = try FakeDataset(chunks: 4, chunkByteCount: 100)
    let cache = cache(chunks: 4)
    _ = try cache.pin(dataset, chunks: [0, 1, 2, 3])
    var asked: [Bool] = []
    for number in 0..<4 {
      try cache.update(writer, chunk: number, contents: .overwritten) { bytes throws(StoreError) in set(bytes, 0..<4, 1)
      }
      asked.append(cache.needsFlush)
    }
    #expect(asked == [false, false, true, true])
    let error = storeError { try cache.update(writer, chunk: 4, contents: .merged) { _ throws(StoreError) in } }
    #expect(error?.code == .memory)
    #expect(error?.message.contains("16384 hold updates not yet flushed") == true)
    #expect(storeError { try cache.pin(dataset, chunk: 0) }?.code == .memory)
    try cache.flush(to: writer, over: .serial)
    try cache.update(writer, chunk: 4, contents: .overwritten) { bytes throws(StoreError) in set(bytes, 0..<4, 1) }
    #expect(!cache.needsFlush)
    #expect(cache.pool.statistics.peak <= cache.pool.budget)
  }

  @Test func aFailingWriterLosesNothing() throws {
    let writer = try FakeWriter(chunks: 4, chunkByteCount: 4)
    let cache = cache(chunks: 8)
    try cache.update(writer, chunk: 1, contents: .overwritten) { bytes throws(StoreError) in set(bytes, 0..<4, 8) }
    writer.failure = StoreError(.io, "no space left")
    #expect(storeError { try cache.flush(to: writer, over: .serial) } == writer.failure)
    #expect(cache.statistics.dirtyByteCount == page)
    writer.failure = nil
    try cache.flush(to: writer, over: .serial)
    #expect(writer.contents == [1: [8, 8, 8, 8]])
  }

  @Test func aFailingFirstUpdateNeverHappened() throws {
    let writer = try FakeWriter(chunks: 4, chunkByteCount: 4)
    let cache = cache(chunks: 8)
    let enough = StoreError(.interrupted, "enough")
    #expect(
      storeError { try cache.update(writer, chunk: 1, contents: .merged) { _ throws(StoreError) in throw enough } }
        == enough)
    #expect(cache.statistics.dirtyByteCount == 0)
    try cache.update(writer, chunk: 1, contents: .merged) { bytes throws(StoreError) in set(bytes, 0..<1, 1) }
    #expect(
      storeError { try cache.update(writer, chunk: 1, contents: .merged) { _ throws(StoreError) in throw enough } }
        == enough)
    try cache.flush(to: writer, over: .serial)
    #expect(writer.contents == [1: [1, 0, 0, 0]])
    #expect(cache.pool.statistics.leased == 0)
  }

  @Test func roundsLeaveRoomForTheWriter() throws {
    let writer = try FakeWriter(chunks: 12, chunkByteCount: 4000)
    writer.scratch = { 3 * $0 }
    let cache = cache(chunks: 12, reservePages: 8)
    for number in 0..<12 {
      try cache.update(writer, chunk: number, contents: .overwritten) { bytes throws(StoreError) in
        set(bytes, 0..<4000, 1)
      }
    }
    try cache.flush(to: writer, over: .serial)
    #expect(writer.rounds == (0..<6).map { [2 * $0, 2 * $0 + 1] } || writer.rounds == (0..<12).map { [$0] })
    try cache.update(writer, chunk: 0, contents: .overwritten) { bytes throws(StoreError) in set(bytes, 0..<4000, 2) }
    writer.scratch = { 1000 * $0 }
    let error = storeError { try cache.flush(to: writer, over: .serial) }
    #expect(error?.code == .memory && error?.path == "target")
    writer.scratch = { _ in 0 }
    try cache.flush(to: writer, over: .serial)
    #expect(writer.contents[0]?.first == 2)
  }

  /// Random updates and flushes against plain arrays.
  @Test(arguments: 0..<20 as Range<UInt64>)
  func agreesWithPlainArrays(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let writer = try FakeWriter(chunks: 12, chunkByteCount: 6, fill: 5)
    let cache = cache(chunks: 6)
    var model: [Int: [UInt8]] = [:]
    var flushed: Set<Int> = []
    for step in 0..<300 {
      let number = Int.random(in: 0..<12, using: &random)
      let start = Int.random(in: 0..<6, using: &random)
      let value = UInt8(step % 251)
      let isWhole = Bool.random(using: &random)
      let dirtyCount = model.keys.count { !flushed.contains($0) }
      let isDirty = model[number] != nil && !flushed.contains(number)
      let error = storeError {
        try cache.update(writer, chunk: number, contents: isWhole ? .overwritten : .merged) {
          bytes throws(StoreError) in
          set(bytes, isWhole ? 0..<6 : start..<6, value)
        }
      }
      if isDirty || (dirtyCount < 6 && (isWhole || !flushed.contains(number))) {
        #expect(error == nil, "seed \(seed), step \(step)")
        var chunk = isWhole ? Array(repeating: value, count: 6) : model[number] ?? Array(repeating: 5, count: 6)
        for index in start..<6 { chunk[index] = value }
        model[number] = chunk
        flushed.remove(number)
      } else {
        #expect(
          error?.code == (flushed.contains(number) && !isWhole ? .invalidArgument : .memory),
          "seed \(seed), step \(step)")
      }
      if Int.random(in: 0..<20, using: &random) == 0 {
        try cache.flush(to: writer, over: .serial)
        #expect(writer.contents == model, "seed \(seed), step \(step)")
        flushed = Set(model.keys)
        #expect(cache.statistics.dirtyByteCount == 0)
      }
    }
    try cache.flush(to: writer, over: .serial)
    #expect(writer.contents == model, "seed \(seed)")
    #expect(writer.rounds.allSatisfy { $0 == $0.sorted() })
  }
}
