// Names in groups: both ways in which HDF5 files keep them, and paths followed through links of every kind.

/// What a name in a group leads to.
enum HDF5Link: Equatable {
  case hard(Int)
  /// A path from the group that holds the link, or from the root.
  case soft(String)
  case external(file: String, path: String)
  /// Kinds that users define.
  case other(Int)
}

/// An object of an HDF5 file: the file that holds it after external links, and where.
struct HDF5Place {
  var file: HDF5File
  var address: Int
}

extension HDF5ObjectHeader {
  var isDataset: Bool { messages.contains { $0.kind == Kind.layout } }
  var isGroup: Bool { messages.contains { $0.kind == Kind.symbolTable || $0.kind == Kind.linkInfo } }

  /// The links of a group, sorted by name.
  ///
  /// - Throws: `.corrupt`, `.unsupported`.
  func links() throws(StoreError) -> [(name: String, link: HDF5Link)] {
    var links: [(name: String, link: HDF5Link)] = []
    for message in messages where message.kind == Kind.link {
      links.append(try Self.link(HDF5Cursor(message.bytes, file.sizes, "link")))
    }
    if var info = try cursor(Kind.linkInfo, "link info") {
      _ = try info.version(0...0)
      if try info.byte() & 1 != 0 { try info.skip(8) }
      if let heapAddress = try info.address(), let treeAddress = try info.address() {
        let heap = try HDF5FractalHeap(file, at: heapAddress)
        try HDF5Tree2.forEachRecord(file, at: treeAddress) { kind, record throws(StoreError) in
          var record = record
          guard kind == 5 else { throw record.corrupt("of kind \(kind) among links") }
          try record.skip(4)
          let bytes = try heap.object(try record.take(record.remaining))
          links.append(try Self.link(HDF5Cursor(bytes, file.sizes, "link")))
        }
      }
    }
    if var table = try cursor(Kind.symbolTable, "symbol table") {
      let tree = try table.definedAddress()
      let heap = try HDF5LocalHeap(file, at: try table.definedAddress())
      var visited = Set<Int>()
      try symbols(tree, level: nil, heap, &visited, &links)
    }
    return links.sorted { $0.name < $1.name }
  }

  private static func link(_ bytes: HDF5Cursor) throws(StoreError) -> (name: String, link: HDF5Link) {
    var cursor = bytes
    _ = try cursor.version(1...1)
    let flags = try cursor.byte()
    let kind = flags & 8 != 0 ? try cursor.byte() : 0
    if flags & 4 != 0 { try cursor.skip(8) }
    if flags & 16 != 0 { try cursor.skip(1) }
    let count = try cursor.integer(1 << (flags & 3))
    let name = String(decoding: try cursor.take(count), as: UTF8.self)
    switch kind {
    case 0: return (name, .hard(try cursor.definedAddress()))
    case 1:
      let count = try cursor.integer(2)
      return (name, .soft(hdf5Text(try cursor.take(count))))
    case 64:
      try cursor.skip(3)
      let file = try cursor.text()
      return (name, .external(file: file, path: try cursor.text()))
    default: return (name, .other(kind))
    }
  }

  /// The names below a node of an old-style group's tree.
  private func symbols(
    _ address: Int, level: Int?, _ heap: HDF5LocalHeap, _ visited: inout Set<Int>,
    _ links: inout [(name: String, link: HDF5Link)]
  ) throws(StoreError) {
    guard visited.insert(address).inserted else {
      throw StoreError(.corrupt, "HDF5 group runs into itself at byte \(address)")
    }
    let (a, l) = (file.sizes.address, file.sizes.length)
    if level == -1 {
      var head = try file.cursor(at: address, count: 8, "symbol table node")
      try head.expect(signature: "SNOD")
      try head.skip(2)
      let count = try head.integer(2)
      var entries = try file.cursor(at: address + 8, count: count * (2 * a + 24), "symbol table node")
      for _ in 0..<count {
        let name = try heap.text(at: try entries.integer(a))
        let target = try entries.address()
        let cacheKind = try entries.integer(4)
        try entries.skip(4)
        var scratch = HDF5Cursor(try entries.take(16), file.sizes, "symbol table entry")
        if cacheKind == 2 {
          links.append((name, .soft(try heap.text(at: try scratch.integer(4)))))
        } else if let target {
          links.append((name, .hard(target)))
        }
      }
      return
    }
    let node = try HDF5TreeNode(file, at: address, kind: 0, level: level, keyByteCount: l)
    for child in node.children { try symbols(child.address, level: node.level - 1, heap, &visited, &links) }
  }
}

