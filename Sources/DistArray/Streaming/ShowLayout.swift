// Which elements of an array are printed and how the lines break: NumPy's layout with its default options. Pure.

import DAStore

/// The printed part of an array of some shape.
struct ShowLayout {
  let shape: [Int]
  /// Per axis, the positions that are printed: all, or the first and last few.
  let positions: [[Int]]
  /// Whether `...` stands in the middle of an axis.
  let isShortened: [Bool]

  /// - Throws: `.invalidArgument` when even the shortest summary of so many axes would be too long to read.
  init(shape: [Int]) throws(StoreError) {
    self.shape = shape
    let count = shape.reduce(1, saturatingProduct)
    let edge = PrintOptions.edgeItems
    let summarizes = count > PrintOptions.threshold
    // Of an array without elements nothing is printed, however long its axes are.
    let isEdgeEnough = summarizes || count == 0
    isShortened = shape.map { summarizes && $0 > 2 * edge }
    positions = zip(shape, isShortened).map { size, isShortened in
      isShortened ? Array(0..<edge) + Array(size - edge..<size) : Array(0..<(isEdgeEnough ? min(size, 2 * edge) : size))
    }
    guard positions.reduce(1, { saturatingProduct($0, $1.count) }) <= 100_000 else {
      throw StoreError(
        .invalidArgument,
        "an array with \(shape.count) axes is too much to print; select a part, as in name[0, ..., 0:10]")
    }
  }

  /// Shape of the printed elements put together.
  var printedShape: [Int] { positions.map(\.count) }

  /// Boxes of printed elements: where they lie in the array and among the printed ones.
  var boxes: [(source: Region, origin: [Int])] {
    let edge = PrintOptions.edgeItems
    var boxes: [(lower: [Int], upper: [Int], origin: [Int])] = [([], [], [])]
    for axis in shape.indices {
      let runs: [(Int, Int, Int)] =
        isShortened[axis] ? [(0, edge, 0), (shape[axis] - edge, shape[axis], edge)] : [(0, positions[axis].count, 0)]
      boxes = boxes.flatMap { box in runs.map { (box.lower + [$0.0], box.upper + [$0.1], box.origin + [$0.2]) } }
    }
    return boxes.map { (Region(lower: $0.lower, upper: $0.upper), $0.origin) }
  }

  /// The whole text, given the printed elements' texts in row-major order.
  func text(_ elements: [String]) -> String {
    if shape.contains(0) { return "[]" }
    if shape.isEmpty { return elements.first ?? "" }
    var writer = Writer(layout: self, elements: elements)
    return writer.block(axis: 0, indent: " ", width: PrintOptions.lineWidth)
  }

  /// Takes element texts in order and breaks lines; as deep as the array has axes.
  private struct Writer {
    let layout: ShowLayout
    let elements: [String]
    var next = 0

    mutating func block(axis: Int, indent: String, width: Int) -> String {
      let count = layout.positions[axis].count
      let gap = layout.isShortened[axis] ? PrintOptions.edgeItems : nil
      var text = ""
      if axis == layout.shape.count - 1 {
        var line = indent
        func extend(_ word: String) {
          if line.utf8.count + word.utf8.count > width - 1, line.utf8.count > indent.utf8.count {
            while line.last == " " { line.removeLast() }
            text += line + "\n"
            line = indent
          }
          line += word
        }
        for index in 0..<count {
          if index == gap {
            extend("...")
            line += " "
          }
          extend(elements[next])
          next += 1
          if index < count - 1 { line += " " }
        }
        text += line
      } else {
        let separator = String(repeating: "\n", count: layout.shape.count - axis - 1)
        for index in 0..<count {
          if index == gap { text += indent + "..." + separator }
          text += indent + block(axis: axis + 1, indent: indent + " ", width: width - 1)
          if index < count - 1 { text += separator }
        }
      }
      return "[" + text.dropFirst(indent.utf8.count) + "]"
    }
  }
}
