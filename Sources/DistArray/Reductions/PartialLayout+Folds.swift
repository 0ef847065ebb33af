// Products, and moments without NaN: where their partial results lie, behind those of the other statistics.

import CKernels
import DAStore

extension PartialFields {
  /// Number, sums and spread of the elements that are not NaN.
  static let present = PartialFields(rawValue: 1024)
  /// The smallest element that is not NaN, and its position.
  static let presentMinimum = PartialFields(rawValue: 2048)
  static let presentMaximum = PartialFields(rawValue: 4096)
  /// Product: a fraction and an exponent of two, or modulo 2^64.
  static let product = PartialFields(rawValue: 8192)

  /// What the fold kernels keep.
  static let folds: PartialFields = [.present, .presentMinimum, .presentMaximum, .product]

  /// The same of elements that cannot be NaN, where those present are all.
  var ofNumbers: PartialFields {
    var fields = subtracting([.present, .presentMinimum, .presentMaximum])
    if contains(.present) { fields.formUnion([.sums, .spread]) }
    if contains(.presentMinimum) { fields.formUnion([.minimum, .minimumAt]) }
    if contains(.presentMaximum) { fields.formUnion([.maximum, .maximumAt]) }
    return fields
  }
}

extension PartialLayout {
  /// Eight-byte figures per output element.
  private var foldFigureCount: Int {
    var count = 0
    if fields.contains(.present) { count += 4 }
    if fields.contains(.presentMinimum) { count += 2 }
    if fields.contains(.presentMaximum) { count += 2 }
    if fields.contains(.product) { count += dtype.isComplex ? 3 : dtype.isFloatingPoint ? 2 : 1 }
    return count
  }

  /// Bytes of the folds of one partial result.
  var foldByteCount: Int { foldFigureCount * Self.section(8, width) }

  /// Pointers into the folds of one partial result.
  ///
  /// - Precondition: `memory` holds ``byteCount`` bytes, aligned for any element.
  func folds(in memory: UnsafeMutableRawBufferPointer) -> ckernels_folds {
    precondition(memory.count >= byteCount, "memory of this layout")
    var cursor = memory.baseAddress.map { $0 + momentByteCount }
    func take<Value>(_ wanted: Bool, _: Value.Type) -> UnsafeMutablePointer<Value>? {
      guard wanted, let here = cursor else { return nil }
      cursor = here + Self.section(8, width)
      return here.assumingMemoryBound(to: Value.self)
    }
    var folds = ckernels_folds()
    let isPresent = fields.contains(.present)
    folds.present = take(isPresent, Int64.self)
    folds.sum_high = take(isPresent, Double.self)
    folds.sum_low = take(isPresent, Double.self)
    folds.spread = take(isPresent, Double.self)
    folds.minimum = take(fields.contains(.presentMinimum), Double.self)
    folds.minimum_at = take(fields.contains(.presentMinimum), Int64.self)
    folds.maximum = take(fields.contains(.presentMaximum), Double.self)
    folds.maximum_at = take(fields.contains(.presentMaximum), Int64.self)
    let isProduct = fields.contains(.product)
    let isInexact = dtype.isComplex || dtype.isFloatingPoint
    folds.fraction = take(isProduct && isInexact, Double.self)
    folds.imaginary_fraction = take(isProduct && dtype.isComplex, Double.self)
    folds.exponent = take(isProduct && isInexact, Int64.self)
    folds.wrapped_product = take(isProduct && !isInexact, UInt64.self)
    return folds
  }
}

extension ckernels_folds {
  /// The folds `count` output elements further on.
  func advanced(by count: Int) -> ckernels_folds {
    var moved = self
    moved.present = present.map { $0 + count }
    moved.sum_high = sum_high.map { $0 + count }
    moved.sum_low = sum_low.map { $0 + count }
    moved.spread = spread.map { $0 + count }
    moved.minimum = minimum.map { $0 + count }
    moved.maximum = maximum.map { $0 + count }
    moved.minimum_at = minimum_at.map { $0 + count }
    moved.maximum_at = maximum_at.map { $0 + count }
    moved.fraction = fraction.map { $0 + count }
    moved.imaginary_fraction = imaginary_fraction.map { $0 + count }
    moved.exponent = exponent.map { $0 + count }
    moved.wrapped_product = wrapped_product.map { $0 + count }
    return moved
  }
}
