// What is computed in one pass over chunks: arrays of one chunk grid, and what is made of each. Planned before it runs.

import DAStore

/// One thing that is made of an array.
struct PassItem {
  enum Use {
    /// Statistics, which take these places in expressions.
    case statistics(ReductionRequest, nodes: [Expression])
    /// All elements, on every rank.
    case elements(output: Int)
    /// A file.
    case file(ArrayFile.Target)
  }

  let use: Use
  /// Needs no statistics.
  let array: Expression
  let dataset: any ChunkedDataset

  init(_ use: Use, _ array: Expression) throws(StoreError) {
    self.use = use
    self.array = array
    dataset = try Materialisation.dataset(array)
  }

  /// Whether its chunks go to a target.
  var isWritten: Bool { if case .statistics = use { false } else { true } }

  /// Whether it can be made of chunks as they come by: a file must have just these chunks.
  var isShareable: Bool {
    if case .file(let target) = use { target.takesChunks(of: dataset.description) } else { true }
  }

  /// Bytes that every rank keeps of it.
  var keptByteCount: Int { if case .elements = use { dataset.description.logicalByteCount } else { 0 } }
}

/// Arrays that are computed together, chunk by chunk, and what is made of them: every source chunk is read once.
struct EvaluationPass {
  let items: [PassItem]
  /// Its chunks hold those of all arrays, one after the other.
  let dataset: any ChunkedDataset
  /// Per item, where its array's elements lie in a chunk.
  let fields: [ChunkField]
  /// The chunks of each array.
  let grid: ChunkGrid
  /// The reductions among the items, in their order, if there are any.
  let sweep: SharedSweep?
  let ranks: Int
  /// Why something is not made together with other things, in words.
  private(set) var notes: [String] = []

  /// A pass for one item.
  init(_ item: PassItem, ranks: Int) throws(StoreError) {
    try self.init([item], item.dataset, [ChunkField(item.array.dtype)], item.dataset.description.grid, ranks)
  }

  /// This pass and one that makes another item too; `nil` when their chunks differ.
  func joined(with item: PassItem) throws(StoreError) -> EvaluationPass? {
    guard item.isShareable, items.allSatisfy(\.isShareable), grid.hasChunks(of: item.dataset.description.grid) else {
      return nil
    }
    let items = items + [item]
    let arrays = items.map(\.array)
    if arrays.allSatisfy({ $0 === arrays[0] }) {
      return try EvaluationPass(items, dataset, items.map { _ in fields[0] }, grid, ranks)
    }
    let together = try ExpressionDataset(arrays, chunkShape: grid.chunkShape, name: "\(arrays.count) arrays")
    return try EvaluationPass(items, together, together.fields, grid, ranks)
  }

  private init(
    _ items: [PassItem], _ dataset: any ChunkedDataset, _ fields: [ChunkField], _ grid: ChunkGrid, _ ranks: Int
  ) throws(StoreError) {
    self.items = items
    self.dataset = dataset
    self.fields = fields
    self.grid = grid
    self.ranks = ranks
    let cost = SourceCost(dataset).leastCacheByteCount
    var parts: [SharedSweep.Part] = []
    for (item, field) in zip(items, fields) {
      guard case .statistics(let request, _) = item.use else { continue }
      parts.append(.init(plan: try ReductionPlan(request, over: item.dataset, ranks: ranks), field: field))
    }
    sweep = parts.isEmpty ? nil : SharedSweep(parts, chunkByteCount: cost, ranks: ranks)
  }

  /// In which order chunks are visited, and by which rank.
  var order: ReductionOrder { sweep?.order ?? ReductionOrder(ascending: grid) }

  /// Whether chunks are handed to writers in rounds that all ranks share, while statistics are made of them.
  var isInRounds: Bool { items.count > 1 && items.contains(where: \.isWritten) }

  /// Chunks of the rank that has most to do.
  private var largestShare: Int { sweep?.largestShare ?? order.largestShare(ranks: ranks) }

  /// Chunks that a rank holds at a time for writers: about as many bytes as writers like, and an eighth of the budget.
  func chunksPerRound(budget: Int) -> Int {
    let byteCount = max(1, BufferPool.capacity(for: dataset.description.largestChunkByteCount))
    return max(1, min(order.largestShare(ranks: ranks), min(CopyPlan.preferredWriteByteCount, budget / 8) / byteCount))
  }

  /// Rounds that all ranks go through.
  func roundCount(chunksPerRound: Int) -> Int {
    let most = order.largestShare(ranks: ranks)
    return most == 0 ? 0 : (most - 1) / chunksPerRound + 1
  }

  /// Bytes of chunks that wait for writers in a round, beside those that are read.
  func roundByteCount(chunksPerRound: Int) -> Int {
    guard isInRounds else { return 0 }
    return saturatingProduct(chunksPerRound, BufferPool.capacity(for: dataset.description.largestChunkByteCount))
  }

  /// What writers need beside a single chunk, by a rule that is on the safe side.
  private var leastWriterByteCount: Int {
    guard isInRounds else { return 0 }
    return items.reduce(0) { sum, item in
      let chunk = saturatingProduct(item.array.dtype.byteCount, grid.largestChunkElementCount)
      switch item.use {
      case .statistics: return sum
      case .elements: return saturatingSum(sum, ranks == 1 ? 0 : saturatingProduct(ranks + 1, chunk))
      case .file: return saturatingSum(sum, saturatingProduct(4, BufferPool.capacity(for: chunk)))
      }
    }
  }

  /// Bytes that a rank needs beside chunks that are read.
  var keptByteCount: Int { items.reduce(sweep?.peakByteCount ?? 0) { saturatingSum($0, $1.keptByteCount) } }

  /// Bytes that a rank needs, with the smallest cache and rounds.
  var leastByteCount: Int {
    [
      keptByteCount, roundByteCount(chunksPerRound: 1), leastWriterByteCount, SourceCost(dataset).leastCacheByteCount,
    ].reduce(0, saturatingSum)
  }

  /// Why not to make this pass rather than two that do the same together; `nil` if it is the better way.
  private func objection(insteadOf one: EvaluationPass, _ other: EvaluationPass, budget: Int) -> String? {
    let needed = leastByteCount
    if needed > budget { return "that would take \(needed) bytes per rank of a budget of \(budget)" }
    guard largestShare < saturatingSum(one.largestShare, other.largestShare) else {
      return "units of work lie crosswise, so that \(ranks) ranks could not share them"
    }
    return nil
  }

  /// Deals items out over as few passes as the budget allows, each into the first that takes it.
  static func passes(_ items: [PassItem], ranks: Int, budget: Int) throws(StoreError) -> [EvaluationPass] {
    var passes: [EvaluationPass] = []
    next: for item in items {
      var alone = try EvaluationPass(item, ranks: ranks)
      for (index, pass) in passes.enumerated() {
        // What is too much for one tape, or for one chunk, is no mistake: it takes a pass of its own.
        guard var both = try? pass.joined(with: item) else { continue }
        if let note = both.objection(insteadOf: pass, alone, budget: budget) {
          alone.notes.append("not together with pass \(index + 1) of its level: \(note)")
          continue
        }
        both.notes = pass.notes
        passes[index] = both
        continue next
      }
      passes.append(alone)
    }
    return passes
  }
}

extension ChunkGrid {
  /// Whether its chunks hold the same elements as those of another grid of the same shape.
  func hasChunks(of other: ChunkGrid) -> Bool {
    shape == other.shape
      && shape.indices.allSatisfy { min(shape[$0], chunkShape[$0]) == min(shape[$0], other.chunkShape[$0]) }
  }
}
