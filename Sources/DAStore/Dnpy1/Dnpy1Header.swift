// The head of one `.dnpy` 1.0 file: magic, dimension dictionaries, then the header of a `.npy` stream. No IO.

/// Everything before the elements of one file of a set.
struct Dnpy1Header: Sendable, Equatable {
  static let magic: [UInt8] = [0x93] + Array("DARRY".utf8)
  /// Magic, two bytes of version, two of length.
  static let preambleByteCount = 10
  /// The text ends on a multiple of this.
  static let alignment = 16
  /// What DistArray 0.2–0.6 wrote.
  static let protocolVersion = "0.10.0"

  var protocolVersion: String
  /// One entry per axis.
  var dimensions: [DimData]
  var npy: NpyHeader
  /// Where the `.npy` stream begins, and where its elements do.
  var npyOffset: Int
  var dataOffset: Int { npyOffset + npy.byteCount }
  /// The process grid's shape and this file's place in it.
  var gridShape: [Int] { dimensions.map(\.gridSize) }
  var gridCoordinates: [Int] { dimensions.map(\.gridRank) }

  /// How many leading bytes of the file must be known before ``init(decoding:)`` can succeed, as far as these tell.
  ///
  /// - Throws: `.unsupported` for a foreign magic or version.
  static func requiredByteCount(_ bytes: [UInt8]) throws(StoreError) -> Int {
    guard let textByteCount = try textByteCount(bytes) else { return preambleByteCount }
    let npyOffset = preambleByteCount + textByteCount
    guard bytes.count >= npyOffset + NpyHeader.preambleByteCount else { return npyOffset + NpyHeader.preambleByteCount }
    return npyOffset
      + (try inside("the .npy part at byte \(npyOffset)") { () throws(StoreError) in
        try NpyHeader.byteCount(ofPreamble: Array(bytes[npyOffset..<npyOffset + NpyHeader.preambleByteCount]))
      })
  }

  /// - Parameter bytes: The file from its first byte on; bytes after the header are ignored.
  /// - Throws: `.unsupported`, `.truncated`, `.corrupt`, each with place, found and expected.
  /// - Source: Formats/dnpy-1.md
  init(decoding bytes: [UInt8]) throws(StoreError) {
    guard let textByteCount = try Self.textByteCount(bytes) else {
      throw StoreError(.truncated, "a .dnpy file of \(bytes.count) bytes has no complete header")
    }
    let start = Self.preambleByteCount
    let npyOffset = start + textByteCount
    guard bytes.count > npyOffset else {
      throw StoreError(
        .truncated,
        "the header's length says \(textByteCount) bytes, \(bytes.count - start) are there; the file was cut short")
    }
    let (version, dictionaries) = try Self.fields(
      try PythonLiteral(parsing: Array(bytes[start..<npyOffset]), encoding: .latin1, offset: start))
    let npy = try Self.inside("the .npy part at byte \(npyOffset)") { () throws(StoreError) in
      try NpyHeader(decoding: Array(bytes[npyOffset...]), offset: npyOffset)
    }
    guard dictionaries.count == npy.shape.count else {
      throw StoreError(
        .corrupt,
        "dim_data has \(dictionaries.count) entries, the buffer \(shapeText(npy.shape)) has \(npy.shape.count) axes")
    }
    var dimensions: [DimData] = []
    for (axis, dictionary) in dictionaries.enumerated() {
      dimensions.append(try DimData(parsing: dictionary, axis: axis, bufferExtent: npy.shape[axis]))
    }
    self.init(protocolVersion: version, dimensions: dimensions, npy: npy, npyOffset: npyOffset)
  }

  init(protocolVersion: String = Self.protocolVersion, dimensions: [DimData], npy: NpyHeader, npyOffset: Int) {
    self.protocolVersion = protocolVersion
    self.dimensions = dimensions
    self.npy = npy
    self.npyOffset = npyOffset
  }

  /// Length of the text, or `nil` when the preamble is not complete yet.
  private static func textByteCount(_ bytes: [UInt8]) throws(StoreError) -> Int? {
    guard magic.starts(with: bytes.prefix(magic.count)) else {
      throw StoreError(.unsupported, "not a .dnpy file: it does not begin with \\x93DARRY")
    }
    guard bytes.count >= preambleByteCount else { return nil }
    guard bytes[6] == 1, bytes[7] == 0 else {
      throw StoreError(
        .unsupported, ".dnpy version \(bytes[6]).\(bytes[7]) in a set of files; only version 1.0 is such a set")
    }
    return Int(bytes[8]) | Int(bytes[9]) << 8
  }

  private static func fields(_ literal: PythonLiteral) throws(StoreError) -> (String, [PythonLiteral]) {
    guard case .dict(let entries) = literal else {
      throw StoreError(.corrupt, "header: expected a dict, found one of type \(literal.kindName)")
    }
    guard entries.count == 2, let version = literal["__version__"], let dimensions = literal["dim_data"] else {
      let found = entries.prefix(8).map { String($0.key.repr().prefix(40)) }.joined(separator: ", ")
      throw StoreError(
        .corrupt,
        "header: expected exactly the keys '__version__' and 'dim_data', found \(found.isEmpty ? "none" : found)")
    }
    guard case .tuple(let dictionaries) = dimensions else {
      throw StoreError(.corrupt, "header: 'dim_data' is of type \(dimensions.kindName), expected a tuple of dicts")
    }
    let text: String
    do throws(StoreError) {
      text = try checkedProtocolVersion(version)
    } catch {
      throw StoreError(error.code, "header: \(error.message)")
    }
    return (text, dictionaries)
  }

  private static func inside<Value>(
    _ place: String, _ body: () throws(StoreError) -> Value
  ) throws(StoreError) -> Value {
    do { return try body() } catch { throw StoreError(error.code, "\(place): \(error.message)") }
  }

  /// The bytes of a file up to its first element, as DistArray writes them.
  ///
  /// - Throws: `.invalidArgument` when the text exceeds the 65,535 bytes that the format allows: long index lists do.
  static func encode(dimensions: [DimData], npy: NpyHeader) throws(StoreError) -> [UInt8] {
    var text = Array(
      PythonLiteral.headerText([
        .init(.string("__version__"), .string(protocolVersion)),
        .init(.string("dim_data"), .tuple(dimensions.map(\.literal))),
      ]).utf8)
    // A text that would end on the boundary already gets another 16 blanks, as DistArray's does.
    let unpadded = preambleByteCount + text.count + 1
    text += Array(repeating: UInt8(ascii: " "), count: alignment - unpadded % alignment)
    text.append(UInt8(ascii: "\n"))
    guard text.count <= Int(UInt16.max) else {
      throw StoreError(
        .invalidArgument,
        "a header of \(text.count) bytes; .dnpy 1.0 holds at most 65535: too many unstructured indices, choose another "
          + "distribution, more ranks or .dnpy version 2")
    }
    return magic + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text + npy.encoded()
  }
}
