// Adds a chunk to the partial results of its group: finds in the chunk the runs and columns that the kernels work on.

import CKernels
import DAStore

/// How one chunk is walked: an inner block for a kernel, and loops around it.
///
/// Depends on the chunk's box and the reduced axes only, so that the same chunk gives the same bits everywhere.
struct ChunkWalk {
  /// One axis of the chunk, or several that act as one.
  struct Axis {
    var extent: Int
    /// Bytes between neighbours in the chunk.
    var stride: Int
    /// Distance of neighbours in the partial results (kept axes) or in positions (reduced axes).
    var step: Int
  }

  enum Block {
    /// Contiguous elements that all belong to one output element; `axes` give their positions.
    case run(count: Int, axes: [Axis])
    /// Elements of `rows` belong together, each of `columns` to its own output element.
    case columns(rows: Axis, columns: Axis)
  }

  /// Shorter runs than this cost more to start than to turn into columns, many at a time.
  static let shortRun = 1024

  var block: Block
  var reducedLoops: [Axis] = []
  var keptLoops: [Axis] = []
  /// Position of the chunk's first element.
  var firstPosition: Int
  /// Elements that one pass over the kept loops adds to each output element.
  var elementsPerPass: Int

  init(geometry: ReductionGeometry, chunk: Int, elementByteCount: Int) {
    let region = geometry.grid.region(of: chunk)
    let extents = region.shape
    let strides = rowMajorStrides(extents, elementByteCount: elementByteCount)
    var position = 0
    var positionStep = 1
    var outputStep = 1
    var axes: [(axis: Axis, isReduced: Bool)] = []  // innermost first
    for axis in extents.indices.reversed() {
      let isReduced = geometry.reduced[axis]
      let next = Axis(extent: extents[axis], stride: strides[axis], step: isReduced ? positionStep : outputStep)
      if isReduced {
        position += region.lower[axis] * positionStep
        positionStep *= geometry.grid.shape[axis]
      } else {
        outputStep *= extents[axis]
      }
      if next.extent == 1 { continue }
      if let last = axes.last, last.isReduced == isReduced, last.axis.step * last.axis.extent == next.step {
        axes[axes.count - 1].axis.extent *= next.extent
      } else {
        axes.append((next, isReduced))
      }
    }
    firstPosition = position
    let runAxes = axes.prefix { $0.isReduced }.map(\.axis)
    let runLength = runAxes.reduce(1) { $0 * $1.extent }
    let unit = Axis(extent: 1, stride: elementByteCount, step: 1)
    if !runAxes.isEmpty, runLength >= Self.shortRun || runAxes.count == axes.count {
      block = .run(count: runLength, axes: runAxes)
      elementsPerPass = runLength
      axes.removeFirst(runAxes.count)
    } else {
      let columns = axes.firstIndex { !$0.isReduced }.map { axes.remove(at: $0).axis } ?? unit
      let rows = axes.firstIndex { $0.isReduced }.map { axes.remove(at: $0).axis } ?? unit
      block = .columns(rows: rows, columns: columns)
      elementsPerPass = rows.extent
    }
    // Outermost first, so that memory is walked forwards.
    for (axis, isReduced) in axes.reversed() {
      if isReduced { reducedLoops.append(axis) } else { keptLoops.append(axis) }
    }
  }
}

extension PartialLayout {
  /// Adds the elements of a chunk to partial results of this layout that hold `prior` elements each.
  ///
  /// - Parameters:
  ///   - bytes: The chunk: dense, C order, aligned for its elements.
  ///   - state: Memory of this layout; undefined when `prior` is 0.
  /// - Complexity: one pass over the chunk (the second look at each tile finds it in the L1 cache).
  func add(_ bytes: UnsafeRawBufferPointer, walk: ChunkWalk, prior: Int, to state: UnsafeMutableRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    let origin = partials(in: state)
    let foldOrigin = folds(in: state)
    let hasMoments = momentByteCount > 0
    let hasFolds = foldByteCount > 0
    let runExtents: [Int64]
    let runSteps: [Int64]
    if case .run(_, let axes) = walk.block {
      runExtents = axes.reversed().map { Int64($0.extent) }
      runSteps = axes.reversed().map { Int64($0.step) }
    } else {
      runExtents = []
      runSteps = []
    }
    var held = prior
    forEachIndex(walk.reducedLoops) { reducedOffset, position in
      forEachIndex(walk.keptLoops) { keptOffset, output in
        let place = base + reducedOffset + keptOffset
        let first = Int64(walk.firstPosition + position)
        var target = advanced(origin, by: output)
        var foldTarget = foldOrigin.advanced(by: output)
        switch walk.block {
        case .run(let count, let axes):
          if hasMoments {
            ckernels_add_run(
              KernelLevel.best, dtype.kernelCode, place, Int64(count), Int64(held), first, Int32(axes.count),
              runExtents, runSteps, &target)
          }
          if hasFolds {
            ckernels_fold_run(
              KernelLevel.best, dtype.kernelCode, place, Int64(count), Int64(held), first, Int32(axes.count),
              runExtents, runSteps, &foldTarget)
          }
        case .columns(let rows, let columns):
          if hasMoments {
            ckernels_add_columns(
              KernelLevel.best, dtype.kernelCode, place, rows.stride, columns.stride, Int64(rows.extent),
              Int64(columns.extent), Int64(held), first, Int64(rows.step), &target)
          }
          if hasFolds {
            ckernels_fold_columns(
              KernelLevel.best, dtype.kernelCode, place, rows.stride, columns.stride, Int64(rows.extent),
              Int64(columns.extent), Int64(held), first, Int64(rows.step), &foldTarget)
          }
        }
      }
      held += walk.elementsPerPass
    }
  }

  private func advanced(_ origin: ckernels_partials, by count: Int) -> ckernels_partials {
    var moved = origin
    moved.sum_high = origin.sum_high.map { $0 + count }
    moved.sum_low = origin.sum_low.map { $0 + count }
    moved.imaginary_high = origin.imaginary_high.map { $0 + count }
    moved.imaginary_low = origin.imaginary_low.map { $0 + count }
    moved.spread = origin.spread.map { $0 + count }
    moved.wrapped = origin.wrapped.map { $0 + count }
    moved.minimum = origin.minimum.map { $0 + count * extremeByteCount }
    moved.maximum = origin.maximum.map { $0 + count * extremeByteCount }
    moved.minimum_at = origin.minimum_at.map { $0 + count }
    moved.maximum_at = origin.maximum_at.map { $0 + count }
    moved.nan_count = origin.nan_count.map { $0 + count }
    moved.infinity_count = origin.infinity_count.map { $0 + count }
    moved.zero_count = origin.zero_count.map { $0 + count }
    return moved
  }
}

/// Calls `body` with the sums of strides and of steps at every index of a box, the last axis fastest.
private func forEachIndex(_ axes: [ChunkWalk.Axis], _ body: (_ stride: Int, _ step: Int) -> Void) {
  var index = Array(repeating: 0, count: axes.count)
  var stride = 0
  var step = 0
  while true {
    body(stride, step)
    var axis = axes.count - 1
    while axis >= 0 {
      index[axis] += 1
      stride += axes[axis].stride
      step += axes[axis].step
      if index[axis] < axes[axis].extent { break }
      stride -= axes[axis].stride * axes[axis].extent
      step -= axes[axis].step * axes[axis].extent
      index[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}
