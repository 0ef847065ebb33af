// Statistics of arrays, as arrays: computed when a result is asked for, those of one array over the same axes together.

import DAStore

extension DistArray {
  /// A statistic over some axes, or all.
  ///
  /// - Parameters:
  ///   - axes: Negative ones count from the end; `nil` means all.
  ///   - keepDimensions: Whether the axes stay, with size one.
  ///   - ddof: Variances divide by count - `ddof`.
  public func reduced(
    _ statistic: Statistic, axes: [Int]? = nil, keepDimensions: Bool = false, ddof: Double = 0
  ) -> DistArray {
    map { expression throws(StoreError) in
      let shape = expression.shape
      let reduced = try ReductionRequest([statistic], axes: axes).reduced(dimensionCount: shape.count)
      let kept = shape.indices.filter { !reduced[$0] }
      let result = try Expression(
        shape: kept.map { shape[$0] }, dtype: statistic.row.resultType(expression.dtype),
        .reduced(expression, Reduction(statistic: statistic, reduced: reduced, ddof: ddof))
      ).checkedDepth()
      guard keepDimensions else { return result }
      var next = 0
      let order = reduced.map { isReduced -> Int? in
        if isReduced { return nil }
        defer { next += 1 }
        return next
      }
      return result.viewed(AffineView(inserting: order, into: result.shape))
    }
  }

  private func reduced(_ statistic: Statistic, _ axis: Int?, _ keep: Bool, ddof: Double = 0) -> DistArray {
    reduced(statistic, axes: axis.map { [$0] }, keepDimensions: keep, ddof: ddof)
  }

  /// Sum; integers wrap at 64 bits, of bool the number of truths.
  public func sum(axis: Int? = nil, keepDimensions: Bool = false) -> DistArray { reduced(.sum, axis, keepDimensions) }
  /// Arithmetic mean.
  public func mean(axis: Int? = nil, keepDimensions: Bool = false) -> DistArray { reduced(.mean, axis, keepDimensions) }
  /// Mean squared distance from the mean, over count - `ddof`.
  public func variance(axis: Int? = nil, keepDimensions: Bool = false, ddof: Double = 0) -> DistArray {
    reduced(.variance, axis, keepDimensions, ddof: ddof)
  }
  /// Square root of the variance.
  public func standardDeviation(axis: Int? = nil, keepDimensions: Bool = false, ddof: Double = 0) -> DistArray {
    reduced(.standardDeviation, axis, keepDimensions, ddof: ddof)
  }
  /// Smallest element; NaN if there is one.
  public func min(axis: Int? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.minimum, axis, keepDimensions)
  }
  /// Largest element; NaN if there is one.
  public func max(axis: Int? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.maximum, axis, keepDimensions)
  }
  /// Row-major position of the first smallest element.
  public func argmin(axis: Int? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.positionOfMinimum, axis, keepDimensions)
  }
  /// Row-major position of the first largest element.
  public func argmax(axis: Int? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.positionOfMaximum, axis, keepDimensions)
  }
  /// Whether all elements are true (not zero).
  public func all(axis: Int? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.zeroCount, axis, keepDimensions).applying("equal", 0)
  }
  /// Whether any element is true (not zero).
  public func any(axis: Int? = nil, keepDimensions: Bool = false) -> DistArray {
    countNonzero(axis: axis, keepDimensions: keepDimensions).applying("not_equal", 0)
  }
  /// How many elements are not zero.
  public func countNonzero(axis: Int? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.count, axis, keepDimensions).applying("subtract", reduced(.zeroCount, axis, keepDimensions))
  }
}
