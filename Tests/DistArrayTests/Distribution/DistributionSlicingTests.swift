// Slices, reductions, views and compatibility: what becomes of a distribution when elements stay where they are.

import DAStore
import DATestSupport
import DistArray
import Testing

@Suite struct DistributionSlicingTests {
  private func slice(_ distribution: Distribution, _ text: String) throws -> Distribution {
    try distribution.slice(Selection(parsing: text))
  }

  @Test func partOfOneBlock() throws {
    let part = try slice(distribution([15], "b", ranks: 4), "[0:3]")
    #expect(part.shape == [3])
    #expect(part.targets == [0])
  }

  @Test func everythingKeepsBoundsAndTargets() throws {
    let whole = try distribution([15], "b", ranks: 4)
    #expect(try slice(whole, "[:]") == whole)
    #expect(try slice(whole, "[...]") == whole)
    let withEmptyRank = try distribution([5], "b", grid: [4], ranks: 4)
    #expect(try slice(withEmptyRank, "[:]") == withEmptyRank)
  }

  @Test func rowsAndOneColumn() throws {
    let part = try slice(distribution([15, 20], "bn", ranks: 4), "[3:7, 4]")
    #expect(part.shape == [4])
    #expect(part.axes[0].kind == .block(bounds: [0, 1, 4]))
    #expect(part.targets == [0, 1])
  }

  @Test func outOfRangeIsEmptyOnOneTarget() throws {
    let none = try slice(distribution([15], "b", ranks: 4), "[100:]")
    #expect(none.shape == [0])
    #expect(none.gridShape == [1])
    #expect(none.targets == [0])
    let corner = try slice(distribution([10, 20], "bb", grid: [2, 2], ranks: 4), "[100:, 100:]")
    #expect(corner.shape == [0, 0])
    #expect(corner.gridShape == [1, 1])
    #expect(corner.targets == [0])
    // DistArray fails here.
    #expect(try slice(distribution([10, 20], "bb", grid: [2, 2], ranks: 4), "[5:5, :]").gridShape == [1, 2])
  }

  @Test func rowsOnTwoRanks() throws {
    let part = try slice(distribution([16, 16], "bn", ranks: 2), "[5:10]")
    #expect(part.localShapes == [[3, 16], [2, 16]])
  }

  @Test func integersDropAxesAndRanks() throws {
    let grid = try distribution([4, 6], "bc", grid: [2, 2], ranks: 4)
    #expect(try slice(grid, "[3]").targets == [2, 3])
    #expect(try slice(grid, "[3]").axes == [grid.axes[1]])
    #expect(try slice(grid, "[..., 1]").targets == [1, 3])
    #expect(try slice(grid, "[-1, -1]").targets == [3])
    #expect(try slice(grid, "[-1, -1]").shape == [])
    #expect(refusal { _ = try slice(grid, "[4]") }.contains("index 4 is out of bounds for axis 0 with size 4"))
    #expect(refusal { _ = try slice(grid, "[0, 0, 0]") }.contains("3 indices"))
  }

