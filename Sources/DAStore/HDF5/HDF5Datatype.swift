// What HDF5 says of the type of elements and attributes, in our words.

/// A datatype of an HDF5 file.
indirect enum HDF5Datatype: Equatable {
  /// Numbers; h5py's complex numbers (a compound of `r` and `i`) and Booleans (an enumeration of FALSE and TRUE) too.
  case number(DType, isBigEndian: Bool)
  case string(byteCount: Int)
  case variableString
  case variableSequence(HDF5Datatype)
  case objectReference(byteCount: Int)
  /// A type that has no counterpart here: what to call it.
  case other(String, byteCount: Int)

  /// Bytes of one stored element.
  func byteCount(_ sizes: HDF5Sizes) -> Int {
    switch self {
    case .number(let dtype, _): dtype.byteCount
    case .string(let count), .objectReference(let count), .other(_, let count): count
    case .variableString, .variableSequence: 4 + sizes.address + 4
    }
  }

  /// How deep types may be nested.
  private static let depthLimit = 8

  init(_ bytes: [UInt8], _ sizes: HDF5Sizes) throws(StoreError) {
    var cursor = HDF5Cursor(bytes, sizes, "datatype")
    self = try Self.decoded(&cursor, depth: 0)
  }

  /// What errors and listings call it.
  var name: String {
    switch self {
    case .number(let dtype, let isBigEndian): (isBigEndian ? ">" : dtype.byteCount == 1 ? "|" : "<") + dtype.rawValue
    case .string(let count): "string of \(count) bytes"
    case .variableString: "string of variable length"
    case .variableSequence(let base): "variable-length list of \(base.name)"
    case .objectReference: "reference"
    case .other(let name, _): name
    }
  }

  private static func decoded(_ cursor: inout HDF5Cursor, depth: Int) throws(StoreError) -> HDF5Datatype {
    guard depth < depthLimit else { throw cursor.corrupt("is nested deeper than \(depthLimit) types") }
    let head = try cursor.byte()
    let (version, kind) = (head >> 4, head & 15)
    guard (1...5).contains(version) else {
      throw StoreError(.unsupported, "HDF5 datatype has version \(version); versions 1 to 5 are known")
    }
    let bits = try cursor.integer(3)
    let size = try cursor.integer(4)
    guard size > 0 || kind == 3 else { throw cursor.corrupt("has elements of no bytes") }
    switch kind {
    case 0, 4: return try fixedPoint(&cursor, bits, size, isBitField: kind == 4)
    case 1: return try floatingPoint(&cursor, bits, size)
    case 2: return .other("time", byteCount: size)
    case 3: return .string(byteCount: size)
    case 5: return .other("opaque", byteCount: size)
    case 6: return try compound(&cursor, version, memberCount: bits & 0xffff, size, depth)
    case 7: return bits & 15 == 0 ? .objectReference(byteCount: size) : .other("region reference", byteCount: size)
    case 8: return try enumeration(&cursor, version, memberCount: bits & 0xffff, depth)
    case 9:
      let base = try decoded(&cursor, depth: depth + 1)
      return bits & 15 == 1 ? .variableString : .variableSequence(base)
    case 10: return .other("array as an element", byteCount: size)
    case 11:
      let base = try decoded(&cursor, depth: depth + 1)
      return complex(base, size) ?? .other("complex of \(base.name)", byteCount: size)
    default: throw StoreError(.unsupported, "HDF5 datatype of class \(kind); classes 0 to 11 are known")
    }
  }

  private static func fixedPoint(
    _ cursor: inout HDF5Cursor, _ bits: Int, _ size: Int, isBitField: Bool
  ) throws(StoreError) -> HDF5Datatype {
    let (offset, precision) = (try cursor.integer(2), try cursor.integer(2))
    let isSigned = bits & 8 != 0 && !isBitField
    guard offset == 0, precision == 8 * size, let dtype = DType(rawValue: (isSigned ? "i" : "u") + "\(size)") else {
      return .other("integer of \(precision) bits in \(size) bytes", byteCount: size)
    }
    return .number(dtype, isBigEndian: bits & 1 != 0 && size > 1)
  }

  private static func floatingPoint(
    _ cursor: inout HDF5Cursor, _ bits: Int, _ size: Int
  ) throws(StoreError) -> HDF5Datatype {
    var fields: [Int] = [try cursor.integer(2), try cursor.integer(2)]
    for _ in 0..<4 { fields.append(try cursor.byte()) }
    fields.append(try cursor.integer(4))
    let sign = bits >> 8 & 0xff
    // Bit offset, precision; place and width of exponent and mantissa; bias of IEEE 754's formats; their sign's place.
    let known: [(dtype: DType, fields: [Int])] = [
      (.float16, [0, 16, 10, 5, 0, 10, 15]), (.float32, [0, 32, 23, 8, 0, 23, 127]),
      (.float64, [0, 64, 52, 11, 0, 52, 1023]),
    ]
    guard let match = known.first(where: { $0.fields == fields && $0.dtype.byteCount == size }), sign == 8 * size - 1,
      bits & 0x40 == 0
    else { return .other("floating point of \(fields[1]) bits that is none of IEEE 754's", byteCount: size) }
    return .number(match.dtype, isBigEndian: bits & 1 != 0)
  }

  private static func complex(_ base: HDF5Datatype, _ size: Int) -> HDF5Datatype? {
    switch base {
    case .number(.float32, let isBigEndian) where size == 8: .number(.complex64, isBigEndian: isBigEndian)
    case .number(.float64, let isBigEndian) where size == 16: .number(.complex128, isBigEndian: isBigEndian)
    default: nil
    }
  }

  private static func name(_ cursor: inout HDF5Cursor, _ version: Int) throws(StoreError) -> String {
    let start = cursor.position
    let name = try cursor.text()
    if version < 3 { try cursor.align(from: start) }
    return name
  }

  private static func compound(
    _ cursor: inout HDF5Cursor, _ version: Int, memberCount: Int, _ size: Int, _ depth: Int
  ) throws(StoreError) -> HDF5Datatype {
    var members: [(name: String, offset: Int, type: HDF5Datatype)] = []
    // As many bytes as the compound's size takes.
    let offsetByteCount = (Int.bitWidth - size.leadingZeroBitCount + 7) / 8
    for _ in 0..<memberCount {
      let name = try name(&cursor, version)
      let offset = try cursor.integer(version < 3 ? 4 : offsetByteCount)
      // Dimensions, a permutation and their sizes: version 1's way to make arrays.
      if version == 1 { try cursor.skip(28) }
      members.append((name, offset, try decoded(&cursor, depth: depth + 1)))
    }
    if members.count == 2, members.map(\.name) == ["r", "i"], members.map(\.offset) == [0, size / 2],
      members[0].type == members[1].type, let complex = complex(members[0].type, size)
    {
      return complex
    }
    let names = members.prefix(4).map(\.name).joined(separator: ", ") + (members.count > 4 ? ", …" : "")
    return .other("compound (\(names))", byteCount: size)
  }

  private static func enumeration(
    _ cursor: inout HDF5Cursor, _ version: Int, memberCount: Int, _ depth: Int
  ) throws(StoreError) -> HDF5Datatype {
    let base = try decoded(&cursor, depth: depth + 1)
    guard case .number(let dtype, _) = base, dtype.isInteger else {
      throw cursor.corrupt("is an enumeration of \(base.name)")
    }
    var names: [String] = []
    for _ in 0..<memberCount { names.append(try name(&cursor, version)) }
    let values = try cursor.take(memberCount * dtype.byteCount)
    return dtype == .int8 && names == ["FALSE", "TRUE"] && values == [0, 1] ? .number(.bool, isBigEndian: false) : base
  }
}
