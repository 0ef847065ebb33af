// Heaps: where an HDF5 file keeps names, strings of variable length, and the links and attributes of large objects.

/// The names of an old-style group.
struct HDF5LocalHeap {
  private let bytes: [UInt8]

  init(_ file: HDF5File, at address: Int) throws(StoreError) {
    var cursor = try file.cursor(at: address, count: 8 + 2 * file.sizes.length + file.sizes.address, "local heap")
    try cursor.expect(signature: "HEAP")
    _ = try cursor.version(0...0)
    try cursor.skip(3)
    let count = try cursor.length()
    _ = try cursor.limit()
    bytes = try file.bytes(at: try cursor.definedAddress(), count: count, "local heap")
  }

  func text(at offset: Int) throws(StoreError) -> String {
    guard offset >= 0, offset < bytes.count else {
      throw StoreError(.corrupt, "HDF5 local heap of \(bytes.count) bytes has no name at its byte \(offset)")
    }
    return hdf5Text(bytes[offset...])
  }
}

extension HDF5File {
  /// An object of the global heap: the contents of one value of variable length.
  func globalHeapObject(collection address: Int, index: Int) throws(StoreError) -> [UInt8] {
    var head = try cursor(at: address, count: 8 + sizes.length, "global heap")
    try head.expect(signature: "GCOL")
    _ = try head.version(1...1)
    try head.skip(3)
    let count = try head.length()
    var objects = try cursor(at: address, count: count, "global heap")
    try objects.skip(8 + sizes.length)
    while objects.remaining >= 8 + sizes.length {
      let number = try objects.integer(2)
      try objects.skip(6)
      let byteCount = try objects.length()
      if number == 0 { break }
      let bytes = try objects.take(byteCount)
      if number == index { return bytes }
      try objects.align(from: 0)
    }
    throw objects.corrupt("has no object \(index)")
  }
}

/// The links or attributes of a large object.
struct HDF5FractalHeap {
  private let file: HDF5File
  private let address: Int
  private let flags: Int
  private let width: Int
  private let startByteCount: Int
  private let maximumDirectByteCount: Int
  private let offsetByteCount: Int
  private let lengthByteCount: Int
  private let rootAddress: Int?
  private let rootRowCount: Int

  init(_ file: HDF5File, at address: Int) throws(StoreError) {
    self.file = file
    self.address = address
    let (a, l) = (file.sizes.address, file.sizes.length)
    let count = 22 + 12 * l + 3 * a + 4
    var cursor = try file.cursor(at: address, count: count, "fractal heap")
    try cursor.expect(signature: "FRHP")
    _ = try cursor.version(0...0)
    try cursor.skip(2)
    guard try cursor.integer(2) == 0 else {
      throw StoreError(.unsupported, "HDF5 group or attributes in a compressed heap, which this version does not read")
    }
    cursor = try file.checkedCursor(at: address, count: count, signature: "FRHP", "fractal heap")
    try cursor.skip(1 + 2 + 2)
    flags = try cursor.byte()
    let largestObject = try cursor.integer(4)
    try cursor.skip(l + a + l + a + 8 * l)
    width = try cursor.integer(2)
    startByteCount = try cursor.length()
    maximumDirectByteCount = try cursor.length()
    let heapBits = try cursor.integer(2)
    try cursor.skip(2)
    rootAddress = try cursor.address()
    rootRowCount = try cursor.integer(2)
    func isPower(_ value: Int) -> Bool { value > 0 && value & (value - 1) == 0 }
    guard isPower(width), isPower(startByteCount), isPower(maximumDirectByteCount),
      startByteCount <= maximumDirectByteCount,
      startByteCount <= 1 << 24, maximumDirectByteCount <= 1 << 30, width <= 1 << 8, heapBits <= 64
    else {
      throw cursor.corrupt("has blocks of \(startByteCount) to \(maximumDirectByteCount) bytes in rows of \(width)")
    }
    offsetByteCount = (heapBits + 7) / 8
    func log2(_ value: Int) -> Int { Int.bitWidth - 1 - max(value, 1).leadingZeroBitCount }
    lengthByteCount = min((log2(maximumDirectByteCount) + 7) / 8, log2(largestObject) / 8 + 1)
  }

  /// The bytes of an object by its identifier.
  ///
  /// - Throws: `.corrupt`; `.unsupported` for an object too large to lie in the heap's own blocks.
  func object(_ identifier: [UInt8]) throws(StoreError) -> [UInt8] {
    var cursor = HDF5Cursor(identifier, file.sizes, "heap identifier")
    let head = try cursor.byte()
    switch head >> 4 & 3 {
    case 0:
      let offset = try cursor.integer(offsetByteCount)
      return try managed(offset, count: try cursor.integer(lengthByteCount))
    case 2: return try cursor.take(head & 15 + 1)
    default: throw StoreError(.unsupported, "HDF5 attribute larger than a heap block, which this version does not read")
    }
  }

  /// Sizes are bounded so that no sum of rows overflows; heaps of links and attributes stay far below.
  private func rowByteCount(_ row: Int) -> Int { row == 0 ? startByteCount : startByteCount << min(row - 1, 20) }

  private func managed(_ offset: Int, count: Int) throws(StoreError) -> [UInt8] {
    func damaged() -> StoreError {
      StoreError(.corrupt, "HDF5 fractal heap at byte \(address) has no object at its byte \(offset)")
    }
    guard var block = rootAddress else { throw damaged() }
    var rows = rootRowCount
    var within = offset
    var blockByteCount = startByteCount
    let directRows = (maximumDirectByteCount / startByteCount).trailingZeroBitCount + 2
    var depth = 0
    // Rows of blocks of doubling size; the larger ones are such tables again.
    while rows > 0 {
      depth += 1
      guard depth <= 32, rows <= 64 else { throw damaged() }
      var row = 0
      var start = 0
      while row < rows, within - start >= width * rowByteCount(row) {
        start += width * rowByteCount(row)
        row += 1
      }
      guard row < rows else { throw damaged() }
      let size = rowByteCount(row)
      let column = (within - start) / size
      let entry = row * width + column
      var table = try file.cursor(
        at: block, count: 5 + file.sizes.address + offsetByteCount + (entry + 1) * file.sizes.address,
        "fractal heap table")
      try table.expect(signature: "FHIB")
      try table.skip(1 + file.sizes.address + offsetByteCount + entry * file.sizes.address)
      block = try table.definedAddress()
      within -= start + column * size
      blockByteCount = size
      rows = row < directRows ? 0 : (size / (startByteCount * width)).trailingZeroBitCount + 1
    }
    guard within <= blockByteCount, count <= blockByteCount - within else { throw damaged() }
    var head = try file.cursor(at: block, count: 5, "fractal heap block")
    try head.expect(signature: "FHDB")
    return try file.bytes(at: block + within, count: count, "heap object")
  }
}
