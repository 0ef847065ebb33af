// Other orders and numbers of axes of an array: views, which cost nothing.

import DAStore

extension DistArray {
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
      return expression.viewed(try AffineView(slicing: shape, items))
    }
  }

  /// The array backwards along some axes, or all. NumPy's `flip`.
  public func flipped(axes: [Int]? = nil) -> DistArray {
    map { expression throws(StoreError) in
      let shape = expression.shape
      let turned = try Set(
        (axes ?? Array(shape.indices)).map { axis throws(StoreError) in try normalAxis(axis, of: shape.count) })
      let items = shape.indices.map { turned.contains($0) ? ArrayIndex.slice(step: -1) : .slice() }
      return expression.viewed(try AffineView(slicing: shape, items))
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
