// What a rank owns as runs per axis and as boxes: the material of copies and exchanges.

import DAStore

extension Distribution {
  /// What a rank owns, as runs along each axis; together their product. `nil` for a rank that is no target.
  ///
  /// Blocks and single cyclic elements are one run, blocks dealt in turn one run each, made when it is asked for.
  /// - Complexity: O(axes); axes with index lists cost O(size).
  public func ownedRuns(ofRank rank: Int) -> [AxisRuns]? {
    coordinates(ofRank: rank).map { zip(axes, $0).map { $0.ownedRuns(of: $1) } }
  }

  /// What a rank owns as boxes of neighbouring elements, in C order; none for a rank that is no target or owns nothing.
  ///
  /// The boxes are made while they are asked for. A cyclic axis makes one box per element.
  public func regions(ofRank rank: Int) -> RankRegions {
    RankRegions(runs: ownedRuns(ofRank: rank))
  }
}

/// The boxes of neighbouring elements that a rank owns.
public struct RankRegions: Sequence, Sendable {
  let runs: [AxisRuns]?

  public func makeIterator() -> Iterator { Iterator(runs: runs) }

  public struct Iterator: IteratorProtocol {
    private let runs: [AxisRuns]
    /// Per axis the run and, in runs with gaps, the element.
    private var positions: [(run: Int, element: Int)]
    private var isAtEnd: Bool

    init(runs: [AxisRuns]?) {
      self.runs = runs ?? []
      positions = Array(repeating: (0, 0), count: self.runs.count)
      isAtEnd = runs?.contains(where: \.isEmpty) ?? true
    }

    public mutating func next() -> Region? {
      if isAtEnd { return nil }
      var lower: [Int] = []
      var upper: [Int] = []
      for (axis, position) in positions.enumerated() {
        let run = runs[axis][position.run]
        lower.append(run.start + position.element * run.step)
        upper.append(run.step == 1 ? run.stop : lower[axis] + 1)
      }
      advance()
      return Region(lower: lower, upper: upper)
    }

    private mutating func advance() {
      for axis in positions.indices.reversed() {
        let run = runs[axis][positions[axis].run]
        positions[axis].element += 1
        if run.step > 1 && positions[axis].element < run.count { return }
        positions[axis] = (positions[axis].run + 1, 0)
        if positions[axis].run < runs[axis].count { return }
        positions[axis] = (0, 0)
      }
      isAtEnd = true
    }
  }
}
