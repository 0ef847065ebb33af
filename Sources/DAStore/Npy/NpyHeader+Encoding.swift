// `NpyHeader` to bytes, byte for byte as NumPy writes them.

extension NpyHeader {
  /// The elements start at a multiple of this, so that they can be mapped into memory.
  package static let alignment = 64
  /// NumPy leaves blanks as if the size of the growing axis had this many digits, so that a writer that appends can
  /// rewrite the header in place.
  static let growthDigitCount = 21

  /// NumPy's type string with byte order: `>f8`, `|b1`.
  package var typeString: String { isBigEndian ? ">" + dtype.rawValue : dtype.numpyString }

  /// The header from the magic to the last byte before the elements.
  ///
  /// - Source: Formats/npy.md; equal to NumPy 2's `numpy.lib.format`.
  package func encoded() -> [UInt8] {
    var text = Array(
      PythonLiteral.headerText([
        .init(.string("descr"), .string(typeString)),
        .init(.string("fortran_order"), .bool(isFortranOrder)),
        .init(.string("shape"), .tuple(shape.map { .int($0) })),
      ]).utf8)
    if let growing = isFortranOrder ? shape.last : shape.first {
      text += Array(repeating: UInt8(ascii: " "), count: Self.growthDigitCount - String(growing).utf8.count)
    }
    // A text that would end on the boundary already gets another 64 blanks, as NumPy's does.
    let unpadded = version.preambleByteCount + text.count + 1
    text += Array(repeating: UInt8(ascii: " "), count: Self.alignment - unpadded % Self.alignment)
    text.append(UInt8(ascii: "\n"))
    var bytes = Self.magic + [version.rawValue, 0]
    // At most 32 sizes of 19 digits: the text fits two bytes of length with room to spare.
    for byte in 0..<version.lengthByteCount { bytes.append(UInt8(truncatingIfNeeded: text.count >> (8 * byte))) }
    return bytes + text
  }
}
