// A distribution in words and as JSON.

import DAStore
import DistArray

struct DistributionDescription {
  private let distribution: Distribution
  /// Most ranks listed in words.
  private static let mostRanks = 64

  init(_ distribution: Distribution) { self.distribution = distribution }

  /// A table of ranks and a drawing.
  var lines: [String] {
    let grid = distribution.gridShape
    var lines = table(
      [
        ["shape", shapeText(distribution.shape)], ["process grid", shapeText(grid)],
        ["axes", distribution.axes.map(\.kindText).joined(separator: ", ")],
      ].filter { !$0[1].isEmpty })
    var rows = [["rank", "place", "local shape", "elements"] + distribution.axes.indices.map { "axis \($0)" }]
    for rank in distribution.targets.prefix(Self.mostRanks) {
      rows.append(
        [
          "\(rank)", shapeText(distribution.coordinates(ofRank: rank) ?? []),
          shapeText(distribution.localShape(ofRank: rank) ?? []), countText(distribution.ownedCount(ofRank: rank)),
        ] + (distribution.ownedRuns(ofRank: rank) ?? []).map(Self.text))
    }
    lines.append("")
    lines += table(rows)
    if distribution.targets.count > Self.mostRanks {
      lines.append("and \(distribution.targets.count - Self.mostRanks) more ranks")
    }
    lines.append("")
    return lines + CharacterDrawing(DrawnPlane(distribution)).lines
  }

  /// Runs as slices: `0:5`, `1:50:2`.
  private static func text(_ runs: AxisRuns) -> String {
    if runs.isEmpty { return "-" }
    let texts = runs.prefix(3).map { run in
      run.count == 1 || run.step == 1 ? "\(run.start):\(run.stop)" : "\(run.start):\(run.stop):\(run.step)"
    }
    return texts.joined(separator: " ") + (runs.count > 3 ? " … (\(runs.count))" : "")
  }

  /// Lists have one entry per target, by ascending rank.
  var json: JSONValue {
    let targets = distribution.targets
    return .object([
      "shape": JSONValue(distribution.shape), "grid_shape": JSONValue(distribution.gridShape),
      "targets": JSONValue(targets),
      "local_shapes": .array(targets.map { JSONValue(distribution.localShape(ofRank: $0) ?? []) }),
      "owned_counts": JSONValue(targets.map { distribution.ownedCount(ofRank: $0) }),
      "dim_data": .array(
        targets.map { rank in .array((distribution.dimData(ofRank: rank) ?? []).map { JSONValue($0.literal) }) }),
    ])
  }
}

extension AxisMap {
  /// `block`, `cyclic`, `blocks of 4 in turn`, `lists`, `undistributed`.
  var kindText: String {
    let text =
      switch kind {
      case .undistributed: "undistributed"
      case .block: "block"
      case .cyclic(1): "cyclic"
      case .cyclic(let blockSize): "blocks of \(blockSize) in turn"
      case .unstructured: "lists"
      }
    return text + (padding.isEmpty ? "" : ", padded") + (isPeriodic ? ", periodic" : "")
  }
}

extension JSONValue {
  /// A Python literal; tuples become arrays.
  fileprivate init(_ literal: PythonLiteral) {
    switch literal {
    case .none: self = .null
    case .bool(let value): self = .bool(value)
    case .int(let value): self = .int(value)
    case .float(let value): self = .double(value)
    case .string(let value): self = .string(value)
    case .tuple(let values), .list(let values): self = .array(values.map { JSONValue($0) })
    case .dict(let entries):
      self = .object(
        Dictionary(entries.map { ($0.key.stringValue ?? $0.key.repr(), JSONValue($0.value)) }) { first, _ in first })
    case .array(let printed): self = .array(printed.elements.map { JSONValue($0) })
    }
  }
}
