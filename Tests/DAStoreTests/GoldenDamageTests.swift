// Golden files with one defect each: both readers refuse them.

import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DAStore

/// The bytes of a `.dnpy` 2 file, to be changed in one place and made consistent again everywhere else.
struct Forgery {
  var bytes: [UInt8]
  /// Slot of the current generation.
  let slot: Int

  init(_ golden: String, generation: Int) throws {
    bytes = try DAStoreTests.bytes(of: GoldenFile.folder.appending(path: golden + ".dnpy").path)
    slot = Dnpy2Layout.slotOffset(ofGeneration: generation)
  }

  func number(at offset: Int, bytes count: Int = 8) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }

  mutating func put(_ value: UInt64, at offset: Int, bytes count: Int = 8) {
    for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
  }

  /// Changes the first copy of a fixed block, gives it a right checksum, and makes the second copy equal.
  mutating func changeBlock(_ block: Int, _ change: (inout Forgery) -> Void) {
    change(&self)
    put(xxh3(bytes[block..<block + 2040]), at: block + 2040)
    bytes.replaceSubrange(block + 2048..<block + 4096, with: Array(bytes[block..<block + 2048]))
  }

  mutating func changeSuperblock(_ change: (inout Forgery) -> Void) { changeBlock(slot, change) }

  /// Changes an extent, given the place of its record in the superblock, and its checksums.
  mutating func changeExtent(recordAt field: Int, _ change: (inout Forgery, Int) -> Void) {
    changeSuperblock { forgery in
      let start = forgery.number(at: forgery.slot + field)
      change(&forgery, start)
      let end = start + forgery.number(at: forgery.slot + field + 8, bytes: 4)
      forgery.put(xxh3(forgery.bytes[start..<end]), at: forgery.slot + field + 16)
    }
  }

  mutating func changeMetadata(_ old: String, _ new: String) {
    changeExtent(recordAt: 32) { forgery, start in
      let text = Array(old.utf8)
      guard let place = (start..<start + 300).first(where: { Array(forgery.bytes[$0..<$0 + text.count]) == text })
      else { return }
      forgery.bytes.replaceSubrange(place..<place + text.count, with: Array(new.utf8))
    }
  }

  /// Changes the root page, which holds the chunks of a small file; `change` gets the place of chunk 0's record.
  mutating func changeLeaf(_ change: (inout Forgery, Int) -> Void) {
    changeExtent(recordAt: 56) { forgery, page in change(&forgery, page + 16) }
  }

  /// Changes the stored bytes of a chunk and the checksums above it.
  mutating func changeChunk(_ chunk: Int, _ change: (inout Forgery, Int) -> Void) {
    changeLeaf { forgery, records in
      let record = records + 24 * chunk
      let start = forgery.number(at: record)
      change(&forgery, start)
      forgery.put(xxh3(forgery.bytes[start..<start + forgery.number(at: record + 8, bytes: 4)]), at: record + 16)
    }
  }
}

/// One defect of `small.dnpy` (chunk 0 is encoded, 1 constant, 2 raw) or `generations.dnpy`.
struct Defect: Sendable, CustomStringConvertible {
  var description: String
  var golden = "small"
  /// Generation that is current, and the one that is opened.
  var current = 1
  var opened: Int?
  /// Breaks a rule that readers may leave to writers: this package's reader finds the right elements, the stranger refuses.
  var bindsWritersOnly = false
  var make: @Sendable (inout Forgery) -> Void

