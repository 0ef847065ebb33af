// A chart of one variable, and how it is drawn: a histogram's bars, or lines along an index.

import DAStore

/// What a chart shows; a pure value.
struct Chart {
  struct Line {
    var name: String
    /// One value per index; gaps where they are not finite.
    var values: [Double]
    var color: Canvas.Color
    var width = 1.5
  }
  enum Content {
    /// Counts between edges, of which there is one more.
    case bars(edges: [Double], counts: [Int])
    case lines([Line])
  }
  var title: String
  var xName: String
  var yName: String
  var content: Content

  /// Draws the chart, 960 by 600 pixels.
  ///
  /// - Returns: The bytes of a PNG file.
  /// - Throws: `.invalidArgument` when nothing in it is finite; `.unsupported` without Cairo.
  func png() throws(StoreError) -> [UInt8] {
    let (xs, ys) = try scales()
    let canvas = try Canvas(width: 960, height: 600)
    let frame = Frame(left: 96, right: 936, top: 56, bottom: 536, xs: xs, ys: ys)
    frame.drawGrid(on: canvas)
    switch content {
    case .bars(let edges, let counts): draw(edges, counts, frame, canvas)
    case .lines(let lines):
      for line in lines { draw(line, frame, canvas) }
      drawLegend(lines, frame, canvas)
    }
    frame.drawAxes(on: canvas, xName: xName + xs.unitText, yName: yName + ys.unitText)
    canvas.use(.ink)
    canvas.text(shortened(title, on: canvas), x: frame.left, y: 34, size: 17)
    return try canvas.png()
  }

  private func scales() throws(StoreError) -> (AxisScale, AxisScale) {
    let xEnds: (Double, Double)
    let values: [Double]
    let isCounted: Bool
    switch content {
    case .bars(let edges, let counts):
      isCounted = true
      xEnds = (edges.first ?? 0, edges.last ?? 0)
      values = [0, Double(counts.max() ?? 0)]
    case .lines(let lines):
      isCounted = false
      xEnds = (0, Double(max(1, (lines.map(\.values.count).max() ?? 1) - 1)))
      values = lines.flatMap(\.values).filter(\.isFinite)
    }
    guard let low = values.min(), let high = values.max() else {
      throw StoreError(.invalidArgument, "there is nothing to draw: no value is finite")
    }
    guard let xs = AxisScale(from: xEnds.0, to: xEnds.1, tickCount: 8, isRounded: false, isWhole: !isCounted),
      let ys = AxisScale(from: low, to: high, tickCount: 6, isRounded: true, isWhole: isCounted)
    else { throw StoreError(.invalidArgument, "the values from \(low) to \(high) are too far apart to be drawn") }
    return (xs, ys)
  }

  /// All bars as one area: bins may be narrower than a pixel.
  private func draw(_ edges: [Double], _ counts: [Int], _ frame: Frame, _ canvas: Canvas) {
    var outline = [frame.point(edges.first ?? 0, 0)]
    for (bin, count) in counts.enumerated() {
      outline.append(frame.point(edges[bin], Double(count)))
      outline.append(frame.point(edges[bin + 1], Double(count)))
    }
    outline.append(frame.point(edges.last ?? 0, 0))
    canvas.use(.paleBlue)
    canvas.area(outline)
    canvas.use(.blue)
    canvas.line(outline, width: 1)
  }

  private func draw(_ line: Line, _ frame: Frame, _ canvas: Canvas) {
    canvas.use(line.color)
    for run in line.values.indices.split(whereSeparator: { !line.values[$0].isFinite }) {
      var points = run.map { frame.point(Double($0), line.values[$0]) }
      // A value between gaps is a short dash.
      if let only = points.first, points.count == 1 { points = [(only.x - 2, only.y), (only.x + 2, only.y)] }
      canvas.line(points, width: line.width)
    }
  }

  private func drawLegend(_ lines: [Line], _ frame: Frame, _ canvas: Canvas) {
    var right = frame.right
    for line in lines.reversed() {
      right -= canvas.textWidth(line.name, size: 13)
      canvas.use(.ink)
      canvas.text(line.name, x: right, y: frame.top - 8, size: 13)
      canvas.use(line.color)
      canvas.line([(right - 28, frame.top - 12), (right - 6, frame.top - 12)], width: line.width + 0.5)
      right -= 44
    }
  }

  private func shortened(_ text: String, on canvas: Canvas) -> String {
    var rest = text
    while rest.count > 8, canvas.textWidth(rest, size: 17) > Double(canvas.width) - 200 {
      rest = "…" + rest.dropFirst(8)
    }
    return rest
  }
}

/// The rectangle in which a chart's data stand, with its two scales.
struct Frame {
  var left: Double
  var right: Double
  var top: Double
  var bottom: Double
  var xs: AxisScale
  var ys: AxisScale

  func point(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
    (left + xs.place(x) * (right - left), bottom - ys.place(y) * (bottom - top))
  }

  func drawGrid(on canvas: Canvas) {
    canvas.use(.paleGray)
    for tick in ys.ticks {
      let y = point(xs.low, tick.value).y
      canvas.line([(left, y), (right, y)], width: 1)
    }
  }

  func drawAxes(on canvas: Canvas, xName: String, yName: String) {
    canvas.use(.ink)
    canvas.line([(left, top), (left, bottom), (right, bottom)], width: 1.2)
    for tick in xs.ticks {
      let x = point(tick.value, ys.low).x
      canvas.line([(x, bottom), (x, bottom + 5)], width: 1.2)
      canvas.text(tick.label, x: x, y: bottom + 21, size: 13, anchor: .middle)
    }
    for tick in ys.ticks {
      let y = point(xs.low, tick.value).y
      canvas.line([(left - 5, y), (left, y)], width: 1.2)
      canvas.text(tick.label, x: left - 9, y: y + 4.5, size: 13, anchor: .end)
    }
    canvas.text(xName, x: (left + right) / 2, y: bottom + 48, size: 14, anchor: .middle)
    canvas.text(yName, x: 24, y: (top + bottom) / 2, size: 14, anchor: .middle, isUpright: false)
  }
}

extension Canvas.Color {
  static let ink = Canvas.Color((0.13, 0.15, 0.18))
  static let paleGray = Canvas.Color((0.88, 0.89, 0.91))
  static let blue = Canvas.Color((0.12, 0.38, 0.65))
  static let paleBlue = Canvas.Color((0.62, 0.77, 0.91))
  static let orange = Canvas.Color((0.85, 0.45, 0.10))
  static let green = Canvas.Color((0.15, 0.55, 0.35))

  private init(_ parts: (Double, Double, Double)) { (red, green, blue) = parts }
}
