// Conversion, rechunking and change of element type: one stream from any dataset to any writer, on any number of ranks.

import DAChunkCache
import DAStore
import MessagePassing

/// Copies a stored array into a target, in rounds that all ranks share and within a byte budget per rank.
///
/// The element type becomes the writer's, as `castElements` does it: where an element has no value in it, the copy
/// fails and names the element. Where chunks of source and target cross, the copy may go through a scratch file beside
/// the target (``CopyRoute``).
public struct ArrayCopy {
  public let route: CopyRoute
  private let source: any ChunkedDataset
  private let writer: any ChunkedDatasetWriter
  private let communicator: Communicator
  private let options: StreamingOptions

  /// Plans the copy. On failure the writer is abandoned.
  ///
  /// - Throws: `.invalidArgument` when the shapes differ; `.memory` with the smallest budget that would do.
  /// - Collective: yes.
  public init(
    from source: any ChunkedDataset, to writer: any ChunkedDatasetWriter, over communicator: Communicator,
    options: StreamingOptions
  ) throws(StoreError) {
    self.source = source
    self.writer = writer
    self.communicator = communicator
    self.options = options
    do throws(StoreError) {
      let budget = try options.agreedBudget(communicator)
      route = try communicator.agree { () throws(StoreError) in
        try Self.route(
          from: source, to: writer.description, roundScratch: writer.roundScratchByteCount(forChunksOf:),
          rankCount: communicator.size, budget: budget, scratchDirectory: options.scratchDirectory)
      }
    } catch {
      writer.abandon()
      throw error
    }
  }

  /// The passes of a copy, without a writer: what `--explain` prints. Local.
  public static func route(
    from source: any ChunkedDataset, to target: DatasetDescription, roundScratch: @escaping (Int) -> Int,
    rankCount: Int, budget: MemoryBudget, scratchDirectory: String? = nil
  ) throws(StoreError) -> CopyRoute {
    try CopyRoute(
      CopyRoute.Ends(
        source: source.description.grid, cost: SourceCost(source), sourceType: source.description.dtype,
        target: target.grid, targetType: target.dtype, roundScratch: roundScratch, rankCount: rankCount,
        budget: budget),
      mayUseScratch: target.format != .memory || scratchDirectory != nil)
  }

  /// Copies everything, has the source compare its checksums, and commits.
  ///
  /// On any failure the writer is abandoned on all ranks, and all throw the same error.
  /// - Collective: yes.
  public func run() throws(StoreError) -> StreamingReport {
    do throws(StoreError) {
      let total = route.passes.count * writer.description.logicalByteCount
      options.progress?(0, total)
      var report = try passes(total)
      let clock = StationClock()
      try clock.writing(0) { () throws(StoreError) in try writer.commit() }
      report.add(clock)
      options.passDone?(report)
      return report
    } catch {
      writer.abandon()
      throw error
    }
  }

  private func passes(_ total: Int) throws(StoreError) -> StreamingReport {
    guard let grid = route.scratchGrid, let type = route.scratchType else {
      return try pass(route.passes[0], from: source, to: writer) { options.progress?($0, total) }
    }
    let scratch = try ScratchWriter(
      in: options.scratchDirectory ?? splitPath(writer.path).directory, name: source.path, grid: grid, dtype: type,
      communicator: communicator)
    defer { scratch.abandon() }
    let half = total / 2
    let share = Double(writer.description.dtype.byteCount) / Double(type.byteCount)
    var report = try pass(route.passes[0], from: source, to: scratch) {
      options.progress?(min(half, Int(Double($0) * share)), total)
    }
    try scratch.commit()
    report.add(
      try pass(route.passes[1], from: scratch.written(), to: writer) { options.progress?(half + $0, total) })
    return report
  }

  /// One pass over all elements of a dataset.
  private func pass(
    _ plan: CopyPlan, from source: any ChunkedDataset, to writer: any ChunkedDatasetWriter,
    progress: (Int) -> Void
  ) throws(StoreError) -> StreamingReport {
    let report = try CopyPass(
      plan: plan, source: source, writer: writer, communicator: communicator, options: options
    ).stream(progress)
    try communicator.agree { () throws(StoreError) in try source.finishReading() }
    return report
  }
}
