// A distribution drawn with characters: one per element, or per box of elements when there are many.

import DAStore
import DistArray

struct CharacterDrawing {
  private static let mostColumns = 64
  private static let mostRows = 24
  private static let symbols = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  /// The drawing, and what must be said about it.
  let lines: [String]

  init(_ plane: DrawnPlane) {
    guard plane.hasElements else {
      lines = ["(no elements)"]
      return
    }
    let rows = Self.cells(plane.rows, most: Self.mostRows)
    let columns = Self.cells(plane.columns, most: Self.mostColumns)
    var lines = rows.map { row in
      String(
        columns.map { column in
          guard row.count == 1, column.count == 1 else { return "*" }
          return Self.symbols[plane.rank(row: row[0], column: column[0]) % Self.symbols.count]
        })
    }
    var notes = plane.omissions
    let sizes = [plane.rows, plane.columns].compactMap { $0 }.map { axis in
      let most = axis.axis == plane.columns?.axis ? Self.mostColumns : Self.mostRows
      return axis.extent <= most ? "1" : fixed(Double(axis.extent) / Double(most), 1)
    }
    if sizes.contains(where: { $0 != "1" }) {
      notes.append("one character is \(sizes.joined(separator: " x ")) elements")
    }
    if lines.contains(where: { $0.contains("*") }) { notes.append("* is more than one rank") }
    if let last = plane.distribution.targets.last, last > 9 { notes.append("a is rank 10, A is rank 36") }
    if let last = plane.distribution.targets.last, last >= Self.symbols.count {
      notes.append("characters come again after \(Self.symbols.count) ranks")
    }
    if !notes.isEmpty { lines.append("(\(notes.joined(separator: "; ")))") }
    self.lines = lines
  }

  /// The grid ranks that own elements of each cell of an axis; one cell of grid rank 0 for an axis that is not there.
  private static func cells(_ axis: DrawnAxis?, most: Int) -> [[Int]] {
    guard let axis else { return [[0]] }
    let count = min(axis.extent, most)
    // Whole and part apart, so that no product of a large extent overflows.
    let (width, rest) = axis.extent.quotientAndRemainder(dividingBy: count)
    func border(_ cell: Int) -> Int { cell * width + cell * rest / count }
    return (0..<count).map { axis.map.owners(in: border($0)..<border($0 + 1)) }
  }
}
