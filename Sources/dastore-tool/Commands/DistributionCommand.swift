// `distribution`: who owns what of an array that is dealt out over ranks.

import ArgumentParser
import DAStore
import DistArray

struct DistributionCommand: ToolCommand {
  static let configuration = CommandConfiguration(
    commandName: "distribution",
    abstract: "Says and draws which rank owns which part of a distributed array.",
    discussion: """
      Needs no file and no MPI. Along each axis: n undistributed, b equal blocks, \
      b0:20:42 blocks between these bounds, c cyclic, c4 blocks of four dealt in \
      turn, u0:3/1:2 lists of indices, one per rank.

      Example:
        dastore-tool distribution --shape 100,50 --dist b,c --grid 2,2
      """)

  @Option(help: ArgumentHelp("Extents of the array, such as 100,50.", valueName: "shape"))
  var shape: IntegerList

  @Option(help: ArgumentHelp("How each axis is dealt out; b,n,… without it.", valueName: "kinds"))
  var dist: String?

  @Option(help: ArgumentHelp("The process grid; chosen to suit the shape without it.", valueName: "extents"))
  var grid: IntegerList?

  @Option(help: ArgumentHelp("How many ranks there are; as many as needed without it.", valueName: "n"))
  var ranks: Int?

  @Option(help: ArgumentHelp("Only these ranks, such as 1,3.", valueName: "ranks"))
  var targets: IntegerList?

  @Option(
    help: ArgumentHelp("Widths of copies of neighbours' elements, per axis of blocks.", valueName: "widths"))
  var padding: IntegerList?

  @Option(help: ArgumentHelp("Widths marked as boundary at the ends of axes.", valueName: "widths"))
  var boundary: IntegerList?

  @Option(parsing: .unconditional, help: ArgumentHelp("Axes whose ends are neighbours.", valueName: "axes"))
  var periodic: IntegerList?

  @Option(help: ArgumentHelp("Look at a part, such as '[10:20, ::2]'.", valueName: "part"))
  var slice: String?

  @Option(help: ArgumentHelp("Also draw it into an SVG file.", valueName: "file"), completion: .file())
  var plot: String?

  @OptionGroup var targetOptions: TargetOptions
  @OptionGroup var output: OutputOptions

  var writes: Bool { plot != nil }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let distribution = try session.communicator.agree { () throws(StoreError) in try makeDistribution() }
    if let plot {
      let file = try PictureFile(
        path: plot, ending: .svg, isOverwriting: targetOptions.force, communicator: session.communicator)
      let title = title(distribution)
      try file.write { () throws(StoreError) in Array(DistributionPlot(distribution, title: title).document.utf8) }
    }
    let description = DistributionDescription(distribution)
    if output.json { try session.say(json: description.json) } else { description.lines.forEach(session.say) }
    return .done
  }

  private func makeDistribution() throws(StoreError) -> Distribution {
    let kinds = try dist.map { text throws(StoreError) in try AxisDistribution.list(parsing: text) }
    var distribution: Distribution
    if let targets = targets?.values {
      if let ranks, let missing = targets.first(where: { $0 >= ranks }) {
        throw StoreError(.invalidArgument, "target \(missing) does not exist among \(ranks) ranks, 0 to \(ranks - 1)")
      }
      distribution = try Distribution(
        shape: shape.values, distributions: kinds, gridShape: grid?.values, targets: targets)
    } else {
      distribution = try Distribution(
        shape: shape.values, distributions: kinds, gridShape: grid?.values, rankCount: ranks ?? neededRanks(kinds))
    }
    distribution = try padded(distribution)
    if let slice { distribution = try distribution.slice(try Selection(parsing: slice)) }
    return distribution
  }

  private func neededRanks(_ kinds: [AxisDistribution]?) -> Int {
    (grid?.values ?? (kinds ?? []).map { $0.rankCount ?? 1 }).reduce(1) { product, extent in
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, extent))
      return overflow ? Int.max : next
    }
  }

  private func padded(_ distribution: Distribution) throws(StoreError) -> Distribution {
    let (inner, outer) = (padding?.values ?? [], boundary?.values ?? [])
    if inner.isEmpty && outer.isEmpty && periodic == nil { return distribution }
    let widths = (0..<max(inner.count, outer.count)).map { axis in
      PaddingWidths(communication: axis < inner.count ? inner[axis] : 0, boundary: axis < outer.count ? outer[axis] : 0)
    }
    let count = distribution.dimensionCount
    var isPeriodic = Array(repeating: false, count: count)
    for axis in periodic?.values ?? [] {
      guard axis >= -count, axis < count else {
        throw StoreError(.invalidArgument, "--periodic: axis \(axis) does not exist in an array of \(count) axes")
      }
      isPeriodic[axis < 0 ? axis + count : axis] = true
    }
    return try distribution.padded(widths, isPeriodic: isPeriodic)
  }

  private func title(_ distribution: Distribution) -> String {
    let kinds = distribution.axes.map { $0.kindText }.joined(separator: " × ")
    let grid = distribution.gridShape.map(String.init).joined(separator: " × ")
    return
      "\(shapeText(distribution.shape)): \(kinds.isEmpty ? "one element" : kinds), grid \(grid.isEmpty ? "1" : grid)"
  }
}
