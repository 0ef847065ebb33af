// Owners, local and global indices, limits, boxes: DistArray's local and global views of maps.

import DAStore
import DATestSupport
import DistArray
import Testing

@Suite struct DistributionIndexTests {
  /// What a rank holds along an axis of 1-D distribution, in the order of its buffer.
  private func held(_ distribution: Distribution, rank: Int) -> [Int] {
    let count = distribution.localShape(ofRank: rank)?[0] ?? 0
    return (0..<count).compactMap { distribution.globalIndex(ofLocal: [$0], rank: rank)?[0] }
  }

  @Test func undistributedMapFindsItsOwn() throws {
    let map = try distribution([20], "n", ranks: 1)
    for index in 0..<20 { #expect(map.localIndex(ofGlobal: [index], rank: 0) == [index]) }
    #expect(map.localIndex(ofGlobal: [20], rank: 0) == nil)
    #expect(map.globalIndex(ofLocal: [20], rank: 0) == nil)
  }

  @Test func blockMapFindsItsOwn() throws {
    let map = try distribution([50], "b0:16:39:50", ranks: 3)
    for index in 16..<39 { #expect(map.localIndex(ofGlobal: [index], rank: 1) == [index - 16]) }
    #expect(held(map, rank: 1) == Array(16..<39))
    for index in [15, 39] { #expect(map.localIndex(ofGlobal: [index], rank: 1) == nil) }
    #expect(map.globalIndex(ofLocal: [25], rank: 1) == nil)
  }

  @Test func cyclicMapFindsItsOwn() throws {
    let map = try distribution([16], "c", ranks: 4)
    #expect(held(map, rank: 2) == [2, 6, 10, 14])
    #expect([2, 6, 10, 14].map { map.localIndex(ofGlobal: [$0], rank: 2) } == [[0], [1], [2], [3]])
    for index in [3, 7] { #expect(map.localIndex(ofGlobal: [index], rank: 2) == nil) }
    #expect(map.globalIndex(ofLocal: [5], rank: 2) == nil)
    let ten = try distribution([10], "c", ranks: 4)
    #expect((0..<4).map { held(ten, rank: $0) } == [[0, 4, 8], [1, 5, 9], [2, 6], [3, 7]])
  }

  @Test func blockCyclicMapFindsItsOwn() throws {
    let map = try distribution([16], "c2", ranks: 4)
    #expect(held(map, rank: 1) == [2, 3, 10, 11])
    for index in [4, 12] { #expect(map.localIndex(ofGlobal: [index], rank: 1) == nil) }
    #expect(map.globalIndex(ofLocal: [5], rank: 1) == nil)
  }

  @Test func blockCyclicContainsBlockAndCyclic() throws {
    for rank in 0..<4 {
      #expect(
        held(try distribution([16], "c4", ranks: 4), rank: rank)
          == held(try distribution([16], "b", ranks: 4), rank: rank))
      #expect(
        held(try distribution([16], "c1", ranks: 4), rank: rank)
          == held(try distribution([16], "c", ranks: 4), rank: rank))
    }
  }

  @Test func cyclicRowsOfTwoAxes() throws {
    let rows = try distribution([8, 2], "cn", ranks: 4)
    for rank in 0..<4 {
      #expect(rows.globalIndex(ofLocal: [0, 1], rank: rank) == [rank, 1])
      #expect(rows.globalIndex(ofLocal: [1, 0], rank: rank) == [rank + 4, 0])
    }
  }

  @Test func ownersOfElementsInTwoAxes() throws {
    let rows = try distribution([31, 53], "bn", grid: [4, 1], ranks: 4)
    for index in allIndices([31, 53]) { #expect(try rows.owner(of: index) == index[0] / 8) }
    let blocks = try distribution([3, 5], "bb", grid: [2, 2], ranks: 4)
    let deal = try distribution([3, 5], "cc", grid: [2, 2], ranks: 4)
    for index in allIndices([3, 5]) {
      #expect(try blocks.owner(of: index) == index[0] / 2 * 2 + index[1] / 3)
      #expect(try deal.owner(of: index) == index[0] % 2 * 2 + index[1] % 2)
    }
    // DistArray's client asks every rank here; the lists are known, so the owner is.
    let lists = try distribution([4], "u3:0/1:2", ranks: 2)
    #expect(try (0..<4).map { try lists.owner(of: [$0]) } == [0, 1, 1, 0])
  }

  @Test func indicesOutsideAreRefusedWithAxisAndSize() throws {
    let map = try distribution([10, 4], "bn", ranks: 2)
    #expect(refusal { _ = try map.owner(of: [10, 0]) } == "index 10 is out of bounds for axis 0 with size 10")
    #expect(refusal { _ = try map.owner(of: [0, -1]) } == "index -1 is out of bounds for axis 1 with size 4")
    #expect(refusal { _ = try map.owner(of: [1]) }.contains("1 indices for the 2 axes"))
    #expect(map.localIndex(ofGlobal: [1], rank: 0) == nil)
    #expect(map.localIndex(ofGlobal: [1, 1], rank: 7) == nil)
    #expect(map.globalIndex(ofLocal: [1, 1, 1], rank: 0) == nil)
  }

  @Test func globalLimitsOfAxes() throws {
    let blocks = try distribution([16, 16], "bn", ranks: 4)
    let deal = try distribution([16, 16], "cn", ranks: 4)
    for rank in 0..<4 {
      #expect(try blocks.globalLimits(ofAxis: 0, rank: rank) == 4 * rank...4 * rank + 3)
      #expect(try deal.globalLimits(ofAxis: 0, rank: rank) == rank...rank + 12)
      #expect(try blocks.globalLimits(ofAxis: 1, rank: rank) == 0...15)
      #expect(try deal.globalLimits(ofAxis: 1, rank: rank) == 0...15)
    }
    #expect(try blocks.globalLimits(ofAxis: 0, rank: 4) == nil)
    #expect(try distribution([2], "c", grid: [3], ranks: 3).globalLimits(ofAxis: 0, rank: 2) == nil)
    #expect(refusal { _ = try blocks.globalLimits(ofAxis: -1, rank: 0) }.contains("axis -1 does not exist"))
  }

  @Test func ranksAndCoordinatesAreInverse() throws {
    let grid = try distribution([2, 6, 2, 8, 2], "nbncn", grid: [1, 3, 1, 4, 1], ranks: 12)
    #expect(grid.coordinates(ofRank: 7) == [0, 1, 0, 3, 0])
    for rank in 0..<12 { #expect(try grid.rank(at: try #require(grid.coordinates(ofRank: rank))) == rank) }
    #expect(refusal { _ = try grid.rank(at: [0, 3, 0, 0, 0]) }.contains("is not in the process grid"))
  }

  @Test func flatIndicesAreInverse() throws {
    let map = try distribution([16, 16, 2], "cbn", ranks: 4)
    for (flat, index) in allIndices([16, 16, 2]).enumerated() {
      #expect(try map.flatIndex(of: index) == flat)
      #expect(try map.index(ofFlat: flat) == index)
    }
    #expect(refusal { _ = try map.index(ofFlat: 512) }.contains("has 512 elements"))
    #expect(refusal { _ = try map.index(ofFlat: -1) }.contains("element -1"))
    #expect(refusal { _ = try map.flatIndex(of: [16, 0, 0]) }.contains("out of bounds"))
  }

  @Test(arguments: [([4, 4], "b"), ([8, 8], "cn"), ([10, 10, 6], "bcn")]) func localAndGlobalAreInverse(
    shape: [Int], letters: String
  ) throws {
    try checkRoundTrips(distribution(shape, letters, ranks: 4), "\(shape) \(letters)")
  }

  @Test func randomDistributionsGiveEveryElementOneOwner() throws {
    let seed: UInt64 = 1_403
    var random = SeededRandom(seed: seed)
    for turn in 0..<300 {
      let any = try random.distribution()
      try checkRoundTrips(any, "turn \(turn), seed \(seed): \(any.text)")
    }
  }

  private func checkRoundTrips(_ distribution: Distribution, _ what: String) throws {
    var owned = [[Int]: Int]()
    for rank in distribution.ranks {
      let shape = try #require(distribution.localShape(ofRank: rank))
      for local in allIndices(shape) {
        let global = try #require(distribution.globalIndex(ofLocal: local, rank: rank), "\(what)")
        #expect(distribution.localIndex(ofGlobal: global, rank: rank) == local, "\(what)")
        #expect(try distribution.owner(of: global) == rank, "\(what)")
        owned[global, default: 0] += 1
      }
      let boxes = distribution.regions(ofRank: rank).flatMap { box in
        allIndices(box.shape).map { zip($0, box.lower).map(+) }
      }
      #expect(boxes.count == distribution.ownedCount(ofRank: rank), "\(what)")
      #expect(Set(boxes).count == boxes.count, "\(what)")
      for index in boxes { #expect(try distribution.owner(of: index) == rank, "\(what)") }
    }
    #expect(owned.count == distribution.elementCount, "\(what)")
    #expect(owned.values.allSatisfy { $0 == 1 }, "\(what)")
    #expect(distribution.ranks.reduce(0) { $0 + distribution.ownedCount(ofRank: $1) } == distribution.elementCount)
    #expect(distribution.localShapes.reduce(0) { $0 + $1.reduce(1, *) } == distribution.elementCount, "\(what)")
  }

  @Test func paddedBuffersHoldCopiesOfNeighbours() throws {
    let padded = try distribution([9, 2], "bn", ranks: 3).padded([PaddingWidths(communication: 1, boundary: 2)])
    #expect(padded.localShapes == [[4, 2], [5, 2], [4, 2]])
    #expect(padded.localIndex(ofGlobal: [2, 1], rank: 1) == [0, 1])
    #expect(try padded.owner(of: [2, 1]) == 0)
    #expect(padded.globalIndex(ofLocal: [4, 0], rank: 1) == [6, 0])
    #expect((0..<3).map { padded.ownedCount(ofRank: $0) } == [6, 6, 6])
    #expect(padded.ownedRuns(ofRank: 1).map { Array($0[0]) } == [AxisRun(start: 3, count: 3, localStart: 1)])
    #expect(Array(padded.regions(ofRank: 1)) == [Region(lower: [3, 0], upper: [6, 2])])
  }

  @Test func hugeAxesCostNothing() throws {
    let deal = try distribution([1 << 61], "c3", ranks: 2)
    let runCount = 384_307_168_202_282_325
    #expect(deal.ownedRuns(ofRank: 1)?[0].count == runCount)
    #expect(try deal.globalLimits(ofAxis: 0, rank: 1) == 3...6 * runCount - 1)
    #expect(deal.regions(ofRank: 1).prefix(2).map(\.lower) == [[3], [9]])
    let huge = try distribution([1 << 40, 1 << 20], "b,c1000", grid: [32, 32], ranks: 1024)
    #expect(huge.ranks.reduce(0) { $0 + huge.ownedCount(ofRank: $1) } == 1 << 60)
    #expect(try huge.owner(of: [(1 << 40) - 1, 1000]) == 31 * 32 + 1)
    #expect(huge.regions(ofRank: 0).first { _ in true } == Region(lower: [0, 0], upper: [1 << 35, 1000]))
  }
}
