// Pieces on a grid: along each axis, runs of positions that follow positions of the parts.

import DAStore

/// How an array is put together when each axis by itself says where its positions come from.
///
/// A piece is where one run of every axis meets. It is of the part with the highest number that one of them names:
/// joining along one axis names part after part there and the first everywhere else; a frame is part 1 on every axis.
struct Mosaic: PieceLayout {
  /// Positions of the array that follow evenly spaced ones of a part.
  struct Run: Sendable, Hashable {
    var part = 0
    /// The part's position for the first of the run.
    var start: Int
    /// From one to the next; 0 where the part's position repeats.
    var step: Int
    /// At least one.
    var count: Int
  }

  struct Axis: Sendable, Hashable {
    let runs: [Run]
    /// Per run, the array's first position of it.
    let firsts: [Int]
    let count: Int

    /// - Parameter runs: Those without positions are left out; no sum of counts overflows.
    init(_ runs: [Run]) {
      self.runs = runs.filter { $0.count > 0 }
      var firsts: [Int] = []
      var place = 0
      for run in self.runs {
        firsts.append(place)
        place += run.count
      }
      self.firsts = firsts
      count = place
    }

    /// All positions of a part's axis, as they are.
    init(all count: Int) { self.init([Run(start: 0, step: 1, count: count)]) }

    /// What each run gives to positions `from ..< to`: runs again, cut to them.
    func runs(from: Int, to: Int) -> [Run] {
      var result: [Run] = []
      var index = firsts.countOfPrefix { $0 <= from } - 1
      while index < runs.count, firsts[index] < to {
        var run = runs[index]
        let skipped = max(0, from - firsts[index])
        run.start += skipped * run.step
        run.count = min(run.count, to - firsts[index]) - skipped
        result.append(run)
        index += 1
      }
      return result
    }
  }

  let axes: [Axis]
  /// The axis along which parts follow one another, if there is one; otherwise all axes may name further parts.
  let joinedAxis: Int?

  init(_ axes: [Axis], joinedAxis: Int? = nil) {
    self.axes = axes
    self.joinedAxis = joinedAxis
  }

  var shape: [Int] { axes.map(\.count) }

  func pieces(of region: Region) -> [Piece] {
    let strides = rowMajorStrides(region.shape, elementByteCount: 1)
    var result = [Piece(part: 0, view: AffineView(axes: [], shape: []), start: 0, strides: strides)]
    for (axis, positions) in axes.enumerated() {
      let runs = positions.runs(from: region.lower[axis], to: region.upper[axis])
      result = result.flatMap { piece in
        var place = 0
        return runs.map { run in
          var next = piece
          next.part = max(piece.part, run.part)
          let isFixed = run.step == 0 || run.count == 1
          next.view.axes.append(isFixed ? .fixed(run.start) : .along(of: axis, start: run.start, step: run.step))
          next.view.shape.append(run.count)
          next.start += place * strides[axis]
          place += run.count
          return next
        }
      }
    }
    return result
  }

  func chunkShape(_ shape: [Int], _ dtype: DType, _ parts: [Tape.Source]) -> [Int] {
    let chunk = Tape.chunkShape(of: shape, dtype, parts)
    // Chunks that straddle those of the parts are made larger, so that fewer are read twice.
    return axes.indices.map { axis in
      axes[axis].runs.count > 1 ? max(1, chunk[axis] > shape[axis] / 2 ? shape[axis] : 2 * chunk[axis]) : chunk[axis]
    }
  }

  func halves(of chunkShape: [Int]) -> [[Int]] {
    chunkShape.indices.filter { chunkShape[$0] > 1 }.map { axis in
      var half = chunkShape
      half[axis] = (half[axis] + 1) / 2
      return half
    }
  }

  func mostStoredByteCount(_ grid: ChunkGrid, _ parts: [Tape.Source], _ byteCounts: [Int]) -> Int {
    mostStoredByteCount(windows: grid.chunkShape, every: grid.chunkShape, parts, byteCounts)
  }

  /// Bytes that the chunks of the parts occupy, those that one window needs, at most.
  ///
  /// - Parameters:
  ///   - extents: The windows' extents along each axis; those at the end are clipped.
  ///   - steps: How far windows lie apart, at most their extents; those at the end reach to the array's.
  func mostStoredByteCount(
    windows extents: [Int], every steps: [Int], _ parts: [Tape.Source], _ byteCounts: [Int]
  ) -> Int {
    func touchedChunks(along axis: Int, _ part: Int, _ source: Tape.Source) -> (inside: Int, atBorders: [Int: Int]) {
      self.touchedChunks(along: axis, extent: extents[axis], every: steps[axis], part, source)
    }
    var most = 0
    var apart = 0
    var joined: [Int: Int] = [:]
    for (part, source) in parts.enumerated() {
      var byteCount = byteCounts[part]
      for axis in axes.indices where axis != joinedAxis {
        let touched = touchedChunks(along: axis, part, source)
        byteCount = saturatingProduct(byteCount, max(touched.inside, touched.atBorders.values.max() ?? 0))
      }
      if let joinedAxis {
        let touched = touchedChunks(along: joinedAxis, part, source)
        most = max(most, saturatingProduct(byteCount, touched.inside))
        for (place, count) in touched.atBorders {
          joined[place] = saturatingSum(joined[place] ?? 0, saturatingProduct(byteCount, count))
        }
      } else {
        apart = saturatingSum(apart, byteCount)
      }
    }
    return max(most, apart, joined.values.max() ?? 0)
  }

