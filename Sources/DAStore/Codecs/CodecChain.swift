// The codecs of a dataset in order of encoding: what chains there are, their names and the memory they need.

/// At most one shuffle followed by at most one compressor.
///
/// Source: Formats/codecs.md.
package struct CodecChain: Sendable, Equatable {
  /// First codec first when encoding.
  package let codecs: [Codec]

  /// Elements are stored as they are.
  package static let none = CodecChain(shuffle: nil, compressor: nil)

  /// Largest chunk: LZ4 counts bytes in 31 bits, and chunks far below this limit are faster.
  package static let maximumChunkByteCount = 1 << 30

  private init(shuffle: Codec?, compressor: Codec?) { codecs = [shuffle, compressor].compactMap { $0 } }

  /// - Throws: `.unsupported` when the order or number of codecs is not one we know.
  package init(_ codecs: [Codec]) throws(StoreError) {
    let shuffles = codecs.prefix { $0.isShuffle }
    guard shuffles.count <= 1, codecs.count - shuffles.count <= 1,
      codecs.dropFirst(shuffles.count).allSatisfy({ !$0.isShuffle })
    else {
      let found = codecs.prefix(8).map(\.rawValue).joined(separator: ", ")
      throw StoreError(
        .unsupported, "codec chain [\(found)]: expected at most one shuffle followed by at most one compressor")
    }
    self.codecs = codecs
  }

  /// Reads the names that files use.
  ///
  /// - Throws: `.unsupported` with the name of a codec that this version does not know, or for an impossible chain.
  package init(names: [String]) throws(StoreError) {
    var codecs: [Codec] = []
    for name in names {
      guard let codec = Codec(rawValue: name) else {
        let known = Codec.allCases.map(\.rawValue).joined(separator: ", ")
        throw StoreError(
          .unsupported,
          "codec \(String(name.prefix(40)).debugDescription) is not known to this version (known: \(known)); "
            + "a newer version may read the file")
      }
      codecs.append(codec)
    }
    try self.init(codecs)
  }

  /// What files call the codecs, first codec first.
  package var names: [String] { codecs.map(\.rawValue) }

  package var shuffle: Codec? { codecs.first { $0.isShuffle } }
  package var isCompressing: Bool { codecs.contains(.lz4) }

  /// Bytes of destination that encoding a chunk of `byteCount` bytes may use.
  ///
  /// No more than the chunk itself: what does not shrink is given up on the way.
  package func maximumEncodedByteCount(for byteCount: Int) -> Int { isCompressing ? byteCount : 0 }

  /// Bytes of scratch that encoding or decoding a chunk of `byteCount` bytes may use.
  ///
  /// One block on its way between LZ4 and shuffle, whatever the chunk's size.
  package func scratchByteCount(for byteCount: Int) -> Int {
    isCompressing && shuffle != nil ? min(byteCount, LZ4Frame.largestBlockByteCount) : 0
  }

  /// The shuffle that has an effect on elements of this size: of single bytes, byte shuffle has none.
  func effectiveShuffle(elementByteCount: Int) -> Codec? {
    shuffle == .byteShuffle && elementByteCount == 1 ? nil : shuffle
  }

  /// What encoding and decoding have in common: promises of the caller, and the limit on chunks that files may exceed.
  func checkChunk(byteCount: Int, elementByteCount: Int, scratch: UnsafeMutableRawBufferPointer) throws(StoreError) {
    precondition([1, 2, 4, 8, 16].contains(elementByteCount), "an element of 1, 2, 4, 8 or 16 bytes")
    precondition(byteCount % elementByteCount == 0, "a chunk of whole elements")
    precondition(scratch.count >= scratchByteCount(for: byteCount), "scratch as large as scratchByteCount says")
    guard byteCount <= Self.maximumChunkByteCount else {
      throw StoreError(
        .unsupported,
        "a chunk of \(byteCount) bytes is above the limit of \(Self.maximumChunkByteCount); use a smaller chunk shape"
      )
    }
  }
}
