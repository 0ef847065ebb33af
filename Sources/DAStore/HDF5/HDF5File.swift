// An HDF5 file: where it begins, how wide its addresses are, and its structures as checked bytes.

/// An HDF5 file open for reading. Its structures are read here, without the HDF5 library: Docs/Decisions/0011.
///
/// Thread-safe: it holds nothing but the open file and constants.
final class HDF5File: Sendable {
  let file: PositionalFile
  /// Where the file's addresses begin to count: behind a user block.
  let baseOffset: Int
  /// Bytes from the base to the end of the file.
  let byteCount: Int
  let sizes: HDF5Sizes
  let rootAddress: Int
  let superblockVersion: Int

  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// - Throws: `.notFound`, `.io`; `.unsupported` when it is no HDF5 file; `.corrupt`, `.truncated`.
  init(_ path: String) throws(StoreError) {
    do throws(StoreError) {
      let file = try PositionalFile(path)
      guard let base = try Self.signaturePlace(in: file) else { throw StoreError(.unsupported, "not an HDF5 file") }
      let size = try file.byteCount() - base
      let superblock = try HDF5Superblock(try file.bytes(at: base, count: min(size, HDF5Superblock.largestByteCount)))
      guard superblock.endOfFile <= size else {
        throw StoreError(
          .truncated, "an HDF5 file of \(superblock.endOfFile) bytes by its superblock, \(size) are there")
      }
      self.file = file
      baseOffset = base
      byteCount = size
      sizes = superblock.sizes
      rootAddress = superblock.rootAddress
      superblockVersion = superblock.version
    } catch {
      throw error.at(path: path)
    }
  }

  /// The byte at which an HDF5 file's superblock begins: 0, or 512, 1024, 2048, … behind a user block.
  static func signaturePlace(in file: PositionalFile) throws(StoreError) -> Int? {
    let size = try file.byteCount()
    var place = 0
    while place <= size - signature.count {
      if try file.bytes(at: place, count: signature.count) == signature { return place }
      place = max(512, 2 * place)
    }
    return nil
  }

  /// `count` bytes of structure at an address.
  ///
  /// - Throws: `.corrupt` when they would lie outside the file.
  func bytes(at address: Int, count: Int, _ what: String) throws(StoreError) -> [UInt8] {
    guard address >= 0, count >= 0, address <= byteCount, count <= byteCount - address else {
      throw StoreError(
        .corrupt, "HDF5 \(what) of \(count) bytes at byte \(address) lies outside the file of \(byteCount) bytes")
    }
    return try file.bytes(at: baseOffset + address, count: count)
  }

  func cursor(at address: Int, count: Int, _ what: String) throws(StoreError) -> HDF5Cursor {
    HDF5Cursor(try bytes(at: address, count: count, what), sizes, "\(what) at byte \(address)")
  }

  /// A structure with a signature in front and a checksum of everything before it at the end; the cursor stands behind
  /// the signature.
  ///
  /// - Parameter count: Bytes of the structure, checksum included.
  func checkedCursor(at address: Int, count: Int, signature: String, _ what: String) throws(StoreError) -> HDF5Cursor {
    let bytes = try bytes(at: address, count: count, what)
    var cursor = HDF5Cursor(Array(bytes.dropLast(4)), sizes, "\(what) at byte \(address)")
    try cursor.expect(signature: signature)
    var tail = HDF5Cursor(Array(bytes.suffix(4)), sizes, what)
    guard try tail.unsigned(4) == UInt64(hdf5Lookup3(bytes.dropLast(4))) else {
      throw cursor.corrupt("fails its checksum")
    }
    return cursor
  }
}

/// The first structure of an HDF5 file.
struct HDF5Superblock {
  var version: Int
  var sizes: HDF5Sizes
  /// Counted from the base.
  var endOfFile: Int
  var rootAddress: Int

  static let largestByteCount = 128

  init(_ bytes: [UInt8]) throws(StoreError) {
    var probe = HDF5Cursor(bytes, HDF5Sizes(address: 8, length: 8), "superblock")
    try probe.skip(HDF5File.signature.count)
    version = try probe.version(0...3)
    if version < 2 { try probe.skip(4) }
    let (address, length) = (try probe.byte(), try probe.byte())
    guard [2, 4, 8].contains(address), [2, 4, 8].contains(length) else {
      throw probe.corrupt("has addresses of \(address) and lengths of \(length) bytes; 2, 4 or 8 are known")
    }
    sizes = HDF5Sizes(address: address, length: length)
    var cursor = HDF5Cursor(bytes, sizes, "superblock")
    if version < 2 {
      // Versions of parts, sizes, group and (version 1) index parameters, flags.
      try cursor.skip(8 + 8 + 4 + 4 + (version == 1 ? 4 : 0))
      let base = try cursor.definedAddress()
      _ = try cursor.address()
      endOfFile = try cursor.definedAddress() - base
      _ = try cursor.address()
      _ = try cursor.address()
      rootAddress = try cursor.definedAddress()
    } else {
      try cursor.skip(8 + 4)
      let base = try cursor.definedAddress()
      _ = try cursor.address()
      endOfFile = try cursor.definedAddress() - base
      rootAddress = try cursor.definedAddress()
      let checksum = hdf5Lookup3(bytes[..<cursor.position])
      guard try cursor.unsigned(4) == UInt64(checksum) else { throw cursor.corrupt("fails its checksum") }
    }
  }
}
