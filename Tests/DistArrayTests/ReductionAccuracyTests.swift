// Sums, means and spreads of ill-conditioned data against exact integer arithmetic.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct ReductionAccuracyTests {
  /// Mean and variance of integers scaled by a power of two, exactly and rounded once.
  private func exact(_ values: [Int], scale: Double) -> (mean: Double, variance: Double) {
    let n = Int128(values.count)
    let sum = values.reduce(Int128(0)) { $0 + Int128($1) }
    // Distances from any element have the same variance, and smaller squares.
    let distances = values.map { Int128($0 - values[values.count / 2]) }
    let total = distances.reduce(0, +)
    let squares = distances.reduce(0) { $0 + $1 * $1 }
    return (Double(sum) / Double(n) * scale, Double(n * squares - total * total) / Double(n * n) * scale * scale)
  }

  private func check(
    _ values: [Int], scale: Double, chunk: Int, within bound: Double, _ label: String
  ) throws {
    let wanted = exact(values, scale: scale)
    let content = bytes(of: values.map { Double($0) * scale })
    let layouts: [(shape: [Int], chunks: [Int], axes: [Int])] = [
      ([values.count], [chunk], [0]),  // runs
      ([values.count, 1], [chunk, 1], [0]),
      ([1, values.count], [1, chunk], [0, 1]),
    ]
    for (shape, chunks, axes) in layouts {
      let array = try ChunkedMemory(shape: shape, dtype: .float64, chunkShape: chunks, bytes: content)
      let result = try array.reduce(ReductionRequest([.mean, .variance], axes: axes))
      let mean = try #require(result.array(.mean).values(as: Double.self)?.first)
      let variance = try #require(result.array(.variance).values(as: Double.self)?.first)
      #expect(abs(mean - wanted.mean) <= 4e-15 * wanted.mean, "\(label) \(shape): mean \(mean), \(wanted.mean)")
      #expect(
        abs(variance - wanted.variance) <= bound * wanted.variance,
        "\(label) \(shape): variance \(variance), exactly \(wanted.variance)")
    }
  }

  @Test func aLargeMeanDoesNotDrownASmallSpread() throws {
    var random = SeededRandom(seed: 9)
    let scale = 0x1p-20
    // About 1e9 with a spread of about 1.
    let values = (0..<5000).map { _ in (1_000_000_000 << 20) + Int(random.next() % 3_600_000) }
    try check(values, scale: scale, chunk: 700, within: 1e-14, "mean 1e9")
    // A spread of a few units in the last place of the mean.
    let tiny = (0..<3000).map { _ in (1 << 52) + Int(random.next() % 7) }
    try check(tiny, scale: 1, chunk: 1000, within: 1e-14, "mean 2^52")
  }

  @Test func anOutlierAtTheStartDoesNoHarm() throws {
    var random = SeededRandom(seed: 10)
    var values = (0..<5000).map { _ in Int(random.next() % 1_000_000) }
    values[0] = 1 << 52
    try check(values, scale: 0x1p-20, chunk: 5000, within: 1e-14, "outlier first")
    try check(values.reversed(), scale: 0x1p-20, chunk: 999, within: 1e-14, "outlier last")
  }

  @Test func columnsAreAsAccurateAsRuns() throws {
    var random = SeededRandom(seed: 11)
    let rows = 300
    let columns = 20
    let values = (0..<rows * columns).map { _ in (1_000_000_000 << 20) + Int(random.next() % 3_600_000) }
    let array = try ChunkedMemory(
      shape: [rows, columns], dtype: .float64, chunkShape: [64, 20], bytes: bytes(of: values.map { Double($0) * 0x1p-20 }))
    let result = try array.reduce(ReductionRequest([.variance], axes: [0]))
    let found = try #require(result.array(.variance).values(as: Double.self))
    for column in 0..<columns {
      let wanted = exact(stride(from: column, to: values.count, by: columns).map { values[$0] }, scale: 0x1p-20).variance
      #expect(abs(found[column] - wanted) <= 1e-14 * wanted, "column \(column)")
    }
  }

  @Test func integersAreExact() throws {
    var random = SeededRandom(seed: 12)
    let values = (0..<3000).map { _ in Int64(bitPattern: random.next()) }
    let array = try ChunkedMemory(shape: [3000], dtype: .int64, chunkShape: [512], bytes: bytes(of: values))
    let result = try array.reduce(ReductionRequest([.sum, .mean]))
    #expect(result.value(.sum)?.value(as: Int64.self) == values.reduce(0, &+))
    let mean = Double(values.reduce(Int128(0)) { $0 + Int128($1) }) / 3000
    #expect(try abs(#require(result.unrounded[.mean]) - mean) <= mean.ulp)
    // Equal elements have no spread at all, however large.
    for value in [Int32.max, Int32.min, 7] {
      let equal = try ChunkedMemory(
        shape: [700], dtype: .int32, chunkShape: [100], bytes: bytes(of: Array(repeating: value, count: 700)))
      #expect(try equal.reduce(ReductionRequest([.variance])).unrounded[.variance] == 0)
    }
  }

  @Test func narrowFloatsKeepTheirSumAsDouble() throws {
    let array = try ChunkedMemory(
      shape: [100_000], dtype: .float16, chunkShape: [30_000], bytes: bytes(of: Array(repeating: Float16(1), count: 100_000)))
    let result = try array.reduce(ReductionRequest([.sum, .mean]))
    #expect(result.value(.sum)?.value(as: Float16.self) == .infinity)
    #expect(result.unrounded[.sum] == 100_000)
    #expect(result.value(.mean)?.value(as: Float16.self) == 1)
  }
}
