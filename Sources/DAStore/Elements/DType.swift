// Element types as files name them: fourteen of them, with NumPy's names.

/// The type of an array's elements, known at run time.
///
/// Source: NumPy's `dtype.str` without the byte-order mark; files may be big-endian, memory never is.
public enum DType: String, Sendable, CaseIterable, Hashable {
  case bool = "b1"
  case int8 = "i1"
  case int16 = "i2"
  case int32 = "i4"
  case int64 = "i8"
  case uint8 = "u1"
  case uint16 = "u2"
  case uint32 = "u4"
  case uint64 = "u8"
  case float16 = "f2"
  case float32 = "f4"
  case float64 = "f8"
  case complex64 = "c8"
  case complex128 = "c16"

  /// Bytes per element: 1, 2, 4, 8 or 16.
  public var byteCount: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .int16, .uint16, .float16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64, .complex64: 8
    case .complex128: 16
    }
  }

  /// Bytes of the unit that byte order applies to: a complex number is two such units.
  public var byteOrderUnit: Int { isComplex ? byteCount / 2 : byteCount }

  public var isComplex: Bool { self == .complex64 || self == .complex128 }
  public var isFloatingPoint: Bool { self == .float16 || self == .float32 || self == .float64 }
  public var isInteger: Bool { isSignedInteger || isUnsignedInteger }
  public var isSignedInteger: Bool { rawValue.first == "i" }
  public var isUnsignedInteger: Bool { rawValue.first == "u" }

  /// NumPy's type string as written to files: `<f8`, `|u1`.
  public var numpyString: String { (byteCount == 1 ? "|" : "<") + rawValue }

  /// NumPy's long name: `float64`, `bool`.
  public var name: String {
    switch self {
    case .bool: "bool"
    default:
      switch rawValue.first {
      case "i": "int\(byteCount * 8)"
      case "u": "uint\(byteCount * 8)"
      case "f": "float\(byteCount * 8)"
      default: "complex\(byteCount * 8)"
      }
    }
  }

  /// Parses `<f8`, `|b1`, `=i4`, `f8`, `?`, `float64`; big-endian marks are reported beside the type.
  ///
  /// - Returns: The type and whether its bytes are stored big-endian; `nil` when it is none of the fourteen.
  public static func parse(_ text: String) -> (dtype: DType, isBigEndian: Bool)? {
    if let named = allCases.first(where: { $0.name == text }) { return (named, false) }
    var rest = Substring(text)
    var isBigEndian = false
    if let mark = rest.first, "<>|=".contains(mark) {
      isBigEndian = mark == ">"
      rest = rest.dropFirst()
    }
    let code = rest == "?" ? "b1" : String(rest)
    guard let dtype = DType(rawValue: code) else { return nil }
    return (dtype, isBigEndian && dtype.byteOrderUnit > 1)
  }
}
