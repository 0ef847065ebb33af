// A .dnpy 2 file as a stored array, open for reading at one generation.

import MessagePassing

/// An array in a `.dnpy` version 2 file.
///
/// Source: Formats/dnpy-2.md.
public final class Dnpy2Dataset: ChunkedDataset {
  let snapshot: Snapshot
  private let chain: CodecChain
  private let verifiesChecksums: Bool
  public let description: DatasetDescription
  public var path: String { snapshot.path }

  /// Opens the current or a retained generation, on this rank alone. Local.
  ///
  /// - Parameter verifyChecksums: Whether chunk bytes are compared with their checksums; the index always is.
  /// - Throws: `.notFound`, `.truncated`, `.corrupt`, `.unsupported`, `.io`.
  /// - Complexity: O(1) reads, whatever the number of chunks.
  public convenience init(path: String, generation: Int? = nil, verifyChecksums: Bool = true) throws(StoreError) {
    try self.init(Snapshot(path: path, generation: generation), verifyChecksums: verifyChecksums)
  }

  /// Opens one generation on all ranks: rank 0 reads which one is current. Collective.
  public static func open(
    path: String, generation: Int? = nil, verifyChecksums: Bool = true, communicator: Communicator
  ) throws(StoreError) -> Dnpy2Dataset {
    let head = try sharedHead(path: path, communicator: communicator)
    return try communicator.agree { () throws(StoreError) in
      try Dnpy2Dataset(Snapshot(path: path, generation: generation, head: head), verifyChecksums: verifyChecksums)
    }
  }

  /// The preamble and slots as rank 0 reads them. Collective.
  static func sharedHead(path: String, communicator: Communicator) throws(StoreError) -> [UInt8] {
    var head = try communicator.agree { () throws(StoreError) -> [UInt8] in
      guard communicator.rank == 0 else { return [] }
      do throws(StoreError) { return try Snapshot.head(of: PositionalFile(path)) } catch { throw error.at(path: path) }
    }
    try passing { () throws(MPIError) in try communicator.broadcast(&head, from: 0) }
    return head
  }

  init(_ snapshot: Snapshot, verifyChecksums: Bool) throws(StoreError) {
    self.snapshot = snapshot
    verifiesChecksums = verifyChecksums
    let metadata = snapshot.metadata
    do throws(StoreError) { chain = try CodecChain(names: metadata.codecNames) } catch { throw error.at(path: snapshot.path) }
    var description = DatasetDescription(
      format: .dnpy2, shape: metadata.shape, dtype: metadata.dtype, grid: snapshot.grid, fillValue: metadata.fillValue,
      storedByteCount: snapshot.state.storedByteCount)
    description.codecs = metadata.codecNames
    description.attributes = metadata.attributes
    description.dimensionNames = metadata.dimensionNames
    description.generation = snapshot.state.generation
    description.details = [
      .init("stored_chunks", .int(snapshot.state.storedChunkCount)),
      .init("committed", .string(timeText(nanoseconds: snapshot.state.time))),
      .init("retention", .int(snapshot.superblock.retention)),
    ]
    if !snapshot.survivedDamage.isEmpty {
      description.details.append(.init("damage", .array(snapshot.survivedDamage.map { .string($0) })))
    }
    self.description = description
  }

  public func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    let record = try snapshot.index.record(ofChunk: number)
    switch record.kind {
    case .absent: return .constant(snapshot.metadata.fillValue)
    case .constant: return .constant(constantValue(record))
    case .raw:
      let expected = description.byteCount(ofChunk: number)
      guard Int(record.length) == expected else {
        throw damaged(number, "stored as \(record.length) bytes, \(expected) are its size")
      }
      return .direct([StoredExtent(offset: Int(record.offset), byteCount: Int(record.length))])
    case .encoded:
      let limit = description.byteCount(ofChunk: number)
      guard Int(record.length) < limit else {
        throw damaged(number, "encoded in \(record.length) bytes although it has only \(limit)")
      }
      return .encoded([StoredExtent(offset: Int(record.offset), byteCount: Int(record.length))])
    case .page, .block:
      throw StoreError(.internalFault, "a leaf record of kind \(record.kind)", path: path)
    }
  }

  public func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try snapshot.file.read(at: extent.offset, into: buffer)
  }

  public func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    try check(number, bytes: stored)
    do throws(StoreError) {
      try chain.decode(stored, elementByteCount: description.dtype.byteCount, into: buffer, scratch: scratch)
    } catch {
      throw damaged(number, error.message)
    }
  }

  public func check(_ number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError) {
    guard verifiesChecksums else { return }
    let record = try snapshot.index.record(ofChunk: number)
    let found = Checksum.xxh3(bytes)
    guard found == record.checksum else {
      throw damaged(
        number, "checksum \(hex(found)) of its \(bytes.count) bytes at \(record.offset), expected \(hex(record.checksum))")
    }
  }

  public var decodeScratchByteCount: Int { chain.scratchByteCount(for: description.largestChunkByteCount) }
  public var largestStoredByteCount: Int { description.largestChunkByteCount }

  public func willRead(_ extent: StoredExtent) {
    snapshot.file.willRead(at: extent.offset, byteCount: extent.byteCount)
  }

  private func constantValue(_ record: Record) -> ElementValue {
    withUnsafeBytes(of: (record.offset.littleEndian, record.checksum.littleEndian)) {
      ElementValue(dtype: description.dtype, littleEndian: $0)
    }
  }

  private func damaged(_ number: Int, _ what: String) -> StoreError {
    let position = description.grid.position(of: number)
    return StoreError(
      .corrupt,
      "chunk \(number) at \(shapeText(position)) of generation \(snapshot.state.generation) is damaged: \(what); "
        + "'dastore-tool verify' lists all damage, older generations may be sound ('dastore-tool history')",
      path: path)
  }

  private func hex(_ value: UInt64) -> String { String(value, radix: 16) }
}

extension Dnpy2Dataset {
  /// One generation of a file, for `history`.
  public struct Generation: Sendable, Equatable {
    public var number: Int
    /// Generation it was made from; 0 for the first.
    public var parent: Int
    /// Commit time, nanoseconds since 1970-01-01 UTC.
    public var time: Int64
    public var chunkCount: Int
    public var storedChunkCount: Int
    public var storedByteCount: Int
    public var isCurrent: Bool
  }

  /// Generations that can be opened, oldest first. Local.
  public func history() throws(StoreError) -> [Generation] {
    let states: [GenerationState]
    do throws(StoreError) { states = try snapshot.generations() } catch { throw error.at(path: path) }
    return states.map {
      Generation(
        number: $0.generation, parent: $0.parent, time: $0.time, chunkCount: $0.chunkCount,
        storedChunkCount: $0.storedChunkCount, storedByteCount: $0.storedByteCount,
        isCurrent: $0.generation == snapshot.superblock.state.generation)
    }
  }
}
