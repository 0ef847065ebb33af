// What a reduction gives: one small array per statistic, the same on every rank.

import DAStore

/// Statistics of an array, over all or some of its axes.
public struct ReductionResult: Sendable, Equatable {
  /// Element type of the input.
  public let dtype: DType
  /// Shape of every statistic: the axes that were kept.
  public let shape: [Int]
  /// Elements behind each value.
  public let elementsPerOutput: Int
  /// Missing are statistics that were not asked for, and those that no elements have.
  public let arrays: [Statistic: DenseArray]
  /// Before rounding to the result type: sum, mean, variance and standard deviation of a reduction over all axes.
  public let unrounded: [Statistic: Double]
  public let histogram: Histogram?
  /// Why something asked for is missing, in words.
  public let remarks: [String]

  /// A statistic's array.
  ///
  /// - Throws: `.invalidArgument` when it has no value because there are no elements, or was not asked for.
  public func array(_ statistic: Statistic) throws(StoreError) -> DenseArray {
    if let array = arrays[statistic] {
      let mayLack = statistic == .nanPositionOfMinimum || statistic == .nanPositionOfMaximum
      if mayLack, let positions = array.values(as: Int64.self), positions.contains(-1) {
        throw StoreError(.invalidArgument, "All-NaN slice encountered: \(statistic.name) has no position to give")
      }
      return array
    }
    guard elementsPerOutput == 0 else {
      throw StoreError(.invalidArgument, "\(statistic.name) was not asked for in this reduction")
    }
    switch statistic {
    case .positionOfMinimum, .positionOfMaximum, .nanPositionOfMinimum, .nanPositionOfMaximum:
      throw StoreError(.invalidArgument, "attempt to get \(statistic.ofNumbers.name) of an empty sequence")
    default:
      let names: [Statistic: String] = [
        .minimum: "minimum", .maximum: "maximum", .nanMinimum: "fmin", .nanMaximum: "fmax",
      ]
      let name = names[statistic] ?? statistic.name
      throw StoreError(.invalidArgument, "zero-size array to reduction operation \(name) which has no identity")
    }
  }

  /// The value of a statistic over all axes; `nil` when there is none.
  public func value(_ statistic: Statistic) -> ElementValue? {
    guard let array = arrays[statistic], array.shape.isEmpty else { return nil }
    return array.element(0)
  }
}

/// Counts of elements in equal bins; the last bin includes its upper edge.
public struct Histogram: Sendable, Equatable {
  public let counts: [Int]
  public let edges: [Double]
  /// Elements below the first edge or above the last one, and NaNs.
  public let outsideCount: Int
}
