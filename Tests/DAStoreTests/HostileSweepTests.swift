// Damage to element bytes of formats without checksums changes that element and no other; lies under right checksums.

import DATestSupport
import Foundation
import Testing

@testable import DAStore
@testable import FuzzTargets

@Suite struct HostileSweepTests {
  /// Indices of the elements that differ.
  private func differences(_ found: [UInt8], _ expected: [UInt8], elementByteCount size: Int) -> [Int] {
    guard found.count == expected.count else { return [-1] }
    return (0..<found.count / size).filter {
      found[$0 * size..<($0 + 1) * size] != expected[$0 * size..<($0 + 1) * size]
    }
  }

  @Test(arguments: ["i4_c.npy", "c8_fortran.npy", "u2_big.npy"])
  func aFlippedBitOfAnNpyElementChangesThatElement(name: String) throws {
    let file = try NpyGolden.bytes(name)
    func open(_ bytes: [UInt8]) throws(StoreError) -> NpyDataset {
      try NpyDataset(MemorySource(bytes), path: name, format: .npy, chunkByteCount: 16)
    }
    let sound = try open(file)
    let expected = try readAll(sound)
    var places = Set<Int>()
    for bit in sound.header.byteCount * 8..<file.count * 8 {
      var damaged = file
      damaged[bit / 8] ^= 1 << (bit % 8)
      let changed = differences(
        try readAll(open(damaged)), expected, elementByteCount: sound.description.dtype.byteCount)
      #expect(changed.count == 1 && changed[0] >= 0, "bit \(bit % 8) of byte \(bit / 8): elements \(changed)")
      places.formUnion(changed)
    }
    #expect(places.count == sound.header.elementCount)
  }

  @Test(arguments: ["bb", "blockcyclic", "shuffled", "bigendian"])
  func aFlippedBitOfADnpy1ElementChangesThatElement(name: String) throws {
    let golden = try #require(Dnpy1Golden.readable.first { $0.name == name })
    let expected = countingBytes(golden.shape, golden.dtype)
    try withTemporaryFolder { folder in
      let prefix = try Dnpy1Golden.copy(name, to: folder)
      let url = URL(fileURLWithPath: Dnpy1Names.name(prefix: prefix, rank: 0))
      let whole = try [UInt8](Data(contentsOf: url))
      var places = Set<Int>()
      for byte in try Dnpy1Header(decoding: whole).dataOffset..<whole.count {
        var damaged = whole
        damaged[byte] ^= 1 << (byte % 8)
        try Data(damaged).write(to: url)
        let changed = differences(
          try readWhole(Dnpy1Dataset(prefix)), expected, elementByteCount: golden.dtype.byteCount)
        #expect(changed.count == 1 && changed[0] >= 0, "byte \(byte): elements \(changed)")
        places.formUnion(changed)
      }
      #expect(!places.isEmpty)
    }
  }

  /// A sound file with another metadata block, every checksum made right.
  private func file(metadata: String) throws -> [UInt8] {
    let seed = try #require(try FuzzTarget.dnpy2.seeds().first { $0.name == "plain" })
    let sound = SparseFile.expanded(seed.bytes)
    // Generation 1 lies in slot B; its metadata record begins 32 bytes later.
    let record = 8192 + 32
    let offset = (0..<8).reduce(0) { $0 | Int(sound[record + $1]) << (8 * $1) }
    func piece(_ offset: Int, _ bytes: [UInt8]) -> [UInt8] {
      [
        UInt8(offset & 0xFF), UInt8(offset >> 8 & 0xFF), UInt8(offset >> 16), UInt8(bytes.count & 0xFF),
        UInt8(bytes.count >> 8),
      ] + bytes
    }
    let text = Array(metadata.utf8)
    #expect(text.count < 4096)
    let length = [UInt8(text.count & 0xFF), UInt8(text.count >> 8), 0, 0]
    return SparseFile.expanded(seed.bytes + piece(offset, text) + piece(record + 8, length))
  }

