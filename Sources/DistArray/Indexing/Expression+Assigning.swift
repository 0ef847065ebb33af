// Arrays with new elements in parts of them: boxes laid over, or points patched.

import DAStore

extension Expression {
  /// The array with other elements in a part.
  ///
  /// - Parameters:
  ///   - value: In the shape of the view and of the array's type.
  ///   - view: Shows the part: no axis of it repeats elements but new ones of size one.
  func assigned(_ value: Expression, through view: AffineView) throws(StoreError) -> Expression {
    if view.shape.contains(0) { return self }
    let (box, shown) = value.box(seenThrough: view)
    return try overlaid([(shown, box)])
  }

  /// The array with other elements where lists say.
  ///
  /// - Parameter value: Of the array's type; broadcast to the plan's shape.
  func assigned(_ value: Expression, at plan: IndexPlan) throws(StoreError) -> Expression {
    let wide: Expression
    do throws(StoreError) {
      wide = try value.broadcastForAssignment(to: plan.shape)
    } catch {
      throw StoreError(
        .invalidArgument,
        "shape mismatch: value array of shape \(shapeText(value.shape)) could not be broadcast to indexing result of "
          + "shape \(shapeText(plan.shape))")
    }
    if plan.shape.contains(0) { return self }
    var inverse = plan.order
    for (axis, place) in plan.order.enumerated() { inverse[place] = axis }
    let ordered = wide.viewed(AffineView(transposing: plan.shape, inverse))
    let rows = try ordered.reshaped(to: [plan.points.count] + plan.restShape)
    if plan.points.listCount == 0 {
      return try assigned(rows.viewed(AffineView(slicing: rows.shape, [.position(0)])), through: plan.view)
    }
    let isOne = value.shape.allSatisfy { $0 == 1 }
    let rowByteCount = plan.restShape.reduce(dtype.byteCount, saturatingProduct)
    guard isOne || PickedArray.isCollected(count: plan.points.count, rowByteCount: rowByteCount) else {
      return try overlaid(rows, at: plan)
    }
    let values = isOne ? try value.reshaped(to: []) : rows
    let patched = PatchedArray(self, plan.view, plan.points, .pending(values))
    return try Expression(shape: shape, dtype: dtype, .patched(patched)).checkedDepth()
  }

  /// Rows too large to be held, laid over run by run.
  private func overlaid(_ rows: Expression, at plan: IndexPlan) throws(StoreError) -> Expression {
    let runs =
      plan.points.listCount == 1
      ? Mosaic.Run.runs(of: plan.points.coordinates[0])
      : (0..<plan.points.count).map { Mosaic.Run(start: $0, step: 1, count: 1) }
    var parts: [(Expression, StridedBox)] = []
    var row = 0
    for run in runs {
      let isRepeated = run.step == 0
      // Of equal positions the last one counts.
      let first = isRepeated ? row + run.count - 1 : row
      let count = isRepeated ? 1 : run.count
      let part = rows.viewed(
        try AffineView(slicing: rows.shape, [.slice(start: first, stop: first + count)]))
      let axes = plan.view.axes.map { axis -> AffineView.Axis in
        guard case .along(let of, let start, let step) = axis else { return axis }
        if of >= plan.points.listCount {
          return .along(of: of - plan.points.listCount + 1, start: start, step: step)
        }
        if plan.points.listCount == 1 { return .along(of: 0, start: run.start, step: count == 1 ? 1 : run.step) }
        return .fixed(plan.points.coordinates[of][run.start])
      }
      let (box, shown) = part.box(seenThrough: AffineView(axes: axes, shape: part.shape))
      parts.append((shown, box))
      row += run.count
    }
    return try overlaid(parts)
  }

  /// Where elements seen through a view lie in the array shown, and they in the order of its axes, ascending.
  private func box(seenThrough view: AffineView) -> (StridedBox, Expression) {
    var axes: [StridedBox.Axis] = []
    var own = Array(repeating: AffineView.Axis.fixed(0), count: shape.count)
    for (axis, place) in view.axes.enumerated() {
      switch place {
      case .fixed(let position): axes.append(.init(start: position, step: 1, count: 1))
      case .along(let of, let start, let step):
        let count = shape[of]
        let isBackward = step < 0 && count > 1
        axes.append(
          .init(start: isBackward ? start + step * (count - 1) : start, step: count == 1 ? 1 : abs(step), count: count))
        own[of] = .along(of: axis, start: isBackward ? count - 1 : 0, step: isBackward ? -1 : 1)
      }
    }
    return (StridedBox(axes), viewed(AffineView(axes: own, shape: axes.map(\.count))))
  }

  /// The array with parts laid over it, each in its box.
  private func overlaid(_ new: [(part: Expression, box: StridedBox)]) throws(StoreError) -> Expression {
    if let last = new.last, last.box.counts == shape { return last.part }
    var parts = [self]
    var boxes: [StridedBox] = []
    if case .assembled(let assembly) = kind, let layout = assembly.layout as? Overlay {
      (parts, boxes) = (assembly.parts, layout.boxes)
    }
    parts += new.map(\.part)
    boxes += new.map(\.box)
    return try .assembled(shape: shape, parts, Overlay(shape: shape, boxes: boxes))
  }
}
