// The order of use against a plain array.

import DAStore
import DATestSupport
import Testing

@testable import DAChunkCache

@Suite struct LRUListTests {
  @Test(arguments: 0..<20 as Range<UInt64>)
  func agreesWithAnArray(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let owner = FakeIdentity()
    let entries = (0..<8).map {
      CacheEntry(dataset: ObjectIdentifier(owner), number: $0, byteCount: $0 * 3000, phase: .ready)
    }
    var list = LRUList()
    var model: [Int] = []
    for _ in 0..<400 {
      let number = Int.random(in: 0..<entries.count, using: &random)
      if let position = model.firstIndex(of: number) {
        list.remove(entries[number])
        model.remove(at: position)
      } else {
        list.append(entries[number])
        model.append(number)
      }
      #expect(list.count == model.count, "seed \(seed)")
      #expect(list.oldest?.number == model.first, "seed \(seed)")
      #expect(list.byteCount == model.reduce(0) { $0 + entries[$1].cost }, "seed \(seed)")
    }
    var order: [Int] = []
    while let oldest = list.oldest {
      order.append(oldest.number)
      list.remove(oldest)
    }
    #expect(order == model, "seed \(seed)")
    #expect(list.count == 0)
  }
}

private final class FakeIdentity {}
