// The statistics and their kin that formulas can call, with NumPy's names and arguments.

import DAStore

/// A function of one or two arrays that reduces, accumulates, compares or counts.
enum FormulaReduction: String, CaseIterable {
  case sum, prod, mean, std
  case variance = "var"
  case min, max, amin, amax, argmin, argmax, ptp, all, any
  case countNonzero = "count_nonzero"
  case nansum, nanprod, nanmean, nanstd, nanvar, nanmin, nanmax, nanargmin, nanargmax
  case cumsum, cumprod, norm, average
  case allclose, isclose
  case arrayEqual = "array_equal"
  case histogram
  case histogramBinEdges = "histogram_bin_edges"
  case bincount

  /// Names of the arguments behind the first array, or the first two, in NumPy's order.
  var parameters: [String] {
    switch self {
    case .sum, .prod, .nansum, .nanprod: ["axis", "dtype", "out", "keepdims", "initial", "where"]
    case .mean, .nanmean: ["axis", "dtype", "out", "keepdims", "where"]
    case .std, .variance, .nanstd, .nanvar: ["axis", "dtype", "out", "ddof", "keepdims", "where"]
    case .min, .max, .amin, .amax, .nanmin, .nanmax: ["axis", "out", "keepdims", "initial", "where"]
    case .argmin, .argmax, .nanargmin, .nanargmax, .ptp: ["axis", "out", "keepdims"]
    case .all, .any: ["axis", "out", "keepdims", "where"]
    case .countNonzero: ["axis", "keepdims"]
    case .cumsum, .cumprod: ["axis", "dtype", "out"]
    case .norm: ["ord", "axis", "keepdims"]
    case .average: ["axis", "weights", "returned", "keepdims"]
    case .allclose, .isclose: ["rtol", "atol", "equal_nan"]
    case .arrayEqual: ["equal_nan"]
    case .histogram: ["bins", "range", "density", "weights"]
    case .histogramBinEdges: ["bins", "range", "weights"]
    case .bincount: ["weights", "minlength"]
    }
  }

  /// Whether it compares two arrays.
  var takesTwo: Bool { self == .allclose || self == .isclose || self == .arrayEqual }

  /// Whether it can also stand behind an array: `x.sum()`.
  var isMethod: Bool {
    switch self {
    case .norm, .average, .allclose, .isclose, .arrayEqual, .histogram, .histogramBinEdges, .bincount: false
    default: true
    }
  }
}

extension FormulaEvaluation {
  /// Calls a reduction.
  ///
  /// - Parameter object: What stands before the name of a method: its first argument.
  func reduced(
    _ reduction: FormulaReduction, on object: (value: FormulaValue, node: FormulaSyntax)?,
    _ arguments: [FormulaSyntax], _ keywords: [FormulaSyntax.Keyword], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    var others = arguments[...]
    let base: DistArray
    if let object {
      guard reduction.isMethod else { throw failure("is a function, not a method of arrays", node) }
      base = try array(object.value, object.node)
    } else {
      guard let first = others.popFirst() else { throw failure("an array is missing between the parentheses", node) }
      base = try array(first)
    }
    var second = base
    if reduction.takesTwo {
      guard let other = others.popFirst() else { throw failure("'\(reduction.rawValue)' compares two arrays", node) }
      second = try array(other)
    }
    let parameters = try bind(reduction.parameters, Array(others), keywords, node)
    if let out = parameters["out"], out.kind != .none {
      throw failure("a formula writes into no array; store its result with -o", out)
    }
    switch reduction {
    case .cumsum, .cumprod, .norm, .average: return try accumulated(reduction, base, parameters, node)
    case .allclose, .isclose, .arrayEqual: return try compared(reduction, base, second, parameters)
    case .histogram, .histogramBinEdges, .bincount: return try counted(reduction, base, parameters, node)
    default: return try statistic(reduction, base, ReductionArguments(self, parameters))
    }
  }

  /// Arguments that most reductions share.
  private struct ReductionArguments {
    var axes: [Int]?
    var keep: Bool
    var ddof: Double
    var dtype: DType?
    var mask: DistArray?
    var initial: DistArray.Operand?

    init(_ evaluation: FormulaEvaluation, _ parameters: [String: FormulaSyntax]) throws(FormulaError) {
      axes = try evaluation.axes(parameters["axis"])
      keep = try evaluation.flag(parameters["keepdims"])
      ddof = try evaluation.number(parameters["ddof"])
      dtype = try evaluation.elementType(parameters["dtype"])
      if let place = parameters["where"] { mask = try evaluation.array(place) }
      if let place = parameters["initial"], place.kind != .none { initial = try evaluation.filling(place) }
    }
  }

  private func statistic(
    _ reduction: FormulaReduction, _ x: DistArray, _ given: ReductionArguments
  ) throws(FormulaError) -> DistArray {
    let (axis, keep, ddof, dtype, mask) = (given.axes, given.keep, given.ddof, given.dtype, given.mask)
    let initial = given.initial
    switch reduction {
    case .sum: return x.sum(axis: axis, keepDimensions: keep, dtype: dtype, where: mask, initial: initial)
    case .prod: return x.product(axis: axis, keepDimensions: keep, dtype: dtype, where: mask, initial: initial)
    case .mean: return x.mean(axis: axis, keepDimensions: keep, dtype: dtype, where: mask)
    case .std:
      return x.standardDeviation(axis: axis, keepDimensions: keep, ddof: ddof, dtype: dtype, where: mask)
    case .variance: return x.variance(axis: axis, keepDimensions: keep, ddof: ddof, dtype: dtype, where: mask)
    case .min, .amin: return x.min(axis: axis, keepDimensions: keep, where: mask, initial: initial)
    case .max, .amax: return x.max(axis: axis, keepDimensions: keep, where: mask, initial: initial)
    case .argmin: return x.argmin(axis: axis, keepDimensions: keep)
    case .argmax: return x.argmax(axis: axis, keepDimensions: keep)
    case .ptp: return x.peakToPeak(axis: axis, keepDimensions: keep)
    case .all: return x.all(axis: axis, keepDimensions: keep, where: mask)
    case .any: return x.any(axis: axis, keepDimensions: keep, where: mask)
    case .nansum: return x.nanSum(axis: axis, keepDimensions: keep, dtype: dtype, where: mask, initial: initial)
    case .nanprod: return x.nanProduct(axis: axis, keepDimensions: keep, dtype: dtype, where: mask, initial: initial)
    case .nanmean: return x.nanMean(axis: axis, keepDimensions: keep, dtype: dtype, where: mask)
    case .nanstd:
      return x.nanStandardDeviation(axis: axis, keepDimensions: keep, ddof: ddof, dtype: dtype, where: mask)
    case .nanvar: return x.nanVariance(axis: axis, keepDimensions: keep, ddof: ddof, dtype: dtype, where: mask)
    case .nanmin: return x.nanMin(axis: axis, keepDimensions: keep, where: mask, initial: initial)
    case .nanmax: return x.nanMax(axis: axis, keepDimensions: keep, where: mask, initial: initial)
    case .nanargmin: return x.nanArgmin(axis: axis, keepDimensions: keep)
    case .nanargmax: return x.nanArgmax(axis: axis, keepDimensions: keep)
    default: return x.countNonzero(axis: axis, keepDimensions: keep)
    }
  }
}
