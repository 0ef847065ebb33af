// From arrays in memory to files, to lazy arrays, and to all elements on every rank.

import DAStore
import Glibc
import MessagePassing

extension DistributedArray {
  /// Stores the array; the format follows from the name: `.npy`, or `.dnpy`. Copies in padding are left out.
  ///
  /// Chunks are put together from the ranks' parts in rounds, each chunk on the rank that writes it. The file appears under
  /// its name when it is whole.
  /// - Parameters:
  ///   - chunks: Chunk extents of a `.dnpy` file; slabs of about a mebibyte when not given.
  ///   - codecs: Names of Formats/codecs.md, in order of encoding.
  ///   - overwrite: Whether a file of that name may be replaced.
  /// - Throws: The same on every rank: `.alreadyExists`, `.invalidArgument`, `.memory` with the budget that would do, `.io`.
  /// - Collective: yes.
  public func write(
    to path: String, chunks: [Int]? = nil, codecs: [String]? = nil, overwrite: Bool = false
  ) throws(StoreError) {
    let target = ArrayFile.Target(path: path, chunks: chunks, codecs: codecs, overwrite: overwrite)
    let facts = DatasetDescription(
      format: .memory, shape: shape, dtype: dtype,
      grid: try ChunkGrid(
        shape: shape,
        chunkShape: ChunkGrid.slabs(
          shape, elementByteCount: dtype.byteCount, targetByteCount: NpyDataset.defaultChunkByteCount)),
      storedByteCount: 0)
    let pool = BufferPool(budget: max(1, context.options.budget.byteCount - context.heldByteCount))
    try write(
      into: target.writer(
        for: facts, over: context.communicator, pool: pool, npyChunkByteCount: streamChunkByteCount()))
  }

  /// How much of a `.npy` file is put together at a time: the file has no chunks that would tell. Collective.
  private func streamChunkByteCount() throws(StoreError) -> Int {
    max(dtype.byteCount, min(NpyDataset.defaultChunkByteCount, try context.freeMemory().free / 8))
  }

  /// Hands all chunks to a writer, and commits or abandons it. Collective.
  private func write(into writer: any ChunkedDatasetWriter) throws(StoreError) {
    do throws(StoreError) {
      let free = try context.freeMemory()
      let rounds = try context.communicator.agree { () throws(StoreError) in
        try ChunkRounds(
          grid: writer.description.grid, elementByteCount: dtype.byteCount,
          blockByteCount: distribution.largestLocalByteCount(dtype), rankCount: context.communicator.size, memory: free,
          roundScratch: writer.roundScratchByteCount(forChunksOf:))
      }
      try ChunkDelivery(self, rounds).run(to: writer)
      try writer.commit()
    } catch {
      writer.abandon()
      throw error
    }
  }

  /// What the array is now, as a lazy array for expressions and statistics; later changes of this one do not show.
  ///
  /// Where there is room for all elements twice on every rank, they are kept in memory on every rank; otherwise in a
  /// file without a name in the context's `scratchDirectory`, which all ranks must share then.
  /// - Throws: The same on every rank: `.memory`, `.io`; `.notFound` where ranks do not share the folder.
  /// - Collective: yes.
  public func array() throws(StoreError) -> DistArray {
    if try replicationByteCount() <= context.freeMemory().free {
      return context.array(try replicated())
    }
    let token = try passing { () throws(MPIError) in
      try context.communicator.broadcast(UInt64.random(in: .min ... .max), from: 0)
    }
    let path = context.scratchDirectory + "/.dastore-" + String(token, radix: 36) + ".npy"
    try write(to: path)
    let opened = Result { () throws(StoreError) in
      try context.communicator.agree { () throws(StoreError) in try NpyDataset(path: path) }
    }
    // Every rank has it open, or none needs it.
    if context.communicator.rank == 0 { unlink(path) }
    return context.array(try opened.get())
  }

  /// All elements on every rank: for arrays that are small.
  ///
  /// - Throws: The same on every rank: `.memory` with the budget that would do.
  /// - Collective: yes.
  public func toArray() throws(StoreError) -> DenseArray {
    try context.freeMemory().require(
      try replicationByteCount(), for: "all elements of an array \(shapeText(shape)) on every rank")
    let whole = try replicated()
    return DenseArray(dtype: dtype, shape: shape, bytes: whole.bytes())
  }

  /// Memory for all elements twice, and for the messages that bring them.
  private func replicationByteCount() throws(StoreError) -> Int {
    let whole = try elementByteCount()
    let chunk = min(whole, BufferPool.capacity(for: NpyDataset.defaultChunkByteCount))
    return saturatingSum(saturatingProduct(2, whole), saturatingProduct(context.communicator.size + 4, chunk))
  }

  /// Memory that all elements take.
  private func elementByteCount() throws(StoreError) -> Int {
    BufferPool.capacity(for: try checkedElementCount(shape, dtype: dtype) * dtype.byteCount)
  }

  /// All elements in the memory of every rank. Collective.
  private func replicated() throws(StoreError) -> MemoryDataset {
    let writer = try MemoryWriter(
      name: "distributed array", shape: shape, dtype: dtype, communicator: context.communicator,
      pool: context.heldMemory.makePool(byteCount: elementByteCount()))
    try write(into: writer)
    return try writer.dataset()
  }
}
