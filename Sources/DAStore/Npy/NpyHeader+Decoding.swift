// Bytes to `NpyHeader`: every field checked, no IO.

extension NpyHeader {
  /// Bytes that suffice for ``byteCount(ofPreamble:)`` in every version.
  package static let preambleByteCount = 12
  /// Longest header text that is accepted; NumPy's own limit for files that are not trusted is 10,000.
  package static let maximumTextByteCount = 1 << 16

  /// Size of the whole header, from the magic to the first element, from its first bytes.
  ///
  /// - Parameter bytes: The first ``preambleByteCount`` bytes of the stream, fewer when the stream is shorter.
  /// - Throws: `.unsupported` for a foreign magic or version, `.truncated`, `.corrupt` for an absurd length.
  package static func byteCount(ofPreamble bytes: [UInt8]) throws(StoreError) -> Int {
    let (version, textByteCount) = try decodePreamble(bytes)
    return version.preambleByteCount + textByteCount
  }

  /// Decodes a complete header.
  ///
  /// - Parameters:
  ///   - bytes: The stream from its magic on; bytes after the header are ignored.
  ///   - offset: Position of the stream in its file, for error texts.
  /// - Throws: `.truncated`, `.corrupt` with position and reason, `.unsupported` for a version or element type that
  ///   this library does not have.
  /// - Source: Formats/npy.md
  package init(decoding bytes: [UInt8], offset: Int = 0) throws(StoreError) {
    let (version, textByteCount) = try Self.decodePreamble(bytes)
    let start = version.preambleByteCount
    guard bytes.count - start >= textByteCount else {
      throw StoreError(
        .truncated,
        "the header's length says \(textByteCount) bytes, \(bytes.count - start) are there; the file was cut short")
    }
    let literal = try PythonLiteral(
      parsing: Array(bytes[start..<start + textByteCount]), encoding: version.encoding, offset: offset + start)
    let fields = try Self.fields(of: literal)
    let (dtype, isBigEndian) = try Self.decodeDescription(fields.description)
    guard let isFortranOrder = fields.fortranOrder.boolValue else {
      throw StoreError(.corrupt, "header: 'fortran_order' is \(fields.fortranOrder.summary), not True or False")
    }
    let shape = try Self.decodeShape(fields.shape)
    let elementCount: Int
    do {
      elementCount = try checkedElementCount(shape, dtype: dtype)
    } catch {
      throw StoreError(shape.count > maximumDimensionCount ? .unsupported : .corrupt, "header: " + error.message)
    }
    self.init(
      version: version, shape: shape, elementCount: elementCount, dtype: dtype, isBigEndian: isBigEndian,
      isFortranOrder: isFortranOrder, byteCount: start + textByteCount)
  }

  private static func decodePreamble(_ bytes: [UInt8]) throws(StoreError) -> (Version, textByteCount: Int) {
    guard bytes.starts(with: magic) || (bytes.count < magic.count && magic.starts(with: bytes) && !bytes.isEmpty) else {
      throw StoreError(.unsupported, "not a .npy file: it does not begin with \\x93NUMPY")
    }
    guard bytes.count >= magic.count + 2 else {
      throw StoreError(.truncated, "a .npy file of \(bytes.count) bytes has no complete header")
    }
    let (major, minor) = (bytes[magic.count], bytes[magic.count + 1])
    guard let version = Version(rawValue: major), minor == 0 else {
      throw StoreError(.unsupported, ".npy version \(major).\(minor); versions 1.0, 2.0 and 3.0 are known")
    }
    guard bytes.count >= version.preambleByteCount else {
      throw StoreError(.truncated, "a .npy file of \(bytes.count) bytes has no complete header")
    }
    var textByteCount = 0
    for byte in bytes[magic.count + 2..<version.preambleByteCount].reversed() {
      textByteCount = textByteCount << 8 | Int(byte)
    }
    guard textByteCount <= maximumTextByteCount else {
      throw StoreError(
        .corrupt, "the header's length says \(textByteCount) bytes; at most \(maximumTextByteCount) are accepted")
    }
    return (version, textByteCount)
  }

  private struct Fields {
    var description: PythonLiteral
    var fortranOrder: PythonLiteral
    var shape: PythonLiteral
  }

  private static func fields(of literal: PythonLiteral) throws(StoreError) -> Fields {
    guard case .dict(let entries) = literal else {
      throw StoreError(.corrupt, "header: expected a dict, found \(literal.summary)")
    }
    guard entries.count == 3, let description = literal["descr"], let fortranOrder = literal["fortran_order"],
      let shape = literal["shape"]
    else {
      let found = entries.prefix(8).map { $0.key.summary }.joined(separator: ", ")
      throw StoreError(
        .corrupt,
        "header: expected exactly the keys 'descr', 'fortran_order' and 'shape', found \(found.isEmpty ? "none" : found)"
      )
    }
    return Fields(description: description, fortranOrder: fortranOrder, shape: shape)
  }

  private static func decodeDescription(_ literal: PythonLiteral) throws(StoreError) -> (DType, isBigEndian: Bool) {
    guard let text = literal.stringValue else {
      guard literal.sequenceValue != nil else {
        throw StoreError(.corrupt, "header: 'descr' is \(literal.summary), not a type string")
      }
      throw unsupportedType("a structured type", literal.summary)
    }
    if let known = DType.parse(text) { return known }
    let code = text.drop { "<>|=".contains($0) }
    let kind =
      switch code.first {
      case "O": "Python objects, which would have to be unpickled"
      case "S", "a": "byte strings"
      case "U": "strings"
      case "M": "dates"
      case "m": "time differences"
      case "V": "raw or structured bytes"
      case "f", "g": "a floating-point type of a width that is not supported"
      case "c", "G": "a complex type of a width that is not supported"
      default: "an unknown type"
      }
    throw unsupportedType(kind, literal.summary)
  }

  private static func unsupportedType(_ kind: String, _ name: String) -> StoreError {
    StoreError(
      .unsupported,
      "element type \(name) (\(kind)) cannot be read; bool, integers, floats of 2, 4, 8 and complex of 8, 16 bytes can: "
        + "convert it with NumPy's astype first")
  }

  private static func decodeShape(_ literal: PythonLiteral) throws(StoreError) -> [Int] {
    guard let sizes = literal.tupleValue else {
      throw StoreError(.corrupt, "header: 'shape' is \(literal.summary), not a tuple")
    }
    var shape: [Int] = []
    for size in sizes {
      guard let value = size.intValue else {
        throw StoreError(.corrupt, "header: 'shape' holds \(size.summary), not an integer")
      }
      guard value >= 0 else { throw StoreError(.corrupt, "header: 'shape' holds a negative size, \(value)") }
      shape.append(value)
    }
    return shape
  }
}

extension PythonLiteral {
  /// The value's text, shortened for one line of an error.
  fileprivate var summary: String {
    let text = repr()
    return text.count > 60 ? text.prefix(57) + "..." : text
  }
}
