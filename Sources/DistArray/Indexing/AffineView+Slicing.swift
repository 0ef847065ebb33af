// Slices between brackets as a map of indices. Pure.

import DAStore

extension AffineView {
  /// What integers, slices, ellipses and new axes take of an array of `shape`.
  ///
  /// - Throws: `.invalidArgument` for too many items, a position outside its axis, a zero step, a second ellipsis.
  init(slicing shape: [Int], _ items: [ArrayIndex]) throws(StoreError) {
    let selection = try Selection(
      items.compactMap { item in
        switch item {
        case .position(let position): .index(position)
        case .slice(let start, let stop, let step): .slice(start: start, stop: stop, step: step)
        case .otherAxes: .ellipsis
        case .insertedAxis, .positions, .truths, .array: nil
        }
      })
    let resolved = try selection.resolve(shape: shape)
    let view = AffineView(resolved)
    guard items.contains(where: { if case .insertedAxis = $0 { true } else { false } }) else {
      self = view
      return
    }
    // Where each new axis stands among the axes of the selection.
    var withNew: [Int?] = []
    var next = 0
    let dropped = items.count { if case .position = $0 { true } else { false } }
    let named = items.count { if case .slice = $0 { true } else { false } } + dropped
    for item in items {
      switch item {
      case .position, .positions, .truths, .array: break
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
    self = view.seen(through: AffineView(inserting: withNew, into: view.shape))
  }
}
