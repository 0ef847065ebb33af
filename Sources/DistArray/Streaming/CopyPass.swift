// One pass of a copy: rounds in which every rank loads a block of target chunks and hands them to the writer.

import DAChunkCache
import DAStore
import MessagePassing

/// Carries out one plan; nothing is committed.
struct CopyPass {
  let plan: CopyPlan
  let source: any ChunkedDataset
  let writer: any ChunkedDatasetWriter
  let communicator: Communicator
  let options: StreamingOptions

  /// Collective.
  ///
  /// - Parameter progress: Told after every round: bytes of the target done.
  func stream(_ progress: (Int) -> Void) throws(StoreError) -> StreamingReport {
    let cache = options.makeCache(byteCount: plan.memory.cache, for: [SourceCost(source)])
    let blocks = BufferPool(budget: plan.memory.block + plan.memory.converted)
    let clock = StationClock()
    let assembler = ChunkAssembler(source, plan, cache, clock)
    let stage = try communicator.agree { () throws(StoreError) in try CopyStage(plan, blocks) }
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
        let chunks = Array(loaded.chunks.dropFirst(write * plan.chunksPerWrite).prefix(plan.chunksPerWrite))
        try clock.writing(chunks.reduce(0) { $0 + $1.bytes.count }) { () throws(StoreError) in
          try writer.write(chunks)
        }
      }
      withExtendedLifetime(loaded) {}
      progress(plan.byteCount(throughRound: round))
    }
    return StreamingReport(cache: cache, blocks: blocks, writer: plan.memory.writer, clock: clock)
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
      var stop: Int?
      assembler.clock.computing { stop = castElements(from: from, input, to: to, output) }
      if let stop {
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
