// The groups and datasets of an HDF5 file, as a list.

/// One object or link of a file.
public struct HDF5Entry: Sendable, Equatable {
  public enum Kind: Sendable, Equatable {
    case group
    /// The element type by its name; `nil` shape for a dataset without elements.
    case dataset(shape: [Int]?, type: String, layout: String, chunkShape: [Int]?, filters: [String])
    case namedType
    /// A soft or external link: where it leads.
    case link(String)
    /// An object that an earlier entry shows under this path.
    case same(String)
    /// What could not be read, and why.
    case unreadable(String)
  }
  /// From the root: `/`, `/group/data`.
  public var path: String
  public var kind: Kind
  public var attributes: [String: JSONValue]
}

/// Lists what an HDF5 file holds.
public enum HDF5Tree {
  /// Most entries that are listed.
  static let entryLimit = 1 << 20
  private static let depthLimit = 64

  /// Everything below the root, groups before what they hold, each group's names in order. Local.
  ///
  /// - Throws: `.notFound`, `.unsupported` when it is no HDF5 file, `.corrupt`, `.truncated`, `.io`. What is wrong with
  ///   one object is told in its entry.
  public static func entries(path: String) throws(StoreError) -> [HDF5Entry] {
    do throws(StoreError) { return try entries(of: HDF5File(path)) } catch { throw error.at(path: path) }
  }

  /// Whether a file can be opened and is one of HDF5. Local.
  public static func isHDF5(path: String) -> Bool {
    // Whoever opens it afterwards hears why it cannot be read.
    guard let file = try? PositionalFile(path), let place = try? HDF5File.signaturePlace(in: file) else { return false }
    return place >= 0
  }

  private static func entries(of file: HDF5File) throws(StoreError) -> [HDF5Entry] {
    var entries: [HDF5Entry] = []
    var known: [Int: String] = [:]
    try list(file, file.rootAddress, "/", 0, &known, &entries)
    return entries
  }

  private static func list(
    _ file: HDF5File, _ address: Int, _ path: String, _ depth: Int, _ known: inout [Int: String],
    _ entries: inout [HDF5Entry]
  ) throws(StoreError) {
    guard entries.count < entryLimit else {
      throw StoreError(.unsupported, "more than \(entryLimit) objects in one file")
    }
    if let first = known[address] {
      entries.append(HDF5Entry(path: path, kind: .same(first), attributes: [:]))
      return
    }
    known[address] = path
    var children: [(name: String, link: HDF5Link)] = []
    do throws(StoreError) {
      let header = try HDF5ObjectHeader(file, at: address)
      let (entry, links) = try entry(header, path)
      entries.append(entry)
      children = links
    } catch {
      entries.append(HDF5Entry(path: path, kind: .unreadable(error.message), attributes: [:]))
    }
    guard depth < depthLimit || children.isEmpty else {
      throw StoreError(.unsupported, "groups nested deeper than \(depthLimit)")
    }
    for (name, link) in children {
      let childPath = (path == "/" ? "" : path) + "/" + name
      switch link {
      case .hard(let target): try list(file, target, childPath, depth + 1, &known, &entries)
      case .soft(let target): entries.append(HDF5Entry(path: childPath, kind: .link(target), attributes: [:]))
      case .external(let other, let target):
        entries.append(HDF5Entry(path: childPath, kind: .link("\(other):\(target)"), attributes: [:]))
      case .other(let kind):
        entries.append(HDF5Entry(path: childPath, kind: .unreadable("a link of kind \(kind)"), attributes: [:]))
      }
    }
  }

  private static func entry(
    _ header: HDF5ObjectHeader, _ path: String
  ) throws(StoreError) -> (HDF5Entry, [(name: String, link: HDF5Link)]) {
    guard header.isDataset else {
      var attributes: [String: JSONValue] = [:]
      for attribute in try header.attributes() where attribute.name != "_NCProperties" {
        if let value = try attribute.json(header.file) { attributes[attribute.name] = value }
      }
      // An empty group of the newest kind may have no message of its own.
      let isType = !header.isGroup && header.messages.contains { $0.kind == HDF5ObjectHeader.Kind.datatype }
      let links = isType ? [] : try header.links()
      return (HDF5Entry(path: path, kind: isType ? .namedType : .group, attributes: attributes), links)
    }
    let facts = try HDF5ArrayFacts(header)
    var chunkShape: [Int]?
    if case .chunked(let shape, _, _) = facts.layout { chunkShape = shape }
    let kind = HDF5Entry.Kind.dataset(
      shape: facts.space.shape, type: facts.type.name, layout: facts.layoutName, chunkShape: chunkShape,
      filters: facts.filterNames)
    return (HDF5Entry(path: path, kind: kind, attributes: try facts.attributes()), [])
  }

  /// Where each dataset's header lies, and the first path that leads there.
  static func datasetPaths(of file: HDF5File) throws(StoreError) -> [Int: String] {
    var entries: [HDF5Entry] = []
    var known: [Int: String] = [:]
    try list(file, file.rootAddress, "/", 0, &known, &entries)
    return known
  }

  /// The path of a file's only dataset of numbers.
  ///
  /// - Throws: `.invalidArgument` with the datasets' names when there are several; `.notFound` without any.
  static func onlyDataset(of file: HDF5File) throws(StoreError) -> String {
    let paths = try entries(of: file).compactMap { entry -> String? in
      if case .dataset = entry.kind { entry.path } else { nil }
    }
    guard let first = paths.first else { throw StoreError(.notFound, "an HDF5 file without datasets") }
    guard paths.count == 1 else {
      let shown = paths.prefix(8).joined(separator: ", ") + (paths.count > 8 ? ", …" : "")
      throw StoreError(
        .invalidArgument, "an HDF5 file of \(paths.count) datasets; name one, as in 'file.h5:\(first)': \(shown)")
    }
    return first
  }
}
