// Reading the fields of an HDF5 structure one after the other, none of them trusted.

/// Sizes of addresses and lengths, which each file chooses.
struct HDF5Sizes: Sendable, Hashable {
  var address: Int
  var length: Int
}

/// A position in the bytes of one structure; every step is compared with their end.
struct HDF5Cursor {
  private let bytes: [UInt8]
  let sizes: HDF5Sizes
  /// What the bytes are, for error texts: `object header at byte 96`.
  let what: String
  private(set) var position = 0

  init(_ bytes: [UInt8], _ sizes: HDF5Sizes, _ what: String) {
    self.bytes = bytes
    self.sizes = sizes
    self.what = what
  }

  var remaining: Int { bytes.count - position }

  /// The next `count` bytes.
  ///
  /// - Throws: `.corrupt` when the structure ends before.
  mutating func take(_ count: Int) throws(StoreError) -> [UInt8] {
    try skip(count)
    return Array(bytes[position - count..<position])
  }

  mutating func skip(_ count: Int) throws(StoreError) {
    guard count >= 0, count <= remaining else {
      throw corrupt("ends after \(bytes.count) bytes; \(count) more were expected at its byte \(position)")
    }
    position += count
  }

  /// A little-endian number of `byteCount` bytes, at most 8.
  mutating func unsigned(_ byteCount: Int) throws(StoreError) -> UInt64 {
    guard (0...8).contains(byteCount) else { throw corrupt("has a field of \(byteCount) bytes") }
    try skip(byteCount)
    var value: UInt64 = 0
    for byte in bytes[position - byteCount..<position].reversed() { value = value << 8 | UInt64(byte) }
    return value
  }

  /// A number that must fit a positive `Int`.
  mutating func integer(_ byteCount: Int) throws(StoreError) -> Int {
    let value = try unsigned(byteCount)
    guard let integer = Int(exactly: value) else { throw corrupt("holds the size \(value)") }
    return integer
  }

  mutating func byte() throws(StoreError) -> Int { try integer(1) }

  /// An address relative to the file's base; `nil` when it says that there is nothing.
  mutating func address() throws(StoreError) -> Int? { try optional(sizes.address) }

  /// An address that must be there.
  mutating func definedAddress() throws(StoreError) -> Int {
    guard let address = try address() else { throw corrupt("lacks an address") }
    return address
  }

  mutating func length() throws(StoreError) -> Int { try integer(sizes.length) }

  /// A length; `nil` when it says "unlimited".
  mutating func limit() throws(StoreError) -> Int? { try optional(sizes.length) }

  private mutating func optional(_ byteCount: Int) throws(StoreError) -> Int? {
    let value = try unsigned(byteCount)
    if value == UInt64.max >> UInt64(64 - 8 * byteCount) { return nil }
    guard let integer = Int(exactly: value) else { throw corrupt("holds the address or size \(value)") }
    return integer
  }

  mutating func expect(signature: String) throws(StoreError) {
    guard try take(signature.utf8.count) == Array(signature.utf8) else {
      throw corrupt("does not begin with '\(signature)'")
    }
  }

  /// A version that must be one of those known.
  mutating func version(_ known: ClosedRange<Int>) throws(StoreError) -> Int {
    let version = try byte()
    guard known.contains(version) else {
      throw StoreError(
        .unsupported, "\(what) has version \(version); versions \(known.lowerBound) to \(known.upperBound) are known")
    }
    return version
  }

  /// Text up to a zero byte, and that byte.
  mutating func text() throws(StoreError) -> String {
    guard let end = bytes[position...].firstIndex(of: 0) else { throw corrupt("holds a name without an end") }
    let text = String(decoding: bytes[position..<end], as: UTF8.self)
    position = end + 1
    return text
  }

  /// Skips to a multiple of 8 bytes from `start`.
  mutating func align(from start: Int) throws(StoreError) {
    try skip(min(remaining, (8 - (position - start) % 8) % 8))
  }

  func corrupt(_ message: String) -> StoreError { StoreError(.corrupt, "HDF5 \(what) \(message)") }
}

/// Text of a fixed field: up to the first zero byte.
func hdf5Text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
