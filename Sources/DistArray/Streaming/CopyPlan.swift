// Which rank copies which chunks when, and with how much memory: a pure value, made before any element is read.

import DAStore

/// What loading one source chunk costs a rank's memory.
public struct SourceCost: Sendable, Hashable {
  public var elementByteCount: Int
  /// Decoded bytes of the largest chunk.
  public var chunkByteCount: Int
  /// Stored bytes and decoding scratch beside it while it is loaded.
  public var stagingByteCount: Int

  public init(elementByteCount: Int, chunkByteCount: Int, stagingByteCount: Int = 0) {
    self.elementByteCount = elementByteCount
    self.chunkByteCount = chunkByteCount
    self.stagingByteCount = stagingByteCount
  }

  public init(_ source: any ChunkedDataset) {
    self.init(
      elementByteCount: source.description.dtype.byteCount,
      chunkByteCount: source.description.largestChunkByteCount,
      stagingByteCount: saturatingSum(source.largestStoredByteCount, source.decodeScratchByteCount))
  }

  /// The least cache with which chunks can be read one after the other: one in use, one being loaded.
  public var leastCacheByteCount: Int {
    saturatingSum(saturatingProduct(2, BufferPool.capacity(for: chunkByteCount)), reserveByteCount)
  }

  /// What must stay free of chunks for loading one: its stored bytes and the scratch of its codecs, in whole pages.
  var reserveByteCount: Int {
    stagingByteCount == 0 ? 0 : saturatingSum(stagingByteCount, 2 * BufferPool.capacity(for: 1))
  }
}

/// The plan of a copy from one chunk grid to another.
///
/// Work blocks are boxes of whole target chunks, so that each target chunk has one writer. Blocks are dealt to the
/// ranks in turn, one per rank and round; all ranks go through the same number of rounds. Where the grids do not fit,
/// blocks grow along the axes on which source chunks stick out of them, as far as the budget allows, because what
/// sticks out is read again for another block.
public struct CopyPlan: Sendable, Hashable {
  public let source: ChunkGrid
  public let target: ChunkGrid
  public let rankCount: Int
  public let sourceElementByteCount: Int
  private let targetElementByteCount: Int
  /// The grid of work blocks over the positions of target chunks: its "elements" are target chunks.
  public let blocks: ChunkGrid
  /// Chunks that a rank hands to the writer at a time: a block may be much larger than what the writer stages.
  public let chunksPerWrite: Int
  /// Elements read from source chunks, counting what is read again, divided by the elements of the source.
  public let readAmplification: Double
  public let memory: Memory
  /// The budget that the plan was made for.
  public let budget: Int
  /// Grids and element types agree: source chunks are written as they lie in the cache, without a block between.
  public let isDirect: Bool

  /// The division of one rank's budget, in bytes.
  public struct Memory: Sendable, Hashable {
    /// Chunks of the block being written, in the source's element type (none when copying directly).
    public var block: Int
    /// The same in the target's element type, when that differs.
    public var converted: Int
    /// What the writer needs for a round beyond the chunks.
    public var writer: Int
    /// The rest: cached source chunks, their staging, and those of the next round.
    public var cache: Int
    public var peak: Int { block + converted + writer + cache }
  }

  /// What the plan needs to know of the target's element type.
  public struct TargetCost: Sendable, Hashable {
    public var elementByteCount: Int
    public var isConverted: Bool

    public init(elementByteCount: Int, isConverted: Bool) {
      self.elementByteCount = elementByteCount
      self.isConverted = isConverted
    }
  }

  /// Rounds are about this many bytes per rank where the choice is free: long transfers, short waits.
  public static let preferredBlockByteCount = 16 << 20

  /// A rank hands at most about this many bytes to the writer at a time, and an eighth of its budget.
  public static let preferredWriteByteCount = 16 << 20

