// Swapping big-endian file bytes into the order of memory.

/// Reverses the bytes of each unit of `unit` bytes, in place.
///
/// - Precondition: `unit` is 1, 2, 4 or 8 and divides the buffer's size.
package func swapByteOrder(_ buffer: UnsafeMutableRawBufferPointer, unit: Int) {
  precondition(buffer.count % unit == 0, "a buffer of whole units")
  func swap<Word: FixedWidthInteger & BitwiseCopyable>(_: Word.Type) {
    for offset in stride(from: 0, to: buffer.count, by: MemoryLayout<Word>.size) {
      let word = buffer.loadUnaligned(fromByteOffset: offset, as: Word.self)
      buffer.storeBytes(of: word.byteSwapped, toByteOffset: offset, as: Word.self)
    }
  }
  switch unit {
  case 2: swap(UInt16.self)
  case 4: swap(UInt32.self)
  case 8: swap(UInt64.self)
  default: precondition(unit == 1, "a unit of 1, 2, 4 or 8 bytes")
  }
}
