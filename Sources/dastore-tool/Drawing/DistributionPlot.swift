// A distribution as an SVG picture: who owns what in one plane, with axes and a legend.

import DAStore
import DistArray

struct DistributionPlot {
  private static let margin = (left: 76.0, top: 56.0, bottom: 64.0, right: 24.0)
  private static let legendWidth = 250.0
  private static let legendRow = 20.0
  private static let mostInLegend = 32
  private static let longest = 560.0
  private static let shortest = 48.0

  private let plane: DrawnPlane
  private let title: String
  private let width: Double
  private let height: Double
  /// Number of each rank among the targets.
  private let numbers: [Int: Int]

  /// The document.
  private(set) var document = ""

  init(_ distribution: Distribution, title: String) {
    plane = DrawnPlane(distribution)
    self.title = title
    let columns = Double(max(1, plane.columns?.extent ?? 1))
    let rows = Double(max(1, plane.rows?.extent ?? 1))
    let scale = min(Self.longest / columns, Self.longest * 0.75 / rows)
    width = max(Self.shortest, columns * scale)
    height = plane.rows == nil ? Self.shortest : max(Self.shortest, rows * scale)
    numbers = Dictionary(uniqueKeysWithValues: distribution.targets.enumerated().map { ($1, $0) })
    let entries = min(distribution.targets.count, Self.mostInLegend) + 1
    let legendHeight = Double(entries) * Self.legendRow
    var picture = SVG(
      width: max(Self.margin.left + width + Self.margin.right + Self.legendWidth, 9.5 * Double(title.count) + 32, 440),
      height: Self.margin.top + max(height + Self.margin.bottom, legendHeight + 16))
    picture.text(title, x: 16, y: 28, size: 16)
    drawParts(&picture)
    drawAxes(&picture)
    drawLegend(&picture)
    document = picture.document
  }

  private func color(_ rank: Int) -> RankColor { RankColor(number: numbers[rank] ?? 0, of: numbers.count) }

  private func x(_ column: Int) -> Double {
    Self.margin.left + Double(column) / Double(max(1, plane.columns?.extent ?? 1)) * width
  }

  private func y(_ row: Int) -> Double {
    Self.margin.top + Double(row) / Double(max(1, plane.rows?.extent ?? 1)) * height
  }

  private func drawParts(_ picture: inout SVG) {
    guard plane.hasElements else {
      picture.text("no elements", x: Self.margin.left, y: Self.margin.top + 20)
      return
    }
    let single = [DrawnAxis.Stretch(range: 0..<1, gridRank: 0)]
    let rows = plane.rows?.stretches ?? single
    let columns = plane.columns?.stretches ?? single
    for row in rows {
      for column in columns {
        let rank = plane.rank(row: row.gridRank, column: column.gridRank)
        let (left, right) = (x(column.range.lowerBound), x(column.range.upperBound))
        let (top, bottom) = (y(row.range.lowerBound), y(row.range.upperBound))
        let hasEdge = right - left >= 8 && bottom - top >= 8
        let color = color(rank)
        let place = [plane.rows == nil ? nil : row.range, plane.columns == nil ? nil : column.range]
          .compactMap { $0.map { "\($0.lowerBound):\($0.upperBound)" } }.joined(separator: ", ")
        picture.rectangle(
          x: left, y: top, width: right - left, height: bottom - top, fill: color.hex,
          stroke: hasEdge ? "#ffffff" : nil,
          title: "rank \(rank): [\(place)]")
        if right - left >= 9 * Double(String(rank).count) + 4, bottom - top >= 16, rows.count * columns.count <= 1024 {
          picture.text(
            "\(rank)", x: (left + right) / 2, y: (top + bottom) / 2 + 4.5, size: 13, anchor: .middle, fill: color.text)
        }
      }
    }
  }

  private func drawAxes(_ picture: inout SVG) {
    guard plane.hasElements else { return }
    let (left, top) = (Self.margin.left, Self.margin.top)
    if let columns = plane.columns {
      let base = top + height
      for tick in ticks(columns, length: width, spacing: 9 * Double(String(columns.extent).count) + 12) {
        picture.line(x1: x(tick), y1: base, x2: x(tick), y2: base + 5)
        picture.text("\(tick)", x: x(tick), y: base + 18, anchor: .middle)
      }
      picture.text(label(columns), x: left + width / 2, y: base + 38, anchor: .middle)
    }
    if let rows = plane.rows {
      for tick in ticks(rows, length: height, spacing: 18) {
        picture.line(x1: left - 5, y1: y(tick), x2: left, y2: y(tick))
        picture.text("\(tick)", x: left - 8, y: y(tick) + 4, anchor: .end)
      }
      picture.text(label(rows), x: 20, y: top + height / 2, anchor: .middle, isVertical: true)
    }
    let notes = plane.omissions.joined(separator: "; ")
    if !notes.isEmpty { picture.text(notes, x: 16, y: top + height + 57, size: 11) }
  }

  private func label(_ axis: DrawnAxis) -> String { "axis \(axis.axis) (\(axis.map.size))" }

  /// Indices where the owner changes, as many as can be read; both ends are always among them.
  private func ticks(_ axis: DrawnAxis, length: Double, spacing: Double) -> [Int] {
    let extent = Double(max(1, axis.extent))
    func position(_ index: Int) -> Double { Double(index) / extent * length }
    var ticks = [0]
    for border in axis.stretches.map(\.range.lowerBound)
    where position(border) - position(ticks[ticks.count - 1]) >= spacing && length - position(border) >= spacing {
      ticks.append(border)
    }
    return axis.extent > 0 ? ticks + [axis.extent] : ticks
  }

  private func drawLegend(_ picture: inout SVG) {
    let distribution = plane.distribution
    let targets = distribution.targets
    let left = Self.margin.left + width + Self.margin.right
    var y = Self.margin.top
    for rank in targets.prefix(Self.mostInLegend) {
      picture.rectangle(x: left, y: y, width: 14, height: 14, fill: color(rank).hex)
      let shape = distribution.localShape(ofRank: rank) ?? []
      picture.text("rank \(rank): \(shapeText(shape))", x: left + 22, y: y + 11.5)
      y += Self.legendRow
    }
    if targets.count > Self.mostInLegend {
      picture.text("and \(targets.count - Self.mostInLegend) more ranks", x: left + 22, y: y + 11.5)
    }
  }
}
