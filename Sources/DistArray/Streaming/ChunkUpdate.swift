// Writing some chunks of a stored array again: the stream behind updates.

import DAChunkCache
import DAStore
import MessagePassing

/// Computes chosen chunks of an array and hands them to a writer of the same grid, in rounds that all ranks share.
struct ChunkUpdate {
  let source: any ChunkedDataset
  let writer: any ChunkedDatasetWriter
  /// Which chunks, ascending; `nil` means all.
  let numbers: [Int]?
  let communicator: Communicator
  let options: StreamingOptions

  private static let preferredRoundByteCount = 16 << 20

  /// Writes the chunks; the writer is left to be committed or abandoned.
  ///
  /// - Throws: `.memory` with the smallest budget that would do; `.interrupted`; what reading and writing throw.
  /// - Collective: yes.
  func run() throws(StoreError) {
    let grid = writer.description.grid
    let count = numbers?.count ?? grid.chunkCount
    let chunkByteCount = max(1, writer.description.largestChunkByteCount)
    let budget = try options.agreedBudget(communicator).byteCount
    let cost = SourceCost(source)
    func needed(_ chunks: Int) -> Int {
      let own = saturatingProduct(chunks, BufferPool.capacity(for: chunkByteCount))
      let staging = writer.roundScratchByteCount(forChunksOf: saturatingProduct(chunks, chunkByteCount))
      return [own, staging, cost.leastCacheByteCount].reduce(0, saturatingSum)
    }
    guard needed(1) <= budget else {
      throw StoreError(
        .memory,
        "updating needs \(needed(1)) bytes, more than the budget of \(budget); raise it with --memory \(needed(1))",
        path: writer.path)
    }
    var chunksPerRound = max(1, min(Self.preferredRoundByteCount, budget / 4) / chunkByteCount)
    while chunksPerRound > 1, needed(chunksPerRound) > budget { chunksPerRound /= 2 }
    let cache = options.makeCache(
      byteCount: budget - needed(chunksPerRound) + cost.leastCacheByteCount, for: [cost])
    let blocks = BufferPool(budget: saturatingProduct(chunksPerRound, BufferPool.capacity(for: chunkByteCount)))
    let loader = BlockLoader(source, cache: cache)
    let total = saturatingProduct(count, chunkByteCount)
    options.progress?(0, total)
    let perRound = chunksPerRound * communicator.size
    for first in stride(from: 0, to: count, by: perRound) {
      var buffers: [PooledBuffer] = []
      let chunks = try communicator.agree { () throws(StoreError) -> [ChunkToWrite] in
        try options.checkForStop()
        let from = min(count, first + communicator.rank * chunksPerRound)
        return try (from..<min(count, from + chunksPerRound)).map { index throws(StoreError) in
          let number = numbers?[index] ?? index
          let region = grid.region(of: number)
          let buffer = try blocks.lease(byteCount: writer.description.byteCount(ofChunk: number))
          buffers.append(buffer)
          try loader.load(region, into: buffer.bytes)
          return ChunkToWrite(number: number, bytes: UnsafeRawBufferPointer(buffer.bytes))
        }
      }
      try writer.write(chunks)
      withExtendedLifetime(buffers) {}
      options.progress?(min(count, first + perRound) * chunkByteCount, total)
    }
    try communicator.agree { () throws(StoreError) in try source.finishReading() }
  }
}