  @Test func liesInMetadataAreRefused() throws {
    func text(_ shape: String, _ chunks: String = "[2]", dtype: String = "<i2", more: String = "") -> String {
      #"{"shape":\#(shape),"chunk_shape":\#(chunks),"dtype":"\#(dtype)","codecs":[],"checksum":"xxh3-64"\#(more)}"#
    }
    let deep = String(repeating: "[", count: 1500) + String(repeating: "]", count: 1500)
    let lies = [
      text("[-5]"), text("[4611686018427387904]"), text("[4611686018427387904,4]", "[2,2]"),
      text("[9223372036854775808]"),
      text("[5]", "[0]"), text("[5]", "[-2]"), text("[5]", "[]"), text("[5]", "[4611686018427387904]"), text("[1e300]"),
      text("[5.5]"), text("5"), text("[[5]]"), text("[\(Array(repeating: "1", count: 33).joined(separator: ","))]"),
      text("[7]"), text("[5]", dtype: "|O"), text("[5]", dtype: ">i2"), text("[5]", dtype: "<U7"),
      text("[5]", dtype: "a\\nb"),
      text("[5]", more: #","fill_value":"0""#), text("[5]", more: #","fill_value":"zzzz""#),
      text("[5]", more: #","dimension_names":["a","b"]"#), text("[5]", more: #","attributes":[]"#),
      text("[5]", more: #","attributes":\#(deep)"#), "", "[]", "{", "nul", text("[5]") + "}", #"{"shape":[5]}"#,
    ]
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.dnpy").path
      try save(file(metadata: text("[5]")), to: path)
      #expect(try Dnpy2Dataset(path: path).description.shape == [5])
      for lie in lies {
        try save(file(metadata: lie), to: path)
        let error = storeError { () throws(StoreError) in _ = try Dnpy2Dataset(path: path) }
        #expect(error?.path == path, "\(lie.prefix(200))")
        #expect(error?.description.contains("\n") == false, "\(String(describing: error))")
        #expect(
          error.map { [.corrupt, .unsupported, .invalidArgument].contains($0.code) } == true,
          "\(lie.prefix(200)): \(String(describing: error))")
      }
    }
  }

  /// More chunks than could be counted in a lifetime, none of them stored: verifying passes over them.
  @Test(arguments: [false, true])
  func verifyingAnAlmostEmptyArrayTakesNoTime(isDamaged: Bool) throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.dnpy").path
      let writer = try Dnpy2Writer.create(
        path: path, shape: [1 << 60], dtype: .int16, chunkShape: [2], codecs: [], communicator: .serial, pool: pool)
      let count = writer.description.grid.chunkCount
      for number in [0, 169, 170, count / 3, count - 1] {
        try [Int16(number % 100), 7].withUnsafeBytes { try writer.write([ChunkToWrite(number: number, bytes: $0)]) }
      }
      try writer.commit()
      if isDamaged {
        var bytes = try bytes(of: path)
        let snapshot = try Snapshot(path: path)
        bytes[Int(snapshot.state.root.offset) + 20] ^= 1
        try save(bytes, to: path)
      }
      let report = try Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool)
      #expect(report.chunksChecked == (isDamaged ? 0 : 5))
      #expect(report.problems.count == (isDamaged ? 1 : 0), "\(report.problems)")
    }
  }

  @Test func messagesStayOnOneLine() {
    let error = StoreError(.corrupt, "a\nb\u{1b}[31m\u{2028}\u{85}é", path: "x\ny")
    #expect(error.description == #"x\u{a}y: a\u{a}b\u{1b}[31m\u{2028}\u{85}é"#)
    #expect(error.path == "x\ny")
  }

  /// A writer that goes on from lying counts must refuse, not end the program.
  @Test func updatesOfLyingCountsAreRefused() throws {
    let seed = try #require(try FuzzTarget.dnpy2.seeds().first { $0.name == "plain" })
    func number(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    let lies: [(field: Int, value: UInt64, says: String)] = [
      (8, UInt64(Int.max), "beyond 2^62"), (16, 1 << 63, "beyond 2^62"), (112, UInt64(Int.max), "beyond 2^62"),
      (104, 0, "-1 stored chunks"), (112, 0, "stored chunks of -4 bytes"),
    ]
    for (field, value, says) in lies {
      let place = 8192 + field
      let input = seed.bytes + [UInt8(place & 0xFF), UInt8(place >> 8), 0, 8, 0] + number(value)
      try withScratchFolder { folder in
        // The target opens, reads, verifies and continues the file; a finding is thrown.
        let answer = try FuzzTarget.dnpy2.run(input, folder: folder)
        #expect(answer.contains(says), "\(field): \(answer)")
      }
    }
  }
}
