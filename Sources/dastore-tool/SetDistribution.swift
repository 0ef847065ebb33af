// How the elements of a version 1 set are dealt out over its files, in the words of the command line.

import ArgumentParser
import DAStore

struct DistributionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How each axis is dealt out over the files of a version 1 set, such as b,c,n.",
      discussion: """
        b equal blocks, b0:10:25 blocks between these bounds, c single elements in turn, c8 blocks of 8 in turn, n not \
        at all. Without it, each rank has a file with a block of the first axis.
        """,
      valueName: "kinds"))
  var dist: AxisDistributionList?

  @Option(
    help: ArgumentHelp(
      "Files along each axis, or along each that is dealt out, such as 2,2; without it, as suits the number of ranks.",
      valueName: "shape"))
  var grid: IntegerList?

  func validate() throws {
    if grid != nil, dist == nil { throw ValidationError("--grid needs --dist, which says how each axis is dealt out") }
  }

  var distribution: SetDistribution { SetDistribution(axes: dist?.axes, grid: grid?.values) }
}

/// A distribution over the files of a version 1 set; `nil` leaves it to the program.
struct SetDistribution {
  var axes: [AxisDistribution]?
  var grid: [Int]?

  /// Refuses a distribution for a target that has none.
  func check(_ target: TargetName) throws(StoreError) {
    guard axes != nil, target.format != .dnpy1 else { return }
    throw StoreError(
      .invalidArgument,
      "is one file, and --dist deals elements out over the files of a version 1 set; name a prefix without an ending",
      path: target.path)
  }

  /// One map per axis; blocks of the first axis over all ranks when nothing was asked for.
  func maps(shape: [Int], rankCount: Int) throws(StoreError) -> [AxisMap] {
    guard let axes else {
      // Every rank gets a file, also one without elements.
      return try AxisMap.maps(
        shape: shape, distributions: shape.indices.map { $0 == 0 ? .block : .undistributed },
        gridShape: shape.indices.map { $0 == 0 ? rankCount : 1 })
    }
    return try AxisMap.maps(
      shape: shape, distributions: axes, gridShape: try gridShape(axes), rankCount: rankCount)
  }

  /// The process grid with 1 for the axes that are not dealt out, whether they were named or not.
  private func gridShape(_ axes: [AxisDistribution]) throws(StoreError) -> [Int]? {
    guard var grid else { return nil }
    let dealtOut = axes.count { $0 != .undistributed }
    if grid.count != axes.count {
      guard grid.count == dealtOut else {
        throw StoreError(
          .invalidArgument, "--grid has \(grid.count) numbers for \(axes.count) axes, \(dealtOut) of them dealt out")
      }
      var next = grid.makeIterator()
      grid = axes.map { $0 == .undistributed ? 1 : next.next() ?? 1 }
    }
    var fileCount = 1
    for count in grid {
      let (product, overflow) = fileCount.multipliedReportingOverflow(by: count)
      // Before maps are made: each takes memory for its ranks.
      guard count >= 1, !overflow, product <= Dnpy1Writer.maximumFileCount else {
        throw StoreError(
          .invalidArgument, "--grid \(shapeText(grid)) is no grid of 1 to \(Dnpy1Writer.maximumFileCount) files")
      }
      fileCount = product
    }
    return grid
  }
}

/// Kinds of distribution separated by commas: `b,c8,n`.
struct AxisDistributionList: ExpressibleByArgument {
  var axes: [AxisDistribution] = []

  init?(argument: String) {
    for text in argument.split(separator: ",", omittingEmptySubsequences: false) {
      guard let axis = Self.axis(text) else { return nil }
      axes.append(axis)
    }
  }

  private static func axis(_ text: Substring) -> AxisDistribution? {
    let rest = text.dropFirst()
    switch text.first {
    case "n" where rest.isEmpty: return .undistributed
    case "b" where rest.isEmpty: return .block
    case "c" where rest.isEmpty: return .cyclic(blockSize: 1)
    case "c": return Int(rest).flatMap { $0 >= 1 ? .cyclic(blockSize: $0) : nil }
    case "b":
      let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
      let bounds = parts.compactMap { Int($0) }
      return bounds.count == parts.count && bounds.count >= 2 ? .bounds(bounds) : nil
    default: return nil
    }
  }
}
