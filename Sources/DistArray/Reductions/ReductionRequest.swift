// What a caller asks of a reduction: a pure value.

import DAStore

/// Statistics wanted over some axes of an array.
public struct ReductionRequest: Sendable, Equatable {
  public var statistics: Set<Statistic>
  /// Axes to reduce, negative ones counted from the end; `nil` means all, an empty list none.
  public var axes: [Int]?
  /// Delta degrees of freedom: variances divide by count - `ddof`.
  public var ddof: Double
  /// Only for reductions over all axes of real arrays.
  public var histogram: HistogramRequest?

  public init(
    _ statistics: Set<Statistic> = Set(Statistic.summary), axes: [Int]? = nil, ddof: Double = 0,
    histogram: HistogramRequest? = nil
  ) {
    self.statistics = statistics
    self.axes = axes
    self.ddof = ddof
    self.histogram = histogram
  }

  /// Which axes of an array of `dimensionCount` axes are reduced.
  ///
  /// - Throws: `.invalidArgument` for an axis out of range or named twice.
  package func reduced(dimensionCount: Int) throws(StoreError) -> [Bool] {
    guard let axes else { return Array(repeating: true, count: dimensionCount) }
    var reduced = Array(repeating: false, count: dimensionCount)
    for axis in axes {
      guard axis >= -dimensionCount, axis < dimensionCount else {
        throw StoreError(.invalidArgument, "axis \(axis) is out of bounds for an array of \(dimensionCount) dimensions")
      }
      let normal = axis < 0 ? axis + dimensionCount : axis
      guard !reduced[normal] else { throw StoreError(.invalidArgument, "axis \(axis) is given twice in \(axes)") }
      reduced[normal] = true
    }
    return reduced
  }
}

/// A histogram of equal bins.
public struct HistogramRequest: Sendable, Equatable {
  public var binCount: Int
  /// Lowest and highest edge; `nil` means the array's extremes, which takes a pass of its own to find.
  public var range: ClosedRange<Double>?

  /// Most bins that may be asked for.
  public static let maximumBinCount = 1 << 20

  public init(binCount: Int, range: ClosedRange<Double>? = nil) {
    self.binCount = binCount
    self.range = range
  }

  func check(dtype: DType, reducesAll: Bool) throws(StoreError) {
    guard binCount >= 1, binCount <= Self.maximumBinCount else {
      throw StoreError(.invalidArgument, "\(binCount) histogram bins; between 1 and \(Self.maximumBinCount) are possible")
    }
    guard !dtype.isComplex else {
      throw StoreError(.unsupportedDType, "\(dtype.name) elements have no histogram: complex numbers have no order")
    }
    guard reducesAll else {
      throw StoreError(.invalidArgument, "a histogram takes all axes; leave out the axes or the histogram")
    }
    if let range, !range.lowerBound.isFinite || !range.upperBound.isFinite || !(range.upperBound - range.lowerBound).isFinite {
      throw StoreError(.invalidArgument, "histogram range \(range.lowerBound)...\(range.upperBound) is not finite")
    }
  }
}
