// What a product of matrices will do within a budget: tiles of the result, panels of the operands, what is read. Pure.

import DAStore

/// The plan of a product.
///
/// A tile is a box of blocks of the result that a rank computes at once, from panels of both operands that pass by
/// along the inner axis. Larger tiles read the operands less often; every element of the result is the same in any
/// tile.
struct ProductPlan: Sendable {
  let geometry: ProductGeometry
  let dtype: DType
  let rankCount: Int
  /// Blocks of a tile along rows and columns.
  private(set) var tileBlocks = (rows: 1, columns: 1)
  /// Inner elements of a panel: a multiple of the blocks', or all.
  private(set) var panelLength: Int
  /// Blocks that are handed to the writer at a time.
  let blocksPerWrite: Int
  /// Bytes that the cache gets for the operands' chunks.
  private(set) var cacheByteCount = 0
  /// Bytes of the result, if it stays in memory.
  let resultByteCount: Int
  let roundScratchByteCount: Int
  private let leastCacheByteCount: Int
  private let blocks: (rows: Int, columns: Int)

  /// - Parameters:
  ///   - costs: What reading the operands takes.
  ///   - isInMemory: Whether the result stays in memory.
  ///   - roundScratch: What the writer needs for chunks of so many bytes.
  /// - Throws: `.memory` with the smallest budget that would do.
  init(
    _ geometry: ProductGeometry, _ dtype: DType, costs: [SourceCost], isInMemory: Bool, roundScratch: (Int) -> Int,
    rankCount: Int, budget: MemoryBudget
  ) throws(StoreError) {
    self.geometry = geometry
    self.dtype = dtype
    self.rankCount = rankCount
    panelLength = geometry.blockInner
    blocks = (
      (geometry.rows - 1) / geometry.blockRows + 1, (geometry.columns - 1) / geometry.blockColumns + 1
    )
    let blockByteCount = saturatingProduct(geometry.blockShape.reduce(1, saturatingProduct), dtype.byteCount)
    blocksPerWrite = max(1, (4 << 20) / blockByteCount)
    let all = geometry.shape.reduce(dtype.byteCount, saturatingProduct)
    resultByteCount = isInMemory ? all : 0
    roundScratchByteCount = roundScratch(min(saturatingProduct(blocksPerWrite, blockByteCount), all))
    leastCacheByteCount =
      saturatingSum(
        costs.reduce(0) { saturatingSum($0, saturatingProduct(2, BufferPool.capacity(for: $1.chunkByteCount))) },
        costs.map(\.reserveByteCount).max() ?? 0)
    let least = leastByteCount
    guard least <= budget.byteCount else {
      // A larger budget may keep the result in memory.
      let named =
        HeldArray.staysInMemory(all, budget: try MemoryBudget(byteCount: least)) && !isInMemory
        ? saturatingSum(least, all) : least
      throw StoreError(
        .memory,
        "the product of \(geometry.rows) by \(geometry.inner) and \(geometry.inner) by \(geometry.columns) "
          + "\(dtype.name) matrices \(budget.refusal(needing: named)), or store the operands in smaller chunks")
    }
    grow(within: budget.byteCount)
    cacheByteCount = leastCacheByteCount + budget.byteCount - leastByteCount
  }

  /// Bytes of a panel of the first operand, of the second, and of a tile.
  var bufferByteCounts: (a: Int, b: Int, tile: Int) {
    let items = geometry.blockBatch.reduce(dtype.byteCount, saturatingProduct)
    let rows = min(geometry.rows, tileBlocks.rows * geometry.blockRows)
    let columns = min(geometry.columns, tileBlocks.columns * geometry.blockColumns)
    return (
      saturatingProduct(items, saturatingProduct(rows, panelLength)),
      saturatingProduct(items, saturatingProduct(columns, panelLength)),
      saturatingProduct(items, saturatingProduct(rows, columns))
    )
  }

  /// Bytes that a rank takes, with the smallest cache.
  var neededByteCount: Int { leastByteCount }

