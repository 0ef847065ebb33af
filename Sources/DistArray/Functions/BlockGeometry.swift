// How large a function's blocks are, and what they need. Pure.

import DAStore

/// The choice of blocks for a function of arrays.
struct BlockGeometry {
  private let mapping: BlockMapping
  private let shape: [Int]
  private let readers: [PieceReader]

  /// - Parameter shape: The inputs', without frames.
  init(_ mapping: BlockMapping, _ shape: [Int], _ readers: [PieceReader]) {
    self.mapping = mapping
    self.shape = shape
    self.readers = readers
  }

  private func framed(_ extents: [Int]) -> [Int] {
    extents.indices.map { saturatingSum(min(extents[$0], shape[$0]), 2 * mapping.halo[$0]) }
  }

  /// Per input, bytes of the largest block with its halo.
  func blockByteCounts(_ extents: [Int]) -> [Int] {
    if shape.contains(0) { return readers.map { _ in 0 } }
    return mapping.kernel.inputTypes.map { framed(extents).reduce($0.byteCount, saturatingProduct) }
  }

  /// Stored bytes that one block needs of all inputs, at most.
  func storedByteCount(_ extents: [Int]) -> Int {
    if shape.contains(0) { return 0 }
    let steps = extents.indices.map { min(extents[$0], shape[$0]) }
    return readers.reduce(0) { sum, reader in
      guard let mosaic = reader.layout as? Mosaic else { return Int.max }
      return saturatingSum(
        sum,
        mosaic.mostStoredByteCount(windows: framed(extents), every: steps, reader.sources, reader.chunkByteCounts))
    }
  }

  /// Extents of the blocks along the inputs' axes: as chosen, or those of the inputs' chunks.
  ///
  /// A block with a halo needs the chunks around it: where nobody chose, blocks become several chunks large as long as
  /// that saves much and they need no more than `limit` bytes.
  func chunkShape(limit: Int) throws(StoreError) -> [Int] {
    var extents =
      mapping.chunkShape
      ?? Tape.chunkShape(of: shape, mapping.kernel.resultType, readers.map { $0.sources[0] })
    for axis in shape.indices where mapping.isDropped[axis] { extents[axis] = max(1, shape[axis]) }
    if mapping.chunkShape != nil || shape.contains(0) { return extents }
    // Whole axes make large blocks, which the other axes make up for.
    while blockByteCounts(extents).reduce(0, saturatingSum) > limit,
      let longest = extents.indices.filter({ !mapping.isDropped[$0] }).max(by: { extents[$0] < extents[$1] }),
      extents[longest] > 1
    {
      extents[longest] = (extents[longest] + 1) / 2
    }
    while let grown = grown(extents, limit: limit) { extents = grown }
    return extents
  }

  /// Twice the extent along the axis where that saves most, if it saves a tenth of what is read for an element.
  private func grown(_ extents: [Int], limit: Int) -> [Int]? {
    func cost(_ extents: [Int]) -> Double {
      let elements = zip(extents, shape).reduce(1) { $0 * Double(min($1.0, $1.1)) }
      return Double(storedByteCount(extents)) / elements
    }
    var best: (cost: Double, extents: [Int])?
    for axis in shape.indices where mapping.halo[axis] > 0 && extents[axis] < shape[axis] {
      var next = extents
      next[axis] = min(saturatingProduct(extents[axis], 2), shape[axis])
      let needed = blockByteCounts(next).reduce(storedByteCount(next), saturatingSum)
      guard needed <= limit else { continue }
      let then = cost(next)
      if then < best?.cost ?? 0.9 * cost(extents) { best = (then, next) }
    }
    return best?.extents
  }
}
