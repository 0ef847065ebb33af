// Random use of the cache against a model that is nothing but a list.

import DAStore
import DATestSupport
import Testing

@testable import DAChunkCache

/// What the cache holds, least recently used first, and how often each chunk is pinned.
private struct Model {
  let capacity: Int
  var unpinned: [Int] = []
  var pins: [Int: Int] = [:]
  var evictions = 0

  func holds(_ number: Int) -> Bool { pins[number] != nil || unpinned.contains(number) }

  /// Pins a batch; `false` when it does not fit, and then what was there stays, as most recently used.
  mutating func pin(_ chunks: [Int]) -> Bool {
    let present = chunks.filter(holds)
    var absent: [Int] = []
    for number in chunks where !holds(number) && !absent.contains(number) { absent.append(number) }
    for number in present { take(number) }
    let free = capacity - pins.count
    guard absent.count <= free else {
      for number in present { release(number) }
      return false
    }
    while unpinned.count + pins.count + absent.count > capacity {
      unpinned.removeFirst()
      evictions += 1
    }
    for number in chunks where !present.contains(number) { take(number) }
    return true
  }

  mutating func take(_ number: Int) {
    unpinned.removeAll { $0 == number }
    pins[number, default: 0] += 1
  }

  mutating func release(_ number: Int) {
    guard let count = pins[number] else { return }
    pins[number] = count == 1 ? nil : count - 1
    if count == 1 { unpinned.append(number) }
  }
}

@Suite struct ModelTests {
  @Test(arguments: 0..<30 as Range<UInt64>)
  func agreesWithAList(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let count = 20
    let dataset = try FakeDataset(chunks: count, chunkByteCount: 120, gap: 2, clip: 50) {
      FakeDataset.Kind.allCases[Int(SeededRandom.mixed(seed &* 100 &+ UInt64($0)) % 5)]
    }
    let capacity = Int.random(in: 3...10, using: &random)
    let cache = cache(chunks: capacity) { $0.scanRoundByteCount = Int.random(in: 1...500, using: &random) }
    var model = Model(capacity: capacity)
    var held: [PinnedChunk] = []
    for step in 0..<400 {
      let place = Comment("seed \(seed), step \(step)")
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let size = Int.random(in: 1...4, using: &random)
        let chunks = (0..<size).map { _ in Int.random(in: 0..<count, using: &random) }
        let before = cache.statistics
        let hits = chunks.count { model.holds($0) }
        let pins = Result { () throws(StoreError) in
          size == 1 ? [try cache.pin(dataset, chunk: chunks[0])] : try cache.pin(dataset, chunks: chunks)
        }
        let fits = model.pin(chunks)
        switch pins {
        case .success(let pins):
          #expect(fits, place)
          #expect(pins.arrays == chunks.map(dataset.expected), place)
          held += pins
        case .failure(let error):
          #expect(!fits && error.code == .memory, place)
        }
        #expect(cache.statistics.hits - before.hits == hits, place)
      case 5..<8:
        guard !held.isEmpty else { continue }
        let pin = held.remove(at: Int.random(in: 0..<held.count, using: &random))
        #expect(pin.array == dataset.expected(pin.number), place)
        model.release(pin.number)
      case 8:
        cache.prefetch(dataset, chunks: [Int.random(in: 0..<count, using: &random)])
      default:
        let order = (0..<6).map { _ in Int.random(in: 0..<count, using: &random) }
        var seen: [[UInt8]] = []
        try cache.sweep(dataset, chunks: order, hint: .scan) { _, bytes throws(StoreError) in seen.append(Array(bytes))
        }
        #expect(seen == order.map(dataset.expected), place)
        // A scan touches what it finds, and nothing else. Which order its rounds give is not the model's business.
        for number in order where model.pins[number] == nil && model.unpinned.contains(number) {
          model.take(number)
          model.release(number)
        }
      }
      let statistics = cache.statistics
      #expect(statistics.pinnedByteCount == model.pins.count * page, place)
      #expect(statistics.residentByteCount == (model.pins.count + model.unpinned.count) * page, place)
      #expect(statistics.evictions == model.evictions, place)
      #expect(cache.pool.statistics.peak <= cache.pool.budget, place)
    }
    held = []
    cache.drop(dataset)
    #expect(cache.pool.statistics.leased == 0)
  }

  /// With helper threads the order is theirs, but never the contents and never the budget.
  @Test(arguments: 0..<10 as Range<UInt64>)
  func isRightWithHelpers(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let count = 30
    let dataset = try FakeDataset(chunks: count, chunkByteCount: 120, gap: 2) {
      FakeDataset.Kind.allCases[Int(SeededRandom.mixed(seed &* 100 &+ UInt64($0)) % 5)]
    }
    let cache = cache(chunks: 9, workers: 2) { $0.scanRoundByteCount = 300 }
    var held: [PinnedChunk] = []
    for step in 0..<200 {
      let chunks = (0..<4).map { _ in Int.random(in: 0..<count, using: &random) }
      let place = Comment("seed \(seed), step \(step)")
      switch Int.random(in: 0..<6, using: &random) {
      case 0, 1: cache.prefetch(dataset, chunks: chunks + chunks.map { ($0 + 1) % count })
      case 2:
        try cache.sweep(dataset, chunks: chunks, hint: .scan) { number, bytes throws(StoreError) in
          if Array(bytes) != dataset.expected(number) { throw StoreError(.internalFault, "chunk \(number) is wrong") }
        }
      case 3 where step % 7 == 0: cache.drop(dataset)
      default:
        // At most eight of nine pages are pinned before and after, so that memory never lacks.
        held = Array(held.suffix(4))
        let pins = try cache.pin(dataset, chunks: chunks)
        #expect(pins.arrays == chunks.map(dataset.expected), place)
        held += pins
      }
      #expect(held.allSatisfy { $0.array == dataset.expected($0.number) }, place)
      #expect(cache.pool.statistics.peak <= cache.pool.budget, place)
    }
  }
}
