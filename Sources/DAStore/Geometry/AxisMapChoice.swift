// From what a user says of an array's distribution to one map per axis.

/// How one axis shall be dealt out.
public enum AxisDistribution: Sendable, Hashable {
  case undistributed
  /// Equal blocks.
  case block
  /// Blocks between these bounds, from 0 to the axis size.
  case bounds([Int])
  /// Blocks of this many elements dealt in turn; 1 deals single elements.
  case cyclic(blockSize: Int)
  /// These lists of indices, one per grid rank.
  case unstructured([[Int]])

  /// Grid ranks that the distribution itself demands.
  package var rankCount: Int? {
    switch self {
    case .undistributed: 1
    case .bounds(let bounds): bounds.count - 1
    case .unstructured(let lists): lists.count
    case .block, .cyclic: nil
    }
  }
}

extension AxisMap {
  /// One map per axis of an array.
  ///
  /// - Parameters:
  ///   - distributions: One per axis.
  ///   - gridShape: The process grid. When it is not given, ``processGridShape(for:isDistributed:rankCount:)`` chooses
  ///     it for the axes that leave it open, and no rank of a block axis is left without elements, as DistArray does.
  ///   - rankCount: Ranks to deal out over, at most; without effect when `gridShape` is given.
  /// - Throws: `.invalidArgument` when the lists differ in length, or as the maps do.
  public static func maps(
    shape: [Int], distributions: [AxisDistribution], gridShape: [Int]? = nil, rankCount: Int = 1
  ) throws(StoreError) -> [AxisMap] {
    guard distributions.count == shape.count else {
      throw StoreError(
        .invalidArgument, "\(distributions.count) distributions for the \(shape.count) axes of \(shapeText(shape))")
    }
    if let gridShape {
      guard gridShape.count == shape.count else {
        throw StoreError(
          .invalidArgument, "process grid \(shapeText(gridShape)) for the \(shape.count) axes of \(shapeText(shape))")
      }
      return try makeMaps(shape, distributions, gridShape)
    }
    let fixed = distributions.reduce(1) { product, distribution in
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, distribution.rankCount ?? 1))
      return overflow ? Int.max : next
    }
    var grid = try processGridShape(
      for: shape, isDistributed: distributions.map { $0.rankCount == nil }, rankCount: max(1, rankCount / fixed))
    for (axis, distribution) in distributions.enumerated() {
      if let count = distribution.rankCount { grid[axis] = count }
      if distribution == .block, shape[axis] > 0 {
        let width = (shape[axis] - 1) / grid[axis] + 1
        grid[axis] = (shape[axis] - 1) / width + 1
      }
    }
    return try makeMaps(shape, distributions, grid)
  }

  private static func makeMaps(
    _ shape: [Int], _ distributions: [AxisDistribution], _ grid: [Int]
  ) throws(StoreError) -> [AxisMap] {
    var maps: [AxisMap] = []
    for axis in shape.indices {
      if let count = distributions[axis].rankCount, count != grid[axis] {
        throw StoreError(
          .invalidArgument, "axis \(axis) is given for \(count) grid ranks, the process grid has \(grid[axis]) there")
      }
      let map: AxisMap =
        switch distributions[axis] {
        case .undistributed: try .undistributed(size: shape[axis])
        case .block: try .block(size: shape[axis], rankCount: grid[axis])
        case .bounds(let bounds): try .block(bounds: bounds)
        case .cyclic(let blockSize): try .cyclic(size: shape[axis], rankCount: grid[axis], blockSize: blockSize)
        case .unstructured(let lists): try .unstructured(size: shape[axis], indices: lists)
        }
      guard map.size == shape[axis] else {
        throw StoreError(.invalidArgument, "bounds of axis \(axis) end at \(map.size), its size is \(shape[axis])")
      }
      maps.append(map)
    }
    return maps
  }
}
