// Arrays that live in a file only while a pass needs them: chunks in places of their own, checksums in memory.

import Glibc
import MessagePassing

/// Writes an array into files that no later process shall find, for the ranks to read it again.
///
/// Chunk `n` has its place at `n` times the largest chunk's size in whole pages, in the file of the rank that writes it:
/// two ranks that write one file wait for each other in the system. Elements are stored as they are. Where
/// all ranks share a node, the files lose their names before the first byte is written: whatever ends the program, the
/// system takes their space back. Ranks on several nodes keep the names until the end, because a network file system
/// would take the files from the others; ``UnfinishedFiles`` removes them when the program is interrupted.
///
/// Nothing is made durable, and no byte of it needs to reach a disk while memory is free.
package final class ScratchWriter: ChunkedDatasetWriter {
  package let path: String
  package let description: DatasetDescription
  private let files: [PositionalFile]
  private let names: ScratchNames
  private let communicator: Communicator
  private let slotByteCount: Int
  /// Checksums of this rank's chunks.
  private var sums: [Int: UInt64] = [:]
  private var dataset: ScratchDataset?
  /// More files than this would not be written at the same time by one node's processors.
  private static let mostFiles = 16

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
    let names = try ScratchNames(in: directory, count: min(communicator.size, Self.mostFiles), communicator)
    self.names = names
    do throws(StoreError) {
      try communicator.agree { () throws(StoreError) in
        guard communicator.rank == 0 else { return }
        for name in names.paths { _ = try PositionalFile(name, .createNew) }
      }
      files = try communicator.agree { () throws(StoreError) in try names.opened(.readWrite) }
    } catch {
      names.remove()
      throw error.asScratch
    }
    if isOneNode { names.remove() }
    slotByteCount = Self.slotByteCount(grid, dtype)
    let byteCount = Region(shape: grid.shape).elementCount * dtype.byteCount
    description = DatasetDescription(
      format: .scratch, shape: grid.shape, dtype: dtype, grid: grid, storedByteCount: byteCount)
  }

  deinit { names.remove() }

  /// Whether the files have names that others could find: the writer must live as long as they are read.
  package var hasNames: Bool { names.areThere }

  /// Bytes from one chunk to the next.
  private static func slotByteCount(_ grid: ChunkGrid, _ dtype: DType) -> Int {
    (grid.largestChunkElementCount * dtype.byteCount + 4095) / 4096 * 4096
  }

  package func write(_ chunks: [ChunkToWrite]) throws(StoreError) {
    let file = files[communicator.rank % files.count]
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
      var table = [ScratchDataset.Entry?](repeating: nil, count: description.grid.chunkCount)
      for (rank, (numbers, sums)) in zip(allNumbers, allSums).enumerated() {
        let file = UInt32(rank % files.count)
        for (number, sum) in zip(numbers, sums) { table[number] = ScratchDataset.Entry(sum: sum, file: file) }
      }
      // Ranks of other nodes see what is synchronised and opened afterwards.
      if names.areThere { try files[communicator.rank % files.count].synchronize() }
      return ScratchDataset(path, description, files, slotByteCount, table)
    }
    guard names.areThere else { return }
    dataset = try communicator.agree { () throws(StoreError) in
      let reopened = try names.opened(.read)
      return dataset.map { ScratchDataset(path, description, reopened, slotByteCount, $0.table) }
    }
  }

  /// What was written, once committed; the writer must live as long as it is read.
  ///
  /// - Throws: `.notFound` before ``commit()``.
  package func written() throws(StoreError) -> any ChunkedDataset {
    guard let dataset else { throw StoreError(.notFound, "has not been committed; commit it first", path: path) }
    return dataset
  }

  package func abandon() { names.remove() }
}

extension StoreError {
  /// The error of a scratch file, with the way out.
  fileprivate var asScratch: StoreError {
    StoreError(
      code, "a scratch file of this copy: \(message); make room there, or raise --memory so that none is needed",
      path: path, rank: rank)
  }
}

/// The names of scratch files while they have them.
private final class ScratchNames {
  let paths: [String]
  private(set) var areThere = true
  private let communicator: Communicator

  /// Names that nobody has. Collective.
  init(in directory: String, count: Int, _ communicator: Communicator) throws(StoreError) {
    self.communicator = communicator
    var token = communicator.rank == 0 ? [UInt64.random(in: .min ... .max)] : []
    try passing { () throws(MPIError) in try communicator.broadcast(&token, from: 0) }
    let stem = directory + ".scratch." + String(token.first ?? 0, radix: 36)
    paths = (0..<count).map { "\(stem).\($0).partial" }
    for path in paths { UnfinishedFiles.add(path) }
  }

  func opened(_ mode: PositionalFile.Mode) throws(StoreError) -> [PositionalFile] {
    var files: [PositionalFile] = []
    for path in paths { files.append(try PositionalFile(path, mode)) }
    return files
  }

  /// Unlinks the files. Local; only rank 0 does it.
  func remove() {
    guard areThere else { return }
    areThere = false
    for path in paths {
      if communicator.rank == 0 { unlink(path) }
      UnfinishedFiles.remove(path)
    }
  }
}
