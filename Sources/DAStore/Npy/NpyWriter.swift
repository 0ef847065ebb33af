// Writes a `.npy` file from any number of ranks: header by one, chunks by all, renamed when it is whole.

import MessagePassing

/// A `.npy` file that the ranks of a communicator write together.
///
/// The file is built under another name in the same directory, at its full size from the start, so that a full disk is
/// noticed before any work is done. Chunks are contiguous extents of the file, as ``NpyDataset`` has them.
/// - Source: Formats/npy.md
public final class NpyWriter: ChunkedDatasetWriter {
  public let path: String
  public let description: DatasetDescription
  let header: NpyHeader
  private var isTransposed: Bool { header.isTransposed }
  private let communicator: Communicator
  private let target: TargetFile
  private let file: ParallelFile
  /// Long runs go this way, in the background.
  private let background: NpyBackgroundWriter?
  /// One bit per chunk that this rank has written. Empty when the fill value is all zeros: a new file reads as zeros.
  private var written: [UInt64] = []
  private var isFinished = false

  /// Small neighbouring chunks are gathered in memory up to this size, to become one transfer.
  static let gatherByteCount = 4 << 20
  /// Most chunks whose being written can be tracked: 32 MiB of bits.
  static let trackedChunkCount = 1 << 28

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: Name of the file to be; the same on every rank, as are all other arguments.
  ///   - isFortranOrder: Stores the first axis as the fastest. Chunks are still handed over in C order.
  ///   - fillValue: What chunks hold that are never written; zero when `nil`.
  ///   - chunkByteCount: No chunk becomes larger than this, unless one element is.
  ///   - isOverwriting: Whether an existing file may be replaced, when this one is committed.
  /// - Throws: `.alreadyExists`, `.notFound` for a missing directory, `.invalidArgument` for a shape that cannot be,
  ///   `.io` when the disk is full or forbids writing. Nothing is left behind then.
  /// - Collective: yes.
  public init(
    path: String, shape: [Int], dtype: DType, isFortranOrder: Bool = false, fillValue: ElementValue? = nil,
    chunkByteCount: Int = NpyDataset.defaultChunkByteCount, isOverwriting: Bool = false, communicator: Communicator
  ) throws(StoreError) {
    let (header, description) = try communicator.agree { () throws(StoreError) in
      try Self.prepare(
        path: path, shape: shape, dtype: dtype, isFortranOrder: isFortranOrder, fillValue: fillValue,
        chunkByteCount: chunkByteCount)
    }
    let target = try TargetFile(path, overwrite: isOverwriting, communicator: communicator)
    do throws(StoreError) {
      file = try Self.begin(target, header: header, communicator: communicator)
      background = header.isTransposed ? nil : try NpyBackgroundWriter(target.partialPath, communicator)
    } catch {
      target.discard()
      throw error.at(path: path)
    }
    self.path = path
    self.description = description
    self.header = header
    self.communicator = communicator
    self.target = target
    if description.fillValue != ElementValue(zero: dtype) {
      written = Array(repeating: 0, count: (description.grid.chunkCount + 63) / 64)
    }
  }

  deinit { target.discard() }

  private static func prepare(
    path: String, shape: [Int], dtype: DType, isFortranOrder: Bool, fillValue: ElementValue?, chunkByteCount: Int
  ) throws(StoreError) -> (NpyHeader, DatasetDescription) {
    do throws(StoreError) {
      let header = try NpyHeader(shape: shape, dtype: dtype, isFortranOrder: isFortranOrder)
      let grid = try ChunkGrid(
        shape: shape,
        chunkShape: NpyDataset.chunkShape(
          shape, elementByteCount: dtype.byteCount, chunkByteCount: chunkByteCount, isTransposed: header.isTransposed))
      let fill = fillValue ?? ElementValue(zero: dtype)
      guard fill.dtype == dtype else {
        throw StoreError(.invalidArgument, "a fill value of type \(fill.dtype.name) for an array of \(dtype.name)")
      }
      guard fill == ElementValue(zero: dtype) || grid.chunkCount <= trackedChunkCount else {
        throw StoreError(
          .invalidArgument,
          "\(grid.chunkCount) chunks are too many for a fill value that is not zero; use larger chunks")
      }
      var description = DatasetDescription(
        format: .npy, shape: shape, dtype: dtype, grid: grid, fillValue: fill,
        storedByteCount: header.byteCount + header.dataByteCount)
      description.details = header.details
      return (header, description)
    } catch {
      throw error.at(path: path)
    }
  }

  /// Makes the partial file with its header and its full size. Collective.
  private static func begin(
    _ target: TargetFile, header: NpyHeader, communicator: Communicator
  ) throws(StoreError) -> ParallelFile {
    let file = try passing { () throws(MPIError) in
      try ParallelFile.open(target.partialPath, [.readWrite, .create, .exclusive], on: communicator)
    }
    do throws(StoreError) {
      try passing { () throws(MPIError) in try file.preallocate(header.byteCount + header.dataByteCount) }
      try communicator.agree { () throws(StoreError) in
        guard communicator.rank == 0 else { return }
        let bytes = header.encoded()
        try bytes.withUnsafeBufferPointer { buffer throws(StoreError) in
          try passing { () throws(MPIError) in try file.write(at: 0, from: UnsafeRawBufferPointer(buffer)) }
        }
      }
      return file
    } catch {
      try? file.close()  // the error above is the one that matters
      throw error
    }
  }

  // MARK: Chunks

