// What the messages of a dataset's header say: extents, fill value, filters, and where its elements lie.

/// Extents of an array.
struct HDF5Dataspace: Equatable {
  /// `nil` for a null dataspace, which has no elements at all.
  var shape: [Int]?
  /// What each axis may grow to; `nil` without limit.
  var limits: [Int?]

  init(_ bytes: [UInt8], _ sizes: HDF5Sizes) throws(StoreError) {
    var cursor = HDF5Cursor(bytes, sizes, "dataspace")
    let version = try cursor.version(1...2)
    let count = try cursor.byte()
    let flags = try cursor.byte()
    let kind = try cursor.byte()
    if version == 1 { try cursor.skip(4) }
    guard count <= maximumDimensionCount else {
      throw StoreError(.unsupported, "\(count) dimensions; at most \(maximumDimensionCount) are supported")
    }
    var extents: [Int] = []
    for _ in 0..<count { extents.append(try cursor.length()) }
    shape = version == 2 && kind == 2 ? nil : extents
    limits = extents
    if flags & 1 != 0 {
      for axis in 0..<count { limits[axis] = try cursor.limit() }
    }
  }
}

/// One step between elements and stored bytes.
struct HDF5Filter: Equatable {
  var id: Int
  var isOptional: Bool
  var name: String
  var values: [UInt32]

  /// The filters of a pipeline message, in order of encoding.
  static func pipeline(_ bytes: [UInt8], _ sizes: HDF5Sizes) throws(StoreError) -> [HDF5Filter] {
    var cursor = HDF5Cursor(bytes, sizes, "filter pipeline")
    let version = try cursor.version(1...2)
    let count = try cursor.byte()
    // The format's own limit; a chunk's mask has as many bits.
    guard count <= 32 else { throw cursor.corrupt("has \(count) filters") }
    if version == 1 { try cursor.skip(6) }
    var filters: [HDF5Filter] = []
    for _ in 0..<count {
      let id = try cursor.integer(2)
      let nameByteCount = version == 1 || id >= 256 ? try cursor.integer(2) : 0
      let flags = try cursor.integer(2)
      let valueCount = try cursor.integer(2)
      let name = hdf5Text(try cursor.take(version == 1 ? (nameByteCount + 7) / 8 * 8 : nameByteCount))
      var values: [UInt32] = []
      for _ in 0..<valueCount { values.append(UInt32(truncatingIfNeeded: try cursor.unsigned(4))) }
      if version == 1, valueCount % 2 == 1 { try cursor.skip(min(4, cursor.remaining)) }
      filters.append(HDF5Filter(id: id, isOptional: flags & 1 != 0, name: name, values: values))
    }
    return filters
  }
}

/// How the elements of a dataset are laid out.
enum HDF5Layout: Equatable {
  /// One run of bytes at an address from the base, `nil` while nothing was ever written; of so many bytes, where the
  /// file says.
  case contiguous(address: Int?, byteCount: Int?)
  case chunked(chunkShape: [Int], elementByteCount: Int, index: HDF5ChunkIndexPlace)
  case virtual

  /// - Parameter message: Its bytes, and where they lie: elements may stand in the message itself.
  init(_ message: HDF5ObjectHeader.Message, _ sizes: HDF5Sizes) throws(StoreError) {
    var cursor = HDF5Cursor(message.bytes, sizes, "data layout")
    switch try cursor.version(1...5) {
    case 1, 2: self = try Self.old(&cursor, at: message.address)
    case 3: self = try Self.third(&cursor, at: message.address)
    default: self = try Self.fourth(&cursor, at: message.address)
    }
  }

  private static func old(_ cursor: inout HDF5Cursor, at place: Int) throws(StoreError) -> HDF5Layout {
    let count = try cursor.byte()
    let kind = try cursor.byte()
    try cursor.skip(5)
    let address = kind == 0 ? nil : try cursor.address()
    var extents: [Int] = []
    for _ in 0..<count { extents.append(try cursor.integer(4)) }
    switch kind {
    case 0:
      let byteCount = try cursor.integer(4)
      return .contiguous(address: place + cursor.position, byteCount: byteCount)
    case 1: return .contiguous(address: address, byteCount: nil)
    case 2: return try chunked(extents, &cursor, .tree(address))
    default: throw cursor.corrupt("is of class \(kind)")
    }
  }

