// Sessions on .dnpy 2 files: generations, sharing, space, resizing, locks.

import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct Dnpy2WriterTests {
  let scratch: ScratchDirectory
  init() throws { scratch = try ScratchDirectory() }

  @Test(arguments: [["byteshuffle", "lz4"], ["bitshuffle", "lz4"], ["lz4"], ["byteshuffle"], []])
  func roundTrip(codecs: [String]) throws {
    let model = Model(shape: [7, 9, 5]) { Int32($0 % 50 == 0 ? $0 * 7919 : $0 / 10) }
    let path = scratch.file("a.dnpy")
    try makeFile(path, model, chunkShape: [3, 4, 5], codecs: codecs)
    let dataset = try Dnpy2Dataset(path: path)
    #expect(try read(dataset) == model)
    #expect(dataset.description.codecs == codecs)
    #expect(dataset.description.generation == 1)
    #expect(try Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool).isSound)
    #expect(scratch.entries == ["a.dnpy"], "neither partial nor lock files stay")
  }

  @Test func zeroDimensionalAndEmptyArrays() throws {
    for shape in [[], [0], [3, 0, 2]] {
      let path = scratch.file("z\(shape.count).dnpy")
      let model = Model(shape: shape) { _ in 42 }
      try makeFile(path, model, chunkShape: shape.map { max(1, $0) })
      #expect(try read(Dnpy2Dataset(path: path)) == model)
    }
  }

  @Test func chunksNeverWrittenHoldTheFillValue() throws {
    let path = scratch.file("f.dnpy")
    let writer = try Dnpy2Writer.create(
      path: path, shape: [10], dtype: .int32, chunkShape: [4], fillValue: ElementValue(Int32(-9)), communicator: .serial, pool: pool)
    try write(Model(shape: [10]) { Int32($0) }, chunks: [1], to: writer)
    try writer.commit()
    #expect(try read(Dnpy2Dataset(path: path)).elements == [-9, -9, -9, -9, 4, 5, 6, 7, -9, -9])
  }

  @Test func constantChunksTakeNoSpace() throws {
    let path = scratch.file("c.dnpy")
    try makeFile(path, Model(shape: [100_000]) { _ in 7 }, chunkShape: [1000])
    let dataset = try Dnpy2Dataset(path: path)
    #expect(dataset.description.storedByteCount == 0)
    #expect(try dataset.storage(of: 5) == .constant(ElementValue(Int32(7))))
  }

  @Test func generationsCanBeOpenedAsLongAsTheyAreKept() throws {
    let path = scratch.file("g.dnpy")
    var model = Model(shape: [40]) { Int32($0) }
    try makeFile(path, model, chunkShape: [8], generationsKept: 3)
    var versions = [model]
    let writer = try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
    for step in 1...4 {
      model.elements[step * 8] = Int32(-step)
      try write(model, chunks: [step], to: writer)
      try writer.commitGeneration()
      versions.append(model)
    }
    try writer.close()
    let current = try Dnpy2Dataset(path: path)
    #expect(try current.history().map(\.number) == [3, 4, 5])
    #expect(try current.history().map(\.isCurrent) == [false, false, true])
    for generation in 3...5 {
      #expect(try read(Dnpy2Dataset(path: path, generation: generation)) == versions[generation - 1])
    }
    #expect {
      try Dnpy2Dataset(path: path, generation: 2)
    } throws: { "\($0)".contains("generation 2 is not kept; these are: 3, 4, 5") }
    #expect(try Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool).problems == [])
  }

  @Test func unchangedChunksKeepTheirExtent() throws {
    let path = scratch.file("u.dnpy")
    var model = Model(shape: [64_000]) { Int32(truncatingIfNeeded: $0 &* 2_654_435_761) }
    try makeFile(path, model, chunkShape: [1000], generationsKept: 2)
    let before = try bytes(of: path).count
    model.elements[3_500] = 1
    let writer = try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
    try write(model, chunks: 0..<64, to: writer)
    try writer.commit()
    #expect(try read(Dnpy2Dataset(path: path)) == model)
    // One chunk, one page, metadata and two tables: each a block of 4096 bytes at most.
    #expect(try bytes(of: path).count - before <= 6 * 4096)
  }

  @Test func spaceOfDroppedGenerationsIsReused() throws {
    let path = scratch.file("s.dnpy")
    var model = Model(shape: [8_000]) { Int32(truncatingIfNeeded: $0 &* 2_654_435_761) }
    try makeFile(path, model, chunkShape: [1000], codecs: [])
    let writer = try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
    var sizes: [Int] = []
    for step in 1...30 {
      model.elements = model.elements.map { $0 &+ Int32(step) }
      try write(model, chunks: 0..<8, to: writer)
      try writer.commitGeneration()
      sizes.append(try bytes(of: path).count)
    }
    try writer.close()
    #expect(try read(Dnpy2Dataset(path: path)) == model)
    #expect(sizes[29] <= sizes[4], "the file has stopped growing: \(sizes)")
    #expect(try Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool).problems == [])
  }

  @Test func repackKeepsGenerationsAndShrinks() throws {
    let path = scratch.file("r.dnpy")
    var model = Model(shape: [16_000]) { Int32(truncatingIfNeeded: $0 &* 2_654_435_761) }
    try makeFile(path, model, chunkShape: [1000], generationsKept: 2)
    var versions = [model]
    let writer = try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
    for step in 1...5 {
      for chunk in 0..<16 where chunk % 5 != step { model.elements[chunk * 1000] = Int32(step) }
      try write(model, chunks: 0..<16, to: writer)
      if step == 5 {
        writer.attributes = ["note": .string("kept")]
      }
      try writer.commitGeneration()
      versions.append(model)
    }
    try writer.resize(to: [15_500])
    try writer.commit()
    versions.append(model.resized(to: [15_500], fill: 0))
    let old = try Dnpy2Dataset(path: path).history()
    let sizes = try Dnpy2Writer.repack(path: path, communicator: .serial, pool: pool)
    #expect(sizes.after < sizes.before)
    #expect(try bytes(of: path).count == sizes.after)
    let dataset = try Dnpy2Dataset(path: path)
    #expect(try dataset.history().map(\.number) == [6, 7])
    #expect(try dataset.history().map(\.time) == old.map(\.time))
    #expect(dataset.description.attributes == ["note": .string("kept")])
    for generation in 6...7 {
      #expect(try read(Dnpy2Dataset(path: path, generation: generation)) == versions[generation - 1])
    }
    #expect(try Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool).problems == [])
    #expect(scratch.entries == ["r.dnpy"])
  }

  @Test func resizingMatchesAModel() throws {
    let shapes = [[1, 1], [2, 5], [3, 3], [4, 2], [5, 6], [6, 5], [7, 7], [0, 3], [3, 0]]
    var count = 0
    for old in shapes {
      for new in shapes where new != old {
        count += 1
        let path = scratch.file("size\(count).dnpy")
        let model = Model(shape: old) { Int32($0 + 1) }
        let writer = try Dnpy2Writer.create(
          path: path, shape: old, dtype: .int32, chunkShape: [2, 3], fillValue: ElementValue(Int32(-1)), communicator: .serial, pool: pool)
        // Every third chunk stays unwritten, so that fill values move too.
        var expected = model
        for number in 0..<writer.description.grid.chunkCount where number % 3 == 2 {
          model.visit(writer.description.grid.region(of: number)) { expected.elements[$0] = -1 }
        }
        try write(model, chunks: (0..<writer.description.grid.chunkCount).filter { $0 % 3 != 2 }, to: writer)
        try writer.commitGeneration()
        try writer.resize(to: new)
        try writer.commitGeneration()
        expected = expected.resized(to: new, fill: -1)
        #expect(try read(Dnpy2Dataset(path: path)) == expected, "\(old) to \(new)")
        // And back: what was cut off must not come back.
        try writer.resize(to: old)
        try writer.commit()
        #expect(try read(Dnpy2Dataset(path: path)) == expected.resized(to: old, fill: -1), "\(old) to \(new) and back")
        #expect(try Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool).problems == [])
      }
    }
  }

  @Test func appendingGrowsTheTreeByLevels() throws {
    let path = scratch.file("t.dnpy")
    let writer = try Dnpy2Writer.create(
      path: path, shape: [0, 2], dtype: .int32, chunkShape: [1, 2], communicator: .serial, pool: pool)
    try writer.commitGeneration()
    var model = Model(shape: [0, 2]) { _ in 0 }
    for rows in [1, 169, 170, 171, 400, 170, 29_000, 3] {
      try writer.resize(to: [rows, 2])
      model = model.resized(to: [rows, 2], fill: 0)
      model.elements[rows * 2 - 1] = Int32(rows)
      model.elements[(rows - 1) * 2] = 5
      try write(model, chunks: [rows - 1], to: writer)
      try writer.commitGeneration()
      let dataset = try Dnpy2Dataset(path: path)
      for probe in [0, rows / 2, rows - 1] {
        var chunk: [Int32] = [0, 0]
        try chunk.withUnsafeMutableBytes { try dataset.readChunk(probe, into: $0, pool: pool) }
        #expect(chunk == Array(model.elements[probe * 2..<probe * 2 + 2]))
      }
    }
    try writer.close()
    #expect(try read(Dnpy2Dataset(path: path)) == model)
    #expect(try Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool).problems == [])
  }

  @Test func aSecondWriterIsRefusedByName() throws {
    let path = scratch.file("l.dnpy")
    try makeFile(path, Model(shape: [4]) { Int32($0) }, chunkShape: [2])
    let first = try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
    #expect {
      try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
    } throws: { error in
      (error as? StoreError)?.code == .locked && "\(error)".contains("process \(getpid()) on host")
    }
    try first.close()
    try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool).close()
    #expect(scratch.entries == ["l.dnpy"])
  }

  @Test func aLockLeftByADeadProcessDoesNotHold() throws {
    let path = scratch.file("d.dnpy")
    try makeFile(path, Model(shape: [4]) { Int32($0) }, chunkShape: [2])
    try save(Array("elsewhere 99999\n".utf8), to: scratch.file(".d.dnpy.lock"))
    try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool).close()
  }

  @Test func abandonedWorkLeavesNothing() throws {
    let path = scratch.file("x.dnpy")
    let model = Model(shape: [4]) { Int32($0) }
    let fresh = try Dnpy2Writer.create(path: path, shape: [4], dtype: .int32, chunkShape: [2], communicator: .serial, pool: pool)
    try write(model, chunks: 0..<2, to: fresh)
    fresh.abandon()
    #expect(scratch.entries == [])
    try makeFile(path, model, chunkShape: [2])
    let update = try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
    try write(Model(shape: [4]) { _ in Int32.random(in: 5...9) }, chunks: 0..<2, to: update)
    update.abandon()
    #expect(try read(Dnpy2Dataset(path: path)) == model)
  }

  @Test func anExistingFileIsOnlyReplacedWhenAskedAndOnlyAtTheEnd() throws {
    let path = scratch.file("e.dnpy")
    let model = Model(shape: [4]) { Int32($0) }
    try makeFile(path, model, chunkShape: [2])
    #expect {
      try Dnpy2Writer.create(path: path, shape: [1], dtype: .int8, chunkShape: [1], communicator: .serial, pool: pool)
    } throws: { ($0 as? StoreError)?.code == .alreadyExists }
    let writer = try Dnpy2Writer.create(
      path: path, shape: [2], dtype: .int32, chunkShape: [2], overwrite: true, communicator: .serial, pool: pool)
    try write(Model(shape: [2]) { Int32(100 + $0) }, chunks: [0], to: writer)
    #expect(try read(Dnpy2Dataset(path: path)) == model)
    try writer.commit()
    #expect(try read(Dnpy2Dataset(path: path)).elements == [100, 101])
  }

  @Test func nonsenseIsRefusedBeforeAnythingIsWritten() throws {
    let cases: [([Int], [Int], [String])] = [
      ([4], [0], []), ([4], [2, 2], []), ([-1], [1], []), ([1 << 40, 1 << 40], [1, 1], []), ([4], [2], ["zstd"]),
      ([1 << 40], [1 << 40], []), (Array(repeating: 1, count: 33), Array(repeating: 1, count: 33), []),
    ]
    for (shape, chunkShape, codecs) in cases {
      #expect(throws: StoreError.self) {
        try Dnpy2Writer.create(
          path: scratch.file("n.dnpy"), shape: shape, dtype: .int32, chunkShape: chunkShape, codecs: codecs, communicator: .serial, pool: pool)
      }
    }
    #expect(scratch.entries == [])
  }

  @Test func openingReadsAndSmallCommitsWriteAFewPages() throws {
    let path = scratch.file("m.dnpy")
    let writer = try Dnpy2Writer.create(
      path: path, shape: [1_000_000], dtype: .int32, chunkShape: [1], codecs: [], communicator: .serial, pool: pool)
    // Leaves everywhere, so that the tree is as deep and as wide on the way as a full one.
    for number in stride(from: 0, to: 1_000_000, by: 9_973) {
      try writeElement(chunk: number, value: 1, to: writer)
    }
    try writer.commitGeneration()
    let beforeCommit = threadIO("wchar")
    for number in stride(from: 5, to: 1_000_000, by: 100_003) { try writeElement(chunk: number, value: 2, to: writer) }
    try writer.commitGeneration()
    let written = threadIO("wchar") - beforeCommit
    // Ten chunks change ten leaves, at most ten pages above, and the root; metadata, tables and slot beside.
    #expect(written <= (10 + 10 + 1 + 4) * 4096 + 10 * 8, "\(written) bytes written")
    try writer.close()
    let beforeOpen = threadIO("rchar")
    let dataset = try Dnpy2Dataset(path: path)
    var element: [Int32] = [0]
    try element.withUnsafeMutableBytes { try dataset.readChunk(5, into: $0, pool: pool) }
    let readBytes = threadIO("rchar") - beforeOpen
    #expect(element == [2])
    #expect(readBytes <= 12288 + 3 * 4096 + 4096, "\(readBytes) bytes read")
  }

  private func writeElement(chunk number: Int, value: Int32, to writer: Dnpy2Writer) throws {
    try [value].withUnsafeBytes { try writer.write([ChunkToWrite(number: number, bytes: $0)]) }
  }

  /// Bytes that this thread has read or written through system calls.
  private func threadIO(_ key: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/thread-self/io", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
    return line.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
  }
}
