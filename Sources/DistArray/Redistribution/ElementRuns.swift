// Copies of equally spaced elements: how messages are packed and unpacked.

import DAStore

/// Copies elements between two memories that do not overlap.
///
/// - Parameters: steps from element to element, in elements; any sign.
func copyElements(
  _ count: Int, of elementByteCount: Int, from source: UnsafeRawPointer, step sourceStep: Int,
  to target: UnsafeMutableRawPointer, step targetStep: Int
) {
  if count == 1 || sourceStep == 1 && targetStep == 1 {
    return target.copyMemory(from: source, byteCount: count * elementByteCount)
  }
  func copy<Word: BitwiseCopyable>(_: Word.Type) {
    let size = MemoryLayout<Word>.size
    for index in 0..<count {
      let word = (source + index * sourceStep * size).loadUnaligned(as: Word.self)
      (target + index * targetStep * size).storeBytes(of: word, as: Word.self)
    }
  }
  switch elementByteCount {
  case 1: copy(UInt8.self)
  case 2: copy(UInt16.self)
  case 4: copy(UInt32.self)
  case 8: copy(UInt64.self)
  default:
    precondition(elementByteCount == 16, "an element of 1, 2, 4, 8 or 16 bytes")
    copy(SIMD2<UInt64>.self)
  }
}

/// Where the elements of a rank's buffer are taken from before an exchange: memory, or a file.
protocol ElementSource {
  /// Copies elements to places in memory.
  ///
  /// - Parameters:
  ///   - offset: Place of the first in the buffer; it, and the steps, in elements.
  /// - Throws: `.io` when they cannot be read.
  mutating func copy(
    _ count: Int, from offset: Int, step: Int, to target: UnsafeMutableRawPointer, step targetStep: Int
  ) throws(StoreError)
}

/// A buffer in memory.
struct ElementsInMemory: ElementSource {
  let start: UnsafeRawPointer
  let elementByteCount: Int

  func copy(_ count: Int, from offset: Int, step: Int, to target: UnsafeMutableRawPointer, step targetStep: Int) {
    copyElements(
      count, of: elementByteCount, from: start + offset * elementByteCount, step: step, to: target, step: targetStep)
  }
}
