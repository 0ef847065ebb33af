// Carrying out the passes of an evaluation: statistics, elements and files from one stream of chunks.

import DAChunkCache
import DAStore
import MessagePassing

/// What a pass has made.
struct PassResults {
  /// Per statistics among the items, in their order.
  var statistics: [ReductionResult] = []
  /// Elements that were asked for, by the number of the output.
  var elements: [Int: DenseArray] = [:]
  var report = StreamingReport()
}

/// One pass on one rank.
struct EvaluationRun {
  let pass: EvaluationPass
  let communicator: Communicator
  let options: StreamingOptions
  /// Bytes per rank, agreed upon.
  let budget: MemoryBudget

  /// Carries the pass out.
  ///
  /// Files appear when the pass is over: when it fails none does, unless it is another file that cannot be made durable.
  /// - Collective: yes.
  func results() throws(StoreError) -> PassResults {
    var results = PassResults()
    guard pass.items.contains(where: \.isWritten) else {
      results.report = try reduce(&results, rounds: nil)
      return results
    }
    var targets: [Target] = []
    do throws(StoreError) {
      for (item, field) in zip(pass.items, pass.fields) where item.isWritten {
        targets.append(Target(item: item, writer: try writer(for: item), field: field))
      }
      if pass.isInRounds {
        results.report = try stream(&results, to: targets)
      } else {
        var options = options
        options.budget = budget.without(pass.keptByteCount)
        // The budget is without what arrays in memory hold.
        options.held = HeldMemory()
        results.report = try ArrayCopy(
          from: pass.dataset, to: targets[0].writer, over: communicator, options: options
        ).run()
      }
    } catch {
      for target in targets { target.writer.abandon() }
      throw error
    }
    for target in targets {
      guard case .elements(let output) = target.item.use, let writer = target.writer as? MemoryWriter else { continue }
      results.elements[output] = try communicator.agree { () throws(StoreError) in
        let facts = writer.description
        return DenseArray(dtype: facts.dtype, shape: facts.shape, bytes: try writer.dataset().bytes())
      }
    }
    return results
  }

  private struct Target {
    let item: PassItem
    let writer: any ChunkedDatasetWriter
    let field: ChunkField
  }

  private func writer(for item: PassItem) throws(StoreError) -> any ChunkedDatasetWriter {
    let facts = item.dataset.description
    if case .file(let target) = item.use {
      return try target.writer(for: facts, over: communicator, pool: BufferPool(budget: budget.byteCount))
    }
    let needed = facts.logicalByteCount
    guard needed <= budget.byteCount / 2 else {
      throw StoreError(
        .memory,
        "a result of \(needed) bytes on every rank takes more than half the budget of \(budget.byteCount); write it "
          + "to a file, or raise --memory to \(budget.naming(saturatingProduct(needed, 2)))")
    }
    return try MemoryWriter(
      shape: facts.shape, dtype: facts.dtype, chunkShape: facts.grid.chunkShape, communicator: communicator,
      pool: BufferPool(budget: .max))
  }

  /// Chunks that go to writers in rounds.
  private struct Rounds {
    let targets: [Target]
    let chunksPerRound: Int
    let count: Int
    /// Bytes that writers need beside the chunks of a round.
    let writerByteCount: Int

    init(_ pass: EvaluationPass, _ targets: [Target], chunksPerRound: Int) {
      self.targets = targets
      self.chunksPerRound = chunksPerRound
      count = pass.roundCount(chunksPerRound: chunksPerRound)
      let elementCount = saturatingProduct(chunksPerRound, pass.grid.largestChunkElementCount)
      writerByteCount = targets.reduce(0) { sum, target in
        let byteCount = saturatingProduct(elementCount, target.field.elementByteCount)
        return saturatingSum(sum, max(0, target.writer.roundScratchByteCount(forChunksOf: byteCount)))
      }
    }
  }

