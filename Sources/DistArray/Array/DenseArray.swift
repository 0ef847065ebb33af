// A small array in memory: what statistics and evaluated expressions are handed out as.

import DAStore

/// Elements of one type in row-major order, as bytes.
public struct DenseArray: Sendable, Equatable {
  public let dtype: DType
  public let shape: [Int]
  /// Little-endian elements.
  public let bytes: [UInt8]

  /// The elements as one-element values.
  public func element(_ index: Int) -> ElementValue {
    let size = dtype.byteCount
    precondition(index >= 0 && (index + 1) * size <= bytes.count, "an element of this array")
    return bytes.withUnsafeBytes {
      ElementValue(dtype: dtype, littleEndian: UnsafeRawBufferPointer(rebasing: $0[index * size..<(index + 1) * size]))
    }
  }

  /// The elements as Swift values, or `nil` when they are of another type.
  public func values<E: Element>(as _: E.Type) -> [E]? {
    guard E.dtype == dtype else { return nil }
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / dtype.byteCount).map { bytes.loadUnaligned(fromByteOffset: $0 * dtype.byteCount, as: E.self) }
    }
  }
}
