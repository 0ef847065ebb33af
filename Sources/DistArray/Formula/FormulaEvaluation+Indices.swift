// What stands between the brackets of an array in a formula: integers, slices, lists, arrays of integers, and masks.

import DAStore

extension FormulaEvaluation {
  /// The part of an array that the items between its brackets say.
  func subscripted(
    _ base: DistArray, _ items: [FormulaSyntax], _ node: FormulaSyntax
  ) throws(FormulaError) -> DistArray {
    var indices: [ArrayIndex] = []
    for item in items { indices.append(try index(item)) }
    return base[indices]
  }

  /// One of several arrays: `nonzero(x)[0]`.
  func element(
    of list: [FormulaValue], _ items: [FormulaSyntax], _ node: FormulaSyntax
  ) throws(FormulaError) -> FormulaValue {
    guard items.count == 1, let item = items.first, let place = try value(item).integer else {
      throw failure("a list is indexed by one integer", node)
    }
    guard place >= -list.count, place < list.count else {
      throw failure("index \(place) is out of bounds for a list of \(list.count)", item)
    }
    return list[place < 0 ? place + list.count : place]
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
    default: return try index(value(node), node)
    }
  }

  /// A value as an index: an integer, a list or lists of lists, an array of integers or bools, or one truth value.
  func index(_ value: FormulaValue, _ node: FormulaSyntax) throws(FormulaError) -> ArrayIndex {
    switch value {
    case .bool(let truth): return .truths([truth], shape: [])
    case .integer:
      guard let position = value.integer else { throw failure("the index is beyond 64 bits", node) }
      return .position(position)
    case .array(let array):
      let dtype = try at(node) { () throws(StoreError) in try array.dtype }
      guard dtype.isInteger || dtype == .bool else {
        throw failure("an index of type \(dtype.name); positions are integers, masks compare, as in x[x > 0]", node)
      }
      return .array(array)
    case .list(let values):
      var flat: [FormulaValue] = []
      let shape = try flatten(values, into: &flat, node)
      var truths: [Bool] = []
      for case .bool(let truth) in flat { truths.append(truth) }
      if !flat.isEmpty, truths.count == flat.count { return .truths(truths, shape: shape) }
      return .positions(flat.compactMap(\.integer), shape: shape)
    case .real, .complex, .string, .none:
      throw failure("\(value.kindName) as an index; write integers, slices, lists of integers, or masks", node)
    }
  }

  /// The elements of lists of lists, all of one length.
  private func flatten(
    _ values: [FormulaValue], into flat: inout [FormulaValue], _ node: FormulaSyntax
  ) throws(FormulaError) -> [Int] {
    var inner: [Int]?
    for value in values {
      var own: [Int] = []
      if case .list(let nested) = value {
        own = try flatten(nested, into: &flat, node)
      } else {
        guard value.integer != nil else { throw failure("a list of positions holds integers", node) }
        flat.append(value)
      }
      guard inner == nil || inner == own else { throw failure("lists of different lengths are no index", node) }
      inner = own
    }
    return [values.count] + (inner ?? [])
  }
}
