// Elements taken by position, and the positions of elements: NumPy's take, compress, nonzero and their kin.

import DAStore

extension DistArray {
  /// What becomes of positions outside an axis.
  public enum TakeMode: String, Sendable, CaseIterable {
    /// An error; negative positions count from the end.
    case raise
    /// Counted on from the other end, as often as it takes.
    case wrap
    /// The nearest position; negative ones are the first.
    case clip
  }

  /// The elements at these positions of an axis, in this order. NumPy's `take`.
  ///
  /// - Parameters:
  ///   - positions: An integer, which drops the axis, a list, lists of lists, or an array of integers, whose axes the
  ///     result gets in place of the axis; any may come more than once.
  ///   - axis: `nil` takes from the elements in C order.
  /// - Complexity: O(positions) memory.
  /// - Collective: when `positions` is an array.
  public func taken(_ positions: some ArrayIndexItem, axis: Int? = nil, mode: TakeMode = .raise) -> DistArray {
    guard let axis else { return raveled().taken(positions, axis: 0, mode: mode) }
    return map { expression throws(StoreError) in
      let place = try normalAxis(axis, of: expression.shape.count)
      let size = expression.shape[place]
      let item: ArrayIndex
      switch try context.computed([positions.item])[0] {
      case .position(let position): item = .position(try mode.position(position, of: size))
      case .positions(let list, let shape):
        item = .positions(try list.map { value throws(StoreError) in try mode.position(value, of: size) }, shape: shape)
      default: throw StoreError(.invalidArgument, "positions to take are integers, not slices or truth values")
      }
      return try self[Array(repeating: .slice(), count: place) + [item]].result.get()
    }
  }

  /// The slices along an axis at which a list is true; a short list leaves the rest out. NumPy's `compress`.
  ///
  /// - Parameter axis: `nil` chooses among the elements in C order.
  public func compressed(_ condition: [Bool], axis: Int? = nil) -> DistArray {
    taken(condition.indices.filter { condition[$0] }, axis: axis)
  }

  /// For each position of `positions`, the element of the same row along `axis`. NumPy's `take_along_axis`.
  ///
  /// - Parameter positions: Integers, in as many axes as the array; other axes than `axis` broadcast.
  /// - Collective: yes.
  public func takenAlongAxis(_ positions: DistArray, axis: Int) -> DistArray {
    map { expression throws(StoreError) in
      try self[try context.alongAxis(positions, axis, expression.shape)].result.get()
    }
  }

  /// Assigns to the elements that ``takenAlongAxis(_:axis:)`` takes. NumPy's `put_along_axis`.
  ///
  /// - Collective: yes.
  public mutating func putAlongAxis(_ positions: DistArray, _ values: some ArrayOperand, axis: Int) {
    do throws(StoreError) {
      assign(values, at: try context.alongAxis(positions, axis, result.get().shape))
    } catch {
      self = DistArray(.failure(error), context: context)
    }
  }

  /// Assigns to positions of the elements in C order; values are repeated as often as it takes. NumPy's `put`.
  ///
  /// - Collective: when `positions` is an array.
  public mutating func put(
    _ positions: some ArrayIndexItem, _ values: some ArrayOperand, mode: TakeMode = .raise
  ) {
    do throws(StoreError) {
      let shape = try result.get().shape
      let count = shape.reduce(1, *)
      let list: [Int]
      switch try context.computed([positions.item])[0] {
      case .position(let position): list = [try mode.position(position, of: count)]
      case .positions(let values, _):
        list = try values.map { value throws(StoreError) in try mode.position(value, of: count) }
      default: throw StoreError(.invalidArgument, "positions to put at are integers, not slices or truth values")
      }
      let places = try list.map { position throws(StoreError) in try normalPosition(position, axis: 0, of: [count]) }
      var new: any ArrayOperand = values
      if case .array(let array) = values.operand {
        let own = array.raveled()
        guard own.shape != [0] else { return }
        new = own.shape[0] == places.count ? own : own.taken(places.indices.map { $0 % own.shape[0] }, axis: 0)
      }
      let items = zip(shape, rowMajorStrides(shape, elementByteCount: 1)).map { size, stride in
        ArrayIndex.positions(places.map { $0 / stride % size }, shape: [places.count])
      }
      if !places.isEmpty { assign(new, at: items) }
    } catch {
      self = DistArray(.failure(error), context: context)
    }
  }

