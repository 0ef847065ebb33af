// What of a distribution is drawn: at most two axes, each cut into stretches of one owner. Pure.

import DAStore
import DistArray

/// An axis as a drawing shows it: from its first index on, as stretches of neighbouring elements with one owner.
struct DrawnAxis {
  struct Stretch {
    var range: Range<Int>
    var gridRank: Int
  }
  /// Number of the axis in the array.
  let axis: Int
  let map: AxisMap
  let stretches: [Stretch]

  /// Most stretches drawn; a deal of more is drawn for two rounds.
  private static let mostStretches = 128

  /// Elements drawn.
  var extent: Int { stretches.last?.range.upperBound ?? 0 }
  var isWhole: Bool { extent == map.size }

  init(_ map: AxisMap, axis: Int) {
    self.axis = axis
    self.map = map
    var stretches: [Stretch] = []
    var limit = Self.mostStretches
    if case .cyclic(let blockSize) = map.kind, map.size / blockSize >= limit { limit = min(limit, 2 * map.rankCount) }
    while stretches.count < limit, (stretches.last?.range.upperBound ?? 0) < map.size {
      let start = stretches.last?.range.upperBound ?? 0
      let owner = map.owner(of: start)
      stretches.append(Stretch(range: start..<map.endOfStretch(from: start, ownedBy: owner), gridRank: owner))
    }
    self.stretches = stretches
  }
}

extension AxisMap {
  fileprivate func endOfStretch(from start: Int, ownedBy owner: Int) -> Int {
    switch kind {
    case .undistributed, .block: return ownedRange(of: owner)?.upperBound ?? size
    case .cyclic(let blockSize):
      let rest = blockSize - start % blockSize
      return rankCount == 1 || size - start <= rest ? size : start + rest
    case .unstructured:
      var end = start + 1
      while end < size, self.owner(of: end) == owner { end += 1 }
      return end
    }
  }
}

/// The plane of an array that a drawing shows; rows and columns may be missing in arrays of fewer axes.
struct DrawnPlane {
  let distribution: Distribution
  let rows: DrawnAxis?
  let columns: DrawnAxis?

  init(_ distribution: Distribution) {
    self.distribution = distribution
    // Axes that are dealt out say most; the last ones fill up.
    let dealt = distribution.axes.indices.filter { distribution.axes[$0].rankCount > 1 }.prefix(2)
    let others = distribution.axes.indices.reversed().filter { !dealt.contains($0) }
    let chosen = (dealt + others.prefix(2 - dealt.count)).sorted().map { DrawnAxis(distribution.axes[$0], axis: $0) }
    columns = chosen.last
    rows = chosen.count == 2 ? chosen[0] : nil
  }

  var hasElements: Bool { distribution.elementCount > 0 }

  /// The rank at these grid ranks of the drawn axes; other axes are drawn at their first element.
  func rank(row: Int, column: Int) -> Int {
    var place = 0
    for (axis, map) in distribution.axes.enumerated() {
      let coordinate =
        axis == rows?.axis ? row : axis == columns?.axis ? column : map.size > 0 ? map.owner(of: 0) : 0
      place = place * map.rankCount + coordinate
    }
    return distribution.ranks[place]
  }

  /// What the drawing leaves out, as sentences.
  var omissions: [String] {
    var texts: [String] = []
    let drawn = [rows, columns].compactMap { $0 }
    for axis in drawn where !axis.isWhole {
      texts.append("axis \(axis.axis) is drawn to index \(axis.extent) of \(axis.map.size)")
    }
    let others = distribution.axes.indices.filter { axis in !drawn.contains { $0.axis == axis } }
    if !others.isEmpty {
      texts.append("drawn at index 0 of axis \(others.map(String.init).joined(separator: ", "))")
    }
    return texts
  }
}
