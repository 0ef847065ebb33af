// A zip member that is stored as it is: reads anywhere, and a CRC-32 that follows the reads in order.

import CZlib
import Synchronization

/// The bytes of a stored member. Thread-safe.
final class StoredMember: ByteSource {
  let byteCount: Int
  private let file: PositionalFile
  private let name: String
  private let baseOffset: Int
  private let expected: UInt32

  private struct Checked {
    var byteCount = 0
    var crc: UInt32 = 0
  }
  /// Guards the checksum of the first bytes; only arithmetic happens while it is held.
  private let checked = Mutex(Checked())

  private static let passByteCount = 256 << 10

  /// - Parameters:
  ///   - baseOffset: Of the member's first byte; the caller has checked that all bytes lie inside the file.
  ///   - crc32: What the directory promises.
  init(_ file: PositionalFile, name: String, at baseOffset: Int, byteCount: Int, crc32: UInt32) {
    self.file = file
    self.name = name
    self.baseOffset = baseOffset
    self.byteCount = byteCount
    expected = crc32
  }

  /// Reads that begin at or before the end of the checked part and go beyond it extend it; the read that reaches the
  /// end of the member compares the checksum.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try requireInside(offset, buffer.count, of: byteCount, member: name)
    try file.read(at: baseOffset + offset, into: buffer)
    try checked.withLock { checked throws(StoreError) in
      guard offset <= checked.byteCount, checked.byteCount < offset + buffer.count else { return }
      let new = UnsafeRawBufferPointer(rebasing: buffer[(checked.byteCount - offset)...])
      checked.crc = extendedCRC(checked.crc, new)
      checked.byteCount += new.count
      if checked.byteCount == byteCount { try compareCRC(checked.crc, expected, member: name) }
    }
  }

  func willRead(at offset: Int, byteCount: Int) {
    file.willRead(at: baseOffset + offset, byteCount: byteCount)
  }

  /// Reads the part that was not read in order, and compares the checksum.
  func finishReading() throws(StoreError) {
    let buffer = try AlignedBuffer(byteCount: min(Self.passByteCount, byteCount))
    while true {
      let state = checked.withLock { $0 }
      let count = min(buffer.bytes.count, byteCount - state.byteCount)
      if count == 0 {
        try compareCRC(state.crc, expected, member: name)
        return
      }
      try read(at: state.byteCount, into: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<count]))
    }
  }
}

/// CRC-32 of the bytes before and these. Wraps `crc32_z`.
func extendedCRC(_ crc: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
  guard let base = bytes.baseAddress else { return crc }
  return UInt32(truncatingIfNeeded: crc32_z(uLong(crc), base.assumingMemoryBound(to: Bytef.self), bytes.count))
}

func compareCRC(_ found: UInt32, _ expected: UInt32, member: String) throws(StoreError) {
  guard found == expected else {
    func hex(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
    throw StoreError(
      .corrupt,
      "member '\(member)': CRC-32 \(hex(found)), expected \(hex(expected)); damaged; fetch the archive again"
    )
  }
}

func requireInside(_ offset: Int, _ count: Int, of byteCount: Int, member: String) throws(StoreError) {
  guard offset >= 0, offset <= byteCount, count <= byteCount - offset else {
    throw StoreError(.truncated, "member '\(member)' has \(byteCount) bytes; \(count) were expected at byte \(offset)")
  }
}
