// Object headers: what every group and dataset of an HDF5 file is described by.

/// The messages of one object, in both versions of the header.
struct HDF5ObjectHeader {
  struct Message {
    var kind: Int
    var bytes: [UInt8]
    /// Where the bytes lie in the file, from its base.
    var address: Int
    /// The message lies elsewhere, and these bytes say where.
    var isShared: Bool
  }

  enum Kind {
    static let dataspace = 1, linkInfo = 2, datatype = 3, oldFillValue = 4, fillValue = 5, link = 6, externalFiles = 7
    static let layout = 8, filters = 11, attribute = 12, continuation = 16, symbolTable = 17, attributeInfo = 21
  }

  let address: Int
  private(set) var messages: [Message] = []
  let file: HDF5File

  /// Most blocks that one header may be scattered over, and most messages: more is damage.
  private static let maximumBlockCount = 4096

  init(_ file: HDF5File, at address: Int) throws(StoreError) {
    self.address = address
    self.file = file
    let what = "object header"
    let start = try file.bytes(at: address, count: min(64, file.byteCount - min(max(address, 0), file.byteCount)), what)
    var cursor = HDF5Cursor(start, file.sizes, "\(what) at byte \(address)")
    var blocks: [(address: Int, count: Int)]
    let isSecondVersion = start.starts(with: Array("OHDR".utf8))
    var prefix = 0
    if isSecondVersion {
      try cursor.skip(4)
      _ = try cursor.version(2...2)
      let flags = try cursor.byte()
      if flags & 0x20 != 0 { try cursor.skip(16) }
      if flags & 0x10 != 0 { try cursor.skip(4) }
      let count = try cursor.integer(1 << (flags & 3))
      prefix = flags & 4 != 0 ? 6 : 4
      // The whole first block, whose checksum covers what was just read.
      guard count <= file.byteCount else { throw cursor.corrupt("claims \(count) bytes") }
      _ = try file.checkedCursor(at: address, count: cursor.position + count + 4, signature: "OHDR", what)
      blocks = [(address + cursor.position, count)]
    } else {
      _ = try cursor.version(1...1)
      try cursor.skip(7)
      blocks = [(address + 16, try cursor.integer(4))]
    }
    var next = 0
    while next < blocks.count {
      let block = blocks[next]
      next += 1
      guard next <= Self.maximumBlockCount else {
        throw cursor.corrupt("has more than \(Self.maximumBlockCount) blocks")
      }
      var fields = try file.cursor(at: block.address, count: block.count, what)
      while fields.remaining >= (isSecondVersion ? prefix : 8) {
        let kind = try fields.integer(isSecondVersion ? 1 : 2)
        let count = try fields.integer(2)
        let flags = try fields.byte()
        try fields.skip(isSecondVersion ? prefix - 4 : 3)
        // Fewer bytes than a message needs may be left as a gap.
        if kind == 0, count > fields.remaining { break }
        let message = Message(
          kind: kind, bytes: try fields.take(count), address: block.address + fields.position - count,
          isShared: flags & 2 != 0)
        guard kind == Kind.continuation else {
          messages.append(message)
          continue
        }
        var place = HDF5Cursor(message.bytes, file.sizes, "continuation")
        let (start, length) = (try place.definedAddress(), try place.length())
        if isSecondVersion {
          guard length >= 8, length <= file.byteCount else { throw place.corrupt("claims \(length) bytes") }
          _ = try file.checkedCursor(at: start, count: length, signature: "OCHK", what)
          blocks.append((start + 4, length - 8))
        } else {
          blocks.append((start, length))
        }
      }
    }
  }

  /// The first message of a kind, as a cursor; `nil` when there is none.
  ///
  /// - Throws: `.unsupported` for messages shared in a table of the file.
  func cursor(_ kind: Int, _ what: String) throws(StoreError) -> HDF5Cursor? {
    guard let message = messages.first(where: { $0.kind == kind }) else { return nil }
    return HDF5Cursor(try resolved(message, what), file.sizes, what)
  }

  /// A message's own bytes, wherever they lie.
  func resolved(_ message: Message, _ what: String) throws(StoreError) -> [UInt8] {
    message.isShared ? try Self.shared(message.bytes, kind: message.kind, file, what) : message.bytes
  }

  /// The bytes of a message that another object's header holds: a datatype with a name of its own.
  static func shared(_ reference: [UInt8], kind: Int, _ file: HDF5File, _ what: String) throws(StoreError) -> [UInt8] {
    var cursor = HDF5Cursor(reference, file.sizes, "shared \(what)")
    let version = try cursor.version(1...3)
    let place = try cursor.byte()
    guard version < 3 || place == 2 else {
      throw StoreError(
        .unsupported, "HDF5 \(what) kept in a table of shared messages, which this version does not read")
    }
    if version == 1 { try cursor.skip(6) }
    let header = try HDF5ObjectHeader(file, at: try cursor.definedAddress())
    guard let message = header.messages.first(where: { $0.kind == kind }), !message.isShared else {
      throw cursor.corrupt("refers to an object that does not have it")
    }
    return message.bytes
  }
}
