// The two framings in which HDF5 files keep LZ4 blocks: the LZ4 filter's (32004) and bitshuffle's (32008).

import CLZ4

extension HDF5FilterChain {
  /// A big-endian number at an offset that has been compared with the size.
  private static func number<Word: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, as _: Word.Type
  ) throws(StoreError) -> Int {
    guard offset + MemoryLayout<Word>.size <= bytes.count else {
      throw StoreError(.corrupt, "ends inside its LZ4 framing")
    }
    var value = Word.zero
    for byte in bytes[offset..<offset + MemoryLayout<Word>.size] { value = value << 8 | Word(byte) }
    guard let integer = Int(exactly: value) else { throw StoreError(.corrupt, "claims \(value) bytes") }
    return integer
  }

  /// One LZ4 block with its size in front, which must give exactly the destination's bytes.
  ///
  /// - Parameter allowsRaw: A block as large as what it decodes to is not compressed.
  /// - Returns: Where the next block begins.
  private static func block(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, into destination: UnsafeMutableRawBufferPointer, allowsRaw: Bool
  ) throws(StoreError) -> Int {
    let count = try number(bytes, offset, as: UInt32.self)
    let start = offset + 4
    guard count <= bytes.count - start, count <= Int32.max, destination.count <= Int32.max else {
      throw StoreError(.corrupt, "claims an LZ4 block of \(count) bytes; \(bytes.count - start) are left")
    }
    if allowsRaw, count == destination.count {
      copy(bytes, start..<start + count, to: destination, at: 0)
      return start + count
    }
    let input = UnsafeRawBufferPointer(rebasing: bytes[start..<start + count])
    let written = LZ4_decompress_safe(
      input.assumingMemoryBound(to: CChar.self).baseAddress,
      destination.assumingMemoryBound(to: CChar.self).baseAddress,
      Int32(count), Int32(destination.count))
    guard Int(written) == destination.count else {
      throw StoreError(.corrupt, "has an LZ4 block that does not decode to \(destination.count) bytes")
    }
    return start + count
  }

  /// Filter 32004: total and block size, then blocks, each with its size in front; all numbers big-endian.
  static func decodeLZ4(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> Int {
    let total = try number(source, 0, as: UInt64.self)
    let blockByteCount = try number(source, 8, as: UInt32.self)
    guard total <= destination.count else { throw tooLarge(total, destination.count) }
    guard blockByteCount > 0 else { throw StoreError(.corrupt, "has LZ4 blocks of no bytes") }
    var (offset, done) = (12, 0)
    while done < total {
      let end = min(total, done + blockByteCount)
      offset = try block(
        source, offset, into: UnsafeMutableRawBufferPointer(rebasing: destination[done..<end]), allowsRaw: true)
      done = end
    }
    return total
  }

  /// Filter 32008: the bit planes of each block by themselves; fewer than 8 elements at the end stay as they are.
  ///
  /// - Parameter block: Room for one block of planes.
  static func bitUnshuffle(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer, elementByteCount size: Int,
    blockElementCount: Int, isCompressed: Bool, block planes: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> Int {
    var blockByteCount = blockElementCount * size
    var total = source.count
    var offset = 0
    if isCompressed {
      total = try number(source, 0, as: UInt64.self)
      blockByteCount = try number(source, 8, as: UInt32.self)
      offset = 12
      guard blockByteCount > 0, blockByteCount % (8 * size) == 0 else {
        throw StoreError(.corrupt, "has bitshuffled blocks of \(blockByteCount) bytes")
      }
    }
    guard total <= destination.count else { throw tooLarge(total, destination.count) }
    var done = 0
    while done < total {
      // Blocks consist of 8 elements at least.
      let count = min(total - done, blockByteCount) / (8 * size) * (8 * size)
      if count == 0 {
        guard total - done <= source.count - offset else { throw StoreError(.corrupt, "ends before its last elements") }
        copy(source, offset..<offset + total - done, to: destination, at: done)
        break
      }
      var input = UnsafeRawBufferPointer(rebasing: planes[..<count])
      if isCompressed {
        offset = try Self.block(
          source, offset, into: UnsafeMutableRawBufferPointer(rebasing: planes[..<count]), allowsRaw: false)
      } else {
        input = UnsafeRawBufferPointer(rebasing: source[offset..<offset + count])
        offset += count
      }
      Codec.bitShuffle.unshuffle(
        input, into: UnsafeMutableRawBufferPointer(rebasing: destination[done..<done + count]), elementByteCount: size)
      done += count
    }
    return total
  }
}
