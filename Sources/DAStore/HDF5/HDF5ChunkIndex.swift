// Where the chunks of an HDF5 dataset lie: all kinds of index, read into one table.

/// The place of one stored chunk.
struct HDF5ChunkRecord: Sendable, Equatable {
  var number: Int
  /// From the file's base.
  var address: Int
  var byteCount: Int
  /// Bit i: filter i was left out for this chunk.
  var filterMask: UInt32
}

/// Reads an index; what it reads is bounded by the file's size, since no node is read twice.
struct HDF5ChunkIndex {
  let file: HDF5File
  let grid: ChunkGrid
  /// What each axis may grow to.
  let limits: [Int?]
  let fullChunkByteCount: Int
  private(set) var records: [HDF5ChunkRecord] = []

  /// - Throws: `.corrupt`, `.truncated`, `.unsupported`, `.io`.
  init(
    _ file: HDF5File, _ place: HDF5ChunkIndexPlace, grid: ChunkGrid, limits: [Int?], fullChunkByteCount: Int
  ) throws(StoreError) {
    self.file = file
    self.grid = grid
    self.limits = limits
    self.fullChunkByteCount = fullChunkByteCount
    try read(place)
    records.sort { $0.number < $1.number }
    for (left, right) in zip(records, records.dropFirst()) where left.number == right.number {
      throw StoreError(.corrupt, "HDF5 chunk index names chunk \(left.number) twice")
    }
  }

  private mutating func read(_ place: HDF5ChunkIndexPlace) throws(StoreError) {
    switch place {
    case .tree(let address?):
      var visited = Set<Int>()
      try readTree(address, level: nil, &visited)
    case .single(let address?, let byteCount, let mask):
      add([Int](repeating: 0, count: grid.dimensionCount), address, byteCount ?? fullChunkByteCount, mask)
    case .implicit(let address?):
      // One after the other, in the order of the grid that the array could grow to.
      for number in 0..<grid.chunkCount {
        let position = grid.position(of: number)
        let (offset, overflow) = linearNumber(of: position).multipliedReportingOverflow(by: fullChunkByteCount)
        guard !overflow, offset <= file.byteCount, address <= file.byteCount - offset else {
          throw StoreError(
            .truncated, "HDF5 chunk \(number) should begin behind the end of the file of \(file.byteCount) bytes")
        }
        add(position, address + offset, fullChunkByteCount, 0)
      }
    case .fixedArray(let address?): try readFixedArray(address)
    case .extensibleArray(let address?): try readExtensibleArray(address)
    case .secondTree(let address?):
      let count = grid.dimensionCount
      try HDF5Tree2.forEachRecord(file, at: address) { kind, record throws(StoreError) in
        var record = record
        guard kind == 10 || kind == 11 else { throw record.corrupt("of kind \(kind) among chunks") }
        let address = try record.definedAddress()
        var (byteCount, mask) = (fullChunkByteCount, UInt32(0))
        if kind == 11 {
          byteCount = try record.integer(record.remaining - 4 - 8 * count)
          mask = UInt32(truncatingIfNeeded: try record.unsigned(4))
        }
        var position: [Int] = []
        for _ in 0..<count { position.append(try record.integer(8)) }
        add(position, address, byteCount, mask)
      }
    case .unfilteredEdges(let index): try read(index)
    case .tree, .single, .implicit, .fixedArray, .extensibleArray, .secondTree: return
    }
  }

  /// Notes a chunk; one outside the array is left over from a larger one.
  private mutating func add(_ position: [Int], _ address: Int, _ byteCount: Int, _ mask: UInt32) {
    guard zip(position, grid.chunksPerAxis).allSatisfy({ $0 < $1 }) else { return }
    records.append(
      HDF5ChunkRecord(number: grid.number(at: position), address: address, byteCount: byteCount, filterMask: mask))
  }

  private mutating func readTree(_ address: Int, level: Int?, _ visited: inout Set<Int>) throws(StoreError) {
    guard visited.insert(address).inserted else {
      throw StoreError(.corrupt, "HDF5 chunk index runs into itself at byte \(address)")
    }
    let node = try HDF5TreeNode(
      file, at: address, kind: 1, level: level, keyByteCount: 8 + 8 * (grid.dimensionCount + 1))
    for child in node.children {
      guard node.level == 0 else {
        try readTree(child.address, level: node.level - 1, &visited)
        continue
      }
      var key = child.key
      let byteCount = try key.integer(4)
      let mask = UInt32(truncatingIfNeeded: try key.unsigned(4))
      var position: [Int] = []
      for extent in grid.chunkShape {
        let (quotient, remainder) = try key.integer(8).quotientAndRemainder(dividingBy: extent)
        guard remainder == 0 else { throw key.corrupt("places a chunk off the grid") }
        position.append(quotient)
      }
      add(position, child.address, byteCount, mask)
    }
  }

  // MARK: Arrays of chunks, numbered in the grid that the array could grow to

  /// Chunks along each axis of the largest array; `nil` where there is no limit.
  private var largestGrid: [Int?] {
    zip(limits, grid.chunkShape).map { limit, chunk in limit.map { max(1, ($0 - 1) / chunk + 1) } }
  }
  /// The axis that may grow without limit, if there is one.
  private var endlessAxis: Int? { limits.firstIndex { $0 == nil } }

  /// The axes in the order of numbering: an endless one changes slowest.
  private var axisOrder: [Int] {
    guard let first = endlessAxis else { return Array(limits.indices) }
    return [first] + limits.indices.filter { $0 != first }
  }

  private func linearNumber(of position: [Int]) -> Int {
    let largest = largestGrid
    return axisOrder.reduce(0) { number, axis in
      let (product, overflow) = number.multipliedReportingOverflow(by: largest[axis] ?? 1)
      let (sum, carry) = product.addingReportingOverflow(position[axis])
      return overflow || carry ? Int.max : sum
    }
  }

  /// The position in the grid that an array's entry stands for; `nil` beyond the present grid.
  private func position(ofEntry number: Int) -> [Int]? {
    let largest = largestGrid
    var position = [Int](repeating: 0, count: limits.count)
    var rest = number
    for axis in axisOrder.reversed() {
      guard let count = largest[axis] else {
        position[axis] = rest
        rest = 0
        continue
      }
      (rest, position[axis]) = rest.quotientAndRemainder(dividingBy: count)
    }
    return rest == 0 ? position : nil
  }

  /// Reads entries from `first` on until the bytes end.
  mutating func addEntries(_ cursor: inout HDF5Cursor, first: Int, count: Int, entryByteCount: Int) throws(StoreError) {
    let isFiltered = entryByteCount > file.sizes.address
    for number in first..<first + count {
      let address = try cursor.address()
      var (byteCount, mask) = (fullChunkByteCount, UInt32(0))
      if isFiltered {
        byteCount = try cursor.integer(entryByteCount - file.sizes.address - 4)
        mask = UInt32(truncatingIfNeeded: try cursor.unsigned(4))
      }
      if let address, let position = position(ofEntry: number) { add(position, address, byteCount, mask) }
    }
  }
}
