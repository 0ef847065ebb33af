// An array with other arrays laid over parts of it: what assignment to slices makes. Pure.

import DAStore

/// Parts over the first one, each in a box of evenly spaced positions; later parts hide earlier ones.
struct Overlay: PieceLayout {
  let shape: [Int]
  /// Per part after the first, where it lies; steps are positive, no box is empty.
  let boxes: [StridedBox]

  /// Places of a box, `from ..< to` along each axis, whose positions lie in a region; `nil` when none do.
  private static func overlap(_ box: StridedBox, _ region: Region) -> [Range<Int>]? {
    var ranges: [Range<Int>] = []
    for (axis, run) in box.axes.enumerated() {
      let low = region.lower[axis] - run.start
      let high = region.upper[axis] - 1 - run.start
      if high < 0 { return nil }
      let from = low <= 0 ? 0 : (low - 1) / run.step + 1
      let to = min(run.count, high / run.step + 1)
      if from >= to { return nil }
      ranges.append(from..<to)
    }
    return ranges
  }

  /// Whether a box holds every element of a region.
  private static func covers(_ box: StridedBox, _ region: Region) -> Bool {
    box.axes.indices.allSatisfy { axis in
      let run = box.axes[axis]
      let isDense = run.step == 1 || region.upper[axis] - region.lower[axis] == 1
      guard isDense, region.lower[axis] >= run.start else { return false }
      let last = region.upper[axis] - 1 - run.start
      return last / run.step < run.count && (region.lower[axis] - run.start) % run.step == 0
    }
  }

  func pieces(of region: Region) -> [Piece] {
    let strides = rowMajorStrides(region.shape, elementByteCount: 1)
    let hiding = boxes.lastIndex { Self.covers($0, region) }
    var pieces: [Piece] = []
    if hiding == nil {
      let axes = region.lower.enumerated().map { AffineView.Axis.along(of: $0, start: $1, step: 1) }
      pieces.append(Piece(part: 0, view: AffineView(axes: axes, shape: region.shape), start: 0, strides: strides))
    }
    for index in (hiding ?? 0)..<boxes.count {
      let box = boxes[index]
      guard let ranges = Self.overlap(box, region) else { continue }
      var start = 0
      for (axis, range) in ranges.enumerated() {
        let run = box.axes[axis]
        start += (run.start + run.step * range.lowerBound - region.lower[axis]) * strides[axis]
      }
      pieces.append(
        Piece(
          part: index + 1,
          view: AffineView(
            axes: ranges.enumerated().map { .along(of: $0, start: $1.lowerBound, step: 1) },
            shape: ranges.map(\.count)),
          start: start, strides: zip(strides, box.axes).map { $0 * $1.step }))
    }
    return pieces
  }

  /// That of the array below: as many chunks as possible then are its own, or hide them.
  func chunkShape(_ shape: [Int], _ dtype: DType, _ parts: [Tape.Source]) -> [Int] {
    Tape.chunkShape(of: shape, dtype, [parts[0]])
  }

  func halves(of chunkShape: [Int]) -> [[Int]] {
    chunkShape.indices.filter { chunkShape[$0] > 1 }.map { axis in
      var half = chunkShape
      half[axis] = (half[axis] + 1) / 2
      return half
    }
  }

  /// Chunks up to which it is looked up what parts fall into each; larger parts count everywhere.
  private static let smallPartChunkCount = 64

  func mostStoredByteCount(_ grid: ChunkGrid, _ parts: [Tape.Source], _ byteCounts: [Int]) -> Int {
    if grid.chunkCount == 0 { return 0 }
    let axes = parts[0].chunkAxes(shape)
    var everywhere = axes.indices.reduce(byteCounts[0]) { product, axis in
      let extent = min(grid.chunkShape[axis], shape[axis])
      let touched = axes[axis].touched(extent, startingAtMultipleOf: grid.chunkShape[axis], of: shape[axis])
      return saturatingProduct(product, touched)
    }
    var somewhere: [Int: Int] = [:]
    for (index, box) in boxes.enumerated() {
      let part = parts[index + 1]
      let own = part.chunkAxes(box.counts)
      let byteCount = own.indices.reduce(byteCounts[index + 1]) { product, axis in
        let count = min(box.axes[axis].count, (grid.chunkShape[axis] - 1) / box.axes[axis].step + 1)
        return saturatingProduct(product, own[axis].touched(count, startingAtMultipleOf: 1, of: box.axes[axis].count))
      }
      let region = Region(
        lower: box.axes.map(\.start), upper: box.axes.map { $0.start + $0.step * ($0.count - 1) + 1 })
      let touched = zip(region.shape, grid.chunkShape).reduce(1) { saturatingProduct($0, ($1.0 - 1) / $1.1 + 2) }
      if touched > Self.smallPartChunkCount {
        everywhere = saturatingSum(everywhere, byteCount)
      } else {
        for chunk in grid.chunks(touching: region) {
          somewhere[chunk] = saturatingSum(somewhere[chunk] ?? 0, byteCount)
        }
      }
    }
    return saturatingSum(everywhere, somewhere.values.max() ?? 0)
  }
}
