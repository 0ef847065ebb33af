// From partial results to the values that are given out: types, roundings, and the one bit pattern of NaN.

import CKernels
import DAStore

/// Final values of one group: for each statistic, dense elements of its result type in row-major order.
struct GroupValues {
  /// Statistics in ascending order, one after the other; then the unrounded doubles.
  var bytes: [UInt8]
}

/// Turns partial results into values.
struct Finisher {
  let statistics: [Statistic]
  let ddof: Double
  let dtype: DType
  /// Elements behind every output element.
  let elementCount: Int

  /// Statistics that are also given as doubles, before they are rounded to the element type.
  let unrounded: [Statistic]

  init(request: ReductionRequest, dtype: DType, geometry: ReductionGeometry) {
    statistics = request.storedStatistics
    ddof = request.ddof
    self.dtype = dtype
    elementCount = geometry.elementsPerOutput
    let hasDoubles = geometry.keptAxes.isEmpty && !dtype.isComplex
    unrounded = hasDoubles ? statistics.filter { Self.inexact.contains($0) } : []
  }

  private static let inexact: Set<Statistic> = [.sum, .mean, .variance, .standardDeviation]

  /// Bytes of the values of `width` output elements.
  func byteCount(width: Int) -> Int {
    statistics.reduce(0) { $0 + $1.row.resultType(dtype).byteCount * width } + unrounded.count * 8
  }

  func values(of node: TreeNode, layout: PartialLayout) -> GroupValues {
    let partials = layout.partials(in: node.memory.bytes)
    let folds = layout.folds(in: node.memory.bytes)
    var bytes = [UInt8](repeating: 0, count: byteCount(width: layout.width))
    bytes.withUnsafeMutableBytes { memory in
      var offset = 0
      for statistic in statistics {
        let type = statistic.row.resultType(dtype)
        let size = type.byteCount * layout.width
        let target = UnsafeMutableRawBufferPointer(rebasing: memory[offset..<offset + size])
        write(statistic, as: type, of: partials, folds, width: layout.width, to: target)
        offset += size
      }
      for statistic in unrounded {
        let target = UnsafeMutableRawBufferPointer(rebasing: memory[offset..<offset + 8])
        write(statistic, as: .float64, of: partials, folds, width: 1, to: target)
        offset += 8
      }
    }
    return GroupValues(bytes: bytes)
  }

  /// The value of a statistic over no elements; `nil` when it has none.
  func emptyValue(of statistic: Statistic) -> ElementValue? {
    let type = statistic.row.resultType(dtype)
    switch statistic.row.empty {
    case .zero: return ElementValue(zero: type)
    case .one:
      if type == .int64 { return ElementValue(Int64(1)) }
      return type == .uint64 ? ElementValue(UInt64(1)) : Self.element(1, imaginary: 0, as: type)
    case .none: return nil
    case .nan: return Self.element(.nan, imaginary: .nan, as: type)
    }
  }

  private static func element(_ real: Double, imaginary: Double, as type: DType) -> ElementValue {
    var memory = [UInt8](repeating: 0, count: 16)
    return memory.withUnsafeMutableBytes { buffer in
      let part: ((Int) -> Double)? = type.isComplex ? { _ in imaginary } : nil
      type.visit(RealWriter(target: buffer, count: 1, imaginary: part) { _ in real })
      return ElementValue(dtype: type, littleEndian: UnsafeRawBufferPointer(buffer))
    }
  }

