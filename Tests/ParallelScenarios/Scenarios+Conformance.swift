// The conformance suite on several ranks, and what the cache does together.

import DAChunkCache
import DAStore
import DATestSupport
import MessagePassing

let conformanceScenarios: [Scenario] = [
  Scenario(name: "conformance", run: conformance),
  Scenario(name: "flush", run: flush),
]

/// Runs the suite on the back ends of one format, named by the argument.
@Sendable private func conformance(_ world: Communicator, _ arguments: [String]) throws {
  let format = try argument(0, of: arguments)
  let backEnds = BackEnd.all.filter { $0.format.rawValue == format }
  try require(!backEnds.isEmpty, "there is no back end of format '\(format)'")
  for backEnd in backEnds {
    for check in ConformanceCheck.parallel { try check.run(backEnd, world) }
  }
}

/// Ranks that updated unlike numbers of chunks flush together, and an error of one is an error of all.
@Sendable private func flush(_ world: Communicator, _ arguments: [String]) throws {
  let pattern = Pattern(seed: 11)
  let shape = [20, 6]
  let writer = try MemoryWriter(shape: shape, dtype: .int32, chunkShape: [1, 6], communicator: world)
  let grid = writer.description.grid
  var options = CacheOptions()
  options.reserveByteCount = 64 << 10
  let cache = ChunkCache(pool: BufferPool(budget: 256 << 10), options: options)
  // Rank 0 has the first half; the others share the rest, so that the last ranks may have few or none.
  let mine = (0..<grid.chunkCount).filter { world.size == 1 || ($0 < 10 ? 0 : 1 + $0 % (world.size - 1)) == world.rank }
  for number in mine.reversed() {
    try cache.update(writer, chunk: number, contents: .overwritten) { bytes throws(StoreError) in
      bytes.copyBytes(from: pattern.bytes(grid.region(of: number), of: shape, .int32))
    }
  }
  try cache.flush(to: writer, over: world)
  try requireEqual(cache.statistics.dirtyByteCount, 0, "bytes left after a flush")
  try cache.flush(to: writer, over: world)

  // The last rank has no memory for its share of a round: all ranks hear of it, and no update is lost.
  let starved = Starved(writer, onRank: world.size - 1, of: world)
  try cache.update(starved, chunk: world.rank, contents: .overwritten) { bytes throws(StoreError) in
    bytes.copyBytes(from: pattern.bytes(grid.region(of: world.rank), of: shape, .int32))
  }
  try world.together {
    try expectTrue(cache.statistics.dirtyByteCount > 0, "an update is held")
  }
  try expectError(.memory, in: "a flush for which one rank lacks memory") { try cache.flush(to: starved, over: world) }
  try expectTrue(cache.statistics.dirtyByteCount > 0, "a refused flush keeps the updates")
  cache.discard(starved)

  try writer.commit()
  let dataset = try writer.dataset()
  try world.together {
    for number in 0..<grid.chunkCount {
      try expectEqual(
        try dataset.loadedBytes(ofChunk: number), pattern.bytes(grid.region(of: number), of: shape, .int32),
        "chunk \(number)")
    }
  }
}

/// A writer whose rounds need more memory on one rank than there is.
private final class Starved: ChunkedDatasetWriter {
  private let writer: MemoryWriter
  private let isStarved: Bool

  init(_ writer: MemoryWriter, onRank rank: Int, of communicator: Communicator) {
    self.writer = writer
    isStarved = communicator.rank == rank
  }

  var path: String { writer.path }
  var description: DatasetDescription { writer.description }
  func write(_ chunks: [ChunkToWrite]) throws(StoreError) { try writer.write(chunks) }
  func roundScratchByteCount(forChunksOf byteCount: Int) -> Int { isStarved ? 1 << 40 : 0 }
  func commit() throws(StoreError) { try writer.commit() }
  func abandon() { writer.abandon() }
}
