// A planned pass in the words of an explanation.

import DAStore

extension Explanation.Pass {
  init(_ pass: EvaluationPass, budget: Int) {
    results = pass.items.map(\.text)
    shape = pass.grid.shape
    chunkShape = pass.grid.chunkShape
    chunkCount = pass.grid.chunkCount
    stepCount = (pass.dataset as? ExpressionDataset)?.tape.steps.count ?? 0
    sources = pass.dataset.explainedSources
    algorithm = pass.algorithm(budget: budget) + pass.notes
    sweepCount = pass.sweep?.passes ?? 1
    writtenByteCount = pass.items.reduce(0) { sum, item in
      if case .file = item.use { saturatingSum(sum, item.dataset.description.logicalByteCount) } else { sum }
    }
    sentByteCount = saturatingProduct(pass.ranks - 1, pass.toldByteCount)
    leastByteCount = pass.leastByteCount
  }
}

extension Explanation.Pass {
  /// A product, whose operands need no other result.
  init(_ product: MatrixProduct, ranks: Int, budget: MemoryBudget) throws(StoreError) {
    let (a, b) = (try Materialisation.dataset(product.a), try Materialisation.dataset(product.b))
    let dtype = product.a.dtype
    let byteCount = product.geometry.shape.reduce(dtype.byteCount, saturatingProduct)
    let plan = try ProductPlan(
      product.geometry, dtype, costs: [SourceCost(a), SourceCost(b)],
      isInMemory: HeldArray.staysInMemory(byteCount, budget: budget), roundScratch: { $0 }, rankCount: ranks,
      budget: budget)
    results = [plan.explanation]
    shape = product.geometry.shape
    chunkShape = product.geometry.blockShape
    chunkCount = plan.tileCount
    stepCount = 0
    sources = [(a, plan.readings.a), (b, plan.readings.b)].flatMap { operand, times in
      operand.explainedSources.map { source in
        var source = source
        source.byteCount = saturatingProduct(source.byteCount, times)
        return source
      }
    }
    algorithm = ["\(plan.roundCount) round\(plan.roundCount == 1 ? "" : "s") of one tile per rank"]
    sweepCount = 1
    writtenByteCount = plan.resultByteCount == 0 ? byteCount : 0
    sentByteCount = plan.resultByteCount == 0 ? 0 : saturatingProduct(ranks - 1, byteCount)
    leastByteCount = plan.neededByteCount
  }
}

extension Explanation.Pass {
  /// Elements that every rank keeps for what comes after: those of lists.
  init(keeping dataset: any ChunkedDataset, ranks: Int) {
    let facts = dataset.description
    results = ["\(dataset.path): \(shapeText(facts.shape)) \(facts.dtype.name), kept on every rank"]
    shape = facts.shape
    chunkShape = facts.grid.chunkShape
    chunkCount = facts.grid.chunkCount
    stepCount = (dataset as? ExpressionDataset)?.tape.steps.count ?? 0
    sources = dataset.explainedSources
    algorithm = dataset is PickedDataset ? ["points in the order of the chunks in which they lie"] : []
    sweepCount = 1
    writtenByteCount = 0
    sentByteCount = saturatingProduct(ranks - 1, facts.logicalByteCount)
    leastByteCount = saturatingSum(facts.logicalByteCount, SourceCost(dataset).leastCacheByteCount)
  }
}

extension Explanation.Pass {
  /// A copy in other chunks, for what would decode the array's own chunks many times.
  init(_ rechunked: RechunkedArray, ranks: Int, budget: MemoryBudget) throws(StoreError) {
    let dataset = try Materialisation.dataset(rechunked.array)
    let facts = dataset.description
    let grid = try ChunkGrid(shape: facts.shape, chunkShape: rechunked.chunkShape)
    let isKept = HeldArray.staysInMemory(facts.logicalByteCount, budget: budget)
    let target = DatasetDescription(
      format: isKept ? .memory : .scratch, shape: facts.shape, dtype: facts.dtype, grid: grid, storedByteCount: 0)
    let route = try ArrayCopy.route(
      from: dataset, to: target, roundScratch: { _ in 0 }, rankCount: ranks, budget: budget)
    results = [
      "\(shapeText(facts.shape)) \(facts.dtype.name) in C order, "
        + (isKept ? "kept on every rank" : "to a scratch file of \(byteCountText(facts.logicalByteCount))")
    ]
    shape = facts.shape
    chunkShape = rechunked.chunkShape
    chunkCount = grid.chunkCount
    stepCount = (dataset as? ExpressionDataset)?.tape.steps.count ?? 0
    sources = dataset.explainedSources
    algorithm = ["copied because stretches of the array cut across chunks that would be decoded again for each"]
    if let scratch = route.scratchGrid {
      algorithm.append("by way of another scratch file in chunks of \(shapeText(scratch.chunkShape))")
    }
    sweepCount = 1
    writtenByteCount = isKept ? 0 : saturatingSum(facts.logicalByteCount, route.scratchByteCount)
    sentByteCount = isKept ? saturatingProduct(ranks - 1, facts.logicalByteCount) : 0
    leastByteCount = saturatingSum(route.leastByteCount(SourceCost(dataset)), isKept ? facts.logicalByteCount : 0)
  }
}

