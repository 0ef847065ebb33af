// Compaction: copies what a file's generations reach into a new file, without decoding. Formats/dnpy-2.md sections 4, 8.

import MessagePassing

extension Dnpy2Writer {
  /// Rewrites a file so that it holds only what its kept generations reach, in chunk order; generation numbers, commit times
  /// and attributes stay.
  ///
  /// The file is replaced by renaming: a crash leaves the old one. Every chunk is checked against its checksum on the way.
  /// Collective.
  /// - Returns: File sizes before and after, in bytes.
  /// - Throws: `.corrupt` when a chunk is damaged (nothing is replaced then), `.locked`, `.io`.
  public static func repack(
    path: String, communicator: Communicator, pool: BufferPool,
    progress: ((_ done: Int, _ total: Int) throws(StoreError) -> Void)? = nil
  ) throws(StoreError) -> (before: Int, after: Int) {
    // The session holds the lock until the new file is in place.
    let session = try update(path: path, communicator: communicator, pool: pool)
    defer { session.abandon() }
    guard let current = session.parent else {
      throw StoreError(.internalFault, "an open file without a generation", path: path)
    }
    let states = try communicator.agree { () throws(StoreError) in
      try session.located { () throws(StoreError) in try current.generations() }
    }
    let clock = CopiedTime()
    let copy = try create(
      path: path, metadata: current.metadata, preamble: session.preamble, retention: states.count,
      firstGeneration: states.first?.generation ?? 1, overwrite: true, holdsLock: true, communicator: communicator, pool: pool,
      clock: { clock.nanoseconds })
    do throws(StoreError) {
      var previous: Snapshot?
      let total = states.reduce(0) { $0 + $1.chunkCount }
      var done = 0
      for state in states {
        let snapshot = try communicator.agree { () throws(StoreError) in
          try Snapshot(path: path, generation: state.generation, head: current.head, file: session.file)
        }
        clock.nanoseconds = state.time
        try copy.adoptMetadata(of: snapshot, after: previous)
        try copy.copyChunks(of: snapshot, after: previous) { count throws(StoreError) in
          try progress?(done + count, total)
        }
        done += state.chunkCount
        let isLast = state.generation == states.last?.generation
        if isLast { copy.retention = current.superblock.retention }
        try copy.commitGeneration(publishing: isLast)
        previous = snapshot
      }
      let sizes = (try session.file.byteCount(), try copy.file.byteCount())
      try copy.close()
      return sizes
    } catch {
      copy.abandon()
      throw error
    }
  }

  /// Takes over shape and attributes; another grid starts with an empty index.
  private func adoptMetadata(of snapshot: Snapshot, after previous: Snapshot?) throws(StoreError) {
    metadata = snapshot.metadata
    description = try Self.describe(snapshot.metadata)
    guard let previous, previous.grid != snapshot.grid else { return }
    try communicator.agree { () throws(StoreError) in
      guard var ledger else { return }
      self.ledger = nil
      defer { self.ledger = ledger }
      for chunk in 0..<previous.grid.chunkCount {
        try ledger.index.set(.absent, ofChunk: chunk, allocator: &ledger.allocator)
      }
      try ledger.index.clear(chunkCount: snapshot.grid.chunkCount, allocator: &ledger.allocator)
    }
  }

  /// Copies the stored bytes of chunks that differ from the previous generation's, in rounds that all ranks share.
  private func copyChunks(
    of source: Snapshot, after previous: Snapshot?, progress: (Int) throws(StoreError) -> Void
  ) throws(StoreError) {
    let chunkCount = source.grid.chunkCount
    let largest = roundedUp(max(1, description.largestChunkByteCount), to: preamble.chunkAlignment)
    let perRank = max(1, (8 << 20) / largest)
    let perRound = perRank * communicator.size
    for start in stride(from: 0, to: chunkCount, by: perRound) {
      let first = min(start + communicator.rank * perRank, chunkCount)
      let mine = first..<min(first + perRank, chunkCount)
      let batch = try communicator.agree { () throws(StoreError) in
        try located { () throws(StoreError) in try collect(mine, of: source, after: previous, capacity: perRank * largest) }
      }
      try write(batch)
      try communicator.agree { () throws(StoreError) in try progress(min(start + perRound, chunkCount)) }
    }
  }

  private func collect(_ chunks: Range<Int>, of source: Snapshot, after previous: Snapshot?, capacity: Int) throws(StoreError) -> Batch {
    var batch = Batch()
    guard !chunks.isEmpty else { return batch }
    let staging = try pool.lease(byteCount: capacity + preamble.blockAlignment)
    batch.staging = staging
    let comparable = previous?.grid == source.grid ? previous : nil
    var used = 0
    for chunk in chunks {
      var record = try source.index.record(ofChunk: chunk)
      if let comparable, try comparable.index.record(ofChunk: chunk) == record { continue }
      guard record.hasExtent else {
        if comparable != nil || record.kind != .absent { batch.records.append((chunk, record, false)) }
        continue
      }
      let count = Int(record.length)
      guard count <= source.grid.elementCount(of: chunk) * source.metadata.dtype.byteCount else {
        throw StoreError(.corrupt, "chunk \(chunk) claims \(count) stored bytes, more than it has")
      }
      let bytes = UnsafeMutableRawBufferPointer(rebasing: staging.bytes[used..<used + count])
      try source.file.read(at: Int(record.offset), into: bytes)
      guard Checksum.xxh3(UnsafeRawBufferPointer(bytes)) == record.checksum else {
        throw StoreError(
          .corrupt, "chunk \(chunk) of generation \(source.state.generation) does not match its checksum; nothing was replaced")
      }
      record.offset = UInt64(used)
      batch.records.append((chunk, record, true))
      let end = roundedUp(used + count, to: preamble.chunkAlignment)
      zero(staging.bytes, used + count..<end)
      used = end
    }
    batch.usedByteCount = used
    batch.byteCount = roundedUp(used, to: preamble.blockAlignment)
    zero(staging.bytes, used..<batch.byteCount)
    return batch
  }
}

/// The time that the next commit of a copy bears.
private final class CopiedTime {
  var nanoseconds: Int64 = 0
}