  /// - Parameter extents: Those of a chunk, and behind them the bytes of an element.
  private static func chunked(
    _ extents: [Int], _ cursor: inout HDF5Cursor, _ index: HDF5ChunkIndexPlace
  ) throws(StoreError) -> HDF5Layout {
    guard let size = extents.last, extents.allSatisfy({ $0 > 0 }) else {
      throw cursor.corrupt("has a chunk shape with a zero")
    }
    return .chunked(chunkShape: extents.dropLast(), elementByteCount: size, index: index)
  }

  private static func third(_ cursor: inout HDF5Cursor, at place: Int) throws(StoreError) -> HDF5Layout {
    let kind = try cursor.byte()
    guard kind == 2 else { return try unchunked(kind, &cursor, at: place) }
    let count = try cursor.byte()
    let address = try cursor.address()
    var extents: [Int] = []
    for _ in 0..<count { extents.append(try cursor.integer(4)) }
    return try chunked(extents, &cursor, .tree(address))
  }

  private static func unchunked(_ kind: Int, _ cursor: inout HDF5Cursor, at place: Int) throws(StoreError) -> HDF5Layout
  {
    switch kind {
    case 0:
      let byteCount = try cursor.integer(2)
      return .contiguous(address: place + cursor.position, byteCount: byteCount)
    case 1:
      let address = try cursor.address()
      return .contiguous(address: address, byteCount: try cursor.length())
    case 3: return .virtual
    default: throw cursor.corrupt("is of class \(kind)")
    }
  }

  private static func fourth(_ cursor: inout HDF5Cursor, at place: Int) throws(StoreError) -> HDF5Layout {
    let kind = try cursor.byte()
    guard kind == 2 else { return try unchunked(kind, &cursor, at: place) }
    let flags = try cursor.byte()
    let count = try cursor.byte()
    let width = try cursor.byte()
    var extents: [Int] = []
    for _ in 0..<count { extents.append(try cursor.integer(width)) }
    let index: HDF5ChunkIndexPlace
    switch try cursor.byte() {
    case 1:
      let filtered = flags & 2 != 0
      let byteCount = filtered ? try cursor.length() : nil
      let mask = filtered ? try cursor.integer(4) : 0
      index = .single(try cursor.address(), byteCount: byteCount, filterMask: UInt32(truncatingIfNeeded: mask))
    case 2: index = .implicit(try cursor.address())
    case 3:
      try cursor.skip(1)
      index = .fixedArray(try cursor.address())
    case 4:
      try cursor.skip(5)
      index = .extensibleArray(try cursor.address())
    case 5:
      try cursor.skip(6)
      index = .secondTree(try cursor.address())
    case let kind: throw StoreError(.unsupported, "HDF5 chunk index of kind \(kind); kinds 1 to 5 are known")
    }
    return try chunked(extents, &cursor, flags & 1 != 0 ? .unfilteredEdges(index) : index)
  }
}

/// Which index says where chunks lie, and its address; `nil` while there are none.
indirect enum HDF5ChunkIndexPlace: Equatable {
  case tree(Int?)
  case single(Int?, byteCount: Int?, filterMask: UInt32)
  case implicit(Int?)
  case fixedArray(Int?)
  case extensibleArray(Int?)
  case secondTree(Int?)
  /// Chunks that reach over the array's edge are stored without filters.
  case unfilteredEdges(HDF5ChunkIndexPlace)
}

/// The fill value's bytes as stored; `nil` where the file gives none, which means zero.
func hdf5FillValue(_ header: HDF5ObjectHeader) throws(StoreError) -> [UInt8]? {
  if var cursor = try header.cursor(HDF5ObjectHeader.Kind.fillValue, "fill value") {
    let version = try cursor.version(1...3)
    if version == 3 {
      guard try cursor.byte() & 0x20 != 0 else { return nil }
    } else {
      try cursor.skip(2)
      guard try cursor.byte() != 0 else { return nil }
    }
    let count = try cursor.integer(4)
    return count == 0 || count > cursor.remaining ? nil : try cursor.take(count)
  }
  if var cursor = try header.cursor(HDF5ObjectHeader.Kind.oldFillValue, "fill value") {
    let count = try cursor.integer(4)
    return count == 0 ? nil : try cursor.take(count)
  }
  return nil
}