  private var leastByteCount: Int {
    let buffers = bufferByteCounts
    return [
      BufferPool.capacity(for: buffers.a), BufferPool.capacity(for: buffers.b), BufferPool.capacity(for: buffers.tile),
      resultByteCount, roundScratchByteCount, leastCacheByteCount,
    ].reduce(0, saturatingSum)
  }

  /// Larger tiles as long as they save reading, leave every rank its part, and half of what they could have to the
  /// cache.
  private mutating func grow(within budget: Int) {
    let room = leastByteCount + (budget - leastByteCount) / 2
    while true {
      var best: ProductPlan?
      for isAlongRows in [true, false] {
        var next = self
        if isAlongRows {
          next.tileBlocks.rows = min(2 * tileBlocks.rows, blocks.rows)
        } else {
          next.tileBlocks.columns = min(2 * tileBlocks.columns, blocks.columns)
        }
        let longest = max(next.tileBlocks.rows * geometry.blockRows, next.tileBlocks.columns * geometry.blockColumns)
        // OpenBLAS counts in 32 bits.
        guard longest <= 1 << 24, next.leastByteCount <= room, next.tileCount >= min(tileCount, rankCount),
          next.readElementCount < (best ?? self).readElementCount
        else { continue }
        best = next
      }
      guard let best else { break }
      self = best
    }
    while panelLength < min(geometry.groupLength, 8 * geometry.blockInner) {
      var next = self
      next.panelLength = min(2 * panelLength, geometry.groupLength)
      guard next.leastByteCount <= room else { break }
      self = next
    }
  }

  // MARK: Tiles

  /// Tiles along each axis of the result.
  private var tilesPerAxis: [Int] {
    let batch = zip(geometry.batch, geometry.blockBatch).map { ($0 - 1) / $1 + 1 }
    return [geometry.groupCount] + batch + [
      (blocks.rows - 1) / tileBlocks.rows + 1, (blocks.columns - 1) / tileBlocks.columns + 1,
    ]
  }

  var tileCount: Int { tilesPerAxis.reduce(1, saturatingProduct) }
  var roundCount: Int { (tileCount - 1) / rankCount + 1 }
  /// Times that the writer is called in a round, on all ranks.
  var writesPerRound: Int { (tileBlocks.rows * tileBlocks.columns - 1) / blocksPerWrite + 1 }

  /// A tile as a region of the result.
  func region(ofTile number: Int) -> Region {
    let position = rowMajorPosition(of: number, in: tilesPerAxis)
    let extents =
      [1] + geometry.blockBatch
      + [tileBlocks.rows * geometry.blockRows, tileBlocks.columns * geometry.blockColumns]
    let lower = zip(position, extents).map { $0 * $1 }
    return Region(lower: lower, upper: lower.indices.map { min(lower[$0] + extents[$0], geometry.shape[$0]) })
  }

  /// How often all of each operand passes by.
  var readings: (a: Int, b: Int) {
    ((blocks.columns - 1) / tileBlocks.columns + 1, (blocks.rows - 1) / tileBlocks.rows + 1)
  }

  private var readElementCount: Int {
    saturatingSum(
      saturatingProduct(readings.a, geometry.rows), saturatingProduct(readings.b, geometry.columns))
  }

  /// The plan in words.
  var explanation: String {
    let (rows, columns, inner) = (geometry.rows, geometry.columns, geometry.inner)
    let count = geometry.batch.reduce(1, saturatingProduct)
    return
      "\(count == 1 ? "product" : "\(count) products") of \(rows) x \(inner) and \(inner) x \(columns) \(dtype.name) "
      + "matrices in tiles of \(min(rows, tileBlocks.rows * geometry.blockRows)) x "
      + "\(min(columns, tileBlocks.columns * geometry.blockColumns)): the first operand passes by \(readings.a) "
      + "time\(readings.a == 1 ? "" : "s"), the second \(readings.b); the result is kept in "
      + (resultByteCount > 0 ? "memory" : "a scratch file")
  }
}
