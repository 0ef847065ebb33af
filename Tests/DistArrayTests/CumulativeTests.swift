// Running sums and products over many segments.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct CumulativeTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 8 << 20)) }

  /// Integers are exact, so that every way of cutting an array gives what one loop gives.
  @Test(arguments: UInt64(1)...12) func segmentsGoOnFromThoseBefore(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var shape = (0..<Int.random(in: 1...3, using: &random)).map { _ in Int.random(in: 1...4, using: &random) }
    let axis = Int.random(in: shape.indices, using: &random)
    shape[axis] = Int.random(in: 65...300, using: &random)
    let chunk = shape.map { Int.random(in: 1...Swift.min($0, 5), using: &random) }
    let values = (0..<shape.reduce(1, *)).map { _ in Int64.random(in: -9...9, using: &random) | 1 }
    let array = context.array(try MemoryDataset(values, shape: shape, chunkShape: chunk))
    let step = shape[(axis + 1)...].reduce(1, *)
    var (sums, products) = (values, values)
    for index in values.indices where index / step % shape[axis] > 0 {
      sums[index] = sums[index - step] &+ values[index]
      products[index] = products[index - step] &* values[index]
    }
    let label = "seed \(seed): \(shape) in \(chunk) along \(axis)"
    let (sum, product) = try context.evaluate(
      array.cumulativeSum(axis: axis), array.cumulativeProduct(axis: axis - shape.count))
    #expect(sum.values(as: Int64.self) == sums, "\(label)")
    #expect(product.values(as: Int64.self) == products, "\(label)")
    // Floats of small integers are exact, too; parts of complex numbers go together.
    let unit = DistArray.Operand.complex(real: 0, imaginary: 1)
    let turned = array.astype(.complex128).applying("multiply", unit)
    let (wide, parts) = try context.evaluate(
      array.astype(.float32).cumulativeSum(axis: axis), imag(turned.cumulativeSum(axis: axis)))
    #expect(wide.values(as: Float.self) == sums.map(Float.init), "\(label)")
    let differences = zip(try #require(parts.values(as: Double.self)), sums).map { Swift.abs($0 - Double($1)) }
    #expect(differences.allSatisfy { $0 < 1e-10 }, "\(label)")
  }

  @Test func aSegmentOutOfRangeIsNoEnd() throws {
    // Segments whose products are beyond the range of doubles, one after the other.
    var values = [Double](repeating: 0x1p20, count: 100)
    values += [Double](repeating: 0x1p-20, count: 200)
    values += [Double](repeating: 0x1p20, count: 100)
    let array = context.array(try MemoryDataset(values, chunkShape: [3]))
    let found = try #require(try context.evaluate(array.cumulativeProduct()).values(as: Double.self))
    var exponent = 0
    for (index, value) in values.enumerated() {
      exponent += value > 1 ? 20 : -20
      let expected =
        exponent > 1023 ? .infinity : exponent < -1074 ? 0 : Double(sign: .plus, exponent: exponent, significand: 1)
      #expect(found[index] == expected, "\(index)")
    }
    #expect(found[399] == 1)
  }

  @Test func infinitiesStay() throws {
    var values = [Double](repeating: 1, count: 300)
    values[100] = .infinity
    values[200] = -.infinity
    let sums = try #require(
      try context.evaluate(context.array(try MemoryDataset(values, chunkShape: [5])).cumulativeSum()).values(
        as: Double.self))
    #expect(sums[99] == 100)
    #expect(sums[100..<200].allSatisfy { $0 == .infinity })
    #expect(sums[200...].allSatisfy { $0.isNaN })
  }

  @Test func runningSumsLoseLittle() throws {
    var random = SeededRandom(seed: 3)
    let values = (0..<1000).map { _ in Double.random(in: -1...1, using: &random) * 1e6 }
    let sums = try #require(
      try context.evaluate(context.array(try MemoryDataset(values, chunkShape: [10])).cumulativeSum()).values(
        as: Double.self))
    var (exact, magnitude) = (PairSum(), 0.0)
    for (value, sum) in zip(values, sums) {
      exact.add(value)
      magnitude += Swift.abs(value)
      #expect(Swift.abs(sum - exact.value) <= 0x1p-52 * magnitude)
    }
  }

  @Test func explanationNamesThePassOfTheTotals() throws {
    let array = context.array(try MemoryDataset([Double](repeating: 1, count: 300), chunkShape: [5]))
    let lines = try array.cumulativeSum().explain().lines
    #expect(lines.first == "pass 1: sum of (3, 80) float64 over axes 1", "\(lines)")
    #expect(throws: StoreError.self) { try array.cumulativeSum(axis: 1).check() }
  }
}
