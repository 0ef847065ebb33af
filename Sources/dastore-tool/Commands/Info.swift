// `info`: what a stored array is, without reading its elements.

import ArgumentParser
import DAStore
import DistArray
import MessagePassing

struct Info: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what a stored array is: shape, type, chunks, codecs, sizes, attributes.",
    discussion: """
      Example:
        dastore-tool info volume.dnpy
        dastore-tool info measurements.h5
        dastore-tool info measurements.h5:/run1/pressure

      Of an HDF5 file without the path of a dataset it lists groups, datasets, links \
      and attributes.
      """)

  @Argument(help: "A stored array.", completion: .file())
  var source: String

  @OptionGroup var output: OutputOptions

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    if let entries = try hdf5Tree(in: session) {
      if output.json {
        try session.say(
          json: .object(["format": .string(StoreFormat.hdf5.rawValue), "tree": .array(entries.map(json))]))
      } else {
        var lines: [[String]] = []
        for entry in entries { lines += try rows(entry) }
        for line in table(lines) { session.say(line) }
      }
      return .done
    }
    let facts = try session.open(source).description
    if output.json {
      try session.say(json: .object(json(facts)))
      return .done
    }
    for line in table(try rows(facts)) { session.say(line) }
    return .done
  }

  /// Only `.dnpy` 2 and chunked HDF5 have chunks of their own; elsewhere the grid is our choice.
  private func chunks(_ facts: DatasetDescription) -> [Int]? {
    let isChunked = facts.format == .dnpy2 || facts.details.contains(.init("layout", .string("chunked")))
    return isChunked ? facts.grid.chunkShape : nil
  }

  /// The objects of an HDF5 file that is named without a dataset; `nil` for anything else.
  ///
  /// - Collective: yes.
  private func hdf5Tree(in session: Session) throws(StoreError) -> [HDF5Entry]? {
    let name = try DatasetName(parsing: source)
    guard name.member == nil, name.selection == nil else { return nil }
    let entries = try session.communicator.agree { () throws(StoreError) -> [HDF5Entry]? in
      session.isFirst && HDF5Tree.isHDF5(path: name.path) ? try HDF5Tree.entries(path: name.path) : nil
    }
    let found = try passing { () throws(MPIError) in try session.communicator.broadcast(entries == nil ? 0 : 1, from: 0)
    }
    return found == 1 ? entries ?? [] : nil
  }

  private func rows(_ entry: HDF5Entry) throws(StoreError) -> [[String]] {
    var row: [String]
    switch entry.kind {
    case .group: row = [entry.path, "group"]
    case .dataset(let shape, let type, let layout, let chunkShape, let filters):
      let chunks = chunkShape.map { " " + shapeText($0) } ?? ""
      let extents = shape.map(shapeText) ?? "no elements"
      row = [entry.path, "dataset", extents, type, layout + chunks, filters.joined(separator: ", ")]
    case .namedType: row = [entry.path, "type"]
    case .link(let target): row = [entry.path, "link", "to \(target)"]
    case .same(let first): row = [entry.path, "same as", first]
    case .unreadable(let reason): row = [entry.path, "unreadable", reason]
    }
    var rows = [row]
    for (key, value) in entry.attributes.sorted(by: { $0.key < $1.key }) {
      rows.append(["\(entry.path)@\(key)", "= \(try text(value))"])
    }
    return rows
  }

  private func json(_ entry: HDF5Entry) -> JSONValue {
    var members: [String: JSONValue] = ["path": .string(entry.path), "attributes": .object(entry.attributes)]
    switch entry.kind {
    case .group: members["kind"] = .string("group")
    case .dataset(let shape, let type, let layout, let chunkShape, let filters):
      members["kind"] = .string("dataset")
      members["shape"] = shape.map { JSONValue($0) } ?? .null
      members["dtype"] = .string(type)
      members["layout"] = .string(layout)
      members["chunks"] = chunkShape.map { JSONValue($0) } ?? .null
      members["codecs"] = .array(filters.map { .string($0) })
    case .namedType: members["kind"] = .string("type")
    case .link(let target): (members["kind"], members["target"]) = (.string("link"), .string(target))
    case .same(let first): (members["kind"], members["target"]) = (.string("same"), .string(first))
    case .unreadable(let reason): (members["kind"], members["reason"]) = (.string("unreadable"), .string(reason))
    }
    return .object(members)
  }

  private func rows(_ facts: DatasetDescription) throws(StoreError) -> [[String]] {
    var rows = [["format", facts.format.rawValue], ["shape", shapeText(facts.shape)]]
    rows.append(["dtype", "\(facts.dtype.numpyString) (\(facts.dtype.name))"])
    if let names = facts.dimensionNames {
      rows.append(["dimensions", names.map { $0 ?? "-" }.joined(separator: ", ")])
    }
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
