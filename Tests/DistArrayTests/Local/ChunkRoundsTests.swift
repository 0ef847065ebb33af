// Rounds in which chunks are put together: every chunk has one writer, and the memory is kept.

import DAStore
import Testing

@testable import DistArray

@Suite struct ChunkRoundsTests {
  private func rounds(_ grid: ChunkGrid, ranks: Int, free: Int, block: Int = 1 << 30) throws -> ChunkRounds {
    try ChunkRounds(
      grid: grid, elementByteCount: 8, blockByteCount: block, rankCount: ranks,
      memory: FreeMemory(budget: free, free: free), roundScratch: { $0 / 2 })
  }

  @Test func everyChunkHasOneWriter() throws {
    for (shape, chunk) in [
      ([100, 90], [7, 11]), ([], []), ([0, 5], [1, 2]), ([512], [512]), ([3, 512], [1, 512]),
    ] {
      let grid = try ChunkGrid(shape: shape, chunkShape: chunk)
      for ranks in 1...4 {
        for free in [16_384, 40_000, 1 << 20, 1 << 26] {
          let rounds = try rounds(grid, ranks: ranks, free: free)
          #expect(rounds.peakByteCount <= free)
          let all = (0..<rounds.roundCount).flatMap { round in
            (0..<ranks).flatMap { Array(rounds.chunks(round: round, rank: $0)) }
          }
          #expect(all == Array(0..<grid.chunkCount))
        }
      }
    }
  }

  @Test func littleMemoryMeansFewWriters() throws {
    let grid = try ChunkGrid(shape: [64, 512], chunkShape: [1, 512])
    let wide = try rounds(grid, ranks: 4, free: 1 << 20)
    #expect(wide.writerCount == 4 && wide.roundCount == 1)
    let narrow = try rounds(grid, ranks: 4, free: 20_480)
    #expect(narrow.writerCount == 2 && narrow.chunksPerWriter == 1)
    do {
      _ = try rounds(grid, ranks: 4, free: 14_335)
      Issue.record("not even one chunk fits")
    } catch let error as StoreError {
      #expect(error.code == .memory && error.message.contains("raise --memory to 14336, or choose smaller chunks"))
    }
    do {
      _ = try rounds(ChunkGrid(shape: [1 << 30], chunkShape: [1 << 30]), ranks: 2, free: 1 << 50)
      Issue.record("a chunk of 8 GiB")
    } catch let error as StoreError { #expect(error.code == .unsupported) }
  }
}
