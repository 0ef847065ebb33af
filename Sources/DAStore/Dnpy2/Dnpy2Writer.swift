// Writes chunks of a .dnpy 2 file from all ranks together, in rounds. Formats/dnpy-2.md section 8.

import MessagePassing

/// A `.dnpy` version 2 file open for writing by all ranks of a communicator.
///
/// A session builds one generation after the other: write chunks, then ``commitGeneration()``; ``commit()`` ends the session.
/// Until a commit returns, readers see the generation before. Every function is collective unless it says otherwise.
public final class Dnpy2Writer: ChunkedDatasetWriter {
  public let path: String
  public internal(set) var description: DatasetDescription

  let communicator: Communicator
  let chain: CodecChain
  let pool: BufferPool
  /// Set while the file is made under another name.
  var target: TargetFile?
  var lock: WriterLock?
  let parallelFile: ParallelFile
  let file: PositionalFile
  /// Present on all ranks or on none.
  let directWriter: DirectWriter?
  let preamble: Preamble
  /// The generation that this session builds on; `nil` before the first.
  var parent: Snapshot?
  var metadata: Metadata
  var retention: Int
  /// Clock of commits; golden files fix it.
  let clock: () -> Int64
  /// Present on rank 0 only: it alone allocates and indexes.
  var ledger: Ledger?
  /// Whether chunks were written since the last commit.
  var hasUncommittedChunks = false
  private var isClosed = false

  /// What rank 0 keeps of the generation under construction.
  struct Ledger {
    var index: IndexWriter
    var allocator: ExtentAllocator
    /// Generations kept beside the new one.
    var retained: [GenerationState]
  }

  /// Number that the first generation of a new file gets; repacking keeps the old numbers.
  let firstGeneration: Int

  /// Number of the generation under construction.
  var nextGeneration: Int { parent.map { $0.superblock.state.generation + 1 } ?? firstGeneration }

  init(
    path: String, communicator: Communicator, pool: BufferPool, target: TargetFile?, lock: WriterLock?,
    parallelFile: ParallelFile, file: PositionalFile, directWriter: DirectWriter?, preamble: Preamble, parent: Snapshot?,
    metadata: Metadata, retention: Int, firstGeneration: Int, clock: @escaping () -> Int64
  ) throws(StoreError) {
    self.path = path
    self.communicator = communicator
    self.pool = pool
    self.target = target
    self.lock = lock
    self.parallelFile = parallelFile
    self.file = file
    self.directWriter = directWriter
    self.preamble = preamble
    self.parent = parent
    self.metadata = metadata
    self.retention = retention
    self.firstGeneration = firstGeneration
    self.clock = clock
    chain = try CodecChain(names: metadata.codecNames)
    description = try Self.describe(metadata)
    try beginGeneration()
  }

  static func describe(_ metadata: Metadata) throws(StoreError) -> DatasetDescription {
    var description = DatasetDescription(
      format: .dnpy2, shape: metadata.shape, dtype: metadata.dtype, grid: try metadata.grid(),
      fillValue: metadata.fillValue, storedByteCount: 0)
    description.codecs = metadata.codecNames
    description.attributes = metadata.attributes
    description.dimensionNames = metadata.dimensionNames
    return description
  }

  /// The user's attributes; the next commit stores rank 0's.
  public var attributes: [String: JSONValue] {
    get { metadata.attributes }
    set {
      metadata.attributes = newValue
      description.attributes = newValue
    }
  }

  /// How many generations commits keep, the new one included; at least 1.
  public var generationsKept: Int {
    get { retention }
    set { retention = max(1, min(newValue, Int(UInt32.max))) }
  }

  // MARK: - A round

  public func write(_ chunks: [ChunkToWrite]) throws(StoreError) {
    try write(try communicator.agree { () throws(StoreError) in try encode(chunks) })
  }

