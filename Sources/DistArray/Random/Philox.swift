// Philox 4x64-10: four random words from a counter and a key, without a state. Pure.

/// The bijection of Philox 4x64 with ten rounds.
///
/// Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
struct Philox: Sendable, Hashable {
  var key: SIMD2<UInt64>

  /// The words of a counter, whose first word is the least significant.
  @inline(__always)
  func words(_ counter: SIMD4<UInt64>) -> SIMD4<UInt64> {
    var (a, b, c, d) = (counter[0], counter[1], counter[2], counter[3])
    var (low, high) = (key[0], key[1])
    for _ in 0..<10 {
      let first = a.multipliedFullWidth(by: 0xD2E7_470E_E14C_6C93)
      let second = c.multipliedFullWidth(by: 0xCA5A_8263_9512_1157)
      (a, b, c, d) = (second.high ^ b ^ low, second.low, first.high ^ d ^ high, first.low)
      // The golden ratio, and √3 - 1, as fractions of 2^64.
      low &+= 0x9E37_79B9_7F4A_7C15
      high &+= 0xBB67_AE85_84CA_A73B
    }
    return SIMD4(a, b, c, d)
  }
}

/// What a word is drawn for: arrays of one seed but of different kinds share no word.
///
/// The numbers are part of the definition of the arrays (Docs/CreatingArrays.md).
enum RandomPurpose: UInt64 {
  case uniform = 0, normal, exponential, integers, poisson, beta, permutation
}

extension Philox {
  /// One word per element: word `number % 4` of block `number / 4`, whose counter is the block's number plus one.
  ///
  /// Four neighbours share a block.
  @inline(__always)
  func forEachWord(_ run: NumberRun, _ purpose: RandomPurpose, _ body: (_ index: Int, _ word: UInt64) -> Void) {
    var index = 0
    while index < run.count {
      let number = run.first + index * run.step
      let block = words(SIMD4(UInt64(number / 4 + 1), 0, 0, purpose.rawValue))
      if run.step == 1, number % 4 == 0, run.count - index >= 4 {
        body(index, block[0])
        body(index + 1, block[1])
        body(index + 2, block[2])
        body(index + 3, block[3])
        index += 4
      } else {
        body(index, block[number % 4])
        index += 1
      }
    }
  }
}

/// As many words as one element asks for, from counters that are the element's own: (draw, number, 1, purpose).
struct ElementWords {
  private let philox: Philox
  private var counter: SIMD4<UInt64>
  private var block = SIMD4<UInt64>()
  private var used = 4

  @inline(__always)
  init(_ philox: Philox, number: Int, _ purpose: RandomPurpose) {
    self.philox = philox
    counter = SIMD4(0, UInt64(number), 1, purpose.rawValue)
  }

  @inline(__always)
  mutating func next() -> UInt64 {
    if used == 4 {
      block = philox.words(counter)
      counter[0] &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  /// Uniform in (0, 1), ends excluded.
  @inline(__always)
  mutating func nextInside() -> Double { unitInside(next()) }
}

/// Uniform in [0, 1): the upper 53 bits, as NumPy makes doubles.
@inline(__always)
func unit(_ word: UInt64) -> Double { Double(word >> 11) * 0x1p-53 }

/// Uniform in (0, 1): the middles of 2^52 equal parts; never 0 or 1, and symmetrical.
@inline(__always)
func unitInside(_ word: UInt64) -> Double { (Double(word >> 12) + 0.5) * 0x1p-52 }
