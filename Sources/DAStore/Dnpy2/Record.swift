// The 24-byte record through which every extent is reached. Formats/dnpy-2.md section 2.

/// What a file says about one extent: where, how long, what kind, and its checksum.
struct Record: Sendable, Hashable {
  enum Kind: UInt32, Sendable { case absent = 0, encoded, raw, constant, page, block }

  var kind: Kind
  var offset: UInt64
  var length: UInt32
  var checksum: UInt64

  static let absent = Record(kind: .absent, offset: 0, length: 0, checksum: 0)

  /// The record of a chunk whose elements all equal `value`.
  static func constant(_ value: ElementValue) -> Record {
    Record(kind: .constant, offset: value.low, length: 0, checksum: value.high)
  }

  init(kind: Kind, offset: UInt64, length: UInt32, checksum: UInt64) {
    self.kind = kind
    self.offset = offset
    self.length = length
    self.checksum = checksum
  }

  /// Reads a record and checks what can be checked without following it.
  ///
  /// - Throws: `.corrupt` for an unknown kind, a kind that may not stand here, or an extent outside the allocated file.
  init(_ fields: FieldReader, at offset: Int, allowed: Set<Kind>, frontier: Int, what: String) throws(StoreError) {
    let rawKind = fields.u32(offset + 12)
    guard let kind = Kind(rawValue: rawKind), allowed.contains(kind) else {
      throw StoreError(.corrupt, "\(what) has a record of kind \(rawKind), which may not stand there")
    }
    self.init(kind: kind, offset: fields.u64(offset), length: fields.u32(offset + 8), checksum: fields.u64(offset + 16))
    switch kind {
    case .absent:
      guard self == .absent else { throw StoreError(.corrupt, "\(what): an absent record with contents") }
    case .constant:
      guard length == 0 else { throw StoreError(.corrupt, "\(what): a constant record with a length of \(length)") }
    case .encoded, .raw, .page, .block:
      let (end, overflow) = self.offset.addingReportingOverflow(UInt64(length))
      guard self.offset >= Dnpy2Layout.firstExtent, length >= 1, !overflow, end <= UInt64(frontier) else {
        throw StoreError(
          .corrupt,
          "\(what): its extent of \(length) bytes at \(self.offset) lies outside the allocated file (\(frontier) bytes)")
      }
    }
  }

  func put(into fields: inout FieldWriter, at position: Int) {
    fields.put(position, u64: offset)
    fields.put(position + 8, u32: length)
    fields.put(position + 12, u32: kind.rawValue)
    fields.put(position + 16, u64: checksum)
  }

  /// Whether the record occupies bytes of the file.
  var hasExtent: Bool { kind != .absent && kind != .constant }

  /// The bytes that the extent occupies, padding included; `nil` when there is none.
  func footprint(chunkAlignment: Int, blockAlignment: Int) -> Range<Int>? {
    guard hasExtent else { return nil }
    let alignment = kind == .page || kind == .block ? blockAlignment : chunkAlignment
    let start = Int(offset)
    return start..<start + roundedUp(Int(length), to: alignment)
  }
}
