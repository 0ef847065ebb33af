// The elements of a region that one rank owns, as boxes between the region and the rank's buffer. Pure.

import DAStore

/// What a rank owns of a region of the global index space.
///
/// Boxes come in an order that depends on distribution and region alone, so that sender and receiver of packed elements
/// agree about it.
struct OwnedPart {
  /// Equally spaced runs of equal length: one or two loops, the outer first.
  private struct Piece {
    struct Level {
      var count: Int
      var step: Int
      var localStep: Int
    }
    /// From the region's lower bound.
    var start: Int
    var localStart: Int
    var levels: [Level]
  }
  private let axes: [[Piece]]
  let elementCount: Int

  /// Elements on their way; offsets and strides are in the unit of the strides given.
  struct Box {
    var shape: [Int] = []
    var regionOffset = 0
    var regionStrides: [Int] = []
    var localOffset = 0
    var localStrides: [Int] = []
  }

  /// - Precondition: the region lies inside the array.
  init(of region: Region, in distribution: Distribution, at coordinates: [Int]) {
    var axes: [[Piece]] = []
    var elementCount = 1
    for (axis, map) in distribution.axes.enumerated() {
      let runs = map.runs(of: coordinates[axis], in: region.lower[axis]..<region.upper[axis])
      elementCount *= runs.reduce(0) { $0 + $1.count }
      axes.append(Self.pieces(runs, from: region.lower[axis]))
    }
    self.axes = axes
    self.elementCount = elementCount
  }

  /// Joins runs of equal length that follow each other at equal distances.
  private static func pieces(_ runs: [AxisRun], from lower: Int) -> [Piece] {
    var pieces: [Piece] = []
    var next = 0
    while next < runs.count {
      let first = runs[next]
      var level = Piece.Level(count: 1, step: 0, localStep: 0)
      while next + level.count < runs.count {
        let run = runs[next + level.count]
        guard run.count == first.count, run.count == 1 || (run.step, run.localStep) == (first.step, first.localStep)
        else { break }
        if level.count == 1 {
          (level.step, level.localStep) = (run.start - first.start, run.localStart - first.localStart)
        }
        guard run.start == first.start + level.count * level.step,
          run.localStart == first.localStart + level.count * level.localStep
        else { break }
        level.count += 1
      }
      next += level.count
      let inner = Piece.Level(count: first.count, step: first.step, localStep: first.localStep)
      pieces.append(
        Piece(
          start: first.start - lower, localStart: first.localStart,
          levels: level.count == 1 ? [inner] : first.count == 1 ? [level] : [level, inner]))
    }
    return pieces
  }

  /// Calls `body` with the boxes of the part.
  ///
  /// - Parameters: strides of the region's and of the rank's buffer.
  func forEachBox(regionStrides: [Int], localStrides: [Int], _ body: (Box) -> Void) {
    func descend(_ axis: Int, _ box: Box) {
      guard axis < axes.count else { return body(box) }
      for piece in axes[axis] {
        var next = box
        next.regionOffset += piece.start * regionStrides[axis]
        next.localOffset += piece.localStart * localStrides[axis]
        for level in piece.levels {
          next.shape.append(level.count)
          next.regionStrides.append(level.step * regionStrides[axis])
          next.localStrides.append(level.localStep * localStrides[axis])
        }
        descend(axis + 1, next)
      }
    }
    if elementCount > 0 { descend(0, Box()) }
  }
}

extension ChunkGrid {
  /// Numbers of the chunks in which a rank owns elements, ascending.
  ///
  /// - Complexity: O(result), and a step per chunk along each axis.
  func chunks(ofRankAt coordinates: [Int], in distribution: Distribution) -> [Int] {
    var numbers = [0]
    for (axis, map) in distribution.axes.enumerated() {
      let count = chunksPerAxis[axis]
      let positions = (0..<count).filter { position in
        let lower = position * chunkShape[axis]
        let upper = min(lower + chunkShape[axis], shape[axis])
        if let owned = map.ownedRange(of: coordinates[axis]) { return owned.overlaps(lower..<upper) }
        return !map.runs(of: coordinates[axis], in: lower..<upper).isEmpty
      }
      numbers = numbers.flatMap { number in positions.map { number * count + $0 } }
    }
    return numbers
  }
}
