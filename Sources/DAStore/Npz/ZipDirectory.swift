// The central directory of a zip archive as values: bytes in, entries out. See Formats/npy.md, section ".npz".

/// How a member's bytes are stored.
package enum ZipMethod: Sendable, Equatable {
  case stored
  case deflated
  case other(Int)

  init(code: Int) {
    self =
      switch code {
      case 0: .stored
      case 8: .deflated
      default: .other(code)
      }
  }

  /// `stored`, `deflate`, or the name of a method that this library does not have.
  package var name: String {
    switch self {
    case .stored: "stored"
    case .deflated: "deflate"
    case .other(9): "deflate64"
    case .other(12): "bzip2"
    case .other(14): "lzma"
    case .other(93): "zstandard"
    case .other(95): "xz"
    case .other(98): "ppmd"
    case .other(99): "encrypted (AES)"
    case .other(let code): "method \(code)"
    }
  }
}

/// One member of a zip archive, as the central directory describes it.
package struct ZipEntry: Sendable, Equatable {
  package var name: String
  var rawName: [UInt8]
  var flags: UInt16
  package var method: ZipMethod
  var crc32: UInt32
  package var storedByteCount: Int
  package var byteCount: Int
  /// Of the local header, from the start of the archive.
  var localHeaderOffset: Int

  var isEncrypted: Bool { flags & (1 << 0 | 1 << 6 | 1 << 13) != 0 }
  /// Checksum and sizes stand after the member's bytes, not in its local header.
  var hasDataDescriptor: Bool { flags & (1 << 3) != 0 }
}

/// Where the central directory lies.
struct ZipDirectoryLocation: Equatable {
  var entryCount: Int
  var offset: Int
  var byteCount: Int
  /// Bytes that stand before the archive in its file; offsets inside the archive do not count them.
  var prefixByteCount: Int
}

/// Little-endian fields of a run of bytes, each checked against its end.
struct ZipFields {
  let bytes: ArraySlice<UInt8>
  private(set) var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  var remaining: Int { bytes.endIndex - position }

