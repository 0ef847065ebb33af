// How one array is seen as another: slices, transposition, new axes and broadcasting are one kind of map. Pure.

import DAStore

/// A map from the indices of an array to those of the array that it shows.
///
/// Each axis of the shown array stands still or runs along one axis of the view; axes of the view along which nothing
/// runs repeat the same elements. Maps compose, so that a slice of a transposed slice is one map.
struct AffineView: Sendable, Hashable {
  enum Axis: Sendable, Hashable {
    /// Stays at one position.
    case fixed(Int)
    /// Runs along axis `of` of the view: position `start + step * index`.
    case along(of: Int, start: Int, step: Int)
  }

  /// One per axis of the shown array.
  var axes: [Axis]
  /// Shape of the view.
  var shape: [Int]

  /// The array itself.
  init(identity shape: [Int]) {
    axes = shape.indices.map { .along(of: $0, start: 0, step: 1) }
    self.shape = shape
  }

  init(axes: [Axis], shape: [Int]) {
    self.axes = axes
    self.shape = shape
  }

  /// An array of `shape` seen in a larger shape, as NumPy broadcasts: trailing axes match, axes of size one repeat.
  ///
  /// - Precondition: The shapes broadcast.
  init(broadcasting shape: [Int], to target: [Int]) {
    let added = target.count - shape.count
    precondition(added >= 0, "broadcasting drops no axis")
    axes = shape.indices.map { shape[$0] == target[$0 + added] ? .along(of: $0 + added, start: 0, step: 1) : .fixed(0) }
    self.shape = target
  }

  /// What a resolved selection shows of its array.
  init(_ selection: ResolvedSelection) {
    var next = 0
    axes = selection.axes.map { axis in
      if axis.isDropped { return .fixed(axis.start) }
      defer { next += 1 }
      return .along(of: next, start: axis.start, step: axis.step)
    }
    shape = selection.shape
  }

  /// The array with its axes in another order: axis `i` of the view is axis `order[i]` of the array.
  init(transposing shape: [Int], _ order: [Int]) {
    var axes = Array(repeating: Axis.fixed(0), count: shape.count)
    for (viewAxis, axis) in order.enumerated() { axes[axis] = .along(of: viewAxis, start: 0, step: 1) }
    self.axes = axes
    self.shape = order.map { shape[$0] }
  }

  /// An array with axes of size one put between its own: each axis of the view is an axis of the array or new.
  init(inserting order: [Int?], into shape: [Int]) {
    var axes = Array(repeating: Axis.fixed(0), count: shape.count)
    for (viewAxis, axis) in order.enumerated() {
      if let axis { axes[axis] = .along(of: viewAxis, start: 0, step: 1) }
    }
    self.axes = axes
    self.shape = order.map { axis in axis.map { shape[$0] } ?? 1 }
  }

  /// Elements of the shown array that are seen, each counted once.
  var shownElementCount: Int {
    axes.reduce(1) { count, axis in
      if case .along(let of, _, _) = axis { saturatingProduct(count, shape[of]) } else { count }
    }
  }

  /// Whether two axes of the shown array run along one of the view.
  var hasDiagonal: Bool {
    let along = axes.compactMap { axis -> Int? in if case .along(let of, _, _) = axis { of } else { nil } }
    return Set(along).count < along.count
  }

  /// Whether it shows an array of its own shape just as it is.
  func isIdentity(of shown: [Int]) -> Bool { self == AffineView(identity: shown) }

  /// This view of an array, seen through `outer`, which shows this view.
  func seen(through outer: AffineView) -> AffineView {
    AffineView(
      axes: axes.map { axis in
        guard case .along(let inner, let start, let step) = axis else { return axis }
        switch outer.axes[inner] {
        case .fixed(let position): return .fixed(start + step * position)
        case .along(let of, let outerStart, let outerStep):
          return .along(of: of, start: start + step * outerStart, step: step * outerStep)
        }
      }, shape: outer.shape)
  }

  /// The elements of the array that a region of the view shows, each once.
  func box(of region: Region) -> StridedBox {
    StridedBox(
      axes.map { axis in
        switch axis {
        case .fixed(let position): return .init(start: position, step: 1, count: region.isEmpty ? 0 : 1)
        case .along(let of, let start, let step):
          return .init(start: start + step * region.lower[of], step: step, count: region.upper[of] - region.lower[of])
        }
      })
  }

  /// How far the elements of a region lie apart along the view's axes when its box is dense in memory, in elements; 0
  /// along axes that repeat.
  ///
  /// Two axes of the array along one axis of the view (a diagonal) add up.
  func strides(of region: Region) -> [Int] {
    let dense = rowMajorStrides(box(of: region).counts, elementByteCount: 1)
    var strides = Array(repeating: 0, count: shape.count)
    for (axis, stride) in zip(axes, dense) {
      if case .along(let of, _, _) = axis { strides[of] += stride }
    }
    return strides
  }
}

/// The common shape of arrays, as NumPy broadcasts them.
///
/// - Throws: `.invalidArgument` with NumPy's words when sizes differ and neither is one.
func broadcastShape(_ shapes: [[Int]]) throws(StoreError) -> [Int] {
  let count = shapes.map(\.count).max() ?? 0
  var result = Array(repeating: 1, count: count)
  for shape in shapes {
    for (axis, size) in shape.enumerated() {
      let place = axis + count - shape.count
      if size == 1 || size == result[place] { continue }
      guard result[place] == 1 else {
        throw StoreError(
          .invalidArgument,
          "operands could not be broadcast together with shapes \(shapes.map(shapeText).joined(separator: " "))")
      }
      result[place] = size
    }
  }
  return result
}
