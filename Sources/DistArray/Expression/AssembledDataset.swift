// An array put together from pieces as a dataset: its chunks are gathered when they are asked for.

import DAStore

/// The elements of an assembly, chunk by chunk.
final class AssembledDataset: SourcedDataset {
  let path: String
  let description: DatasetDescription
  private let reader: PieceReader
  private let files: SourceFiles
  let largestStoredByteCount: Int

  /// Stored bytes that a chunk may need before chunks are made smaller.
  static let standardLimit = 16 << 20

  /// - Parameters:
  ///   - expression: An assembled one, without reductions in its parts.
  ///   - name: What messages call it.
  ///   - limit: Bytes of the parts that one chunk may need, where smaller chunks need less.
  /// - Throws: `.internalFault` for another expression, and for a reduction inside.
  init(_ expression: Expression, name: String, limit: Int = standardLimit) throws(StoreError) {
    guard case .assembled(let assembly) = expression.kind else {
      throw StoreError(.internalFault, "no assembled array", path: name)
    }
    path = name
    let layout = assembly.layout
    reader = try PieceReader(assembly.parts, layout, name: name)
    let sources = reader.sources
    files = try SourceFiles(sources.map(\.dataset), path: name)
    let byteCounts = reader.chunkByteCounts
    let shape = expression.shape
    var grid = try ChunkGrid(
      shape: shape, chunkShape: layout.chunkShape(shape, expression.dtype, sources))
    var most = layout.mostStoredByteCount(grid, sources, byteCounts)
    while most > limit {
      var best = most
      for half in layout.halves(of: grid.chunkShape) {
        let other = try ChunkGrid(shape: shape, chunkShape: half)
        let byteCount = layout.mostStoredByteCount(other, sources, byteCounts)
        // Chunks that need nearly as much as larger ones would only make the array's parts be read more often.
        if byteCount < best, byteCount <= most - most / 4 { (best, grid) = (byteCount, other) }
      }
      if best == most { break }
      most = best
    }
    largestStoredByteCount = most
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: expression.dtype, grid: grid, storedByteCount: 0)
  }

  /// How often each chunk of the parts is decoded when every chunk is, on average: estimated from a few chunks.
  var decodingsPerChunk: Double {
    let count = description.grid.chunkCount
    let samples = min(count, Self.sampleCount)
    if samples == 0 { return 0 }
    let needed = (0..<samples).reduce(0) { sum, sample in
      sum + reader.neededChunkCount(description.grid.region(of: sample * (count - 1) / max(1, samples - 1)))
    }
    let shown = sources.reduce(0) { saturatingSum($0, $1.shownChunkCount) }
    return Double(needed) / Double(samples) * Double(count) / Double(max(1, shown))
  }

  private static let sampleCount = 16

  /// Bytes that a chunk of a part occupies at most.
  var largestPartByteCount: Int { reader.chunkByteCounts.max() ?? 0 }

  var sources: [Tape.Source] { reader.sources }
  var decodeScratchByteCount: Int { reader.scratchByteCount }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    let region = description.grid.region(of: number)
    if region.isEmpty { return .encoded([]) }
    switch try reader.stored(region) {
    case .constant(let value): return .constant(value)
    case .extents(let extents): return .encoded(extents.map { files.extent($0.extent, ofSource: $0.source) })
    }
  }

  var fileNumberBound: Int { files.bound }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try files.read(extent, into: buffer)
  }

  func willRead(_ extent: StoredExtent) { files.willRead(extent) }
  func finishReading() throws(StoreError) { try files.finishReading() }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let byteCount = description.byteCount(ofChunk: number)
    if byteCount == 0 { return }
    guard let destination = buffer.baseAddress, buffer.count == byteCount else {
      throw StoreError(.internalFault, "a buffer of \(buffer.count) bytes for chunk \(number)", path: path)
    }
    do throws(StoreError) {
      _ = try reader.gather(description.grid.region(of: number), from: stored, into: destination, scratch: scratch)
    } catch {
      throw error.at(path: path)
    }
  }
}
