// Where the bytes of a `.npy` stream come from: part of a file as it is, or a member that is inflated on the way.

/// A run of bytes that can be read at any position, by any thread.
package protocol ByteSource: AnyObject, Sendable {
  /// Fixed when the source is opened.
  var byteCount: Int { get }

  /// Fills `buffer` from the bytes at `offset`.
  ///
  /// - Throws: `.truncated` when the bytes end before the buffer is full, `.corrupt` where a checksum or codec says so,
  ///   `.io`.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError)

  /// A hint that these bytes will be wanted soon.
  func willRead(at offset: Int, byteCount: Int)

  /// Compares the checksum of the whole source, where it has one, reading what was not read yet.
  func finishReading() throws(StoreError)
}

extension ByteSource {
  package func willRead(at offset: Int, byteCount: Int) {}
  package func finishReading() throws(StoreError) {}

  /// The first bytes, fewer than `count` when the source is shorter.
  package func prefix(_ count: Int) throws(StoreError) -> [UInt8] {
    var bytes = Array(repeating: UInt8(0), count: min(count, byteCount))
    try bytes.withUnsafeMutableBufferPointer { buffer throws(StoreError) in
      try read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return bytes
  }
}

/// Bytes of a file as they are, from some position on.
package final class FileSource: ByteSource {
  package let file: PositionalFile
  package let baseOffset: Int
  package let byteCount: Int

  /// The bytes from `baseOffset` to the present end of the file.
  ///
  /// - Throws: `.truncated` when the file is shorter than `baseOffset`.
  package init(_ file: PositionalFile, from baseOffset: Int = 0) throws(StoreError) {
    let size = try file.byteCount()
    guard baseOffset >= 0, baseOffset <= size else {
      throw StoreError(
        .truncated, "ends at byte \(size), before byte \(baseOffset) where its elements should begin", path: file.path)
    }
    self.file = file
    self.baseOffset = baseOffset
    byteCount = size - baseOffset
  }

  package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try file.read(at: baseOffset + offset, into: buffer)
  }

  package func willRead(at offset: Int, byteCount: Int) {
    file.willRead(at: baseOffset + offset, byteCount: byteCount)
  }
}

extension NpyHeader {
  /// Reads and decodes the header at the start of a source, and compares the data's size with what follows it.
  ///
  /// - Throws: `.unsupported`, `.corrupt`, `.truncated`, `.io`.
  package static func read(from source: some ByteSource) throws(StoreError) -> NpyHeader {
    let size = try byteCount(ofPreamble: try source.prefix(preambleByteCount))
    let header = try NpyHeader(decoding: try source.prefix(size))
    try header.checkData(availableByteCount: source.byteCount)
    return header
  }
}
