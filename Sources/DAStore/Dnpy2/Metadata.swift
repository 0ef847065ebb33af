// The JSON block that says what the array is. Formats/dnpy-2.md section 7.

/// The array's description as the file keeps it; keys that this version does not know are carried along.
struct Metadata: Sendable, Equatable {
  var shape: [Int]
  var chunkShape: [Int]
  var dtype: DType
  var fillValue: ElementValue
  var codecNames: [String]
  var dimensionNames: [String?]?
  var attributes: [String: JSONValue]
  /// Everything else that stood in the block.
  var other: [String: JSONValue] = [:]

  /// The chunk grid, with the limits that the format sets.
  func grid() throws(StoreError) -> ChunkGrid {
    let grid = try ChunkGrid(shape: shape, chunkShape: chunkShape)
    _ = try checkedElementCount(shape, dtype: dtype)
    let largest = grid.largestChunkElementCount * dtype.byteCount
    guard largest <= Dnpy2Layout.largestChunk else {
      throw StoreError(
        .invalidArgument, "chunks of shape \(shapeText(chunkShape)) take \(largest) bytes; at most 1 GiB is allowed: choose smaller chunks")
    }
    return grid
  }

  init(shape: [Int], chunkShape: [Int], dtype: DType, fillValue: ElementValue, codecNames: [String], dimensionNames: [String?]?, attributes: [String: JSONValue]) {
    self.shape = shape
    self.chunkShape = chunkShape
    self.dtype = dtype
    self.fillValue = fillValue
    self.codecNames = codecNames
    self.dimensionNames = dimensionNames
    self.attributes = attributes
  }

  /// - Throws: `.corrupt` naming the key, `.unsupported` for an element type or checksum this version does not know.
  init(parsing bytes: [UInt8]) throws(StoreError) {
    guard var members = try JSONValue(parsing: bytes).objectValue else {
      throw StoreError(.corrupt, "the metadata is not a JSON object")
    }
    func integers(_ key: String) throws(StoreError) -> [Int] {
      guard let values = members.removeValue(forKey: key)?.arrayValue else {
        throw StoreError(.corrupt, "the metadata has no array '\(key)'")
      }
      var result: [Int] = []
      for value in values {
        guard let integer = value.intValue else { throw StoreError(.corrupt, "the metadata's '\(key)' holds something other than integers") }
        result.append(integer)
      }
      return result
    }
    shape = try integers("shape")
    chunkShape = try integers("chunk_shape")
    guard let typeName = members.removeValue(forKey: "dtype")?.stringValue else {
      throw StoreError(.corrupt, "the metadata has no string 'dtype'")
    }
    guard let dtype = DType.parse(typeName)?.dtype, dtype.numpyString == typeName else {
      throw StoreError(.unsupported, "element type '\(typeName)' is not known to this version")
    }
    self.dtype = dtype
    if let fill = members.removeValue(forKey: "fill_value") {
      guard let digits = fill.stringValue, let bytes = Self.bytes(hexadecimal: digits), bytes.count == dtype.byteCount else {
        throw StoreError(.corrupt, "the metadata's 'fill_value' is not \(dtype.byteCount * 2) hexadecimal digits")
      }
      fillValue = bytes.withUnsafeBytes { ElementValue(dtype: dtype, littleEndian: $0) }
    } else {
      fillValue = ElementValue(zero: dtype)
    }
    guard let codecs = members.removeValue(forKey: "codecs")?.arrayValue else {
      throw StoreError(.corrupt, "the metadata has no array 'codecs'")
    }
    codecNames = []
    for codec in codecs {
      guard let name = codec.stringValue else { throw StoreError(.corrupt, "the metadata's 'codecs' holds something other than names") }
      codecNames.append(name)
    }
    let checksum = members.removeValue(forKey: "checksum")
    guard checksum == .string("xxh3-64") else {
      throw StoreError(.unsupported, "checksum \(checksum.map { "\($0)" } ?? "(none)") is not known to this version; 'xxh3-64' is")
    }
    if let names = members.removeValue(forKey: "dimension_names"), names != .null {
      guard let values = names.arrayValue, values.count == shape.count,
        values.allSatisfy({ $0 == .null || $0.stringValue != nil })
      else { throw StoreError(.corrupt, "the metadata's 'dimension_names' is not one name or null per axis") }
      dimensionNames = values.map(\.stringValue)
    }
    guard let attributes = (members.removeValue(forKey: "attributes") ?? .object([:])).objectValue else {
      throw StoreError(.corrupt, "the metadata's 'attributes' is not an object")
    }
    self.attributes = attributes
    other = members
  }

  func encoded() throws(StoreError) -> [UInt8] {
    var members = other
    members["shape"] = .array(shape.map { .int($0) })
    members["chunk_shape"] = .array(chunkShape.map { .int($0) })
    members["dtype"] = .string(dtype.numpyString)
    members["fill_value"] = .string(Self.hexadecimal(fillValue.bytes))
    members["codecs"] = .array(codecNames.map { .string($0) })
    members["checksum"] = .string("xxh3-64")
    if let dimensionNames { members["dimension_names"] = .array(dimensionNames.map { $0.map { .string($0) } ?? .null }) }
    if !attributes.isEmpty { members["attributes"] = .object(attributes) }
    let bytes = try JSONValue.object(members).encoded()
    guard bytes.count <= Dnpy2Layout.largestMetadata else {
      throw StoreError(.invalidArgument, "attributes of \(bytes.count) bytes; metadata may take 16 MiB")
    }
    return bytes
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func bytes(hexadecimal text: String) -> [UInt8]? {
    let digits = text.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count % 2 == 0, !digits.contains(nil) else { return nil }
    let values = digits.compactMap { $0 }
    return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] * 16 + values[$0 + 1]) }
  }
}
