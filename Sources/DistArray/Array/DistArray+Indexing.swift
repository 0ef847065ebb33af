// Parts of arrays and other orders of their axes: views, which cost nothing.

import DAStore

/// One item between the brackets of an array: an integer, a range, or a word for more.
public protocol ArrayIndexItem {
  var item: ArrayIndex { get }
}

/// What stands between the brackets of an array, as in NumPy.
public enum ArrayIndex: ArrayIndexItem, Sendable, Hashable {
  /// One position, whose axis is dropped; negative counts from the end.
  case position(Int)
  /// `start:stop:step`; missing bounds are the ends in the direction of the step.
  case slice(start: Int? = nil, stop: Int? = nil, step: Int = 1)
  /// All axes that no other item names.
  case otherAxes
  /// An axis of size one that the array does not have.
  case insertedAxis

  public var item: ArrayIndex { self }
}

extension ArrayIndexItem where Self == ArrayIndex {
  /// All of an axis.
  public static var all: ArrayIndex { .slice() }
  /// Every `step`-th position; backwards for negative steps.
  public static func stride(from start: Int? = nil, to stop: Int? = nil, by step: Int) -> ArrayIndex {
    .slice(start: start, stop: stop, step: step)
  }
  /// All axes that no other item names: NumPy's `...`.
  public static var ellipsis: ArrayIndex { .otherAxes }
  /// An axis of size one that the array does not have: NumPy's `newaxis`.
  public static var newAxis: ArrayIndex { .insertedAxis }
}

extension Int: ArrayIndexItem {
  public var item: ArrayIndex { .position(self) }
}
extension Range<Int>: ArrayIndexItem {
  public var item: ArrayIndex { .slice(start: lowerBound, stop: upperBound) }
}
extension ClosedRange<Int>: ArrayIndexItem {
  public var item: ArrayIndex { .slice(start: lowerBound, stop: upperBound == -1 ? nil : upperBound &+ 1) }
}
extension PartialRangeFrom<Int>: ArrayIndexItem {
  public var item: ArrayIndex { .slice(start: lowerBound) }
}
extension PartialRangeUpTo<Int>: ArrayIndexItem {
  public var item: ArrayIndex { .slice(stop: upperBound) }
}

extension DistArray {
  /// A part of the array, as NumPy's basic indexing takes it: a view.
  public subscript<each Item: ArrayIndexItem>(_ items: repeat each Item) -> DistArray {
    var list: [ArrayIndex] = []
    for item in repeat each items { list.append(item.item) }
    return self[list]
  }

  /// A part of the array, given as a list.
  public subscript(_ items: [ArrayIndex]) -> DistArray {
    map { expression throws(StoreError) in expression.viewed(try Self.view(of: expression.shape, items)) }
  }

  private static func view(of shape: [Int], _ items: [ArrayIndex]) throws(StoreError) -> AffineView {
    let selection = try Selection(
      items.compactMap { item in
        switch item {
        case .position(let position): .index(position)
        case .slice(let start, let stop, let step): .slice(start: start, stop: stop, step: step)
        case .otherAxes: .ellipsis
        case .insertedAxis: nil
        }
      })
    let resolved = try selection.resolve(shape: shape)
    let view = AffineView(resolved)
    guard items.contains(.insertedAxis) else { return view }
    // Where each new axis stands among the axes of the selection.
    var withNew: [Int?] = []
    var next = 0
    let dropped = items.count { if case .position = $0 { true } else { false } }
    let named = items.count { if case .slice = $0 { true } else { false } } + dropped
    for item in items {
      switch item {
      case .position: break
      case .insertedAxis: withNew.append(nil)
      case .slice:
        withNew.append(next)
        next += 1
      case .otherAxes:
        for _ in named..<shape.count {
          withNew.append(next)
          next += 1
        }
      }
    }
    while next < view.shape.count {
      withNew.append(next)
      next += 1
    }
    guard withNew.count <= maximumDimensionCount else {
      throw StoreError(.invalidArgument, "\(withNew.count) dimensions; at most \(maximumDimensionCount) are supported")
    }
    return view.seen(through: AffineView(inserting: withNew, into: view.shape))
  }

  /// The axes in another order; reversed without one. NumPy's `transpose`.
  public func transposed(_ order: [Int]? = nil) -> DistArray {
    map { expression throws(StoreError) in
      let count = expression.shape.count
      let order = try (order ?? (0..<count).reversed()).map { axis throws(StoreError) in try normalAxis(axis, of: count)
      }
      guard Set(order).count == count, order.count == count else {
        throw StoreError(
          .invalidArgument, "axes \(order) are no order of the \(count) axes of \(shapeText(expression.shape))")
      }
      return expression.viewed(AffineView(transposing: expression.shape, order))
    }
  }

  /// The array repeated along axes of size one and new leading axes. NumPy's `broadcast_to`.
  public func broadcast(to shape: [Int]) -> DistArray {
    map { expression throws(StoreError) in
      guard try broadcastShape([expression.shape, shape]) == shape else {
        throw StoreError(
          .invalidArgument, "shape \(shapeText(expression.shape)) does not broadcast to \(shapeText(shape))")
      }
      _ = try checkedElementCount(shape, dtype: expression.dtype)
      return expression.viewed(AffineView(broadcasting: expression.shape, to: shape))
    }
  }

  /// The array without axes of size one: all of them, or those named. NumPy's `squeeze`.
  public func squeezed(axes: [Int]? = nil) -> DistArray {
    map { expression throws(StoreError) in
      let shape = expression.shape
      var dropped = Set(shape.indices.filter { shape[$0] == 1 })
      if let axes {
        let named = try axes.map { axis throws(StoreError) in try normalAxis(axis, of: shape.count) }
        for axis in named where shape[axis] != 1 {
          throw StoreError(.invalidArgument, "axis \(axis) of \(shapeText(shape)) has size \(shape[axis]), not one")
        }
        dropped = Set(named)
      }
      let items = shape.indices.map { dropped.contains($0) ? ArrayIndex.position(0) : .slice() }
      return expression.viewed(try Self.view(of: shape, items))
    }
  }

  /// The array backwards along some axes, or all. NumPy's `flip`.
  public func flipped(axes: [Int]? = nil) -> DistArray {
    map { expression throws(StoreError) in
      let shape = expression.shape
      let turned = try Set(
        (axes ?? Array(shape.indices)).map { axis throws(StoreError) in try normalAxis(axis, of: shape.count) })
      let items = shape.indices.map { turned.contains($0) ? ArrayIndex.slice(step: -1) : .slice() }
      return expression.viewed(try Self.view(of: shape, items))
    }
  }
}

/// An axis counted from the front.
///
/// - Throws: `.invalidArgument` when there is no such axis.
func normalAxis(_ axis: Int, of dimensionCount: Int) throws(StoreError) -> Int {
  guard axis >= -dimensionCount, axis < dimensionCount else {
    throw StoreError(.invalidArgument, "axis \(axis) is out of bounds for an array of \(dimensionCount) dimensions")
  }
  return axis < 0 ? axis + dimensionCount : axis
}