  /// The elements `x[i, i + offset]` of two axes, as the last axis: a view. NumPy's `diagonal`.
  public func diagonal(offset: Int = 0, axes first: Int = 0, _ second: Int = 1) -> DistArray {
    map { expression throws(StoreError) in
      let shape = expression.shape
      let (row, column) = (try normalAxis(first, of: shape.count), try normalAxis(second, of: shape.count))
      guard row != column else { throw StoreError(.invalidArgument, "a diagonal needs two axes, not one twice") }
      let reach = Swift.max(-shape[row], Swift.min(shape[column], offset))
      let (top, left) = (Swift.max(0, -reach), Swift.max(0, reach))
      let count = Swift.max(0, Swift.min(shape[row] - top, shape[column] - left))
      let others = shape.indices.filter { $0 != row && $0 != column }
      let axes = shape.indices.map { axis -> AffineView.Axis in
        if axis == row { return .along(of: others.count, start: count == 0 ? 0 : top, step: 1) }
        if axis == column { return .along(of: others.count, start: count == 0 ? 0 : left, step: 1) }
        return .along(of: others.filter { $0 < axis }.count, start: 0, step: 1)
      }
      return expression.viewed(AffineView(axes: axes, shape: others.map { shape[$0] } + [count]))
    }
  }

  /// Row-major positions of the elements that are not zero. NumPy's `flatnonzero`.
  ///
  /// - Throws: As ``elements(where:)``.
  /// - Complexity: One pass, in which they are counted.
  /// - Collective: yes.
  public func flatNonzero() throws(StoreError) -> DistArray {
    let count = try result.get().shape.reduce(1, *)
    return try context.arange(count).elements(where: raveled().astype(.bool))
  }

  /// Positions of the elements that are not zero: a list for each axis, in C order. NumPy's `nonzero`, and `where` of a
  /// condition alone.
  ///
  /// - Throws: As ``elements(where:)``; `.invalidArgument` for an array without axes.
  /// - Complexity: One pass, in which they are counted.
  /// - Collective: yes.
  public func nonzero() throws(StoreError) -> [DistArray] {
    let shape = try result.get().shape
    guard !shape.isEmpty else {
      throw StoreError(.invalidArgument, "an array without axes has no positions; reshape it to (1,) first")
    }
    let flat = try flatNonzero()
    return zip(shape, rowMajorStrides(shape, elementByteCount: 1)).map { size, stride in
      flat.applying("floor_divide", stride).applying("remainder", Swift.max(size, 1))
    }
  }

  /// Positions of the elements that are not zero, a row for each. NumPy's `argwhere`.
  ///
  /// - Throws: As ``nonzero()``.
  /// - Collective: yes.
  public func argwhere() throws(StoreError) -> DistArray { context.stack(try nonzero(), axis: 1) }
}

extension DistArray.TakeMode {
  /// A position that raises only if this mode does.
  fileprivate func position(_ position: Int, of size: Int) throws(StoreError) -> Int {
    if self != .raise, size == 0 {
      throw StoreError(.invalidArgument, "cannot take from an axis of size 0")
    }
    switch self {
    case .raise: return position
    case .wrap: return (position % size + size) % size
    case .clip: return Swift.max(0, Swift.min(size - 1, position))
    }
  }
}

extension Context {
  /// Items that take, for each position, the element of the same row along an axis.
  fileprivate func alongAxis(_ positions: DistArray, _ axis: Int, _ shape: [Int]) throws(StoreError) -> [ArrayIndex] {
    let place = try normalAxis(axis, of: shape.count)
    let item = try computed([.array(positions)])[0]
    guard case .positions(_, let own) = item, own.count == shape.count else {
      throw StoreError(
        .invalidArgument,
        "positions along an axis are integers in as many axes as the array has, \(shape.count), not "
          + shapeText(positions.shape))
    }
    return shape.indices.map { other in
      if other == place { return item }
      return .positions(Array(0..<shape[other]), shape: shape.indices.map { $0 == other ? shape[other] : 1 })
    }
  }
}
