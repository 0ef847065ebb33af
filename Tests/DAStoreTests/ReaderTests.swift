// The independent reader, Formats/reader.py, on files that the writer has just made.

import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct ReaderTests {
  let scratch: ScratchDirectory
  init() throws { scratch = try ScratchDirectory() }

  /// What the reader says about the file's elements, after it has checked all of it.
  private func digest(_ path: String, _ options: String...) throws -> String {
    let result = try TestPython.runReader([path, "--verify", "--digest"] + options)
    try #require(result.exitCode == 0, "\(result.stderr)")
    return result.stdout.trimmingCharacters(in: .newlines)
  }

  @Test(arguments: [11, 12, 13] as [UInt64])
  func readsRandomFiles(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    for round in 0..<4 {
      let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in Int.random(in: 0...9, using: &random) }
      let chunkShape = shape.map { _ in Int.random(in: 1...6, using: &random) }
      let dtype = DType.allCases.randomElement(using: &random) ?? .int8
      let codecs = [[], ["lz4"], ["byteshuffle", "lz4"], ["bitshuffle", "lz4"]].randomElement(using: &random) ?? []
      let path = scratch.file("\(round).dnpy")
      let what = Comment("seed \(seed), round \(round): \(dtype) \(shape) in \(chunkShape), \(codecs)")
      let writer = try Dnpy2Writer.create(
        path: path, shape: shape, dtype: dtype, chunkShape: chunkShape, codecs: codecs, communicator: .serial,
        pool: pool)
      let pattern = Pattern(seed: seed)
      var array = GoldenArray(shape: shape, filledWith: ElementValue(zero: dtype))
      let grid = writer.description.grid
      for chunk in 0..<grid.chunkCount where Int.random(in: 0..<5, using: &random) > 0 {
        let region = grid.region(of: chunk)
        // Half of the chunks shrink: their second half is zero.
        var bytes = pattern.bytes(region, of: shape, dtype)
        if Bool.random(using: &random) { for index in bytes.count / 2..<bytes.count { bytes[index] = 0 } }
        array[region] = bytes
        try bytes.withUnsafeBytes { try writer.write([ChunkToWrite(number: chunk, bytes: $0)]) }
      }
      try writer.commit()
      #expect(try GoldenArray(reading: Dnpy2Dataset(path: path)) == array, what)
      #expect(try digest(path) == array.digest(), what)
    }
  }

  /// Larger than one block of the `lz4` codec, with blocks that shrink and blocks that do not.
  @Test(arguments: [["lz4"], ["byteshuffle", "lz4"], ["bitshuffle", "lz4"]])
  func readsChunksOfSeveralBlocks(codecs: [String]) throws {
    let path = scratch.file("a.dnpy")
    let count = 150_001
    var elements = [UInt32](repeating: 0, count: count)
    for index in elements.indices {
      elements[index] =
        index / 65536 == 1 ? UInt32(truncatingIfNeeded: SeededRandom.mixed(UInt64(index))) : UInt32(index / 3)
    }
    let writer = try Dnpy2Writer.create(
      path: path, shape: [count], dtype: .uint32, chunkShape: [count], codecs: codecs, communicator: .serial, pool: pool
    )
    var expected = try ContentDigest(shape: [count], dtype: .uint32)
    try elements.withUnsafeBytes {
      try writer.write([ChunkToWrite(number: 0, bytes: $0)])
      expected.add(region: Region(shape: [count]), bytes: $0)
    }
    try writer.commit()
    guard case .encoded = try Dnpy2Dataset(path: path).storage(of: 0) else {
      Issue.record("the chunk should be encoded")
      return
    }
    #expect(try digest(path) == expected.finish())
  }

  /// Bits that are no numbers: NaNs with payloads, and bools that are neither 0 nor 1.
  @Test(arguments: [DType.bool, .float16, .float32, .float64, .complex64, .complex128])
  func keepsEveryBit(dtype: DType) throws {
    let path = scratch.file("a.dnpy")
    var array = GoldenArray(shape: [6], filledWith: ElementValue(zero: dtype))
    for index in array.bytes.indices { array.bytes[index] = UInt8(0xff - index % 3) }
    let fill = array.bytes.withUnsafeBytes { ElementValue(dtype: dtype, littleEndian: $0) }
    let writer = try Dnpy2Writer.create(
      path: path, shape: [8], dtype: dtype, chunkShape: [6], fillValue: fill, communicator: .serial, pool: pool)
    try array.bytes.withUnsafeBytes { try writer.write([ChunkToWrite(number: 0, bytes: $0)]) }
    try writer.commit()
    #expect(try digest(path) == array.resized(to: [8], fill: fill).digest())
  }

  @Test func readsEveryKeptGeneration() throws {
    let path = scratch.file("a.dnpy")
    var models = [Model(shape: [30, 20]) { Int32($0) }]
    try makeFile(path, models[0], chunkShape: [8, 8], generationsKept: 2)
    for shape in [[30, 20], [40, 13], [9, 25]] {
      let writer = try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
      try writer.resize(to: shape)
      var model = models[models.count - 1].resized(to: shape, fill: 0)
      model.visit(writer.description.grid.region(of: 1)) { model.elements[$0] = Int32(-models.count) }
      try write(model, chunks: [1], to: writer)
      try writer.commit()
      models.append(model)
    }
    for generation in [3, 4] {
      let model = models[generation - 1]
      var expected = try ContentDigest(shape: model.shape, dtype: .int32)
      model.elements.withUnsafeBytes { expected.add(region: Region(shape: model.shape), bytes: $0) }
      #expect(try digest(path, "--generation", "\(generation)") == expected.finish())
    }
    let dropped = try TestPython.runReader([path, "--generation", "2"])
    #expect(dropped.exitCode == 1 && dropped.stderr == "reader.py: no generation 2; there are [3, 4]\n")
  }

  @Test func refusesWhatIsNoFile() throws {
    let path = scratch.file("a.dnpy")
    for bytes in [[], Array("\u{93}NUMPY".utf8), [UInt8](repeating: 0, count: 20_000)] {
      try save(bytes, to: path)
      try expectRefusal(path)
    }
    try expectRefusal(scratch.file("none.dnpy"))
    try expectRefusal(scratch.path)
  }

  private func expectRefusal(_ path: String) throws {
    let result = try TestPython.runReader([path, "--digest"])
    #expect(result.exitCode == 1 && result.stdout.isEmpty)
    #expect(
      result.stderr.hasPrefix("reader.py: ") && result.stderr.split(separator: "\n").count == 1, "\(result.stderr)")
  }
}
