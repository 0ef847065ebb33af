// Whether a copy goes straight to its target or by way of a scratch file: a pure choice, made before any element is read.

import DAStore

/// The passes of a copy.
///
/// Where chunks of source and target cross (rows to columns), a block of target chunks needs a part of many source chunks,
/// which are then read again for the next block. When that costs more than writing and reading everything once more, the
/// array goes through a scratch file whose chunks both passes can take whole: they have the extents that the largest box
/// of source chunks and the largest box of target chunks in memory have in common.
public struct CopyRoute: Sendable, Hashable {
  /// One plan, or that of the pass into the scratch file and that of the pass out of it.
  public let passes: [CopyPlan]
  /// Element type in the scratch file; `nil` without one.
  public let scratchType: DType?

  /// Chunks of the scratch file; `nil` without one.
  public var scratchGrid: ChunkGrid? { passes.count > 1 ? passes[0].target : nil }
  /// Bytes that the scratch file takes; 0 without one.
  public var scratchByteCount: Int {
    guard let scratchType, let scratchGrid else { return 0 }
    return scratchGrid.shape.reduce(1, *) * scratchType.byteCount
  }
  /// The most that a rank holds at once.
  public var peakByteCount: Int { passes.map(\.memory.peak).max() ?? 0 }

  /// The same with the smallest cache instead of all that the budget leaves.
  ///
  /// - Parameter cost: Of the source.
  func leastByteCount(_ cost: SourceCost) -> Int {
    passes.enumerated().reduce(0) { most, pass in
      let plan = pass.element
      let chunk = saturatingProduct(plan.source.largestChunkElementCount, plan.sourceElementByteCount)
      let own =
        pass.offset == 0 ? cost : SourceCost(elementByteCount: plan.sourceElementByteCount, chunkByteCount: chunk)
      return max(most, saturatingSum(plan.memory.peak - plan.memory.cache, own.leastCacheByteCount))
    }
  }

  /// What the choice needs to know of both ends.
  struct Ends {
    var source: ChunkGrid
    var cost: SourceCost
    var sourceType: DType
    var target: ChunkGrid
    var targetType: DType
    /// The target's writer: its scratch for a round of at most so many bytes per rank.
    var roundScratch: (Int) -> Int
    var rankCount: Int
    var budget: MemoryBudget
  }

  /// - Parameter mayUseScratch: Whether there is a place for a scratch file.
  /// - Throws: `.invalidArgument` when the shapes differ; `.memory` with the smallest budget that would do.
  init(_ ends: Ends, mayUseScratch: Bool) throws(StoreError) {
    let straight = try CopyPlan(
      source: ends.source, cost: ends.cost, target: ends.target,
      targetCost: .init(
        elementByteCount: ends.targetType.byteCount, isConverted: ends.targetType != ends.sourceType),
      roundScratch: ends.roundScratch, rankCount: ends.rankCount, budget: ends.budget)
    var best = (passes: [straight], cost: Self.readCost(straight))
    // Going through scratch reads twice and writes once more: nothing below that is worth a look.
    let type = ends.targetType.byteCount <= ends.sourceType.byteCount ? ends.targetType : ends.sourceType
    if mayUseScratch, straight.readAmplification > 2 {
      for grid in Self.scratchGrids(ends, type) {
        guard let passes = try? Self.passes(ends, through: grid, type) else { continue }
        let cost = Self.cost(of: grid, type.byteCount) + passes.reduce(0) { $0 + Self.readCost($1) }
        if cost < best.cost { best = (passes, cost) }
      }
    }
    passes = best.passes
    scratchType = best.passes.count > 1 ? type : nil
  }

  /// What a pass reads, in bytes.
  private static func readCost(_ plan: CopyPlan) -> Double {
    plan.readAmplification * cost(of: plan.source, plan.sourceElementByteCount)
  }

  /// What reading or writing all chunks of a grid costs, in bytes.
  private static func cost(of grid: ChunkGrid, _ elementByteCount: Int) -> Double {
    // Finding, checking and copying a chunk costs about as much as some of its bytes.
    let overhead = 16 << 10
    return Double(grid.shape.reduce(1, *)) * Double(elementByteCount) + Double(grid.chunkCount) * Double(overhead)
  }

  /// The checksums of scratch chunks stay in memory.
  private static let mostScratchChunks = 1 << 20

  private static func passes(_ ends: Ends, through grid: ChunkGrid, _ type: DType) throws(StoreError) -> [CopyPlan] {
    let chunkByteCount = grid.largestChunkElementCount * type.byteCount
    return [
      try CopyPlan(
        source: ends.source, cost: ends.cost, target: grid,
        targetCost: .init(elementByteCount: type.byteCount, isConverted: type != ends.sourceType),
        roundScratch: { _ in 0 }, rankCount: ends.rankCount, budget: ends.budget),
      try CopyPlan(
        source: grid, cost: SourceCost(elementByteCount: type.byteCount, chunkByteCount: chunkByteCount),
        target: ends.target,
        targetCost: .init(elementByteCount: ends.targetType.byteCount, isConverted: type != ends.targetType),
        roundScratch: ends.roundScratch, rankCount: ends.rankCount, budget: ends.budget),
    ]
  }

  /// Chunk grids worth a look: for several shares of the budget, what boxes of source and of target chunks have in common.
  private static func scratchGrids(_ ends: Ends, _ type: DType) -> [ChunkGrid] {
    let (source, target) = (ends.source, ends.target)
    let elementByteCount = max(ends.sourceType.byteCount, ends.targetType.byteCount)
    var grids: [ChunkGrid] = []
    for share in [1.0, 0.75, 0.5, 0.25] {
      let room = Int(Double(ends.budget.byteCount) * share) / elementByteCount
      let read = box(of: source, toward: target, elementCount: room)
      let written = box(of: target, toward: source, elementCount: room)
      let chunk = zip(read, written).map { min($0, $1) }
      guard let grid = try? ChunkGrid(shape: source.shape, chunkShape: chunk), grid.chunkCount <= mostScratchChunks,
        !grids.contains(grid)
      else { continue }
      grids.append(grid)
    }
    return grids
  }

  /// The extents of a chunk of `grid`, doubled along axes where chunks of `other` are longer while so many elements have
  /// room; the shortest compared with `other` first.
  private static func box(of grid: ChunkGrid, toward other: ChunkGrid, elementCount: Int) -> [Int] {
    var extents = zip(grid.chunkShape, grid.shape).map { min($0, max($1, 1)) }
    let aims = zip(other.chunkShape, grid.shape).map { min($0, max($1, 1)) }
    while true {
      let shorter = extents.indices.filter { extents[$0] < aims[$0] }
      guard
        let axis = shorter.min(by: {
          Double(extents[$0]) / Double(aims[$0]) < Double(extents[$1]) / Double(aims[$1])
        })
      else { return extents }
      var grown = extents
      grown[axis] = min(saturatingProduct(extents[axis], 2), max(grid.shape[axis], 1))
      guard grown.reduce(1, saturatingProduct) <= elementCount else { return extents }
      extents = grown
    }
  }
}
