// Swift types that stand for the element types, so that kernels are written once and compiled for each.

/// A type whose values are array elements; its memory layout is the file's little-endian layout.
public protocol Element: BitwiseCopyable, Sendable, Equatable {
  static var dtype: DType { get }
}

/// NumPy's bool: one byte, where every byte but zero means true.
///
/// Swift's own `Bool` must not be made from bytes of a file: any value but 0 and 1 would be undefined behaviour.
public struct StoredBool: Element, Hashable {
  public var rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  @inlinable public init(_ value: Bool) { rawValue = value ? 1 : 0 }
  @inlinable public var isTrue: Bool { rawValue != 0 }
  public static var dtype: DType { .bool }
  @inlinable public static func == (a: StoredBool, b: StoredBool) -> Bool { a.isTrue == b.isTrue }
  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(isTrue) }
}

extension Int8: Element { public static var dtype: DType { .int8 } }
extension Int16: Element { public static var dtype: DType { .int16 } }
extension Int32: Element { public static var dtype: DType { .int32 } }
extension Int64: Element { public static var dtype: DType { .int64 } }
extension UInt8: Element { public static var dtype: DType { .uint8 } }
extension UInt16: Element { public static var dtype: DType { .uint16 } }
extension UInt32: Element { public static var dtype: DType { .uint32 } }
extension UInt64: Element { public static var dtype: DType { .uint64 } }
extension Float16: Element { public static var dtype: DType { .float16 } }
extension Float: Element { public static var dtype: DType { .float32 } }
extension Double: Element { public static var dtype: DType { .float64 } }

/// A complex number as arrays store it: real part, then imaginary part.
///
/// swift-numerics' `Complex` cannot be used for memory that comes from files: it is not declared bitwise copyable.
public struct StoredComplex<Part: Element & BinaryFloatingPoint>: Element {
  public var real: Part
  public var imaginary: Part
  @inlinable public init(_ real: Part, _ imaginary: Part) {
    self.real = real
    self.imaginary = imaginary
  }
  public static var dtype: DType { Part.dtype == .float32 ? .complex64 : .complex128 }
}
