// The chunk index that is written: a version 1 B-tree, which every HDF5 reads.

enum HDF5TreeEncoding {
  /// Most children of a node: twice the format's default for chunk indexes.
  private static let capacity = 64

  private struct Child {
    var key: [UInt8]
    var address: Int
  }

  /// The nodes of the tree over `records`, which are in the order of their numbers.
  ///
  /// - Parameter start: Where the nodes will lie, one after the other.
  /// - Returns: Their bytes and the root's address; no address without records.
  static func tree(_ records: [HDF5ChunkRecord], grid: ChunkGrid, at start: Int) -> (bytes: [UInt8], root: Int?) {
    guard let last = records.last else { return ([], nil) }
    func key(_ byteCount: Int, _ mask: UInt32, _ offsets: [Int]) -> [UInt8] {
      var out = HDF5Bytes()
      out.add(byteCount, 4)
      out.add(UInt64(mask), 4)
      for offset in offsets + [0] { out.add(offset, 8) }
      return out.bytes
    }
    func offsets(_ number: Int) -> [Int] { zip(grid.position(of: number), grid.chunkShape).map { $0 * $1 } }
    var children = records.map { Child(key: key($0.byteCount, $0.filterMask, offsets($0.number)), address: $0.address) }
    // Behind everything: one chunk further along the slowest axis.
    var beyond = [Int](repeating: 0, count: grid.dimensionCount)
    beyond[0] = offsets(last.number)[0] + grid.chunkShape[0]
    let finalKey = key(0, 0, beyond)
    let nodeByteCount = 24 + capacity * (finalKey.count + 8) + finalKey.count
    var out = HDF5Bytes()
    var level = 0
    repeat {
      var parents: [Child] = []
      let first = start + out.bytes.count
      let nodeCount = (children.count - 1) / capacity + 1
      for node in 0..<nodeCount {
        let range = node * capacity..<min((node + 1) * capacity, children.count)
        let address = first + node * nodeByteCount
        out.add("TREE".utf8)
        out.add([1, UInt8(level)])
        out.add(range.count, 2)
        out.add(address: node > 0 ? address - nodeByteCount : nil)
        out.add(address: node + 1 < nodeCount ? address + nodeByteCount : nil)
        for child in children[range] {
          out.add(child.key)
          out.add(child.address, 8)
        }
        out.add(range.upperBound < children.count ? children[range.upperBound].key : finalKey)
        out.pad(to: address + nodeByteCount - start)
        parents.append(Child(key: children[range.lowerBound].key, address: address))
      }
      children = parents
      level += 1
    } while children.count > 1
    return (out.bytes, children[0].address)
  }
}