  /// Brings one round's batches to the file and enters their records. Collective.
  func write(_ batch: Batch) throws(StoreError) {
    let used = try passing { () throws(MPIError) in try communicator.allGather(batch.usedByteCount) }
    let sizes = used.map { roundedUp($0, to: preamble.blockAlignment) }
    hasUncommittedChunks = true
    let total = sizes.reduce(0, +)
    var base = 0
    if total > 0 {
      let start = ledger?.allocator.allocate(total) ?? 0
      base = try passing { () throws(MPIError) in try communicator.broadcast(start, from: 0) }
      releaseTails(used, sizes, from: base)
      base += sizes[..<communicator.rank].reduce(0, +)
      try finishWriting()
      let isLarge = sizes.contains { $0 >= DirectWriter.leastByteCount }
      if let directWriter, isLarge {
        if let staging = batch.staging, batch.byteCount > 0 {
          directWriter.start(at: base, staging, 0..<batch.byteCount)
        }
      } else {
        try communicator.agree { () throws(StoreError) in
          try located { () throws(StoreError) in
            try passing { () throws(MPIError) in
              try parallelFile.writeAll(at: base, from: UnsafeRawBufferPointer(rebasing: batch.bytes[..<batch.byteCount]))
            }
          }
        }
        file.startWriteback(at: base, byteCount: batch.byteCount)
      }
    }
    try index(batch, at: base)
  }

  /// Waits until every rank's batch of an earlier round has reached the file. Collective.
  func finishWriting() throws(StoreError) {
    guard let directWriter else { return }
    try communicator.agree { () throws(StoreError) in
      try located { () throws(StoreError) in try directWriter.finish() }
    }
  }

  /// The padding behind each rank's last chunk is free: together with the chunks, once they are freed, it makes whole blocks.
  private func releaseTails(_ used: [Int], _ sizes: [Int], from base: Int) {
    var start = base
    for (count, size) in zip(used, sizes) {
      ledger?.allocator.release(start + count..<start + size, by: nextGeneration)
      start += size
    }
  }

  public func roundScratchByteCount(forChunksOf byteCount: Int) -> Int {
    // Chunks after encoding are never larger than before; each is padded to the chunk alignment. The round before may
    // still be on its way to the disk.
    let smallest = max(1, description.dtype.byteCount)
    let chunkCount = byteCount / max(1, min(byteCount, description.largestChunkByteCount)) + 1
    let staging = byteCount + chunkCount * preamble.chunkAlignment + preamble.blockAlignment + smallest
    return (directWriter != nil && byteCount >= DirectWriter.leastByteCount ? 2 : 1) * staging
      + chain.maximumEncodedByteCount(for: description.largestChunkByteCount)
      + chain.scratchByteCount(for: description.largestChunkByteCount)
  }

