// From a chunk's elements to its stored bytes.

import CLZ4

/// What encoding a chunk gave.
package enum EncodedChunk: Sendable, Equatable {
  /// The first `byteCount` bytes of the destination are the stored form; fewer than the elements have.
  case encoded(byteCount: Int)
  /// The chain would not shrink this chunk: store the elements as they are. The destination's contents are undefined.
  case raw
}

extension CodecChain {
  /// Encodes one chunk.
  ///
  /// A chain without a compressor cannot shrink anything, so it always answers `.raw`.
  /// - Parameters:
  ///   - source: The chunk's elements: dense, little-endian.
  ///   - elementByteCount: 1, 2, 4, 8 or 16.
  ///   - destination: At least ``maximumEncodedByteCount(for:)`` bytes; overlaps nothing.
  ///   - scratch: At least ``scratchByteCount(for:)`` bytes.
  /// - Throws: `.unsupported` for a chunk above ``maximumChunkByteCount``.
  /// - Complexity: one pass; LZ4 gives up early on blocks that do not shrink.
  /// - Source: Formats/codecs.md
  package func encode(
    _ source: UnsafeRawBufferPointer, elementByteCount: Int, into destination: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> EncodedChunk {
    try checkChunk(byteCount: source.count, elementByteCount: elementByteCount, scratch: scratch)
    precondition(
      destination.count >= maximumEncodedByteCount(for: source.count),
      "a destination as large as maximumEncodedByteCount says")
    guard isCompressing else { return .raw }
    let shuffle = effectiveShuffle(elementByteCount: elementByteCount)
    let blockByteCount = LZ4Frame.blockByteCount
    let blockCount = LZ4Frame.blockCount(chunkByteCount: source.count, blockByteCount: blockByteCount)
    var end = LZ4Frame.headerByteCount(blockCount: blockCount)
    // Encoding stops as soon as the result could not be smaller than the elements.
    guard end < source.count else { return .raw }
    storeWord(UInt32(blockByteCount), 0, destination)
    for block in 0..<blockCount {
      let start = block * blockByteCount
      let elements = UnsafeRawBufferPointer(rebasing: source[start..<min(start + blockByteCount, source.count)])
      var input = elements
      if let shuffle {
        let shuffled = UnsafeMutableRawBufferPointer(rebasing: scratch[..<elements.count])
        shuffle.shuffle(elements, into: shuffled, elementByteCount: elementByteCount)
        input = UnsafeRawBufferPointer(shuffled)
      }
      let room = min(elements.count - 1, source.count - 1 - end)
      let written = compress(input, into: UnsafeMutableRawBufferPointer(rebasing: destination[end..<end + room]))
      var word = UInt32(written)
      if written == 0 {
        guard end + elements.count < source.count else { return .raw }
        UnsafeMutableRawBufferPointer(rebasing: destination[end..<end + elements.count]).copyMemory(from: elements)
        word = UInt32(elements.count) | LZ4Frame.rawFlag
      }
      storeWord(word, LZ4Frame.headerByteCount(blockCount: block), destination)
      end += written == 0 ? elements.count : written
    }
    return .encoded(byteCount: end)
  }

  private func storeWord(_ word: UInt32, _ offset: Int, _ destination: UnsafeMutableRawBufferPointer) {
    destination.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt32.self)
  }

  /// Wraps `LZ4_compress_default`.
  ///
  /// - Returns: Bytes written, 0 when the destination is too small.
  private func compress(_ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer) -> Int {
    guard destination.count > 0 else { return 0 }
    // Blocks have at most 256 KiB, so the counts fit.
    let written = LZ4_compress_default(
      source.assumingMemoryBound(to: CChar.self).baseAddress,
      destination.assumingMemoryBound(to: CChar.self).baseAddress, Int32(source.count), Int32(destination.count))
    return max(Int(written), 0)
  }
}
