// The elements that a rank owns as runs: what copies and file transfers are made of.

/// Equally spaced global indices that are also equally spaced in the owner's buffer.
public struct AxisRun: Sendable, Hashable {
  /// First global index.
  public var start: Int
  /// Distance of neighbours in the global index space, at least one.
  public var step: Int
  public var count: Int
  /// Local index of the first element.
  public var localStart: Int
  /// Distance of neighbours in the owner's buffer; negative when a list descends.
  public var localStep: Int

  public init(start: Int, step: Int = 1, count: Int, localStart: Int, localStep: Int = 1) {
    self.start = start
    self.step = step
    self.count = count
    self.localStart = localStart
    self.localStep = localStep
  }

  /// End of the run as in a slice: one past the last element.
  public var stop: Int { start + (count - 1) * step + 1 }
}

extension AxisMap {
  /// The elements that `rank` owns inside a global range, in ascending global order.
  ///
  /// Empty when it owns none there. Cyclic axes give one run, block-cyclic ones a run per block, unstructured ones as
  /// few as the lists allow.
  /// - Precondition: the range lies inside the axis.
  /// - Complexity: O(result); for unstructured axes O(length of the range).
  public func runs(of rank: Int, in range: Range<Int>) -> [AxisRun] {
    checkRank(rank)
    precondition(range.lowerBound >= 0 && range.upperBound <= size, "a range of this axis")
    if range.isEmpty { return [] }
    switch kind {
    case .undistributed, .block:
      let common = heldOwned(rank).clamped(to: range)
      if common.isEmpty { return [] }
      return [
        AxisRun(
          start: common.lowerBound, count: common.count, localStart: common.lowerBound - heldRange(of: rank).lowerBound)
      ]
    case .cyclic(1): return cyclicRun(of: rank, in: range)
    case .cyclic(let blockSize): return blockRuns(of: rank, in: range, blockSize: blockSize)
    case .unstructured: return listedRuns(of: rank, in: range)
    }
  }

  /// All elements that `rank` owns, as runs.
  public func runs(of rank: Int) -> [AxisRun] { runs(of: rank, in: 0..<size) }

  /// Grid ranks that own elements inside a global range, ascending.
  ///
  /// - Complexity: O(result) except for unstructured axes: O(length of the range).
  public func owners(in range: Range<Int>) -> [Int] {
    precondition(range.lowerBound >= 0 && range.upperBound <= size, "a range of this axis")
    if range.isEmpty { return [] }
    switch kind {
    case .undistributed: return [0]
    case .block:
      return (owner(of: range.lowerBound)...owner(of: range.upperBound - 1)).filter { ownedCount(of: $0) > 0 }
    case .cyclic(let blockSize):
      let first = range.lowerBound / blockSize
      let last = (range.upperBound - 1) / blockSize
      if last - first >= rankCount - 1 { return Array(0..<rankCount) }
      return (first...last).map { $0 % rankCount }.sorted()
    case .unstructured: return Set(range.map { owner(of: $0) }).sorted()
    }
  }

  /// Whether ascending global indices always lie at ascending, gapless local indices, so that a global range is a range
  /// of the buffer too.
  public var keepsOrder: Bool {
    guard case .unstructured(let indices) = kind else { return true }
    return indices.allSatisfy { list in zip(list, list.dropFirst()).allSatisfy { $0 < $1 } }
  }

  private func heldOwned(_ rank: Int) -> Range<Int> {
    ownedRange(of: rank) ?? 0..<0
  }

  private func cyclicRun(of rank: Int, in range: Range<Int>) -> [AxisRun] {
    guard rank < range.upperBound else { return [] }
    var turn = 0  // how often the deal has gone round before the first element of the range
    if range.lowerBound > rank { turn = (range.lowerBound - rank - 1) / rankCount + 1 }
    // Compared by division: `turn * rankCount + rank` may lie beyond the largest integer.
    let lastTurn = (range.upperBound - 1 - rank) / rankCount
    guard turn <= lastTurn else { return [] }
    return [
      AxisRun(start: turn * rankCount + rank, step: rankCount, count: lastTurn - turn + 1, localStart: turn)
    ]
  }

  private func blockRuns(of rank: Int, in range: Range<Int>, blockSize: Int) -> [AxisRun] {
    let firstBlock = range.lowerBound / blockSize
    let lastBlock = (range.upperBound - 1) / blockSize
    guard rank <= lastBlock else { return [] }
    var turn = 0
    if firstBlock > rank { turn = (firstBlock - rank - 1) / rankCount + 1 }
    let lastTurn = (lastBlock - rank) / rankCount
    guard turn <= lastTurn else { return [] }
    return (turn...lastTurn).map { turn in
      let begin = (turn * rankCount + rank) * blockSize
      let lower = max(begin, range.lowerBound)
      let upper = size - begin < blockSize ? range.upperBound : min(begin + blockSize, range.upperBound)
      return AxisRun(start: lower, count: upper - lower, localStart: turn * blockSize + (lower - begin))
    }
  }

  private func listedRuns(of rank: Int, in range: Range<Int>) -> [AxisRun] {
    var runs: [AxisRun] = []
    for global in range {
      guard let local = local(of: global, on: rank) else { continue }
      guard var run = runs.last else {
        runs.append(AxisRun(start: global, count: 1, localStart: local))
        continue
      }
      if run.count == 1 {
        run.step = global - run.start
        run.localStep = local - run.localStart
      }
      let continues =
        global == run.start + run.count * run.step && local == run.localStart + run.count * run.localStep
      if continues {
        run.count += 1
        runs[runs.count - 1] = run
      } else {
        runs.append(AxisRun(start: global, count: 1, localStart: local))
      }
    }
    return runs
  }
}
