// Writes one dataset into a new HDF5 file from any number of ranks: chunks by all, structure by one, renamed when it is
// whole.

import MessagePassing

/// An HDF5 file with one dataset that the ranks of a communicator write together.
///
/// Every rank encodes its chunks and writes them as one run per round; places follow from the sizes of all. Rank 0 writes
/// the structure behind them when all are there. Source: Formats/hdf5-mapping.md.
public final class HDF5Writer: ChunkedDatasetWriter {
  public let path: String
  public private(set) var description: DatasetDescription
  private let member: [String]
  private let chain: HDF5FilterChain
  private let communicator: Communicator
  private let pool: BufferPool
  private let target: TargetFile
  private let file: ParallelFile
  /// Where the next round begins; the same on every rank.
  private var end = firstChunkOffset
  /// Chunks that this rank wrote.
  private var records: [HDF5ChunkRecord] = []
  private var isFinished = false

  /// Chunks begin behind a block that holds the superblock.
  private static let firstChunkOffset = 4096

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: Name of the file to be; the same on every rank, as are all other arguments.
  ///   - member: Path of the dataset in it; groups on the way are made.
  ///   - codecs: `byteshuffle`, then `deflate` or `lz4`, then `fletcher32`, each or none.
  ///   - pool: Where staging memory comes from.
  ///   - overwrite: Whether a file may be replaced; never one that holds other datasets.
  /// - Throws: `.alreadyExists`, `.notFound` for a missing directory, `.invalidArgument`, `.unsupported`, `.io`.
  /// - Collective: yes.
  public init(
    path: String, member: String = "buffer", shape: [Int], dtype: DType, chunkShape: [Int], codecs: [String] = [],
    fillValue: ElementValue? = nil, attributes: [String: JSONValue] = [:], dimensionNames: [String?]? = nil,
    overwrite: Bool = false, communicator: Communicator, pool: BufferPool
  ) throws(StoreError) {
    let member = member.split(separator: "/").map(String.init)
    let (grid, chain) = try communicator.agree { () throws(StoreError) in
      do throws(StoreError) {
        if communicator.rank == 0, overwrite { try Self.spareOthers(path, member) }
        return try Self.prepare(member, shape, dtype, chunkShape, codecs, fillValue, dimensionNames)
      } catch {
        throw error.at(path: path)
      }
    }
    var description = DatasetDescription(
      format: .hdf5, shape: shape, dtype: dtype, grid: grid, fillValue: fillValue, storedByteCount: 0)
    description.codecs = chain.names
    description.attributes = attributes
    description.dimensionNames = dimensionNames
    let target = try TargetFile(path, overwrite: overwrite, communicator: communicator)
    do throws(StoreError) {
      file = try passing { () throws(MPIError) in
        try ParallelFile.open(target.partialPath, [.readWrite, .create, .exclusive], on: communicator)
      }
    } catch {
      target.discard()
      throw error.at(path: path)
    }
    self.path = path
    self.member = member
    self.description = description
    self.chain = chain
    self.communicator = communicator
    self.pool = pool
    self.target = target
  }

  deinit { target.discard() }

  /// Refuses to replace a file that holds more than the dataset to be written.
  private static func spareOthers(_ path: String, _ member: [String]) throws(StoreError) {
    guard HDF5Tree.isHDF5(path: path) else { return }
    let own = "/" + member.joined(separator: "/")
    let entries: [HDF5Entry]
    do throws(StoreError) {
      entries = try HDF5Tree.entries(path: path)
    } catch {
      // Others may read what is not read here.
      throw StoreError(
        .alreadyExists,
        "is an HDF5 file that may hold other datasets, but cannot be read whole (\(error.message)); remove it yourself, "
          + "or choose another name")
    }
    for entry in entries {
      guard case .dataset = entry.kind, entry.path != own else { continue }
      throw StoreError(
        .alreadyExists,
        "holds '\(entry.path)', which would be lost; datasets cannot be added to a file yet, so choose another name")
    }
  }

