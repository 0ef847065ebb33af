// Conversion between element types: NumPy's `astype`, with an error instead of an undefined result.

/// An element type that every other can be converted to and from.
protocol CastableElement: MeasurableElement {
  /// Integers wrap, floats round to nearest.
  static func make<Source: FixedWidthInteger>(integer: Source) -> Self
  /// `nil` when the value has no place in this type.
  static func make<Source: BinaryFloatingPoint>(floating: Source) -> Self?
  static func make<Source: BinaryFloatingPoint>(real: Source, imaginary: Source) -> Self?
  func cast<Target: CastableElement>(to: Target.Type) -> Target?
}

extension CastableElement {
  /// Real types hold a complex number only when its imaginary part is zero.
  static func make<Source: BinaryFloatingPoint>(real: Source, imaginary: Source) -> Self? {
    imaginary == 0 ? make(floating: real) : nil
  }
}

extension CastableElement where Self: FixedWidthInteger {
  static func make<Source: FixedWidthInteger>(integer: Source) -> Self { Self(truncatingIfNeeded: integer) }
  static func make<Source: BinaryFloatingPoint>(floating: Source) -> Self? {
    // Every float type fits into Double, and what it truncates to is compared before it is converted.
    let whole = Double(floating).rounded(.towardZero)
    let limit = Double(sign: .plus, exponent: Self.isSigned ? Self.bitWidth - 1 : Self.bitWidth, significand: 1)
    guard whole >= (Self.isSigned ? -limit : 0), whole < limit else { return nil }
    return Self.isSigned ? Self(truncatingIfNeeded: Int64(whole)) : Self(truncatingIfNeeded: UInt64(whole))
  }
  func cast<Target: CastableElement>(to _: Target.Type) -> Target? { Target.make(integer: self) }
}

extension CastableElement where Self: BinaryFloatingPoint {
  static func make<Source: BinaryFloatingPoint>(floating: Source) -> Self? { Self(floating) }
  func cast<Target: CastableElement>(to _: Target.Type) -> Target? { Target.make(floating: self) }
}

extension Int8: CastableElement {}
extension Int16: CastableElement {}
extension Int32: CastableElement {}
extension Int64: CastableElement {}
extension UInt8: CastableElement {}
extension UInt16: CastableElement {}
extension UInt32: CastableElement {}
extension UInt64: CastableElement {}
extension Float16: CastableElement {
  /// By way of `Float`, as NumPy does it.
  static func make<Source: FixedWidthInteger>(integer: Source) -> Float16 { Float16(Float(integer)) }
}
extension Float: CastableElement {
  static func make<Source: FixedWidthInteger>(integer: Source) -> Float { Float(integer) }
}
extension Double: CastableElement {
  static func make<Source: FixedWidthInteger>(integer: Source) -> Double { Double(integer) }
}

extension StoredBool: CastableElement {
  static func make<Source: FixedWidthInteger>(integer: Source) -> StoredBool { StoredBool(integer != 0) }
  static func make<Source: BinaryFloatingPoint>(floating: Source) -> StoredBool? { StoredBool(floating != 0) }
  static func make<Source: BinaryFloatingPoint>(real: Source, imaginary: Source) -> StoredBool? {
    StoredBool(real != 0 || imaginary != 0)
  }
  func cast<Target: CastableElement>(to _: Target.Type) -> Target? {
    Target.make(integer: isTrue ? 1 as UInt8 : 0)
  }
}

extension StoredComplex: CastableElement where Part: CastableElement {
  static func make<Source: FixedWidthInteger>(integer: Source) -> StoredComplex {
    StoredComplex(Part.make(integer: integer), 0)
  }
  static func make<Source: BinaryFloatingPoint>(floating: Source) -> StoredComplex? {
    StoredComplex(Part(floating), 0)
  }
  static func make<Source: BinaryFloatingPoint>(real: Source, imaginary: Source) -> StoredComplex? {
    StoredComplex(Part(real), Part(imaginary))
  }
  func cast<Target: CastableElement>(to _: Target.Type) -> Target? {
    Target.make(real: real, imaginary: imaginary)
  }
}

/// Converts dense elements from one type to another.
///
/// NumPy's `astype` wherever its result is defined: integers wrap, floats round to nearest even (and to infinity when
/// too large), fractions are cut towards zero, everything but zero is true. Where it is not (NaN, infinity or a number
/// out of range to an integer; a complex number with an imaginary part to a real type, which NumPy cuts off with a
/// warning) the conversion stops.
/// - Returns: Index of the first element that has no value in the target type, `nil` when all were converted.
/// - Precondition: Both buffers hold the same number of whole elements and do not overlap.
/// - Complexity: one pass.
package func castElements(
  from source: DType, _ input: UnsafeRawBufferPointer, to target: DType, _ output: UnsafeMutableRawBufferPointer
) -> Int? {
  let count = input.count / source.byteCount
  precondition(input.count == count * source.byteCount, "whole elements")
  precondition(output.count == count * target.byteCount, "as many elements out as in")
  guard let from = input.baseAddress, let to = output.baseAddress else { return nil }
  if source == target {
    to.copyMemory(from: from, byteCount: input.count)
    return nil
  }
  return source.visitCastable(CastFrom(input: from, target: target, output: to, count: count))
}

private struct CastFrom: CastableVisitor {
  let input: UnsafeRawPointer
  let target: DType
  let output: UnsafeMutableRawPointer
  let count: Int
  func visit<Source: CastableElement>(_: Source.Type) -> Int? {
    target.visitCastable(CastTo<Source>(input: input, output: output, count: count))
  }
}

private struct CastTo<Source: CastableElement>: CastableVisitor {
  let input: UnsafeRawPointer
  let output: UnsafeMutableRawPointer
  let count: Int
  func visit<Target: CastableElement>(_: Target.Type) -> Int? {
    for index in 0..<count {
      let value = input.loadUnaligned(fromByteOffset: index * MemoryLayout<Source>.size, as: Source.self)
      guard let cast = value.cast(to: Target.self) else { return index }
      output.storeBytes(of: cast, toByteOffset: index * MemoryLayout<Target>.size, as: Target.self)
    }
    return nil
  }
}
