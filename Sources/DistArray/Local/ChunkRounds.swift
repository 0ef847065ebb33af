// In which rounds chunks are put together from the ranks' parts, and with how much memory. Pure.

import DAStore

/// The rounds in which chunks travel to their writers: in each the next chunks of the grid, a few neighbouring ones for
/// every rank that writes.
struct ChunkRounds: Sendable, Hashable {
  let grid: ChunkGrid
  /// Ranks that write in a round: the first ones of the communicator; all of them, where the memory allows.
  let writerCount: Int
  /// Chunks that each of them writes in a round.
  let chunksPerWriter: Int
  /// Memory for chunks, for what is received, and for what is sent, per rank.
  let chunkByteCount: Int
  let outgoingByteCount: Int
  let peakByteCount: Int

  /// A rank writes about this many bytes in a round where the choice is free.
  static let preferredByteCount = 8 << 20
  /// What all-to-all moves at most for a rank.
  static let mostByteCount = 1 << 30

  /// - Parameters:
  ///   - blockByteCount: The largest part of any rank: no rank sends more.
  ///   - roundScratch: The writer's scratch for chunks of so many bytes per rank.
  /// - Throws: `.memory` with the budget that would do for one chunk at a time; `.unsupported` for chunks too large to
  ///   be sent.
  init(
    grid: ChunkGrid, elementByteCount: Int, blockByteCount: Int, rankCount: Int, memory: FreeMemory,
    roundScratch: (Int) -> Int
  ) throws(StoreError) {
    let one = saturatingProduct(grid.largestChunkElementCount, elementByteCount)
    guard one <= Self.mostByteCount else {
      throw StoreError(
        .unsupported,
        "chunks of \(one) bytes; at most \(Self.mostByteCount) are put together from several ranks: choose smaller ones"
      )
    }
    func outgoing(_ writers: Int, _ chunks: Int) -> Int {
      min(blockByteCount, saturatingProduct(writers, saturatingProduct(chunks, one)))
    }
    func peak(_ writers: Int, _ chunks: Int) -> Int {
      let own = saturatingProduct(chunks, one)
      return [BufferPool.capacity(for: own), BufferPool.capacity(for: outgoing(writers, chunks)), roundScratch(own)]
        .reduce(BufferPool.capacity(for: own), saturatingSum)
    }
    var writers = rankCount
    var chunks = max(1, min(Self.preferredByteCount / max(1, one), (grid.chunkCount + rankCount - 1) / rankCount))
    while peak(writers, chunks) > memory.free || outgoing(writers, chunks) > Self.mostByteCount,
      chunks > 1 || writers > 1
    {
      if chunks > 1 { chunks /= 2 } else { writers /= 2 }
    }
    try memory.require(
      peak(writers, chunks), for: "putting chunks of \(shapeText(grid.chunkShape)) together",
      advice: ", or choose smaller chunks")
    self.grid = grid
    writerCount = writers
    chunksPerWriter = chunks
    chunkByteCount = chunks * one
    outgoingByteCount = outgoing(writers, chunks)
    peakByteCount = peak(writers, chunks)
  }

  var roundCount: Int {
    let perRound = writerCount * chunksPerWriter
    return (grid.chunkCount + perRound - 1) / perRound
  }

  /// The chunks that a rank writes in a round.
  func chunks(round: Int, rank: Int) -> Range<Int> {
    guard rank < writerCount else { return 0..<0 }
    let lower = min((round * writerCount + rank) * chunksPerWriter, grid.chunkCount)
    return lower..<min(lower + chunksPerWriter, grid.chunkCount)
  }
}