/// Follows paths of names through groups.
struct HDF5Walker {
  /// Most links that one path may take: loops end here.
  private static let linkLimit = 32

  /// The object that a path names, through soft and external links.
  ///
  /// - Parameter path: From the root, or from `start`.
  /// - Throws: `.notFound`, `.corrupt`, `.unsupported`.
  static func object(_ path: String, in file: HDF5File) throws(StoreError) -> HDF5Place {
    var linkCount = 0
    return try object(path[...], from: HDF5Place(file: file, address: file.rootAddress), &linkCount)
  }

  private static func object(
    _ path: Substring, from start: HDF5Place, _ linkCount: inout Int
  ) throws(StoreError) -> HDF5Place {
    var place = path.first == "/" ? HDF5Place(file: start.file, address: start.file.rootAddress) : start
    for name in path.split(separator: "/") where name != "." {
      let header = try HDF5ObjectHeader(place.file, at: place.address)
      guard let link = try header.links().first(where: { $0.name == name })?.link else {
        throw StoreError(
          .notFound, "has no object '\(name)' on the way to '\(path)'; 'dastore-tool info' lists what it has")
      }
      place = try target(of: link, from: place, &linkCount)
    }
    return place
  }

  private static func target(
    of link: HDF5Link, from place: HDF5Place, _ linkCount: inout Int
  ) throws(StoreError) -> HDF5Place {
    linkCount += 1
    guard linkCount <= linkLimit || { if case .hard = link { true } else { false } }() else {
      throw StoreError(.corrupt, "more than \(linkLimit) links in a row; do they lead in a circle?")
    }
    switch link {
    case .hard(let address): return HDF5Place(file: place.file, address: address)
    case .soft(let path): return try object(path[...], from: place, &linkCount)
    case .external(let name, let path):
      let folder = splitPath(place.file.file.path).directory
      let other = try HDF5File(name.first == "/" ? name : folder + name)
      return try object(path[...], from: HDF5Place(file: other, address: other.rootAddress), &linkCount)
    case .other(let kind):
      throw StoreError(.unsupported, "an HDF5 link of kind \(kind), which only its maker can follow")
    }
  }
}

/// One node of a version 1 B-tree.
struct HDF5TreeNode {
  struct Child {
    /// The key in front of the child.
    var key: HDF5Cursor
    var address: Int
  }
  let level: Int
  let children: [Child]

  /// - Parameter level: What its parent says; `nil` for the root.
  init(_ file: HDF5File, at address: Int, kind: Int, level expected: Int?, keyByteCount: Int) throws(StoreError) {
    let a = file.sizes.address
    var head = try file.cursor(at: address, count: 8 + 2 * a, "B-tree node")
    try head.expect(signature: "TREE")
    guard try head.byte() == kind else { throw head.corrupt("is of another kind than its tree") }
    level = try head.byte()
    guard expected == nil || level == expected else {
      throw head.corrupt("has the level \(level), expected \(expected ?? 0)")
    }
    let count = try head.integer(2)
    var entries = try file.cursor(at: address + 8 + 2 * a, count: count * (keyByteCount + a), "B-tree node")
    var children: [Child] = []
    for _ in 0..<count {
      let key = HDF5Cursor(try entries.take(keyByteCount), file.sizes, "B-tree key")
      children.append(Child(key: key, address: try entries.definedAddress()))
    }
    self.children = children
  }
}
