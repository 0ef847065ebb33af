// Writing sets for every distribution: byte layout, round trips, replacement and interruption.

import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct Dnpy1WritingTests {
  /// The same maps as in `Tests/Golden/make_dnpy1.py`.
  private func goldenMaps(_ name: String) throws -> [AxisMap] {
    switch name {
    case "b": [try .block(size: 7, rankCount: 4)]
    case "bn": [try .block(size: 2, rankCount: 2), try .undistributed(size: 10)]
    case "nc": [try .undistributed(size: 2), try .cyclic(size: 10, rankCount: 2)]
    case "bb": [try .block(size: 5, rankCount: 2), try .block(size: 9, rankCount: 2)]
    case "irregular": [try .block(bounds: [0, 2, 3, 4, 10]), try .block(bounds: [0, 0, 6])]
    case "cc": [try .cyclic(size: 5, rankCount: 2), try .cyclic(size: 9, rankCount: 3)]
    case "blockcyclic":
      [try .cyclic(size: 5, rankCount: 2, blockSize: 2), try .cyclic(size: 9, rankCount: 2, blockSize: 2)]
    case "lastblock": [try .cyclic(size: 7, rankCount: 2, blockSize: 2)]
    case "bcn": [try .block(size: 4, rankCount: 2), try .cyclic(size: 5, rankCount: 3), try .undistributed(size: 3)]
    case "empty": [try .block(size: 0, rankCount: 2), try .undistributed(size: 3)]
    case "manyranks": [try .cyclic(size: 2, rankCount: 4)]
    default: []
    }
  }

  @Test(arguments: [
    "b", "bn", "nc", "bb", "irregular", "cc", "blockcyclic", "lastblock", "bcn", "empty", "manyranks", "zerod",
  ])
  func writtenBytesAreThoseOfDistArrayAndNumPy(name: String) throws {
    let golden = try #require(Dnpy1Golden.readable.first { $0.name == name })
    let content = countingBytes(golden.shape, golden.dtype)
    for edge in [1, 2, 3, 100] {
      try withTemporaryFolder { folder in
        let prefix = folder.appending(path: name).path
        let chunkShape = Array(repeating: edge, count: golden.shape.count)
        try writeWhole(content, to: makeWriter(prefix, goldenMaps(name), golden.dtype, chunkShape: chunkShape))
        let ranks = try Dnpy1Names.ranks(prefix: Dnpy1Golden.prefix(name))
        #expect(try Dnpy1Names.ranks(prefix: prefix) == ranks)
        for rank in ranks {
          let expected = try Data(
            contentsOf: URL(fileURLWithPath: Dnpy1Names.name(prefix: Dnpy1Golden.prefix(name), rank: rank)))
          #expect(
            try Data(contentsOf: URL(fileURLWithPath: Dnpy1Names.name(prefix: prefix, rank: rank))) == expected,
            "rank \(rank)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == ranks.count)
      }
    }
  }

  @Test func headersEndOnSixteenBytes() throws {
    for size in 0..<40 {
      let dimensions = [DimData(try .unstructured(size: size, indices: [Array(0..<size)]), gridRank: 0)]
      let npy = try NpyHeader(shape: [size], dtype: .int8)
      let bytes = try Dnpy1Header.encode(dimensions: dimensions, npy: npy)
      let header = try Dnpy1Header(decoding: bytes)
      #expect(header.npyOffset % 16 == 0)
      #expect(
        bytes[header.npyOffset - 1] == 10 && bytes[header.npyOffset - 2] == 32, "at least one blank, then a line feed")
      #expect(header.dimensions == dimensions)
      #expect(header.npy == npy)
      #expect(header.dataOffset == bytes.count)
    }
  }

  @Test func theHeaderIsSpelledAsDistArraySpellsIt() throws {
    let map = try AxisMap.block(
      bounds: [0, 20, 40], padding: [.init(lower: 1, upper: 2), .init(lower: 2, upper: 0)], isPeriodic: true)
    let bytes = try Dnpy1Header.encode(
      dimensions: [DimData(map, gridRank: 1), DimData(try .undistributed(size: 3), gridRank: 0)],
      npy: NpyHeader(shape: [22, 3], dtype: .int8))
    let text = String(decoding: bytes[10..<(try Dnpy1Header(decoding: bytes)).npyOffset], as: UTF8.self)
    let expected =
      "{'__version__': '0.10.0', 'dim_data': ({'dist_type': 'b', 'size': 40, 'proc_grid_rank': 1, 'proc_grid_size': 2, "
      + "'start': 18, 'stop': 40, 'padding': (2, 0), 'periodic': True}, {'dist_type': 'b', "
      + "'size': 3, 'proc_grid_rank': 0, 'proc_grid_size': 1, 'start': 0, 'stop': 3}), }"
    #expect(text.hasPrefix(expected + " "))
  }

  @Test func everyDistributionComesBack() throws {
    let seed: UInt64 = 1_879
    var generator = SeededRandom(seed: seed)
    for round in 0..<60 {
      let shape = (0..<Int.random(in: 0...3, using: &generator)).map { _ in Int.random(in: 0...7, using: &generator) }
      let maps = try shape.map { try randomMap(size: $0, &generator) }
      let dtype = DType.allCases.randomElement(using: &generator) ?? .int8
      let writeChunks = shape.map { _ in Int.random(in: 1...4, using: &generator) }
      let readChunks = shape.map { _ in Int.random(in: 1...4, using: &generator) }
      let content = countingBytes(shape, dtype)
      try withTemporaryFolder { folder in
        let prefix = folder.appending(path: "a").path
        try writeWhole(content, to: makeWriter(prefix, maps, dtype, chunkShape: writeChunks))
        let dataset = try Dnpy1Dataset(prefix, chunkShape: readChunks)
        #expect(dataset.maps == maps, "seed \(seed), round \(round)")
        #expect(try readWhole(dataset) == content, "seed \(seed), round \(round), \(maps)")
      }
    }
  }

  private func randomMap(size: Int, _ generator: inout SeededRandom) throws -> AxisMap {
    let ranks = Int.random(in: 1...4, using: &generator)
    switch Int.random(in: 0..<5, using: &generator) {
    case 0:
      // An undistributed axis is written, and comes back, as one block.
      return try .block(bounds: [0, size])
    case 1: return try .block(size: size, rankCount: ranks)
    case 2:
      let cuts = (1..<ranks).map { _ in Int.random(in: 0...size, using: &generator) }.sorted()
      return try .block(bounds: [0] + cuts + [size])
    case 3: return try .cyclic(size: size, rankCount: ranks, blockSize: Int.random(in: 1...3, using: &generator))
    default:
      var lists = Array(repeating: [Int](), count: ranks)
      for index in Array(0..<size).shuffled(using: &generator) {
        lists[Int.random(in: 0..<ranks, using: &generator)].append(index)
      }
      return try .unstructured(size: size, indices: lists)
    }
  }

  @Test func chunksNeverWrittenAreZero() throws {
    try withTemporaryFolder { folder in
      let prefix = folder.appending(path: "a").path
      let writer = try makeWriter(prefix, [try .cyclic(size: 6, rankCount: 2)], .int16, chunkShape: [2])
      let chunk: [UInt8] = [1, 0, 2, 0]
      try chunk.withUnsafeBytes { try writer.write([ChunkToWrite(number: 1, bytes: $0)]) }
      try writer.commit()
      #expect(try readWhole(Dnpy1Dataset(prefix)) == [0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0])
    }
  }

  @Test func existingSetsAreKeptOrReplacedWhole() throws {
    try withTemporaryFolder { folder in
      let prefix = folder.appending(path: "a").path
      let four = try AxisMap.block(size: 8, rankCount: 4)
      let two = try AxisMap.cyclic(size: 6, rankCount: 2)
      try writeWhole(countingBytes([8], .int8), to: makeWriter(prefix, [four], .int8))
      let refused = storeError { () throws(StoreError) in
        _ = try Dnpy1Writer(path: prefix + "_2.dnpy", maps: [two], dtype: .int8, communicator: .serial)
      }
      #expect(refused?.code == .alreadyExists)
      #expect(refused?.path == prefix + "_0.dnpy")

      // Abandoned: the old set stays as it was, nothing else is left.
      let abandoned = try makeWriter(prefix, [two], .int8, isOverwriting: true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 6)
      #expect(try readWhole(Dnpy1Dataset(prefix)) == countingBytes([8], .int8))
      abandoned.abandon()
      abandoned.abandon()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)

      // Replaced by fewer files: no old rank stays.
      try writeWhole(countingBytes([6], .int8), to: makeWriter(prefix, [two], .int8, isOverwriting: true))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["a_0.dnpy", "a_1.dnpy"])
      #expect(try readWhole(Dnpy1Dataset(prefix)) == countingBytes([6], .int8))
    }
  }

  @Test func anInterruptedReplacementIsRefused() throws {
    // Every state in which a commit can be killed: old files of ranks above 0 gone or not, new ones named or not.
    let maps = [try AxisMap.block(size: 8, rankCount: 3)]
    for removed in 0...2 {
      for renamed in 0...(removed == 2 ? 2 : 0) {
        try withTemporaryFolder { folder in
          let prefix = folder.appending(path: "a").path
          try writeWhole(Array(repeating: 7, count: 8), to: makeWriter(prefix, maps, .int8))
          let new = folder.appending(path: "b").path
          try writeWhole(countingBytes([8], .int8), to: makeWriter(new, maps, .int8))
          try removeFile(prefix + "_0.dnpy")
          for rank in 1..<1 + removed { try removeFile("\(prefix)_\(rank).dnpy") }
          for rank in (3 - renamed)..<3 {
            try renameFile("\(new)_\(rank).dnpy", "\(prefix)_\(rank).dnpy", replacing: false)
          }
          let error = storeError { () throws(StoreError) in _ = try Dnpy1Dataset(prefix) }
          #expect(error?.code == (removed == 2 && renamed == 0 ? .notFound : .corrupt), "\(removed), \(renamed)")
        }
      }
    }
  }

  @Test func aFailedRenameKeepsTheOnlyCopy() throws {
    try withTemporaryFolder { folder in
      let prefix = folder.appending(path: "a").path
      let writer = try makeWriter(prefix, [try .block(size: 4, rankCount: 2)], .int8)
      // A directory with a file in it cannot be replaced by a rename.
      let obstacle = prefix + "_1.dnpy"
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      let late = storeError { () throws(StoreError) in
        do {
          try FileManager.default.createDirectory(atPath: obstacle + "/x", withIntermediateDirectories: true)
        } catch { throw StoreError(.io, "\(error)") }
        try writer.commit()
      }
      #expect(late?.code == .alreadyExists)
      writer.abandon()
      #expect(names.count == 2)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a_1.dnpy"])

      let other = try makeWriter(prefix, [try .block(size: 4, rankCount: 2)], .int8, isOverwriting: true)
      let failed = storeError { () throws(StoreError) in try other.commit() }
      #expect(failed?.code == .io)
      other.abandon()
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".partial") }.count == 2)
    }
  }

  @Test func senselessTargetsAreRefused() throws {
    try withTemporaryFolder { folder in
      let prefix = folder.appending(path: "a").path
      func refusal(_ path: String, _ maps: [AxisMap], _ dtype: DType = .int8, chunkShape: [Int]? = nil) -> StoreError? {
        storeError { () throws(StoreError) in
          _ = try Dnpy1Writer(path: path, maps: maps, dtype: dtype, chunkShape: chunkShape, communicator: .serial)
        }
      }
      let padded = try AxisMap.block(
        bounds: [0, 2, 4], padding: [.init(lower: 0, upper: 1), .init(lower: 1, upper: 0)])
      #expect(refusal(prefix, [padded])?.message.contains("has padding") == true)
      let long = try AxisMap.unstructured(size: 20_000, indices: [Array(0..<20_000)])
      #expect(refusal(prefix, [long])?.message.contains("holds at most 65535") == true)
      let wide = try AxisMap.cyclic(size: 4, rankCount: 3, blockSize: Int.max)
      #expect(refusal(prefix, [wide])?.message.contains("block size") == true)
      let huge = try AxisMap.cyclic(size: 1 << 40, rankCount: 1)
      #expect(refusal(prefix, [huge, huge])?.code == .invalidArgument)
      #expect(
        refusal(prefix, [try .cyclic(size: 4, rankCount: 1 << 21)])?.message.contains("at most 1048576 make a set")
          == true)
      #expect(refusal(prefix, [try .undistributed(size: 4)], chunkShape: [0])?.code == .invalidArgument)
      #expect(refusal(folder.appending(path: "no/where").path, [try .undistributed(size: 4)])?.code == .notFound)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }
}
