// Points of an array: positions along several of its axes, listed together. Pure.

import DAStore

/// Coordinates along the first axes of an array, one list per axis, all of one length and inside the array.
final class PointList: Sendable {
  let coordinates: [[Int]]
  let count: Int

  init(_ coordinates: [[Int]], count: Int) {
    precondition(coordinates.allSatisfy { $0.count == count }, "a coordinate of every point along every axis")
    self.coordinates = coordinates
    self.count = count
  }

  var listCount: Int { coordinates.count }

  /// Some of the points, in another order.
  func picked(_ order: [Int]) -> PointList {
    PointList(coordinates.map { list in order.map { list[$0] } }, count: order.count)
  }
}

/// How listed points, each with a box of further axes behind it, lie in the chunks of a dataset.
///
/// The axes of the view are those of the lists and then the further ones; along each runs one axis of the dataset at
/// most.
struct PointGeometry {
  let grid: ChunkGrid
  let view: AffineView
  let points: PointList

  /// A part of the further axes that lies in one chunk, for each point.
  struct Part {
    /// What it adds to a chunk's number.
    var chunk: Int
    /// Per further axis, its first index.
    var from: [Int]
    var counts: [Int]
  }

  /// For every point, what it adds to the number of the chunks in which it lies.
  func chunks() -> [Int] {
    let strides = rowMajorStrides(grid.chunksPerAxis, elementByteCount: 1)
    var fixed = 0
    for (axis, place) in view.axes.enumerated() {
      if case .fixed(let position) = place { fixed += position / grid.chunkShape[axis] * strides[axis] }
    }
    var result = [Int](repeating: fixed, count: points.count)
    for (axis, place) in view.axes.enumerated() {
      guard case .along(let of, let start, let step) = place, of < points.listCount else { continue }
      let (extent, stride, list) = (grid.chunkShape[axis], strides[axis], points.coordinates[of])
      for index in result.indices { result[index] += (start + step * list[index]) / extent * stride }
    }
    return result
  }

  /// What a box of the further axes takes of the dataset's chunks.
  func parts(from lower: [Int], to upper: [Int]) -> [Part] {
    let strides = rowMajorStrides(grid.chunksPerAxis, elementByteCount: 1)
    var parts = [Part(chunk: 0, from: lower, counts: zip(lower, upper).map { $1 - $0 })]
    for (axis, place) in view.axes.enumerated() {
      guard case .along(let of, let start, let step) = place, of >= points.listCount else { continue }
      let own = of - points.listCount
      let progression = StridedBox.Axis(start: start + step * lower[own], step: step, count: upper[own] - lower[own])
      let runs = progression.runs(ofExtent: grid.chunkShape[axis])
      parts = parts.flatMap { part in
        runs.map { run in
          var next = part
          next.chunk += run.position * strides[axis]
          next.from[own] = lower[own] + run.from
          next.counts[own] = run.to - run.from
          return next
        }
      }
    }
    return parts
  }

  /// Where elements lie in a dense chunk, in elements.
  struct Places {
    /// Of the part's first element, without what the point's lists add.
    var start: Int
    /// Per further axis.
    var strides: [Int]
    /// What a step along each list adds.
    var listStrides: [Int]

    /// Where a point's part begins.
    func place(of point: Int, _ points: PointList) -> Int {
      var place = start
      for (list, stride) in zip(points.coordinates, listStrides) { place += list[point] * stride }
      return place
    }
  }

  /// Where a part lies in chunk `number`.
  func places(of part: Part, in number: Int) -> Places {
    let region = grid.region(of: number)
    let dense = rowMajorStrides(region.shape, elementByteCount: 1)
    var places = Places(
      start: 0, strides: part.counts.map { _ in 0 }, listStrides: points.coordinates.map { _ in 0 })
    for (axis, place) in view.axes.enumerated() {
      switch place {
      case .fixed(let position): places.start += (position - region.lower[axis]) * dense[axis]
      case .along(let of, let start, let step) where of < points.listCount:
        places.start += (start - region.lower[axis]) * dense[axis]
        places.listStrides[of] += step * dense[axis]
      case .along(let of, let start, let step):
        let own = of - points.listCount
        places.start += (start + step * part.from[own] - region.lower[axis]) * dense[axis]
        places.strides[own] += step * dense[axis]
      }
    }
    return places
  }
}
