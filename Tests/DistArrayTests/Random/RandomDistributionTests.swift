// What random numbers are distributed like: moments, distances from distribution functions, counts. Seeds are fixed,
// so that a test fails always or never; bounds are four deviations and more.

import DAStore
import DATestSupport
import Foundation
import Testing

@testable import DistArray

@Suite struct RandomDistributionTests {
  let context: Context
  let count = 4000

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  private func sorted(_ array: DistArray) throws -> [Double] {
    try #require(context.evaluate(array.astype(.float64)).values(as: Double.self)).sorted()
  }

  /// Kolmogorov's and Smirnov's distance times the root of the count: above 2.2 once in 8000 times.
  private func distance(_ values: [Double], _ cumulative: (Double) -> Double) -> Double {
    let n = Double(values.count)
    let distances = values.enumerated().map { index, value in
      let p = cumulative(value)
      return max(abs(p - Double(index) / n), abs(p - Double(index + 1) / n))
    }
    return (distances.max() ?? 0) * n.squareRoot()
  }

  /// Pearson's sum for counts of equally likely outcomes.
  private func chiSquare(_ counts: [Int], expected: [Double]) -> Double {
    zip(counts, expected).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) / $1.1 }
  }

  /// A bound that chi-square with this many degrees of freedom exceeds less than once in 10000 times.
  private func bound(_ degrees: Int) -> Double {
    let k = Double(degrees)
    let root = 1 - 2 / (9 * k) + 3.8 * (2 / (9 * k)).squareRoot()
    return k * root * root * root
  }

  @Test(arguments: [1, 2, 3] as [UInt128]) func continuousDistributions(seed: UInt128) throws {
    let random = context.random(seed: seed)
    #expect(distance(try sorted(random.random([count]))) { $0 } < 2.2)
    #expect(distance(try sorted(random.uniform([count], from: -2, to: 6))) { ($0 + 2) / 8 } < 2.2)
    #expect(
      distance(try sorted(random.normal([count], mean: 3, deviation: 2))) { erfc((3 - $0) / 8.0.squareRoot()) / 2 }
        < 2.2)
    #expect(distance(try sorted(random.exponential([count], scale: 4))) { 1 - exp(-$0 / 4) } < 2.2)
    let betas: [(a: Double, b: Double, cumulative: (Double) -> Double)] = [
      (1, 1, { $0 }), (2, 3, { $0 * $0 * (6 - 8 * $0 + 3 * $0 * $0) }), (0.5, 0.5, { 2 / .pi * asin($0.squareRoot()) }),
      (0.05, 1, { pow($0, 0.05) }), (1, 40, { 1 - pow(1 - $0, 40) }), (700, 1, { pow($0, 700) }),
    ]
    for beta in betas {
      #expect(
        distance(try sorted(random.beta([count], a: beta.a, b: beta.b)), beta.cumulative) < 2.2,
        "a \(beta.a), b \(beta.b)")
    }
    let large = try sorted(random.beta([count], a: 3000, b: 1000))
    // Mean 3/4, variance ab / ((a + b)² (a + b + 1)); close to normal.
    #expect(distance(large) { erfc((0.75 - $0) / (2 * 0.1875 / 4001).squareRoot()) / 2 } < 2.2)
  }

  @Test(arguments: [0.0, 0.2, 3.5, 9.99, 10, 47, 2500]) func poissonCounts(mean: Double) throws {
    let values = try sorted(context.random(seed: 5).poisson([count], mean: mean))
    guard mean > 0 else { return #expect(values.allSatisfy { $0 == 0 }) }
    let n = Double(count)
    let average = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / n
    #expect(abs(average - mean) < 4 * (mean / n).squareRoot())
    #expect(abs(variance - mean) < 5 * ((2 * mean * mean + mean) / n).squareRoot())
    // Cells of at least eight expected values; the last one takes the rest.
    var cells: [(Int, Double)] = []
    var (seen, expected, place) = (0, 0.0, 0)
    var left = n
    for outcome in 0..<Int(mean + 6 * mean.squareRoot() + 20) {
      expected += n * exp(Double(outcome) * log(mean) - mean - lgamma(Double(outcome) + 1))
      while place < values.count, values[place] == Double(outcome) {
        seen += 1
        place += 1
      }
      if expected >= 8, left - expected >= 8 {
        cells.append((seen, expected))
        left -= expected
        (seen, expected) = (0, 0)
      }
    }
    cells.append((seen + values.count - place, left))
    #expect(chiSquare(cells.map(\.0), expected: cells.map(\.1)) < bound(max(1, cells.count - 1)))
  }

  @Test func integersAreEquallyLikely() throws {
    for (low, high) in [(0, 2), (-3, 4), (10, 110)] {
      let values = try sorted(context.random(seed: 9).integers([count], from: low, to: high))
      let counts = (low..<high).map { outcome in values.count { $0 == Double(outcome) } }
      #expect(counts.reduce(0, +) == count)
      let expected = Double(count) / Double(high - low)
      #expect(chiSquare(counts, expected: counts.map { _ in expected }) < bound(high - low - 1), "\(low) to \(high)")
    }
  }

  /// All orders of five, and where each of twelve goes.
  @Test func ordersAreEquallyLikely() throws {
    var orders: [[Int64]: Int] = [:]
    var places = Array(repeating: 0, count: 144)
    let draws = 3000
    for seed in 0..<draws {
      let random = context.random(seed: UInt128(seed))
      let (five, twelve) = try context.evaluate(random.permutation(5), random.permutation(12))
      orders[five.values(as: Int64.self) ?? [], default: 0] += 1
      for (place, value) in (twelve.values(as: Int64.self) ?? []).enumerated() { places[12 * place + Int(value)] += 1 }
    }
    #expect(orders.count == 120)
    #expect(chiSquare(Array(orders.values), expected: orders.map { _ in Double(draws) / 120 }) < bound(119))
    // Rows and columns have fixed sums: 11 * 11 counts are free, each with 12/11 of the usual share in the sum.
    #expect(chiSquare(places, expected: places.map { _ in Double(draws) / 12 }) < bound(121) * 12 / 11)
  }

  /// Neighbours, and elements of neighbouring streams, have nothing to do with each other.
  @Test func neighboursAreUncorrelated() throws {
    let random = context.random(seed: 77)
    for shifted in [random.normal([count + 1])[1...], random.stream(0).normal([count])] {
      let correlation = try context.evaluate((random.normal([count + 1])[..<count] * shifted).mean())
      #expect(abs(try #require(correlation.values(as: Double.self)?.first)) < 4 / Double(count).squareRoot())
    }
  }

  @Test func functionsAreExactToAFewUnits() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<20000 {
      let x = Double.random(in: -700...700, using: &random)
      #expect(abs(exactExp(x) / exp(x) - 1) < 5e-16)
      let u = Double.random(in: 1e-300...1, using: &random)
      let y = Bool.random(using: &random) ? u : exp(x)
      #expect(abs(exactLog(y) - log(y)) <= 4e-16 * abs(log(y)), "\(y)")
      let z = 1 + exp(Double.random(in: -3...25, using: &random))
      #expect(abs(exactLogGamma(z) - lgamma(z)) <= 1e-14 * max(1, abs(lgamma(z))), "\(z)")
    }
    #expect(exactLog(1) == 0 && exactExp(0) == 1 && exactExp(-800) == 0 && exactExp(800) == .infinity)
  }

  /// Python's `NormalDist.inv_cdf`, which follows the same paper with the C library's logarithm.
  @Test func quantilesArePythons() throws {
    let places = [1e-16, 1e-12, 3e-5, 0.01, 0.0749, 0.0751, 0.2, 0.4999, 0.5, 0.75, 0.9251, 0.99999, 1 - 1e-15]
    let list = places.map { "\($0)" }.joined(separator: ", ")
    let answers = try NumPyAnswer.of(["[__import__('statistics').NormalDist().inv_cdf(p) for p in [\(list)]]"])
    let expected = answers[0].bytes.withUnsafeBytes { bytes in
      places.indices.map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
    for (place, value) in zip(places, expected) {
      #expect(abs(normalQuantile(place) - value) <= 1e-15 * abs(value), "\(place)")
    }
  }
}
