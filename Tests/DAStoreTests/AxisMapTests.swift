// One axis over grid ranks against brute force, and the values of DistArray's own tests.

import DATestSupport
import Testing

@testable import DAStore

@Suite struct AxisMapTests {
  /// Deals elements the slow way and compares every question a map answers.
  private func check(_ map: AxisMap, lists: [[Int]], _ what: String) {
    var owners = [Int: Int]()
    for (rank, list) in lists.enumerated() { for index in list { owners[index] = rank } }
    #expect(owners.count == map.size, "\(what): every element has an owner")
    #expect(lists.reduce(0) { $0 + $1.count } == map.size, "\(what)")
    for global in 0..<map.size { #expect(map.owner(of: global) == owners[global], "\(what), global \(global)") }
    for (rank, list) in lists.enumerated() {
      #expect(map.localCount(of: rank) == list.count, "\(what), rank \(rank)")
      #expect(map.ownedCount(of: rank) == list.count, "\(what), rank \(rank)")
      for global in -1...map.size {
        #expect(
          map.local(of: global, on: rank) == list.firstIndex(of: global), "\(what), global \(global), rank \(rank)")
      }
      for local in -1...list.count {
        let expected = list.indices.contains(local) ? list[local] : nil
        #expect(map.global(ofLocal: local, on: rank) == expected, "\(what), local \(local), rank \(rank)")
      }
    }
    for rank in lists.indices { #expect(Array(map.ownedRuns(of: rank)) == map.runs(of: rank), "\(what), rank \(rank)") }
    for lower in 0...map.size {
      for upper in lower...map.size {
        var seen = Set<Int>()
        for (rank, list) in lists.enumerated() {
          var found: [Int] = []
          for run in map.runs(of: rank, in: lower..<upper) {
            #expect(run.count > 0 && run.step > 0, "\(what)")
            for position in 0..<run.count {
              let global = run.start + position * run.step
              found.append(global)
              #expect(
                list.firstIndex(of: global) == run.localStart + position * run.localStep, "\(what), \(lower)..<\(upper)"
              )
            }
            #expect(run.stop == (found.last ?? 0) + 1)
          }
          #expect(
            found.sorted() == list.filter { (lower..<upper).contains($0) }.sorted(),
            "\(what), rank \(rank), \(lower)..<\(upper)")
          if !found.isEmpty { seen.insert(rank) }
        }
        #expect(map.owners(in: lower..<upper) == seen.sorted(), "\(what), \(lower)..<\(upper)")
      }
    }
  }

  @Test func blocksAndCyclesMatchBruteForce() throws {
    for size in 0...12 {
      check(try .undistributed(size: size), lists: [Array(0..<size)], "undistributed \(size)")
      for ranks in 1...6 {
        let width = (size + ranks - 1) / ranks
        let blocks = (0..<ranks).map { rank in (0..<size).filter { width > 0 && $0 / width == rank } }
        check(try .block(size: size, rankCount: ranks), lists: blocks, "block \(size) over \(ranks)")
        for blockSize in 1...7 {
          let lists = (0..<ranks).map { rank in (0..<size).filter { $0 / blockSize % ranks == rank } }
          check(
            try .cyclic(size: size, rankCount: ranks, blockSize: blockSize), lists: lists,
            "cyclic \(size) over \(ranks) by \(blockSize)")
        }
      }
    }
  }

  @Test func irregularBoundsMatchBruteForce() throws {
    // Every way to cut 0...size into up to four blocks, empty ones included.
    for size in 0...6 {
      for first in 0...size {
        for second in first...size {
          for third in second...size {
            let bounds = [0, first, second, third, size]
            let lists = zip(bounds, bounds.dropFirst()).map { Array($0..<$1) }
            check(try .block(bounds: bounds), lists: lists, "bounds \(bounds)")
          }
        }
      }
    }
  }

  @Test func unstructuredListsMatchBruteForce() throws {
    let seed: UInt64 = 20_140_604
    var generator = SeededRandom(seed: seed)
    for size in 0...12 {
      for ranks in 1...6 {
        for _ in 0..<3 {
          var lists = Array(repeating: [Int](), count: ranks)
          for index in Array(0..<size).shuffled(using: &generator) {
            lists[Int.random(in: 0..<ranks, using: &generator)].append(index)
          }
          check(try .unstructured(size: size, indices: lists), lists: lists, "lists \(lists), seed \(seed)")
        }
      }
    }
    #expect(try AxisMap.unstructured(size: 4, indices: [[0, 2], [1, 3]]).keepsOrder)
    #expect(try !AxisMap.unstructured(size: 4, indices: [[2, 0], [1, 3]]).keepsOrder)
  }

  @Test func paddingHoldsCopiesAndOwnsBoundaries() throws {
    // The Protocol's own table of padding over four ranks, twenty elements each.
    let padding = [(4, 1), (1, 2), (2, 3), (3, 0)].map { AxisPadding(lower: $0.0, upper: $0.1) }
    let map = try AxisMap.block(bounds: [0, 20, 40, 60, 80], padding: padding, isPeriodic: true)
    #expect((0..<4).map { map.heldRange(of: $0) } == [0..<21, 19..<42, 38..<63, 57..<80])
    #expect((0..<4).map { map.localCount(of: $0) } == [21, 23, 25, 23])
    #expect((0..<4).map { map.ownedCount(of: $0) } == [20, 20, 20, 20])
    #expect(map.isPeriodic)
    // Element 19 is owned by rank 0 and copied to rank 1, where it stands first.
    #expect(map.owner(of: 19) == 0)
    #expect(map.local(of: 19, on: 0) == 19)
    #expect(map.local(of: 19, on: 1) == 0)
    #expect(map.local(of: 18, on: 1) == nil)
    #expect(map.global(ofLocal: 0, on: 1) == 19)
    // Runs name owned elements only, at their place in the halo-inclusive buffer.
    #expect(map.runs(of: 2) == [AxisRun(start: 40, count: 20, localStart: 2)])
    #expect(map.runs(of: 2, in: 0..<40).isEmpty)
  }

  @Test func contradictingPaddingIsRefused() {
    func refusal(_ bounds: [Int], _ padding: [(Int, Int)]) -> String? {
      do throws(StoreError) {
        _ = try AxisMap.block(bounds: bounds, padding: padding.map { AxisPadding(lower: $0.0, upper: $0.1) })
        return nil
      } catch { return error.message }
    }
    #expect(refusal([0, 5, 10], [(0, 2), (1, 0)])?.contains("2 on one side, 1 on the other") == true)
    #expect(refusal([0, 5, 6], [(0, 2), (2, 0)])?.contains("exceeds what one of them owns") == true)
    #expect(refusal([0, 5], [(6, 0)])?.contains("boundary padding") == true)
    #expect(refusal([0, 5], [(-1, 0)])?.contains("negative") == true)
    #expect(refusal([0, 5], [(0, 0), (0, 0)])?.contains("2 padding entries for 1 grid ranks") == true)
    #expect(refusal([0, 5], [(2, 2)]) == nil)
  }

  @Test func senselessMapsAreRefused() {
    func refused(_ body: () throws(StoreError) -> AxisMap) -> Bool {
      do throws(StoreError) {
        _ = try body()
        return false
      } catch { return error.code == .invalidArgument }
    }
    #expect(refused { () throws(StoreError) in try .undistributed(size: -1) })
    #expect(refused { () throws(StoreError) in try .block(size: 3, rankCount: 0) })
    #expect(refused { () throws(StoreError) in try .cyclic(size: 3, rankCount: 2, blockSize: 0) })
    #expect(refused { () throws(StoreError) in try .block(bounds: []) })
    #expect(refused { () throws(StoreError) in try .block(bounds: [0]) })
    #expect(refused { () throws(StoreError) in try .block(bounds: [1, 4]) })
    #expect(refused { () throws(StoreError) in try .block(bounds: [0, 4, 3]) })
    #expect(refused { () throws(StoreError) in try .unstructured(size: 3, indices: []) })
    #expect(refused { () throws(StoreError) in try .unstructured(size: 3, indices: [[0, 1]]) })
    #expect(refused { () throws(StoreError) in try .unstructured(size: 3, indices: [[0, 1], [1]]) })
    #expect(refused { () throws(StoreError) in try .unstructured(size: 3, indices: [[0, 1, 3]]) })
    #expect(refused { () throws(StoreError) in try .unstructured(size: 3, indices: [[0, 1, -1]]) })
  }

  @Test func extremeSizesDoNotOverflow() throws {
    let size = Int.max
    for blockSize in [1, 2, 1 << 40, Int.max] {
      let map = try AxisMap.cyclic(size: size, rankCount: 3, blockSize: blockSize)
      let counts = (0..<3).map { map.ownedCount(of: $0) }
      #expect(counts[0] - size + counts[1] + counts[2] == 0)
      let last = map.owner(of: size - 1)
      #expect(map.local(of: size - 1, on: last) == counts[last] - 1)
      #expect(map.global(ofLocal: counts[last] - 1, on: last) == size - 1)
      #expect(map.runs(of: last, in: size - 2..<size).last?.stop == size)
    }
    let block = try AxisMap.block(size: size, rankCount: 5)
    #expect(block.owner(of: size - 1) == 4)
    #expect((0..<5).reduce(0) { $0 + block.ownedCount(of: $1) } == size)
  }

  /// One process's view, as DistArray's local maps answer it.
  @Test func localViewsOfDistArray() throws {
    let none = try AxisMap.undistributed(size: 20)
    #expect((0..<20).allSatisfy { none.local(of: $0, on: 0) == $0 })
    #expect(none.local(of: 20, on: 0) == nil && none.global(ofLocal: 20, on: 0) == nil)
    let block = try AxisMap.block(bounds: [0, 16, 39, 50])
    #expect((16..<39).map { block.local(of: $0, on: 1) } == (0..<23).map { $0 })
    #expect(
      block.local(of: 15, on: 1) == nil && block.local(of: 39, on: 1) == nil && block.global(ofLocal: 25, on: 1) == nil)
    let cyclic = try AxisMap.cyclic(size: 16, rankCount: 4)
    #expect([2, 6, 10, 14].map { cyclic.local(of: $0, on: 2) } == [0, 1, 2, 3])
    #expect(
      cyclic.local(of: 3, on: 2) == nil && cyclic.local(of: 7, on: 2) == nil && cyclic.global(ofLocal: 5, on: 2) == nil)
    let blocks = try AxisMap.cyclic(size: 16, rankCount: 4, blockSize: 2)
    #expect([2, 3, 10, 11].map { blocks.local(of: $0, on: 1) } == [0, 1, 2, 3])
    #expect(
      blocks.local(of: 4, on: 1) == nil && blocks.local(of: 12, on: 1) == nil && blocks.global(ofLocal: 5, on: 1) == nil
    )
    // Blocks of size over ranks are the block distribution; blocks of one the cyclic one.
    let even = try AxisMap.cyclic(size: 16, rankCount: 4, blockSize: 4)
    let plain = try AxisMap.block(size: 16, rankCount: 4)
    #expect((0..<4).allSatisfy { even.runs(of: $0) == plain.runs(of: $0) })
  }

  @Test func localSizesOfDistArray() throws {
    func sizes(_ map: AxisMap) -> [Int] { (0..<map.rankCount).map { map.localCount(of: $0) } }
    #expect(sizes(try .block(size: 7, rankCount: 4)) == [2, 2, 2, 1])
    #expect(sizes(try .block(size: 16, rankCount: 4)) == [4, 4, 4, 4])
    let ten = try AxisMap.cyclic(size: 10, rankCount: 4)
    #expect(
      (0..<4).map { rank in (0..<ten.localCount(of: rank)).compactMap { ten.global(ofLocal: $0, on: rank) } }
        == [[0, 4, 8], [1, 5, 9], [2, 6], [3, 7]])
    #expect(sizes(try .cyclic(size: 42, rankCount: 2)) == [21, 21])
    #expect(sizes(try .block(bounds: [0, 20, 42])) == [20, 22])
    #expect(sizes(try .block(bounds: [0, 2, 3, 4, 10])) == [2, 1, 1, 6])
    // 5 x 9 in blocks of 2 x 2 on a 2 x 2 grid.
    #expect(sizes(try .cyclic(size: 5, rankCount: 2, blockSize: 2)) == [3, 2])
    #expect(sizes(try .cyclic(size: 9, rankCount: 2, blockSize: 2)) == [5, 4])
    // Three blocks of two and a partial one on rank 1: DistArray counts it on rank 0.
    #expect(sizes(try .cyclic(size: 7, rankCount: 2, blockSize: 2)) == [4, 3])
    #expect(sizes(try .cyclic(size: 9, rankCount: 4)) == [3, 2, 2, 2])
    #expect(sizes(try .cyclic(size: 12, rankCount: 4, blockSize: 5)) == [5, 5, 2, 0])
  }

  @Test func ownersOfDistArray() throws {
    let rows = try AxisMap.block(size: 31, rankCount: 4)
    #expect((0..<31).allSatisfy { rows.owner(of: $0) == $0 / 8 })
    let (first, second) = (try AxisMap.block(size: 3, rankCount: 2), try AxisMap.block(size: 5, rankCount: 2))
    let (odd, even) = (try AxisMap.cyclic(size: 3, rankCount: 2), try AxisMap.cyclic(size: 5, rankCount: 2))
    for row in 0..<3 {
      for column in 0..<5 {
        #expect(
          gridRank(of: [first.owner(of: row), second.owner(of: column)], in: [2, 2]) == row / 2 * 2 + column / 3)
        #expect(gridRank(of: [odd.owner(of: row), even.owner(of: column)], in: [2, 2]) == row % 2 * 2 + column % 2)
      }
    }
  }

  @Test func gridShapesOfDistArray() throws {
    func grid(_ shape: [Int], _ dist: String, _ ranks: Int) throws -> [Int] {
      try processGridShape(for: shape, isDistributed: dist.map { $0 != "n" }, rankCount: ranks)
    }
    #expect(try grid([20, 20], "bn", 12) == [12, 1])
    #expect(try grid([20, 60], "bb", 12) == [2, 6])
    #expect(try grid([60, 20], "bb", 12) == [6, 2])
    #expect(try grid([20, 20], "bb", 12) == [3, 4])
    #expect(try grid([100, 10, 300], "bnc", 12) == [2, 1, 6])
    #expect(try grid([100, 50, 300], "bbb", 12) == [2, 1, 6])
    #expect(try grid([100, 100, 150], "bbb", 12) == [2, 2, 3])
    #expect(try grid([3], "b", 3) == [3])
    #expect(try grid([3, 3], "bn", 3) == [3, 1])
    #expect(try grid([3, 3], "nb", 3) == [1, 3])
    #expect(try grid([3, 3, 3], "nnb", 3) == [1, 1, 3])
    #expect(try grid([2], "c", 5) == [2])
    #expect(try grid([0], "c", 5) == [1])
    #expect(try grid([], "", 5) == [])
    #expect(try grid([4, 4], "nn", 5) == [1, 1])
    #expect(
      risingFactorizations(of: 16, count: 4) == [
        [1, 1, 1, 16], [1, 1, 2, 8], [1, 1, 4, 4], [1, 2, 2, 4], [2, 2, 2, 2],
      ])
    #expect(risingFactorizations(of: 6, count: 3) == [[1, 1, 6], [1, 2, 3]])
    #expect(risingFactorizations(of: 7, count: 3) == [[1, 1, 7]])
    #expect(throws: StoreError.self) { try grid([3], "bb", 2) }
    #expect(throws: StoreError.self) { try grid([3], "b", 0) }
    for rank in 0..<24 { #expect(gridRank(of: gridCoordinates(of: rank, in: [2, 3, 4]), in: [2, 3, 4]) == rank) }
  }
}