  private static func prepare(
    _ member: [String], _ shape: [Int], _ dtype: DType, _ chunkShape: [Int], _ codecs: [String],
    _ fillValue: ElementValue?,
    _ dimensionNames: [String?]?
  ) throws(StoreError) -> (ChunkGrid, HDF5FilterChain) {
    _ = try checkedElementCount(shape, dtype: dtype)
    let grid = try ChunkGrid(shape: shape, chunkShape: chunkShape)
    let chunkByteCount = grid.fullChunkElementCount * dtype.byteCount
    // HDF5's own limit, and what LZ4 and zlib count.
    guard chunkByteCount < 1 << 31, chunkShape.allSatisfy({ $0 <= UInt32.max }) else {
      throw StoreError(
        .invalidArgument, "a chunk of \(chunkByteCount) bytes is too large for HDF5; use a smaller chunk shape")
    }
    guard !member.isEmpty, member.allSatisfy({ $0 != "." && $0.utf8.count < 1 << 16 }) else {
      throw StoreError(.invalidArgument, "'/\(member.joined(separator: "/"))' is no path of a dataset")
    }
    if let fillValue, fillValue.dtype != dtype {
      throw StoreError(.invalidArgument, "a fill value of type \(fillValue.dtype.name) for an array of \(dtype.name)")
    }
    if let names = dimensionNames, names.count != shape.count {
      throw StoreError(.invalidArgument, "\(names.count) dimension names for \(shape.count) axes")
    }
    // HDF5 has no chunks without axes.
    let chain = try HDF5FilterChain(
      writing: shape.isEmpty ? [] : codecs, elementByteCount: dtype.byteCount, chunkByteCount: chunkByteCount)
    return (grid, chain)
  }

  // MARK: Chunks

  public func write(_ chunks: [ChunkToWrite]) throws(StoreError) {
    do throws(StoreError) {
      try communicator.agree { () throws(StoreError) in
        guard !isFinished else {
          throw StoreError(.invalidArgument, "was committed or given up; nothing more can be written")
        }
        try checkRound(chunks)
      }
      // Chunks at the array's edges grow to whole ones, so that not all of a round may fit the staging memory at once.
      let batchSize = Self.batchSize(
        byteCount: chunks.reduce(0) { $0 + $1.bytes.count }, chunkByteCount: chain.chunkByteCount)
      let ownCount = (chunks.count + batchSize - 1) / batchSize
      let batchCount = try passing { () throws(MPIError) in try communicator.allReduce(ownCount, .max) }
      for batch in 0..<batchCount { try write(chunks.dropFirst(batch * batchSize).prefix(batchSize)) }
    } catch {
      throw error.at(path: path)
    }
  }

  /// Chunks that are encoded and written together.
  private static func batchSize(byteCount: Int, chunkByteCount: Int) -> Int { byteCount / chunkByteCount + 1 }

  /// Encodes and writes one batch of this rank's chunks. Collective.
  private func write(_ chunks: ArraySlice<ChunkToWrite>) throws(StoreError) {
    let (staging, placed) = try communicator.agree { () throws(StoreError) in try encode(chunks) }
    let count = placed.reduce(0) { $0 + $1.byteCount }
    let counts = try passing { () throws(MPIError) in try communicator.allGather(count) }
    let start = end + counts[..<communicator.rank].reduce(0, +)
    end += counts.reduce(0, +)
    let bytes = UnsafeRawBufferPointer(rebasing: staging.bytes[..<count])
    try passing { () throws(MPIError) in try file.writeAll(at: start, from: bytes) }
    for var record in placed {
      record.address += start
      records.append(record)
    }
    description.storedByteCount += counts.reduce(0, +)
  }

  /// Encodes this rank's chunks one behind the other; addresses count from the start of the run.
  private func encode(_ chunks: ArraySlice<ChunkToWrite>) throws(StoreError) -> (PooledBuffer, [HDF5ChunkRecord]) {
    let staging = try pool.lease(byteCount: chunks.count * chain.encodedByteCount)
    let whole = try pool.lease(byteCount: chunks.isEmpty ? 0 : chain.chunkByteCount)
    let scratch = try pool.lease(byteCount: chunks.isEmpty ? 0 : chain.encodingScratchByteCount)
    var placed: [HDF5ChunkRecord] = []
    var used = 0
    for chunk in chunks {
      let elements = padded(chunk, into: whole.bytes)
      let output = UnsafeMutableRawBufferPointer(rebasing: staging.bytes[used..<used + chain.encodedByteCount])
      let (count, mask) = chain.encode(elements, into: output, scratch: scratch.bytes)
      placed.append(HDF5ChunkRecord(number: chunk.number, address: used, byteCount: count, filterMask: mask))
      used += count
    }
    return (staging, placed)
  }

  /// HDF5 stores chunks whole: what lies beyond the array's edge holds the fill value.
  private func padded(_ chunk: ChunkToWrite, into whole: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
    let shape = description.grid.region(of: chunk.number).shape
    guard shape != description.grid.chunkShape, let from = chunk.bytes.baseAddress, let to = whole.baseAddress else {
      return chunk.bytes
    }
    let size = description.dtype.byteCount
    description.fillValue.fill(UnsafeMutableRawBufferPointer(rebasing: whole[..<chain.chunkByteCount]))
    copyBox(
      shape: shape, elementByteCount: size, from: from, sourceStrides: rowMajorStrides(shape, elementByteCount: size),
      to: to,
      destinationStrides: rowMajorStrides(description.grid.chunkShape, elementByteCount: size))
    return UnsafeRawBufferPointer(rebasing: whole[..<chain.chunkByteCount])
  }

