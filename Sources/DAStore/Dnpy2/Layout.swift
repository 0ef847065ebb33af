// Fixed numbers of the file layout and reading little-endian fields from blocks of known size. Formats/dnpy-2.md.

import CXXHash

/// Constants of Formats/dnpy-2.md.
enum Dnpy2Layout {
  static let magic: [UInt8] = [0x93, 0x44, 0x41, 0x52, 0x52, 0x59, 0x02, 0x00]
  static let superblockMagic: [UInt8] = Array("DASUPER2".utf8)
  static let pageMagic: [UInt8] = Array("DAPG".utf8)
  static let copyByteCount = 2048
  static let copyChecksumOffset = 2040
  static let blockByteCount = 4096
  static let firstExtent = 12288
  static let recordByteCount = 24
  static let pageByteCount = 4096
  static let pageHeaderByteCount = 16
  static let recordsPerPage = 170
  static let blockAlignment = 4096
  static let chunkAlignment = 64
  static let largestMetadata = 16 << 20
  static let largestChunk = 1 << 30
  static let retainedEntryByteCount = 104
  static let freeEntryByteCount = 24

  /// Offset of the slot that holds a generation: A for even ones, B for odd ones.
  static func slotOffset(ofGeneration generation: Int) -> Int { generation % 2 == 0 ? 4096 : 8192 }

  /// Levels of the index of a grid: the smallest L >= 1 with 170^L >= chunkCount.
  static func levels(forChunkCount chunkCount: Int) -> Int {
    var levels = 1
    var reach = recordsPerPage
    while reach < chunkCount {
      levels += 1
      let (product, overflow) = reach.multipliedReportingOverflow(by: recordsPerPage)
      reach = overflow ? Int.max : product
    }
    return levels
  }
}

/// A block of file bytes read field by field.
///
/// The offsets used are those of the layout, inside the size that the reader asked for; nothing here depends on what the
/// bytes say.
struct FieldReader {
  let bytes: [UInt8]

  func u16(_ offset: Int) -> UInt16 { UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8 }
  func u32(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) } }
  func u64(_ offset: Int) -> UInt64 { (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) } }
  func slice(_ offset: Int, _ count: Int) -> [UInt8] { Array(bytes[offset..<offset + count]) }

  /// A field that the file stores as u64 and this program handles as `Int`, with room to count on from there.
  func count(_ offset: Int, _ name: String) throws(StoreError) -> Int {
    guard let value = Int(exactly: u64(offset)), value <= 1 << 62 else {
      throw StoreError(.corrupt, "\(name) is \(u64(offset)), beyond 2^62")
    }
    return value
  }
}

/// A block under construction, written field by field.
struct FieldWriter {
  private(set) var bytes: [UInt8]

  init(byteCount: Int) { bytes = Array(repeating: 0, count: byteCount) }

  mutating func put(_ offset: Int, u16 value: UInt16) { put(offset, UInt64(value), 2) }
  mutating func put(_ offset: Int, u32 value: UInt32) { put(offset, UInt64(value), 4) }
  mutating func put(_ offset: Int, u64 value: UInt64) { put(offset, value, 8) }
  mutating func put(_ offset: Int, count value: Int) { put(offset, UInt64(value), 8) }
  mutating func put(_ offset: Int, bytes value: [UInt8]) { bytes.replaceSubrange(offset..<offset + value.count, with: value) }

  private mutating func put(_ offset: Int, _ value: UInt64, _ width: Int) {
    for index in 0..<width { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }

  /// Ends a block copy with the checksum of what precedes it, and doubles it.
  consuming func sealedTwice() -> [UInt8] {
    put(Dnpy2Layout.copyChecksumOffset, u64: xxh3(bytes[..<Dnpy2Layout.copyChecksumOffset]))
    return bytes + bytes
  }
}

/// Whether a 2048-byte copy carries the right checksum of itself.
func isSealed(_ copy: FieldReader) -> Bool {
  copy.u64(Dnpy2Layout.copyChecksumOffset) == xxh3(copy.bytes[..<Dnpy2Layout.copyChecksumOffset])
}

/// XXH3-64 with seed 0.
func xxh3(_ bytes: some Collection<UInt8>) -> UInt64 {
  Array(bytes).withUnsafeBytes { cxxhash_xxh3_64($0.baseAddress, $0.count) }
}

/// `n` rounded up to a multiple of `alignment`.
func roundedUp(_ n: Int, to alignment: Int) -> Int { (n + alignment - 1) / alignment * alignment }
