// The header of a `.npy` stream as a value. See Formats/npy.md.

/// What the header of a `.npy` stream says.
package struct NpyHeader: Sendable, Equatable {
  /// Versions differ in the width of the header's length and in the encoding of its text only.
  package enum Version: UInt8, Sendable, CaseIterable {
    case v1 = 1
    case v2 = 2
    case v3 = 3

    /// Bytes of the little-endian length that follows the magic and the version.
    var lengthByteCount: Int { self == .v1 ? 2 : 4 }
    /// Bytes before the header's text.
    var preambleByteCount: Int { NpyHeader.magic.count + 2 + lengthByteCount }
    var encoding: PythonLiteral.TextEncoding { self == .v3 ? .utf8 : .latin1 }
  }

  package static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  package let version: Version
  package let shape: [Int]
  package let dtype: DType
  /// The elements' bytes are stored most significant first; never for types of one byte.
  package let isBigEndian: Bool
  /// The first axis varies fastest.
  package let isFortranOrder: Bool
  /// Bytes from the magic to the first element.
  package private(set) var byteCount: Int
  /// Checked to fit with room to spare, see ``checkedElementCount(_:dtype:)``.
  package let elementCount: Int

  /// Bytes of all elements.
  package var dataByteCount: Int { elementCount * dtype.byteCount }

  /// Makes a header; `byteCount` is what ``encoded()`` will give.
  ///
  /// - Throws: `.invalidArgument` for a shape that is negative, has too many axes, or is too large.
  package init(
    shape: [Int], dtype: DType, isFortranOrder: Bool = false, isBigEndian: Bool = false, version: Version = .v1
  ) throws(StoreError) {
    elementCount = try checkedElementCount(shape, dtype: dtype)
    self.version = version
    self.shape = shape
    self.dtype = dtype
    self.isBigEndian = isBigEndian && dtype.byteOrderUnit > 1
    self.isFortranOrder = isFortranOrder
    byteCount = 0
    byteCount = encoded().count
  }

  init(
    version: Version, shape: [Int], elementCount: Int, dtype: DType, isBigEndian: Bool, isFortranOrder: Bool,
    byteCount: Int
  ) {
    self.version = version
    self.shape = shape
    self.elementCount = elementCount
    self.dtype = dtype
    self.isBigEndian = isBigEndian
    self.isFortranOrder = isFortranOrder
    self.byteCount = byteCount
  }

  /// Compares the size of the elements with the bytes that are there; more than needed are accepted, as NumPy does.
  ///
  /// - Parameter availableByteCount: Bytes of the stream from its magic on.
  /// - Throws: `.truncated` with both counts.
  package func checkData(availableByteCount: Int) throws(StoreError) {
    let found = availableByteCount - byteCount
    guard found >= dataByteCount else {
      throw StoreError(
        .truncated,
        "the header promises \(shapeText(shape)) \(dtype.name), \(dataByteCount) bytes, but only \(max(found, 0)) follow it; "
          + "the file was cut short")
    }
  }

  /// Fortran order of an array whose elements would lie otherwise in C order.
  var isTransposed: Bool { isFortranOrder && shape.count(where: { $0 != 1 }) > 1 }

  /// Position in the stream of a region's first element. Regions lie inside the checked shape: this cannot overflow.
  func offset(of region: Region) -> Int {
    let strides =
      isTransposed
      ? columnMajorStrides(shape, elementByteCount: dtype.byteCount)
      : rowMajorStrides(shape, elementByteCount: dtype.byteCount)
    return zip(region.lower, strides).reduce(byteCount) { $0 + $1.0 * $1.1 }
  }

  /// What a person may want to know besides shape and type.
  var details: [DatasetDescription.Detail] {
    [
      .init("npy_version", .string("\(version.rawValue).0")), .init("fortran_order", .bool(isFortranOrder)),
      .init("byte_order", .string(isBigEndian ? "big" : "little")),
    ]
  }
}
