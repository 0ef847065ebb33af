// How distributions are made and what is refused: DistArray's behaviours of creation, and the grids it chooses.

import DAStore
import DATestSupport
import DistArray
import Foundation
import Testing

@Suite struct DistributionCreationTests {
  @Test func localShapesOfBlocksAndCycles() throws {
    #expect(try distribution([7], "b", ranks: 4).localShapes == [[2], [2], [2], [1]])
    for (shape, local) in [([16, 16], [4, 16]), ([8, 2], [2, 2]), ([4, 4], [1, 4])] {
      #expect(try distribution(shape, "bb", grid: [4, 1], ranks: 4).localShapes == Array(repeating: local, count: 4))
    }
    #expect(try distribution([10], "c", ranks: 4).localShapes == [[3], [3], [2], [2]])
    #expect(
      try distribution([2, 3, 4], "nbc", grid: [1, 2, 2], ranks: 4).localShapes
        == [[2, 2, 2], [2, 2, 2], [2, 1, 2], [2, 1, 2]])
    #expect(try distribution([2, 3, 4], "nbc", ranks: 4).gridShape == [1, 2, 2])
    let nested = try distribution([2, 6, 2, 8, 2], "nbncn", grid: [1, 3, 1, 4, 1], ranks: 12)
    #expect(nested.localShapes == Array(repeating: [2, 2, 2, 2, 2], count: 12))
  }

  @Test func boundsAndCyclesOf42() throws {
    #expect(try distribution([42], "b0:20:42", ranks: 2).localShapes == [[20], [22]])
    #expect(try distribution([42], "c", ranks: 2).localShapes == [[21], [21]])
  }

  @Test func blockCyclicCountsThePartialBlockWhereItLives() throws {
    let dealt = try distribution([5, 9], "c2,c2", grid: [2, 2], ranks: 4)
    #expect(dealt.localShapes == [[3, 5], [3, 4], [2, 5], [2, 4]])
    #expect(dealt.dimDataPerPlace.map { $0.map(\.gridRank) } == [[0, 0], [0, 1], [1, 0], [1, 1]])
    // DistArray counts a partial last block on grid rank 0 wherever it lives.
    #expect(try distribution([5], "c3", ranks: 2).localShapes == [[3], [2]])
  }

  @Test(arguments: [
    ([20, 20], "b", [12, 1]), ([20, 60], "bb", [2, 6]), ([60, 20], "bb", [6, 2]), ([100, 10, 300], "bnc", [2, 1, 6]),
    ([100, 50, 300], "bbb", [2, 1, 6]), ([100, 100, 150], "bbb", [2, 2, 3]), ([20, 20], "cc", [3, 4]),
  ]) func gridOfTwelveRanks(shape: [Int], letters: String, grid: [Int]) throws {
    // Blocks may leave ranks out so that none is empty: the choice itself is looked at.
    #expect(
      try processGridShape(
        for: shape, isDistributed: Array((letters + "nn").prefix(shape.count)).map { $0 != "n" }, rankCount: 12) == grid
    )
  }

  @Test(arguments: [
    ([3], "b", [3]), ([3, 3], "b", [3, 1]), ([3, 3], "nb", [1, 3]), ([3, 3, 3], "b", [3, 1, 1]),
    ([3, 3, 3], "nbn", [1, 3, 1]), ([3, 3, 3], "nnb", [1, 1, 3]),
  ]) func gridOfAPrimeNumberOfRanks(shape: [Int], letters: String, grid: [Int]) throws {
    #expect(try distribution(shape, letters, ranks: 3).gridShape == grid)
    if letters == "b" { #expect(try Distribution(shape: shape, rankCount: 3).gridShape == grid) }
  }

  @Test func noLocalArrayIsEmpty() throws {
    for size in 1..<20 {
      for targets in 3...4 {
        #expect(try distribution([size], "b", ranks: targets).localShapes.allSatisfy { $0[0] > 0 }, "\(size)")
      }
    }
  }

  @Test func shortListsAreFilledUp() throws {
    let first = try Distribution(shape: [6, 4], rankCount: 3)
    #expect(first.gridShape == [3, 1])
    #expect(first.axes[1].kind == .undistributed)
    #expect(try distribution([4, 4, 4], "b", grid: [2], ranks: 2).gridShape == [2, 1, 1])
    // normalize_dist({0: 'b', 3: 'c'}, 4) is 'bnnc'.
    let named = try AxisDistribution.list(
      named: [(0, .block), (-1, .cyclic(blockSize: 1))], dimensionCount: 4)
    #expect(named == [.block, .undistributed, .undistributed, .cyclic(blockSize: 1)])
    #expect(
      try Distribution(shape: [4, 4, 4], distributions: [.block], gridShape: [2, 1, 1], rankCount: 2).ranks == [0, 1])
  }

  @Test func givenGridsAreKept() throws {
    let kept = try distribution([4, 4, 4], "bnb", grid: [1, 1, 4], ranks: 4)
    #expect(kept.gridShape == [1, 1, 4])
    #expect(kept.localShapes == Array(repeating: [4, 4, 1], count: 4))
  }

  @Test func undistributedArraysHaveOneTarget() throws {
    #expect(try distribution([4, 4], "nn", ranks: 4).targets == [0])
    #expect(try Distribution(shape: [4], distributions: [.undistributed], targets: [3]).targets == [3])
    #expect(
      refusal { _ = try Distribution(shape: [4], distributions: [.undistributed], targets: [1, 2]) }
        .contains("2 targets for an array that is not distributed"))
  }

  @Test func zeroDimensionalAndEmptyArrays() throws {
    let scalar = try Distribution(shape: [], rankCount: 4)
    #expect(scalar.ranks == [0])
    #expect(scalar.localShapes == [[]])
    #expect(scalar.ownedCount(ofRank: 0) == 1)
    #expect(scalar.ownedCount(ofRank: 1) == 0)
    #expect(try scalar.owner(of: []) == 0)
    let empty = try distribution([0, 3], "bb", grid: [2, 2], ranks: 4)
    #expect(empty.localShapes == [[0, 2], [0, 1], [0, 2], [0, 1]])
    #expect(empty.elementCount == 0)
  }

  @Test func targetsAreSortedAndChecked() throws {
    let subset = try Distribution(shape: [9], targets: [5, 1, 3])
    #expect(subset.ranks == [1, 3, 5])
    #expect(try subset.owner(of: [8]) == 5)
    #expect(subset.localShape(ofRank: 2) == nil)
    #expect(try Distribution(shape: [2], targets: [5, 1, 3]).ranks == [1, 3])
    #expect(refusal { _ = try Distribution(shape: [9], targets: [1, 1]) }.contains("rank 1 is named twice"))
    #expect(refusal { _ = try Distribution(shape: [9], targets: [-1, 1]) }.contains("target -1 is no rank"))
    #expect(refusal { _ = try Distribution(shape: [9], targets: []) }.contains("no targets"))
    try subset.checkTargets(communicatorSize: 6)
    #expect(refusal { try subset.checkTargets(communicatorSize: 5) }.contains("start at least 6 ranks"))
  }

  @Test(
    arguments: [
      ("x", [4], nil, "'x' is no distribution"), ("c0", [4], nil, "block size of at least 1"),
      ("c2:3", [4], nil, "block size of at least 1"), ("b0:x", [4], nil, "'x' is not a whole number"),
      ("bb", [4], nil, "2 distributions for the 1 axes"), ("b", [4], [2, 2], "process grid (2, 2) for the 1 axes"),
      ("bb", [4, 4], [3, 2], "needs 6 ranks, there are 4"),
      ("nb", [4, 4], [2, 2], "axis 0 is given for 1 grid ranks"),
      ("b", [4], [0], "extent below 1"), ("b1:4", [4], nil, "must begin with 0"), ("b0:3:2:4", [4], nil, "descend"),
      ("b0:3", [4], nil, "end at 3, its size is 4"), ("b0:1:2:3:4:5", [5], nil, "needs 5 ranks, there are 4"),
      ("u0:1/1", [3], nil, "listed a second time"), ("u0/1", [3], nil, "some have no owner"),
      ("u0:3/1", [3], nil, "outside the axis"), ("b", [-1], nil, "negative size"),
      ("b", [4], [1 << 40], "more than 1048576 places"),
    ] as [(String, [Int], [Int]?, String)])
  func senselessWishesAreRefused(letters: String, shape: [Int], grid: [Int]?, says: String) {
    let message = refusal { _ = try distribution(shape, letters, grid: grid, ranks: 4) }
    #expect(message.contains(says), "\(message)")
  }

  @Test func tooManyRanksAreRefused() {
    #expect(refusal { _ = try Distribution(shape: [4], rankCount: 0) }.contains("0 ranks"))
    #expect(refusal { _ = try Distribution(shape: [4], rankCount: .max) }.contains("are supported"))
  }

  @Test func globalDimDataEqualsShape() throws {
    let cases: [(String, Distribution)] = [
      (
        "({'dist_type': 'b', 'size': 16, 'proc_grid_size': 4}, {'dist_type': 'n', 'size': 3})",
        try distribution([16, 3], "bn", ranks: 4)
      ),
      ("({'dist_type': 'b', 'bounds': (0, 2, 3, 4, 10)},)", try distribution([10], "b0:2:3:4:10", ranks: 4)),
      (
        "({'dist_type': 'b', 'bounds': [0, 5]}, {'dist_type': 'b', 'bounds': [0, 2, 6, 7, 9]})",
        try distribution([5, 9], "b0:5,b0:2:6:7:9", ranks: 4)
      ),
      (
        "({'dist_type': 'c', 'size': 9, 'proc_grid_size': 2, 'block_size': 2},)", try distribution([9], "c2", ranks: 2)
      ),
      ("({'dist_type': 'c', 'size': 9, 'proc_grid_size': 2},)", try distribution([9], "c", ranks: 2)),
      ("[{'dist_type': 'u', 'indices': [[3, 0], [1, 2]]}]", try distribution([4], "u3:0/1:2", ranks: 2)),
      ("()", try distribution([], "", ranks: 1)),
    ]
    for (text, expected) in cases { #expect(try Distribution(globalDimData: text) == expected, "\(text)") }
    let mixed = try Distribution(
      globalDimData:
        "({'dist_type': 'b', 'size': 4, 'bounds': [0, 1, 4]}, {'dist_type': 'u', 'indices': [[1], [0, 2]]})",
      ranks: [0, 2, 4, 6])
    #expect(mixed.localShapes == [[1, 1], [1, 2], [3, 1], [3, 2]])
    #expect(mixed.targets == [0, 2, 4, 6])
  }

  @Test func listsInAnyOrderOnOneAndTwoAxes() throws {
    var random = SeededRandom(seed: 40)
    let shuffled = Array(0..<40).shuffled(using: &random)
    let lists = (0..<4).map { list in shuffled[list * 10..<list * 10 + 10].map(String.init).joined(separator: ":") }
    let one = try distribution([40], "u" + lists.joined(separator: "/"), ranks: 4)
    #expect(one.localShapes == Array(repeating: [10], count: 4))
    #expect(shuffled.indices.allSatisfy { one.localIndex(ofGlobal: [shuffled[$0]], rank: $0 / 10) == [$0 % 10] })
    #expect(
      try distribution([6, 4], "b,u3:0/1:2", grid: [2, 2], ranks: 4).localShapes == Array(repeating: [3, 2], count: 4))
    #expect(
      try distribution([3, 4], "u2/0:1,u3:0:1/2", ranks: 4).localShapes == [[1, 3], [1, 1], [2, 3], [2, 1]])
  }

  @Test func globalPaddingMarksBordersOfAllRanks() throws {
    let padded = try Distribution(
      globalDimData: "({'dist_type': 'b', 'size': 60, 'proc_grid_size': 3, 'comm_padding': 3, 'boundary_padding': 4, "
        + "'periodic': True},)")
    #expect(padded.localShapes == [[23], [26], [23]])
    #expect((0..<3).map { padded.ownedCount(ofRank: $0) } == [20, 20, 20])
    #expect(padded.axes[0].isPeriodic)
    let same = try distribution([60], "b", ranks: 3).padded(
      [PaddingWidths(communication: 3, boundary: 4)], isPeriodic: [true])
    #expect(same == padded)
    #expect(
      refusal { _ = try distribution([6], "c", ranks: 2).padded([PaddingWidths(communication: 1)]) }
        .contains("axis 0: only blocks"))
    #expect(
      refusal { _ = try distribution([6], "b", ranks: 2).padded([PaddingWidths(communication: 4)]) }
        .contains("exceeds what one of them owns"))
    #expect(
      refusal { _ = try distribution([6], "b", ranks: 2).padded([], isPeriodic: [false, true]) }
        .contains("padding for 2 axes"))
    let ring = try distribution([6], "n", ranks: 1).padded([], isPeriodic: [true])
    #expect(ring.localShapes == [[6]])
    #expect(ring.axes[0].isPeriodic)
  }

  @Test(arguments: [
    ("{'dist_type': 'b'}", "expected a tuple of dicts"), ("(3,)", "is of type int, expected a dict"),
    ("({},)", "key 'dist_type' is missing"), ("({'dist_type': 'q', 'size': 3},)", "expected 'b', 'c', 'u' or 'n'"),
    ("({'dist_type': 'b', 'size': 3},)", "key 'proc_grid_size' is missing"),
    ("({'dist_type': 'c', 'size': 3, 'proc_grid_size': 0},)", "at least 1"),
    ("({'dist_type': 'c', 'size': 3, 'proc_grid_size': 9999999999},)", "expected at most"),
    ("({'dist_type': 'c', 'size': 3, 'proc_grid_size': 1, 'block_size': -10},)", "at least 1"),
    ("({'dist_type': 'b', 'size': 5, 'bounds': [0, 4]},)", "'size' is 5, expected 4"),
    ("({'dist_type': 'b', 'proc_grid_size': 2, 'bounds': [0, 4]},)", "'proc_grid_size' is 2, expected 1"),
    ("({'dist_type': 'b', 'bounds': [0, 4], 'padding': [(1,)]},)", "pairs of widths"),
    ("({'dist_type': 'b', 'bounds': [0, 4], 'padding': []},)", "expected 1 pairs"),
    ("({'dist_type': 'b', 'bounds': [0, 'a']},)", "expected integers only"),
    ("({'dist_type': 'n', 'size': 5, 'start': 0},)", "does not belong to dist_type 'n'"),
    ("({'dist_type': 'u', 'indices': [0, 1]},)", "expected a list or array of integers"),
    ("({'dist_type': 'u', 'indices': [[0, 0]]},)", "global dim_data[0]: index 0 of rank 0 is listed a second time"),
    ("({'dist_type': 'n', 'size': -1},)", "at least 0"), ("(", "global dim_data: "),
  ]) func brokenGlobalDimDataIsRefused(text: String, says: String) {
    let message = refusal { _ = try Distribution(globalDimData: text) }
    #expect(message.contains(says), "\(message)")
  }

  @Test func dimDataByHandEqualsShape() throws {
    // 16 x 16 on (2, 1) 'bn' and (1, 2) 'nc', as DistArray's tests write them.
    let rows = (0..<2).map { rank in
      [
        DimData(
          size: 16, gridSize: 2, gridRank: rank,
          distribution: .block(held: rank * 8..<rank * 8 + 8, padding: .init(lower: 0, upper: 0), isPeriodic: false)),
        DimData(size: 16, gridSize: 1, gridRank: 0, distribution: .undistributed),
      ]
    }
    #expect(try Distribution(dimDataPerRank: rows) == distribution([16, 16], "bn", ranks: 2))
    let columns = (0..<2).map { rank in
      [
        DimData(size: 16, gridSize: 1, gridRank: 0, distribution: .undistributed),
        DimData(size: 16, gridSize: 2, gridRank: rank, distribution: .cyclic(blockSize: 1)),
      ]
    }
    #expect(try Distribution(dimDataPerRank: columns) == distribution([16, 16], "nc", ranks: 2))
    // Entries name their places themselves, in any order.
    let turned = try Distribution(dimDataPerRank: rows.reversed(), targets: [4, 7])
    #expect(turned.ranks == [7, 4])
    #expect(turned.dimData(ofRank: 4) == rows[1])
    #expect(turned.dimData(ofRank: 5) == nil)
  }

  @Test func contradictingDimDataIsRefused() throws {
    let parts = try distribution([8, 6], "bc", grid: [2, 2], ranks: 4).dimDataPerPlace
    func message(_ change: (inout [[DimData]]) -> Void) -> String {
      var changed = parts
      change(&changed)
      return refusal { _ = try Distribution(dimDataPerRank: changed) }
    }
    #expect(message { $0 = [] }.contains("at least those of one rank"))
    #expect(message { $0.removeLast() }.contains("has 4 places, 3 ranks"))
    #expect(message { $0[3] = $0[0] }.contains("ranks 0 and 3 both say their place is (0, 0)"))
    #expect(message { $0[1].removeLast() }.contains("rank 1 says the process grid is (2,)"))
    #expect(message { $0[2][1].size = 7 }.contains("rank 2 describes axis 1 in another way"))
    #expect(message { $0[3][0].gridRank = 2 }.contains("rank 3: dim_data[0]: key 'proc_grid_rank' is 2"))
    #expect(
      message { parts in
        parts[2][0].distribution = .block(
          held: 4..<8, padding: .init(lower: .max, upper: .max), isPeriodic: false)
      }.contains("rank 2: dim_data[0]: key 'padding'"))
    #expect(message { $0[1][1].distribution = .cyclic(blockSize: .max) }.contains("describes axis 1 in another way"))
    #expect(
      message { parts in
        for rank in 0..<4 { parts[rank][1].size = .min }
      }.contains("'size' is -9223372036854775808"))
    #expect(
      message { parts in
        for rank in 2...3 {
          parts[rank][0].distribution = .block(held: 5..<8, padding: .init(lower: 0, upper: 0), isPeriodic: false)
        }
      }.contains("a hole"))
    #expect(refusal { _ = try Distribution(dimDataPerRank: parts, targets: [0]) }.contains("1 targets for"))
    #expect(refusal { _ = try Distribution(dimDataPerRank: parts, targets: [0, 1, 2, 2]) }.contains("named twice"))
  }

  @Test func textAndJSONGiveTheSameValueBack() throws {
    let seed: UInt64 = 6
    var random = SeededRandom(seed: seed)
    for _ in 0..<100 {
      let original = try random.distribution()
      #expect(try Distribution(parsing: original.text) == original, "\(original.text), seed \(seed)")
      #expect(try JSONDecoder().decode(Distribution.self, from: JSONEncoder().encode(original)) == original)
    }
    let padded = try distribution([60], "b", ranks: 3).padded(
      [PaddingWidths(communication: 3, boundary: 4)], isPeriodic: [true])
    #expect(try Distribution(parsing: padded.text) == padded)
    #expect(refusal { _ = try Distribution(parsing: "{'dim_data': ()}") }.contains("key 'ranks' is missing"))
    #expect(
      refusal { _ = try Distribution(parsing: "{'dim_data': (), 'ranks': [0, 1]}") }.contains("2 ranks are given"))
    #expect(refusal { _ = try Distribution(parsing: "[") }.contains("expected"))
  }
}
