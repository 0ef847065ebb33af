// What stands between the brackets of an array in a formula: integers, slices, a list of positions, or a mask.

import DAStore

extension FormulaEvaluation {
  /// The part of an array that the items between its brackets say.
  func subscripted(
    _ base: DistArray, _ items: [FormulaSyntax], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    var indices: [ArrayIndex] = []
    var positions: [Int]?
    var place = 0
    for item in items {
      if let list = try list(item) {
        guard positions == nil else { throw failure("only one list of positions can stand between brackets", item) }
        (positions, place) = (list, indices.count)
        indices.append(.slice())
        continue
      }
      if item.canBeArray, case .array(let mask) = try value(item) {
        guard items.count == 1 else { throw failure("a mask stands alone between brackets", item) }
        return try at(item) { () throws(StoreError) in try base.elements(where: mask) }
      }
      indices.append(try index(item))
    }
    guard let positions else { return base[indices] }
    return picked(base, indices, positions, at: place)
  }

  /// Takes a list of positions in place of the slice at `place`.
  ///
  /// Integers beside a list are lists too for NumPy: when anything stands between them, the list's axis comes first.
  private func picked(_ base: DistArray, _ indices: [ArrayIndex], _ positions: [Int], at place: Int) -> DistArray {
    let part = base[indices]
    let named = indices.count { $0 != .otherAxes && $0 != .insertedAxis }
    let axis = indices[..<place].reduce(0) { count, index in
      switch index {
      case .position: count
      case .slice, .insertedAxis: count + 1
      case .otherAxes: count + max(0, base.dimensionCount - named)
      }
    }
    let lists = indices.indices.filter { index in
      if case .position = indices[index] { true } else { index == place }
    }
    let taken = part.taken(positions, axis: axis)
    let isTogether = lists[lists.count - 1] - lists[0] == lists.count - 1
    return isTogether ? taken : taken.movingAxes([axis], to: [0])
  }

  /// The integers of a list between brackets; `nil` when the item is something else.
  private func list(_ item: FormulaSyntax) throws(FormulaError) -> [Int]? {
    switch item.kind {
    case .list(let elements), .tuple(let elements):
      var positions: [Int] = []
      for element in elements {
        guard case .integer(let value) = try value(element), let position = Int(exactly: value) else {
          throw failure("a list of positions holds integers", element)
        }
        positions.append(position)
      }
      return positions
    default: return nil
    }
  }

  private func index(_ node: FormulaSyntax) throws(FormulaError) -> ArrayIndex {
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
      if case .bool = value {
        throw failure("a truth value as an index is not available; compare, as in x[x > 0]", node)
      }
      guard let integer = value.integer else {
        throw failure("\(value.kindName) as an index; write integers, slices, lists of integers, or one mask", node)
      }
      return .position(integer)
    }
  }
}

extension FormulaSyntax {
  /// Whether the node can be a mask: slices and the like have no value of their own.
  fileprivate var canBeArray: Bool {
    switch kind {
    case .slice, .ellipsis, .none: false
    default: true
    }
  }
}
