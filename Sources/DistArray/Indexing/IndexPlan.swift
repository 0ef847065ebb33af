// Where the elements lie that the items between brackets say: slices as a view, lists as coordinates. Pure.

import DAStore

/// What lists of positions and masks, with slices beside them, choose of an array.
///
/// NumPy's rules: lists broadcast together, integers beside them are lists too; the axes of the lists stand where the
/// first of them stands when no slice, ellipsis or new axis is between them, and first otherwise.
struct IndexPlan {
  /// The array with an axis for each list first and then the axes of slices and new ones.
  let view: AffineView
  let points: PointList
  /// What the lists broadcast to.
  let listShape: [Int]
  /// How many axes of slices and new ones stand before those of the lists in the result.
  let place: Int

  /// Sizes of the axes of slices and new ones.
  var restShape: [Int] { Array(view.shape[points.listCount...]) }
  var shape: [Int] { Array(restShape[..<place]) + listShape + Array(restShape[place...]) }
  /// Axis `i` of the result is axis `order[i]` of the lists' axes followed by the others.
  var order: [Int] {
    let rest = listShape.count..<listShape.count + restShape.count
    return Array(rest.prefix(place)) + Array(0..<listShape.count) + Array(rest.dropFirst(place))
  }

  /// - Parameters:
  ///   - items: With at least one list or mask; arrays among them have been computed.
  ///   - budget: Bytes of memory, an eighth of which may be taken by coordinates.
  /// - Throws: `.invalidArgument` with what NumPy says: too many items, a position out of bounds, a mask of another
  ///   shape, lists that do not broadcast; `.memory` for lists that broadcast to more positions than fit.
  init(_ items: [ArrayIndex], of array: [Int], budget: MemoryBudget) throws(StoreError) {
    let rest = try Self.axesLeft(by: items, of: array)
    let hasEllipsis = items.contains { if case .otherAxes = $0 { true } else { false } }
    var walk = IndexWalk(array: array)
    for item in hasEllipsis ? items : items + [.otherAxes] { try walk.take(item, axesLeft: rest) }
    let shapes = walk.lists.map(\.shape) + walk.truthShapes
    let listShape: [Int]
    do throws(StoreError) {
      listShape = try broadcastShape(shapes)
    } catch {
      throw StoreError(
        .invalidArgument,
        "shape mismatch: indexing arrays could not be broadcast together with shapes "
          + shapes.map(shapeText).joined(separator: " "))
    }
    let count = try checkedElementCount(listShape, dtype: .int64)
    let needed = [count, walk.lists.count, 8 * 8].reduce(1, saturatingProduct)
    guard needed <= budget.byteCount else {
      throw StoreError(
        .memory,
        "lists of \(count) positions take more than an eighth of the budget of \(budget); index one axis after the "
          + "other or in parts, or raise the budget to \(byteCountText(needed))")
    }
    points = PointList(walk.lists.map { $0.values(broadcastTo: listShape) }, count: count)
    let listCount = walk.lists.count
    view = AffineView(
      axes: walk.axes.map { axis in
        switch axis {
        case .fixed(let position): .fixed(position)
        case .listed(let list): .along(of: list, start: 0, step: 1)
        case .sliced(let of, let start, let step): .along(of: listCount + of, start: start, step: step)
        }
      }, shape: walk.lists.map(\.size) + walk.restShape)
    self.listShape = listShape
    place = walk.separation.place
    guard listShape.count + walk.restShape.count <= maximumDimensionCount else {
      throw StoreError(
        .invalidArgument,
        "\(listShape.count + walk.restShape.count) dimensions; at most \(maximumDimensionCount) are supported")
    }
  }

  /// How many axes no item names.
  private static func axesLeft(by items: [ArrayIndex], of array: [Int]) throws(StoreError) -> Int {
    var named = 0
    var ellipses = 0
    for item in items {
      switch item {
      case .position, .slice, .positions, .array: named += 1
      case .truths(_, let shape): named += shape.count
      case .otherAxes: ellipses += 1
      case .insertedAxis: break
      }
    }
    guard ellipses <= 1 else { throw StoreError(.invalidArgument, "an index can have only one ellipsis '...'") }
    guard named <= array.count else {
      throw StoreError(
        .invalidArgument,
        "too many indices for array: array is \(array.count)-dimensional, but \(named) were indexed")
    }
    return array.count - named
  }
}

/// The items between brackets, taken one after the other.
private struct IndexWalk {
  enum Axis {
    case fixed(Int)
    case listed(Int)
    /// Number among the axes of slices and new ones.
    case sliced(of: Int, start: Int, step: Int)
  }

  /// Positions along an axis of `size`.
  struct List {
    var values: [Int]
    var shape: [Int]
    var size: Int