  @Test func regularDealsStayRegular() throws {
    let cyclic = try distribution([40], "c", ranks: 4)
    let every = try slice(cyclic, "[3:30:2]")
    #expect(every.axes[0].kind == .cyclic(blockSize: 1))
    #expect(every.ranks == [3, 1])
    #expect(try slice(cyclic, "[::-1]").ranks == [3, 2, 1, 0])
    #expect(try slice(cyclic, "[2::4]").ranks == [2])
    let dealt = try distribution([1 << 40], "c6", ranks: 3)
    #expect(try slice(dealt, "[12:]").axes[0].kind == .cyclic(blockSize: 6))
    #expect(try slice(dealt, "[12:]").ranks == [2, 0, 1])
    #expect(try slice(dealt, "[13::3]").axes[0].kind == .cyclic(blockSize: 2))
    #expect(try slice(dealt, "[5::12]").ranks == [0, 2, 1])
    #expect(
      try slice(try distribution([12], "c2", ranks: 3), "[1:10]").axes[0].kind
        == .unstructured(indices: [[0, 5, 6], [1, 2, 7, 8], [3, 4]]))
    do {
      _ = try slice(dealt, "[1:]")
      Issue.record("a list of 2^40 indices")
    } catch let error as StoreError {
      #expect(error.code == .unsupported)
      #expect(error.message.contains("axis 0: a slice of 1099511627775 elements"))
    }
  }

  @Test func everySliceOfEveryKindKeepsOwners() throws {
    let size = 9
    let kinds = ["n", "b", "b0:0:4:9", "c", "c2", "c4", "u8:1:5/0:2/7:6:4:3"]
    for kind in kinds {
      let whole = try distribution([size], kind, ranks: 3)
      for start in 0...size {
        for stop in 0...size {
          for step in [1, 2, 3, 5, -1, -2, -4] {
            let text = "[\(start):\(stop):\(step)]"
            let selection = try Selection(parsing: text).resolve(shape: [size])
            let part = try whole.slice(selection)
            let picked = (0..<selection.axes[0].count).map { selection.axes[0].start + $0 * selection.axes[0].step }
            #expect(part.shape == [picked.count])
            let owners = try picked.map { try whole.owner(of: [$0]) }
            #expect(try picked.indices.map { try part.owner(of: [$0]) } == owners, "\(kind) \(text)")
            #expect(try whole.owners(of: selection) == Set(owners).sorted(), "\(kind) \(text)")
            if !picked.isEmpty, picked.count < size {
              #expect(part.targets == Set(owners).sorted(), "\(kind) \(text)")
            }
          }
        }
      }
    }
  }

  @Test func ownersOfSelectionsInManyAxes() throws {
    let seed: UInt64 = 77
    var random = SeededRandom(seed: seed)
    for _ in 0..<200 {
      let any = try random.distribution()
      let items: [Selection.Item] = any.shape.map { size in
        if size > 0, Bool.random(using: &random) { return .index(Int.random(in: -size..<size, using: &random)) }
        return .slice(
          start: Int.random(in: -2...size, using: &random), stop: nil,
          step: [1, 2, -1].randomElement(using: &random) ?? 1)
      }
      let selection = try Selection(items).resolve(shape: any.shape)
      let picked = selection.axes.reduce([[]]) { prefixes, axis in
        prefixes.flatMap { prefix in (0..<axis.count).map { prefix + [axis.start + $0 * axis.step] } }
      }
      let owners = try picked.map { try any.owner(of: $0) }
      #expect(try any.owners(of: selection) == Set(owners).sorted(), "\(any.text) \(items), seed \(seed)")
      let part = try any.slice(selection)
      #expect(
        try allIndices(selection.shape).map { try part.owner(of: $0) } == owners, "\(any.text) \(items), seed \(seed)")
    }
    let other = try Selection(parsing: "[0]").resolve(shape: [3])
    #expect(refusal { _ = try distribution([4], "b", ranks: 2).owners(of: other) }.contains("from an array (3,)"))
  }

  @Test func positionsOfSlicesFollowPython() throws {
    func resolved(_ text: String) throws -> [Int] {
      let axis = try Selection(parsing: text).resolve(shape: [10]).axes[0]
      return [axis.start, axis.start + axis.count * axis.step, axis.step]
    }
    #expect(try Selection(parsing: "[5]").resolve(shape: [10]).axes[0].start == 5)
    #expect(try Selection(parsing: "[-2]").resolve(shape: [10]).axes[0].start == 8)
    for text in ["[11]", "[-51]"] {
      #expect(refusal { _ = try resolved(text) }.contains("axis 0 with size 10"), "\(text)")
    }
    #expect(try resolved("[5:-2]") == [5, 8, 1])
    #expect(try resolved("[-7:-1:2]") == [3, 9, 2])
    #expect(try resolved("[50:90]")[0...1] == [0, 0])
  }

  @Test func reducingDropsAxesAndRanks() throws {
    let whole = try distribution([4, 6, 8], "bnc", grid: [2, 1, 3], ranks: 6)
    let rows = try whole.reduced(axes: [0])
    #expect(rows.shape == [6, 8])
    #expect(rows.gridShape == [1, 3])
    #expect(rows.targets == [0, 1, 2])
    #expect(try whole.reduced(axes: [-1]).targets == [0, 3])
    // An undistributed axis takes no rank along.
    #expect(try whole.reduced(axes: [1]).targets == whole.targets)
    #expect(try whole.reduced(axes: [0, 2]).targets == [0])
    #expect(try whole.reduced(axes: []) == whole)
    let only = try Distribution(shape: [8], targets: [2, 5]).reduced(axes: [0])
    #expect(only.shape == [])
    #expect(only.targets == [2])
    #expect(refusal { _ = try whole.reduced(axes: [3]) }.contains("axis 3 does not exist"))
    #expect(refusal { _ = try whole.reduced(axes: [0, -3]) }.contains("axis 0 is named twice"))
  }

  @Test func viewsOfAnotherTypeKeepBytesInPlace() throws {
    let rows = try distribution([4, 5], "bn", ranks: 2)
    #expect(try rows.viewed(from: .float32, as: .int32) == rows)
    #expect(try rows.viewed(from: .int32, as: .int16).shape == [4, 10])
    #expect(
      try distribution([4, 10], "nb", ranks: 2).viewed(from: .int32, as: .int16).localShapes == [[4, 10], [4, 10]])
    #expect(
      refusal { _ = try rows.viewed(from: .int32, as: .int64) }.contains("5 elements of 4 bytes do not make whole ones")
    )
    let odd = try distribution([30], "b0:3:12:21:30", ranks: 4)
    #expect(refusal { _ = try odd.viewed(from: .int16, as: .int32) }.contains("3 elements of 2 bytes"))
    let even = try distribution([30], "b0:4:12:20:30", ranks: 4).viewed(from: .int16, as: .int32)
    #expect(even.axes[0].kind == .block(bounds: [0, 2, 6, 10, 15]))
    #expect(
      refusal { _ = try distribution([], "", ranks: 1).viewed(from: .int16, as: .int32) }.contains("0-dimensional"))
    #expect(try distribution([6], "c", ranks: 2).viewed(from: .int16, as: .int8).axes[0].kind == .cyclic(blockSize: 2))
    #expect(try distribution([8], "c2", ranks: 2).viewed(from: .int16, as: .int32) == distribution([4], "c", ranks: 2))
    #expect(
      refusal { _ = try distribution([6], "c", ranks: 2).viewed(from: .int8, as: .int16) }.contains(
        "1 elements of 1 bytes"))
    let lists = try distribution([6], "u4:5:0:1/2:3", ranks: 2)
    #expect(try lists.viewed(from: .int8, as: .int16).axes[0].kind == .unstructured(indices: [[2, 0], [1]]))
    #expect(try lists.viewed(from: .int16, as: .int8).viewed(from: .int8, as: .int16) == lists)
    #expect(
      refusal { _ = try distribution([4], "u0:2/1:3", ranks: 2).viewed(from: .int8, as: .int16) }
        .contains("index 0 is not followed by its neighbours"))
    let padded = try distribution([8], "b", ranks: 2).padded([PaddingWidths(communication: 2)])
    #expect(try padded.viewed(from: .int8, as: .int16).localShapes == [[3], [3]])
    #expect(
      refusal { _ = try distribution([1 << 60], "n", ranks: 1).viewed(from: .complex128, as: .int8) }.contains("2^62"))
  }

  @Test func compatibilityIsReflexiveAndSymmetric() throws {
    let seed: UInt64 = 21
    var random = SeededRandom(seed: seed)
    var all: [Distribution] = []
    for _ in 0..<60 { all.append(try random.distribution(maximumSize: 4)) }
    for one in all {
      #expect(one.isCompatible(with: one), "\(one.text), seed \(seed)")
      for other in all {
        #expect(one.isCompatible(with: other) == other.isCompatible(with: one), "\(one.text) \(other.text)")
        guard one.isCompatible(with: other) else { continue }
        for index in allIndices(one.shape) {
          let owner = try one.owner(of: index)
          #expect(try other.owner(of: index) == owner)
          #expect(one.localIndex(ofGlobal: index, rank: owner) == other.localIndex(ofGlobal: index, rank: owner))
        }
      }
    }
  }

  @Test func compatibilityNeedsShapeGridTargetsAndKind() throws {
    let one = try distribution([8, 6], "bc", grid: [2, 2], ranks: 4)
    #expect(one.isCompatible(with: try distribution([8, 6], "bc", grid: [2, 2], ranks: 4)))
    #expect(!one.isCompatible(with: try distribution([7, 6], "bc", grid: [2, 2], ranks: 4)))
    #expect(!one.isCompatible(with: try distribution([8, 5], "bc", grid: [2, 2], ranks: 4)))
    #expect(!one.isCompatible(with: try distribution([8, 6], "bc", grid: [4, 1], ranks: 4)))
    #expect(!one.isCompatible(with: try distribution([8, 6], "cb", grid: [2, 2], ranks: 4)))
    let targets = try Distribution(
      shape: [8, 6], distributions: [.block, .cyclic(blockSize: 1)], gridShape: [2, 2], targets: [1, 2, 3, 4])
    #expect(!one.isCompatible(with: targets))
    let padded = try distribution([8], "b", ranks: 2)
    #expect(!padded.isCompatible(with: try padded.padded([PaddingWidths(communication: 1)])))
    #expect(padded.isCompatible(with: try padded.padded([PaddingWidths(boundary: 1)], isPeriodic: [true])))
  }

  @Test func onOneProcessBlockCyclicAndUndistributedAreAlike() throws {
    let plain = ["n", "b", "c", "c3"]
    for first in plain {
      for second in plain {
        #expect(try distribution([7], first, ranks: 1).isCompatible(with: distribution([7], second, ranks: 1)))
      }
      let lists = try distribution([7], "u0:1:2:3:4:5:6", ranks: 1)
      #expect(try !distribution([7], first, ranks: 1).isCompatible(with: lists))
    }
    // Blocks that are dealt once round are blocks.
    #expect(try distribution([7], "c3", ranks: 3).isCompatible(with: distribution([7], "b", ranks: 3)))
  }
}