  /// Writes whole chunks.
  ///
  /// Transfers are independent, not collective: every rank's extents are contiguous and disjoint from the others', so
  /// MPI has nothing to rearrange, and ranks may have different numbers of them. One agreement ends the round.
  /// - Collective: yes.
  public func write(_ chunks: [ChunkToWrite]) throws(StoreError) {
    try communicator.agree { () throws(StoreError) in
      do throws(StoreError) { try writeOwn(chunks) } catch { throw error.at(path: path) }
    }
  }

  /// A gathered run of chunks, or the elements of one chunk in the file's order.
  public func roundScratchByteCount(forChunksOf byteCount: Int) -> Int {
    if let background, byteCount >= DirectWriter.leastByteCount {
      return background.scratchByteCount(forRunOf: byteCount)
    }
    let gathered = min(byteCount, Self.gatherByteCount)
    return isTransposed ? max(gathered, min(byteCount, description.largestChunkByteCount)) : gathered
  }

  private func writeOwn(_ chunks: [ChunkToWrite]) throws(StoreError) {
    guard !isFinished else { throw StoreError(.invalidArgument, "was committed or given up; nothing more can be written", path: path) }
    try checkRound(chunks)
    let placed = chunks.map { (chunk: $0, offset: header.offset(of: description.grid.region(of: $0.number))) }
      .sorted { $0.offset < $1.offset }
    if let background, try background.begin(placed) {
      mark(chunks)
      return
    }
    let byteCount = chunks.reduce(0) { $0 + $1.bytes.count }
    let largest = max(min(byteCount, Self.gatherByteCount), isTransposed ? description.largestChunkByteCount : 0)
    let memory = try AlignedBuffer(byteCount: isTransposed || chunks.count > 1 ? largest : 0)
    var next = 0
    while next < placed.count {
      let start = placed[next].offset
      var end = next + 1
      var byteCount = placed[next].chunk.bytes.count
      while end < placed.count, placed[end].offset == start + byteCount,
        byteCount + placed[end].chunk.bytes.count <= Self.gatherByteCount
      {
        byteCount += placed[end].chunk.bytes.count
        end += 1
      }
      let run = placed[next..<end]
      // A chunk that has nothing to be gathered with goes to the file from where it is.
      if run.count == 1, !isTransposed, let only = run.first {
        try transfer(only.chunk.bytes, at: start)
      } else {
        var filled = 0
        for (chunk, _) in run {
          let part = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[filled..<filled + chunk.bytes.count])
          reorder(chunk, into: part)
          filled += part.count
        }
        try transfer(UnsafeRawBufferPointer(rebasing: memory.bytes[..<filled]), at: start)
      }
      next = end
    }
    mark(chunks)
  }

  private func mark(_ chunks: [ChunkToWrite]) {
    if written.isEmpty { return }
    for chunk in chunks { written[chunk.number / 64] |= 1 << UInt64(chunk.number % 64) }
  }

  /// Copies a chunk into the order of the file.
  private func reorder(_ chunk: ChunkToWrite, into buffer: UnsafeMutableRawBufferPointer) {
    guard let from = chunk.bytes.baseAddress, let to = buffer.baseAddress, buffer.count > 0 else { return }
    guard isTransposed else {
      to.copyMemory(from: from, byteCount: buffer.count)
      return
    }
    let shape = description.grid.region(of: chunk.number).shape
    let size = header.dtype.byteCount
    copyBox(
      shape: shape, elementByteCount: size, from: from, sourceStrides: rowMajorStrides(shape, elementByteCount: size),
      to: to,
      destinationStrides: columnMajorStrides(shape, elementByteCount: size))
  }

  private func transfer(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
    try passing { () throws(MPIError) in try file.write(at: offset, from: bytes) }
  }

  // MARK: The end

  /// Fills what was never written, makes the file durable, and gives it its name.
  ///
  /// - Collective: yes.
  public func commit() throws(StoreError) {
    do throws(StoreError) {
      try communicator.agree { () throws(StoreError) in
        guard !isFinished else { throw StoreError(.internalFault, "was committed or abandoned already") }
        try background?.finish()
      }
      isFinished = true
      try fillUnwritten()
      try passing { () throws(MPIError) in
        try file.sync()
        try file.close()
      }
      try target.publish()
    } catch {
      throw error.at(path: path)
    }
  }

  /// Removes the partial file. What had the name before keeps it. After a commit that succeeded, does nothing.
  ///
  /// - Collective: yes.
  public func abandon() {
    isFinished = true
    try? background?.finish()  // the file goes anyway
    try? passing { () throws(MPIError) in try file.close() }
    target.discard()
  }

  private func fillUnwritten() throws(StoreError) {
    guard !written.isEmpty else { return }
    let all = try passing { () throws(MPIError) in try communicator.allReduce(written, .bitwiseOr) }
    try communicator.agree { () throws(StoreError) in
      let memory = try AlignedBuffer(byteCount: min(description.largestChunkByteCount, Self.gatherByteCount))
      description.fillValue.fill(memory.bytes)
      for number in stride(from: communicator.rank, to: description.grid.chunkCount, by: communicator.size)
      where all[number / 64] & 1 << UInt64(number % 64) == 0 {
        let start = header.offset(of: description.grid.region(of: number))
        let byteCount = description.byteCount(ofChunk: number)
        for done in stride(from: 0, to: byteCount, by: memory.bytes.count) {
          let piece = UnsafeRawBufferPointer(rebasing: memory.bytes[..<min(memory.bytes.count, byteCount - done)])
          try transfer(piece, at: start + done)
        }
      }
    }
  }
}
