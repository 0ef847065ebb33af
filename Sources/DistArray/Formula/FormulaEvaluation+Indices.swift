// What stands between the brackets of an array in a formula.

import DAStore

extension FormulaEvaluation {
  /// One item between brackets.
  func index(_ node: FormulaSyntax) throws(FormulaError) -> ArrayIndex {
    func bound(_ part: FormulaSyntax?) throws(FormulaError) -> Int? {
      guard let part else { return nil }
      let value = try value(part)
      if case .none = value { return nil }
      guard let integer = value.integer else { throw failure("\(value.kindName) where an integer is needed", part) }
      return integer
    }
    switch node.kind {
    case .ellipsis: return .otherAxes
    case .none: return .insertedAxis
    case .slice(let start, let stop, let step):
      return .slice(start: try bound(start), stop: try bound(stop), step: try bound(step) ?? 1)
    default:
      let value = try value(node)
      guard case .bool = value else {
        if let integer = value.integer { return .position(integer) }
        throw failure(
          "\(value.kindName) as an index is not available; take integers and slices, or choose with "
            + "where(condition, x, y)",
          node)
      }
      throw failure("a truth value as an index is not available; choose with where(condition, x, y)", node)
    }
  }
}