  static let all: [Defect] = [
    Defect(description: "another magic in both preambles") { forgery in
      forgery.bytes[0] = 0x94
      forgery.bytes[2048] = 0x94
    },
    Defect(description: "major version 3") { $0.changeBlock(0) { $0.bytes[6] = 3 } },
    Defect(description: "a required feature") { $0.changeBlock(0) { $0.bytes[8] = 1 } },
    Defect(description: "block alignment of no power of two") { $0.changeBlock(0) { $0.put(4095, at: 16, bytes: 4) } },
    Defect(description: "chunk alignment of 4") { $0.changeBlock(0) { $0.put(4, at: 20, bytes: 4) } },
    Defect(description: "both preambles with a flipped bit") { forgery in
      forgery.bytes[60] ^= 1
      forgery.bytes[2048 + 60] ^= 1
    },
    Defect(description: "never committed") {
      $0.bytes.replaceSubrange(4096..<12288, with: repeatElement(0, count: 8192))
    },
    Defect(description: "both copies of the superblock with a flipped bit") { forgery in
      forgery.bytes[forgery.slot + 90] ^= 4
      forgery.bytes[forgery.slot + 2048 + 90] ^= 4
    },
    Defect(description: "superblock of another file") { $0.changeSuperblock { $0.bytes[$0.slot + 168] ^= 1 } },
    Defect(description: "superblock in the other generation's slot") { forgery in
      let block = Array(forgery.bytes[8192..<12288])
      forgery.bytes.replaceSubrange(4096..<8192, with: block)
      forgery.bytes.replaceSubrange(8192..<12288, with: repeatElement(0, count: 4096))
    },
    Defect(description: "one byte too short") { $0.bytes.removeLast() },
    Defect(description: "chunk count that the shape does not make") {
      $0.changeSuperblock { $0.put(4, at: $0.slot + 88) }
    },
    Defect(description: "levels that the chunk count does not make") {
      $0.changeSuperblock { $0.put(2, at: $0.slot + 80, bytes: 4) }
    },
    Defect(description: "retention of nothing") { $0.changeSuperblock { $0.put(0, at: $0.slot + 84, bytes: 4) } },
    Defect(description: "frontier beyond the file") { $0.changeSuperblock { $0.put(1 << 40, at: $0.slot + 96) } },
    Defect(description: "parent that is not older") { $0.changeSuperblock { $0.put(1, at: $0.slot + 16) } },
    Defect(description: "metadata inside the preamble") { $0.changeSuperblock { $0.put(64, at: $0.slot + 32) } },
    Defect(description: "metadata of 4 GiB") {
      $0.changeSuperblock { $0.put(0xffff_ffff, at: $0.slot + 40, bytes: 4) }
    },
    Defect(description: "no metadata") { $0.changeSuperblock { $0.put(0, at: $0.slot + 44, bytes: 4) } },
    Defect(description: "flipped bit in the metadata") { $0.bytes[$0.number(at: $0.slot + 32) + 9] ^= 1 },
    Defect(description: "unknown type") { $0.changeMetadata("<i2", "<i3") },
    Defect(description: "big-endian type") { $0.changeMetadata("<i2", ">i2") },
    Defect(description: "long name of a type") { $0.changeMetadata("\"<i2\"", "\"i2\" ") },
    Defect(description: "unknown codec") { $0.changeMetadata("\"lz4\"", "\"lz5\"") },
    Defect(description: "codecs in the wrong order") {
      $0.changeMetadata("\"byteshuffle\",\"lz4\"", "\"lz4\",\"byteshuffle\"")
    },
    Defect(description: "unknown checksum") { $0.changeMetadata("xxh3-64", "xxh3-65") },
    Defect(description: "chunk shape of 0") { $0.changeMetadata("[40]", "[ 0]") },
    Defect(description: "shape below 0") { $0.changeMetadata("[100]", "[-10]") },
    Defect(description: "shape with another count of axes") { $0.changeMetadata("[100]", "[9,9]") },
    Defect(description: "shape that is no list") { $0.changeMetadata("[100]", "10000") },
    Defect(description: "fill value of one byte") { $0.changeMetadata("\"0000\"", "\"00\"  ") },
    Defect(description: "fill value of no digits") { $0.changeMetadata("\"0000\"", "\"00 0\"") },
    Defect(description: "attributes that are no object") { $0.changeMetadata("{\"unit\":\"K\"}", "[\"unit\",\"K\"]") },
    Defect(description: "metadata that is no JSON") { $0.changeMetadata("{", "(") },
    Defect(description: "metadata that is not UTF-8") { forgery in
      forgery.changeExtent(recordAt: 32) { forgery, start in
        if let unit = (start..<start + 300).first(where: { forgery.bytes[$0] == UInt8(ascii: "K") }) {
          forgery.bytes[unit] = 0xff
        }
      }
    },
    Defect(description: "flipped bit in the index page") { $0.bytes[$0.number(at: $0.slot + 56) + 16 + 5 * 24] ^= 1 },
    Defect(description: "page of another number") { $0.changeLeaf { $0.bytes[$1 - 8] = 1 } },
    Defect(description: "page of another level") { $0.changeLeaf { $0.bytes[$1 - 12] = 1 } },
    Defect(description: "page without its magic") { $0.changeLeaf { $0.bytes[$1 - 16] = 0 } },
    Defect(description: "page of half the size") { $0.changeSuperblock { $0.put(2048, at: $0.slot + 64, bytes: 4) } },
    Defect(description: "record of an unknown kind") { $0.changeLeaf { $0.put(9, at: $1 + 12, bytes: 4) } },
    Defect(description: "page record in a leaf") { $0.changeLeaf { $0.put(4, at: $1 + 12, bytes: 4) } },
    Defect(description: "absent record with contents") { $0.changeLeaf { $0.put(0, at: $1 + 12, bytes: 4) } },
    Defect(description: "constant record with a length") { $0.changeLeaf { $0.put(2, at: $1 + 24 + 8, bytes: 4) } },
    Defect(description: "constant record with stray bytes", bindsWritersOnly: true) {
      $0.changeLeaf { $0.put(1, at: $1 + 24 + 16) }
    },
    Defect(description: "record beyond the grid", bindsWritersOnly: true) {
      $0.changeLeaf { $0.put(3, at: $1 + 3 * 24 + 12, bytes: 4) }
    },
    Defect(description: "chunk beyond the frontier") { $0.changeLeaf { $0.put(1 << 62, at: $1) } },
    Defect(description: "chunk whose end is beyond 2^64") { $0.changeLeaf { $0.put(UInt64.max - 3, at: $1) } },
    Defect(description: "chunk of no bytes") { $0.changeLeaf { $0.put(0, at: $1 + 8, bytes: 4) } },
    Defect(description: "chunk not at its alignment", bindsWritersOnly: true) { forgery in
      forgery.changeLeaf { forgery, records in
        let start = forgery.number(at: records + 48)
        let chunk = Array(forgery.bytes[start..<start + 40])
        forgery.bytes.replaceSubrange(start + 8..<start + 48, with: chunk)
        forgery.put(UInt64(start + 8), at: records + 48)
      }
    },
    Defect(description: "flipped bit in an encoded chunk") { forgery in
      let page = forgery.number(at: forgery.slot + 56)
      forgery.bytes[forgery.number(at: page + 16) + 30] ^= 1
    },
    Defect(description: "flipped bit in a raw chunk") { forgery in
      let page = forgery.number(at: forgery.slot + 56)
      forgery.bytes[forgery.number(at: page + 16 + 48) + 39] ^= 0x80
    },
    Defect(description: "records of two chunks swapped") { forgery in
      forgery.changeLeaf { forgery, records in
        for index in 0..<24 { forgery.bytes.swapAt(records + index, records + 48 + index) }
      }
    },
    Defect(description: "raw chunk that is called encoded") { $0.changeLeaf { $0.put(1, at: $1 + 48 + 12, bytes: 4) } },
    Defect(description: "encoded chunk that is called raw") { $0.changeLeaf { $0.put(2, at: $1 + 12, bytes: 4) } },
    Defect(description: "lz4 blocks of 0 bytes") { $0.changeChunk(0) { $0.put(0, at: $1, bytes: 4) } },
    Defect(description: "lz4 blocks of 2 GiB") { $0.changeChunk(0) { $0.put(1 << 31, at: $1, bytes: 4) } },
    Defect(description: "lz4 blocks of 200 bytes") { $0.changeChunk(0) { $0.put(200, at: $1, bytes: 4) } },
    Defect(description: "lz4 block longer than its chunk") {
      $0.changeChunk(0) { $0.put(0x7000_0000, at: $1 + 4, bytes: 4) }
    },
    Defect(description: "lz4 block shorter than its chunk") {
      $0.changeChunk(0) { $0.put(UInt64($0.number(at: $1 + 4, bytes: 4) - 1), at: $1 + 4, bytes: 4) }
    },
    Defect(description: "lz4 block that is called raw") { $0.changeChunk(0) { $0.bytes[$1 + 7] |= 0x80 } },
    Defect(description: "lz4 data that reaches back before its start") {
      $0.changeChunk(0) { $0.bytes[$1 + 8] = 0x04 }
    },
    Defect(description: "levels of nonsense, with sound generations before", golden: "generations", current: 4) {
      $0.changeSuperblock { $0.put(9, at: $0.slot + 80, bytes: 4) }
    },
    Defect(description: "flipped bit in the retained table", golden: "generations", current: 4, opened: 2) {
      $0.bytes[$0.number(at: $0.slot + 120) + 17] ^= 1
    },
    Defect(description: "retained table with half an entry", golden: "generations", current: 4, opened: 2) {
      $0.changeSuperblock { $0.put(156, at: $0.slot + 128, bytes: 4) }
    },
    Defect(description: "retained generations in the wrong order", golden: "generations", current: 4, opened: 2) {
      forgery in
      forgery.changeExtent(recordAt: 120) { forgery, start in
        for index in 0..<104 { forgery.bytes.swapAt(start + index, start + 104 + index) }
      }
    },
    Defect(description: "retained generation that is the current one", golden: "generations", current: 4, opened: 2) {
      $0.changeExtent(recordAt: 120) { $0.put(4, at: $1 + 104) }
    },
  ]
}

