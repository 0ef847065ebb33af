// Damaged .dnpy 2 files: never silently wrong, never a trap.

import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct Dnpy2DamageTests {
  let scratch: ScratchDirectory
  let path: String
  let first = Model(shape: [12, 7]) { Int32($0 * $0 % 1000) }
  let second: Model
  let sound: [UInt8]

  init() throws {
    scratch = try ScratchDirectory()
    path = scratch.file("a.dnpy")
    try makeFile(path, first, chunkShape: [8, 4], generationsKept: 2)
    var changed = first
    changed.elements[11] = -5
    second = changed
    let writer = try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
    try write(second, chunks: 0..<writer.description.grid.chunkCount, to: writer)
    writer.attributes = ["name": .string("damage")]
    try writer.commit()
    sound = try bytes(of: path)
  }

  @Test func everyFlippedBitIsDetectedOrHarmless() throws {
    // One bit of every byte that holds something, and one byte in 128 of the zeros between.
    for offset in sound.indices where sound[offset] != 0 || offset % 128 == 0 {
      var damaged = sound
      damaged[offset] ^= 1 << UInt8(offset % 8)
      try save(damaged, to: path)
      do {
        let dataset = try Dnpy2Dataset(path: path)
        let found = try read(dataset)
        #expect(found == second && dataset.description.attributes == ["name": .string("damage")], "silently wrong after a flip at \(offset)")
      } catch let error as StoreError {
        #expect(error.code == .corrupt || error.code == .unsupported || error.code == .truncated, "\(offset): \(error)")
        #expect("\(error)".contains("a.dnpy"), "\(error)")
        guard offset % 4 == 0 else { continue }
        let report = try? Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool)
        #expect(report?.isSound != true, "verify passes over the flip at \(offset)")
      }
    }
  }

  @Test func everyTruncationIsDetected() throws {
    for length in stride(from: 0, to: sound.count, by: 97) {
      try save(Array(sound[..<length]), to: path)
      #expect(throws: StoreError.self, "\(length)") { try read(Dnpy2Dataset(path: path)) }
    }
  }

  @Test func damageToOneCopyOfABlockIsSurvivedAndReported() throws {
    for copy in [0, 2048, 4096, 6144, 8192, 10240] {
      var damaged = sound
      damaged[copy + 100] ^= 0xff
      try save(damaged, to: path)
      let dataset = try Dnpy2Dataset(path: path)
      #expect(dataset.description.generation == 2)
      #expect(try read(dataset) == second)
      let report = try Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool)
      #expect(report.isSound && report.warnings.count == 1, "\(copy): \(report)")
    }
  }

  @Test func aTornSuperblockGivesTheGenerationBefore() throws {
    // Generation 2 lies in slot A; both of its copies are gone as after a power failure.
    var torn = sound
    for offset in 4096..<8192 { torn[offset] = UInt8(offset & 0xff) }
    try save(torn, to: path)
    let dataset = try Dnpy2Dataset(path: path)
    #expect(dataset.description.generation == 1)
    #expect(try read(dataset) == first)
  }

  @Test func swappedChunksAreDetected() throws {
    let dataset = try Dnpy2Dataset(path: path)
    guard case .encoded(let one) = try dataset.storage(of: 0), case .encoded(let other) = try dataset.storage(of: 1) else {
      Issue.record("chunks 0 and 1 should be encoded")
      return
    }
    var swapped = sound
    let count = min(one[0].byteCount, other[0].byteCount)
    for index in 0..<count { swapped.swapAt(one[0].offset + index, other[0].offset + index) }
    try save(swapped, to: path)
    #expect { try read(Dnpy2Dataset(path: path)) } throws: { "\($0)".contains("checksum") }
  }

  @Test func resealedLiesAreRefused() throws {
    // Fields that lie under a right checksum, as a hostile writer would make them.
    let lies: [(Int, [UInt8])] = [
      (8, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),  // generation beyond 2^63
      (32, [0, 0, 0, 0, 0, 0, 0, 0]),  // metadata in the preamble
      (40, [0xff, 0xff, 0xff, 0xff]),  // metadata of 4 GiB
      (44, [9, 0, 0, 0]),  // unknown kind
      (80, [40, 0, 0, 0]),  // forty levels
      (88, [1, 0, 0, 0, 0, 0, 0, 1]),  // chunks that the shape does not make
      (96, [0, 0, 0, 0, 0, 0, 0, 0x7f]),  // frontier far beyond the file
      (84, [0, 0, 0, 0]),  // retention of nothing
    ]
    for (offset, lie) in lies {
      var damaged = sound
      for copy in [4096, 6144] {
        damaged.replaceSubrange(copy + offset..<copy + offset + lie.count, with: lie)
        let sum = xxh3(damaged[copy..<copy + 2040])
        for index in 0..<8 { damaged[copy + 2040 + index] = UInt8(truncatingIfNeeded: sum >> UInt64(8 * index)) }
      }
      try save(damaged, to: path)
      do {
        let dataset = try Dnpy2Dataset(path: path)
        #expect(dataset.description.generation == 1, "the lie at \(offset) was believed")
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }

  @Test func foreignFilesAreNamed() throws {
    try save(Array("hello, this is no array at all".utf8), to: path)
    #expect(throws: StoreError.self) { try Dnpy2Dataset(path: path) }
    try save(Array(repeating: 0x20, count: 20_000), to: path)
    #expect { try Dnpy2Dataset(path: path) } throws: { "\($0)".contains("is not a .dnpy file") }
    var newer = sound
    newer[6] = 3
    newer[2048 + 6] = 3
    try save(newer, to: path)
    #expect { try Dnpy2Dataset(path: path) } throws: { "\($0)".contains("version 3.0") }
    #expect { try Dnpy2Dataset(path: scratch.path) } throws: { "\($0)".contains("is a directory") }
    #expect { try Dnpy2Dataset(path: path + "x") } throws: { ($0 as? StoreError)?.code == .notFound }
  }

  @Test func aFileNeverCommittedSaysSo() throws {
    try save(Array(sound[..<4096]) + Array(repeating: 0, count: 8192), to: path)
    #expect { try Dnpy2Dataset(path: path) } throws: { "\($0)".contains("never committed") }
  }
}
