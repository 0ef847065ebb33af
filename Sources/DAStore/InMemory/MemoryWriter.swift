// Writes an array in memory that every rank ends up holding whole.

import MessagePassing

/// Builds a ``MemoryDataset`` from chunks that ranks write together.
///
/// The array is replicated: in each round the ranks tell one another what they wrote. A writer commits once.
public final class MemoryWriter: ChunkedDatasetWriter {
  public let path: String
  public let description: DatasetDescription
  private let layout: MemoryLayoutOfChunks
  private let communicator: Communicator
  /// Bytes that one rank tells the others at a time.
  private let messageByteCount: Int
  private var state: State

  private enum State {
    case writing(PooledBuffer)
    case committed(MemoryDataset)
    case abandoned
  }

  /// - Parameters:
  ///   - chunkShape: About a mebibyte of whole trailing axes when not given.
  ///   - fillValue: What chunks hold that are never written; zero when not given.
  ///   - pool: Where the array's memory is accounted.
  /// - Throws: `.invalidArgument` for a shape, chunk shape or fill value that makes no sense; `.memory`.
  /// - Collective: yes.
  public convenience init(
    name: String = "memory", shape: [Int], dtype: DType, chunkShape: [Int]? = nil, fillValue: ElementValue? = nil,
    attributes: [String: JSONValue] = [:], dimensionNames: [String?]? = nil, communicator: Communicator,
    pool: BufferPool = BufferPool(budget: .max)
  ) throws(StoreError) {
    try self.init(
      name: name, shape: shape, dtype: dtype, chunkShape: chunkShape, fillValue: fillValue, attributes: attributes,
      dimensionNames: dimensionNames, communicator: communicator, pool: pool, messageByteCount: 4 << 20)
  }

  init(
    name: String, shape: [Int], dtype: DType, chunkShape: [Int]?, fillValue: ElementValue?,
    attributes: [String: JSONValue], dimensionNames: [String?]?, communicator: Communicator, pool: BufferPool,
    messageByteCount: Int
  ) throws(StoreError) {
    let begun = Result { () throws(StoreError) -> (MemoryLayoutOfChunks, ElementValue, PooledBuffer) in
      let layout = try MemoryLayoutOfChunks(shape: shape, chunkShape: chunkShape, dtype: dtype)
      let fill = fillValue ?? ElementValue(zero: dtype)
      guard fill.dtype == dtype else {
        throw StoreError(
          .invalidArgument, "the fill value \(fill) is \(fill.dtype.name), the array's elements are \(dtype.name)",
          path: name)
      }
      guard dimensionNames == nil || dimensionNames?.count == shape.count else {
        throw StoreError(
          .invalidArgument, "\(dimensionNames?.count ?? 0) dimension names for \(shape.count) axes; give one for each",
          path: name)
      }
      return (layout, fill, try pool.lease(byteCount: layout.byteCount))
    }
    let (layout, fill, buffer) = try communicator.agree(begun.mapError { $0.at(path: name) })
    fill.fill(buffer.bytes)
    path = name
    self.layout = layout
    self.communicator = communicator
    self.messageByteCount = messageByteCount
    var description = DatasetDescription(
      format: .memory, shape: shape, dtype: dtype, grid: layout.grid, fillValue: fill,
      storedByteCount: layout.byteCount)
    description.attributes = attributes
    description.dimensionNames = dimensionNames
    self.description = description
    state = .writing(buffer)
  }

  /// The array, once committed.
  ///
  /// - Throws: `.notFound` before ``commit()`` and after ``abandon()``.
  public func dataset() throws(StoreError) -> MemoryDataset {
    guard case .committed(let dataset) = state else {
      throw StoreError(.notFound, "has not been committed; commit it first", path: path)
    }
    return dataset
  }

