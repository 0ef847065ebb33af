// Files that several ranks write together, for readers that know nothing of ranks.

import DAStore
import DATestSupport
import MessagePassing

let dnpy2Scenarios: [Scenario] = [
  Scenario(name: "dnpy2-large-rounds", run: writeLargeRounds),
  Scenario(name: "dnpy2-write-for-reader", run: writeForReader),
  Scenario(name: "npy-large-rounds", run: writeLargeNpyRounds),
]

/// Rounds large enough to be written past the page cache, between small ones, on a grid that leaves some ranks less to do;
/// chunks are written twice in a generation. Every byte is read back.
@Sendable private func writeLargeRounds(_ world: Communicator, _ arguments: [String]) throws {
  let shape = [11, 1 << 17]
  let dtype = DType.float64
  let path = try argument(0, of: arguments)
  let writer = try Dnpy2Writer.create(
    path: path, shape: shape, dtype: dtype, chunkShape: [1, 1 << 17], communicator: world,
    pool: BufferPool(budget: 16 << 20))
  let grid = writer.description.grid
  for seed in 1...2 {
    for first in stride(from: 0, to: grid.chunkCount, by: world.size) {
      let mine = first + world.rank
      let isWritten = mine < grid.chunkCount && (seed == 1 || mine % 3 != 1)
      let bytes = isWritten ? Pattern(seed: UInt64(seed)).bytes(grid.region(of: mine), of: shape, dtype) : nil
      try bytes.withBytesOrNothing { bytes in
        try writer.write(bytes.map { [ChunkToWrite(number: mine, bytes: $0)] } ?? [])
      }
    }
  }
  try writer.commit()
  let dataset = try Dnpy2Dataset.open(path: path, communicator: world)
  let pool = BufferPool(budget: 16 << 20)
  for chunk in 0..<grid.chunkCount {
    let found = try pool.lease(byteCount: dataset.description.byteCount(ofChunk: chunk))
    try dataset.readChunk(chunk, into: found.bytes, pool: pool)
    let seed: UInt64 = chunk % 3 != 1 ? 2 : 1
    let expected = Pattern(seed: seed).bytes(grid.region(of: chunk), of: shape, dtype)
    try require(found.bytes.elementsEqual(expected), "chunk \(chunk) is not what was written last")
  }
}

/// Runs of chunks that begin and end anywhere in the blocks of the disk, long ones past the page cache, short ones and
/// ones with gaps between; two runs of two ranks share a block. Every byte is read back.
@Sendable private func writeLargeNpyRounds(_ world: Communicator, _ arguments: [String]) throws {
  let path = try argument(0, of: arguments)
  for shape in [[700_001], [23, 25_003]] {
    let writer = try NpyWriter(
      path: path, shape: shape, dtype: .float64, chunkByteCount: 300_000, isOverwriting: true, communicator: world)
    let grid = writer.description.grid
    var next = 0
    var round = 0
    while next < grid.chunkCount {
      // Every third round has gaps, and every fifth is short.
      let stride = round % 3 == 2 ? 2 : 1
      let perRank = round % 5 == 4 ? 1 : 4
      let end = min(next + perRank * stride * world.size, grid.chunkCount)
      for offset in 0..<stride {
        let numbers = Array(Swift.stride(from: next + offset, to: end, by: stride))
        let share = (numbers.count + world.size - 1) / world.size
        let mine = numbers.dropFirst(share * world.rank).prefix(share)
        let bytes = mine.map { Pattern(seed: 3).bytes(grid.region(of: $0), of: shape, .float64) }
        // The writer keeps nothing of what it was given.
        let memories = bytes.map { bytes in
          let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
          memory.copyBytes(from: bytes)
          return memory
        }
        try writer.write(zip(mine, memories).map { ChunkToWrite(number: $0, bytes: UnsafeRawBufferPointer($1)) })
        for memory in memories {
          memory.initializeMemory(as: UInt8.self, repeating: 0xEE)
          memory.deallocate()
        }
      }
      next = end
      round += 1
    }
    try writer.commit()
    let dataset = try NpyDataset(path: path)
    let found = dataset.description.grid
    for chunk in 0..<found.chunkCount {
      guard case .direct(let extents) = try dataset.storage(of: chunk) else {
        throw ScenarioFailure("chunk \(chunk) is not stored as it is")
      }
      var bytes = [UInt8](repeating: 0, count: dataset.description.byteCount(ofChunk: chunk))
      try bytes.withUnsafeMutableBytes { try dataset.read(extents[0], into: $0) }
      let expected = Pattern(seed: 3).bytes(found.region(of: chunk), of: shape, .float64)
      try require(bytes == expected, "chunk \(chunk) of \(shape) is not what was written")
    }
  }
}

/// Writes a fixed array of two generations to the path given; the array is the same on any number of ranks.
/// Rank 0 prints the digests of both generations, made from the array in memory.
@Sendable private func writeForReader(_ world: Communicator, _ arguments: [String]) throws {
  let shape = [23, 17, 5]
  let dtype = DType.float32
  let writer = try Dnpy2Writer.create(
    path: try argument(0, of: arguments), shape: shape, dtype: dtype, chunkShape: [4, 8, 5],
    codecs: ["bitshuffle", "lz4"], generationsKept: 2, communicator: world, pool: BufferPool(budget: 64 << 20))
  let grid = writer.description.grid
  let patterns = [Pattern(seed: 5), Pattern(seed: 6)]
  // What a chunk holds: noise, noise with zeros behind it, one value, or nothing.
  func contents(_ chunk: Int, _ generation: Int) -> [UInt8]? {
    let changes = generation == 1 && chunk % 5 == 2
    var bytes = patterns[changes ? 1 : 0].bytes(grid.region(of: chunk), of: shape, dtype)
    switch chunk % 4 {
    case 0: return bytes
    case 1: for index in bytes.count / 3..<bytes.count { bytes[index] = 0 }
    case 2: bytes = [UInt8](repeating: 3, count: bytes.count)
    default: return changes ? bytes : nil
    }
    return bytes
  }
  for generation in 0..<2 {
    for first in stride(from: 0, to: grid.chunkCount, by: world.size) {
      let mine = first + world.rank
      let isWritten = mine < grid.chunkCount && (generation == 0 || mine % 5 == 2)
      try (isWritten ? contents(mine, generation) : nil).withBytesOrNothing { bytes in
        try writer.write(bytes.map { [ChunkToWrite(number: mine, bytes: $0)] } ?? [])
      }
    }
    try writer.commitGeneration()
    guard world.rank == 0 else { continue }
    var digest = try ContentDigest(shape: shape, dtype: dtype)
    for chunk in 0..<grid.chunkCount {
      let region = grid.region(of: chunk)
      try contents(chunk, generation).withBytesOrNothing { bytes in
        if let bytes {
          digest.add(region: region, bytes: bytes)
        } else {
          digest.add(region: region, repeating: ElementValue(zero: dtype))
        }
      }
    }
    print(try digest.finish())
  }
  try writer.close()
}

extension [UInt8]? {
  fileprivate func withBytesOrNothing(_ body: (UnsafeRawBufferPointer?) throws -> Void) throws {
    if let self { try self.withUnsafeBytes { try body($0) } } else { try body(nil) }
  }
}
