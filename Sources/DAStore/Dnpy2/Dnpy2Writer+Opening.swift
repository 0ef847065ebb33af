// Beginning a session: a new file, or the next generation of one that exists. Formats/dnpy-2.md section 8.

import MessagePassing

extension Dnpy2Writer {
  /// Begins a new file, which appears under its name with the first commit. Collective.
  ///
  /// - Parameters:
  ///   - codecs: Names of Formats/codecs.md, in order of encoding.
  ///   - overwrite: Whether a file of that name may be replaced; it stays until the first commit.
  ///   - pool: Where staging memory comes from.
  /// - Throws: `.alreadyExists`, `.locked`, `.invalidArgument`, `.io`.
  public static func create(
    path: String, shape: [Int], dtype: DType, chunkShape: [Int], codecs: [String] = ["byteshuffle", "lz4"],
    fillValue: ElementValue? = nil, attributes: [String: JSONValue] = [:], dimensionNames: [String?]? = nil,
    generationsKept: Int = 1, overwrite: Bool = false, communicator: Communicator, pool: BufferPool
  ) throws(StoreError) -> Dnpy2Writer {
    let metadata = Metadata(
      shape: shape, chunkShape: chunkShape, dtype: dtype, fillValue: fillValue ?? ElementValue(zero: dtype), codecNames: codecs,
      dimensionNames: dimensionNames, attributes: attributes)
    var uuid: [UInt8] = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    try passing { () throws(MPIError) in try communicator.broadcast(&uuid, from: 0) }
    return try create(
      path: path, metadata: metadata, preamble: Preamble(uuid: uuid, created: currentTime()), retention: max(1, generationsKept),
      overwrite: overwrite, communicator: communicator, pool: pool)
  }

  /// The same with every fact given: for golden files and repacking.
  ///
  /// - Parameter holdsLock: Whether the caller has the lock on the target's writers already.
  static func create(
    path: String, metadata: Metadata, preamble: Preamble, retention: Int, firstGeneration: Int = 1, overwrite: Bool,
    holdsLock: Bool = false, communicator: Communicator, pool: BufferPool, clock: @escaping () -> Int64 = currentTime
  ) throws(StoreError) -> Dnpy2Writer {
    try communicator.agree { () throws(StoreError) in
      do throws(StoreError) {
        _ = try metadata.grid()
        _ = try CodecChain(names: metadata.codecNames)
        _ = try metadata.encoded()
        guard metadata.fillValue.dtype == metadata.dtype else {
          throw StoreError(.invalidArgument, "fill value of \(metadata.fillValue.dtype.name) for an array of \(metadata.dtype.name)")
        }
        if let names = metadata.dimensionNames, names.count != metadata.shape.count {
          throw StoreError(.invalidArgument, "\(names.count) dimension names for \(metadata.shape.count) axes")
        }
      } catch {
        throw error.at(path: path)
      }
    }
    let target = try TargetFile(path, overwrite: overwrite, communicator: communicator)
    do throws(StoreError) {
      let lock = holdsLock ? nil : try takeLock(path, isForNewFile: true, communicator)
      try communicator.agree { () throws(StoreError) in
        guard communicator.rank == 0 else { return }
        let file = try PositionalFile(target.partialPath, .createNew)
        // Empty slots: nothing is committed yet.
        let head = preamble.encoded() + Array(repeating: 0, count: Dnpy2Layout.firstExtent - Dnpy2Layout.blockByteCount)
        try head.withBytes { bytes throws(StoreError) in try file.write(at: 0, bytes) }
      }
      return try open(
        path: path, stored: target.partialPath, communicator: communicator, pool: pool, target: target, lock: lock,
        preamble: preamble, parent: nil, metadata: metadata, retention: retention,
        firstGeneration: firstGeneration, clock: clock)
    } catch {
      target.discard()
      throw error
    }
  }

