// From a chunk's stored bytes to its elements. The stored bytes are not trusted.

import CLZ4

extension CodecChain {
  /// Decodes one chunk that was stored encoded.
  ///
  /// The decoded size is the destination's; stored bytes that do not give exactly that many are an error, whatever
  /// they claim. After an error the destination's contents are undefined.
  /// - Parameters:
  ///   - stored: The stored bytes, from a file.
  ///   - elementByteCount: 1, 2, 4, 8 or 16.
  ///   - destination: Exactly the chunk's decoded size; overlaps nothing.
  ///   - scratch: At least ``scratchByteCount(for:)`` bytes.
  /// - Throws: `.corrupt`; `.unsupported` for a chunk above ``maximumChunkByteCount``.
  /// - Source: Formats/codecs.md
  package func decode(
    _ stored: UnsafeRawBufferPointer, elementByteCount: Int, into destination: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    try checkChunk(byteCount: destination.count, elementByteCount: elementByteCount, scratch: scratch)
    let shuffle = effectiveShuffle(elementByteCount: elementByteCount)
    if isCompressing {
      try decodeBlocks(
        stored, elementByteCount: elementByteCount, shuffle: shuffle, into: destination, scratch: scratch)
      return
    }
    guard stored.count == destination.count else {
      throw StoreError(.corrupt, "a stored chunk has \(stored.count) bytes, expected \(destination.count)")
    }
    if let shuffle {
      shuffle.unshuffle(stored, into: destination, elementByteCount: elementByteCount)
    } else {
      destination.copyMemory(from: stored)
    }
  }

  private func decodeBlocks(
    _ stored: UnsafeRawBufferPointer, elementByteCount: Int, shuffle: Codec?,
    into destination: UnsafeMutableRawBufferPointer, scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    guard stored.count < destination.count else {
      throw StoreError(
        .corrupt,
        "a compressed chunk has \(stored.count) bytes, expected fewer than its \(destination.count) decoded bytes")
    }
    guard stored.count >= LZ4Frame.headerByteCount(blockCount: 0) else {
      throw StoreError(.corrupt, "a compressed chunk of \(stored.count) bytes ends inside its header")
    }
    let blockByteCount = Int(word(stored, 0))
    let allowed = LZ4Frame.blockGranularity...LZ4Frame.largestBlockByteCount
    guard allowed.contains(blockByteCount), blockByteCount % LZ4Frame.blockGranularity == 0 else {
      throw StoreError(
        .corrupt,
        "a compressed chunk has blocks of \(blockByteCount) bytes, expected a multiple of \(allowed.lowerBound) "
          + "up to \(allowed.upperBound)")
    }
    let blockCount = LZ4Frame.blockCount(chunkByteCount: destination.count, blockByteCount: blockByteCount)
    var offset = LZ4Frame.headerByteCount(blockCount: blockCount)
    guard stored.count >= offset else {
      throw StoreError(
        .corrupt, "a compressed chunk of \(stored.count) bytes ends inside its header of \(offset) bytes")
    }
    for block in 0..<blockCount {
      let start = block * blockByteCount
      let elements = UnsafeMutableRawBufferPointer(
        rebasing: destination[start..<min(start + blockByteCount, destination.count)])
      let word = word(stored, LZ4Frame.headerByteCount(blockCount: block))
      let length = Int(word & ~LZ4Frame.rawFlag)
      let isRaw = word & LZ4Frame.rawFlag != 0
      guard length <= stored.count - offset, isRaw ? length == elements.count : length < elements.count else {
        throw StoreError(
          .corrupt,
          "compressed block \(block) of \(blockCount) claims \(length) \(isRaw ? "raw " : "")bytes; "
            + "\(stored.count - offset) are left, and it decodes to \(elements.count)")
      }
      let input = UnsafeRawBufferPointer(rebasing: stored[offset..<offset + length])
      offset += length
      if isRaw {
        elements.copyMemory(from: input)
        continue
      }
      let output = shuffle == nil ? elements : UnsafeMutableRawBufferPointer(rebasing: scratch[..<elements.count])
      guard decompress(input, into: output) else {
        throw StoreError(
          .corrupt,
          "compressed block \(block) of \(blockCount) is damaged: it does not decode to \(elements.count) bytes")
      }
      shuffle?.unshuffle(UnsafeRawBufferPointer(output), into: elements, elementByteCount: elementByteCount)
    }
    guard offset == stored.count else {
      throw StoreError(.corrupt, "a compressed chunk has \(stored.count) bytes, expected \(offset) by its header")
    }
  }

  /// - Precondition: the caller has compared the offset with the size.
  private func word(_ stored: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
    UInt32(littleEndian: stored.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// Wraps `LZ4_decompress_safe`, which reads and writes inside the two buffers whatever the bytes are.
  ///
  /// - Returns: Whether the bytes decode to exactly the destination's size.
  private func decompress(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) -> Bool {
    // Blocks have at most 1 MiB and their stored form is smaller, so the counts fit.
    let written = LZ4_decompress_safe(
      source.assumingMemoryBound(to: CChar.self).baseAddress,
      destination.assumingMemoryBound(to: CChar.self).baseAddress, Int32(source.count), Int32(destination.count))
    return Int(written) == destination.count
  }
}