  mutating func take(_ count: Int) throws(StoreError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw StoreError(.corrupt, "zip directory: a field of \(count) bytes where \(remaining) are left")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func unsigned16() throws(StoreError) -> Int { Int(try number(2)) }
  mutating func unsigned32() throws(StoreError) -> Int { Int(try number(4)) }
  /// A count or offset; beyond 2^63 it is as absurd as beyond any file.
  mutating func size64() throws(StoreError) -> Int { Int(clamping: try number(8)) }

  private mutating func number(_ byteCount: Int) throws(StoreError) -> UInt64 {
    try take(byteCount).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// The "extended information" field 0x0001, which holds sizes that do not fit 32 bits, in this order, each only when
/// its field in the record is all ones.
struct Zip64Field {
  var byteCount: Int
  var storedByteCount: Int
  var offset: Int

  mutating func apply(_ extra: ArraySlice<UInt8>) throws(StoreError) {
    let allOnes = 0xFFFF_FFFF
    guard [byteCount, storedByteCount, offset].contains(allOnes) else { return }
    var fields = ZipFields(extra)
    while fields.remaining >= 4 {
      let tag = try fields.unsigned16()
      let size = try fields.unsigned16()
      var field = ZipFields(try fields.take(size))
      guard tag == 0x0001 else { continue }
      if byteCount == allOnes { byteCount = try field.size64() }
      if storedByteCount == allOnes { storedByteCount = try field.size64() }
      if offset == allOnes { offset = try field.size64() }
      return
    }
    // Without the field, 4294967295 is the number meant.
  }
}

enum ZipDirectory {
  static let endRecordByteCount = 22
  static let locator64ByteCount = 20
  static let endRecord64ByteCount = 56
  static let longestCommentByteCount = 0xFFFF
  static let entryByteCount = 46
  static let localHeaderByteCount = 30

  static let endSignature: [UInt8] = [0x50, 0x4B, 5, 6]
  static let locator64Signature: [UInt8] = [0x50, 0x4B, 6, 7]
  static let end64Signature: [UInt8] = [0x50, 0x4B, 6, 6]
  static let entrySignature: [UInt8] = [0x50, 0x4B, 1, 2]
  static let localSignature: [UInt8] = [0x50, 0x4B, 3, 4]

  /// Position of the end record in the last bytes of a file: the last one whose comment ends where the file does.
  static func endRecord(in tail: [UInt8]) -> Int? {
    guard tail.count >= endRecordByteCount else { return nil }
    for position in stride(from: tail.count - endRecordByteCount, through: 0, by: -1)
    where tail[position] == endSignature[0] && tail[position...].starts(with: endSignature) {
      let comment = Int(tail[position + 20]) | Int(tail[position + 21]) << 8
      if position + endRecordByteCount + comment == tail.count { return position }
    }
    return nil
  }

  /// Decodes the end record; fields that are all ones are meant for the 64-bit record.
  static func location(endRecord: ArraySlice<UInt8>, at position: Int) throws(StoreError) -> ZipDirectoryLocation {
    var fields = ZipFields(endRecord)
    _ = try fields.take(4)
    let disks = try [fields.unsigned16(), fields.unsigned16()]
    let counts = try [fields.unsigned16(), fields.unsigned16()]
    let byteCount = try fields.unsigned32()
    let offset = try fields.unsigned32()
    try requireOneDisk(disks == [0, 0] && counts[0] == counts[1])
    return try location(entryCount: counts[0], offset: offset, byteCount: byteCount, end: position)
  }

  /// Decodes the 64-bit end record.
  static func location(endRecord64: ArraySlice<UInt8>, at position: Int) throws(StoreError) -> ZipDirectoryLocation {
    var fields = ZipFields(endRecord64)
    _ = try fields.take(4 + 8 + 4)
    let disks = try [fields.unsigned32(), fields.unsigned32()]
    let counts = try [fields.size64(), fields.size64()]
    let byteCount = try fields.size64()
    let offset = try fields.size64()
    try requireOneDisk(disks == [0, 0] && counts[0] == counts[1])
    return try location(entryCount: counts[0], offset: offset, byteCount: byteCount, end: position)
  }

  static func requireOneDisk(_ isOneDisk: Bool) throws(StoreError) {
    guard isOneDisk else {
      throw StoreError(.unsupported, "a zip archive split over several disks; join it first (zip -s 0)")
    }
  }

  private static func location(
    entryCount: Int, offset: Int, byteCount: Int, end: Int
  ) throws(StoreError) -> ZipDirectoryLocation {
    // The directory ends where the end record begins; what is left over stands before the archive.
    guard byteCount <= end, offset <= end - byteCount else {
      throw StoreError(
        .corrupt,
        "zip directory of \(byteCount) bytes at byte \(offset) does not fit before its end record at byte \(end)")
    }
    guard entryCount <= byteCount / entryByteCount else {
      throw StoreError(.corrupt, "zip directory of \(byteCount) bytes cannot hold \(entryCount) members")
    }
    return ZipDirectoryLocation(
      entryCount: entryCount, offset: end - byteCount, byteCount: byteCount, prefixByteCount: end - byteCount - offset)
  }

  /// Decodes the entries of a central directory.
  static func entries(_ bytes: [UInt8], count: Int) throws(StoreError) -> [ZipEntry] {
    var fields = ZipFields(bytes[...])
    var entries: [ZipEntry] = []
    for _ in 0..<count { entries.append(try entry(&fields)) }
    guard fields.remaining == 0 else {
      throw StoreError(.corrupt, "zip directory: \(fields.remaining) bytes are left after its \(count) members")
    }
    return entries
  }

  private static func entry(_ fields: inout ZipFields) throws(StoreError) -> ZipEntry {
    guard try fields.take(4).elementsEqual(entrySignature) else {
      throw StoreError(.corrupt, "zip directory: no member's record at its byte \(fields.position - 4)")
    }
    _ = try fields.take(4)
    let flags = try fields.unsigned16()
    let method = try fields.unsigned16()
    _ = try fields.take(4)
    let crc = try fields.unsigned32()
    let stored = try fields.unsigned32()
    let size = try fields.unsigned32()
    let nameByteCount = try fields.unsigned16()
    let extraByteCount = try fields.unsigned16()
    let commentByteCount = try fields.unsigned16()
    let disk = try fields.unsigned16()
    _ = try fields.take(6)
    let offset = try fields.unsigned32()
    let name = try fields.take(nameByteCount)
    var sizes = Zip64Field(byteCount: size, storedByteCount: stored, offset: offset)
    try sizes.apply(try fields.take(extraByteCount))
    _ = try fields.take(commentByteCount)
    try requireOneDisk(disk == 0 || disk == 0xFFFF)
    return ZipEntry(
      name: text(name), rawName: Array(name), flags: UInt16(truncatingIfNeeded: flags), method: ZipMethod(code: method),
      crc32: UInt32(truncatingIfNeeded: crc), storedByteCount: sizes.storedByteCount, byteCount: sizes.byteCount,
      localHeaderOffset: sizes.offset)
  }

  /// UTF-8, or printable ASCII with `\x..` for everything else: archives do not say reliably which code page they use.
  private static func text(_ name: ArraySlice<UInt8>) -> String {
    if let text = String(validating: name, as: UTF8.self), !name.contains(where: { $0 < 0x20 }) { return text }
    return name.map { byte in
      (0x20...0x7E).contains(byte)
        ? String(Unicode.Scalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }

  /// Compares a member's local header with its entry; the entry is what counts.
  ///
  /// - Returns: Bytes from the start of the local header to the member's own bytes.
  static func check(localHeader: [UInt8], nameAndExtra: [UInt8], of entry: ZipEntry) throws(StoreError) -> Int {
    var fields = ZipFields(localHeader[...])
    _ = try fields.take(6)
    let flags = try fields.unsigned16()
    let method = try fields.unsigned16()
    _ = try fields.take(4)
    let crc = try fields.unsigned32()
    let stored = try fields.unsigned32()
    let size = try fields.unsigned32()
    let nameByteCount = try fields.unsigned16()
    var variable = ZipFields(nameAndExtra[...])
    let name = try variable.take(nameByteCount)
    func disagree(_ what: String) -> StoreError {
      StoreError(.corrupt, "member '\(entry.name)': the local header's \(what) differs from the directory's")
    }
    guard name.elementsEqual(entry.rawName) else { throw disagree("name") }
    guard ZipMethod(code: method) == entry.method else { throw disagree("method") }
    guard (flags & 1 != 0) == (entry.flags & 1 != 0) else { throw disagree("encryption mark") }
    if !entry.hasDataDescriptor, flags & (1 << 3) == 0 {
      var sizes = Zip64Field(byteCount: size, storedByteCount: stored, offset: 0)
      try sizes.apply(try variable.take(variable.remaining))
      guard crc == Int(entry.crc32) else { throw disagree("checksum") }
      guard sizes.byteCount == entry.byteCount, sizes.storedByteCount == entry.storedByteCount else {
        throw disagree("size")
      }
    }
    return localHeaderByteCount + nameAndExtra.count
  }

  /// Bytes of name and extra field after the fixed part of a local header.
  static func variableByteCount(localHeader: [UInt8]) throws(StoreError) -> Int {
    guard localHeader.starts(with: localSignature) else {
      throw StoreError(.corrupt, "no local header of a zip member where the directory says")
    }
    var fields = ZipFields(localHeader[...])
    _ = try fields.take(26)
    return try fields.unsigned16() + fields.unsigned16()
  }
}
