// `.npz` archives: every form of zip that NumPy and its users write, refusals, damage, reads in any order.

import DATestSupport
import Foundation
import Testing

@testable import DAStore

@Suite struct NpzTests {
  @Test(arguments: [8, 1 << 20])
  func readsWhatNumPyWrote(chunkByteCount: Int) throws {
    #expect(NpyGolden.all.archives.count > 40)
    for expected in NpyGolden.all.archives {
      let path = NpyGolden.path(expected.file)
      let dataset = try NpyDataset.open(npz: path, member: expected.member, chunkByteCount: chunkByteCount)
      #expect(dataset.description.format == .npz)
      #expect(dataset.path == path + ":" + expected.member)
      #expect(dataset.description.shape == expected.shape)
      #expect(dataset.description.dtype.rawValue == expected.dtype)
      #expect(try readAll(dataset) == bytes(hex: expected.hex), "\(expected.file) \(expected.member)")
    }
  }

  @Test func refusesWithTheReason() throws {
    #expect(NpyGolden.all.refusedArchives.count > 25)
    for expected in NpyGolden.all.refusedArchives {
      let path = NpyGolden.path(expected.file)
      let error = #expect(throws: StoreError.self, "\(expected.file)") {
        _ = try readAll(try NpyDataset.open(npz: path, member: nil))
      }
      #expect(error?.code.rawValue == expected.code, "\(expected.file): \(String(describing: error))")
      #expect(error?.message.contains(expected.says) == true, "\(expected.file): \(error?.message ?? "")")
      #expect(error?.message.contains("\n") == false)
      #expect(error?.path?.hasPrefix(path) == true)
    }
  }

  @Test func membersAreFoundByEitherName() throws {
    let path = NpyGolden.path("savez.npz")
    for name in ["a", "a.npy"] { #expect(try NpyDataset.open(npz: path, member: name).path == path + ":a") }
    #expect(try NpyDataset.open(npz: NpyGolden.path("one.npz"), member: nil).description.shape == [3, 4])
    let missing = storeError { () throws(StoreError) in _ = try NpyDataset.open(npz: path, member: "nope") }
    #expect(missing?.code == .notFound)
    #expect(missing?.message == "no member 'nope'; there are: a, b, c, empty, zero_d")
    let twice = storeError { () throws(StoreError) in
      _ = try NpyDataset.open(npz: NpyGolden.path("twice.npz"), member: "a")
    }
    #expect(twice?.message == "member 'a.npy' is there 2 times")
  }

  @Test func membersAreListedWithTheirHeaders() throws {
    let members = try NpzArchive(path: NpyGolden.path("savez_compressed.npz")).members
    #expect(members.map(\.name) == ["a", "b", "c", "empty", "zero_d"])
    #expect(members.allSatisfy { $0.method == .deflated })
    #expect(try members.map { try $0.header.get().shape } == [[2, 3], [3, 4], [5], [0, 2], []])
    let refused = try NpzArchive(path: NpyGolden.path("bzip2.npz")).members
    #expect(refused.count == 1)
    #expect(throws: StoreError.self) { try refused[0].header.get() }
  }

  /// Element i of the long member.
  private func element(_ i: Int) -> UInt8 { UInt8((i * i + i / 251) % 256) }

  private func longMember(spacing: Int) throws -> InflatedMember {
    let path = NpyGolden.path("long.npz")
    let entry = try #require(NpzArchive(path: path).entries.first)
    let file = try PositionalFile(path)
    var lengths = [UInt8](repeating: 0, count: 4)
    try lengths.withUnsafeMutableBytes { try file.read(at: 26, into: $0) }
    let data = 30 + Int(lengths[0]) + Int(lengths[1]) << 8 + Int(lengths[2]) + Int(lengths[3]) << 8
    return InflatedMember(
      file, name: entry.name, at: data, storedByteCount: entry.storedByteCount, byteCount: entry.byteCount,
      crc32: entry.crc32,
      leastSpacing: spacing)
  }

  @Test(arguments: [1, 5000, InflatedMember.leastSpacing])
  func readsInAnyOrder(spacing: Int) throws {
    let seed: UInt64 = 0x5EED_0001
    var random = SeededRandom(seed: seed)
    let member = try longMember(spacing: spacing)
    for _ in 0..<300 {
      let offset = Int.random(in: 128...member.byteCount, using: &random)
      let count = Int.random(in: 0...min(3000, member.byteCount - offset), using: &random)
      var buffer = [UInt8](repeating: 0, count: count)
      try buffer.withUnsafeMutableBytes { try member.read(at: offset, into: $0) }
      #expect(
        buffer.indices.allSatisfy { buffer[$0] == element(offset - 128 + $0) }, "seed \(seed), \(offset)+\(count)")
    }
    try member.finishReading()
    try member.finishReading()
  }

  @Test func readsFromManyThreads() throws {
    let dataset = try NpyDataset.open(npz: NpyGolden.path("long.npz"), member: "x", chunkByteCount: 1000)
    let wrong = LockedCount()
    DispatchQueue.concurrentPerform(iterations: 30) { number in
      let chunk = (try? readChunk(dataset, 29 - number)) ?? []
      let start = (29 - number) * 1000
      if chunk.count != 1000 || !chunk.indices.allSatisfy({ chunk[$0] == element(start + $0) }) { wrong.add() }
    }
    #expect(wrong.value == 0)
    try dataset.finishReading()
  }

  @Test func readsBeyondTheEndAreRefused() throws {
    let member = try longMember(spacing: 5000)
    var buffer = [UInt8](repeating: 0, count: 2)
    for offset in [-1, member.byteCount - 1, member.byteCount + 5, .max] {
      let error = #expect(throws: StoreError.self) {
        try buffer.withUnsafeMutableBytes { try member.read(at: offset, into: $0) }
      }
      #expect(error?.code == .truncated)
    }
  }

  /// A whole-array read never ends with wrong elements: every flipped bit is an error, or lies where it changes
  /// nothing.
  @Test(arguments: ["deflated", "stored"])
  func everyFlippedBitIsFoundOrHarmless(method: String) throws {
    let source = method == "deflated" ? "crc.npz" : "crc_stored.npz"
    // The same archive with its right checksum: two fields of four bytes.
    var archive = try NpyGolden.bytes(source)
    let central = try #require(
      (0..<archive.count - 4).first { archive[$0..<$0 + 4].elementsEqual([0x50, 0x4B, 1, 2]) })
    let expected = try #require(NpyGolden.all.archives.first { $0.file == "savez.npz" && $0.member == "a" })
    let right = try #require(NpzArchive(path: NpyGolden.path("savez.npz")).entries.first { $0.name == "a.npy" }).crc32
    for byte in 0..<4 {
      archive[14 + byte] = UInt8(truncatingIfNeeded: right >> (8 * byte))
      archive[central + 16 + byte] = archive[14 + byte]
    }
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.npz").path
      let file = try PositionalFile(path, .createNew)
      func put(_ bytes: ArraySlice<UInt8>, at offset: Int) throws {
        try bytes.withUnsafeBytes { try file.write(at: offset, $0) }
      }
      func read() throws -> [UInt8] { try readAll(try NpyDataset.open(npz: path, member: nil, chunkByteCount: 16)) }
      try put(archive[...], at: 0)
      #expect(try read() == bytes(hex: expected.hex))
      var found = 0
      for bit in 0..<archive.count * 8 {
        let place = bit / 8
        try put([archive[place] ^ 1 << (bit % 8)], at: place)
        do {
          let elements = try read()
          #expect(elements == bytes(hex: expected.hex), "bit \(bit)")
        } catch is StoreError {
          found += 1
        }
        try put([archive[place]], at: place)
      }
      #expect(found > archive.count * 4)
      for count in (0..<archive.count).reversed() {
        #expect(truncate(path, count) == 0)
        #expect(throws: StoreError.self, "cut at \(count)") { _ = try read() }
      }
    }
  }

  @Test func partialReadsOfADamagedStoredMemberAreFoundAtTheEnd() throws {
    let dataset = try NpyDataset.open(npz: NpyGolden.path("crc_stored.npz"), member: nil, chunkByteCount: 8)
    _ = try readChunk(dataset, 3)
    let error = storeError { () throws(StoreError) in try dataset.finishReading() }
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains("CRC-32") == true)
  }
}

/// A counter shared by threads.
final class LockedCount: @unchecked Sendable {
  // Sendable: the lock guards the only field.
  private let lock = NSLock()
  private var count = 0
  func add() { lock.withLock { count += 1 } }
  var value: Int { lock.withLock { count } }
}
