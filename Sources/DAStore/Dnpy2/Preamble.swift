// The block that never changes during the life of a file. Formats/dnpy-2.md section 3.

struct Preamble: Sendable, Equatable {
  var minorVersion: UInt8 = 0
  var optionalFeatures: UInt32 = 0
  var blockAlignment = Dnpy2Layout.blockAlignment
  var chunkAlignment = Dnpy2Layout.chunkAlignment
  var uuid: [UInt8]
  /// Nanoseconds since 1970-01-01 UTC.
  var created: Int64

  init(uuid: [UInt8], created: Int64) {
    self.uuid = uuid
    self.created = created
  }

  /// Decodes the first 4096 bytes of a file.
  ///
  /// - Returns: The preamble and whether both copies were sound.
  /// - Throws: `.unsupported` for another format or version; `.corrupt` when neither copy is sound.
  static func decode(_ block: [UInt8]) throws(StoreError) -> (preamble: Preamble, isIntact: Bool) {
    let copies = [0, Dnpy2Layout.copyByteCount].map { FieldReader(bytes: Array(block[$0..<$0 + Dnpy2Layout.copyByteCount])) }
    let recognised = copies.filter { Array($0.bytes.prefix(6)) == Array(Dnpy2Layout.magic.prefix(6)) }
    guard !recognised.isEmpty else {
      throw StoreError(.unsupported, "is not a .dnpy file: it does not begin with \\x93DARRY")
    }
    guard let copy = copies.first(where: isSealed) else {
      if let other = recognised.first(where: { $0.bytes[6] != Dnpy2Layout.magic[6] }) {
        throw Self.foreignVersion(other.bytes[6], other.bytes[7])
      }
      throw StoreError(.corrupt, "the preamble is damaged: neither of its two copies matches its checksum")
    }
    return (try Preamble(copy), copies.allSatisfy(isSealed) && copies[0].bytes == copies[1].bytes)
  }

  private init(_ copy: FieldReader) throws(StoreError) {
    guard Array(copy.bytes.prefix(7)) == Array(Dnpy2Layout.magic.prefix(7)) else {
      throw Self.foreignVersion(copy.bytes[6], copy.bytes[7])
    }
    minorVersion = copy.bytes[7]
    let required = copy.u32(8)
    guard required == 0 else {
      throw StoreError(.unsupported, "needs features (0x\(String(required, radix: 16))) that this version lacks; use a newer one")
    }
    optionalFeatures = copy.u32(12)
    let blocks = copy.u32(16)
    let chunks = copy.u32(20)
    guard blocks.nonzeroBitCount == 1, (512...1 << 20).contains(blocks) else {
      throw StoreError(.corrupt, "block alignment \(blocks) is not a power of two from 512 to 1048576")
    }
    guard chunks.nonzeroBitCount == 1, chunks >= 8, chunks <= blocks else {
      throw StoreError(.corrupt, "chunk alignment \(chunks) is not a power of two from 8 to \(blocks)")
    }
    guard copy.u32(24) == Dnpy2Layout.pageByteCount, copy.u32(28) == Dnpy2Layout.recordsPerPage else {
      throw StoreError(.unsupported, "index pages of \(copy.u32(24)) bytes with \(copy.u32(28)) records; 4096 and 170 are known")
    }
    blockAlignment = Int(blocks)
    chunkAlignment = Int(chunks)
    uuid = copy.slice(32, 16)
    created = Int64(bitPattern: copy.u64(48))
  }

  private static func foreignVersion(_ major: UInt8, _ minor: UInt8) -> StoreError {
    StoreError(.unsupported, "is .dnpy version \(major).\(minor); this reader knows version 2")
  }

  /// The 4096 bytes of the block: two copies.
  func encoded() -> [UInt8] {
    var fields = FieldWriter(byteCount: Dnpy2Layout.copyByteCount)
    fields.put(0, bytes: Dnpy2Layout.magic)
    fields.put(12, u32: optionalFeatures)
    fields.put(16, u32: UInt32(blockAlignment))
    fields.put(20, u32: UInt32(chunkAlignment))
    fields.put(24, u32: UInt32(Dnpy2Layout.pageByteCount))
    fields.put(28, u32: UInt32(Dnpy2Layout.recordsPerPage))
    fields.put(32, bytes: uuid)
    fields.put(48, u64: UInt64(bitPattern: created))
    return fields.sealedTwice()
  }
}
