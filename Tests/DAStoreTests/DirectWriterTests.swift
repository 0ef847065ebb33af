// Batches written past the page cache: they arrive whole, beside ordinary writes, and failures are told.

import DATestSupport
import Glibc
import Testing

@testable import DAStore

@Suite struct DirectWriterTests {
  private let pool = BufferPool(budget: 16 << 20)

  private func noise(_ byteCount: Int, seed: UInt8) throws -> PooledBuffer {
    let buffer = try pool.lease(byteCount: byteCount)
    var state = UInt32(seed) + 1
    for index in buffer.bytes.indices {
      state = state &* 1_664_525 &+ 1_013_904_223
      buffer.bytes[index] = UInt8(truncatingIfNeeded: state >> 24)
    }
    return buffer
  }

  @Test func batchesArriveBesideOrdinaryWrites() throws {
    try withTemporaryDirectory { directory in
      let file = try PositionalFile("\(directory)/f", .createNew)
      let writer = try #require(DirectWriter(file.path, fallback: file), "the test's file system takes direct writes")
      let first = try noise(1 << 20, seed: 1)
      let second = try noise(12_288, seed: 2)
      let between = [UInt8](repeating: 7, count: 4096)
      writer.start(at: 4096, first, 0..<first.bytes.count)
      try between.withBytes { bytes throws(StoreError) in try file.write(at: 0, bytes) }
      try writer.finish()
      writer.start(at: 4096 + 1 << 20, second, 0..<8192)
      try writer.finish()
      try writer.finish()  // nothing under way: nothing to wait for
      let size = try file.byteCount()
      #expect(size == 4096 + 1 << 20 + 8192)
      let found = try file.bytes(at: 0, count: size)
      #expect(Array(found[..<4096]) == between)
      #expect(found[4096..<4096 + 1 << 20].elementsEqual(first.bytes))
      #expect(found[(4096 + 1 << 20)...].elementsEqual(second.bytes[..<8192]))
    }
  }

  /// No device takes an odd offset directly.
  @Test func whatTheDeviceRefusesGoesTheOrdinaryWay() throws {
    try withTemporaryDirectory { directory in
      let file = try PositionalFile("\(directory)/f", .createNew)
      let writer = try #require(DirectWriter(file.path, fallback: file))
      let batch = try noise(8192, seed: 3)
      writer.start(at: 37, batch, 0..<8192)
      try writer.finish()
      #expect(try file.bytes(at: 37, count: 8192).elementsEqual(batch.bytes))
    }
  }

  @Test func aFailureIsToldByTheNextFinishAndOnlyOnce() throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/f"
      _ = try PositionalFile(path, .createNew)
      // The fallback may not write, so that an offset no device takes must fail.
      let writer = try #require(DirectWriter(path, fallback: PositionalFile(path, .read)))
      writer.start(at: 37, try noise(4096, seed: 4), 0..<4096)
      let error = #expect(throws: StoreError.self) { try writer.finish() }
      #expect(error?.code == .io)
      #expect(error?.description.contains("byte 37") == true)
      try writer.finish()
    }
  }

  @Test func noFileNoWriter() throws {
    try withTemporaryDirectory { directory in
      let file = try PositionalFile("\(directory)/f", .createNew)
      #expect(DirectWriter("\(directory)/missing", fallback: file) == nil)
    }
  }
}
