// Plans of halo exchanges: every copy gets the value of the element it copies, and nothing else changes.

import DAStore
import DATestSupport
import DistArray
import Testing

@Suite struct HaloPlanTests {
  /// All paddings of blocks between these bounds with widths up to `most`.
  private func axes(_ bounds: [Int], most: Int) throws -> [AxisMap] {
    let counts = zip(bounds, bounds.dropFirst()).map { $1 - $0 }
    var widths: [[Int]] = [[]]
    // The outer widths are boundary, those between are shared by two neighbours.
    for place in 0...counts.count {
      let room = min(
        place == 0 ? counts[0] : counts[place - 1], place == counts.count ? counts[place - 1] : counts[place])
      widths = widths.flatMap { list in (0...min(most, room)).map { list + [$0] } }
    }
    return try widths.flatMap { list in
      let padding = counts.indices.map { AxisPadding(lower: list[$0], upper: list[$0 + 1]) }
      return try [false, true].map { try AxisMap.block(bounds: bounds, padding: padding, isPeriodic: $0) }
    }
  }

  @Test func oneAxisExhaustively() throws {
    var count = 0
    for size in 0...6 {
      var lists = [[0, size]]
      for middle in 0...size { lists.append([0, middle, size]) }
      for (first, second) in [(1, 3), (2, 2), (2, 4), (0, 3), (3, 3)] where second <= size {
        lists.append([0, first, second, size])
      }
      for bounds in lists {
        for axis in try axes(bounds, most: 3) {
          for wraps in [true, false] {
            try check(Distribution(axes: [axis], ranks: Array(0..<axis.rankCount)), wraps)
            count += 1
          }
        }
      }
    }
    #expect(count > 2000)
  }

  @Test func severalAxesWithCorners() throws {
    let rows = try axes([0, 2, 5], most: 2)
    let columns = try axes([0, 3, 4, 6], most: 1)
    let others = [
      try AxisMap.undistributed(size: 2), try .cyclic(size: 3, rankCount: 2),
      try .cyclic(size: 3, rankCount: 2, blockSize: 2),
      try .unstructured(size: 3, indices: [[2, 0], [1]]),
    ]
    for (number, row) in rows.enumerated() {
      for column in [columns[number % columns.count], columns[(number * 7 + 3) % columns.count]] {
        try check(Distribution(axes: [row, column], ranks: [4, 2, 0, 1, 5, 3]), true)
        let other = others[number % others.count]
        let places = row.rankCount * column.rankCount * other.rankCount
        try check(Distribution(axes: [row, other, column], ranks: Array((0..<places).reversed())), number % 3 > 0)
      }
    }
    let periodic = try distribution([4, 4, 4], "bbb", grid: [2, 2, 2], ranks: 8).padded(
      Array(repeating: PaddingWidths(communication: 1, boundary: 1), count: 3), isPeriodic: [true, false, true])
    try check(periodic, true)
    // One message per pair of ranks, whatever the corners.
    let plan = HaloPlan(periodic)
    for rank in 0..<8 {
      let targets = plan.messages(from: rank).map(\.target).filter { $0 != rank }
      #expect(Set(targets).count == targets.count && targets.count == 7)
    }
  }

  @Test func nothingToFill() throws {
    for letters in ["bb", "cb", "nn"] { #expect(try HaloPlan(distribution([4, 6], letters, ranks: 4)).isEmpty) }
    let marked = try distribution([6], "b", ranks: 2).padded([PaddingWidths(boundary: 2)])
    #expect(HaloPlan(marked).isEmpty)
    let periodic = try distribution([6], "b", ranks: 2).padded([PaddingWidths(boundary: 1)], isPeriodic: [true])
    #expect(!HaloPlan(periodic).isEmpty)
    #expect(HaloPlan(periodic, wraps: false).isEmpty)
  }

  /// Exchanges numbers between buffers of all ranks, in place, and looks at every element.
  private func check(_ distribution: Distribution, _ wraps: Bool) throws {
    let plan = HaloPlan(distribution, wraps: wraps)
    func number(_ index: [Int]) -> Int { zip(index, distribution.shape).reduce(0) { $0 * $1.1 + $1.0 } }
    var buffers: [Int: [Int]] = [:]
    for rank in distribution.ranks {
      buffers[rank] = allIndices(distribution.localShape(ofRank: rank) ?? []).map { local in
        guard let global = distribution.globalIndex(ofLocal: local, rank: rank),
          (try? distribution.owner(of: global)) == rank
        else { return -1 }
        return number(global)
      }
    }
    for source in distribution.ranks {
      for message in plan.messages(from: source) {
        #expect(message.source == source)
        #expect(plan.messages(to: message.target).contains(message))
        for run in message.runs {
          for element in 0..<run.count {
            let value = buffers[source]?[run.sourceOffset + element * run.sourceStep] ?? -2
            buffers[message.target]?[run.targetOffset + element * run.targetStep] = value
          }
        }
      }
    }
    for rank in distribution.ranks {
      let expected = allIndices(distribution.localShape(ofRank: rank) ?? []).map { local -> Int in
        let global = distribution.globalIndex(ofLocal: local, rank: rank) ?? []
        return number(zip(global, distribution.axes).map { wraps ? $1.wrapped($0) : $0 })
      }
      #expect(buffers[rank] == expected, "\(distribution), rank \(rank)")
    }
  }
}

extension AxisMap {
  /// The element that a boundary element of a periodic axis stands for, by walking period by period.
  fileprivate func wrapped(_ index: Int) -> Int {
    guard isPeriodic, let lower = padding.first?.lower, let upper = padding.last?.upper else { return index }
    let period = size - lower - upper
    guard period > 0 else { return index }
    var place = index
    while place < lower { place += period }
    while place >= size - upper { place -= period }
    return place
  }
}
