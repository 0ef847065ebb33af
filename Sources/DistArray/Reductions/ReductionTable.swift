// Every reduction is one row of this table: its name, what it gives for which element type, and what it needs.

import DAStore

/// What can be asked of an array in one pass.
public enum Statistic: Int, Sendable, CaseIterable, Hashable {
  case count, sum, mean, standardDeviation, variance, minimum, maximum, positionOfMinimum, positionOfMaximum, nanCount,
    infinityCount, zeroCount, product, nanMean, nanStandardDeviation, nanVariance, nanMinimum, nanMaximum,
    nanPositionOfMinimum, nanPositionOfMaximum
  /// Spreads of the elements that are not NaN, infinite where `ddof` leaves no freedom: for `where=`.
  case selectedDeviation, selectedVariance
  /// A product of inexact elements is fraction * 2^exponent.
  case productFraction, productExponent

  /// What describes an array at a glance, in the order in which it is shown.
  public static let summary: [Statistic] = [
    .count, .sum, .mean, .standardDeviation, .variance, .minimum, .maximum, .positionOfMinimum, .positionOfMaximum,
    .nanCount, .infinityCount, .zeroCount,
  ]

  /// This statistic's row of the table.
  public var row: ReductionRow { ReductionTable.rows[rawValue] }
  /// The name that commands and JSON use.
  public var name: String { row.name }

  /// The statistic of this name.
  public init?(name: String) {
    guard let row = ReductionTable.rows.first(where: { $0.name == name }) else { return nil }
    self = row.statistic
  }
}

/// One reduction.
public struct ReductionRow: Sendable {
  public var statistic: Statistic
  public var name: String
  /// One line for help texts.
  public var summary: String
  /// What it gives when there are no elements.
  public var empty: EmptyValue
  /// Element type of the result for an element type of the input, as NumPy 2 has it.
  public var resultType: @Sendable (DType) -> DType
  let needs: PartialFields

  /// A reduction's value over no elements.
  public enum EmptyValue: Sendable { case zero, one, nan, none }
}

public enum ReductionTable {
  /// One row per statistic, in the order of `Statistic.allCases`.
  public static let rows: [ReductionRow] = [
    ReductionRow(
      statistic: .count, name: "count", summary: "number of elements", empty: .zero, resultType: position, needs: []),
    ReductionRow(
      statistic: .sum, name: "sum", summary: "sum; integers wrap at 64 bits", empty: .zero, resultType: summed,
      needs: [.sums, .wrapped]),
    ReductionRow(
      statistic: .mean, name: "mean", summary: "arithmetic mean", empty: .nan, resultType: averaged, needs: .sums),
    ReductionRow(
      statistic: .standardDeviation, name: "std", summary: "square root of the variance", empty: .nan,
      resultType: spread, needs: [.sums, .spread]),
    ReductionRow(
      statistic: .variance, name: "var", summary: "mean squared distance from the mean", empty: .nan,
      resultType: spread, needs: [.sums, .spread]),
    ReductionRow(
      statistic: .minimum, name: "min", summary: "smallest element; NaN if there is one", empty: .none,
      resultType: same, needs: .minimum),
    ReductionRow(
      statistic: .maximum, name: "max", summary: "largest element; NaN if there is one", empty: .none,
      resultType: same, needs: .maximum),
    ReductionRow(
      statistic: .positionOfMinimum, name: "argmin", summary: "row-major position of the first smallest element",
      empty: .none, resultType: position, needs: [.minimum, .minimumAt]),
    ReductionRow(
      statistic: .positionOfMaximum, name: "argmax", summary: "row-major position of the first largest element",
      empty: .none, resultType: position, needs: [.maximum, .maximumAt]),
    ReductionRow(
      statistic: .nanCount, name: "nan_count", summary: "elements that are not a number", empty: .zero,
      resultType: position, needs: .nans),
    ReductionRow(
      statistic: .infinityCount, name: "inf_count", summary: "infinite elements", empty: .zero, resultType: position,
      needs: .infinities),
    ReductionRow(
      statistic: .zeroCount, name: "zero_count", summary: "elements equal to zero", empty: .zero, resultType: position,
      needs: .zeros),
    ReductionRow(
      statistic: .product, name: "prod", summary: "product; integers wrap at 64 bits", empty: .one, resultType: summed,
      needs: .product),
    ReductionRow(
      statistic: .nanMean, name: "nanmean", summary: "arithmetic mean without NaN", empty: .nan, resultType: averaged,
      needs: .present),
    ReductionRow(
      statistic: .nanStandardDeviation, name: "nanstd", summary: "square root of the variance without NaN", empty: .nan,
      resultType: spread, needs: .present),
    ReductionRow(
      statistic: .nanVariance, name: "nanvar", summary: "variance without NaN", empty: .nan, resultType: spread,
      needs: .present),
    ReductionRow(
      statistic: .nanMinimum, name: "nanmin", summary: "smallest number; NaN if there is none", empty: .none,
      resultType: same, needs: .presentMinimum),
    ReductionRow(
      statistic: .nanMaximum, name: "nanmax", summary: "largest number; NaN if there is none", empty: .none,
      resultType: same, needs: .presentMaximum),
    ReductionRow(
      statistic: .nanPositionOfMinimum, name: "nanargmin", summary: "row-major position of the first smallest number",
      empty: .none, resultType: position, needs: .presentMinimum),
    ReductionRow(
      statistic: .nanPositionOfMaximum, name: "nanargmax", summary: "row-major position of the first largest number",
      empty: .none, resultType: position, needs: .presentMaximum),
    ReductionRow(
      statistic: .selectedDeviation, name: "selected_std", summary: "as nanstd, infinite without freedom", empty: .nan,
      resultType: spread, needs: .present),
    ReductionRow(
      statistic: .selectedVariance, name: "selected_var", summary: "as nanvar, infinite without freedom", empty: .nan,
      resultType: spread, needs: .present),
    ReductionRow(
      statistic: .productFraction, name: "prod_fraction", summary: "product of floats without its exponent",
      empty: .one, resultType: fraction, needs: .product),
    ReductionRow(
      statistic: .productExponent, name: "prod_exponent", summary: "exponent of two that prod_fraction lacks",
      empty: .zero, resultType: position, needs: .product),
  ]

  @Sendable private static func same(_ dtype: DType) -> DType { dtype }
  @Sendable private static func fraction(_ dtype: DType) -> DType { dtype.isComplex ? .complex128 : .float64 }
  @Sendable private static func position(_: DType) -> DType { .int64 }
  @Sendable private static func summed(_ dtype: DType) -> DType {
    dtype.isFloatingPoint || dtype.isComplex ? dtype : dtype.isUnsignedInteger ? .uint64 : .int64
  }
  @Sendable private static func averaged(_ dtype: DType) -> DType {
    dtype.isFloatingPoint || dtype.isComplex ? dtype : .float64
  }
  @Sendable private static func spread(_ dtype: DType) -> DType {
    dtype == .complex64 ? .float32 : dtype.isFloatingPoint ? dtype : .float64
  }
}
