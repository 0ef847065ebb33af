// Files that several ranks write together, for readers that know nothing of ranks.

import DAStore
import DATestSupport
import MessagePassing

let dnpy2Scenarios: [Scenario] = [Scenario(name: "dnpy2-write-for-reader", run: writeForReader)]

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
