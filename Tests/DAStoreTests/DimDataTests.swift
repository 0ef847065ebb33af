// The rules of the Distributed Array Protocol, key by key.

import Testing

@testable import DAStore

@Suite struct DimDataTests {
  private func parse(_ text: String, extent: Int = 5) throws(StoreError) -> DimData {
    try DimData(parsing: PythonLiteral(parsing: Array(text.utf8)), axis: 1, bufferExtent: extent)
  }

  private let common = "'size': 50, 'proc_grid_size': 2, 'proc_grid_rank': 1"

  @Test func validDictionaries() throws {
    let none = AxisPadding(lower: 0, upper: 0)
    func expect(_ text: String, _ size: Int, _ gridSize: Int, _ rank: Int, _ distribution: DimData.Distribution) throws
    {
      #expect(
        try parse(text) == DimData(size: size, gridSize: gridSize, gridRank: rank, distribution: distribution),
        "\(text)")
    }
    try expect(
      "{'dist_type': 'b', 'start': 20, 'stop': 50, \(common)}", 50, 2, 1,
      .block(held: 20..<50, padding: none, isPeriodic: false))
    try expect(
      "{'dist_type': 'b', 'start': 50, 'stop': 50, \(common)}", 50, 2, 1,
      .block(held: 50..<50, padding: none, isPeriodic: false))
    try expect(
      "{'dist_type': 'b', 'start': 0, 'stop': 50, 'size': 50, 'proc_grid_size': 1, "
        + "'proc_grid_rank': 0, 'padding': (2, 2), 'periodic': True}",
      50, 1, 0, .block(held: 0..<50, padding: AxisPadding(lower: 2, upper: 2), isPeriodic: true))
    try expect("{'dist_type': 'c', 'start': 1, \(common)}", 50, 2, 1, .cyclic(blockSize: 1))
    try expect("{'dist_type': 'c', 'start': 5, 'block_size': 5, \(common)}", 50, 2, 1, .cyclic(blockSize: 5))
    try expect(
      "{'dist_type': 'u', 'indices': [3, 1], \(common)}", 50, 2, 1, .unstructured(indices: [3, 1], isOneToOne: false))
    try expect(
      "{'dist_type': 'u', 'indices': array([ 3,\n  1], dtype=int32), 'one_to_one': True, \(common)}", 50, 2, 1,
      .unstructured(indices: [3, 1], isOneToOne: true))
    try expect(
      "{'dist_type': 'u', 'indices': array([], dtype=int64), \(common)}", 50, 2, 1,
      .unstructured(indices: [], isOneToOne: false))
    try expect("{}", 5, 1, 0, .undistributed)
    try expect("{'dist_type': 'n', 'size': 7}", 7, 1, 0, .undistributed)
    try expect(
      "{'dist_type': 'n', 'size': 7, 'proc_grid_size': 1, 'proc_grid_rank': 0, 'start': 0, 'stop': 7}", 7, 1, 0,
      .undistributed)
    try expect(
      "{u'dist_type': u'c', u'size': 50L, u'proc_grid_size': 2L, u'proc_grid_rank': 1L, u'start': 1L}", 50, 2, 1,
      .cyclic(blockSize: 1))
  }

  @Test func invalidDictionariesNameKeyFoundAndExpected() {
    func refused(_ text: String, _ says: String, _ location: SourceLocation = #_sourceLocation) {
      let error = storeError({ () throws(StoreError) in _ = try parse(text) }, location)
      #expect(error?.code == .corrupt)
      #expect(error?.message.contains(says) == true, "\(error?.message ?? "")", sourceLocation: location)
    }
    let block = "'dist_type': 'b', 'start': 20, 'stop': 50"
    refused("3", "dim_data[1] is of type int, expected a dict")
    refused("{\(common)}", "key 'dist_type' is missing")
    refused("{'dist_type': 'q', \(common)}", "dim_data[1]: key 'dist_type' is 'q', expected 'b', 'c', 'u' or 'n'")
    refused("{'dist_type': 3, \(common)}", "key 'dist_type' is 3, expected")
    refused("{'dist_type': 'b', 'start': 20, \(common)}", "key 'stop' is missing")
    refused(
      "{'dist_type': 'b', 'start': 20, 'stop': 51, \(common)}",
      "key 'stop' is 51, expected an integer not greater than 'size', 50")
    refused(
      "{'dist_type': 'b', 'start': 20, 'stop': 19, \(common)}",
      "key 'stop' is 19, expected an integer not less than 'start', 20")
    refused(
      "{'dist_type': 'b', 'start': -1, 'stop': 19, \(common)}", "key 'start' is -1, expected an integer of at least 0")
    refused("{'dist_type': 'b', 'start': True, 'stop': 19, \(common)}", "key 'start' is True, expected an integer")
    refused("{'dist_type': 'b', 'start': 2.0, 'stop': 19, \(common)}", "key 'start' is 2.0, expected an integer")
    refused("{\(block), 'size': 50, 'proc_grid_size': 2}", "key 'proc_grid_rank' is missing")
    refused(
      "{\(block), 'size': 50, 'proc_grid_size': 0, 'proc_grid_rank': 0}",
      "key 'proc_grid_size' is 0, expected an integer of at least 1")
    refused(
      "{\(block), 'size': 50, 'proc_grid_size': 2, 'proc_grid_rank': 2}",
      "key 'proc_grid_rank' is 2, expected an integer less than")
    refused(
      "{\(block), 'size': 50, 'proc_grid_size': 2, 'proc_grid_rank': 0}", "key 'start' is 20, expected 0 on grid rank 0"
    )
    refused(
      "{\(block), 'size': -1, 'proc_grid_size': 2, 'proc_grid_rank': 1}",
      "key 'size' is -1, expected an integer of at least 0")
    refused(
      "{\(block), 'padding': ('a', 'b'), \(common)}", "key 'padding' is ('a', 'b'), expected a tuple of two widths")
    refused("{\(block), 'padding': [1, 1], \(common)}", "key 'padding' is [1, 1], expected")
    refused("{\(block), 'padding': (1,), \(common)}", "key 'padding' is (1,), expected")
    refused("{\(block), 'padding': (-1, 0), \(common)}", "key 'padding' is (-1, 0), expected")
    refused("{\(block), 'padding': (0, 31), \(common)}", "from 0 to 30, the length of the buffer")
    refused("{\(block), 'periodic': 1, \(common)}", "key 'periodic' is 1, expected True or False")
    refused("{\(block), 'paddinf': (1, 1), \(common)}", "key 'paddinf' does not belong to dist_type 'b'")
    refused("{\(block), 7: 8, \(common)}", "key 7 does not belong")
    refused(
      "{'dist_type': 'c', 'start': 5, 'block_size': -10, \(common)}",
      "key 'block_size' is -10, expected an integer of at least 1")
    refused(
      "{'dist_type': 'c', 'start': 4, 'block_size': 5, \(common)}",
      "key 'start' is 4, expected 'proc_grid_rank' times 'block_size', 1 times 5")
    refused(
      "{'dist_type': 'c', 'start': 4, 'block_size': \(Int.max), 'size': 9, 'proc_grid_size': 4, 'proc_grid_rank': 3}",
      "expected 'proc_grid_rank' times 'block_size'")
    refused("{'dist_type': 'u', \(common)}", "key 'indices' is missing")
    refused("{'dist_type': 'u', 'indices': 3, \(common)}", "key 'indices' is 3, expected a list or array of integers")
    refused("{'dist_type': 'u', 'indices': [1.5], \(common)}", "key 'indices' holds 1.5, expected integers only")
    refused("{'dist_type': 'u', 'indices': array([0, 1, ..., 9]), \(common)}", "abbreviated")
    refused(
      "{'dist_type': 'u', 'indices': [1], 'one_to_one': 1, \(common)}", "key 'one_to_one' is 1, expected True or False")
    refused(
      "{'dist_type': 'n', 'size': 7, 'proc_grid_size': 2}",
      "key 'proc_grid_size' is 2, expected 1 on an undistributed axis")
    refused("{'dist_type': 'n', 'size': 7, 'start': 1}", "key 'start' is 1, expected 0")
    refused("{'dist_type': 'n', 'size': 7, 'stop': 6}", "key 'stop' is 6, expected 'size', 7")
  }

  @Test func everyMapComesBackFromItsDictionaries() throws {
    let padding = [(4, 1), (1, 2), (2, 3), (3, 0)].map { AxisPadding(lower: $0.0, upper: $0.1) }
    let maps: [AxisMap] = [
      try .block(size: 9, rankCount: 4), try .block(bounds: [0, 3, 3, 9]), try .cyclic(size: 9, rankCount: 4),
      try .cyclic(size: 9, rankCount: 2, blockSize: 4), try .unstructured(size: 3, indices: [[2], [], [0, 1]]),
      try .block(bounds: [0, 20, 40, 60, 80], padding: padding, isPeriodic: true), try .block(size: 0, rankCount: 3),
    ]
    for map in maps {
      let ranks = try (0..<map.rankCount).map { rank in
        try DimData(parsing: DimData(map, gridRank: rank).literal, axis: 0, bufferExtent: map.localCount(of: rank))
      }
      #expect(ranks == (0..<map.rankCount).map { DimData(map, gridRank: $0) })
      #expect(try AxisMap(joining: ranks, axis: 0) == map)
    }
    #expect(try AxisMap(joining: [DimData(.undistributed(size: 4), gridRank: 0)], axis: 0) == .undistributed(size: 4))
  }

  @Test func countsOfThePaddedExamples() throws {
    // Twenty elements held with padding (3, 4): what is owned depends on the place in the grid.
    func owned(_ lower: Int, _ upper: Int, rank: Int, of ranks: Int) throws -> Int {
      let pad = AxisPadding(lower: 3, upper: 4)
      var bounds = [0]
      var padding: [AxisPadding] = []
      for place in 0..<ranks {
        let isFirst = place == 0
        let isLast = place == ranks - 1
        let width = place == rank ? upper - lower - (isFirst ? 0 : 3) - (isLast ? 0 : 4) : 50
        bounds.append(bounds[place] + width)
        padding.append(
          AxisPadding(
            lower: place == rank ? pad.lower : place == rank + 1 ? pad.upper : 0,
            upper: place == rank ? pad.upper : place + 1 == rank ? pad.lower : 0))
      }
      let map = try AxisMap.block(bounds: bounds, padding: padding)
      #expect(map.localCount(of: rank) == upper - lower)
      return map.ownedCount(of: rank)
    }
    #expect(try owned(0, 20, rank: 0, of: 3) == 16)
    #expect(try owned(0, 20, rank: 2, of: 3) == 17)
    #expect(try owned(0, 20, rank: 1, of: 3) == 13)
    #expect(try owned(0, 100, rank: 0, of: 1) == 100)
  }
}
