// Arrays that live in a file only while a pass needs them: chunks in places of their own, checksums in memory.

import Glibc
import MessagePassing

/// Writes an array into a file that no later process shall find, for the ranks to read it again.
///
/// Chunk `n` has its place at `n` times the largest chunk's size in whole pages; elements are stored as they are. Where
/// all ranks share a node, the file loses its name before the first byte is written: whatever ends the program, the
/// system takes its space back. Ranks on several nodes keep the name until the end, because a network file system would
/// take the file from the others; ``UnfinishedFiles`` removes it when the program is interrupted.
///
/// Nothing is made durable, and no byte of it needs to reach a disk while memory is free.
package final class ScratchWriter: ChunkedDatasetWriter {
  package let path: String
  package let description: DatasetDescription
  private let file: PositionalFile
  private let name: ScratchName
  private let communicator: Communicator
  private let slotByteCount: Int
  /// Checksums of this rank's chunks.
  private var sums: [Int: UInt64] = [:]
  private var dataset: ScratchDataset?

  /// - Parameters:
  ///   - directory: Where the file lies, seen by all ranks; empty for the working directory, otherwise ending with `/`.
  ///   - name: What messages call the array.
  /// - Throws: `.invalidArgument` for a shape or chunk shape that makes no sense; `.io` when the file cannot be made.
  /// - Collective: yes.
  package init(
    in directory: String, name path: String, grid: ChunkGrid, dtype: DType, communicator: Communicator
  ) throws(StoreError) {
    self.path = path
    self.communicator = communicator
    let isOneNode = try passing { () throws(MPIError) in try communicator.nodeLocal.size == communicator.size }
    name = try ScratchName(in: directory, communicator: communicator)
    let partial = name.path
    do throws(StoreError) {
      try communicator.agree { () throws(StoreError) in
        if communicator.rank == 0 { _ = try PositionalFile(partial, .createNew) }
      }
      file = try communicator.agree { () throws(StoreError) in try PositionalFile(partial, .readWrite) }
    } catch {
      name.remove(on: communicator)
      throw error.asScratch
    }
    if isOneNode { name.remove(on: communicator) }
    slotByteCount = Self.slotByteCount(grid, dtype)
    let byteCount = Region(shape: grid.shape).elementCount * dtype.byteCount
    description = DatasetDescription(
      format: .scratch, shape: grid.shape, dtype: dtype, grid: grid, storedByteCount: byteCount)
  }

  deinit { name.remove(on: communicator) }

  /// Bytes from one chunk to the next.
  private static func slotByteCount(_ grid: ChunkGrid, _ dtype: DType) -> Int {
    (grid.largestChunkElementCount * dtype.byteCount + 4095) / 4096 * 4096
  }

  package func write(_ chunks: [ChunkToWrite]) throws(StoreError) {
    try communicator.agree { () throws(StoreError) in
      try checkRound(chunks)
      for chunk in chunks {
        sums[chunk.number] = Checksum.xxh3(chunk.bytes)
        do throws(StoreError) {
          try file.write(at: chunk.number * slotByteCount, chunk.bytes)
        } catch {
          throw error.asScratch
        }
      }
    }
  }

  /// Chunks are written from where they are.
  package func roundScratchByteCount(forChunksOf byteCount: Int) -> Int { 0 }

  /// Lets all ranks read what was written.
  package func commit() throws(StoreError) {
    let numbers = sums.keys.sorted()
    let (allNumbers, allSums) = try passing { () throws(MPIError) in
      (try communicator.allGather(numbers), try communicator.allGather(numbers.compactMap { sums[$0] }))
    }
    dataset = try communicator.agree { () throws(StoreError) in
      var table = [UInt64?](repeating: nil, count: description.grid.chunkCount)
      for (numbers, sums) in zip(allNumbers, allSums) {
        for (number, sum) in zip(numbers, sums) { table[number] = sum }
      }
      // Ranks of other nodes see what is synchronised and opened afterwards.
      if name.isThere { try file.synchronize() }
      return ScratchDataset(path, description, file, slotByteCount, table)
    }
    guard name.isThere else { return }
    dataset = try communicator.agree { () throws(StoreError) in
      let reopened = try PositionalFile(name.path, .read)
      return dataset.map { ScratchDataset(path, description, reopened, slotByteCount, $0.sums) }
    }
  }

  /// What was written, once committed; the writer must live as long as it is read.
  ///
  /// - Throws: `.notFound` before ``commit()``.
  package func written() throws(StoreError) -> any ChunkedDataset {
    guard let dataset else { throw StoreError(.notFound, "has not been committed; commit it first", path: path) }
    return dataset
  }

  package func abandon() { name.remove(on: communicator) }
}

extension StoreError {
  /// The error of a scratch file, with the way out.
  fileprivate var asScratch: StoreError {
    StoreError(
      code, "a scratch file of this copy: \(message); make room there, or raise --memory so that none is needed",
      path: path, rank: rank)
  }
}

/// The name of a scratch file while it has one.
private final class ScratchName {
  let path: String
  private(set) var isThere = true

  /// A name that nobody has. Collective.
  init(in directory: String, communicator: Communicator) throws(StoreError) {
    var token = communicator.rank == 0 ? [UInt64.random(in: .min ... .max)] : []
    try passing { () throws(MPIError) in try communicator.broadcast(&token, from: 0) }
    path = directory + ".scratch." + String(token.first ?? 0, radix: 36) + ".partial"
    UnfinishedFiles.add(path)
  }

  /// Unlinks the file. Local; only rank 0 does it.
  func remove(on communicator: Communicator) {
    guard isThere else { return }
    isThere = false
    if communicator.rank == 0 { unlink(path) }
    UnfinishedFiles.remove(path)
  }
}
