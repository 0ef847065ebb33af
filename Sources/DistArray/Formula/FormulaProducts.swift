// Calls in formulas that multiply vectors, matrices and arrays, with NumPy's names and arguments.

import DAStore

extension FormulaEvaluation {
  func multiplied(
    _ function: FormulaFunction.Product, on object: (value: FormulaValue, node: FormulaSyntax)?,
    _ arguments: [FormulaSyntax], _ keywords: [FormulaSyntax.Keyword], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    guard object == nil || function == .dot else { throw failure("is a function, not a method of arrays", node) }
    let ownCount = object == nil ? 2 : 1
    guard arguments.count >= ownCount else { throw failure("'\(function.rawValue)' takes two arrays", node) }
    let first: DistArray
    if let object { first = try array(object.value, object.node) } else { first = try array(arguments[0]) }
    let second = try array(arguments[ownCount - 1])
    let parameters = try bind(
      FormulaFunction.product(function).parameters, Array(arguments.dropFirst(ownCount)), keywords, node)
    switch function {
    case .dot: return dot(first, second)
    case .matmul: return matmul(first, second)
    case .inner: return inner(first, second)
    case .outer: return outer(first, second)
    case .vdot: return vdot(first, second)
    case .tensordot:
      guard let axes = parameters["axes"] else { return tensordot(first, second) }
      let value = try value(axes)
      if let count = value.integer { return tensordot(first, second, axes: count) }
      guard case .list(let sides) = value, sides.count == 2 else {
        throw failure("'axes' is a number of axes, or a list for each array: ([0, 1], [1, 0])", axes)
      }
      return tensordot(first, second, axes: (try positions(sides[0], axes), try positions(sides[1], axes)))
    }
  }

  /// An axis or several.
  private func positions(_ value: FormulaValue, _ node: FormulaSyntax) throws(FormulaError) -> [Int] {
    if let axis = value.integer { return [axis] }
    guard case .list(let values) = value else { throw failure("\(value.kindName) where axes are needed", node) }
    var axes: [Int] = []
    for value in values {
      guard let axis = value.integer else { throw failure("\(value.kindName) where an axis is needed", node) }
      axes.append(axis)
    }
    return axes
  }
}
