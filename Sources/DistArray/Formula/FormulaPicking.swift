// Calls in formulas that take elements by position, and that tell positions, with NumPy's names and arguments.

import DAStore

extension FormulaEvaluation {
  func picked(
    _ function: FormulaFunction.Picking, on object: (value: FormulaValue, node: FormulaSyntax)?,
    _ arguments: [FormulaSyntax], _ keywords: [FormulaSyntax.Keyword], _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue {
    var others = arguments[...]
    // The condition comes before the array: compress(condition, x), but x.compress(condition).
    var condition: FormulaSyntax?
    if function == .compress {
      guard let first = others.popFirst() else { throw failure("the condition is missing", node) }
      condition = first
    }
    let base: DistArray
    if let object {
      base = try array(object.value, object.node)
    } else {
      guard let first = others.popFirst() else { throw failure("an array is missing between the parentheses", node) }
      base = try array(first)
    }
    let parameters = try bind(FormulaFunction.picking(function).parameters, Array(others), keywords, node)
    let result: DistArray
    switch function {
    case .take: result = try taken(base, parameters, node)
    case .compress:
      guard let condition, case .truths(let truths, let shape) = try truthList(condition), shape.count == 1 else {
        throw failure("the condition is a list or array of truth values along one axis", condition ?? node)
      }
      result = base.compressed(truths, axis: try axis(parameters["axis"]))
    case .takeAlongAxis:
      guard let place = parameters["indices"] else { throw failure("'indices' is missing", node) }
      result = base.takenAlongAxis(try array(place), axis: try axis(parameters["axis"]) ?? -1)
    case .diagonal:
      result = base.diagonal(
        offset: try axis(parameters["offset"]) ?? 0, axes: try axis(parameters["axis1"]) ?? 0,
        try axis(parameters["axis2"]) ?? 1)
    case .nonzero:
      let lists = try at(node) { () throws(StoreError) in try base.nonzero() }
      return .list(lists.map { .array($0) })
    case .argwhere: result = try at(node) { () throws(StoreError) in try base.argwhere() }
    case .flatnonzero: result = try at(node) { () throws(StoreError) in try base.flatNonzero() }
    }
    return .array(try checked(result, node))
  }

  private func taken(
    _ base: DistArray, _ parameters: [String: FormulaSyntax], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    guard let indices = parameters["indices"] else { throw failure("'indices' is missing", node) }
    var mode = DistArray.TakeMode.raise
    if let parameter = parameters["mode"] {
      guard case .string(let name) = try value(parameter), let known = DistArray.TakeMode(rawValue: name) else {
        throw failure("the mode is 'raise', 'wrap' or 'clip'", parameter)
      }
      mode = known
    }
    return base.taken(try index(value(indices), indices), axis: try axis(parameters["axis"]), mode: mode)
  }

  /// A list of truth values; integers count as true unless they are 0.
  private func truthList(_ node: FormulaSyntax) throws(FormulaError) -> ArrayIndex {
    let item: ArrayIndex
    if case .array(let array) = try value(node) {
      item = .array(array.astype(.bool))
    } else {
      item = try index(value(node), node)
    }
    let computed = try at(node) { () throws(StoreError) in try context.computed([item])[0] }
    guard case .positions(let values, let shape) = computed else { return computed }
    return .truths(values.map { $0 != 0 }, shape: shape)
  }

  /// One integer, or nothing.
  private func axis(_ node: FormulaSyntax?) throws(FormulaError) -> Int? {
    guard let node, let list = try axes(node) else { return nil }
    guard list.count == 1 else { throw failure("one integer is needed here", node) }
    return list[0]
  }
}
