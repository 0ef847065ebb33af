// Files that several ranks write together, for readers that know nothing of ranks.

import DAStore
import DATestSupport
import MessagePassing

let dnpy2Scenarios: [Scenario] = [
  Scenario(name: "dnpy2-large-rounds", run: writeLargeRounds),
  Scenario(name: "dnpy2-write-for-reader", run: writeForReader),
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
