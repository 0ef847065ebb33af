// Sums and spreads of floats that deceive a kernel which guesses the mean, against double-double arithmetic. The bounds
// are tighter than what moments_float.h proves for the worst case: rounding errors of either sign cancel.

import CKernels
import DAStore
import DATestSupport
import Testing

@testable import DistArray

/// An unevaluated sum of two doubles: twice the precision.
private struct Twofold {
  var high = 0.0
  var low = 0.0

  mutating func add(_ other: Twofold) {
    let sum = high + other.high
    let part = sum - high
    let rest = (high - (sum - part)) + (other.high - part) + (low + other.low)
    high = sum + rest
    low = rest - (high - sum)
  }

  static func square(_ x: Twofold) -> Twofold {
    let product = x.high * x.high
    var result = Twofold(high: product, low: (-product).addingProduct(x.high, x.high))
    result.add(Twofold(high: 2 * x.high * x.low))
    return result
  }

  /// Sum and sum of squared distances from the mean.
  static func moments(_ values: [Double]) -> (sum: Double, spread: Double) {
    var sum = Twofold()
    for value in values { sum.add(Twofold(high: value)) }
    let count = Double(values.count)
    let mean = sum.high / count
    let rest = (sum.high.addingProduct(-mean, count) + sum.low) / count
    var spread = Twofold()
    for value in values {
      var distance = Twofold(high: value)
      distance.add(Twofold(high: -mean))
      distance.add(Twofold(high: -rest))
      spread.add(square(distance))
    }
    return (sum.high, spread.high)
  }
}

@Suite struct ReductionShiftTests {
  /// Sequences by name; `n` elements each.
  private static func sequences(_ n: Int) -> [(name: String, values: [Double])] {
    var random = SeededRandom(seed: 77)
    func noise() -> Double { (0..<4).reduce(0) { sum, _ in sum + Double(random.next() >> 40) * 0x1p-24 } - 2 }
    let noises = (0..<n).map { _ in noise() }
    // The places where the kernels look for a shift, in a run's tiles and in a column's.
    func isSampled(_ i: Int, of tile: Int) -> Bool {
      let length = min(tile, n - i / tile * tile)
      return [length / 6, length / 2, length - 1 - length / 6].contains(i % tile)
    }
    func deceived(_ tile: Int, _ sample: Double, _ mean: Double) -> [Double] {
      noises.enumerated().map { isSampled($0, of: tile) ? sample : mean + $1 }
    }
    return [
      ("centred", noises),
      ("mean of one spread", noises.map { $0 + 0.6 }),
      ("mean of three spreads", noises.map { $0 + 1.7 }),
      ("mean of thirty spreads", noises.map { 17 - $0 }),
      ("large mean, tiny spread", noises.map { 1e5 + ($0 * 8).rounded() * 0.0078125 }),
      ("units in the last place", noises.map { 8_388_608 + $0.rounded() }),
      ("constant", noises.map { _ in 0.1 }),
      ("constant but one", noises.indices.map { $0 == 1 ? 7 : 0.1 }),
      ("mostly zero", noises.indices.map { $0 % 97 == 5 ? 1e3 : 0 }),
      ("one zero in a thousand", noises.indices.map { $0 % 1000 == 5 ? 0 : 1e3 }),
      ("alternating", noises.indices.map { $0 % 2 == 0 ? 1e30 : -1e30 }),
      ("alternating about a mean", noises.indices.map { $0 % 2 == 0 ? 1001 : 999 }),
      ("ramp", noises.indices.map { Double($0) * 0.25 - 3 }),
      ("falling ramp far away", noises.indices.map { 1e6 - Double($0) * 0.0625 }),
      ("growth", noises.indices.map { Double(sign: .plus, exponent: $0 % 100 - 50, significand: 1.3) }),
      ("jumps between tiles", noises.indices.map { $0 / 128 % 2 == 0 ? 1e-3 + noises[$0] : 1e6 + noises[$0] }),
      ("jump at the end", noises.indices.map { $0 < n - 10 ? noises[$0] : 1e9 }),
      ("denormal", noises.map { $0 * 0x1p-140 }),
      ("huge", noises.map { $0 * 0x1p126 }),
      ("huge of one sign", noises.map { 0x1p127 + $0 * 0x1p100 }),
      ("deceiving zeros in runs", deceived(8192, 0, 1e7)),
      ("deceiving zeros in columns", deceived(128, 0, 1e7)),
      ("deceiving outliers in runs", deceived(8192, 1e10, 3)),
      ("deceiving outliers in columns", deceived(128, 1e10, 3)),
      ("deceiving outliers in float64 runs", deceived(4096, 1e10, 3)),
    ]
  }

  private func check<F: BinaryFloatingPoint & BitwiseCopyable>(
    _: F.Type, _ dtype: DType, _ level: Int32, runs: [(name: String, values: [Double])], asColumns: Bool
  ) throws {
    let width = 37
    for (name, sequence) in runs {
      let values = sequence.map { F($0) }
      let wanted = Twofold.moments(values.map { Double($0) })
      var found: [(sum: Double, spread: Double, sign: Double)] = []
      if asColumns {
        let content = values.flatMap { value in (0..<width).map { $0 % 2 == 0 ? value : -value } }
        let layout = PartialLayout(dtype: dtype, fields: [.sums, .spread], width: width)
        let state = try AlignedBuffer(byteCount: layout.byteCount)
        var partials = layout.partials(in: state.bytes)
        content.withUnsafeBytes {
          ckernels_add_columns(
            level, dtype.kernelCode, $0.baseAddress, width * dtype.byteCount, dtype.byteCount, Int64(values.count),
            Int64(width), 0, 0, 1, &partials)
        }
        let sums = try #require(partials.sum_high)
        let spreads = try #require(partials.spread)
        found = (0..<width).map { (sums[$0], spreads[$0], $0 % 2 == 0 ? 1 : -1) }
      } else {
        var moments = ckernels_moments()
        values.withUnsafeBytes {
          ckernels_moments_of(level, dtype.kernelCode, $0.baseAddress, Int64(values.count), &moments)
        }
        found = [(moments.sum_high, moments.spread, 1)]
      }
      let count = Double(values.count)
      for (sum, spread, sign) in found {
        let label: Comment = "\(name) as \(dtype), level \(level), columns \(asColumns)"
        #expect(abs(spread - wanted.spread) <= 1e-14 * wanted.spread, label)
        let scale = abs(wanted.sum) + (wanted.spread * count).squareRoot()
        #expect(abs(sum * sign - wanted.sum) <= 4e-15 * scale, label)
      }
    }
  }

  @Test func runsOfFloatsKeepTheirPrecision() throws {
    let sequences = Self.sequences(20_000)
    for level in 0...KernelLevel.best {
      try check(Float.self, .float32, level, runs: sequences, asColumns: false)
      try check(Double.self, .float64, level, runs: sequences, asColumns: false)
    }
  }

  @Test func columnsOfFloatsKeepTheirPrecision() throws {
    let sequences = Self.sequences(300)
    for level in 0...KernelLevel.best {
      try check(Float.self, .float32, level, runs: sequences, asColumns: true)
      try check(Double.self, .float64, level, runs: sequences, asColumns: true)
    }
  }
}
