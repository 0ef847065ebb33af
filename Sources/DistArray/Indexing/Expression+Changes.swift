// Which chunks of a stored array assignment has reached: only those are written again.

import DAStore

extension Expression {
  /// Numbers of the chunks of a dataset in which this array's elements may differ from it; `nil` when they may in all.
  ///
  /// - Complexity: O(result + assigned points).
  func changedChunks(of base: any ChunkedDataset) -> Set<Int>? {
    let grid = base.description.grid
    guard shape == grid.shape else { return nil }
    switch kind {
    case .stored(let dataset): return dataset === base ? [] : nil
    case .assembled(let assembly):
      guard let layout = assembly.layout as? Overlay, var chunks = assembly.parts[0].changedChunks(of: base) else {
        return nil
      }
      for box in layout.boxes {
        let region = Region(
          lower: box.axes.map(\.start), upper: box.axes.map { $0.start + $0.step * ($0.count - 1) + 1 })
        chunks.formUnion(grid.chunks(touching: region))
      }
      return chunks
    case .patched(let patched):
      guard var chunks = patched.array.changedChunks(of: base) else { return nil }
      let geometry = PointGeometry(grid: grid, view: patched.view, points: patched.points)
      let rest = Array(patched.view.shape[patched.points.listCount...])
      let parts = geometry.parts(from: rest.map { _ in 0 }, to: rest).map(\.chunk)
      for chunk in Set(geometry.chunks()) { chunks.formUnion(parts.map { chunk + $0 }) }
      return chunks
    case .applied, .view, .retyped, .reduced, .masked, .mapped, .product, .cumulated, .picked, .spread, .rechunked:
      return nil
    }
  }
}
