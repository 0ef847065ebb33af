// Which rank owns which element of an array: a map per axis, and the ranks on the process grid. Pure.

import DAStore

/// How an N-dimensional array is dealt out over ranks, as a value without data.
///
/// Axes are independent: each has a map that deals its indices over the grid ranks of that axis, and an element
/// belongs to the place of the process grid where its axes' owners meet. Places are numbered in C order, and each
/// place has one rank of a communicator, so that an array can live on a subset of the ranks. Arrays without elements,
/// ranks that own none and 0-dimensional arrays (one place, one element) are ordinary.
///
/// Source: Formats/distributed-array-protocol.md.
public struct Distribution: Sendable, Hashable {
  /// Most places that a process grid may have.
  public static let maximumRankCount = 1 << 20

  /// One map per axis.
  public let axes: [AxisMap]
  /// The rank at each place of the process grid, in C order of the places; each rank has one place.
  ///
  /// Ascending in every distribution made from a shape; slices that turn an axis round or rotate a deal permute them.
  public let ranks: [Int]
  /// The numbers of the places by ascending rank.
  private let placesByRank: [Int]

  /// Deals an array out as these maps say.
  ///
  /// - Parameter ranks: The rank at each place of the process grid, in C order.
  /// - Throws: `.invalidArgument` when there is not one distinct, non-negative rank per place, or when the shape is
  ///   beyond the limits.
  public init(axes: [AxisMap], ranks: [Int]) throws(StoreError) {
    _ = try checkedElementCount(axes.map(\.size), dtype: .uint8)
    let grid = axes.map(\.rankCount)
    let count = try Self.checkedPlaceCount(grid)
    guard ranks.count == count else {
      throw StoreError(
        .invalidArgument, "the process grid \(shapeText(grid)) has \(count) places, \(ranks.count) ranks are given")
    }
    try Self.check(targets: ranks)
    self.init(checkedAxes: axes, ranks: ranks)
  }

  /// For values that were made from a checked distribution.
  init(checkedAxes: [AxisMap], ranks: [Int]) {
    axes = checkedAxes
    self.ranks = ranks
    placesByRank = ranks.indices.sorted { ranks[$0] < ranks[$1] }
  }

  public var shape: [Int] { axes.map(\.size) }
  public var dimensionCount: Int { axes.count }
  /// Elements of the whole array; 1 for a 0-dimensional one.
  public var elementCount: Int { axes.reduce(1) { $0 * $1.size } }
  /// Places along each axis of the process grid.
  public var gridShape: [Int] { axes.map(\.rankCount) }
  /// The ranks that hold parts of the array, ascending.
  public var targets: [Int] { placesByRank.map { ranks[$0] } }

  /// The number of a rank's place in the process grid, `nil` for a rank that is no target.
  ///
  /// - Complexity: O(log ranks).
  public func place(ofRank rank: Int) -> Int? {
    var (low, high) = (0, placesByRank.count)
    while low < high {
      let middle = (low + high) / 2
      if ranks[placesByRank[middle]] < rank { low = middle + 1 } else { high = middle }
    }
    guard low < placesByRank.count, ranks[placesByRank[low]] == rank else { return nil }
    return placesByRank[low]
  }

  /// Where a rank stands on each axis of the process grid, `nil` for a rank that is no target.
  public func coordinates(ofRank rank: Int) -> [Int]? {
    place(ofRank: rank).map { gridCoordinates(of: $0, in: gridShape) }
  }

  /// The rank at a position of the process grid.
  ///
  /// - Throws: `.invalidArgument` for a position outside the grid.
  public func rank(at coordinates: [Int]) throws(StoreError) -> Int {
    let grid = gridShape
    guard coordinates.count == grid.count, zip(coordinates, grid).allSatisfy({ $0 >= 0 && $0 < $1 }) else {
      throw StoreError(
        .invalidArgument, "position \(shapeText(coordinates)) is not in the process grid \(shapeText(grid))")
    }
    return ranks[gridRank(of: coordinates, in: grid)]
  }

  /// Makes sure that a communicator has all the ranks that this distribution names.
  ///
  /// - Throws: `.invalidArgument` with the first rank that does not exist.
  public func checkTargets(communicatorSize: Int) throws(StoreError) {
    guard let missing = targets.first(where: { $0 >= communicatorSize }) else { return }
    throw StoreError(
      .invalidArgument,
      "the distribution needs rank \(missing), the communicator has the ranks 0 to \(communicatorSize - 1); "
        + "start at least \(missing + 1) ranks or choose other targets")
  }
}

extension Distribution {
  /// Places of a process grid.
  ///
  /// - Throws: `.invalidArgument` for an extent below one or more than ``maximumRankCount`` places.
  static func checkedPlaceCount(_ grid: [Int]) throws(StoreError) -> Int {
    var count = 1
    for extent in grid {
      guard extent >= 1 else {
        throw StoreError(.invalidArgument, "process grid \(shapeText(grid)) has an extent below 1")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= maximumRankCount else {
        throw StoreError(
          .invalidArgument, "process grid \(shapeText(grid)) has more than \(maximumRankCount) places")
      }
      count = product
    }
    return count
  }

  static func check(targets: [Int]) throws(StoreError) {
    guard targets.count <= maximumRankCount else {
      throw StoreError(.invalidArgument, "\(targets.count) targets; at most \(maximumRankCount) are supported")
    }
    let sorted = targets.sorted()
    if let first = sorted.first, first < 0 {
      throw StoreError(.invalidArgument, "target \(first) is no rank; ranks are numbered from 0")
    }
    for (rank, next) in zip(sorted, sorted.dropFirst()) where rank == next {
      throw StoreError(.invalidArgument, "rank \(rank) is named twice among the targets; each can have one place only")
    }
  }
}