  /// Bytes that the pass needs, with the smallest cache.
  private func needed(_ rounds: Rounds?) -> Int {
    [
      pass.keptByteCount, rounds.map { pass.roundByteCount(chunksPerRound: $0.chunksPerRound) } ?? 0,
      rounds?.writerByteCount ?? 0, SourceCost(pass.dataset).leastCacheByteCount,
    ].reduce(0, saturatingSum)
  }

  /// Makes statistics while chunks go to several targets, or statistics are made of them too.
  private func stream(_ results: inout PassResults, to targets: [Target]) throws(StoreError) -> StreamingReport {
    var rounds = Rounds(pass, targets, chunksPerRound: pass.chunksPerRound(budget: budget.byteCount))
    // Writers know best what they need; all ranks come to the same number.
    while rounds.chunksPerRound > 1, needed(rounds) > budget.byteCount {
      rounds = Rounds(pass, targets, chunksPerRound: rounds.chunksPerRound / 2)
    }
    let report = try reduce(&results, rounds: rounds)
    return report
  }

  /// Sweeps the chunks of this rank, makes statistics of them, and hands them to writers.
  private func reduce(_ results: inout PassResults, rounds: Rounds?) throws(StoreError) -> StreamingReport {
    let kept = saturatingSum(pass.keptByteCount, rounds?.writerByteCount ?? 0)
    let cost = SourceCost(pass.dataset)
    try communicator.agree { () throws(StoreError) in
      if rounds == nil { try pass.sweep?.check(budget: budget) }
      let needed = needed(rounds)
      guard needed <= budget.byteCount else {
        throw StoreError(
          .memory,
          "a pass that makes \(pass.items.count) results \(budget.refusal(needing: needed)), or ask for fewer results "
            + "at once")
      }
    }
    let clock = StationClock()
    let cache = options.makeCache(byteCount: budget.byteCount - kept, for: [cost])
    let sweep: ChunkSweep = { chunks, body throws(StoreError) in
      guard let rounds else {
        return try cache.sweep(pass.dataset, chunks: chunks, hint: .scan, body)
      }
      try go(through: rounds, of: chunks, cache, clock, body)
    }
    if let shared = pass.sweep {
      results.statistics = try ReductionRun(
        plan: shared, communicator: communicator, clock: clock, progress: options.progress,
        shouldStop: options.shouldStop,
        sweep: sweep
      ).results()
    } else {
      try sweep(pass.order.chunks(ofRank: communicator.rank, of: communicator.size)) { _, _ throws(StoreError) in
        try options.checkForStop()
      }
    }
    try communicator.agree { () throws(StoreError) in try pass.dataset.finishReading() }
    for target in rounds?.targets ?? [] {
      try clock.writing(0) { () throws(StoreError) in try target.writer.commit() }
    }
    let report = StreamingReport(cache: cache, blocks: nil, writer: kept, clock: clock)
    options.passDone?(report)
    return report
  }

  /// Collective: all ranks go through the same number of rounds, and leave together when one fails.
  private func go(
    through rounds: Rounds, of chunks: WorkList, _ cache: ChunkCache, _ clock: StationClock,
    _ body: (Int, UnsafeRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    func numbers(_ round: Int) -> [Int] {
      Array(chunks.dropFirst(round * rounds.chunksPerRound).prefix(rounds.chunksPerRound))
    }
    for round in 0..<rounds.count {
      let pins = try communicator.agree { () throws(StoreError) -> [PinnedChunk] in
        let pins = try cache.pin(pass.dataset, chunks: numbers(round))
        for pin in pins { try body(pin.number, pin.bytes) }
        return pins
      }
      let following = numbers(round + 1)
      if !following.isEmpty { cache.prefetch(pass.dataset, chunks: following) }
      for target in rounds.targets {
        let written = pins.map { pin in
          let elementCount = pass.grid.elementCount(of: pin.number)
          return ChunkToWrite(number: pin.number, bytes: target.field.bytes(of: pin.bytes, elementCount: elementCount))
        }
        try clock.writing(written.reduce(0) { $0 + $1.bytes.count }) { () throws(StoreError) in
          try target.writer.write(written)
        }
      }
      withExtendedLifetime(pins) {}
    }
  }
}
