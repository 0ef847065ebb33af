// Distributions for tests: by a short name, at random, and what their elements look like one by one.

import DAStore
import DATestSupport
import DistArray
import Testing

/// A distribution as DistArray's tests write it: letters, and the grid.
func distribution(
  _ shape: [Int], _ letters: String, grid: [Int]? = nil, ranks: Int
) throws -> Distribution {
  try Distribution(
    shape: shape, distributions: AxisDistribution.list(parsing: letters), gridShape: grid, rankCount: ranks)
}

/// The message of the `.invalidArgument` that `body` throws, or what happened instead.
func refusal(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "nothing was refused"
  } catch let error as StoreError {
    return error.code == .invalidArgument ? error.message : "\(error.code): \(error.message)"
  } catch { return "\(error)" }
}

/// All indices of an array in C order.
func allIndices(_ shape: [Int]) -> [[Int]] {
  shape.reduce([[]]) { prefixes, size in prefixes.flatMap { prefix in (0..<size).map { prefix + [$0] } } }
}

extension SeededRandom {
  /// Any kind of map for an axis of any size up to `maximumSize`.
  mutating func axisMap(maximumSize: Int, maximumRankCount: Int) throws -> AxisMap {
    try axisMap(size: Int.random(in: 0...maximumSize, using: &self), maximumRankCount: maximumRankCount)
  }

  mutating func axisMap(size: Int, maximumRankCount: Int) throws -> AxisMap {
    let rankCount = Int.random(in: 1...maximumRankCount, using: &self)
    switch Int.random(in: 0..<6, using: &self) {
    case 0: return try .undistributed(size: size)
    case 1: return try .block(size: size, rankCount: rankCount)
    case 2:
      let cuts = (1..<rankCount).map { _ in Int.random(in: 0...size, using: &self) }.sorted()
      return try .block(bounds: [0] + cuts + [size])
    case 3: return try .cyclic(size: size, rankCount: rankCount)
    case 4:
      return try .cyclic(size: size, rankCount: rankCount, blockSize: Int.random(in: 2...4, using: &self))
    default:
      var lists = Array(repeating: [Int](), count: rankCount)
      for index in Array(0..<size).shuffled(using: &self) {
        lists[Int.random(in: 0..<rankCount, using: &self)].append(index)
      }
      return try .unstructured(size: size, indices: lists)
    }
  }

  /// These maps over ranks in any order, with gaps.
  mutating func distribution(_ axes: [AxisMap]) throws -> Distribution {
    let places = axes.reduce(1) { $0 * $1.rankCount }
    let ranks = Array(0..<places + 2).shuffled(using: &self).prefix(places)
    return try Distribution(axes: axes, ranks: Array(ranks))
  }

  mutating func distribution(maximumSize: Int = 9) throws -> Distribution {
    let count = Int.random(in: 0...3, using: &self)
    var axes: [AxisMap] = []
    for _ in 0..<count { axes.append(try axisMap(maximumSize: count == 3 ? 4 : maximumSize, maximumRankCount: 3)) }
    return try distribution(axes)
  }
}