  public func roundScratchByteCount(forChunksOf byteCount: Int) -> Int {
    BufferPool.capacity(
      for: Self.batchSize(byteCount: byteCount, chunkByteCount: chain.chunkByteCount) * chain.encodedByteCount)
      + BufferPool.capacity(for: chain.chunkByteCount) + BufferPool.capacity(for: chain.encodingScratchByteCount)
  }

  // MARK: The end

  /// Writes the structure, makes the file durable, and gives it its name.
  public func commit() throws(StoreError) {
    do throws(StoreError) {
      try communicator.agree { () throws(StoreError) in
        guard !isFinished else { throw StoreError(.internalFault, "was committed or abandoned already") }
      }
      isFinished = true
      let words = records.flatMap { [$0.number, $0.address, $0.byteCount, Int($0.filterMask)] }
      let gathered = try passing { () throws(MPIError) in try communicator.gather(words, to: 0) }
      try communicator.agree { () throws(StoreError) in
        guard communicator.rank == 0 else { return }
        try writeStructure(Self.records(gathered))
      }
      try passing { () throws(MPIError) in
        try file.sync()
        try file.close()
      }
      try target.publish()
    } catch {
      throw error.at(path: path)
    }
  }

  public func abandon() {
    isFinished = true
    try? passing { () throws(MPIError) in try file.close() }  // the file goes anyway
    target.discard()
  }

  /// The chunks of all ranks in the order of their numbers; of one written again, what was written last.
  private static func records(_ gathered: [[Int]]) -> [HDF5ChunkRecord] {
    var records: [HDF5ChunkRecord] = []
    for words in gathered {
      for start in stride(from: 0, to: words.count, by: 4) {
        records.append(
          HDF5ChunkRecord(
            number: words[start], address: words[start + 1], byteCount: words[start + 2],
            filterMask: UInt32(truncatingIfNeeded: words[start + 3])))
      }
    }
    records.sort { ($0.number, $0.address) < ($1.number, $1.address) }
    return records.indices.filter { $0 + 1 == records.count || records[$0 + 1].number != records[$0].number }.map {
      records[$0]
    }
  }

  private func writeStructure(_ records: [HDF5ChunkRecord]) throws(StoreError) {
    typealias Kind = HDF5ObjectHeader.Kind
    var place = (end + 7) / 8 * 8
    /// Where the last structure ends.
    var last = place
    func store(_ bytes: [UInt8]) throws(StoreError) -> Int {
      let address = place
      try bytes.withBytes { buffer throws(StoreError) in
        try passing { () throws(MPIError) in try file.write(at: address, from: buffer) }
      }
      last = address + bytes.count
      place = (last + 7) / 8 * 8
      return address
    }
    let (tree, root) =
      description.shape.isEmpty ? ([], nil) : HDF5TreeEncoding.tree(records, grid: description.grid, at: place)
    _ = try store(tree)
    let attributes = try HDF5AttributeEncoding(
      description.attributes, dimensionNames: description.dimensionNames, heapAddress: place)
    _ = try store(attributes.heap)
    // An axis shorter than its chunks must be one that may grow.
    let limits = zip(description.shape, description.grid.chunkShape).map { $0 < $1 ? nil : $0 }
    var messages: [(kind: Int, bytes: [UInt8])] = [
      (Kind.dataspace, HDF5Encoding.dataspace(description.shape, limits: limits.contains(nil) ? limits : nil)),
      (Kind.datatype, HDF5Encoding.datatype(description.dtype)),
      (Kind.fillValue, HDF5Encoding.fillValue(description.fillValue)), (Kind.layout, layout(records, root)),
    ]
    if !chain.steps.isEmpty { messages.append((Kind.filters, chain.message)) }
    messages += attributes.messages.map { (Kind.attribute, $0) }
    var address = try store(try HDF5Encoding.objectHeader(messages))
    for name in member.reversed() { address = try store(try HDF5Encoding.group(name: name, address: address)) }
    let superblock = HDF5Encoding.superblock(endOfFile: last, rootAddress: address)
    try superblock.withBytes { buffer throws(StoreError) in
      try passing { () throws(MPIError) in try file.write(at: 0, from: buffer) }
    }
  }

  private func layout(_ records: [HDF5ChunkRecord], _ root: Int?) -> [UInt8] {
    var out = HDF5Bytes()
    if description.shape.isEmpty {
      out.add([3, 1])
      out.add(address: records.first?.address)
      out.add(description.dtype.byteCount, 8)
    } else {
      out.add([3, 2, UInt8(description.shape.count + 1)])
      out.add(address: root)
      for extent in description.grid.chunkShape + [description.dtype.byteCount] { out.add(extent, 4) }
    }
    return out.bytes
  }
}
