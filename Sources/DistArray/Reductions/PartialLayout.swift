// Which figures a partial result holds per output element, and where they lie in its memory.

import CKernels
import DAStore

/// Figures kept for each output element until the result is known.
struct PartialFields: OptionSet, Sendable, Hashable {
  let rawValue: Int
  static let sums = PartialFields(rawValue: 1)
  static let spread = PartialFields(rawValue: 2)
  /// Integer sums modulo 2^64.
  static let wrapped = PartialFields(rawValue: 4)
  static let minimum = PartialFields(rawValue: 8)
  static let minimumAt = PartialFields(rawValue: 16)
  static let maximum = PartialFields(rawValue: 32)
  static let maximumAt = PartialFields(rawValue: 64)
  static let nans = PartialFields(rawValue: 128)
  static let infinities = PartialFields(rawValue: 256)
  static let zeros = PartialFields(rawValue: 512)
}

/// The memory of partial results of one element type.
struct PartialLayout: Sendable {
  let dtype: DType
  let fields: PartialFields
  /// Output elements side by side.
  let width: Int

  init(dtype: DType, fields: PartialFields, width: Int) {
    self.dtype = dtype
    var kept = fields
    if dtype.isFloatingPoint || dtype.isComplex {
      kept.remove(.wrapped)
    } else {
      kept = kept.ofNumbers.subtracting([.nans, .infinities])
    }
    self.fields = kept
    self.width = width
  }

  /// Extremes are of the element type, but float32 for float16, as the kernels compute them.
  var extremeByteCount: Int { dtype == .float16 ? 4 : dtype.byteCount }

  /// Bytes of one partial result.
  var byteCount: Int { momentByteCount + foldByteCount }

  /// Bytes of all figures but the folds.
  var momentByteCount: Int {
    var total = 0
    visit { size in total += Self.section(size, width) }
    return total
  }

  /// Pointers into the memory of one partial result.
  ///
  /// - Precondition: `memory` holds ``byteCount`` bytes, aligned for any element.
  func partials(in memory: UnsafeMutableRawBufferPointer) -> ckernels_partials {
    precondition(memory.count >= byteCount, "memory of this layout")
    var cursor = memory.baseAddress
    func take<Value>(_ wanted: Bool, _: Value.Type) -> UnsafeMutablePointer<Value>? {
      guard wanted, let here = cursor else { return nil }
      cursor = here + Self.section(MemoryLayout<Value>.size, width)
      return here.assumingMemoryBound(to: Value.self)
    }
    func takeExtreme(_ wanted: Bool) -> UnsafeMutableRawPointer? {
      guard wanted, let here = cursor else { return nil }
      cursor = here + Self.section(extremeByteCount, width)
      return here
    }
    // The same order as in `visit`.
    var partials = ckernels_partials()
    partials.sum_high = take(fields.contains(.sums), Double.self)
    partials.sum_low = take(fields.contains(.sums), Double.self)
    partials.imaginary_high = take(fields.contains(.sums) && dtype.isComplex, Double.self)
    partials.imaginary_low = take(fields.contains(.sums) && dtype.isComplex, Double.self)
    partials.spread = take(fields.contains(.spread), Double.self)
    partials.wrapped = take(fields.contains(.wrapped), UInt64.self)
    partials.minimum = takeExtreme(fields.contains(.minimum))
    partials.maximum = takeExtreme(fields.contains(.maximum))
    partials.minimum_at = take(fields.contains(.minimumAt), Int64.self)
    partials.maximum_at = take(fields.contains(.maximumAt), Int64.self)
    partials.nan_count = take(fields.contains(.nans), Int64.self)
    partials.infinity_count = take(fields.contains(.infinities), Int64.self)
    partials.zero_count = take(fields.contains(.zeros), Int64.self)
    return partials
  }

  private func visit(_ section: (Int) -> Void) {
    if fields.contains(.sums) { for _ in 0..<(dtype.isComplex ? 4 : 2) { section(8) } }
    if fields.contains(.spread) { section(8) }
    if fields.contains(.wrapped) { section(8) }
    if fields.contains(.minimum) { section(extremeByteCount) }
    if fields.contains(.maximum) { section(extremeByteCount) }
    for field: PartialFields in [.minimumAt, .maximumAt, .nans, .infinities, .zeros] where fields.contains(field) {
      section(8)
    }
  }

  static func section(_ elementByteCount: Int, _ width: Int) -> Int {
    (elementByteCount * width + 63) / 64 * 64
  }
}

extension DType {
  /// The kernels' name for this element type: its place among all cases.
  var kernelCode: Int32 { Int32(DType.allCases.firstIndex(of: self) ?? 0) }
}

/// The vector instruction set that kernels use on this machine.
enum KernelLevel {
  static let best = ckernels_best_level()
}
