// How far two arrays' elements lie apart: exact for every type, and with NumPy's `isclose` as the measure of enough.

import Glibc

/// What counts as equal.
public struct Tolerance: Sendable, Hashable {
  /// Elements are close when `|a − b| <= absolute + relative · |b|`, as NumPy's `isclose` has it.
  public var relative: Double
  public var absolute: Double
  /// NaN equals NaN.
  public var equatesNaN: Bool

  /// - Throws: `.invalidArgument` for a negative or undefined tolerance.
  public init(relative: Double = 0, absolute: Double = 0, equatesNaN: Bool = true) throws(StoreError) {
    guard relative >= 0, absolute >= 0 else {
      throw StoreError(.invalidArgument, "tolerances must not be negative: \(relative) and \(absolute)")
    }
    self.relative = relative
    self.absolute = absolute
    self.equatesNaN = equatesNaN
  }
}

/// Two elements that are not equal.
package struct UnequalElements {
  /// Position among the elements compared.
  package var index: Int
  /// `|a − b|` (for complex numbers the modulus); NaN when one of them is NaN.
  package var absolute: Double
  /// `|a − b| / |b|`.
  package var relative: Double
  /// Farther apart than the tolerance allows.
  package var isBeyondTolerance: Bool
}

/// Calls `body` for every pair of dense elements that are not equal; equality is that of numbers, so that −0 equals 0.
///
/// - Precondition: Both buffers hold the same number of whole elements.
/// - Complexity: one pass; equal runs cost a comparison of memory.
package func forEachUnequal(
  _ dtype: DType, _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _ tolerance: Tolerance,
  _ body: (UnequalElements) -> Void
) {
  precondition(a.count == b.count && a.count % dtype.byteCount == 0, "as many whole elements on both sides")
  withoutActuallyEscaping(body) { dtype.visitCastable(UnequalPairs(a: a, b: b, tolerance: tolerance, body: $0)) }
}

private struct UnequalPairs: CastableVisitor {
  let a: UnsafeRawBufferPointer
  let b: UnsafeRawBufferPointer
  let tolerance: Tolerance
  let body: (UnequalElements) -> Void

  func visit<E: CastableElement>(_: E.Type) {
    guard let a = a.baseAddress, let b = b.baseAddress else { return }
    let size = MemoryLayout<E>.size
    let count = self.a.count / size
    // Elements of equal bits are equal, unless NaN shall differ from itself.
    let run = tolerance.equatesNaN ? 4096 / size : count
    for start in stride(from: 0, to: count, by: max(run, 1)) {
      let end = min(start + run, count)
      if tolerance.equatesNaN, memcmp(a + start * size, b + start * size, (end - start) * size) == 0 { continue }
      for index in start..<end {
        let x = a.loadUnaligned(fromByteOffset: index * size, as: E.self)
        let y = b.loadUnaligned(fromByteOffset: index * size, as: E.self)
        if x == y || (tolerance.equatesNaN && x.isNotANumber && y.isNotANumber) { continue }
        let distance = x.distance(from: y)
        let isClose = distance.isFinite && distance <= tolerance.absolute + tolerance.relative * y.modulus
        body(
          UnequalElements(
            index: index, absolute: distance, relative: distance / y.modulus, isBeyondTolerance: !isClose))
      }
    }
  }
}

/// What a comparison needs to know of a number.
protocol MeasurableElement: Element {
  /// `|self − other|`, not 0 for unequal numbers.
  func distance(from other: Self) -> Double
  /// `|self|`.
  var modulus: Double { get }
  var isNotANumber: Bool { get }
}

extension MeasurableElement where Self: FixedWidthInteger {
  func distance(from other: Self) -> Double {
    Double(Magnitude(truncatingIfNeeded: self > other ? self &- other : other &- self))
  }
  var modulus: Double { Double(magnitude) }
  var isNotANumber: Bool { false }
}

extension MeasurableElement where Self: BinaryFloatingPoint {
  func distance(from other: Self) -> Double { (Double(self) - Double(other)).magnitude }
  var modulus: Double { Double(magnitude) }
  var isNotANumber: Bool { isNaN }
}

extension StoredBool: MeasurableElement {
  func distance(from other: StoredBool) -> Double { self == other ? 0 : 1 }
  var modulus: Double { isTrue ? 1 : 0 }
  var isNotANumber: Bool { false }
}

extension StoredComplex: MeasurableElement {
  func distance(from other: StoredComplex) -> Double {
    hypot(Double(real) - Double(other.real), Double(imaginary) - Double(other.imaginary))
  }
  var modulus: Double { hypot(Double(real), Double(imaginary)) }
  /// As NumPy has it: one part suffices.
  var isNotANumber: Bool { real.isNaN || imaginary.isNaN }
}
