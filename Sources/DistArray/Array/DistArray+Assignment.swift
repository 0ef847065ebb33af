// Assignment to parts of arrays: arrays are values, so a new expression is made of old elements and new ones.

import DAStore

extension DistArray {
  /// Assigns to a part of the array, given as a list of items; what `x[items] = value` does.
  ///
  /// What cannot be is remembered, as everywhere.
  /// - Parameter value: A number, which the array's type must hold, or an array that broadcasts to the part; its
  ///   elements are converted to the array's type.
  /// - Complexity: No data is touched, but for items that are arrays, and for values assigned to a mask: those are
  ///   counted first.
  /// - Collective: when an item is an array.
  public mutating func assign(_ value: any ArrayOperand, at items: [ArrayIndex]) {
    self = map { expression throws(StoreError) in
      let new = try value.operand.elements(as: expression.dtype)
      if let mask = items.first?.maskShape, items.count == 1, mask == expression.shape, new.shape.count > 1 {
        throw StoreError(
          .invalidArgument,
          "boolean array indexing assignment requires a 0 or 1-dimensional input, input has \(new.shape.count) "
            + "dimensions"
        )
      }
      if let (mask, others) = ArrayIndex.leadingMask(items), others.allSatisfy(\.isWhole) {
        return try assigned(new, where: mask.result.get())
      }
      let items = try context.computed(items)
      guard items.contains(where: \.isList) else {
        let view = try AffineView(slicing: expression.shape, items)
        return try expression.assigned(new.broadcastForAssignment(to: view.shape), through: view)
      }
      return try expression.assigned(new, at: IndexPlan(items, of: expression.shape, budget: context.options.budget))
    }
  }

  /// Assigns where a mask is true: a number, rows that broadcast, or as many values as there are truths, in C order.
  ///
  /// - Parameter mask: Bools in the shape of the array, or of its first axes.
  /// - Collective: yes, unless one number or row is assigned.
  public mutating func assign(_ value: some ArrayOperand, where mask: DistArray) {
    assign(value, at: [.array(mask)])
  }

  private func assigned(_ value: Expression, where mask: Expression) throws(StoreError) -> Expression {
    let expression = try result.get()
    try expression.checkMask(mask)
    let rest = Array(expression.shape[mask.shape.count...])
    var value = value
    if value.shape.count > rest.count, value.shape.dropLast(rest.count).allSatisfy({ $0 == 1 }) {
      value = try value.reshaped(to: value.shape.suffix(rest.count))
    }
    guard value.shape.count > rest.count else {
      // The same for every truth: chosen element by element, without counting.
      guard let choice = UfuncTable["where"] else { throw StoreError(.internalFault, "there is no ufunc 'where'") }
      let order = mask.shape.indices.map { Int?($0) } + rest.map { _ in nil }
      let wide = mask.viewed(AffineView(inserting: order, into: mask.shape))
      let row = try value.broadcastForAssignment(to: rest)
      return try Expression.apply(choice, [.array(wide), .array(row), .array(expression)])[0]
    }
    let (truths, counts) = try counted(mask, rowByteCount: rest.reduce(expression.dtype.byteCount, saturatingProduct))
    let shape = [counts.total] + rest
    guard value.shape.count > shape.count || value.shape[0] == counts.total else {
      throw StoreError(
        .invalidArgument,
        "boolean array indexing assignment cannot assign \(value.shape[0]) input values to the \(counts.total) output "
          + "values where the mask is true")
    }
    let spread = SpreadArray(
      try expression.reshaped(to: [counts.rowCount] + rest), truths, counts, try value.broadcastForAssignment(to: shape)
    )
    return try Expression(shape: spread.array.shape, dtype: expression.dtype, .spread(spread)).checkedDepth()
      .reshaped(to: expression.shape)
  }
}

extension DistArray.Operand {
  /// The operand as elements of a type: numbers must have a value in it, arrays are converted.
  fileprivate func elements(as dtype: DType) throws(StoreError) -> Expression {
    switch try argument.get() {
    case .array(let array): return try array.converted(to: dtype)
    case .number(let number):
      let value = try number.value(as: dtype)
      return Expression(try MemoryDataset(shape: [], dtype: dtype, bytes: value.bytes, name: "number"))
    }
  }
}

extension ArrayIndex {
  /// The shape of a mask; `nil` for other items and single truth values.
  fileprivate var maskShape: [Int]? {
    switch self {
    case .truths(_, let shape) where !shape.isEmpty: shape
    case .array(let array) where (try? array.dtype) == .bool && !array.shape.isEmpty: array.shape
    default: nil
    }
  }

  /// Whether it takes all of what it stands for.
  fileprivate var isWhole: Bool {
    switch self {
    case .slice(nil, nil, 1), .otherAxes: true
    default: false
    }
  }
}

extension Expression {
  /// The elements for a part of this shape, as NumPy broadcasts in assignments: leading axes of size one may be too
  /// many.
  ///
  /// - Throws: `.invalidArgument` with NumPy's words.
  func broadcastForAssignment(to target: [Int]) throws(StoreError) -> Expression {
    var own = self
    let extra = shape.count - target.count
    if extra > 0, shape.prefix(extra).allSatisfy({ $0 == 1 }) {
      let axes = shape.indices.map { axis -> AffineView.Axis in
        axis < extra ? .fixed(0) : .along(of: axis - extra, start: 0, step: 1)
      }
      own = viewed(AffineView(axes: axes, shape: Array(shape[extra...])))
    }
    guard let common = try? broadcastShape([own.shape, target]), common == target else {
      throw StoreError(
        .invalidArgument,
        "could not broadcast input array from shape \(shapeText(shape)) into shape \(shapeText(target))")
    }
    return own.viewed(AffineView(broadcasting: own.shape, to: target))
  }
}
