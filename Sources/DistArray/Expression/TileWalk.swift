// How a block is cut into tiles: runs of elements, in the result's order, that stay in the processor's cache. Pure.

import DAStore

/// The tiles of a block, and where each operand's elements for them lie.
struct TileWalk {
  /// Elements of a tile at most.
  static let tileElementCount = 2048

  /// How an operand's elements lie within a tile.
  enum Layout { case single, contiguous, strided }

  /// Extents of the block's axes, joined where no operand can tell them apart; outermost first, at least one.
  let extents: [Int]
  /// Per operand and axis, in elements.
  let strides: [[Int]]
  let layouts: [Layout]
  /// The axis that tiles divide; those after it are whole in every tile.
  let splitAxis: Int
  /// Positions along the split axis that a tile takes at most.
  let rows: Int
  /// Elements of a tile per position along the split axis.
  let rowElementCount: Int

  /// - Parameters:
  ///   - shape: The block's; no axis of zero elements.
  ///   - strides: Per operand and axis, in elements.
  init(shape: [Int], strides: [[Int]]) {
    var extents: [Int] = []
    var joined = Array(repeating: [Int](), count: strides.count)
    for axis in shape.indices where shape[axis] > 1 {
      let continues =
        !extents.isEmpty
        && strides.indices.allSatisfy { joined[$0][extents.count - 1] == strides[$0][axis] * shape[axis] }
      if continues {
        extents[extents.count - 1] *= shape[axis]
        for operand in strides.indices { joined[operand][extents.count - 1] = strides[operand][axis] }
      } else {
        extents.append(shape[axis])
        for operand in strides.indices { joined[operand].append(strides[operand][axis]) }
      }
    }
    if extents.isEmpty {
      extents = [1]
      for operand in strides.indices { joined[operand] = [0] }
    }
    self.extents = extents
    self.strides = joined
    var split = extents.count - 1
    var inner = 1
    while split > 0, inner * extents[split] <= Self.tileElementCount {
      inner *= extents[split]
      split -= 1
    }
    splitAxis = split
    rowElementCount = inner
    rows = max(1, min(extents[split], Self.tileElementCount / inner))
    layouts = joined.map { strides in
      let tile = Array(strides[split...])
      if tile.allSatisfy({ $0 == 0 }) { return strides.allSatisfy { $0 == 0 } ? .single : .strided }
      var dense = 1
      for axis in extents.indices[split...].reversed() {
        if strides[axis] != dense { return .strided }
        dense *= extents[axis]
      }
      return .contiguous
    }
  }

  /// Extents of a tile of `rows` rows.
  func tileShape(rows: Int) -> [Int] { [rows] + extents[(splitAxis + 1)...] }

  /// Calls `body` for every tile: its rows, the operands' offsets in elements, and its elements' place in the block.
  func forEachTile(_ body: (_ rows: Int, _ offsets: [Int], _ first: Int) throws(StoreError) -> Void) throws(StoreError)
  {
    var position = Array(repeating: 0, count: splitAxis)
    var base = Array(repeating: 0, count: strides.count)
    var first = 0
    while true {
      for row in stride(from: 0, to: extents[splitAxis], by: rows) {
        let count = min(rows, extents[splitAxis] - row)
        try body(count, strides.indices.map { base[$0] + strides[$0][splitAxis] * row }, first)
        first += count * rowElementCount
      }
      var axis = splitAxis - 1
      while axis >= 0 {
        position[axis] += 1
        for operand in strides.indices { base[operand] += strides[operand][axis] }
        if position[axis] < extents[axis] { break }
        for operand in strides.indices { base[operand] -= strides[operand][axis] * extents[axis] }
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
