// One generation of a .dnpy 2 file, opened: everything a reader needs to find chunks. Formats/dnpy-2.md sections 3–7.

/// A file at one generation. Immutable; the index is read page by page as it is needed.
final class Snapshot: Sendable {
  let file: PositionalFile
  let preamble: Preamble
  /// The block that was current when the file was opened.
  let superblock: Superblock
  /// The generation that this snapshot shows.
  let state: GenerationState
  let metadata: Metadata
  let grid: ChunkGrid
  let index: IndexReader
  /// Damage that was survived: a copy of a block that does not match its checksum.
  let survivedDamage: [String]
  /// The first 12288 bytes, from which other generations of the same moment can be opened.
  let head: [UInt8]

  var path: String { file.path }

  /// Opens a file at its current or at a retained generation.
  ///
  /// - Parameters:
  ///   - head: The file's first 12288 bytes as another rank read them, so that all ranks see one generation; `nil` reads them.
  ///   - file: Open file, when there is one already.
  /// - Throws: `.notFound` for a generation that is not retained; `.truncated`, `.corrupt`, `.unsupported`.
  /// - Complexity: O(1) reads.
  init(path: String, generation: Int? = nil, head: [UInt8]? = nil, file existing: PositionalFile? = nil) throws(StoreError) {
    do throws(StoreError) {
      let file = if let existing { existing } else { try PositionalFile(path) }
      let head = if let head { head } else { try Self.head(of: file) }
      let (preamble, isIntact) = try Preamble.decode(Array(head[..<Dnpy2Layout.blockByteCount]))
      let slots = try Superblock.choose(fromSlots: Array(head[Dnpy2Layout.blockByteCount...]), uuid: preamble.uuid)
      let superblock = slots.current
      let size = try file.byteCount()
      guard size >= superblock.frontier else {
        throw StoreError(
          .truncated, "is cut short: generation \(superblock.state.generation) needs \(superblock.frontier) bytes, \(size) are there")
      }
      let state = try Self.state(of: generation, in: superblock, file: file)
      let metadataBytes = try Self.readBlock(
        state.metadata, file: file, limit: Dnpy2Layout.largestMetadata, what: "the metadata of generation \(state.generation)")
      let metadata = try Metadata(parsing: metadataBytes)
      let grid = try metadata.grid()
      guard grid.chunkCount == state.chunkCount else {
        throw StoreError(.corrupt, "the superblock counts \(state.chunkCount) chunks, the shape makes \(grid.chunkCount)")
      }
      self.file = file
      self.head = head
      self.preamble = preamble
      self.superblock = superblock
      self.state = state
      self.metadata = metadata
      self.grid = grid
      index = IndexReader(file: file, root: state.root, levels: state.levels, frontier: superblock.frontier)
      survivedDamage = slots.damage + (isIntact ? [] : ["preamble: one of its two copies is damaged"])
    } catch {
      throw error.at(path: path)
    }
  }

  /// The preamble and both slots.
  static func head(of file: PositionalFile) throws(StoreError) -> [UInt8] {
    try file.bytes(at: 0, count: Dnpy2Layout.firstExtent)
  }

  /// Generations that can be opened, oldest first, the current one last.
  func generations() throws(StoreError) -> [GenerationState] {
    try Self.retained(in: superblock, file: file) + [superblock.state]
  }

  private static func retained(in superblock: Superblock, file: PositionalFile) throws(StoreError) -> [GenerationState] {
    guard superblock.retainedTable.kind == .block else { return [] }
    let bytes = try readBlock(
      superblock.retainedTable, file: file, limit: Int(UInt32.max), what: "the table of retained generations")
    return try RetainedTable.decode(bytes, frontier: superblock.frontier, current: superblock.state.generation)
  }

  private static func state(of generation: Int?, in superblock: Superblock, file: PositionalFile) throws(StoreError) -> GenerationState {
    guard let generation, generation != superblock.state.generation else { return superblock.state }
    let retained = try retained(in: superblock, file: file)
    guard let state = retained.first(where: { $0.generation == generation }) else {
      let kept = (retained + [superblock.state]).map { "\($0.generation)" }.joined(separator: ", ")
      throw StoreError(.notFound, "generation \(generation) is not kept; these are: \(kept)")
    }
    return state
  }

  /// Reads a block and verifies it against its record.
  static func readBlock(_ record: Record, file: PositionalFile, limit: Int, what: String) throws(StoreError) -> [UInt8] {
    guard Int(record.length) <= limit else {
      throw StoreError(.corrupt, "\(what) claims \(record.length) bytes; at most \(limit) are allowed")
    }
    // The frontier was compared with the file's size before any record was followed: this allocates no more than exists.
    let bytes = try file.bytes(at: Int(record.offset), count: Int(record.length))
    guard xxh3(bytes) == record.checksum else {
      throw StoreError(.corrupt, "\(what) does not match its checksum", path: file.path)
    }
    return bytes
  }
}
