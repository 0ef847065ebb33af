// How large the work blocks of a copy are: grown from one target chunk, first against re-reading, then for long runs.

import DAStore

/// What a block holds at most.
struct BlockSize {
  var elementCount: Int
  /// Target chunks.
  var chunkCount: Int
}

/// A box of target chunks that repeats over the array.
struct BlockShape {
  private let source: ChunkGrid
  private let target: ChunkGrid
  /// Target chunks along each axis.
  private(set) var chunks: [Int]

  init(source: ChunkGrid, target: ChunkGrid) {
    self.source = source
    self.target = target
    chunks = Array(repeating: 1, count: target.dimensionCount)
  }

  /// The largest block's size.
  var size: BlockSize { size(chunks) }

  private func size(_ chunks: [Int]) -> BlockSize {
    let elementCount = chunks.indices.reduce(1) {
      saturatingProduct($0, min(saturatingProduct(chunks[$1], target.chunkShape[$1]), target.shape[$1]))
    }
    return BlockSize(elementCount: elementCount, chunkCount: chunks.reduce(1, saturatingProduct))
  }

  /// Elements of source chunks read by all blocks, divided by the elements there are; 1 for an empty array.
  var amplification: Double { chunks.indices.reduce(1) { $0 * amplification(axis: $1, chunks: chunks[$1]) } }

  /// How often an element is read because of the borders along one axis: blocks and chunks are both boxes of a grid, so
  /// the axes multiply.
  private func amplification(axis: Int, chunks: Int) -> Double {
    let size = target.shape[axis]
    guard size > 0 else { return 1 }
    let extent = min(saturatingProduct(chunks, target.chunkShape[axis]), size)
    let sourceExtent = source.chunkShape[axis]
    let blockCount = (size - 1) / extent + 1
    // The pattern of borders repeats; very long axes are judged by their beginning.
    let sample = min(blockCount, 4096)
    var read = 0
    for block in 0..<sample {
      let lower = block * extent
      let upper = min(lower + extent, size)
      let last = (upper - 1) / sourceExtent
      read += last == (size - 1) / sourceExtent ? size : (last + 1) * sourceExtent
      read -= lower / sourceExtent * sourceExtent
    }
    return Double(read) / Double(min(sample * extent, size))
  }

  /// Grows along the axes where source chunks stick out, each time where a byte of memory saves the most reading.
  mutating func growAgainstRereading(while fits: (BlockSize) -> Bool) {
    while true {
      var best: (gain: Double, chunks: [Int])?
      for axis in chunks.indices where chunks[axis] < target.chunksPerAxis[axis] {
        let now = amplification(axis: axis, chunks: chunks[axis])
        guard now > 1 else { continue }
        for count in candidates(axis: axis) {
          var grown = chunks
          grown[axis] = count
          let then = amplification(axis: axis, chunks: count)
          let larger = size(grown)
          guard then < now, fits(larger) else { continue }
          let growth = Double(larger.elementCount) / Double(size.elementCount)
          let gain = (now / then - 1) / (growth - 1 + 1e-9)
          if gain > best?.gain ?? 0 { best = (gain, grown) }
        }
      }
      guard let best else { return }
      chunks = best.chunks
    }
  }

  /// Larger counts along an axis that are worth a look: a few more, doubles, where both grids have a border, all.
  private func candidates(axis: Int) -> [Int] {
    let now = chunks[axis]
    let all = target.chunksPerAxis[axis]
    var counts = Array(now + 1...min(now + 4, max(all, now + 1)))
    counts += [saturatingProduct(now, 2), saturatingProduct(now, 4), all]
    let common = greatestCommonDivisor(source.chunkShape[axis], target.chunkShape[axis])
    let meeting = source.chunkShape[axis] / common
    counts.append(saturatingProduct((now + meeting) / meeting, meeting))
    return counts.filter { $0 > now && $0 <= all }
  }

  /// Joins blocks that follow each other in the target's order of chunks, as far as that causes no re-reading.
  mutating func growInFileOrder(while fits: (BlockSize) -> Bool) {
    for axis in chunks.indices.reversed() {
      let all = target.chunksPerAxis[axis]
      guard chunks[axis] < all else { continue }
      let now = amplification(axis: axis, chunks: chunks[axis])
      // Largest multiple that fits, found by halving the interval.
      var low = 1
      var high = (all - 1) / chunks[axis] + 1
      while low < high {
        let middle = low + (high - low + 1) / 2
        var grown = chunks
        grown[axis] = min(saturatingProduct(chunks[axis], middle), all)
        if fits(size(grown)) { low = middle } else { high = middle - 1 }
      }
      let count = min(saturatingProduct(chunks[axis], low), all)
      if amplification(axis: axis, chunks: count) <= now { chunks[axis] = count }
      if chunks[axis] < all { return }
    }
  }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  var (a, b) = (a, b)
  while b != 0 { (a, b) = (b, a % b) }
  return max(a, 1)
}