  /// Begins the next generation of an existing file. Collective.
  ///
  /// - Throws: `.locked` when another process writes it; `.notFound`, `.corrupt`, `.unsupported`, `.io`.
  public static func update(path: String, communicator: Communicator, pool: BufferPool) throws(StoreError) -> Dnpy2Writer {
    let lock = try takeLock(path, isForNewFile: false, communicator)
    do throws(StoreError) {
      let head = try Dnpy2Dataset.sharedHead(path: path, communicator: communicator)
      let parent = try communicator.agree { () throws(StoreError) in
        let parent = try Snapshot(path: path, head: head)
        guard parent.preamble.optionalFeatures == 0 else {
          throw StoreError(.unsupported, "has features that this version can read but not write; use a newer one", path: path)
        }
        return parent
      }
      return try open(
        path: path, stored: path, communicator: communicator, pool: pool, target: nil, lock: lock, preamble: parent.preamble,
        parent: parent, metadata: parent.metadata, retention: parent.superblock.retention,
        firstGeneration: 1, clock: currentTime)
    } catch {
      lock?.release()
      throw error.at(path: path)
    }
  }

  /// Rank 0 holds the lock for all.
  private static func takeLock(
    _ path: String, isForNewFile: Bool, _ communicator: Communicator
  ) throws(StoreError) -> WriterLock? {
    try communicator.agree { () throws(StoreError) -> WriterLock? in
      communicator.rank == 0 ? try WriterLock(target: path, isForNewFile: isForNewFile) : nil
    }
  }

  private static func open(
    path: String, stored: String, communicator: Communicator, pool: BufferPool, target: TargetFile?, lock: WriterLock?,
    preamble: Preamble, parent: Snapshot?, metadata: Metadata, retention: Int, firstGeneration: Int,
    clock: @escaping () -> Int64
  ) throws(StoreError) -> Dnpy2Writer {
    let parallelFile = try passing { () throws(MPIError) in
      try ParallelFile.open(stored, .readWrite, on: communicator)
    }
    do throws(StoreError) {
      let file = try communicator.agree { () throws(StoreError) in try PositionalFile(stored, .readWrite) }
      let direct = preamble.blockAlignment % DirectWriter.blockByteCount == 0 ? DirectWriter(stored, fallback: file) : nil
      let areDirect = try passing { () throws(MPIError) in try communicator.allReduce(direct == nil ? 0 : 1, .min) == 1 }
      return try communicator.agree { () throws(StoreError) in
        try Dnpy2Writer(
          path: path, communicator: communicator, pool: pool, target: target, lock: lock, parallelFile: parallelFile,
          file: file, directWriter: areDirect ? direct : nil, preamble: preamble, parent: parent, metadata: metadata,
          retention: retention, firstGeneration: firstGeneration, clock: clock)
      }
    } catch {
      try? parallelFile.close()  // the first error is the one that counts
      throw error
    }
  }

  /// Sets rank 0 up for the generation after ``parent``.
  func beginGeneration() throws(StoreError) {
    hasUncommittedChunks = false
    guard communicator.rank == 0 else { return }
    guard let parent else {
      let empty = GenerationState(
        generation: 0, parent: 0, time: 0, metadata: .absent, root: .absent,
        levels: Dnpy2Layout.levels(forChunkCount: description.grid.chunkCount), chunkCount: description.grid.chunkCount,
        storedChunkCount: 0, storedByteCount: 0)
      ledger = Ledger(
        index: IndexWriter(parent: empty, generation: firstGeneration, file: file, preamble: preamble),
        allocator: ExtentAllocator(
          frontier: Dnpy2Layout.firstExtent, free: [], oldestKept: 0, blockAlignment: preamble.blockAlignment),
        retained: [])
      return
    }
    let states = try parent.generations()
    var free: [FreeExtent] = []
    if parent.superblock.freeTable.kind == .block {
      let bytes = try Snapshot.readBlock(
        parent.superblock.freeTable, file: file, limit: Int(UInt32.max), what: "the table of free space")
      free = try FreeTable.decode(bytes, frontier: parent.superblock.frontier)
    }
    ledger = Ledger(
      index: IndexWriter(parent: parent.superblock.state, generation: nextGeneration, file: file, preamble: preamble),
      allocator: ExtentAllocator(
        frontier: parent.superblock.frontier, free: free,
        oldestKept: states.first?.generation ?? parent.superblock.state.generation, blockAlignment: preamble.blockAlignment),
      retained: states)
  }
}

extension Array where Element == UInt8 {
  /// `withUnsafeBytes` for bodies that throw this library's errors.
  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws(StoreError) -> Result) throws(StoreError) -> Result {
    try withUnsafeBufferPointer { buffer throws(StoreError) in try body(UnsafeRawBufferPointer(buffer)) }
  }
}
