// Structures of HDF5 files as bytes: what is written, in the oldest versions that every HDF5 since 1.8 reads.

/// Bytes of a structure under construction; all numbers little-endian, addresses and lengths of 8 bytes.
struct HDF5Bytes {
  private(set) var bytes: [UInt8] = []

  static let sizes = HDF5Sizes(address: 8, length: 8)
  static let undefinedAddress = UInt64.max

  mutating func add(_ value: UInt64, _ byteCount: Int) {
    for byte in 0..<byteCount { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))) }
  }
  mutating func add(_ value: Int, _ byteCount: Int) { add(UInt64(value), byteCount) }
  mutating func add(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }
  mutating func add(address: Int?) { add(address.map { UInt64($0) } ?? Self.undefinedAddress, 8) }
  mutating func addChecksum() { add(UInt64(hdf5Lookup3(bytes)), 4) }
  mutating func pad(to byteCount: Int) {
    bytes.append(contentsOf: repeatElement(0, count: max(0, byteCount - bytes.count)))
  }
}

enum HDF5Encoding {
  static let superblockByteCount = 48

  static func superblock(endOfFile: Int, rootAddress: Int) -> [UInt8] {
    var out = HDF5Bytes()
    out.add(HDF5File.signature)
    out.add([2, 8, 8, 0])
    out.add(0, 8)
    out.add(address: nil)
    out.add(endOfFile, 8)
    out.add(rootAddress, 8)
    out.addChecksum()
    return out.bytes
  }

  /// An object header of version 2 in one block.
  static func objectHeader(_ messages: [(kind: Int, bytes: [UInt8])]) throws(StoreError) -> [UInt8] {
    var body = HDF5Bytes()
    for message in messages {
      guard message.bytes.count < 1 << 16 else {
        throw StoreError(.unsupported, "attributes of more than 65,535 bytes cannot be written to HDF5")
      }
      body.add([UInt8(message.kind)])
      body.add(message.bytes.count, 2)
      body.add([0])
      body.add(message.bytes)
    }
    var out = HDF5Bytes()
    out.add("OHDR".utf8)
    out.add([2, 2])
    out.add(body.bytes.count, 4)
    out.add(body.bytes)
    out.addChecksum()
    return out.bytes
  }

  /// A group that holds one object.
  static func group(name: String, address: Int) throws(StoreError) -> [UInt8] {
    var info = HDF5Bytes()
    info.add([0, 0])
    info.add(address: nil)
    info.add(address: nil)
    var link = HDF5Bytes()
    // Hard link, UTF-8, a length of two bytes.
    link.add([1, 0x11, 1])
    link.add(name.utf8.count, 2)
    link.add(name.utf8)
    link.add(address, 8)
    return try objectHeader([
      (HDF5ObjectHeader.Kind.linkInfo, info.bytes), (10, [0, 0]), (HDF5ObjectHeader.Kind.link, link.bytes),
    ])
  }

  /// - Parameter limits: `nil` where an axis may grow.
  static func dataspace(_ shape: [Int]?, limits: [Int?]? = nil) -> [UInt8] {
    var out = HDF5Bytes()
    let extents = shape ?? []
    out.add([2, UInt8(extents.count), limits == nil ? 0 : 1, shape == nil ? 2 : extents.isEmpty ? 0 : 1])
    for extent in extents { out.add(extent, 8) }
    for limit in limits ?? [] { out.add(address: limit) }
    return out.bytes
  }

  static func datatype(_ dtype: DType) -> [UInt8] {
    var out = HDF5Bytes()
    if dtype == .bool {
      out.add([0x38, 2, 0, 0, 1, 0, 0, 0])
      out.add(datatype(.int8))
      out.add(Array("FALSE\0TRUE\0".utf8) + [0, 1])
    } else if dtype.isComplex {
      let part = datatype(dtype == .complex64 ? .float32 : .float64)
      out.add([0x36, 2, 0, 0])
      out.add(dtype.byteCount, 4)
      for (name, offset) in [("r", 0), ("i", dtype.byteCount / 2)] {
        out.add(name.utf8)
        out.add([0, UInt8(offset)])
        out.add(part)
      }
    } else if dtype.isFloatingPoint {
      let bits = 8 * dtype.byteCount
      let exponent = bits == 16 ? 5 : bits == 32 ? 8 : 11
      // Little-endian, the leading one of the mantissa implied, the sign in the highest bit.
      out.add([0x11, 0x20, UInt8(bits - 1), 0])
      out.add(dtype.byteCount, 4)
      out.add(0, 2)
      out.add(bits, 2)
      out.add([UInt8(bits - 1 - exponent), UInt8(exponent), 0, UInt8(bits - 1 - exponent)])
      out.add(1 << (exponent - 1) - 1, 4)
    } else {
      out.add([0x10, dtype.isSignedInteger ? 8 : 0, 0, 0])
      out.add(dtype.byteCount, 4)
      out.add(0, 2)
      out.add(8 * dtype.byteCount, 2)
    }
    return out.bytes
  }

  /// Strings of variable length in UTF-8.
  static var variableString: [UInt8] { [0x19, 1, 1, 0, 16, 0, 0, 0] + datatype(.uint8) }

  static func fillValue(_ value: ElementValue) -> [UInt8] {
    var out = HDF5Bytes()
    // Space as chunks come, the value written where it is set.
    out.add([3, 0x2b])
    out.add(value.bytes.count, 4)
    out.add(value.bytes)
    return out.bytes
  }

  static func attribute(_ name: String, type: [UInt8], space: [UInt8], value: [UInt8]) -> [UInt8] {
    var out = HDF5Bytes()
    out.add([3, 0])
    out.add(name.utf8.count + 1, 2)
    out.add(type.count, 2)
    out.add(space.count, 2)
    out.add([1])
    out.add(Array(name.utf8) + [0])
    out.add(type)
    out.add(space)
    out.add(value)
    return out.bytes
  }
}
