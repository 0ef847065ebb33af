// Cut and flipped HDF5 files: an error or a value, never a crash, and no memory beyond the file's size.

import DATestSupport
import Foundation
import Testing

@testable import DAStore

@Suite struct HDF5HostileTests {
  /// Every byte takes minutes; `make test-slow` does it.
  private static let step = ProcessInfo.processInfo.environment["DASTORE_SLOW_TESTS"] == nil ? 13 : 1
  private static let names = ["small-earliest.h5", "small-latest.h5"]

  /// Lists a file and reads every dataset in it.
  ///
  /// - Returns: Datasets that were read without an error.
  private func readEverything(_ path: String) -> Int {
    guard let entries = try? HDF5Tree.entries(path: path) else { return 0 }
    let pool = BufferPool(budget: 1 << 20)
    var count = 0
    for entry in entries.prefix(100) {
      guard case .dataset = entry.kind, let dataset = try? HDF5Dataset(path: path, member: entry.path) else { continue }
      let facts = dataset.description
      do throws(StoreError) {
        for number in 0..<min(facts.grid.chunkCount, 200) {
          let lease = try pool.lease(byteCount: facts.byteCount(ofChunk: number))
          try dataset.readChunk(number, into: lease.bytes, pool: pool)
        }
        count += 1
      } catch {
        continue
      }
    }
    return count
  }

  private func withVariants(_ name: String, _ body: ([UInt8], ([UInt8]) throws -> Int) throws -> Void) throws {
    let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: try HDF5Corpus.folder.get() + "/" + name)))
    try withTemporaryDirectory { folder in
      try body(bytes) { variant in
        let path = folder + "/variant.h5"
        try Data(variant).write(to: URL(fileURLWithPath: path))
        return readEverything(path)
      }
    }
  }

  @Test(arguments: names) func cutAtEvery64thByte(name: String) throws {
    try withVariants(name) { bytes, read throws in
      #expect(try read(bytes) == 7)
      for count in stride(from: 0, to: bytes.count, by: 64) {
        #expect(try read(Array(bytes[..<count])) == 0, "\(count)")
      }
    }
  }

  @Test(arguments: names) func flippedBits(name: String) throws {
    try withVariants(name) { bytes, read throws in
      for place in stride(from: 0, to: bytes.count, by: Self.step) {
        var variant = bytes
        variant[place] ^= 1 << UInt8(place / Self.step % 8)
        #expect(try read(variant) <= 8)
      }
    }
  }

  /// Fields of all ones and of large numbers are what sizes look like when they are absurd.
  @Test(arguments: names) func absurdSizes(name: String) throws {
    try withVariants(name) { bytes, read throws in
      for place in stride(from: 8, to: bytes.count - 8, by: Self.step) {
        var variant = bytes
        let pattern: [UInt8] = place / Self.step % 2 == 0 ? [0xff, 0xff, 0xff, 0x7f] : [0xfe, 0xff, 0xff, 0xff]
        variant.replaceSubrange(place..<place + 4, with: pattern)
        #expect(try read(variant) <= 8)
      }
    }
  }
}