  /// A rank's chunks of one round, encoded one behind the other.
  struct Batch {
    var staging: PooledBuffer?
    /// Bytes up to the end of the last chunk's padding.
    var usedByteCount = 0
    /// The same rounded up to the block alignment: what is written.
    var byteCount = 0
    /// Chunk number and record; the offset of a new extent counts from the start of the batch.
    var records: [(chunk: Int, record: Record, isNew: Bool)] = []
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(staging?.bytes ?? UnsafeMutableRawBufferPointer(start: nil, count: 0)) }
  }

  private func encode(_ chunks: [ChunkToWrite]) throws(StoreError) -> Batch {
    var batch = Batch()
    guard !chunks.isEmpty else { return batch }
    let elementByteCount = description.dtype.byteCount
    var capacity = preamble.blockAlignment
    try checkRound(chunks)
    for chunk in chunks { capacity += roundedUp(chunk.bytes.count, to: preamble.chunkAlignment) }
    let encoded = try pool.lease(byteCount: chain.maximumEncodedByteCount(for: description.largestChunkByteCount))
    let scratch = try pool.lease(byteCount: chain.scratchByteCount(for: description.largestChunkByteCount))
    let staging = try pool.lease(byteCount: capacity)
    batch.staging = staging
    var used = 0
    for chunk in chunks {
      if isConstant(chunk.bytes, elementByteCount: elementByteCount) {
        let value = ElementValue(dtype: description.dtype, littleEndian: chunk.bytes)
        batch.records.append((chunk.number, .constant(value), false))
        continue
      }
      let stored: UnsafeRawBufferPointer
      let kind: Record.Kind
      switch try chain.encode(chunk.bytes, elementByteCount: elementByteCount, into: encoded.bytes, scratch: scratch.bytes) {
      case .encoded(let count):
        stored = UnsafeRawBufferPointer(rebasing: encoded.bytes[..<count])
        kind = .encoded
      case .raw:
        stored = chunk.bytes
        kind = .raw
      }
      let checksum = Checksum.xxh3(stored)
      if let old = try unchanged(chunk.number, kind: kind, checksum: checksum, stored: stored) {
        batch.records.append((chunk.number, old, false))
        continue
      }
      UnsafeMutableRawBufferPointer(rebasing: staging.bytes[used..<used + stored.count]).copyMemory(from: stored)
      batch.records.append(
        (chunk.number, Record(kind: kind, offset: UInt64(used), length: UInt32(stored.count), checksum: checksum), true))
      let end = roundedUp(used + stored.count, to: preamble.chunkAlignment)
      zero(staging.bytes, used + stored.count..<end)
      used = end
    }
    batch.usedByteCount = used
    batch.byteCount = roundedUp(used, to: preamble.blockAlignment)
    zero(staging.bytes, used..<batch.byteCount)
    return batch
  }

  /// Padding is written as zeros, so that no old memory reaches the file.
  func zero(_ bytes: UnsafeMutableRawBufferPointer, _ range: Range<Int>) {
    UnsafeMutableRawBufferPointer(rebasing: bytes[range]).initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// The parent generation's record of a chunk, when its stored bytes are the same.
  private func unchanged(_ chunk: Int, kind: Record.Kind, checksum: UInt64, stored: UnsafeRawBufferPointer) throws(StoreError) -> Record? {
    guard let parent, parent.grid == description.grid else { return nil }
    let old = try parent.index.record(ofChunk: chunk)
    guard old.kind == kind, old.checksum == checksum, Int(old.length) == stored.count else { return nil }
    let there = try pool.lease(byteCount: stored.count)
    try file.read(at: Int(old.offset), into: there.bytes)
    return there.bytes.elementsEqual(stored) ? old : nil
  }

  /// Gathers the records of a round on rank 0 and enters them into the index.
  private func index(_ batch: Batch, at base: Int) throws(StoreError) {
    var words: [UInt64] = []
    for (chunk, record, isNew) in batch.records {
      let offset = isNew ? record.offset + UInt64(base) : record.offset
      words += [UInt64(chunk), offset, UInt64(record.length) | UInt64(record.kind.rawValue) << 32, record.checksum]
    }
    let gathered = try passing { () throws(MPIError) in try communicator.gather(words, to: 0) }
    try communicator.agree { () throws(StoreError) in
      guard var ledger else { return }
      self.ledger = nil  // so that the copy below is the only one and is changed in place
      defer { self.ledger = ledger }
      var seen = Set<UInt64>()
      for words in gathered {
        for start in stride(from: 0, to: words.count, by: 4) {
          guard let kind = Record.Kind(rawValue: UInt32(words[start + 2] >> 32)) else {
            throw StoreError(.internalFault, "a record of unknown kind from another rank", path: path)
          }
          guard seen.insert(words[start]).inserted else {
            throw StoreError(.internalFault, "chunk \(words[start]) was written by two ranks in one round", path: path)
          }
          let record = Record(
            kind: kind, offset: words[start + 1], length: UInt32(truncatingIfNeeded: words[start + 2]), checksum: words[start + 3])
          try ledger.index.set(record, ofChunk: Int(words[start]), allocator: &ledger.allocator)
        }
      }
    }
  }

  // MARK: - The end

  public func commit() throws(StoreError) {
    try commitGeneration()
    try close()
  }

  /// Ends the session without another commit: what was not committed is forgotten.
  public func close() throws(StoreError) {
    guard !isClosed else { return }
    isClosed = true
    if let directWriter {
      // After a commit nothing is on its way. In an abandoned session no rank may write on when the lock is gone: another
      // writer could be given the same bytes. How such a write ends, and a barrier that fails, change nothing any more.
      try? directWriter.finish()
      try? communicator.barrier()
    }
    target?.discard()
    lock?.release()
    try passing { () throws(MPIError) in
      try parallelFile.close()
      // When it returns, on any rank, the lock is gone.
      try communicator.barrier()
    }
  }

  public func abandon() {
    // The file keeps its last committed generation, or goes if it never had one; a failing close changes neither.
    try? close()
  }
}
