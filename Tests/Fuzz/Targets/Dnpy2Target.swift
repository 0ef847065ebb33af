// The target for `.dnpy` 2: sparse files whose checksums are made right again, so that lies reach the code behind them.

import DAStore
import MessagePassing

extension FuzzTarget {
  /// Input: which checksums to make right, the file's size in blocks, then pieces (offset, size, bytes) of a file that
  /// is zero between them. The file is opened, read, verified, and continued by a writer.
  static let dnpy2 = FuzzTarget(
    name: "dnpy2", maximumByteCount: 8192,
    seeds: {
      try [
        Seed(name: "plain", bytes: made(shape: [5], chunkShape: [2], codecs: [])),
        Seed(name: "shuffled", bytes: made(shape: [12, 70], chunkShape: [8, 40], codecs: ["byteshuffle", "lz4"])),
        Seed(name: "bits", bytes: made(shape: [600], chunkShape: [300], codecs: ["bitshuffle", "lz4"])),
        Seed(name: "levels", bytes: made(shape: [400], chunkShape: [1], codecs: [], writing: [0, 399])),
        Seed(name: "kept", bytes: made(shape: [3, 3], chunkShape: [2, 2], codecs: [], generations: 4, kept: 3)),
        Seed(name: "scalar", bytes: made(shape: [], chunkShape: [], codecs: [])),
        Seed(name: "nothing", bytes: made(shape: [0, 4], chunkShape: [1, 1], codecs: ["lz4"])),
      ]
    },
    body: { bytes, folder in
      let path = folder + "/a.dnpy"
      try write(SparseFile.expanded(bytes), to: path)
      var answer = try naming(path) { () throws -> String in
        let dataset = try Dnpy2Dataset(path: path)
        let text = try answerOf { try readEverything(dataset) }
        let history = try dataset.history()
        let older = try history.prefix(4).map { generation in
          try answerOf {
            try naming(path) { try readEverything(Dnpy2Dataset(path: path, generation: generation.number)) }
          }
        }
        return text + "\(history)\(older)"
      }
      let report = try naming(path) { try Dnpy2Dataset.verify(path: path, communicator: .serial, pool: pool) }
      answer += "\(report)"
      answer += try answerOf { try naming(path) { try continueFile(path) } }
      return answer
    })

  /// Writes one chunk of the next generation and reads it back.
  private static func continueFile(_ path: String) throws -> String {
    let writer = try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
    defer { writer.abandon() }
    let description = writer.description
    guard description.grid.chunkCount > 0, description.largestChunkByteCount <= 1 << 16 else { return "not continued" }
    let number = description.grid.chunkCount / 2
    let elements = [UInt8](repeating: 1, count: description.byteCount(ofChunk: number))
    try elements.withUnsafeBytes { try writer.write([ChunkToWrite(number: number, bytes: $0)]) }
    try writer.commit()
    let dataset = try Dnpy2Dataset(path: path)
    let found = try pool.lease(byteCount: elements.count)
    try dataset.readChunk(number, into: found.bytes, pool: pool)
    try require(elements.elementsEqual(found.bytes), "a chunk that was written holds something else")
    return "generation \(dataset.description.generation ?? 0)"
  }

  /// Damage in one place does not hide the rest.
  private static func answerOf(_ body: () throws -> String) throws -> String {
    do {
      return try body()
    } catch let error as StoreError where error.code != .internalFault && error.code != .io {
      return " [\(error)] "
    }
  }

  /// A file of the library, folded.
  private static func made(
    shape: [Int], chunkShape: [Int], codecs: [String], writing numbers: [Int]? = nil, generations: Int = 1,
    kept: Int = 1
  ) throws -> [UInt8] {
    try withScratchFolder { folder in
      let path = folder + "/seed.dnpy"
      for generation in 0..<generations {
        let writer =
          generation > 0
          ? try Dnpy2Writer.update(path: path, communicator: .serial, pool: pool)
          : try Dnpy2Writer.create(
            path: path, shape: shape, dtype: .int16, chunkShape: chunkShape, codecs: codecs, fillValue: nil,
            attributes: ["unit": .string("K")], generationsKept: kept, communicator: .serial, pool: pool)
        let grid = writer.description.grid
        for number in numbers ?? Array(0..<grid.chunkCount) {
          let elements = (0..<grid.elementCount(of: number)).map {
            Int16(truncatingIfNeeded: $0 * 7 / 3 + number * generation)
          }
          try elements.withUnsafeBytes { try writer.write([ChunkToWrite(number: number, bytes: $0)]) }
        }
        try writer.commit()
      }
      let file = try PositionalFile(path)
      return SparseFile.folded(try file.bytes(at: 0, count: file.byteCount()))
    }
  }
}
