// `info`: what a stored array is, without reading its elements.

import ArgumentParser
import DAStore
import DistArray

struct Info: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what a stored array is: shape, type, chunks, codecs, sizes, attributes.",
    discussion: """
      Example:
        dastore-tool info volume.dnpy
      """)

  @Argument(help: "A stored array.", completion: .file())
  var source: String

  @OptionGroup var output: OutputOptions

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let facts = try session.open(source).description
    if output.json {
      try session.say(json: .object(json(facts)))
      return .done
    }
    for line in table(try rows(facts)) { session.say(line) }
    return .done
  }

  /// Only `.dnpy` 2 has chunks of its own; elsewhere the grid is our choice.
  private func chunks(_ facts: DatasetDescription) -> [Int]? {
    facts.format == .dnpy2 ? facts.grid.chunkShape : nil
  }

  private func rows(_ facts: DatasetDescription) throws(StoreError) -> [[String]] {
    var rows = [["format", facts.format.rawValue], ["shape", shapeText(facts.shape)]]
    rows.append(["dtype", "\(facts.dtype.numpyString) (\(facts.dtype.name))"])
    if let names = facts.dimensionNames { rows.append(["dimensions", names.map { $0 ?? "-" }.joined(separator: ", ")]) }
    if let chunks = chunks(facts) {
      rows.append(["chunks", "\(shapeText(chunks)), \(countText(facts.grid.chunkCount)) of them"])
      rows.append(["codecs", facts.codecs.isEmpty ? "none" : facts.codecs.joined(separator: ", ")])
      rows.append(["fill value", "\(facts.fillValue)"])
    }
    rows.append(["elements", byteCountText(facts.logicalByteCount)])
    let ratio = facts.storedByteCount > 0 ? Double(facts.logicalByteCount) / Double(facts.storedByteCount) : 0
    let note = ratio > 1.05 ? " (\(fixed(ratio, 1)) times smaller)" : ""
    rows.append(["stored", byteCountText(facts.storedByteCount) + note])
    if let generation = facts.generation { rows.append(["generation", "\(generation)"]) }
    for detail in facts.details { rows.append([detail.key, try text(detail.value)]) }
    for (key, value) in facts.attributes.sorted(by: { $0.key < $1.key }) {
      rows.append(["attribute", "\(key) = \(try text(value))"])
    }
    return rows
  }

  private func text(_ value: JSONValue) throws(StoreError) -> String {
    if let string = value.stringValue { return string }
    return String(decoding: try value.encoded(), as: UTF8.self)
  }

  private func json(_ facts: DatasetDescription) -> [String: JSONValue] {
    [
      "format": .string(facts.format.rawValue), "shape": JSONValue(facts.shape),
      "dtype": .string(facts.dtype.numpyString), "chunks": chunks(facts).map { JSONValue($0) } ?? .null,
      "codecs": .array(facts.codecs.map { .string($0) }), "logical_bytes": .int(facts.logicalByteCount),
      "stored_bytes": .int(facts.storedByteCount), "generation": facts.generation.map { .int($0) } ?? .null,
      "attributes": .object(facts.attributes), "fill_value": JSONValue(facts.fillValue),
      "dimension_names": facts.dimensionNames.map { .array($0.map { $0.map { .string($0) } ?? .null }) } ?? .null,
      "details": .object(Dictionary(facts.details.map { ($0.key, $0.value) }) { first, _ in first }),
    ]
  }
}
