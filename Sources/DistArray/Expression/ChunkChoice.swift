// In which chunks an array is computed whose elements come from others.

import DAStore

extension Tape {
  /// The chunk shape in which the expression is computed.
  func chunkShape() -> [Int] { Self.chunkShape(of: shape, dtypes[0], sources) }

  /// About as many bytes as one chunk of an expression has where no source says otherwise.
  private static var chunkByteCount: Int { 1 << 20 }

  /// A source that shows fewer elements than one for so many of the result does not choose where computed ones can.
  private static var leastShare: Int { 64 }

  /// A chunk shape for an array computed from views: the grid of its largest source, as far as the view shows it.
  ///
  /// Depends on the expression and its sources only, so that reductions give the same bits wherever they run.
  static func chunkShape(of shape: [Int], _ dtype: DType, _ sources: [Source]) -> [Int] {
    // Computed elements are as easily had in any other grid, but a small array's grid may be far too fine for a large one.
    let elementCount = shape.reduce(1, saturatingProduct)
    let hasComputed = sources.contains(where: \.isComputed)
    let stored = sources.filter {
      !$0.isComputed && (!hasComputed || $0.view.shownElementCount >= elementCount / leastShare)
    }
    let candidates = stored.isEmpty && hasComputed ? sources.filter(\.isComputed) : stored
    let leading = candidates.max { a, b in
      let sizes = [a, b].map { source in
        source.view.axes.indices.reduce(source.dtype.byteCount) { size, axis in
          if case .along = source.view.axes[axis] {
            return saturatingProduct(size, source.dataset.description.shape[axis])
          }
          return size
        }
      }
      return sizes[0] < sizes[1]
    }
    var extents = [Int?](repeating: nil, count: shape.count)
    if let leading {
      let chunk = leading.dataset.description.grid.chunkShape
      for (axis, part) in zip(leading.view.axes.indices, leading.view.axes) {
        guard case .along(let of, let start, let step) = part else { continue }
        let size = leading.dataset.description.shape[axis]
        // Chunks of a shifted view would straddle the source's: they are made larger, so that fewer are read twice.
        let isShifted = step > 0 ? start % chunk[axis] != 0 : (start + 1) % chunk[axis] != 0 && start + 1 != size
        let extent = max(1, min(chunk[axis], size) / max(1, abs(step)))
        extents[of] = min(extents[of] ?? Int.max, isShifted && extent < shape[of] ? 2 * extent : extent)
      }
    }
    // Axes along which the source repeats, and arrays without sources.
    var room = max(1, chunkByteCount / dtype.byteCount)
    for extent in extents { room = max(1, room / (extent ?? 1)) }
    for axis in shape.indices.reversed() where extents[axis] == nil {
      extents[axis] = max(1, min(shape[axis], room))
      room = max(1, room / (extents[axis] ?? 1))
    }
    return zip(extents, shape).map { max(1, min($0 ?? 1, max(1, $1))) }
  }
}
