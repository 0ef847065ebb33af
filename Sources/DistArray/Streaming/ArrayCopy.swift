// Conversion, rechunking and change of element type: one stream from any dataset to any writer, on any number of ranks.

import DAChunkCache
import DAStore
import MessagePassing

/// Copies a stored array into a target, in rounds that all ranks share and within a byte budget per rank.
///
/// The element type becomes the writer's, as `castElements` does it: where an element has no value in it, the copy
/// fails and names the element.
public struct ArrayCopy {
  public let plan: CopyPlan
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
      plan = try communicator.agree { () throws(StoreError) in
        try Self.plan(
          from: source, to: writer.description, roundScratch: writer.roundScratchByteCount(forChunksOf:),
          rankCount: communicator.size, budget: budget)
      }
    } catch {
      writer.abandon()
      throw error
    }
  }

  /// The plan of a copy, without a writer: what `--explain` prints. Local.
  public static func plan(
    from source: any ChunkedDataset, to target: DatasetDescription, roundScratch: (Int) -> Int, rankCount: Int,
    budget: MemoryBudget
  ) throws(StoreError) -> CopyPlan {
    try CopyPlan(
      source: source.description.grid, cost: SourceCost(source), target: target.grid,
      targetCost: .init(
        elementByteCount: target.dtype.byteCount, isConverted: target.dtype != source.description.dtype),
      roundScratch: roundScratch, rankCount: rankCount, budget: budget)
  }

  /// Copies everything, has the source compare its checksums, and commits.
  ///
  /// On any failure the writer is abandoned on all ranks, and all throw the same error.
  /// - Collective: yes.
  public func run() throws(StoreError) -> StreamingReport {
    do throws(StoreError) {
      let report = try stream()
      try communicator.agree { () throws(StoreError) in try source.finishReading() }
      try writer.commit()
      return report
    } catch {
      writer.abandon()
      throw error
    }
  }

  private func stream() throws(StoreError) -> StreamingReport {
    let cache = options.makeCache(byteCount: plan.memory.cache, for: [SourceCost(source)])
    let blocks = BufferPool(budget: plan.memory.block + plan.memory.converted)
    let assembler = ChunkAssembler(source, plan, cache)
    let stage = try communicator.agree { () throws(StoreError) in try CopyStage(plan, blocks) }
    let total = writer.description.logicalByteCount
    options.progress?(0, total)
    for round in 0..<plan.roundCount {
      let block = plan.block(round: round, rank: communicator.rank)
      let loaded = try communicator.agree { () throws(StoreError) -> LoadedChunks in
        try options.checkForStop()
        guard let block else { return LoadedChunks() }
        return try load(block, assembler, stage)
      }
      if round + 1 < plan.roundCount {
        assembler.prefetch(block: plan.block(round: round + 1, rank: communicator.rank))
      }
      for write in 0..<plan.writesPerRound {
        try writer.write(Array(loaded.chunks.dropFirst(write * plan.chunksPerWrite).prefix(plan.chunksPerWrite)))
      }
      withExtendedLifetime(loaded) {}
      options.progress?(plan.byteCount(throughRound: round), total)
    }
    return StreamingReport(cache: cache, blocks: blocks, writer: plan.memory.writer)
  }

  /// One round's chunks of this rank, with what keeps their bytes valid.
  private struct LoadedChunks {
    var chunks: [ChunkToWrite] = []
    var pins: [PinnedChunk] = []
  }

  private func load(_ block: Int, _ assembler: ChunkAssembler, _ stage: CopyStage) throws(StoreError) -> LoadedChunks {
    if plan.isDirect {
      let pins = try assembler.cache.pin(source, chunks: plan.sourceChunks(ofBlock: block))
      return LoadedChunks(chunks: pins.map { ChunkToWrite(number: $0.number, bytes: $0.bytes) }, pins: pins)
    }
    guard let buffer = stage.block else { return LoadedChunks() }
    var places = try assembler.assemble(block: block, into: buffer.bytes)
    var bytes = UnsafeRawBufferPointer(buffer.bytes)
    let from = source.description.dtype
    let to = writer.description.dtype
    if from != to, let converted = stage.converted, let end = places.last?.bytes.upperBound {
      let count = end / from.byteCount
      let input = UnsafeRawBufferPointer(rebasing: bytes[..<end])
      let output = UnsafeMutableRawBufferPointer(rebasing: converted.bytes[..<(count * to.byteCount)])
      if let stop = castElements(from: from, input, to: to, output) {
        throw undefined(stop, places, input, to)
      }
      bytes = UnsafeRawBufferPointer(output)
      places = places.map { place in
        (
          place.number,
          place.bytes.lowerBound / from.byteCount * to.byteCount..<place.bytes.upperBound / from.byteCount
            * to.byteCount
        )
      }
    }
    return LoadedChunks(
      chunks: places.map { ChunkToWrite(number: $0.number, bytes: UnsafeRawBufferPointer(rebasing: bytes[$0.bytes])) })
  }

  /// The error for an element that the target's type cannot hold.
  private func undefined(
    _ index: Int, _ places: [(number: Int, bytes: Range<Int>)], _ bytes: UnsafeRawBufferPointer, _ target: DType
  ) -> StoreError {
    let from = source.description.dtype
    let offset = index * from.byteCount
    let value = ElementValue(dtype: from, littleEndian: UnsafeRawBufferPointer(rebasing: bytes[offset...]))
    var position = ""
    if let place = places.first(where: { $0.bytes.contains(offset) }) {
      let region = plan.target.region(of: place.number)
      let local = rowMajorPosition(of: (offset - place.bytes.lowerBound) / from.byteCount, in: region.shape)
      position = " at \(shapeText(zip(local, region.lower).map { $0 + $1 }))"
    }
    return StoreError(
      .invalidArgument, "the element\(position) is \(value), which has no value in \(target.name); choose another type",
      path: source.path)
  }

  /// The buffers of a copy through blocks, leased once.
  private struct CopyStage {
    var block: PooledBuffer?
    var converted: PooledBuffer?

    init(_ plan: CopyPlan, _ pool: BufferPool) throws(StoreError) {
      if plan.memory.block > 0 { block = try pool.lease(byteCount: plan.memory.block) }
      if plan.memory.converted > 0 { converted = try pool.lease(byteCount: plan.memory.converted) }
    }
  }
}
