// What a rank owns of a region: every element once, at its place on both sides.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct OwnedPartTests {
  @Test func everyElementOnce() throws {
    let seed: UInt64 = 77
    var random = SeededRandom(seed: seed)
    for turn in 0..<300 {
      let distribution = try random.distribution()
      let bounds = distribution.shape.map { size in
        [Int.random(in: 0...size, using: &random), Int.random(in: 0...size, using: &random)].sorted()
      }
      let region = Region(lower: bounds.map { $0[0] }, upper: bounds.map { $0[1] })
      let regionStrides = rowMajorStrides(region.shape, elementByteCount: 1)
      var owners = Array(repeating: -1, count: region.elementCount)
      for rank in distribution.ranks {
        let block = try #require(LocalBlock(distribution, rank: rank))
        let part = OwnedPart(of: region, in: distribution, at: block.coordinates)
        var count = 0
        part.forEachBox(regionStrides: regionStrides, localStrides: block.strides) { box in
          for index in allIndices(box.shape) {
            let place = zip(index, box.regionStrides).reduce(box.regionOffset) { $0 + $1.0 * $1.1 }
            let local = zip(index, box.localStrides).reduce(box.localOffset) { $0 + $1.0 * $1.1 }
            let global = zip(rowMajorPosition(of: place, in: region.shape), region.lower).map { $0 + $1 }
            let held = distribution.localIndex(ofGlobal: global, rank: rank)
            #expect(held.map { block.offset($0) } == local, "turn \(turn), seed \(seed)")
            #expect(owners[place] == -1, "turn \(turn), seed \(seed)")
            owners[place] = rank
            count += 1
          }
        }
        #expect(count == part.elementCount)
      }
      #expect(!owners.contains(-1), "turn \(turn), seed \(seed)")
    }
  }

  @Test func blocksDealtInTurnAreFewBoxes() throws {
    let dealt = try distribution([1000, 600], "c2,c3", grid: [2, 2], ranks: 4)
    let part = OwnedPart(of: Region(shape: [1000, 600]), in: dealt, at: [1, 0])
    var shapes: [[Int]] = []
    part.forEachBox(regionStrides: [600, 1], localStrides: [300, 1]) { shapes.append($0.shape) }
    #expect(shapes == [[250, 2, 100, 3]])
  }

  @Test func chunksOfARank() throws {
    let seed: UInt64 = 78
    var random = SeededRandom(seed: seed)
    for turn in 0..<200 {
      let distribution = try random.distribution()
      let grid = try ChunkGrid(
        shape: distribution.shape, chunkShape: distribution.shape.map { _ in Int.random(in: 1...4, using: &random) })
      for rank in distribution.ranks {
        let coordinates = try #require(distribution.coordinates(ofRank: rank))
        let expected = (0..<grid.chunkCount).filter {
          OwnedPart(of: grid.region(of: $0), in: distribution, at: coordinates).elementCount > 0
        }
        #expect(grid.chunks(ofRankAt: coordinates, in: distribution) == expected, "turn \(turn), seed \(seed)")
      }
    }
  }
}