extension AxisMapTests {
  @Test func mapsFromWhatAUserSays() throws {
    func ranks(_ shape: [Int], _ kinds: [AxisDistribution], _ count: Int) throws -> [Int] {
      try AxisMap.maps(shape: shape, distributions: kinds, rankCount: count).map(\.rankCount)
    }
    // No rank of a block axis is left empty: (5, 2) over four ranks makes three.
    #expect(try ranks([5, 2], [.block, .undistributed], 4) == [3, 1])
    for size in 1..<20 {
      for count in 1...4 {
        let map = try AxisMap.maps(shape: [size], distributions: [.block], rankCount: count)[0]
        #expect((0..<map.rankCount).allSatisfy { map.localCount(of: $0) > 0 }, "\(size) over \(count)")
      }
    }
    #expect(try ranks([20, 60], [.block, .cyclic(blockSize: 1)], 12) == [2, 6])
    #expect(try ranks([4, 9], [.bounds([0, 1, 4]), .cyclic(blockSize: 2)], 6) == [2, 3])
    #expect(try ranks([2, 9], [.unstructured([[1], [0]]), .undistributed], 1) == [2, 1])
    #expect(try ranks([], [], 4) == [])
    #expect(try AxisMap.maps(shape: [5], distributions: [.block], gridShape: [8])[0].rankCount == 8)
    func refused(_ shape: [Int], _ kinds: [AxisDistribution], _ grid: [Int]?) -> Bool {
      do throws(StoreError) {
        _ = try AxisMap.maps(shape: shape, distributions: kinds, gridShape: grid, rankCount: 2)
        return false
      } catch { return error.code == .invalidArgument }
    }
    #expect(refused([5], [], nil))
    #expect(refused([5], [.block], [1, 1]))
    #expect(refused([5], [.undistributed], [2]))
    #expect(refused([5], [.bounds([0, 4])], nil))
    #expect(refused([5], [.bounds([])], nil))
    #expect(refused([5], [.unstructured([])], nil))
    #expect(refused([-5], [.block], nil))
    #expect(refused([5], [.block], [0]))
  }
}