extension EvaluationPass {
  /// How chunks are gone through.
  fileprivate func algorithm(budget: Int) -> [String] {
    var lines: [String] = []
    if let sweep {
      lines.append(
        sweep.order.isByGroups
          ? "partial results of one group of chunks after the other, joined in a tree fixed by the chunk grid"
          : "chunks by ascending number, partial results of all open groups, joined in a tree fixed by the chunk grid")
    }
    if isInRounds {
      let size = chunksPerRound(budget: budget)
      let count = roundCount(chunksPerRound: size)
      lines.append("\(count) round\(count == 1 ? "" : "s") of at most \(size) chunk\(size == 1 ? "" : "s") per rank")
    } else if items.contains(where: \.isWritten) {
      lines.append("copied in rounds of blocks of the target's chunks" + scratchText(budget: budget))
    }
    return lines
  }

  /// What is stored on the way to a file whose chunks lie across those of the array.
  private func scratchText(budget: Int) -> String {
    // What cannot be planned is refused when it is made, with the reason.
    guard case .file(let target)? = items.first?.use, let facts = try? target.description(like: dataset.description),
      let budget = try? MemoryBudget(byteCount: budget),
      let route = try? ArrayCopy.route(
        from: dataset, to: facts, roundScratch: { $0 }, rankCount: ranks, budget: budget), route.scratchGrid != nil
    else { return "" }
    return ", by way of a scratch file of \(byteCountText(route.scratchByteCount)) beside the target"
  }

  /// Bytes that a rank may tell another one: partial results, results, and elements that all ranks keep.
  fileprivate var toldByteCount: Int {
    items.reduce(sweep?.partialByteCount ?? 0) { saturatingSum($0, $1.keptByteCount) }
      + (sweep?.parts.reduce(0) { saturatingSum($0, $1.plan.resultByteCount) } ?? 0)
  }
}

extension PassItem {
  /// What is made.
  fileprivate var text: String {
    let of = "\(shapeText(array.shape)) \(array.dtype.name)"
    switch use {
    case .statistics(let request, _):
      let names = request.storedStatistics.map(\.name).joined(separator: ", ")
      let axes = (try? request.reduced(dimensionCount: array.shape.count)) ?? []  // was checked when it was planned
      let over = axes.indices.filter { axes[$0] }
      let list = over.count == axes.count ? "all axes" : "axes \(over.map(String.init).joined(separator: ", "))"
      return "\(names) of \(of) over \(list)" + (request.histogram.map { ", histogram of \($0.binCount) bins" } ?? "")
    case .elements: return "\(of), all elements on every rank"
    case .file(let target): return "\(of) to \(target.path)"
    }
  }
}

extension ChunkedDataset {
  fileprivate var explainedSources: [Explanation.Source] {
    leaves.map { dataset, byteCount in
      let facts = dataset.description
      return Explanation.Source(
        path: dataset.path, shape: facts.shape, dtype: facts.dtype, chunkShape: facts.grid.chunkShape,
        byteCount: byteCount)
    }
  }

  /// The datasets that this one is made from in the end, each once, and the bytes of their elements that are used.
  fileprivate var leaves: [(dataset: any ChunkedDataset, byteCount: Int)] {
    var order: [any ChunkedDataset] = []
    var byteCounts: [ObjectIdentifier: Int] = [:]
    func add(_ dataset: any ChunkedDataset, _ shown: Int) {
      guard let made = dataset as? any SourcedDataset else {
        let identity = ObjectIdentifier(dataset)
        if byteCounts[identity] == nil { order.append(dataset) }
        let isStored = !(dataset is ComputedDataset) && !(dataset is PlaceholderDataset)
        let all = dataset.description.logicalByteCount
        byteCounts[identity] = isStored ? min(all, saturatingSum(byteCounts[identity] ?? 0, shown)) : 0
        return
      }
      for source in made.sources {
        let isEmpty = source.view.shape.contains(0)
        let box = isEmpty ? 0 : source.view.box(of: Region(shape: source.view.shape)).elementCount
        add(source.dataset, saturatingProduct(box, source.dtype.byteCount))
      }
    }
    add(self, description.logicalByteCount)
    return order.map { ($0, byteCounts[ObjectIdentifier($0)] ?? 0) }
  }
}
