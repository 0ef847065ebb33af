// One position in a deflated stream: inflates forward, can be copied, knows the CRC-32 of everything before it.

import CZlib

/// The state of inflating a stream up to some byte. Not thread-safe; `InflatedMember` holds the lock.
///
/// Takes about 42 KB: zlib's state and its 32 KiB window.
struct Inflater: ~Copyable {
  /// zlib keeps the address of its stream inside its state, so the stream must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  /// Bytes given out so far.
  private(set) var position = 0
  /// CRC-32 of those bytes, while it is asked for.
  private(set) var crc: UInt32 = 0
  /// The stream's own end mark has been met.
  private(set) var isAtEnd = false
  /// Deflated bytes consumed so far.
  private(set) var consumed = 0

  /// The start of a raw deflate stream.
  ///
  /// - Throws: `.memory`.
  init() throws(StoreError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard czlib_inflate_init_raw(stream) == Z_OK else {
      stream.deallocate()
      throw StoreError(.memory, "zlib found no memory to inflate")
    }
  }

  /// The same position again. Wraps `inflateCopy`.
  init(copying other: borrowing Inflater) throws(StoreError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard inflateCopy(stream, other.stream) == Z_OK else {
      stream.deallocate()
      throw StoreError(.memory, "zlib found no memory to inflate")
    }
    position = other.position
    crc = other.crc
    isAtEnd = other.isAtEnd
    consumed = other.consumed
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Inflates from `input` into `output` until one of them is used up or the stream ends. Wraps `inflate`.
  ///
  /// - Parameters:
  ///   - input: The stream's bytes from `consumed` on.
  ///   - checksums: Whether `crc` is continued; once left out it is worth nothing.
  /// - Returns: Bytes written to `output`; `nil` when the stream is no deflate stream here.
  mutating func inflate(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, checksums: Bool
  ) -> Int? {
    // zlib counts in 32 bits; the caller comes again for the rest.
    let inputCount = min(input.count, 1 << 30)
    let outputCount = min(output.count, 1 << 30)
    stream.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_in = uInt(inputCount)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_out = uInt(outputCount)
    let status = CZlib.inflate(stream, Z_NO_FLUSH)
    let produced = outputCount - Int(stream.pointee.avail_out)
    consumed += inputCount - Int(stream.pointee.avail_in)
    // Never leave zlib with pointers into memory that is not its own.
    stream.pointee.next_in = nil
    stream.pointee.avail_in = 0
    stream.pointee.next_out = nil
    stream.pointee.avail_out = 0
    // "Buffer error" means only that nothing more could be done with these buffers.
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return nil }
    isAtEnd = status == Z_STREAM_END
    position += produced
    if checksums { crc = extendedCRC(crc, UnsafeRawBufferPointer(rebasing: output[..<produced])) }
    return produced
  }
}
