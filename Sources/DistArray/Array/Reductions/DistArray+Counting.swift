// Histograms and counts of integers: passes that are made at once, because a result's size or edges follow from the
// elements.

import DAStore

extension DistArray {
  /// Counts of elements in equal bins, the same on every rank; the last bin includes its upper edge. NumPy's
  /// `histogram`.
  ///
  /// - Parameter range: Lowest and highest edge; elements outside are not counted. The array's extremes when not given.
  /// - Throws: The first error in making the array; `.invalidArgument` for bins and ranges that cannot be, and where
  ///   the extremes are not finite; `.unsupportedDType` for complex numbers; what the passes throw.
  /// - Complexity: One pass, or two without a range.
  /// - Collective: yes.
  public func histogram(bins: Int = 10, range: ClosedRange<Double>? = nil) throws(StoreError) -> Histogram {
    guard bins >= 1 else { throw StoreError(.invalidArgument, "`bins` must be positive, when an integer, not \(bins)") }
    let request = ReductionRequest([.count], histogram: HistogramRequest(binCount: bins, range: range))
    let result = try reduce(
      request, over: dataset(name: "histogram"), options: context.options, communicator: context.communicator
    ).result
    guard let histogram = result.histogram else {
      throw StoreError(
        .invalidArgument, "autodetected range is not finite; give one: \(result.remarks.joined(separator: "; "))")
    }
    return histogram
  }

  /// How often each integer from 0 upwards is there, the same on every rank. NumPy's `bincount`.
  ///
  /// - Parameter minimumLength: Numbers that are counted at least; otherwise as many as the largest element says.
  /// - Returns: int64 counts, the count of `i` at `i`.
  /// - Throws: The first error in making the array; `.invalidArgument` for another number of axes than one, negative
  ///   elements, and beyond 2^20 counts; `.unsupportedDType` for elements that are no int64; what the passes throw.
  /// - Complexity: Two passes.
  /// - Collective: yes.
  public func binCount(minimumLength: Int = 0) throws(StoreError) -> DistArray {
    let expression = try result.get()
    let dtype = expression.dtype
    guard expression.shape.count == 1 else {
      throw StoreError(
        .invalidArgument, "bincount takes an array of one axis, not of \(expression.shape.count); ravel() makes one")
    }
    guard !dtype.isInexact, dtype != .uint64 else {
      throw StoreError(
        .unsupportedDType,
        "Cannot cast array data from \(dtype.name) to int64 according to the rule 'safe'; convert it with astype")
    }
    guard minimumLength >= 0 else { throw StoreError(.invalidArgument, "'minlength' must not be negative") }
    var length = minimumLength
    if expression.shape[0] > 0 {
      let extremes = try context.evaluate(astype(.int64).min(), astype(.int64).max())
      guard let low = extremes.0.values(as: Int64.self)?.first, let high = extremes.1.values(as: Int64.self)?.first
      else {
        throw StoreError(.internalFault, "extremes of int64 have another type")
      }
      guard low >= 0 else {
        throw StoreError(.invalidArgument, "'list' argument must have no negative elements; the smallest is \(low)")
      }
      length = Swift.max(length, saturatingSum(Int(high), 1))
    }
    guard length > 0 else { return context.zeros([0], dtype: .int64) }
    guard length <= HistogramRequest.maximumBinCount else {
      throw StoreError(
        .invalidArgument,
        "\(length) counts; at most \(HistogramRequest.maximumBinCount) are possible: the elements are "
          + "too large, or 'minlength' is")
    }
    // Integers lie at the bins' lower edges, and none at the last edge.
    let counts = try histogram(bins: length, range: 0...Double(length)).counts
    return try context.array(counts.map(Int64.init))
  }
}
