// A slice of one axis: which map deals its elements to the grid ranks that own them already.

import DAStore

/// What becomes of an axis when elements stay where they are.
struct AxisPart {
  /// The new map; `nil` when the axis is dropped.
  var map: AxisMap?
  /// Grid ranks of the old axis at the grid ranks of the new one; one alone when the axis is dropped.
  var gridRanks: [Int]
}

extension AxisMap {
  /// Longest list of indices that a slice makes for blocks that no regular map describes.
  private static let longestList = 1 << 27

  /// The part of this axis that a slice takes, without moving an element.
  ///
  /// Grid ranks without an element of the slice are left out, except that one always remains and that the whole axis
  /// stays as it is. Blocks stay blocks, single cyclic elements stay cyclic, blocks dealt in turn do where the slice
  /// respects their borders; what is left becomes lists. Padding is not kept.
  /// - Throws: `.unsupported` when that would be a list of more than 2^27 indices.
  /// - Complexity: O(ranks), or O(count) where lists are made.
  func part(_ slice: ResolvedSelection.Axis) throws(StoreError) -> AxisPart {
    if slice.isDropped { return AxisPart(map: nil, gridRanks: [owner(of: slice.start)]) }
    if slice.step == 1 && slice.count == size { return AxisPart(map: self, gridRanks: Array(0..<rankCount)) }
    switch kind {
    case .undistributed: return AxisPart(map: try .undistributed(size: slice.count), gridRanks: [0])
    case .block: return try blocks(slice)
    case .cyclic, .unstructured:
      if slice.count == 0 { return AxisPart(map: try .block(bounds: [0, 0]), gridRanks: [0]) }
      guard case .cyclic(let blockSize) = kind else { return try lists(slice) }
      if let part = try cyclicPart(slice, blockSize: blockSize) { return part }
      return try lists(slice)
    }
  }

  private func blocks(_ slice: ResolvedSelection.Axis) throws(StoreError) -> AxisPart {
    var bounds = [0]
    var gridRanks: [Int] = []
    for rank in slice.step > 0 ? Array(0..<rankCount) : (0..<rankCount).reversed() {
      guard let owned = ownedRange(of: rank), !owned.isEmpty else { continue }
      // Selected elements up to the far end of this rank's block, in the direction of the step.
      let reach = slice.step > 0 ? owned.upperBound - 1 - slice.start : slice.start - owned.lowerBound
      let end = reach < 0 ? 0 : min(slice.count, reach / abs(slice.step) + 1)
      if end > bounds[bounds.count - 1] {
        bounds.append(end)
        gridRanks.append(rank)
      }
    }
    if gridRanks.isEmpty { return AxisPart(map: try .block(bounds: [0, 0]), gridRanks: [0]) }
    return AxisPart(map: try .block(bounds: bounds), gridRanks: gridRanks)
  }

  /// The slice as a deal of equal blocks, `nil` when it is none.
  private func cyclicPart(_ slice: ResolvedSelection.Axis, blockSize: Int) throws(StoreError) -> AxisPart? {
    let step = abs(slice.step)
    let (firstBlock, offset) = slice.start.quotientAndRemainder(dividingBy: blockSize)
    let direction = slice.step > 0 ? 1 : -1
    let newBlockSize: Int
    let blockStep: Int
    if step % blockSize == 0 {
      // One element of each block that is met.
      (newBlockSize, blockStep) = (1, step / blockSize * direction)
    } else if blockSize % step == 0, direction > 0 ? offset < step : blockSize - 1 - offset < step {
      // Of each block as many elements as of the first.
      (newBlockSize, blockStep) = (blockSize / step, direction)
    } else {
      return nil
    }
    let blockCount = (slice.count - 1) / newBlockSize + 1
    var gridRanks: [Int] = []
    let shift = blockStep % rankCount
    var rank = firstBlock % rankCount
    repeat {
      gridRanks.append(rank)
      rank = (rank + shift + rankCount) % rankCount
    } while rank != gridRanks[0] && gridRanks.count < blockCount
    return AxisPart(
      map: try .cyclic(size: slice.count, rankCount: gridRanks.count, blockSize: newBlockSize), gridRanks: gridRanks)
  }

  private func lists(_ slice: ResolvedSelection.Axis) throws(StoreError) -> AxisPart {
    guard slice.count <= Self.longestList else {
      throw StoreError(
        .unsupported,
        "a slice of \(slice.count) elements that does not respect the borders of the blocks dealt out would need as long "
          + "a list of indices; begin it at a multiple of the block size, or redistribute the array first")
    }
    var lists = Array(repeating: [Int](), count: rankCount)
    for position in 0..<slice.count { lists[owner(of: slice.start + position * slice.step)].append(position) }
    let gridRanks = lists.indices.filter { !lists[$0].isEmpty }
    return AxisPart(
      map: try .unstructured(size: slice.count, indices: gridRanks.map { lists[$0] }), gridRanks: gridRanks)
  }
}
