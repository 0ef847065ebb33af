// Running sums and products along an axis.

import DAStore

extension DistArray {
  /// Running sums: each element with all those before it along an axis. NumPy's `cumsum`.
  ///
  /// Takes a pass for the sums of segments before the elements are computed; of integers the sums wrap. Of floats they
  /// run in double precision with a rest beside it, from segments' sums that are rounded to double precision: before
  /// an element is rounded to its type it is off by less than 2^-53 of the sum of magnitudes.
  ///
  /// - Parameters:
  ///   - axis: Without it all elements follow one another in C order, and the result has one axis.
  ///   - dtype: Type of the terms and of the result; small integers and bool become 64 bits wide without it.
  public func cumulativeSum(axis: Int? = nil, dtype: DType? = nil) -> DistArray {
    cumulated(.sum, axis, dtype)
  }

  /// Running products: each element times all those before it along an axis. NumPy's `cumprod`.
  ///
  /// As ``cumulativeSum(axis:dtype:)``, but with fractions and exponents kept apart as in
  /// ``product(axis:keepDimensions:dtype:where:initial:)``: later factors bring back what only went out of range.
  public func cumulativeProduct(axis: Int? = nil, dtype: DType? = nil) -> DistArray {
    cumulated(.product, axis, dtype)
  }

  private func cumulated(_ operation: CumulatedArray.Operation, _ axis: Int?, _ dtype: DType?) -> DistArray {
    guard let axis else { return raveled().cumulated(operation, 0, dtype) }
    let typed = dtype.map { astype($0) } ?? self
    let result = typed.map { expression throws(StoreError) in
      let own = try expression.converted(to: Statistic.sum.row.resultType(expression.dtype))
      let along = try normalAxis(axis, of: own.shape.count)
      return try own.cumulated(operation, axis: along, context: context)
    }
    return dtype.map { result.astype($0) } ?? result
  }
}

extension Expression {
  /// Chunks of running sums are made larger up to this many bytes, so that there are fewer totals.
  private static var roomyByteCount: Int { 4 << 20 }
  /// Positions that a segment should have at least.
  private static var roomyLength: Int { 64 }

  fileprivate func cumulated(
    _ operation: CumulatedArray.Operation, axis: Int, context: Context
  ) throws(StoreError) -> Expression {
    let chunk = try Materialisation.dataset(withPlaceholders()).description.grid.chunkShape
    let others = chunk.indices.reduce(dtype.byteCount) { $1 == axis ? $0 : saturatingProduct($0, chunk[$1]) }
    var length = chunk[axis]
    while length < Swift.min(Self.roomyLength, shape[axis]),
      saturatingProduct(2 * length, others) <= Self.roomyByteCount
    {
      length *= 2
    }
    length = Swift.max(1, Swift.min(length, shape[axis]))
    let whole = Swift.max(0, (shape[axis] - 1) / length)
    var totals: [Expression] = []
    if whole > 0 {
      var sizes = shape
      sizes[axis] = length
      sizes.insert(whole, at: axis)
      let head = shape.indices.map { $0 == axis ? ArrayIndex.slice(start: 0, stop: whole * length) : .slice() }
      let segments = DistArray(.success(self), context: context)[head].reshaped(to: sizes)
      let statistics: [Statistic] =
        operation == .sum ? [.sum] : dtype.isInexact ? [.productFraction, .productExponent] : [.product]
      let wide = dtype.isFloatingPoint ? DType.float64 : dtype.isComplex ? .complex128 : dtype
      for statistic in statistics {
        totals.append(try segments.astype(wide).reduced(statistic, axes: [axis + 1]).result.get())
      }
    }
    let cumulated = CumulatedArray(operation, self, axis: axis, length: length, totals: totals)
    return try Expression(shape: shape, dtype: dtype, .cumulated(cumulated)).checkedDepth()
  }
}
