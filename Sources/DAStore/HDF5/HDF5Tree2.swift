// Version 2 B-trees: indexes of chunks, of the links of a large group and of many attributes.

/// The records of a version 2 B-tree.
enum HDF5Tree2 {
  private struct Shape {
    var nodeByteCount: Int
    var recordByteCount: Int
    /// Bytes that the number of a child's records takes.
    var countByteCount: Int
    /// For each depth, bytes that the number of all records below a child takes.
    var totalByteCounts: [Int]
  }

  /// Gives every record of the tree, in order.
  ///
  /// - Throws: `.corrupt`, also for a tree that runs into itself.
  static func forEachRecord(
    _ file: HDF5File, at address: Int, _ body: (_ kind: Int, HDF5Cursor) throws(StoreError) -> Void
  ) throws(StoreError) {
    let (a, l) = (file.sizes.address, file.sizes.length)
    var header = try file.checkedCursor(at: address, count: 16 + a + 2 + l + 4, signature: "BTHD", "B-tree")
    _ = try header.version(0...0)
    let kind = try header.byte()
    let (nodeByteCount, recordByteCount, depth) = (try header.integer(4), try header.integer(2), try header.integer(2))
    try header.skip(2)
    guard let root = try header.address() else { return }
    let rootCount = try header.integer(2)
    guard recordByteCount > 0, nodeByteCount <= file.byteCount, nodeByteCount > 10 + recordByteCount, depth <= 32 else {
      throw header.corrupt("has nodes of \(nodeByteCount) bytes, records of \(recordByteCount), a depth of \(depth)")
    }
    func width(_ limit: Int) -> Int { (Int.bitWidth - 1 - max(limit, 1).leadingZeroBitCount) / 8 + 1 }
    let leafCount = (nodeByteCount - 10) / recordByteCount
    var shape = Shape(
      nodeByteCount: nodeByteCount, recordByteCount: recordByteCount, countByteCount: width(leafCount),
      totalByteCounts: [0])
    var total = leafCount
    for level in 0..<depth {
      let pointer = a + shape.countByteCount + shape.totalByteCounts[level]
      let count = max(0, nodeByteCount - 10 - pointer) / (recordByteCount + pointer)
      let (product, overflow) = (count + 1).multipliedReportingOverflow(by: total)
      total = overflow ? Int.max / 2 : min(product, Int.max / 2) + count
      shape.totalByteCounts.append(width(total))
    }
    var visited = Set<Int>()
    try visit(file, root, rootCount, depth, shape, kind, &visited, body)
  }

  private static func visit(
    _ file: HDF5File, _ address: Int, _ count: Int, _ depth: Int, _ shape: Shape, _ kind: Int,
    _ visited: inout Set<Int>,
    _ body: (Int, HDF5Cursor) throws(StoreError) -> Void
  ) throws(StoreError) {
    guard visited.insert(address).inserted else {
      throw StoreError(.corrupt, "HDF5 B-tree runs into itself at byte \(address)")
    }
    // The checksum stands right behind what the node uses.
    let pointer = file.sizes.address + shape.countByteCount + (depth > 0 ? shape.totalByteCounts[depth - 1] : 0)
    let used = 6 + count * shape.recordByteCount + (depth > 0 ? (count + 1) * pointer : 0) + 4
    guard used <= shape.nodeByteCount else {
      throw StoreError(.corrupt, "HDF5 B-tree node at byte \(address) claims \(count) records")
    }
    var node = try file.checkedCursor(at: address, count: used, signature: depth > 0 ? "BTIN" : "BTLF", "B-tree node")
    _ = try node.version(0...0)
    guard try node.byte() == kind else { throw node.corrupt("is of another kind than its tree") }
    var records: [HDF5Cursor] = []
    for _ in 0..<count { records.append(HDF5Cursor(try node.take(shape.recordByteCount), file.sizes, "B-tree record")) }
    if depth == 0 {
      for record in records { try body(kind, record) }
      return
    }
    for child in 0...count {
      let place = try node.definedAddress()
      let childCount = try node.integer(shape.countByteCount)
      try node.skip(shape.totalByteCounts[depth - 1])
      try visit(file, place, childCount, depth - 1, shape, kind, &visited, body)
      if child < count { try body(kind, records[child]) }
    }
  }
}
