// A random order of 0, 1, … n - 1 whose element at an index is had without the others: a keyed bijection.

import DAStore

/// Feistel's network over numbers of as few bits as hold n, walked until the number is below n.
///
/// Every round adds (exclusive or) a keyed hash of one half to the other, which can be undone, so that the whole is a
/// bijection of 2^bits numbers; following it from a number below n until it is below n again is one of n.
/// Source: J. Black, P. Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002.
struct PermutationElements: ComputedElements {
  private let count: UInt64
  private let lowBits: UInt64
  private let lowMask: UInt64
  private let highMask: UInt64
  private let roundKeys: [UInt64]
  var dtype: DType { .int64 }

  private static let roundCount = 12

  init(_ philox: Philox, count: Int) {
    self.count = UInt64(max(0, count))
    let bits = UInt64(max(2, Int.bitWidth - (max(1, count) - 1).leadingZeroBitCount))
    lowBits = bits / 2
    lowMask = 1 << lowBits - 1
    highMask = 1 << (bits - lowBits) - 1
    var words = ElementWords(philox, number: 0, .permutation)
    roundKeys = (0..<Self.roundCount).map { _ in words.next() }
  }

  func fill(_ run: NumberRun, into elements: UnsafeMutableRawPointer) {
    let places = elements.bindMemory(to: Int64.self, capacity: run.count)
    for index in 0..<run.count {
      var number = UInt64(run.first + index * run.step)
      repeat { number = image(number) } while number >= count
      places[index] = Int64(number)
    }
  }

  private func image(_ number: UInt64) -> UInt64 {
    var low = number & lowMask
    var high = number >> lowBits
    for round in stride(from: 0, to: Self.roundCount, by: 2) {
      high ^= Self.hash(low, roundKeys[round]) & highMask
      low ^= Self.hash(high, roundKeys[round + 1]) & lowMask
    }
    return high << lowBits | low
  }

  /// SplitMix64's finaliser: every bit of the result depends on every bit of the number and the key.
  @inline(__always)
  private static func hash(_ number: UInt64, _ key: UInt64) -> UInt64 {
    var word = number &* 0x9E37_79B9_7F4A_7C15 &+ key
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
