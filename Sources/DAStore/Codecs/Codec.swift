// The codecs that stored chunks may pass through, by the names that files give them.

/// One step between a chunk's elements and its stored bytes.
///
/// Source: Formats/codecs.md.
package enum Codec: String, Sendable, CaseIterable {
  /// Byte 0 of every element, then byte 1 of every element, and so on: similar bytes become neighbours.
  case byteShuffle = "byteshuffle"
  /// Bit 0 of every element, then bit 1 of every element, and so on.
  case bitShuffle = "bitshuffle"
  /// LZ4 block compression of independent blocks.
  case lz4

  package var isShuffle: Bool { self != .lz4 }
}
