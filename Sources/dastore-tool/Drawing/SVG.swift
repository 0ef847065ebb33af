// A small writer of SVG: rectangles, lines and text in the order in which they are drawn.

/// An SVG picture under construction; lengths are pixels.
struct SVG {
  enum Anchor: String { case start, middle, end }

  let width: Double
  let height: Double
  private var body = ""

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String, stroke: String? = nil, title: String? = nil
  ) {
    let edge = stroke.map { " stroke=\"\($0)\" stroke-width=\"1\"" } ?? ""
    let place = "x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\""
    let tag = "<rect \(place) fill=\"\(fill)\"\(edge)"
    body += title.map { "\(tag)><title>\(escaped($0))</title></rect>\n" } ?? "\(tag)/>\n"
  }

  mutating func line(x1: Double, y1: Double, x2: Double, y2: Double) {
    body +=
      "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" stroke=\"#444444\"/>\n"
  }

  mutating func text(
    _ text: String, x: Double, y: Double, size: Double = 12, anchor: Anchor = .start, fill: String = "#222222",
    isVertical: Bool = false
  ) {
    let turn = isVertical ? " transform=\"rotate(-90 \(number(x)) \(number(y)))\"" : ""
    body +=
      "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(number(size))\" text-anchor=\"\(anchor.rawValue)\" "
    body += "fill=\"\(fill)\"\(turn)>\(escaped(text))</text>\n"
  }

  /// The whole document.
  var document: String {
    let size = "\(number(width)) \(number(height))"
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(number(width))" height="\(number(height))" \
      viewBox="0 0 \(size)" font-family="DejaVu Sans, Helvetica, Arial, sans-serif">
      <rect width="100%" height="100%" fill="#ffffff"/>
      \(body)</svg>

      """
  }

  private func number(_ value: Double) -> String {
    value == value.rounded() ? fixed(value, 0) : fixed(value, 2)
  }

  private func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
  }
}
