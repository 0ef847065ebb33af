// Parts of arrays between brackets, read and assigned, as NumPy has them.

import DAStore

extension DistArray {
  /// A part of the array; assigning to it makes a new array of the old elements and the new ones.
  ///
  /// Integers, ranges, `.stride`, `.ellipsis` and `.newAxis` are views. Lists of integers and masks choose by NumPy's
  /// rules: lists broadcast together, and their axes stand where the first of them stands unless a slice is between.
  /// An item that is an array is computed at once: then reading and assigning are collective. What cannot be (a
  /// position outside its axis, a mask of another shape, elements that do not broadcast to the part) is remembered as
  /// everywhere.
  ///
  /// Arrays are values: `b = a` before an assignment keeps the old elements. New elements are converted to the array's
  /// type as ``astype(_:)`` does; of positions listed several times the last counts.
  /// - Complexity: No data is touched, but for items that are arrays; O(positions) memory.
  public subscript<each Item: ArrayIndexItem>(_ items: repeat each Item) -> DistArray {
    get { self[ArrayIndex.list(repeat each items)] }
    set { self[ArrayIndex.list(repeat each items)] = newValue }
    // Written out, because Swift 6.3 cannot make it for packs.
    _modify {
      let list = ArrayIndex.list(repeat each items)
      var part = self[list]
      defer { self[list] = part }
      yield &part
    }
  }

  /// The same for numbers on the right side: `x[0, 1...] = 5`.
  @_disfavoredOverload  // so that what is read is an array
  public subscript<each Item: ArrayIndexItem>(_ items: repeat each Item) -> any ArrayOperand {
    get { self[ArrayIndex.list(repeat each items)] }
    set { assign(newValue, at: ArrayIndex.list(repeat each items)) }
    _modify {
      let list = ArrayIndex.list(repeat each items)
      var part: any ArrayOperand = self[list]
      defer { assign(part, at: list) }
      yield &part
    }
  }

  /// A part of the array, given as a list.
  public subscript(_ items: [ArrayIndex]) -> DistArray {
    get { indexed(items) }
    set { assign(newValue, at: items) }
  }

  private func indexed(_ items: [ArrayIndex]) -> DistArray {
    map { expression throws(StoreError) in
      if let (mask, others) = ArrayIndex.leadingMask(items) {
        let masked = Array(repeating: ArrayIndex.slice(), count: mask.dimensionCount)
        // A mask of too many axes is told by what compares the shapes.
        let part = masked.count <= expression.shape.count && !others.isEmpty ? self[masked + others] : self
        return try part.elements(where: mask).result.get()
      }
      let items = try context.computed(items)
      guard items.contains(where: \.isList) else {
        return expression.viewed(try AffineView(slicing: expression.shape, items))
      }
      return try expression.picked(IndexPlan(items, of: expression.shape, budget: context.options.budget))
    }
  }
}

extension ArrayIndex {
  static func list<each Item: ArrayIndexItem>(_ items: repeat each Item) -> [ArrayIndex] {
    var list: [ArrayIndex] = []
    for item in repeat each items { list.append(item.item) }
    return list
  }

  /// Whether NumPy's advanced indexing begins with it.
  var isList: Bool {
    switch self {
    case .positions, .truths, .array: true
    case .position, .slice, .otherAxes, .insertedAxis: false
    }
  }

  /// A computed mask that comes first, with what follows it when that holds no list: such a mask need not be held.
  static func leadingMask(_ items: [ArrayIndex]) -> (mask: DistArray, others: [ArrayIndex])? {
    guard case .array(let mask)? = items.first, case .success(let expression) = mask.result,
      expression.dtype == .bool, !expression.shape.isEmpty, !items.dropFirst().contains(where: \.isList)
    else { return nil }
    return (mask, Array(items.dropFirst()))
  }
}

extension Context {
  /// Items whose arrays have been computed: all ranks hold their positions and truths.
  ///
  /// - Throws: `.unsupportedDType` for arrays of other types; `.memory` for more positions than an eighth of the budget
  ///   holds; what computing them throws.
  /// - Collective: yes, when there are arrays among the items.
  func computed(_ items: [ArrayIndex]) throws(StoreError) -> [ArrayIndex] {
    var arrays: [DistArray] = []
    for case .array(let array) in items {
      let dtype = try array.dtype
      guard dtype.isInteger || dtype == .bool else {
        throw StoreError(
          .unsupportedDType, "arrays used as indices must be of integer or bool type, not \(dtype.name)")
      }
      let needed = saturatingProduct(array.shape.reduce(8, saturatingProduct), 8)
      guard needed <= options.budget.byteCount else {
        throw StoreError(
          .memory,
          "an index array of shape \(shapeText(array.shape)) takes more than an eighth of the budget of "
            + "\(options.budget); index in parts, or raise the budget to \(byteCountText(needed))")
      }
      // Positions beyond int64 are out of bounds of any array.
      let bounded = dtype == .uint64 ? minimum(array, Int.max) : array
      arrays.append(dtype == .bool ? array : bounded.astype(.int64))
    }
    if arrays.isEmpty { return items }
    var dense = try evaluate(arrays)[...]
    return items.map { item in
      guard case .array = item, let values = dense.popFirst() else { return item }
      if let truths = values.values(as: StoredBool.self) { return .truths(truths.map(\.isTrue), shape: values.shape) }
      let positions = (values.values(as: Int64.self) ?? []).map { Int($0) }
      return values.shape.isEmpty ? .position(positions.first ?? 0) : .positions(positions, shape: values.shape)
    }
  }
}
