// Distributions from what a person says: a shape, a word per axis, and the ranks that are there.

import DAStore

extension Distribution {
  /// Deals an array of `shape` out over these ranks.
  ///
  /// - Parameters:
  ///   - distributions: One per axis; axes that are left out at the end are undistributed. Without any, the first
  ///     axis is cut into blocks.
  ///   - gridShape: The process grid; extents left out at the end are 1. Without it the grid is chosen as DistArray's
  ///     `make_grid_shape` does, and no rank of a block axis is left without elements.
  ///   - targets: Ranks to deal over, in any order; places take them in ascending order, and those that the grid has no
  ///     place for are left out.
  /// - Throws: `.invalidArgument` when the lists do not fit the shape or each other, when the grid has more places than
  ///   there are targets, or when several targets are given for an array that is not distributed at all.
  public init(
    shape: [Int], distributions: [AxisDistribution]? = nil, gridShape: [Int]? = nil, targets: [Int]
  ) throws(StoreError) {
    try self.init(shape, distributions, gridShape, targets)
    let chosen = Self.padded(distributions, to: shape.count)
    if targets.count > 1, chosen.allSatisfy({ $0 == .undistributed }) {
      throw StoreError(
        .invalidArgument,
        "\(targets.count) targets for an array that is not distributed along any axis; give one target, or "
          + "distribute an axis")
    }
  }

  /// Deals an array of `shape` out over the ranks 0 to `rankCount - 1`, or as many of them as the grid has places.
  ///
  /// - Throws: as ``init(shape:distributions:gridShape:targets:)``, but an undistributed array takes rank 0.
  public init(
    shape: [Int], distributions: [AxisDistribution]? = nil, gridShape: [Int]? = nil, rankCount: Int
  ) throws(StoreError) {
    guard rankCount >= 1, rankCount <= Self.maximumRankCount else {
      throw StoreError(.invalidArgument, "\(rankCount) ranks; from 1 to \(Self.maximumRankCount) are supported")
    }
    try self.init(shape, distributions, gridShape, Array(0..<rankCount))
  }

  private init(
    _ shape: [Int], _ distributions: [AxisDistribution]?, _ gridShape: [Int]?, _ targets: [Int]
  ) throws(StoreError) {
    _ = try checkedElementCount(shape, dtype: .uint8)
    if let distributions, distributions.count > shape.count {
      throw StoreError(
        .invalidArgument, "\(distributions.count) distributions for the \(shape.count) axes of \(shapeText(shape))")
    }
    guard !targets.isEmpty else { throw StoreError(.invalidArgument, "no targets; at least one rank is needed") }
    try Self.check(targets: targets)
    let chosen = Self.padded(distributions, to: shape.count)
    var grid = gridShape
    if let given = gridShape {
      guard given.count <= shape.count else {
        throw StoreError(
          .invalidArgument, "process grid \(shapeText(given)) for the \(shape.count) axes of \(shapeText(shape))")
      }
      grid = given + Array(repeating: 1, count: shape.count - given.count)
    }
    if let grid {
      let places = try Self.checkedPlaceCount(grid)
      guard places <= targets.count else { throw Self.tooFew(targets.count, for: grid) }
    }
    let axes = try AxisMap.maps(
      shape: shape, distributions: chosen, gridShape: grid, rankCount: targets.count)
    let made = axes.map(\.rankCount)
    let places = try Self.checkedPlaceCount(made)
    guard places <= targets.count else { throw Self.tooFew(targets.count, for: made) }
    self.init(checkedAxes: axes, ranks: Array(targets.sorted().prefix(places)))
  }

  private static func padded(_ distributions: [AxisDistribution]?, to count: Int) -> [AxisDistribution] {
    let given = distributions ?? [.block]
    return Array(given.prefix(count)) + Array(repeating: .undistributed, count: max(0, count - given.count))
  }

  private static func tooFew(_ count: Int, for grid: [Int]) -> StoreError {
    StoreError(
      .invalidArgument,
      "the process grid \(shapeText(grid)) needs \(grid.reduce(1, *)) ranks, there are \(count)")
  }
}

/// Widths of padding on an axis of blocks, the same for all its grid ranks.
public struct PaddingWidths: Sendable, Hashable {
  /// Copies of a neighbour's elements on either side of a rank's own, at inner borders.
  public var communication: Int
  /// Elements at the two ends of the axis that are marked as boundary; they remain ordinary elements.
  public var boundary: Int

  public init(communication: Int = 0, boundary: Int = 0) {
    self.communication = communication
    self.boundary = boundary
  }
}

extension Distribution {
  /// The same ownership with padded buffers, and with axes whose ends are neighbours.
  ///
  /// - Parameters:
  ///   - widths: One per axis; axes left out at the end get none.
  ///   - isPeriodic: One per axis; axes left out at the end are not periodic.
  /// - Throws: `.invalidArgument` when a width is negative or more than a rank owns, or for a padded or periodic axis
  ///   that is neither undistributed nor of blocks: the protocol has no padding there.
  public func padded(_ widths: [PaddingWidths], isPeriodic: [Bool] = []) throws(StoreError) -> Distribution {
    guard widths.count <= dimensionCount, isPeriodic.count <= dimensionCount else {
      throw StoreError(
        .invalidArgument,
        "padding for \(max(widths.count, isPeriodic.count)) axes, the array \(shapeText(shape)) has \(dimensionCount)")
    }
    var axes = self.axes
    for axis in axes.indices {
      let width = axis < widths.count ? widths[axis] : PaddingWidths()
      let periodic = axis < isPeriodic.count && isPeriodic[axis]
      guard width != PaddingWidths() || periodic else { continue }
      do throws(StoreError) {
        axes[axis] = try axes[axis].padded(width, isPeriodic: periodic)
      } catch {
        throw StoreError(error.code, "axis \(axis): \(error.message)")
      }
    }
    return Distribution(checkedAxes: axes, ranks: ranks)
  }
}

extension AxisMap {
  fileprivate func padded(_ width: PaddingWidths, isPeriodic: Bool) throws(StoreError) -> AxisMap {
    let bounds: [Int]
    switch kind {
    case .undistributed: bounds = [0, size]
    case .block(let given): bounds = given
    case .cyclic, .unstructured:
      throw StoreError(.invalidArgument, "only blocks can be padded or periodic; choose 'b' or 'n' for this axis")
    }
    let padding = (0..<rankCount).map { rank in
      AxisPadding(
        lower: rank == 0 ? width.boundary : width.communication,
        upper: rank == rankCount - 1 ? width.boundary : width.communication)
    }
    return try .block(bounds: bounds, padding: padding, isPeriodic: isPeriodic)
  }
}
