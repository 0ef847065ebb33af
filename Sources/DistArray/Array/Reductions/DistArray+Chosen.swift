// Statistics of all that a mask chose: made of the array where the mask is true, so that nothing is put in a row first.

import DAStore

extension DistArray {
  /// An array and a mask of all its axes which chose this one's elements.
  ///
  /// - Returns: `nil` for other arrays, for statistics that leave axes or have a mask of their own, and when nothing is
  ///   chosen.
  func chosen(
    over axis: (any AxisChoice)?, keepDimensions: Bool, where mask: DistArray?
  ) -> (array: DistArray, mask: DistArray)? {
    guard mask == nil, !keepDimensions, case .success(let expression) = result,
      case .masked(let masked) = expression.kind, let whole = masked.whole, masked.counts.total > 0,
      axis == nil || axis?.axes == [0] || axis?.axes == [-1]
    else { return nil }
    return (
      DistArray(.success(whole.array), context: context), DistArray(.success(whole.mask), context: context)
    )
  }
}

extension Context {
  /// What no element of a type is beyond, as an array without axes; `nil` for complex numbers.
  func farthest(_ statistic: Statistic, _ dtype: DType) -> DistArray? {
    let isMaximum = statistic == .maximum
    if dtype.isComplex { return nil }
    if dtype.isFloatingPoint { return full([], isMaximum ? -Double.infinity : .infinity, dtype: dtype) }
    if dtype == .bool { return full([], !isMaximum) }
    guard dtype.isSignedInteger else {
      // Converted to unsigned integers, -1 is the largest.
      return full([], isMaximum ? 0 : -1).astype(dtype)
    }
    let highest = Int.max >> (64 - 8 * dtype.byteCount)
    return full([], isMaximum ? -highest - 1 : highest, dtype: dtype)
  }
}
