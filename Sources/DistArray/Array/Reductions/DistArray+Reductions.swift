// Statistics of arrays, as arrays: computed when a result is asked for, those of one array over the same axes together.
//
// In all of them `axis` is an integer or several in brackets; without it all axes are reduced. `keepDimensions` keeps
// them with size one. `mask` is an array of bool that broadcasts to this one: elements where it is false are left out.
// Statistics of all elements of `x[mask]` are those of `x` where the mask is true, in the order of the chunks of `x`.

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
      guard statistic.isDefined(for: expression.dtype) else {
        throw StoreError(.unsupportedDType, "\(statistic.name) is not defined for \(expression.dtype.name) elements")
      }
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

  func reduced(_ statistic: Statistic, _ axis: (any AxisChoice)?, _ keep: Bool, ddof: Double = 0) -> DistArray {
    reduced(statistic, axes: axis?.axes, keepDimensions: keep, ddof: ddof)
  }

  /// An array made from this one's expression; errors stay.
  func made(_ body: (Expression) throws(StoreError) -> DistArray) -> DistArray {
    map { expression throws(StoreError) in try body(expression).result.get() }
  }

  /// The elements where a mask is true, and another value elsewhere.
  func selected(by mask: DistArray, otherwise value: some ArrayOperand) -> DistArray {
    made { expression throws(StoreError) in
      let dtype = try mask.dtype
      guard dtype == .bool else {
        throw StoreError(
          .unsupportedDType, "'where' has elements of type bool, not \(dtype.name); compare, as in x > 0")
      }
      return choose(mask.broadcast(to: expression.shape), self, value)
    }
  }

  /// Sum; integers wrap at 64 bits, of bool the number of truths.
  ///
  /// - Parameters:
  ///   - dtype: Type of the terms and of the result, in which integers wrap.
  ///   - initial: A term more.
  public func sum(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, dtype: DType? = nil, where mask: DistArray? = nil,
    initial: (any ArrayOperand)? = nil
  ) -> DistArray {
    accumulated(.sum, "add", identity: 0, axis, keepDimensions, dtype, mask, initial)
  }

  /// Product; integers wrap at 64 bits. NumPy's `prod`.
  ///
  /// Of floats in double precision with the exponent kept apart, in an order that the chunks fix: relative error below
  /// count * 2^-53 before it is rounded to the result type; only a result out of range overflows or underflows.
  ///
  /// - Parameters:
  ///   - dtype: Type of the factors and of the result, in which integers wrap.
  ///   - initial: A factor more.
  public func product(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, dtype: DType? = nil, where mask: DistArray? = nil,
    initial: (any ArrayOperand)? = nil
  ) -> DistArray {
    accumulated(.product, "multiply", identity: 1, axis, keepDimensions, dtype, mask, initial)
  }

  private func accumulated(
    _ statistic: Statistic, _ operation: String, identity: Int, _ axis: (any AxisChoice)?, _ keep: Bool,
    _ dtype: DType?, _ mask: DistArray?, _ initial: (any ArrayOperand)?
  ) -> DistArray {
    if let (array, mask) = chosen(over: axis, keepDimensions: keep, where: mask) {
      return array.accumulated(statistic, operation, identity: identity, nil, false, dtype, mask, initial)
    }
    let typed = dtype.map { astype($0) } ?? self
    let chosen = mask.map { typed.selected(by: $0, otherwise: identity) } ?? typed
    let whole = chosen.reduced(statistic, axis, keep)
    let result = dtype.map { whole.astype($0) } ?? whole
    return initial.map { result.joined(operation, $0) } ?? result
  }

  /// A ufunc of the array and a value in the array's type.
  func joined(_ operation: String, _ value: any ArrayOperand) -> DistArray {
    made { expression throws(StoreError) in
      applying(operation, context.full([], value, dtype: expression.dtype))
    }
  }

  /// Smallest element; NaN if there is one.
  ///
  /// - Parameter initial: One number more, so that there is a result without elements; `mask` needs one.
  public func min(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, where mask: DistArray? = nil,
    initial: (any ArrayOperand)? = nil
  ) -> DistArray {
    extreme(.minimum, "minimum", axis, keepDimensions, mask, initial)
  }

  /// Largest element; NaN if there is one.
  ///
  /// - Parameter initial: One number more, so that there is a result without elements; `mask` needs one.
  public func max(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, where mask: DistArray? = nil,
    initial: (any ArrayOperand)? = nil
  ) -> DistArray {
    extreme(.maximum, "maximum", axis, keepDimensions, mask, initial)
  }

  /// - Parameter operation: Joins the result with `initial`, and has the name that messages give.
  func extreme(
    _ statistic: Statistic, _ operation: String, _ axis: (any AxisChoice)?, _ keep: Bool, _ mask: DistArray?,
    _ initial: (any ArrayOperand)?
  ) -> DistArray {
    made { expression throws(StoreError) in
      if let (array, mask) = chosen(over: axis, keepDimensions: keep, where: mask),
        let farthest = context.farthest(statistic, expression.dtype)
      {
        let result = array.selected(by: mask, otherwise: farthest).reduced(statistic)
        return initial.map { result.joined(operation, $0) } ?? result
      }
      guard let initial else {
        guard mask == nil else {
          throw StoreError(
            .invalidArgument,
            "reduction operation '\(operation)' does not have an identity, so to use a where mask one has to specify "
              + "'initial'")
        }
        return reduced(statistic, axis, keep)
      }
      let value = context.full([], initial, dtype: expression.dtype)
      let chosen = mask.map { selected(by: $0, otherwise: value) } ?? self
      let result = try chosen.reduced(statistic, axis, keep).result.get()
      // Nothing to reduce: only the initial value is there.
      if expression.shape.contains(0), !result.shape.contains(0) { return value.broadcast(to: result.shape) }
      return DistArray(.success(result), context: context).applying(operation, value)
    }
  }

  /// Row-major position of the first smallest element.
  public func argmin(axis: (any AxisChoice)? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.positionOfMinimum, axis, keepDimensions)
  }
  /// Row-major position of the first largest element.
  public func argmax(axis: (any AxisChoice)? = nil, keepDimensions: Bool = false) -> DistArray {
    reduced(.positionOfMaximum, axis, keepDimensions)
  }
  /// Whether all elements are true (not zero).
  public func all(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, where mask: DistArray? = nil
  ) -> DistArray {
    if let (array, mask) = chosen(over: axis, keepDimensions: keepDimensions, where: mask) {
      return array.all(where: mask)
    }
    let chosen = mask.map { selected(by: $0, otherwise: 1) } ?? self
    return chosen.reduced(.zeroCount, axis, keepDimensions).applying("equal", 0)
  }
  /// Whether any element is true (not zero).
  public func any(
    axis: (any AxisChoice)? = nil, keepDimensions: Bool = false, where mask: DistArray? = nil
  ) -> DistArray {
    let chosen = mask.map { selected(by: $0, otherwise: 0) } ?? self
    return chosen.countNonzero(axis: axis, keepDimensions: keepDimensions).applying("not_equal", 0)
  }
  /// How many elements are not zero.
  public func countNonzero(axis: (any AxisChoice)? = nil, keepDimensions: Bool = false) -> DistArray {
    if let (array, mask) = chosen(over: axis, keepDimensions: keepDimensions, where: nil) {
      return array.selected(by: mask, otherwise: 0).countNonzero()
    }
    return reduced(.count, axis, keepDimensions).applying("subtract", reduced(.zeroCount, axis, keepDimensions))
  }
  /// Largest minus smallest element. NumPy's `ptp`.
  public func peakToPeak(axis: (any AxisChoice)? = nil, keepDimensions: Bool = false) -> DistArray {
    max(axis: axis, keepDimensions: keepDimensions).applying(
      "subtract", min(axis: axis, keepDimensions: keepDimensions))
  }
}
