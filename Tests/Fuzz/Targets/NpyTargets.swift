// Targets for `.npy` headers and files, zip archives of them, and deflated members.

import DAStore

extension FuzzTarget {
  /// Input: the beginning of a `.npy` stream. What was understood must be the same after it was written and read again.
  static let npyHeader = FuzzTarget(
    name: "npy-header", maximumByteCount: 2048,
    seeds: { try goldenSeeds(suffix: ".npy", under: 600) },
    body: { bytes, _ in
      let count = try NpyHeader.byteCount(ofPreamble: Array(bytes.prefix(NpyHeader.preambleByteCount)))
      let header = try NpyHeader(decoding: bytes)
      try require(count == header.byteCount, "the header has \(header.byteCount) bytes, its preamble said \(count)")
      try require(header.byteCount <= bytes.count, "a header beyond its bytes")
      let again = try NpyHeader(decoding: header.encoded())
      try require(
        again.shape == header.shape && again.dtype == header.dtype && again.isBigEndian == header.isBigEndian
          && again.isFortranOrder == header.isFortranOrder, "\(header) is read as \(again)")
      return "\(header)"
    })

  /// Input: a whole `.npy` file.
  static let npyFile = FuzzTarget(
    name: "npy", maximumByteCount: 2048,
    seeds: { try goldenSeeds(suffix: ".npy", under: 600) },
    body: { bytes, folder in
      let path = folder + "/a.npy"
      try write(bytes, to: path)
      return try naming(path) { try readEverything(NpyDataset(path: path, chunkByteCount: 64)) }
    })

  /// Input: a whole `.npz` archive; every member is read.
  static let npz = FuzzTarget(
    name: "npz", maximumByteCount: 8192,
    seeds: { try goldenSeeds(suffix: ".npz", under: 3000) },
    body: { bytes, folder in
      let path = folder + "/a.npz"
      try write(bytes, to: path)
      let archive = try naming(path) { try NpzArchive(path: path) }
      var answer = ""
      for member in archive.members.prefix(8) { answer += try readMember(member.name, of: archive, path) }
      return answer
    })

  /// Input: two bytes for the size that the archive claims, then a deflated stream, which is put into a sound archive.
  static let deflate = FuzzTarget(
    name: "deflate", maximumByteCount: 4096,
    seeds: {
      // Members that follow a local header without extra field, as the golden archives have them.
      try goldenSeeds(suffix: ".npz", under: 3000).compactMap { seed in
        let bytes = seed.bytes
        guard bytes.count > 60, bytes[8] == 8 else { return nil }
        let start = 30 + Int(bytes[26]) + Int(bytes[27]) << 8 + Int(bytes[28]) + Int(bytes[29]) << 8
        let stored = Int(bytes[18]) + Int(bytes[19]) << 8
        guard start < bytes.count else { return nil }
        return Seed(name: seed.name, bytes: Array(bytes[22...23]) + bytes[start...].prefix(stored))
      }
    },
    body: { bytes, folder in
      let path = folder + "/d.npz"
      try write(archive(deflated: Array(bytes.dropFirst(2)), claimed: Array((bytes + [0, 0]).prefix(2))), to: path)
      let archive = try naming(path) { try NpzArchive(path: path) }
      return try readMember("a", of: archive, path)
    })

  private static func readMember(_ name: String, of archive: NpzArchive, _ path: String) throws -> String {
    do {
      return try naming(path) { try readEverything(archive.dataset(name, chunkByteCount: 256)) }
    } catch let error as StoreError {
      // One damaged member does not hide the others.
      guard error.code != .internalFault, error.code != .io else { throw error }
      return "\(error)"
    }
  }

  /// An archive of one member `a.npy` with this stream; its checksum is that of no bytes.
  private static func archive(deflated: [UInt8], claimed: [UInt8]) -> [UInt8] {
    func little(_ value: Int, _ byteCount: Int) -> [UInt8] {
      (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let name = Array("a.npy".utf8)
    let facts =
      little(20, 2) + little(0, 2) + little(8, 2) + little(0, 4) + little(0, 4) + little(deflated.count, 4)
      + claimed + little(0, 2) + little(name.count, 2) + little(0, 2)
    let local = Array("PK\u{3}\u{4}".utf8) + facts + name + deflated
    let central = Array("PK\u{1}\u{2}".utf8) + little(20, 2) + facts + little(0, 2 + 2 + 2 + 4 + 4) + name
    let end =
      Array("PK\u{5}\u{6}".utf8) + little(0, 4) + little(1, 2) + little(1, 2) + little(central.count, 4)
      + little(local.count, 4) + little(0, 2)
    return local + central + end
  }
}