  public func write(_ chunks: [ChunkToWrite]) throws(StoreError) {
    let checked = Result { () throws(StoreError) -> (PooledBuffer, [(Int, StoredExtent)]) in
      let buffer = try writable()
      var extents: [(Int, StoredExtent)] = []
      for (index, chunk) in chunks.enumerated() {
        let extent = try layout.extent(of: chunk.number, path: path)
        guard chunk.bytes.count == extent.byteCount else {
          throw StoreError(
            .invalidArgument,
            "chunk \(chunk.number) was given with \(chunk.bytes.count) bytes where it takes \(extent.byteCount)",
            path: path)
        }
        extents.append((index, extent))
      }
      return (buffer, extents)
    }
    let (buffer, extents) = try communicator.agree(checked)
    try requireOneWriter(of: chunks.map(\.number))
    for (index, extent) in extents {
      UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[extent.offset...]).copyMemory(from: chunks[index].bytes)
    }
    if communicator.size > 1 { try share(extents.map(\.1), buffer) }
  }

  private func writable() throws(StoreError) -> PooledBuffer {
    switch state {
    case .writing(let buffer): return buffer
    case .committed:
      throw StoreError(.invalidArgument, "has been committed and cannot change; make a new writer", path: path)
    case .abandoned: throw StoreError(.invalidArgument, "has been given up; make a new writer", path: path)
    }
  }

  /// Two writers of one chunk in one round would each overwrite the other, differently on different ranks.
  private func requireOneWriter(of numbers: [Int]) throws(StoreError) {
    let all = try passing { () throws(MPIError) in try communicator.allGather(numbers) }
    var writers: [Int: Int] = [:]
    for (rank, numbers) in all.enumerated() {
      for number in numbers {
        if let other = writers.updateValue(rank, forKey: number) {
          let who = other == rank ? "twice by rank \(rank)" : "by ranks \(other) and \(rank)"
          throw StoreError(
            .invalidArgument, "chunk \(number) was written \(who) in one round; each chunk has one writer", path: path)
        }
      }
    }
  }

  /// Tells all ranks what this one wrote, in messages of limited size; as many rounds as the rank with most needs.
  private func share(_ extents: [StoredExtent], _ buffer: PooledBuffer) throws(StoreError) {
    let byteCount = extents.reduce(0) { $0 + $1.byteCount }
    let roundCount = try passing { () throws(MPIError) in
      try communicator.allReduce((byteCount + messageByteCount - 1) / messageByteCount, .max)
    }
    var rest = extents[...]
    for _ in 0..<roundCount {
      var positions: [Int] = []
      var bytes: [UInt8] = []
      while let extent = rest.first, bytes.count < messageByteCount {
        let count = min(extent.byteCount, messageByteCount - bytes.count)
        positions += [extent.offset, count]
        bytes += buffer.bytes[extent.offset..<extent.offset + count]
        rest.removeFirst()
        if count < extent.byteCount {
          rest = [StoredExtent(offset: extent.offset + count, byteCount: extent.byteCount - count)] + rest
        }
      }
      let (allPositions, allBytes) = try passing { () throws(MPIError) in
        (try communicator.allGather(positions), try communicator.allGather(bytes))
      }
      for (rank, bytes) in allBytes.enumerated() where rank != communicator.rank {
        place(bytes, at: allPositions[rank], in: buffer)
      }
    }
  }

  private func place(_ bytes: [UInt8], at positions: [Int], in buffer: PooledBuffer) {
    var taken = 0
    for pair in stride(from: 0, to: positions.count, by: 2) {
      let (offset, count) = (positions[pair], positions[pair + 1])
      bytes[taken..<taken + count].withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[offset...]).copyMemory(from: $0)
      }
      taken += count
    }
  }

  /// One message of this rank, and one from each.
  public func roundScratchByteCount(forChunksOf byteCount: Int) -> Int {
    communicator.size == 1 ? 0 : (communicator.size + 1) * min(byteCount, messageByteCount)
  }

  public func commit() throws(StoreError) {
    let buffer = try communicator.agree(Result { () throws(StoreError) in try writable() })
    state = .committed(MemoryDataset(name: path, description: description, layout: layout, buffer: buffer))
  }

  public func abandon() {
    if case .writing = state { state = .abandoned }
  }
}
