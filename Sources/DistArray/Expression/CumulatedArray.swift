// Running sums and products: an array whose elements are made of all those before them along an axis.

import DAStore

/// Running sums or products along an axis.
///
/// The axis is cut into segments. Their totals are statistics, made in a pass before; what all segments before one make
/// together is where its own elements begin to be added.
final class CumulatedArray: Sendable {
  enum Operation: Sendable { case sum, product }

  let operation: Operation
  /// Of the type of the results: int64, uint64, a floating-point or a complex type.
  let array: Expression
  let axis: Int
  /// Positions of a segment, which a chunk of the result holds, too.
  let length: Int
  /// Totals of all segments but the last along `axis`: of sums in double precision, of products of inexact elements
  /// fractions and their exponents of two. Empty for a single segment.
  let totals: [Expression]

  init(_ operation: Operation, _ array: Expression, axis: Int, length: Int, totals: [Expression]) {
    self.operation = operation
    self.array = array
    self.axis = axis
    self.length = length
    self.totals = totals
  }

  var operands: [Expression] { [array] + totals }

  func replacing(
    _ body: (Expression) throws(StoreError) -> Expression
  ) throws(StoreError) -> CumulatedArray {
    let own = try body(array)
    var others: [Expression] = []
    for total in totals { others.append(try body(total)) }
    let isSame = own === array && zip(others, totals).allSatisfy { $0 === $1 }
    return isSame ? self : CumulatedArray(operation, own, axis: axis, length: length, totals: others)
  }
}

/// What comes before each segment, in memory: accumulated totals.
struct Carries: Sendable {
  /// Of integers modulo 2^64.
  private(set) var whole: [UInt64] = []
  /// Parts of inexact numbers: sums, or fractions of products.
  private(set) var high: [Double] = []
  /// What the sums lack.
  private(set) var low: [Double] = []
  /// Exponents of two of the products.
  private(set) var exponents: [Int64] = []

  /// Accumulates totals in place.
  ///
  /// - Parameter totals: Materialised: in memory.
  init(_ cumulated: CumulatedArray) throws(StoreError) {
    guard let first = cumulated.totals.first, !first.shape.contains(0) else { return }
    let rows = first.shape[cumulated.axis]
    let inner = first.shape[(cumulated.axis + 1)...].reduce(1, *)
    let outer = first.shape[..<cumulated.axis].reduce(1, *)
    let parts = first.dtype.isComplex ? 2 : 1
    if first.dtype.isInexact {
      high = try Self.elements(of: first, as: Double.self)
    } else {
      whole = try Self.elements(of: first, as: UInt64.self)
    }
    if cumulated.totals.count > 1 {
      exponents = try Self.elements(of: cumulated.totals[1], as: Int64.self)
    } else {
      low = [Double](repeating: 0, count: high.count)
    }
    guard rows > 1 else { return }
    for block in 0..<outer {
      for row in 1..<rows {
        for place in 0..<inner {
          let index = (block * rows + row) * inner + place
          accumulate(index, after: index - inner, cumulated.operation, parts)
        }
      }
    }
  }

  private mutating func accumulate(
    _ index: Int, after last: Int, _ operation: CumulatedArray.Operation, _ parts: Int
  ) {
    switch operation {
    case _ where high.isEmpty:
      whole[index] = operation == .sum ? whole[last] &+ whole[index] : whole[last] &* whole[index]
    case .sum:
      for part in 0..<parts {
        var sum = PairSum(high: high[last * parts + part], low: low[last * parts + part])
        sum.add(high[index * parts + part])
        (high[index * parts + part], low[index * parts + part]) = (sum.high, sum.low)
      }
    case .product:
      var product = self.product(at: last, parts)
      product.multiply(
        high[index * parts], parts == 2 ? high[index * parts + 1] : 0, isComplex: parts == 2,
        exponent: exponents[index])
      high[index * parts] = product.real
      if parts == 2 { high[index * parts + 1] = product.imaginary }
      exponents[index] = product.exponent
    }
  }

  /// The product in front of a segment.
  func product(at index: Int, _ parts: Int) -> ScaledProduct {
    ScaledProduct(
      real: high[index * parts], imaginary: parts == 2 ? high[index * parts + 1] : 0, exponent: exponents[index])
  }

  private static func elements<Value: BitwiseCopyable>(
    of expression: Expression, as _: Value.Type
  ) throws(StoreError) -> [Value] {
    guard case .stored(let dataset) = expression.kind else {
      throw StoreError(.internalFault, "totals of segments were needed before they were made")
    }
    let found: [UInt8]
    switch dataset {
    case let memory as MemoryDataset: found = memory.bytes()
    case is PlaceholderDataset: found = [UInt8](repeating: 0, count: dataset.description.logicalByteCount)
    default: throw StoreError(.internalFault, "totals of segments are kept in \(dataset.path)")
    }
    return found.withUnsafeBytes { bytes in
      (0..<bytes.count / MemoryLayout<Value>.size).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Value>.size, as: Value.self)
      }
    }
  }
}

/// A sum as an unevaluated pair of doubles.
struct PairSum {
  var high = 0.0
  var low = 0.0

  /// Adds a number; the pair loses about 2^-100 of the larger one.
  @inline(__always)
  mutating func add(_ value: Double) {
    let sum = high + value
    let shift = sum - high
    let rest = (high - (sum - shift)) + (value - shift)
    high = sum
    // An infinite or NaN sum has no rest.
    low = sum - sum == 0 ? low + rest : 0
  }

  @inline(__always) var value: Double { high + low }
}

/// A product as a fraction in [1, 2), of complex numbers the larger part's, times a power of two.
struct ScaledProduct {
  var real = 1.0
  var imaginary = 0.0
  var exponent: Int64 = 0

  mutating func multiply(_ re: Double, _ im: Double, isComplex: Bool, exponent other: Int64 = 0) {
    var factor = ScaledProduct(real: re, imaginary: im, exponent: other)
    factor.normalise()
    exponent += factor.exponent
    guard isComplex else {
      real *= factor.real
      return normalise()
    }
    (real, imaginary) = (
      real * factor.real - imaginary * factor.imaginary, real * factor.imaginary + imaginary * factor.real
    )
    normalise()
  }

  private mutating func normalise() {
    let larger = max(abs(real), abs(imaginary))
    guard larger != 0, real.isFinite, imaginary.isFinite else { return }
    let power = larger.exponent
    real = Double(sign: .plus, exponent: -power, significand: real)
    imaginary = Double(sign: .plus, exponent: -power, significand: imaginary)
    exponent += Int64(power)
  }
}
