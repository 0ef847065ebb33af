// From a seed of any quality to keys: NumPy's SeedSequence. Pure.

/// A seed and the numbers of the streams that were taken from it, one after the other.
///
/// Source: `numpy.random.SeedSequence`, after M. E. O'Neill's seed_seq_fe128; the same words come out.
struct SeedSequence: Sendable, Hashable {
  var entropy: UInt128
  var streams: [UInt64] = []

  /// A stream's own sequence: that of the child `number` that NumPy's `spawn` makes.
  func stream(_ number: UInt64) -> SeedSequence { SeedSequence(entropy: entropy, streams: streams + [number]) }

  /// The key that NumPy's `Philox` takes from the sequence.
  var key: SIMD2<UInt64> {
    let words = words(count: 4).map(UInt64.init)
    return SIMD2(words[0] | words[1] << 32, words[2] | words[3] << 32)
  }

  /// The first words of the sequence's state.
  func words(count: Int) -> [UInt32] {
    let pool = pool()
    var constant: UInt32 = 0x8B51_F9DD
    return (0..<count).map { index in
      var word = pool[index % pool.count] ^ constant
      constant &*= 0x58F3_8DED
      word &*= constant
      return word ^ word >> 16
    }
  }

  private static let poolSize = 4

  private func pool() -> [UInt32] {
    var words = Self.halves(entropy)
    if !streams.isEmpty {
      // Without this the words of a short seed and of a stream could stand for each other.
      words += Array(repeating: 0, count: max(0, Self.poolSize - words.count))
      for stream in streams { words += Self.halves(UInt128(stream)) }
    }
    var constant: UInt32 = 0x43B0_D7E5
    func hashed(_ word: UInt32) -> UInt32 {
      var word = word ^ constant
      constant &*= 0x931E_8875
      word &*= constant
      return word ^ word >> 16
    }
    func mixed(_ a: UInt32, _ b: UInt32) -> UInt32 {
      let word = 0xCA01_F9DD &* a &- 0x4973_F715 &* b
      return word ^ word >> 16
    }
    var pool = (0..<Self.poolSize).map { hashed($0 < words.count ? words[$0] : 0) }
    for source in pool.indices {
      for target in pool.indices where target != source { pool[target] = mixed(pool[target], hashed(pool[source])) }
    }
    for word in words.dropFirst(Self.poolSize) {
      for target in pool.indices { pool[target] = mixed(pool[target], hashed(word)) }
    }
    return pool
  }

  /// A number in words of 32 bits, the least significant first; one word for zero.
  private static func halves(_ number: UInt128) -> [UInt32] {
    var words: [UInt32] = []
    var rest = number
    repeat {
      words.append(UInt32(truncatingIfNeeded: rest))
      rest >>= 32
    } while rest != 0
    return words
  }
}
