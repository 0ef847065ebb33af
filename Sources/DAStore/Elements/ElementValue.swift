// One element of any type, as bits: fill values, constant chunks, minima and maxima.

/// A single element together with its type; compared bit for bit.
public struct ElementValue: Sendable, Hashable {
  public let dtype: DType
  /// The element's little-endian bytes, as two words (the second is used by complex128 only).
  public let low: UInt64
  public let high: UInt64

  /// An element with all bits zero.
  public init(zero dtype: DType) {
    self.dtype = dtype
    low = 0
    high = 0
  }

  /// Reads an element from its first `dtype.byteCount` little-endian bytes.
  ///
  /// - Precondition: `bytes.count >= dtype.byteCount`.
  public init(dtype: DType, littleEndian bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count >= dtype.byteCount, "an element needs \(dtype.byteCount) bytes")
    var words: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<dtype.byteCount])) }
    self.dtype = dtype
    low = words.0
    high = words.1
  }

  public init<E: Element>(_ value: E) {
    self = withUnsafeBytes(of: value) { ElementValue(dtype: E.dtype, littleEndian: $0) }
  }

  /// The element's `dtype.byteCount` little-endian bytes.
  public var bytes: [UInt8] {
    withUnsafeBytes(of: (low, high)) { Array($0.prefix(dtype.byteCount)) }
  }

  /// The element as the Swift type `E`, or `nil` when that is not its type.
  public func value<E: Element>(as _: E.Type) -> E? {
    guard E.dtype == dtype else { return nil }
    return withUnsafeBytes(of: (low, high)) { $0.loadUnaligned(as: E.self) }
  }

  /// Writes this element `count` times.
  ///
  /// - Precondition: `buffer` holds a whole number of elements.
  public func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    let size = dtype.byteCount
    precondition(buffer.count % size == 0, "a buffer of whole elements")
    guard let base = buffer.baseAddress, buffer.count > 0 else { return }
    let pattern = bytes
    if pattern.allSatisfy({ $0 == pattern[0] }) {
      base.initializeMemory(as: UInt8.self, repeating: pattern[0], count: buffer.count)
      return
    }
    pattern.withUnsafeBytes { buffer.copyMemory(from: $0) }
    var done = size
    while done < buffer.count {
      let part = min(done, buffer.count - done)
      (base + done).copyMemory(from: base, byteCount: part)
      done += part
    }
  }
}

extension ElementValue: CustomStringConvertible {
  /// The shortest text that reads back as the same value: `0.1`, `nan`, `(1+2j)`, `True`.
  public var description: String {
    struct Text: ElementVisitor {
      let element: ElementValue
      func visit<E: Element>(_: E.Type) -> String {
        guard let value = element.value(as: E.self) else { return "" }
        switch value {
        case let bool as StoredBool: return bool.isTrue ? "True" : "False"
        case let complex as StoredComplex<Float>: return complexText("\(complex.real)", "\(complex.imaginary)")
        case let complex as StoredComplex<Double>: return complexText("\(complex.real)", "\(complex.imaginary)")
        default: return "\(value)"
        }
      }
      func complexText(_ real: String, _ imaginary: String) -> String {
        "(\(real)\(imaginary.first == "-" ? "" : "+")\(imaginary)j)"
      }
    }
    return dtype.visit(Text(element: self))
  }
}
