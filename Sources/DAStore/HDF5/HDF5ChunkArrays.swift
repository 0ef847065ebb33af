// Chunk indexes that are arrays: of fixed size, and growing along one axis.

extension HDF5ChunkIndex {
  /// Entry sizes that an array of chunks can have: an address, or an address with a size and a mask.
  private func check(_ entryByteCount: Int, isFiltered: Bool, _ cursor: HDF5Cursor) throws(StoreError) {
    let a = file.sizes.address
    guard isFiltered ? (a + 5...a + 12).contains(entryByteCount) : entryByteCount == a else {
      throw cursor.corrupt("has entries of \(entryByteCount) bytes")
    }
  }

  mutating func readFixedArray(_ address: Int) throws(StoreError) {
    let (a, l) = (file.sizes.address, file.sizes.length)
    var header = try file.checkedCursor(at: address, count: 8 + l + a + 4, signature: "FAHD", "fixed array")
    _ = try header.version(0...0)
    let isFiltered = try header.byte() == 1
    let entryByteCount = try header.byte()
    let pageBits = try header.byte()
    let count = try header.length()
    try check(entryByteCount, isFiltered: isFiltered, header)
    guard let block = try header.address() else { return }
    guard count <= file.byteCount / entryByteCount, pageBits <= 40 else {
      throw header.corrupt("claims \(count) entries")
    }
    let pageCapacity = 1 << pageBits
    let prefix = 6 + a
    guard count > pageCapacity else {
      var entries = try file.checkedCursor(
        at: block, count: prefix + count * entryByteCount + 4, signature: "FADB", "fixed array block")
      try entries.skip(prefix - 4)
      return try addEntries(&entries, first: 0, count: count, entryByteCount: entryByteCount)
    }
    let pageCount = (count - 1) / pageCapacity + 1
    let maskByteCount = (pageCount + 7) / 8
    var head = try file.checkedCursor(
      at: block, count: prefix + maskByteCount + 4, signature: "FADB", "fixed array block")
    try head.skip(prefix - 4)
    let mask = try head.take(maskByteCount)
    try readPages(
      at: block + prefix + maskByteCount + 4, mask: mask[...], first: 0, count: count, pageCapacity: pageCapacity,
      entryByteCount: entryByteCount)
  }

  /// Pages of entries, those that were ever written: bit i of the mask, the highest first.
  private mutating func readPages(
    at address: Int, mask: ArraySlice<UInt8>, first: Int, count: Int, pageCapacity: Int, entryByteCount: Int
  ) throws(StoreError) {
    let pageByteCount = pageCapacity * entryByteCount + 4
    for page in 0..<(count - 1) / pageCapacity + 1
    where mask[mask.startIndex + page / 8] & (0x80 >> UInt8(page % 8)) != 0 {
      let held = min(pageCapacity, count - page * pageCapacity)
      let bytes = try file.bytes(at: address + page * pageByteCount, count: held * entryByteCount + 4, "page of chunks")
      var tail = HDF5Cursor(Array(bytes.suffix(4)), file.sizes, "page of chunks")
      guard try tail.unsigned(4) == UInt64(hdf5Lookup3(bytes.dropLast(4))) else {
        throw tail.corrupt("fails its checksum")
      }
      var entries = HDF5Cursor(Array(bytes.dropLast(4)), file.sizes, "page of chunks")
      try addEntries(&entries, first: first + page * pageCapacity, count: held, entryByteCount: entryByteCount)
    }
  }

  /// The parameters of an extensible array.
  private struct Growth {
    var entryByteCount: Int
    var leastBlockCapacity: Int
    var pageCapacity: Int
    var offsetByteCount: Int
    /// Bytes in front of the entries of a block, without its checksum.
    var prefix: Int

    func blockCount(_ superBlock: Int) -> Int { 1 << (superBlock / 2) }
    func capacity(_ superBlock: Int) -> Int { (1 << ((superBlock + 1) / 2)) * leastBlockCapacity }
  }