@Suite struct GoldenDamageTests {
  let scratch: ScratchDirectory
  init() throws { scratch = try ScratchDirectory() }

  @Test(arguments: Defect.all) func bothReadersRefuse(_ defect: Defect) throws {
    let path = scratch.file("\(defect.description.replacing(" ", with: "-")).dnpy")
    var forgery = try Forgery(defect.golden, generation: defect.current)
    let sound = forgery.bytes
    defect.make(&forgery)
    try #require(forgery.bytes != sound, "the file is damaged")
    try save(forgery.bytes, to: path)
    if defect.bindsWritersOnly {
      let golden = try #require(GoldenFile.all.first { $0.name == defect.golden })
      #expect(try GoldenArray(reading: Dnpy2Dataset(path: path)) == golden.expected(generation: defect.current))
    } else {
      #expect(throws: StoreError.self) {
        _ = try GoldenArray(reading: Dnpy2Dataset(path: path, generation: defect.opened))
      }
    }
    let options = defect.opened.map { ["--generation", "\($0)"] } ?? []
    let result = try TestPython.runReader([path, "--digest"] + options)
    #expect(result.exitCode == 1 && result.stdout.isEmpty, "\(result.stdout)")
    #expect(
      result.stderr.hasPrefix("reader.py: ") && result.stderr.split(separator: "\n").count == 1, "\(result.stderr)")
  }

  /// The checksums that forgeries are given are right: the same file without a defect is read.
  @Test func forgeriesWithoutADefectAreRead() throws {
    var forgery = try Forgery("small", generation: 1)
    let sound = forgery.bytes
    forgery.changeBlock(0) { _ in }
    forgery.changeMetadata("K", "K")
    forgery.changeChunk(0) { _, _ in }
    #expect(forgery.bytes == sound)
    forgery.changeMetadata("\"K\"", "\"F\"")
    let path = scratch.file("changed.dnpy")
    try save(forgery.bytes, to: path)
    #expect(try Dnpy2Dataset(path: path).description.attributes == ["unit": .string("F")])
    let result = try TestPython.runReader([path, "--verify"])
    #expect(result.exitCode == 0, "\(result.stderr)")
  }
}
