// Arrays under other shapes: the same elements in C order, or with axes exchanged and added.

import DAStore

extension DistArray {
  /// The elements in C order under another shape. NumPy's `reshape`.
  ///
  /// A view where only axes of size one come or go; otherwise elements are gathered when they are read, and chunks are
  /// those that keep rows of the array's chunks together.
  /// - Parameter shape: One size may be -1: what the others leave.
  public func reshaped(to shape: [Int]) -> DistArray {
    map { expression throws(StoreError) in try expression.reshaped(to: shape) }
  }

  /// All elements in C order along one axis. NumPy's `ravel`.
  public func raveled() -> DistArray { reshaped(to: [-1]) }

  /// The array with two axes exchanged: a view. NumPy's `swapaxes`.
  public func swappingAxes(_ first: Int, _ second: Int) -> DistArray {
    map { expression throws(StoreError) in
      var order = Array(expression.shape.indices)
      order.swapAt(try normalAxis(first, of: order.count), try normalAxis(second, of: order.count))
      return expression.viewed(AffineView(transposing: expression.shape, order))
    }
  }

  /// The array with axes at other places, the rest in their order: a view. NumPy's `moveaxis`.
  public func movingAxes(_ axes: [Int], to places: [Int]) -> DistArray {
    map { expression throws(StoreError) in
      let count = expression.shape.count
      let from = try axes.map { axis throws(StoreError) in try normalAxis(axis, of: count) }
      let to = try places.map { axis throws(StoreError) in try normalAxis(axis, of: count) }
      guard from.count == to.count, Set(from).count == from.count, Set(to).count == to.count else {
        throw StoreError(
          .invalidArgument, "axes \(axes) cannot be moved to \(places): each must have a place of its own")
      }
      var order = (0..<count).filter { !from.contains($0) }
      for (place, axis) in zip(to, from).sorted(by: { $0.0 < $1.0 }) { order.insert(axis, at: place) }
      return expression.viewed(AffineView(transposing: expression.shape, order))
    }
  }

  /// The array with axes of size one at these places of the result: a view. NumPy's `expand_dims`.
  public func expandingDimensions(at axes: [Int]) -> DistArray {
    map { expression throws(StoreError) in
      let count = expression.shape.count + axes.count
      guard count <= maximumDimensionCount else {
        throw StoreError(.invalidArgument, "\(count) dimensions; at most \(maximumDimensionCount) are supported")
      }
      let places = try Set(axes.map { axis throws(StoreError) in try normalAxis(axis, of: count) })
      guard places.count == axes.count else { throw StoreError(.invalidArgument, "axes \(axes) name one twice") }
      var next = 0
      let order = (0..<count).map { place -> Int? in
        if places.contains(place) { return nil }
        defer { next += 1 }
        return next
      }
      return expression.viewed(AffineView(inserting: order, into: expression.shape))
    }
  }

  /// The array again and again along its axes. NumPy's `tile`.
  ///
  /// - Parameter counts: For the last axes when they are fewer than the array's; for new first ones when they are more.
  public func tiled(_ counts: [Int]) -> DistArray {
    map { expression throws(StoreError) in
      let added = Swift.max(0, counts.count - expression.shape.count)
      let shape = Array(repeating: 1, count: added) + expression.shape
      let counts = Array(repeating: 1, count: shape.count - counts.count) + counts
      return try expression.reshaped(to: shape).repeated(counts, isInner: false)
    }
  }

  /// Each element `count` times along an axis. NumPy's `repeat`.
  ///
  /// - Parameter axis: `nil` repeats the elements in C order.
  public func repeated(_ count: Int, axis: Int? = nil) -> DistArray {
    guard let axis else { return raveled().repeated(count, axis: 0) }
    return map { expression throws(StoreError) in
      var counts = expression.shape.map { _ in 1 }
      counts[try normalAxis(axis, of: counts.count)] = count
      return try expression.repeated(counts, isInner: true)
    }
  }
}

extension Expression {
  /// The elements in C order under another shape, of which one size may be -1.
  func reshaped(to wanted: [Int]) throws(StoreError) -> Expression {
    let count = try checkedElementCount(shape, dtype: dtype)
    func mismatch() -> StoreError {
      StoreError(
        .invalidArgument,
        "cannot reshape an array of \(count) elements, shape \(shapeText(shape)), into shape \(shapeText(wanted))")
    }
    var target = wanted
    if let free = wanted.firstIndex(of: -1) {
      target[free] = 1
      let rest = try checkedElementCount(target, dtype: dtype)
      guard rest > 0, count % rest == 0 else { throw mismatch() }
      target[free] = count / rest
    }
    guard !target.contains(-1) else { throw StoreError(.invalidArgument, "only one size of a shape can be -1") }
    guard try checkedElementCount(target, dtype: dtype) == count else { throw mismatch() }
    if target == shape { return self }
    if target.filter({ $0 != 1 }) == shape.filter({ $0 != 1 }) {
      let places = target.indices.filter { target[$0] != 1 }
      var next = 0
      return viewed(
        AffineView(
          axes: shape.map { size in
            if size == 1 { return .fixed(0) }
            defer { next += 1 }
            return .along(of: places[next], start: 0, step: 1)
          }, shape: target))
    }
    if case .rechunked(let rechunked) = kind { return try rechunked.array.reshaped(to: target) }
    if case .assembled(let assembly) = kind, assembly.layout is Reshaping {
      return try assembly.parts[0].reshaped(to: target)
    }
    let layout = Reshaping(from: shape, to: target)
    return try .assembled(shape: target, [readied(for: layout)], layout)
  }

  /// The array repeated along its axes, element by element (`isInner`) or as a whole.
  fileprivate func repeated(_ counts: [Int], isInner: Bool) throws(StoreError) -> Expression {
    guard counts.allSatisfy({ $0 >= 0 }) else {
      throw StoreError(.invalidArgument, "counts of repetitions \(counts) must not be negative")
    }
    // Repetition along a new axis beside the axis, and both as one.
    var target: [Int] = []
    for (size, count) in zip(shape, counts) {
      let (product, overflow) = size.multipliedReportingOverflow(by: count)
      guard !overflow else {
        throw StoreError(.invalidArgument, "an axis of \(size) repeated \(count) times is too long")
      }
      target.append(product)
    }
    _ = try checkedElementCount(target, dtype: dtype)
    if target == shape { return self }
    var result = self
    for axis in shape.indices where counts[axis] != 1 {
      let own = result.shape
      var order = own.indices.map { Int?($0) }
      order.insert(nil, at: isInner ? axis + 1 : axis)
      let inserted = result.viewed(AffineView(inserting: order, into: own))
      var wide = inserted.shape
      wide[isInner ? axis + 1 : axis] = counts[axis]
      guard wide.count <= maximumDimensionCount else {
        throw StoreError(.invalidArgument, "\(own.count) dimensions are too many to repeat")
      }
      var flat = own
      flat[axis] *= counts[axis]
      result = try inserted.viewed(AffineView(broadcasting: inserted.shape, to: wide)).reshaped(to: flat)
    }
    return result
  }
}