  /// How many positions of the source's chunk grid a window of `extent` positions along an axis needs of a part.
  ///
  /// - Returns: The most of a window inside one run, and of those in which runs begin or end, by their numbers.
  /// - Complexity: O(runs * extent / every).
  private func touchedChunks(
    along axis: Int, extent: Int, every step: Int, _ part: Int, _ source: Tape.Source
  ) -> (inside: Int, atBorders: [Int: Int]) {
    let positions = axes[axis]
    let lastWindow = (max(1, positions.count - (extent - step)) - 1) / step
    func isNamed(_ run: Run) -> Bool { axis == joinedAxis ? run.part == part : run.part <= part }
    func windows(containing position: Int) -> ClosedRange<Int> {
      let last = min(position / step, lastWindow)
      return min(last, position < extent ? 0 : (position - extent) / step + 1)...last
    }
    var inside = 0
    var borders: Set<Int> = []
    for (first, run) in zip(positions.firsts, positions.runs) where isNamed(run) {
      borders.formUnion(windows(containing: first))
      borders.formUnion(windows(containing: first + run.count - 1))
      let skipped = first % step == 0 ? 0 : step - first % step
      guard run.count >= extent, run.count - extent >= skipped else { continue }
      let whole = Run(part: run.part, start: run.start + skipped * run.step, step: run.step, count: extent)
      inside = max(inside, Self.touched(byRepeated: whole, every: step, along: axis, source))
    }
    var atBorders: [Int: Int] = [:]
    for place in borders {
      let upper = extent > positions.count - place * step ? positions.count : place * step + extent
      let runs = positions.runs(from: place * step, to: upper).filter(isNamed)
      atBorders[place] = Self.touched(by: runs, along: axis, source)
    }
    return (inside, atBorders)
  }

  /// Positions of a source's chunk grid that runs need together, at most.
  private static func touched(by runs: [Run], along axis: Int, _ source: Tape.Source) -> Int {
    var product = 1
    for (sourceAxis, place) in source.view.axes.enumerated() {
      guard case .along(axis, let start, let step) = place else { continue }
      let chunk = source.dataset.description.grid.chunkShape[sourceAxis]
      var spans = runs.map { run in
        let ends = [start + step * run.start, start + step * (run.start + run.step * (run.count - 1))].sorted()
        return (low: ends[0] / chunk, high: ends[1] / chunk, count: run.count)
      }
      spans.sort { $0.low < $1.low }
      var total = 0
      var last: (low: Int, high: Int, count: Int)?
      for span in spans {
        if let joined = last, span.low <= joined.high {
          last = (joined.low, max(joined.high, span.high), saturatingSum(joined.count, span.count))
        } else {
          if let last { total += min(last.high - last.low + 1, last.count) }
          last = span
        }
      }
      if let last { total += min(last.high - last.low + 1, last.count) }
      product = saturatingProduct(product, total)
    }
    return product
  }

  /// Positions of a source's chunk grid that a run needs at most, if it may begin any multiple of `shift` further on.
  private static func touched(byRepeated run: Run, every shift: Int, along axis: Int, _ source: Tape.Source) -> Int {
    var product = 1
    for (sourceAxis, place) in source.view.axes.enumerated() {
      guard case .along(axis, let start, let step) = place, step != 0, run.step != 0 else { continue }
      let facts = source.dataset.description.grid
      let chunk = facts.chunkShape[sourceAxis]
      let stride = abs(step * run.step)
      let first = start + step * run.start
      let lowest = step * run.step > 0 ? first : first - stride * (run.count - 1)
      let (moved, overflow) = (shift % chunk).multipliedReportingOverflow(by: stride % chunk)
      let common = overflow ? 1 : greatestCommonDivisor(moved % chunk, chunk)
      let phase = lowest % chunk % common + chunk - common
      let reached = saturatingSum(phase, stride * (run.count - 1)) / chunk + 1
      product = saturatingProduct(product, min(reached, run.count, facts.chunksPerAxis[sourceAxis]))
    }
    return product
  }
}