  /// - Parameters:
  ///   - isDirect: Whether chunks may be handed on as they lie in the cache; by default wherever grids and types agree.
  ///   - roundScratch: The writer's scratch for a round of at most so many bytes per rank.
  /// - Throws: `.invalidArgument` when the shapes differ; `.memory` with the smallest budget that would do, and a chunk
  ///   shape that fits this one.
  /// - Complexity: O(chunks along the axes), not of the grid.
  public init(
    source: ChunkGrid, cost: SourceCost, target: ChunkGrid, targetCost: TargetCost, isDirect: Bool = true,
    roundScratch: (Int) -> Int, rankCount: Int, budget: MemoryBudget
  ) throws(StoreError) {
    precondition(rankCount >= 1, "a communicator has ranks")
    guard source.shape == target.shape else {
      throw StoreError(
        .invalidArgument, "the source's shape \(shapeText(source.shape)) is not the target's \(shapeText(target.shape))"
      )
    }
    self.source = source
    self.target = target
    self.rankCount = rankCount
    sourceElementByteCount = cost.elementByteCount
    targetElementByteCount = targetCost.elementByteCount
    self.budget = budget.byteCount
    let isDirect = isDirect && source.chunkShape == target.chunkShape && !targetCost.isConverted
    self.isDirect = isDirect

    let needs = BlockNeeds(cost: cost, targetCost: targetCost, isDirect: isDirect)
    let one = target.largestChunkElementCount
    let chunkByteCount = max(1, saturatingProduct(one, targetCost.elementByteCount))
    let chunksPerWrite = max(1, min(Self.preferredWriteByteCount, budget.byteCount / 8) / chunkByteCount)
    func memory(_ block: BlockSize) -> Memory {
      let written = min(needs.written(block), saturatingProduct(min(chunksPerWrite, block.chunkCount), chunkByteCount))
      return needs.memory(block, writer: max(0, roundScratch(written)))
    }
    let least = memory(BlockSize(elementCount: one, chunkCount: 1))
    guard least.peak <= budget.byteCount else {
      throw Self.refusal(needs, least: least.peak, target: target, budget: budget) { memory($0).peak }
    }
    var shape = BlockShape(source: source, target: target)
    shape.growAgainstRereading { memory($0).peak <= budget.byteCount }
    let share = max(one, target.shape.reduce(1, *) / (2 * rankCount))
    let preferred = max(one, Self.preferredBlockByteCount / max(cost.elementByteCount, targetCost.elementByteCount))
    shape.growInFileOrder {
      $0.elementCount <= min(share, preferred) && saturatingSum(memory($0).peak, needs.read($0)) <= budget.byteCount
    }

    blocks = try ChunkGrid(shape: target.chunksPerAxis, chunkShape: shape.chunks)
    self.chunksPerWrite = chunksPerWrite
    readAmplification = shape.amplification
    var division = memory(shape.size)
    division.cache = budget.byteCount - (division.peak - division.cache)
    self.memory = division
  }

  public var blockCount: Int { blocks.chunkCount }
  /// Rounds that every rank takes part in.
  public var roundCount: Int { (blockCount + rankCount - 1) / rankCount }

  /// Calls of the writer in every round, on every rank.
  public var writesPerRound: Int { (blocks.largestChunkElementCount + chunksPerWrite - 1) / chunksPerWrite }

  /// Target bytes copied when a round has ended, by all ranks.
  public func byteCount(throughRound round: Int) -> Int {
    let end = min((round + 1) * rankCount, blockCount)
    return elementCount(ofBlocksBefore: end) * targetElementByteCount
  }