  mutating func readExtensibleArray(_ address: Int) throws(StoreError) {
    let (a, l) = (file.sizes.address, file.sizes.length)
    var header = try file.checkedCursor(at: address, count: 12 + 6 * l + a + 4, signature: "EAHD", "extensible array")
    _ = try header.version(0...0)
    let isFiltered = try header.byte() == 1
    let entryByteCount = try header.byte()
    let (bits, direct, leastCapacity) = (try header.byte(), try header.byte(), try header.byte())
    let (leastPointers, pageBits) = (try header.byte(), try header.byte())
    try header.skip(6 * l)
    try check(entryByteCount, isFiltered: isFiltered, header)
    func isPower(_ value: Int) -> Bool { value > 0 && value & (value - 1) == 0 }
    guard bits <= 48, pageBits <= 40, isPower(leastCapacity), isPower(leastPointers),
      bits >= leastCapacity.trailingZeroBitCount
    else { throw header.corrupt("has parameters that make no sense") }
    guard let indexBlock = try header.address() else { return }
    let growth = Growth(
      entryByteCount: entryByteCount, leastBlockCapacity: leastCapacity, pageCapacity: 1 << pageBits,
      offsetByteCount: (bits + 7) / 8, prefix: 6 + a + (bits + 7) / 8)
    let superBlockCount = 1 + bits - leastCapacity.trailingZeroBitCount
    let superBlocksInIndex = min(superBlockCount, 2 * leastPointers.trailingZeroBitCount)
    let blocksInIndex = 2 * (leastPointers - 1)
    let count = 6 + a + direct * entryByteCount + (blocksInIndex + superBlockCount - superBlocksInIndex) * a + 4
    var index = try file.checkedCursor(at: indexBlock, count: count, signature: "EAIB", "extensible array index")
    try index.skip(2 + a)
    try addEntries(&index, first: 0, count: direct, entryByteCount: entryByteCount)
    var first = direct
    for superBlock in 0..<superBlockCount {
      let (blocks, capacity) = (growth.blockCount(superBlock), growth.capacity(superBlock))
      if superBlock < superBlocksInIndex {
        for block in 0..<blocks {
          guard let place = try index.address() else { continue }
          try readBlock(place, first: first + block * capacity, capacity, mask: nil, growth)
        }
      } else if let place = try index.address() {
        try readSuperBlock(place, first: first, blocks, capacity, growth)
      }
      first += blocks * capacity
    }
  }

  private mutating func readSuperBlock(
    _ address: Int, first: Int, _ blocks: Int, _ capacity: Int, _ growth: Growth
  ) throws(StoreError) {
    let a = file.sizes.address
    let pageCount = capacity > growth.pageCapacity ? capacity / growth.pageCapacity : 0
    let maskByteCount = (pageCount + 7) / 8
    guard blocks <= file.byteCount / a, maskByteCount <= file.byteCount / blocks else {
      throw StoreError(.corrupt, "HDF5 extensible array claims \(blocks) blocks of \(capacity) chunks")
    }
    var cursor = try file.checkedCursor(
      at: address, count: growth.prefix + blocks * (maskByteCount + a) + 4, signature: "EASB", "extensible array block")
    try cursor.skip(growth.prefix - 4)
    let masks = try cursor.take(blocks * maskByteCount)
    for block in 0..<blocks {
      guard let place = try cursor.address() else { continue }
      let mask = pageCount > 0 ? masks[block * maskByteCount..<(block + 1) * maskByteCount] : nil
      try readBlock(place, first: first + block * capacity, capacity, mask: mask, growth)
    }
  }

  private mutating func readBlock(
    _ address: Int, first: Int, _ capacity: Int, mask: ArraySlice<UInt8>?, _ growth: Growth
  ) throws(StoreError) {
    guard capacity <= file.byteCount / growth.entryByteCount else {
      throw StoreError(.corrupt, "HDF5 extensible array claims a block of \(capacity) chunks at byte \(address)")
    }
    guard let mask else {
      var entries = try file.checkedCursor(
        at: address, count: growth.prefix + capacity * growth.entryByteCount + 4, signature: "EADB",
        "extensible array block")
      try entries.skip(growth.prefix - 4)
      return try addEntries(&entries, first: first, count: capacity, entryByteCount: growth.entryByteCount)
    }
    _ = try file.checkedCursor(at: address, count: growth.prefix + 4, signature: "EADB", "extensible array block")
    try readPages(
      at: address + growth.prefix + 4, mask: mask, first: first, count: capacity, pageCapacity: growth.pageCapacity,
      entryByteCount: growth.entryByteCount)
  }
}
