// Means and spreads, also of a type and of chosen elements only.

import DAStore

extension DistArray {
  /// Arithmetic mean; of integers and bool in double precision.
  ///
  /// - Parameters:
  ///   - dtype: Type of the terms and of the result; of an integer type the sum wraps and the mean is cut off.
  ///   - mask: Elements where it is false are left out; floats take a second reduction then, of their NaNs.
  public func mean(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, dtype: DType? = nil, where mask: DistArray? = nil
  ) -> DistArray {
    made { expression throws(StoreError) in
      if let (array, mask) = chosen(over: axis, keepDimensions: keepDimensions, where: mask) {
        return array.mean(dtype: dtype, where: mask)
      }
      let (typed, wanted) = (dtype.map { astype($0) } ?? self, dtype ?? expression.dtype)
      if dtype != nil && !wanted.isInexact || mask != nil && wanted.isComplex {
        // As sums are divided: those of complex numbers in double precision.
        let sum = sum(
          axis: axis, keepDimensions: keepDimensions, dtype: wanted.isComplex ? .complex128 : wanted, where: mask)
        return sum.applying("divide", termCount(expression.shape, axis, keepDimensions, mask)).astype(wanted)
      }
      let mean =
        if let mask { typed.moment(.nanMean, of: mask, axis, keepDimensions) } else {
          typed.reduced(.mean, axis, keepDimensions)
        }
      return dtype.map { mean.astype($0) } ?? mean
    }
  }

  /// Mean squared distance from the mean, over count - `ddof`.
  ///
  /// - Parameters:
  ///   - dtype: Type of the terms and of the result. An integer type takes two passes, and its means are cut off.
  ///   - mask: As in ``mean(axis:keepDimensions:dtype:where:)``.
  public func variance(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, ddof: Double = 0, dtype: DType? = nil,
    where mask: DistArray? = nil
  ) -> DistArray {
    spread(.variance, .selectedVariance, axis, keepDimensions, ddof, dtype, mask)
  }

  /// Square root of the variance.
  ///
  /// As ``variance(axis:keepDimensions:ddof:dtype:where:)``.
  public func standardDeviation(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, ddof: Double = 0, dtype: DType? = nil,
    where mask: DistArray? = nil
  ) -> DistArray {
    spread(.standardDeviation, .selectedDeviation, axis, keepDimensions, ddof, dtype, mask)
  }

  /// - Parameters:
  ///   - statistic: The variance or its root, of all elements.
  ///   - selected: The same of chosen ones.
  private func spread(
    _ statistic: Statistic, _ selected: Statistic, _ axis: (any AxisChoice)?, _ keep: Bool, _ ddof: Double,
    _ dtype: DType?, _ mask: DistArray?
  ) -> DistArray {
    made { expression throws(StoreError) in
      if let (array, mask) = chosen(over: axis, keepDimensions: keep, where: mask) {
        return array.spread(statistic, selected, nil, false, ddof, dtype, mask)
      }
      if let dtype, !dtype.isInexact || expression.dtype.isComplex && !dtype.isComplex {
        let variance = steppedVariance(expression, axis, keep, ddof, dtype, mask)
        guard statistic != .variance else { return variance }
        // NumPy cuts off the root of one variance, and refuses to do so for several.
        guard dtype.isInexact || variance.shape.isEmpty else {
          throw StoreError(
            .unsupportedDType,
            "Cannot cast ufunc 'sqrt' output from float64 to \(dtype.name) with casting rule 'same_kind'; convert "
              + "afterwards with astype")
        }
        return sqrt(variance).astype(dtype)
      }
      let typed = dtype.map { astype($0) } ?? self
      let spread =
        if let mask { typed.moment(selected, of: mask, axis, keep, ddof: ddof) } else {
          typed.reduced(statistic, axis, keep, ddof: ddof)
        }
      return dtype.map { spread.astype($0) } ?? spread
    }
  }

  /// A variance in NumPy's steps, each rounded to the type: the mean, then the squared distances from it.
  private func steppedVariance(
    _ expression: Expression, _ axis: (any AxisChoice)?, _ keep: Bool, _ ddof: Double, _ dtype: DType,
    _ mask: DistArray?
  ) -> DistArray {
    let distances = applying("subtract", mean(axis: axis, keepDimensions: true, dtype: dtype, where: mask))
    let squares =
      expression.dtype.isComplex
      ? square(real(distances)).applying("add", square(imag(distances))) : square(distances)
    let sum = squares.sum(axis: axis, keepDimensions: keep, dtype: dtype, where: mask)
    let count = termCount(expression.shape, axis, keep, mask)
    return sum.applying("divide", count.applying("subtract", ddof).applying("maximum", 0)).astype(dtype)
  }

  /// How many elements each result is made of.
  private func termCount(
    _ shape: [Int], _ axis: (any AxisChoice)?, _ keep: Bool, _ mask: DistArray?
  ) -> DistArray {
    if let mask { return mask.broadcast(to: shape).sum(axis: axis, keepDimensions: keep) }
    let axes = axis.map { axis in Set(axis.axes.map { $0 < 0 ? $0 + shape.count : $0 }) } ?? Set(shape.indices)
    return context.full([], shape.indices.reduce(1) { axes.contains($1) ? saturatingProduct($0, shape[$1]) : $0 })
  }

  /// A moment of the elements where a mask is true: others become NaN, which the statistic leaves out.
  private func moment(
    _ statistic: Statistic, of mask: DistArray, _ axis: (any AxisChoice)?, _ keep: Bool, ddof: Double = 0
  ) -> DistArray {
    made { expression throws(StoreError) in
      let dtype = expression.dtype
      if dtype.isComplex {
        // A spread is the sum of those of both parts.
        let parts = [real(self), imag(self)].map { part in
          part.astype(.float64).moment(.selectedVariance, of: mask, axis, keep, ddof: ddof)
        }
        let variance = parts[0].applying("add", parts[1])
        return (statistic == .selectedVariance ? variance : sqrt(variance)).astype(
          Statistic.variance.row.resultType(dtype))
      }
      let floats = dtype.isInexact ? self : astype(.float64)
      let result = floats.selected(by: mask, otherwise: Double.nan).reduced(statistic, axis, keep, ddof: ddof)
      guard dtype.isInexact else { return result }
      let hasNaN = isnan(self).any(axis: axis, keepDimensions: keep, where: mask)
      return choose(hasNaN, Double.nan, result)
    }
  }
}

extension DType {
  /// Whether elements are rounded: floating-point and complex numbers.
  var isInexact: Bool { isFloatingPoint || isComplex }
}
