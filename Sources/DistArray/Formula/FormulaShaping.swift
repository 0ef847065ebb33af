// Calls in formulas that join, move and reshape arrays, with NumPy's names and arguments.

import DAStore

extension FormulaEvaluation {
  func shaped(
    _ function: FormulaFunction.Shaping, on object: (value: FormulaValue, node: FormulaSyntax)?,
    _ arguments: [FormulaSyntax], _ keywords: [FormulaSyntax.Keyword], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    if let object {
      let isMethod = function == .reshape || function == .ravel || function == .swapaxes
      guard isMethod || function == .repetition else { throw failure("is a function, not a method of arrays", node) }
      return try shaped(function, array(object.value, object.node), arguments, keywords, node)
    }
    guard let first = arguments.first else { throw failure("an array is missing between the parentheses", node) }
    let others = Array(arguments.dropFirst())
    guard function == .concatenate || function == .stack else {
      return try shaped(function, array(first), others, keywords, node)
    }
    let parameters = try bind(FormulaFunction.shaping(function).parameters, others, keywords, node)
    let axes = try axes(parameters["axis"])
    guard axes == nil || axes?.count == 1 else { throw failure("'axis' is one integer", parameters["axis"] ?? node) }
    if function == .stack { return context.stack(try arrays(first), axis: axes?.first ?? 0) }
    return context.concatenate(try arrays(first), axis: parameters["axis"] == nil ? 0 : axes?.first)
  }

  private func shaped(
    _ function: FormulaFunction.Shaping, _ base: DistArray, _ arguments: [FormulaSyntax],
    _ keywords: [FormulaSyntax.Keyword], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    var others = arguments
    // Sizes may also be given one by one: x.reshape(2, 3).
    if function == .reshape, others.count > 1, let from = others.first, let to = others.last {
      others = [FormulaSyntax(.tuple(others), range: from.range.lowerBound..<to.range.upperBound)]
    }
    let parameters = try bind(FormulaFunction.shaping(function).parameters, others, keywords, node)
    func needed(_ name: String) throws(FormulaError) -> [Int] {
      guard let list = try axes(parameters[name]) else { throw failure("'\(name)' is missing", node) }
      return list
    }
    func single(_ name: String) throws(FormulaError) -> Int? {
      guard let list = try axes(parameters[name]) else { return nil }
      guard list.count == 1 else { throw failure("'\(name)' is one integer", parameters[name] ?? node) }
      return list[0]
    }
    switch function {
    case .concatenate, .stack: throw failure("is a function of several arrays", node)
    case .roll:
      let shifts = try needed("shift")
      if let axes = try axes(parameters["axis"]) { return base.rolled(by: shifts, axes: axes) }
      guard shifts.count == 1 else { throw failure("several shifts need as many axes", node) }
      return base.rolled(by: shifts[0])
    case .pad: return try padded(base, parameters, node)
    case .reshape: return base.reshaped(to: try needed("shape"))
    case .ravel: return base.raveled()
    case .swapaxes:
      guard let one = try single("axis1"), let other = try single("axis2") else {
        throw failure("swapaxes takes two axes", node)
      }
      return base.swappingAxes(one, other)
    case .moveaxis: return base.movingAxes(try needed("source"), to: try needed("destination"))
    case .tile: return base.tiled(try needed("reps"))
    case .repetition:
      guard let count = try single("repeats") else { throw failure("'repeats' is missing", node) }
      return base.repeated(count, axis: try single("axis"))
    }
  }

  /// The arrays of a tuple or list, or those along the first axis of one array.
  private func arrays(_ node: FormulaSyntax) throws(FormulaError) -> [DistArray] {
    switch node.kind {
    case .tuple(let elements), .list(let elements):
      var arrays: [DistArray] = []
      for element in elements { arrays.append(try array(element)) }
      return arrays
    default: throw failure("write the arrays in parentheses or brackets: concatenate((a, b))", node)
    }
  }

  private func padded(
    _ base: DistArray, _ parameters: [String: FormulaSyntax], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    guard let place = parameters["pad_width"] else { throw failure("'pad_width' is missing", node) }
    var mode = DistArray.PadMode.constant
    if let parameter = parameters["mode"] {
      guard case .string(let name) = try value(parameter), let known = DistArray.PadMode(rawValue: name) else {
        throw failure(
          "the mode is one of \(DistArray.PadMode.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", "))",
          parameter)
      }
      mode = known
    }
    var frame: any ArrayOperand = 0
    if let parameter = parameters["constant_values"] {
      switch try value(parameter) {
      case .integer(let value):
        guard let small = Int(exactly: value) else { throw failure("the value is beyond 64 bits", parameter) }
        frame = small
      case .real(let value): frame = value
      case .bool(let value): frame = value
      case let value: throw failure("\(value.kindName) where a number is needed", parameter)
      }
    }
    return base.padded(try widths(place), mode, value: frame)
  }

  /// `1`, `(1, 2)`, or `((1, 2), (0, 3))`.
  private func widths(_ node: FormulaSyntax) throws(FormulaError) -> [(before: Int, after: Int)] {
    func pair(_ values: [FormulaValue]) throws(FormulaError) -> (before: Int, after: Int) {
      guard let before = values.first?.integer, let after = values.last?.integer, values.count <= 2 else {
        throw failure("widths are integers: one, (before, after), or such a pair for each axis", node)
      }
      return (before, after)
    }
    let whole = try value(node)
    guard case .list(let values) = whole else { return [try pair([whole])] }
    guard case .list? = values.first else { return [try pair(values)] }
    var pairs: [(before: Int, after: Int)] = []
    for case .list(let values) in values { pairs.append(try pair(values)) }
    guard pairs.count == values.count else { throw failure("widths are all pairs or all integers", node) }
    return pairs
  }
}
