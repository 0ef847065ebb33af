// The two checksums of HDF5: Jenkins' lookup3 over structures, Fletcher's over chunks.

/// Bob Jenkins' `lookup3` with the initial value zero, as HDF5 computes it over structures.
///
/// Source: HDF5 File Format Specification 3.0, "checksum"; B. Jenkins, lookup3.c (public domain), `hashlittle`.
func hdf5Lookup3(_ bytes: some RandomAccessCollection<UInt8>) -> UInt32 {
  func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value << count | value >> (32 - count) }
  var a = 0xdead_beef &+ UInt32(truncatingIfNeeded: bytes.count)
  var b = a
  var c = a
  var rest = bytes[...]
  func word(_ part: some Collection<UInt8>, _ index: Int) -> UInt32 {
    part.dropFirst(4 * index).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
  while rest.count > 12 {
    a &+= word(rest, 0)
    b &+= word(rest, 1)
    c &+= word(rest, 2)
    a = (a &- c) ^ rotated(c, 4)
    c &+= b
    b = (b &- a) ^ rotated(a, 6)
    a &+= c
    c = (c &- b) ^ rotated(b, 8)
    b &+= a
    a = (a &- c) ^ rotated(c, 16)
    c &+= b
    b = (b &- a) ^ rotated(a, 19)
    a &+= c
    c = (c &- b) ^ rotated(b, 4)
    b &+= a
    rest = rest.dropFirst(12)
  }
  if rest.isEmpty { return c }
  a &+= word(rest, 0)
  b &+= word(rest, 1)
  c &+= word(rest, 2)
  c = (c ^ b) &- rotated(b, 14)
  a = (a ^ c) &- rotated(c, 11)
  b = (b ^ a) &- rotated(a, 25)
  c = (c ^ b) &- rotated(b, 16)
  a = (a ^ c) &- rotated(c, 4)
  b = (b ^ a) &- rotated(a, 14)
  c = (c ^ b) &- rotated(b, 24)
  return c
}

/// Fletcher's checksum over big-endian words of 16 bits, as the `fletcher32` filter computes it.
///
/// Source: HDF5 File Format Specification 3.0, "fletcher32".
func hdf5Fletcher32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  func folded(_ sum: UInt32) -> UInt32 { (sum & 0xffff) &+ sum >> 16 }
  var low: UInt32 = 0
  var high: UInt32 = 0
  let wordCount = bytes.count / 2
  var word = 0
  while word < wordCount {
    // 360 words are as many as cannot overflow the sums.
    let end = min(word + 360, wordCount)
    while word < end {
      low &+= UInt32(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * word, as: UInt16.self)))
      high &+= low
      word += 1
    }
    low = folded(low)
    high = folded(high)
  }
  if bytes.count % 2 == 1 {
    low &+= UInt32(bytes[bytes.count - 1]) << 8
    high &+= low
    low = folded(low)
    high = folded(high)
  }
  return folded(high) << 16 | folded(low)
}
