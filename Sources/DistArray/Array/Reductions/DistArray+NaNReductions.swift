// Statistics of the elements that are not NaN: NumPy's functions whose names begin with nan. One pass each.

import DAStore

extension DistArray {
  /// Sum of the elements that are not NaN. NumPy's `nansum`.
  public func nanSum(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, dtype: DType? = nil, where mask: DistArray? = nil,
    initial: (any ArrayOperand)? = nil
  ) -> DistArray {
    replacingNaN(0).sum(axis: axis, keepDimensions: keepDimensions, dtype: dtype, where: mask, initial: initial)
  }

  /// Product of the elements that are not NaN. NumPy's `nanprod`.
  public func nanProduct(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, dtype: DType? = nil, where mask: DistArray? = nil,
    initial: (any ArrayOperand)? = nil
  ) -> DistArray {
    replacingNaN(1).product(axis: axis, keepDimensions: keepDimensions, dtype: dtype, where: mask, initial: initial)
  }

  /// Mean of the elements that are not NaN; NaN where there are none. NumPy's `nanmean`.
  ///
  /// - Parameter dtype: Of floats a type of floats.
  public func nanMean(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, dtype: DType? = nil, where mask: DistArray? = nil
  ) -> DistArray {
    numbers(dtype, mask) { expression, typed throws(StoreError) in
      guard let typed else { return mean(axis: axis, keepDimensions: keepDimensions, dtype: dtype, where: mask) }
      guard expression.dtype.isComplex else {
        return typed.excluding(mask).reduced(.nanMean, axis, keepDimensions)
      }
      let isNumber = isnan(typed).applying("logical_not")
      return typed.mean(
        axis: axis, keepDimensions: keepDimensions, where: mask.map { isNumber.applying("logical_and", $0) } ?? isNumber
      )
    }
  }

  /// Mean squared distance of the elements that are not NaN from their mean; NaN where there are no more than `ddof`.
  /// NumPy's `nanvar`.
  public func nanVariance(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, ddof: Double = 0, dtype: DType? = nil,
    where mask: DistArray? = nil
  ) -> DistArray {
    numbers(dtype, mask) { expression, typed throws(StoreError) in
      guard let typed else {
        return variance(axis: axis, keepDimensions: keepDimensions, ddof: ddof, dtype: dtype, where: mask)
      }
      return typed.excluding(mask).spreadOfNumbers(expression.dtype, axis, keepDimensions, ddof)
    }
  }

  /// Square root of ``nanVariance(axis:keepDimensions:ddof:dtype:where:)``. NumPy's `nanstd`.
  public func nanStandardDeviation(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, ddof: Double = 0, dtype: DType? = nil,
    where mask: DistArray? = nil
  ) -> DistArray {
    numbers(dtype, mask) { expression, typed throws(StoreError) in
      guard let typed else {
        return standardDeviation(axis: axis, keepDimensions: keepDimensions, ddof: ddof, dtype: dtype, where: mask)
      }
      let chosen = typed.excluding(mask)
      guard expression.dtype.isComplex else {
        return chosen.reduced(.nanStandardDeviation, axis, keepDimensions, ddof: ddof)
      }
      return sqrt(chosen.spreadOfNumbers(expression.dtype, axis, keepDimensions, ddof))
    }
  }

  /// Smallest number; NaN where there is none. NumPy's `nanmin`.
  ///
  /// - Parameter initial: One number more; `mask` needs one.
  public func nanMin(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, where mask: DistArray? = nil,
    initial: (any ArrayOperand)? = nil
  ) -> DistArray {
    extremeNumber(.nanMinimum, "fmin", axis, keepDimensions, mask, initial)
  }

  /// Largest number; NaN where there is none. NumPy's `nanmax`.
  ///
  /// - Parameter initial: One number more; `mask` needs one.
  public func nanMax(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, where mask: DistArray? = nil,
    initial: (any ArrayOperand)? = nil
  ) -> DistArray {
    extremeNumber(.nanMaximum, "fmax", axis, keepDimensions, mask, initial)
  }

  /// Row-major position of the first smallest number; refused, when it is computed, where there is none. NumPy's
  /// `nanargmin`. Not of complex numbers.
  public func nanArgmin(axis: (any AxisChoice)? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.nanPositionOfMinimum, axis, keepDimensions)
  }

  /// Row-major position of the first largest number; refused, when it is computed, where there is none. NumPy's
  /// `nanargmax`. Not of complex numbers.
  public func nanArgmax(axis: (any AxisChoice)? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.nanPositionOfMaximum, axis, keepDimensions)
  }

  private func replacingNaN(_ value: Int) -> DistArray {
    made { expression throws(StoreError) in expression.dtype.isInexact ? choose(isnan(self), value, self) : self }
  }

  /// Calls `body` with the array in the type asked for, or with `nil` when its elements are never NaN.
  private func numbers(
    _ dtype: DType?, _ mask: DistArray?, _ body: (Expression, DistArray?) throws(StoreError) -> DistArray
  ) -> DistArray {
    made { expression throws(StoreError) in
      guard expression.dtype.isInexact else { return try body(expression, nil) }
      guard dtype?.isInexact != false, dtype?.isComplex != false || !expression.dtype.isComplex else {
        throw StoreError(
          .unsupportedDType,
          "If a is inexact, then dtype must be inexact: \(expression.dtype.name) cannot become \(dtype?.name ?? "it")")
      }
      let typed = try (dtype.map { astype($0) } ?? self).result.get()
      let result = try body(typed, DistArray(.success(typed), context: context))
      guard let dtype else { return result }
      return result.astype(dtype)
    }
  }

  /// NaN where a mask is false.
  private func excluding(_ mask: DistArray?) -> DistArray {
    mask.map { selected(by: $0, otherwise: Double.nan) } ?? self
  }

  private func spreadOfNumbers(
    _ dtype: DType, _ axis: (any AxisChoice)?, _ keep: Bool, _ ddof: Double
  ) -> DistArray {
    guard dtype.isComplex else { return reduced(.nanVariance, axis, keep, ddof: ddof) }
    // A number with one NaN part is none.
    let isNaN = isnan(self)
    let parts = [real(self), imag(self)].map { part in
      choose(isNaN, Double.nan, part.astype(.float64)).reduced(.nanVariance, axis, keep, ddof: ddof)
    }
    return parts[0].applying("add", parts[1]).astype(Statistic.variance.row.resultType(dtype))
  }

  private func extremeNumber(
    _ statistic: Statistic, _ operation: String, _ axis: (any AxisChoice)?, _ keep: Bool, _ mask: DistArray?,
    _ initial: (any ArrayOperand)?
  ) -> DistArray {
    made { expression throws(StoreError) in
      guard expression.dtype.isInexact else {
        return extreme(
          statistic.ofNumbers, statistic == .nanMinimum ? "minimum" : "maximum", axis, keep, mask, initial)
      }
      guard expression.dtype.isComplex else { return extreme(statistic, operation, axis, keep, mask, initial) }
      // NaN becomes what any number is better than.
      let worst = statistic == .nanMinimum ? Double.infinity : -Double.infinity
      let isNaN = isnan(self)
      let others = choose(isNaN, DistArray.Operand.complex(real: worst, imaginary: worst), self)
      let result = others.extreme(
        statistic.ofNumbers, statistic == .nanMinimum ? "minimum" : "maximum", axis, keep, mask, initial)
      return initial == nil ? choose(isNaN.all(axis: axis, keepDimensions: keep), Double.nan, result) : result
    }
  }
}
