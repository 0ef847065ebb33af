// Calls in formulas that accumulate, measure, compare and count, with NumPy's names and arguments.

import DAStore

extension FormulaEvaluation {
  func accumulated(
    _ reduction: FormulaReduction, _ x: DistArray, _ parameters: [String: FormulaSyntax], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    let axes = try axes(parameters["axis"])
    let keep = try flag(parameters["keepdims"])
    switch reduction {
    case .norm: return x.norm(try normOrder(parameters["ord"]), axis: axes, keepDimensions: keep)
    case .average:
      if let place = parameters["returned"], try flag(place) {
        throw failure("a formula has one result; the sum of the weights is another", place)
      }
      var weights: DistArray?
      if let place = parameters["weights"], place.kind != .none { weights = try array(place) }
      return x.average(axis: axes, weights: weights, keepDimensions: keep)
    default:
      let dtype = try elementType(parameters["dtype"])
      guard axes == nil || axes?.count == 1 else { throw failure("'axis' is one integer", parameters["axis"] ?? node) }
      return reduction == .cumsum
        ? x.cumulativeSum(axis: axes?.first, dtype: dtype) : x.cumulativeProduct(axis: axes?.first, dtype: dtype)
    }
  }

  private func normOrder(_ node: FormulaSyntax?) throws(FormulaError) -> NormOrder {
    guard let node else { return .standard }
    switch try value(node) {
    case .none: return .standard
    case .integer(let value): return .power(Double(value))
    case .real(let value): return .power(value)
    case .string("fro"), .string("f"): return .frobenius
    case .string("nuc"): throw failure("the nuclear norm needs singular values, which are not available", node)
    case .string: throw failure("the order of a norm is a number, inf, -inf or 'fro'", node)
    case let value: throw failure("\(value.kindName) where the order of a norm is needed", node)
    }
  }

  func compared(
    _ reduction: FormulaReduction, _ x: DistArray, _ y: DistArray, _ parameters: [String: FormulaSyntax]
  ) throws(FormulaError) -> DistArray {
    let equalNaN = try flag(parameters["equal_nan"])
    if reduction == .arrayEqual { return arrayEqual(x, y, equalNaN: equalNaN) }
    let relative = try number(parameters["rtol"], otherwise: 1e-5)
    let absolute = try number(parameters["atol"], otherwise: 1e-8)
    return reduction == .allclose
      ? allClose(x, y, relative: relative, absolute: absolute, equalNaN: equalNaN)
      : isClose(x, y, relative: relative, absolute: absolute, equalNaN: equalNaN)
  }

  /// Histograms and counts: their passes are made now.
  func counted(
    _ reduction: FormulaReduction, _ x: DistArray, _ parameters: [String: FormulaSyntax], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    if let place = parameters["weights"], place.kind != .none {
      throw failure("'weights' are not available; count the elements of each weight apart", place)
    }
    if reduction == .bincount {
      let length = try integer(parameters["minlength"]) ?? 0
      return try at(node) { () throws(StoreError) in try x.binCount(minimumLength: length) }
    }
    var bins = 10
    if let place = parameters["bins"] {
      guard let count = try value(place).integer else {
        throw failure("bins are given by their number; they are all of one size", place)
      }
      bins = count
    }
    let range = try range(parameters["range"])
    let isDensity = try parameters["density"].map { place throws(FormulaError) in
      place.kind == .none ? false : try flag(place)
    }
    return try at(node) { () throws(StoreError) in
      let histogram = try x.histogram(bins: bins, range: range)
      let edges = try context.array(histogram.edges)
      if reduction == .histogramBinEdges {
        let dtype = try x.dtype
        return dtype.isFloatingPoint ? edges.astype(dtype) : edges
      }
      let counts = try context.array(histogram.counts.map(Int64.init))
      guard isDensity == true else { return counts }
      let (uppers, lowers) = (edges[[ArrayIndex.slice(start: 1)]], edges[[ArrayIndex.slice(stop: -1)]])
      let widths = uppers.applying("subtract", lowers)
      return counts.applying("divide", widths).applying("divide", counts.sum())
    }
  }

  private func range(_ node: FormulaSyntax?) throws(FormulaError) -> ClosedRange<Double>? {
    guard let node, node.kind != .none else { return nil }
    var bounds: [Double] = []
    switch node.kind {
    case .tuple(let elements), .list(let elements):
      for element in elements { bounds.append(try number(element)) }
    default: break
    }
    guard bounds.count == 2 else { throw failure("a range is a pair of numbers: (low, high)", node) }
    guard bounds[0] <= bounds[1] else { throw failure("max must be larger than min in range parameter.", node) }
    return bounds[0]...bounds[1]
  }
}