    func values(broadcastTo target: [Int]) -> [Int] {
      if shape == target { return values }
      var result: [Int] = []
      result.reserveCapacity(target.reduce(1, *))
      let view = AffineView(broadcasting: shape, to: target)
      let strides = view.strides(of: Region(shape: target))
      func append(_ axis: Int, _ place: Int) {
        guard axis < target.count else { return result.append(values[place]) }
        for index in 0..<target[axis] { append(axis + 1, place + index * strides[axis]) }
      }
      append(0, 0)
      return result
    }
  }

  let array: [Int]
  /// One per axis of the array that an item has taken.
  var axes: [Axis] = []
  var lists: [List] = []
  /// Of single truth values, which choose along no axis.
  var truthShapes: [[Int]] = []
  var restShape: [Int] = []
  var separation = ListSeparation()

  init(array: [Int]) { self.array = array }

  mutating func take(_ item: ArrayIndex, axesLeft: Int) throws(StoreError) {
    switch item {
    case .slice(let start, let stop, let step):
      separation.passSlice()
      try takeSlice(start, stop, step)
    case .otherAxes:
      separation.passSlice()
      for _ in 0..<axesLeft { try takeSlice(nil, nil, 1) }
    case .insertedAxis:
      separation.passSlice()
      restShape.append(1)
    case .position(let position):
      separation.passList(after: restShape.count)
      axes.append(.fixed(try normalPosition(position, axis: axes.count, of: array)))
    case .positions(let values, let shape):
      separation.passList(after: restShape.count)
      try checkEven(values.count, shape)
      let axis = axes.count
      takeList(
        try values.map { value throws(StoreError) in try normalPosition(value, axis: axis, of: array) }, shape)
    case .truths(let truths, let shape):
      separation.passList(after: restShape.count)
      try checkEven(truths.count, shape)
      try takeMask(truths, shape)
    case .array: throw StoreError(.internalFault, "an index that was not computed")
    }
  }

  private mutating func takeSlice(_ start: Int?, _ stop: Int?, _ step: Int) throws(StoreError) {
    let slice = try Selection([.slice(start: start, stop: stop, step: step)])
    let axis = try slice.resolve(shape: [array[axes.count]]).axes[0]
    axes.append(.sliced(of: restShape.count, start: axis.start, step: axis.step))
    restShape.append(axis.count)
  }

  private mutating func takeList(_ values: [Int], _ shape: [Int]) {
    let size = array[axes.count]
    axes.append(.listed(lists.count))
    lists.append(List(values: values, shape: shape, size: size))
  }

  private mutating func takeMask(_ truths: [Bool], _ shape: [Int]) throws(StoreError) {
    for (axis, size) in shape.enumerated() where size != array[axes.count + axis] {
      throw StoreError(
        .invalidArgument,
        "the mask does not match the array along axis \(axes.count + axis): the array has size "
          + "\(array[axes.count + axis]), the mask \(size)")
    }
    let chosen = truths.indices.filter { truths[$0] }
    if shape.isEmpty { truthShapes.append([chosen.count]) }
    for (size, stride) in zip(shape, rowMajorStrides(shape, elementByteCount: 1)) {
      takeList(chosen.map { $0 / stride % size }, [chosen.count])
    }
  }

  private func checkEven(_ count: Int, _ shape: [Int]) throws(StoreError) {
    guard !shape.contains(where: { $0 < 0 }) else {
      throw StoreError(.invalidArgument, "lists of different lengths are no index; make them alike")
    }
    guard try checkedElementCount(shape, dtype: .int64) == count else {
      throw StoreError(.invalidArgument, "\(count) elements do not make an index of shape \(shapeText(shape))")
    }
  }
}

/// Whether slices stand between lists, and where the first list stands.
private struct ListSeparation {
  private enum State { case none, together, ended, apart }
  private var state = State.none
  private var first = 0

  var place: Int { state == .apart ? 0 : first }

  mutating func passSlice() {
    if state == .together { state = .ended }
  }

  mutating func passList(after count: Int) {
    switch state {
    case .none: (state, first) = (.together, count)
    case .ended: state = .apart
    case .together, .apart: break
    }
  }
}

/// A position counted from the front.
///
/// - Throws: `.invalidArgument` with position, axis and size when there is none.
func normalPosition(_ position: Int, axis: Int, of shape: [Int]) throws(StoreError) -> Int {
  let size = shape[axis]
  guard position >= 0 ? position < size : position >= -size else {
    throw StoreError(
      .invalidArgument,
      "index \(position) is out of bounds for axis \(axis) with size \(size) of shape \(shapeText(shape))")
  }
  return position < 0 ? position + size : position
}
