// Calls of element-wise functions in formulas: their operands, bounds that may be left out, and several results.

import DAStore

extension FormulaEvaluation {
  /// Calls an element-wise function.
  ///
  /// - Parameter object: What stands before the name of a method: its first operand.
  func elementwise(
    _ name: String, on object: (value: FormulaValue, node: FormulaSyntax)?, _ arguments: [FormulaSyntax],
    _ keywords: [FormulaSyntax.Keyword], _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue {
    if name == "clip" { return try clipped(on: object, arguments, keywords, node) }
    try refuse(keywords, name)
    let operands = try operands(object, arguments)
    return try ufunc(name, operands.values, operands.nodes, node)
  }

  /// Functions of several results, one after the other.
  func results(
    of ufunc: Ufunc, _ arguments: [Expression.Argument]
  ) throws(StoreError) -> FormulaValue {
    let results = try Expression.apply(ufunc, arguments).map { DistArray(.success($0), context: context) }
    return results.count == 1 ? .array(results[0]) : .list(results.map { .array($0) })
  }

  /// `clip(x, low, high)`; a bound may be left out or None.
  private func clipped(
    on object: (value: FormulaValue, node: FormulaSyntax)?, _ arguments: [FormulaSyntax],
    _ keywords: [FormulaSyntax.Keyword], _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue {
    let (lowest, highest): (Set, Set) = (["a_min", "min"], ["a_max", "max"])
    var others = arguments[...]
    var operand = object
    if operand == nil, let first = others.popFirst() { operand = (try value(first), first) }
    guard let operand else { throw failure("an array is missing between the parentheses", node) }
    try refuse(keywords.filter { !lowest.union(highest).contains($0.name) }, "clip")
    let renamed = keywords.map { keyword in
      FormulaSyntax.Keyword(
        name: lowest.contains(keyword.name) ? "min" : "max", value: keyword.value, nameRange: keyword.nameRange)
    }
    let bound = try bind(["min", "max"], Array(others), renamed, node)
    var bounds: [(ufunc: String, value: FormulaValue, node: FormulaSyntax)] = []
    for (parameter, ufunc) in [("min", "maximum"), ("max", "minimum")] {
      guard let place = bound[parameter], place.kind != .none else { continue }
      bounds.append((ufunc, try value(place), place))
    }
    switch bounds.count {
    case 0: return try ufunc("positive", [operand.value], [operand.node], node)
    case 1: return try ufunc(bounds[0].ufunc, [operand.value, bounds[0].value], [operand.node, bounds[0].node], node)
    default:
      return try ufunc("clip", [operand.value] + bounds.map(\.value), [operand.node] + bounds.map(\.node), node)
    }
  }

  private func operands(
    _ object: (value: FormulaValue, node: FormulaSyntax)?, _ arguments: [FormulaSyntax]
  ) throws(FormulaError) -> (values: [FormulaValue], nodes: [FormulaSyntax]) {
    var values = object.map { [$0.value] } ?? []
    for argument in arguments { values.append(try value(argument)) }
    return (values, (object.map { [$0.node] } ?? []) + arguments)
  }

  /// Element-wise functions have no keyword arguments; for NumPy's the error says what does the same.
  private func refuse(_ keywords: [FormulaSyntax.Keyword], _ name: String) throws(FormulaError) {
    guard let keyword = keywords.first else { return }
    let advice =
      switch keyword.name {
      case "where": "; write where(condition, \(name)(…), otherwise)"
      case "out": "; a result is stored with -o"
      case "dtype": "; convert with astype"
      default: ""
      }
    throw FormulaError("'\(name)' takes no argument '\(keyword.name)'\(advice)", at: keyword.nameRange, in: text)
  }
}
