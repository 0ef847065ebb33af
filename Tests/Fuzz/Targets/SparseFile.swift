// `.dnpy` 2 files as short inputs: zeros left out, checksums made right. Written from Formats/dnpy-2.md alone.

import DAStore

/// A file under construction; every access outside it is left out.
struct SparseFile {
  /// Which checksums are made right; the first byte of an input.
  struct Seals: OptionSet {
    var rawValue: UInt8
    static let preamble = Seals(rawValue: 1)
    static let superblocks = Seals(rawValue: 2)
    static let blocks = Seals(rawValue: 4)
    static let pages = Seals(rawValue: 8)
    static let chunks = Seals(rawValue: 16)
    /// The second copies of preamble and superblocks become those of the first.
    static let copies = Seals(rawValue: 32)
    static let all = Seals(rawValue: 63)
  }

  private(set) var bytes: [UInt8]
  private static let blockByteCount = 4096
  /// Pages that are followed, so that rings of them end.
  private var pagesLeft = 64

  /// Input from a file.
  static func folded(_ bytes: [UInt8]) -> [UInt8] {
    var input: [UInt8] = [Seals.all.rawValue, UInt8(min(255, (bytes.count + blockByteCount - 1) / blockByteCount))]
    var position = 0
    while let start = bytes[position...].firstIndex(where: { $0 != 0 }) {
      // Second copies come back by themselves; short runs of zeros are cheaper than another piece.
      if start < 12288, start % blockByteCount >= 2048 {
        position = (start / blockByteCount + 1) * blockByteCount
        continue
      }
      var end = start
      while end < bytes.count, end - start < 2040, bytes[end..<min(end + 12, bytes.count)].contains(where: { $0 != 0 })
      { end += 1 }
      input += [
        UInt8(start & 0xFF), UInt8(start >> 8 & 0xFF), UInt8(start >> 16), UInt8((end - start) & 0xFF),
        UInt8((end - start) >> 8),
      ]
      input += bytes[start..<end]
      position = end
    }
    return input
  }

  /// File from an input.
  static func expanded(_ input: [UInt8]) -> [UInt8] {
    var reader = InputReader(input)
    let seals = Seals(rawValue: UInt8(reader.number(byteCount: 1)))
    var file = SparseFile(bytes: Array(repeating: 0, count: reader.number(byteCount: 1) % 64 * blockByteCount))
    while !reader.rest.isEmpty {
      let offset = reader.number(byteCount: 3)
      let piece = reader.take(reader.number(byteCount: 2) & 0xFFF)
      file.put(piece, at: offset)
    }
    file.seal(seals)
    return file.bytes
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  // MARK: Checksums

  private mutating func seal(_ seals: Seals) {
    if seals.contains(.copies) {
      for block in 0..<3 { put(slice(block * Self.blockByteCount, 2040), at: block * Self.blockByteCount + 2048) }
    }
    if seals.contains(.preamble) { for copy in [0, 2048] { sealCopy(copy) } }
    guard seals.contains(.superblocks) else { return }
    // A slot that was never written stays empty.
    for copy in stride(from: 4096, to: 12288, by: 2048) where slice(copy, 2040).contains(where: { $0 != 0 }) {
      sealTable(at: copy + 120, seals)
      sealGeneration(metadata: copy + 32, root: copy + 56, levels: number(copy + 80, 4), seals)
      if seals.contains(.blocks) { sealRecord(at: copy + 144) }
      sealCopy(copy)
    }
  }

  private mutating func sealTable(at record: Int, _ seals: Seals) {
    guard seals.contains(.blocks), number(record + 12, 4) == 5 else { return }
    let (start, count) = (number(record, 8), number(record + 8, 4))
    for entry in stride(from: start, to: min(start &+ count, bytes.count), by: 104) {
      sealGeneration(metadata: entry &+ 24, root: entry &+ 48, levels: number(entry &+ 72, 4), seals)
    }
    sealRecord(at: record)
  }

  private mutating func sealGeneration(metadata: Int, root: Int, levels: Int, _ seals: Seals) {
    if seals.contains(.blocks) { sealRecord(at: metadata) }
    if levels <= 10 { sealPage(at: root, level: levels - 1, seals) }
  }

  /// Makes everything below a page right, then the record that points at it.
  private mutating func sealPage(at record: Int, level: Int, _ seals: Seals) {
    guard seals.contains(.pages), level >= 0, pagesLeft > 0, number(record + 12, 4) == 4 else { return }
    pagesLeft -= 1
    let page = number(record, 8)
    guard page >= 0, page < bytes.count else { return }
    for below in stride(from: page + 16, to: page + 4096, by: 24) {
      switch number(below + 12, 4) {
      case 1, 2: if level == 0, seals.contains(.chunks) { sealRecord(at: below) }
      case 4: sealPage(at: below, level: level - 1, seals)
      default: break
      }
    }
    sealRecord(at: record)
  }

  private mutating func sealRecord(at record: Int) {
    guard [1, 2, 4, 5].contains(number(record + 12, 4)) else { return }
    let (start, count) = (number(record, 8), number(record + 8, 4))
    guard start >= 0, start <= bytes.count, count <= bytes.count - start else { return }
    put(checksum(start, count), at: record + 16)
  }

  private mutating func sealCopy(_ copy: Int) { put(checksum(copy, 2040), at: copy + 2040) }

  private func checksum(_ offset: Int, _ count: Int) -> [UInt8] {
    let sum = slice(offset, count).withUnsafeBytes { Checksum.xxh3($0) }
    return (0..<8).map { UInt8(truncatingIfNeeded: sum >> UInt64(8 * $0)) }
  }

  // MARK: Bytes

  /// A little-endian number; -1 outside the file.
  private func number(_ offset: Int, _ byteCount: Int) -> Int {
    let bytes = slice(offset, byteCount)
    guard bytes.count == byteCount else { return -1 }
    return bytes.indices.reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
  }

  private func slice(_ offset: Int, _ count: Int) -> [UInt8] {
    guard offset >= 0, offset < bytes.count, count > 0 else { return [] }
    return Array(bytes[offset...].prefix(count))
  }

  private mutating func put(_ piece: [UInt8], at offset: Int) {
    guard offset >= 0 else { return }
    for (index, byte) in piece.enumerated() where offset < bytes.count - index { bytes[offset + index] = byte }
  }
}
