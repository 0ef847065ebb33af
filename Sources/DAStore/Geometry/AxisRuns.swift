// The runs of one rank along an axis, made when they are asked for: a deal of small blocks may have very many.

/// What a grid rank owns along an axis, as runs in ascending global order.
public struct AxisRuns: RandomAccessCollection, Sendable {
  private enum Source: Sendable {
    case listed([AxisRun])
    /// Every `rankCount`-th block of `blockSize`, from block `rank` on.
    case dealt(rank: Int, rankCount: Int, blockSize: Int, size: Int)
  }
  private let source: Source
  public let startIndex = 0
  public let endIndex: Int

  fileprivate init(listed runs: [AxisRun]) {
    source = .listed(runs)
    endIndex = runs.count
  }

  fileprivate init(dealtTo rank: Int, of rankCount: Int, blockSize: Int, size: Int) {
    source = .dealt(rank: rank, rankCount: rankCount, blockSize: blockSize, size: size)
    let blockCount = size == 0 ? 0 : (size - 1) / blockSize + 1
    endIndex = rank < blockCount ? (blockCount - 1 - rank) / rankCount + 1 : 0
  }

  public subscript(position: Int) -> AxisRun {
    precondition(indices.contains(position), "a run of this rank")
    switch source {
    case .listed(let runs): return runs[position]
    case .dealt(let rank, let rankCount, let blockSize, let size):
      let start = (position * rankCount + rank) * blockSize
      return AxisRun(start: start, count: Swift.min(blockSize, size - start), localStart: position * blockSize)
    }
  }
}

extension AxisMap {
  /// All elements that `rank` owns, as runs that are made when they are asked for.
  ///
  /// - Complexity: O(1), for unstructured axes O(size).
  public func ownedRuns(of rank: Int) -> AxisRuns {
    checkRank(rank)
    if case .cyclic(let blockSize) = kind, blockSize > 1 {
      return AxisRuns(dealtTo: rank, of: rankCount, blockSize: blockSize, size: size)
    }
    return AxisRuns(listed: runs(of: rank))
  }

  /// How many runs all ranks have together, at most.
  package var runCountBound: Int {
    switch kind {
    case .undistributed: 1
    case .block, .cyclic(1): rankCount
    case .cyclic(let blockSize): size == 0 ? 0 : (size - 1) / blockSize + 1
    case .unstructured: size
    }
  }
}
