// What one rank sends to another: which elements, where they lie in both buffers, and in which order they travel.

import DAStore

/// The elements that one rank hands to another in an exchange, which may be itself.
///
/// Elements travel in a fixed order, the same for sender and receiver, so that a part of the message is named by a
/// range of ordinals.
public struct ExchangeMessage: Sendable, Hashable {
  public let source: Int
  public let target: Int
  /// The elements as the product of what each axis lists. In a change of shape there is one axis: the numbers of
  /// elements in C order.
  public let axes: [[AxisOverlap]]
  public let elementCount: Int
  /// The same elements in the same order, with axes joined where both buffers are contiguous; strides are in elements.
  private let joinedAxes: [[AxisOverlap]]
  private let sourceStrides: [Int]
  private let targetStrides: [Int]

  /// - Parameters: shapes of the two local buffers, which are dense and in C order.
  init(source: Int, target: Int, axes: [[AxisOverlap]], sourceShape: [Int], targetShape: [Int]) {
    self.source = source
    self.target = target
    self.axes = axes
    elementCount = axes.reduce(1) { $0 * $1.reduce(0) { $0 + $1.count } }
    var joined = axes
    var sourceStrides = rowMajorStrides(sourceShape, elementByteCount: 1)
    var targetStrides = rowMajorStrides(targetShape, elementByteCount: 1)
    while joined.count > 1 {
      let outer = joined.count - 2
      guard joined[outer + 1].count == 1, let row = joined[outer + 1].first, row.sourceStep == 1, row.targetStep == 1,
        row.sourceStart == 0, row.targetStart == 0, row.count * sourceStrides[outer + 1] == sourceStrides[outer],
        row.count * targetStrides[outer + 1] == targetStrides[outer],
        joined[outer].allSatisfy({ $0.sourceStep == 1 && $0.targetStep == 1 })
      else { break }
      joined.removeLast()
      joined[outer] = joined[outer].map { overlap in
        var scaled = overlap
        scaled.count *= row.count
        scaled.sourceStart *= row.count
        scaled.targetStart *= row.count
        return scaled
      }
      sourceStrides.remove(at: outer)
      targetStrides.remove(at: outer)
    }
    joinedAxes = joined
    self.sourceStrides = sourceStrides
    self.targetStrides = targetStrides
  }

  /// Equally spaced elements, in elements from the start of the dense C-order buffers.
  public struct Run: Sendable, Hashable {
    public var count: Int
    public var sourceOffset: Int
    public var sourceStep: Int
    public var targetOffset: Int
    public var targetStep: Int
  }

  /// Calls `body` with the elements of a range of ordinals, as runs in the order in which they travel.
  ///
  /// - Precondition: the range lies within `0 ..< elementCount`.
  /// - Complexity: O(runs), each with a search among the overlaps of every axis.
  public func forEachRun<Failure: Error>(
    in range: Range<Int>, _ body: (Run) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(range.lowerBound >= 0 && range.upperBound <= elementCount, "ordinals of this message")
    if range.isEmpty { return }
    guard let inner = joinedAxes.last, let sourceStride = sourceStrides.last, let targetStride = targetStrides.last
    else {
      try body(Run(count: 1, sourceOffset: 0, sourceStep: 1, targetOffset: 0, targetStep: 1))
      return
    }
    let outerEnds = joinedAxes.dropLast().map(Self.ends)
    let innerEnds = Self.ends(inner)
    var position = range.lowerBound
    while position < range.upperBound {
      var (outer, ordinal) = position.quotientAndRemainder(dividingBy: innerEnds[innerEnds.count - 1])
      let rowEnd = min(range.upperBound, position - ordinal + innerEnds[innerEnds.count - 1])
      var (sourceBase, targetBase) = (0, 0)
      for axis in outerEnds.indices.reversed() {
        let ends = outerEnds[axis]
        let element: Int
        (outer, element) = outer.quotientAndRemainder(dividingBy: ends[ends.count - 1])
        let (place, offset) = Self.find(element, in: ends)
        let overlap = joinedAxes[axis][place]
        sourceBase += (overlap.sourceStart + offset * overlap.sourceStep) * sourceStrides[axis]
        targetBase += (overlap.targetStart + offset * overlap.targetStep) * targetStrides[axis]
      }
      var (place, offset) = Self.find(ordinal, in: innerEnds)
      while position < rowEnd {
        let overlap = inner[place]
        let count = min(overlap.count - offset, rowEnd - position)
        try body(
          Run(
            count: count, sourceOffset: sourceBase + (overlap.sourceStart + offset * overlap.sourceStep) * sourceStride,
            sourceStep: overlap.sourceStep * sourceStride,
            targetOffset: targetBase + (overlap.targetStart + offset * overlap.targetStep) * targetStride,
            targetStep: overlap.targetStep * targetStride))
        position += count
        ordinal += count
        (place, offset) = (place + 1, 0)
      }
    }
  }

  /// All elements as runs, in the order in which they travel.
  public var runs: [Run] {
    var runs: [Run] = []
    forEachRun(in: 0..<elementCount) { runs.append($0) }
    return runs
  }

  /// For every overlap how many elements it and those before it have.
  private static func ends(_ overlaps: [AxisOverlap]) -> [Int] {
    var end = 0
    return overlaps.map { overlap in
      end += overlap.count
      return end
    }
  }

  /// The overlap that has the element with this ordinal, and its number in it.
  private static func find(_ ordinal: Int, in ends: [Int]) -> (place: Int, offset: Int) {
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > ordinal { high = middle } else { low = middle + 1 }
    }
    return (low, low == 0 ? ordinal : ordinal - ends[low - 1])
  }
}
