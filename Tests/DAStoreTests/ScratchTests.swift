// Scratch files: what was written comes back, damage is noticed, nothing is left behind.

import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct ScratchTests {
  /// A scratch array of 5 × 7 numbers in chunks of 2 × 3, all but the last written.
  private func written(in folder: String) throws -> ScratchWriter {
    let grid = try ChunkGrid(shape: [5, 7], chunkShape: [2, 3])
    let writer = try ScratchWriter(in: folder + "/", name: "array", grid: grid, dtype: .int32, communicator: .serial)
    for number in 0..<grid.chunkCount - 1 {
      try elements(of: number, grid).withUnsafeBytes { bytes in
        try writer.write([ChunkToWrite(number: number, bytes: bytes)])
      }
    }
    return writer
  }

  private func elements(of number: Int, _ grid: ChunkGrid) -> [Int32] {
    (0..<grid.elementCount(of: number)).map { Int32(number * 100 + $0) }
  }

  private func read(_ dataset: any ChunkedDataset, _ number: Int) throws -> [Int32] {
    let count = dataset.description.grid.elementCount(of: number)
    guard case .direct(let extents) = try dataset.storage(of: number) else { return Array(repeating: 0, count: count) }
    var result = [Int32](repeating: -1, count: count)
    try result.withUnsafeMutableBytes { bytes in
      try dataset.read(extents[0], into: bytes)
      try dataset.check(number, bytes: UnsafeRawBufferPointer(bytes))
    }
    return result
  }

  @Test func `chunks come back, unwritten ones are zeros, and no name is left`() throws {
    try withTemporaryDirectory { folder in
      let writer = try written(in: folder)
      #expect(throws: StoreError.self) { try writer.written() }
      try writer.commit()
      let dataset = try writer.written()
      let grid = dataset.description.grid
      for number in 0..<grid.chunkCount - 1 { #expect(try read(dataset, number) == elements(of: number, grid)) }
      #expect(try dataset.storage(of: grid.chunkCount - 1) == .constant(dataset.description.fillValue))
      #expect(throws: StoreError.self) { try dataset.storage(of: grid.chunkCount) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test func `a byte that changed on the disk is noticed`() throws {
    try withTemporaryDirectory { folder in
      let writer = try written(in: folder)
      try writer.commit()
      let dataset = try writer.written()
      // The file has no name any more; the process's table of open files still leads to it.
      let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
      let path = try #require(
        descriptors.map { "/proc/self/fd/" + $0 }.first {
          let target = try? FileManager.default.destinationOfSymbolicLink(atPath: $0)
          return target?.hasPrefix(folder) == true && target?.contains(".scratch.") == true
        })
      let file = try PositionalFile(path, .readWrite)
      try [UInt8(0x55)].withUnsafeBytes { try file.write(at: 4096 * 3 + 5, $0) }
      #expect(try read(dataset, 2) == elements(of: 2, dataset.description.grid))
      do {
        _ = try read(dataset, 3)
        Issue.record("chunk 3 is damaged")
      } catch let error as StoreError {
        #expect(error.code == .corrupt && error.message.contains("chunk 3"))
      }
    }
  }

  @Test func `a directory that is not there is an error with the way out`() throws {
    try withTemporaryDirectory { folder in
      let grid = try ChunkGrid(shape: [5], chunkShape: [2])
      do {
        _ = try ScratchWriter(
          in: folder + "/nowhere/", name: "array", grid: grid, dtype: .int32, communicator: .serial)
        Issue.record("there is no such directory")
      } catch let error as StoreError {
        #expect(error.code == .notFound && error.message.contains("raise --memory"))
      }
    }
  }
}