  private func elementCount(ofBlocksBefore end: Int) -> Int {
    guard end < blockCount else { return target.shape.reduce(1, *) }
    // Row-major prefix of a grid: per axis, the full layers before the block's own, within its row so far.
    let position = blocks.position(of: end)
    var sum = 0
    var row = 1
    for axis in position.indices {
      let lower = min(position[axis] * blocks.chunkShape[axis] * target.chunkShape[axis], target.shape[axis])
      sum += row * lower * target.shape[(axis + 1)...].reduce(1, *)
      let extent = min(lower + blocks.chunkShape[axis] * target.chunkShape[axis], target.shape[axis]) - lower
      row *= extent
    }
    return sum
  }

  /// The block that a rank copies in a round; `nil` when there is none left for it.
  public func block(round: Int, rank: Int) -> Int? {
    let block = round * rankCount + rank
    return block < blockCount ? block : nil
  }

  /// Target chunks of a block, ascending.
  public func targetChunks(ofBlock block: Int) -> [Int] {
    target.chunks(touching: region(ofBlock: block))
  }

  /// Source chunks that a block touches, ascending.
  public func sourceChunks(ofBlock block: Int) -> [Int] {
    source.chunks(touching: region(ofBlock: block))
  }

  /// The part of the array that a block covers.
  public func region(ofBlock block: Int) -> Region {
    let positions = blocks.region(of: block)
    return Region(
      lower: zip(positions.lower, target.chunkShape).map { $0 * $1 },
      upper: positions.upper.indices.map { min(positions.upper[$0] * target.chunkShape[$0], target.shape[$0]) })
  }

  private static func refusal(
    _ needs: BlockNeeds, least: Int, target: ChunkGrid, budget: MemoryBudget, peak: (BlockSize) -> Int
  ) -> StoreError {
    let elementByteCount = needs.targetCost.elementByteCount
    var advice = ""
    var size = target.largestChunkElementCount * elementByteCount
    while size > elementByteCount {
      size /= 2
      let shape = ChunkGrid.cubes(target.shape, elementByteCount: elementByteCount, targetByteCount: size)
      if peak(BlockSize(elementCount: shape.reduce(1, saturatingProduct), chunkCount: 1)) <= budget.byteCount {
        advice = ", or use target chunks of at most \(shape.map(String.init).joined(separator: ","))"
        break
      }
    }
    if advice.isEmpty { advice = "; the source's chunks alone need \(needs.cost.leastCacheByteCount) bytes" }
    return StoreError(
      .memory,
      "a copy in chunks of \(shapeText(target.chunkShape)) \(budget.refusal(needing: least))\(advice)")
  }
}

/// What a block of so many elements needs, with the smallest cache.
private struct BlockNeeds {
  let cost: SourceCost
  let targetCost: CopyPlan.TargetCost
  let isDirect: Bool

  func memory(_ block: BlockSize, writer: Int) -> CopyPlan.Memory {
    let read = read(block)
    let written = written(block)
    if isDirect {
      // The chunks of a round stay pinned in the cache until they are written, each in pages of its own.
      let pages = saturatingSum(read, saturatingProduct(block.chunkCount, BufferPool.capacity(for: 1)))
      return CopyPlan.Memory(
        block: 0, converted: 0, writer: writer, cache: saturatingSum(pages, cost.leastCacheByteCount))
    }
    return CopyPlan.Memory(
      block: BufferPool.capacity(for: read), converted: targetCost.isConverted ? BufferPool.capacity(for: written) : 0,
      writer: writer, cache: cost.leastCacheByteCount)
  }

  func read(_ block: BlockSize) -> Int { saturatingProduct(block.elementCount, cost.elementByteCount) }
  func written(_ block: BlockSize) -> Int { saturatingProduct(block.elementCount, targetCost.elementByteCount) }
}

func saturatingSum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow || sum > CopyPlan.tooMuch ? CopyPlan.tooMuch : sum
}

func saturatingProduct(_ a: Int, _ b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow || product > CopyPlan.tooMuch ? CopyPlan.tooMuch : product
}

extension CopyPlan {
  /// Sums of a few of these still fit into `Int`; no machine has so much memory.
  static let tooMuch = 1 << 59
}
