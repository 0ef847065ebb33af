// Elements at listed positions: runs along one axis where there are few, points otherwise.

import DAStore

extension Expression {
  /// Lists along one axis of up to so many runs are put together like other parts of arrays.
  private static let mostRuns = 64

  /// What a plan of lists chooses.
  func picked(_ plan: IndexPlan) throws(StoreError) -> Expression {
    let dropped = viewed(plan.view)
    _ = try checkedElementCount(plan.shape, dtype: dtype)
    switch plan.points.listCount {
    case 0:
      // Single truth values only: all, or nothing, along a new axis.
      var view = AffineView(
        inserting: dropped.shape.indices.reduce(into: [nil]) { $0.append($1) }, into: dropped.shape)
      view.shape[0] = plan.points.count
      return dropped.viewed(view).viewed(AffineView(transposing: view.shape, plan.order))
    case 1:
      let runs = Mosaic.Run.runs(of: plan.points.coordinates[0])
      let rowByteCount = plan.restShape.reduce(dtype.byteCount, saturatingProduct)
      let isCollected = PickedArray.isCollected(count: plan.points.count, rowByteCount: rowByteCount)
      guard runs.count <= Self.mostRuns || !isCollected else { break }
      var order = Array(1..<dropped.shape.count)
      order.insert(0, at: plan.place)
      let part = dropped.viewed(AffineView(transposing: dropped.shape, order))
      var axes = part.shape.map { Mosaic.Axis(all: $0) }
      axes[plan.place] = Mosaic.Axis(runs)
      let layout = Mosaic(axes)
      return try Expression.assembled(shape: layout.shape, [part], layout).reshaped(to: plan.shape)
    default: break
    }
    let picked = PickedArray(dropped, plan.points)
    let points = try Expression(shape: picked.shape, dtype: dtype, .picked(picked)).checkedDepth()
    let whole = try points.reshaped(to: plan.listShape + plan.restShape)
    return whole.viewed(AffineView(transposing: whole.shape, plan.order))
  }
}

extension Mosaic.Run {
  /// Positions as the fewest runs that a walk from the first to the last finds.
  static func runs(of positions: [Int]) -> [Self] {
    var runs: [Self] = []
    for position in positions {
      if var last = runs.last, last.count == 1 || position == last.start + last.step * last.count {
        last.step = last.count == 1 ? position - last.start : last.step
        last.count += 1
        runs[runs.count - 1] = last
      } else {
        runs.append(Self(start: position, step: 1, count: 1))
      }
    }
    return runs
  }
}
