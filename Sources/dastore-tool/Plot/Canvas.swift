// A picture under construction: lines, areas and text in pixels, encoded as PNG in the end.

import DAStore

/// Draws with Cairo; the origin is the upper left corner.
final class Canvas {
  /// What every colour of a chart is made of.
  struct Color { var (red, green, blue): (Double, Double, Double) }
  enum Anchor { case start, middle, end }

  let width: Int
  let height: Int
  private let cairo: CairoLibrary
  private let surface: CairoLibrary.Surface?
  private let context: CairoLibrary.Context?

  /// - Throws: `.unsupported` without Cairo.
  init(width: Int, height: Int) throws(StoreError) {
    self.width = width
    self.height = height
    cairo = try CairoLibrary()
    surface = cairo.imageSurfaceCreate(1 /* CAIRO_FORMAT_RGB24 */, Int32(width), Int32(height))
    context = cairo.create(surface)
    cairo.setSourceRGB(context, 1, 1, 1)
    cairo.paint(context)
    cairo.selectFontFace(context, "sans-serif", 0, 0)
  }

  deinit {
    cairo.destroy(context)
    cairo.surfaceDestroy(surface)
  }

  func use(_ color: Color) { cairo.setSourceRGB(context, color.red, color.green, color.blue) }

  func line(_ points: [(x: Double, y: Double)], width: Double) {
    outline(points)
    cairo.setLineWidth(context, width)
    cairo.stroke(context)
  }

  /// Fills the area within a closed line.
  func area(_ points: [(x: Double, y: Double)]) {
    outline(points)
    cairo.fill(context)
  }

  private func outline(_ points: [(x: Double, y: Double)]) {
    guard let first = points.first else { return }
    cairo.moveTo(context, first.x, first.y)
    for point in points.dropFirst() { cairo.lineTo(context, point.x, point.y) }
  }

  /// Writes text whose baseline passes through `y`, or upwards through `x`.
  func text(_ text: String, x: Double, y: Double, size: Double, anchor: Anchor = .start, isUpright: Bool = true) {
    cairo.setFontSize(context, size)
    let width = textWidth(text, size: size)
    let shift =
      switch anchor {
      case .start: 0.0
      case .middle: -width / 2
      case .end: -width
      }
    cairo.save(context)
    if isUpright {
      cairo.moveTo(context, x + shift, y)
    } else {
      cairo.moveTo(context, x, y - shift)
      cairo.rotate(context, -Double.pi / 2)
    }
    cairo.showText(context, text)
    cairo.restore(context)
  }

  func textWidth(_ text: String, size: Double) -> Double {
    cairo.setFontSize(context, size)
    var extents = [Double](repeating: 0, count: 6)
    cairo.textExtents(context, text, &extents)
    return extents[4]
  }

  /// The picture as the bytes of a PNG file.
  ///
  /// - Throws: `.io` with Cairo's reason.
  func png() throws(StoreError) -> [UInt8] {
    final class Bytes { var bytes: [UInt8] = [] }
    let result = Bytes()
    var code = cairo.status(context)
    if code == 0 {
      code = cairo.writeToPNGStream(
        surface,
        { target, bytes, count in
          guard let target else { return 11 /* CAIRO_STATUS_WRITE_ERROR */ }
          // `result` lives until this call is over.
          Unmanaged<Bytes>.fromOpaque(target).takeUnretainedValue().bytes += UnsafeBufferPointer(
            start: bytes, count: Int(count))
          return 0
        }, Unmanaged.passUnretained(result).toOpaque())
    }
    guard code == 0 else {
      throw StoreError(
        .io, "the picture could not be made: \(cairo.statusToString(code).map { String(cString: $0) } ?? "\(code)")")
    }
    return result.bytes
  }
}