  private func write(
    _ wanted: Statistic, as type: DType, of partials: ckernels_partials, _ folds: ckernels_folds, width: Int,
    to target: UnsafeMutableRawBufferPointer
  ) {
    let statistic = dtype.isFloatingPoint || dtype.isComplex ? wanted : wanted.ofNumbers
    func copy(_ source: UnsafeRawPointer?) {
      guard let source else { return }
      target.copyMemory(from: UnsafeRawBufferPointer(start: source, count: target.count))
    }
    func reals(_ value: @escaping (Int) -> Double, imaginary: ((Int) -> Double)? = nil) {
      type.visit(RealWriter(target: target, count: width, imaginary: imaginary, real: value))
    }
    func reals(_ numbers: Numbers?) {
      if let numbers { reals(numbers.real, imaginary: numbers.imaginary) }
    }
    let count = Double(elementCount)
    switch statistic {
    case .count:
      for index in 0..<width { target.storeBytes(of: Int64(elementCount), toByteOffset: index * 8, as: Int64.self) }
    case .sum:
      if type != .float64, let wrapped = partials.wrapped { return copy(wrapped) }
      guard let high = partials.sum_high else { return }
      reals({ high[$0] }, imaginary: partials.imaginary_high.map { part in { part[$0] } })
    case .mean:
      guard let high = partials.sum_high, let low = partials.sum_low else { return }
      var imaginary: ((Int) -> Double)?
      if let ih = partials.imaginary_high, let il = partials.imaginary_low {
        imaginary = { Self.mean(ih[$0], il[$0], count) }
      }
      reals({ Self.mean(high[$0], low[$0], count) }, imaginary: imaginary)
    case .variance, .standardDeviation:
      guard let spread = partials.spread else { return }
      // NumPy's way with too few elements: 0 / 0 is NaN, x / 0 is infinite.
      let freedom = max(count - ddof, 0)
      if statistic == .variance { reals { spread[$0] / freedom } } else { reals { (spread[$0] / freedom).squareRoot() } }
    case .minimum: writeExtremes(partials.minimum)
    case .maximum: writeExtremes(partials.maximum)
    case .positionOfMinimum: copy(partials.minimum_at)
    case .positionOfMaximum: copy(partials.maximum_at)
    case .nanCount: copy(partials.nan_count)
    case .infinityCount: copy(partials.infinity_count)
    case .zeroCount: copy(partials.zero_count)
    case .product:
      if let wrapped = folds.wrapped_product { return copy(wrapped) }
      reals(product(of: folds, isFraction: false))
    case .productFraction: reals(product(of: folds, isFraction: true))
    case .productExponent: copy(folds.exponent)
    case .nanMean, .nanVariance, .nanStandardDeviation, .selectedVariance, .selectedDeviation:
      reals(moment(statistic, of: folds))
    case .nanMinimum: if let minimum = folds.minimum { reals { minimum[$0] } }
    case .nanMaximum: if let maximum = folds.maximum { reals { maximum[$0] } }
    case .nanPositionOfMinimum: copy(folds.minimum_at)
    case .nanPositionOfMaximum: copy(folds.maximum_at)
    }
    func writeExtremes(_ source: UnsafeMutableRawPointer?) {
      guard dtype == .float16, let source else { return copy(source) }
      let values = source.assumingMemoryBound(to: Float.self)
      reals { Double(values[$0]) }
    }
  }

  /// The mean of the pair's sum, rounded once or nearly so.
  static func mean(_ high: Double, _ low: Double, _ count: Double) -> Double {
    let mean = high / count
    let rest = (high.addingProduct(-mean, count) + low) / count
    return rest.isFinite ? mean + rest : mean
  }
}

extension ReductionRequest {
  /// Statistics whose values are computed: those asked for, and the extremes when a histogram's range follows from them.
  var storedStatistics: [Statistic] {
    var wanted = statistics
    if let histogram, histogram.range == nil { wanted.formUnion([.minimum, .maximum]) }
    return wanted.sorted { $0.rawValue < $1.rawValue }
  }
}

/// Stores doubles as elements of a floating-point or complex type; all NaNs become the same bits.
private struct RealWriter: ElementVisitor {
  let target: UnsafeMutableRawBufferPointer
  let count: Int
  let imaginary: ((Int) -> Double)?
  let real: (Int) -> Double

  init(
    target: UnsafeMutableRawBufferPointer, count: Int, imaginary: ((Int) -> Double)?, real: @escaping (Int) -> Double
  ) {
    self.target = target
    self.count = count
    self.imaginary = imaginary
    self.real = real
  }

  func visit<E: Element>(_: E.Type) {
    func store<Part: BinaryFloatingPoint & BitwiseCopyable>(_: Part.Type, step: Int, offset: Int, _ value: (Int) -> Double) {
      let size = MemoryLayout<Part>.size
      for index in 0..<count {
        let number = value(index)
        let part = number.isNaN ? Part.nan : Part(number)
        target.storeBytes(of: part, toByteOffset: (index * step + offset) * size, as: Part.self)
      }
    }
    if E.self == Double.self { store(Double.self, step: 1, offset: 0, real) }
    if E.self == Float.self { store(Float.self, step: 1, offset: 0, real) }
    if E.self == Float16.self { store(Float16.self, step: 1, offset: 0, real) }
    if E.self == StoredComplex<Float>.self {
      store(Float.self, step: 2, offset: 0, real)
      if let imaginary { store(Float.self, step: 2, offset: 1, imaginary) }
    }
    if E.self == StoredComplex<Double>.self {
      store(Double.self, step: 2, offset: 0, real)
      if let imaginary { store(Double.self, step: 2, offset: 1, imaginary) }
    }
  }
}
