// A set of `.dnpy` 1.0 files as one global array: chunks are put together from the files that own their elements.

/// A set of files as DistArray 0.2–0.6 wrote them, one per process, open for reading as one array.
///
/// The whole set is checked when it is opened: every file there, none twice, every element owned once, sizes and types
/// in agreement. The format has no checksums: damaged elements cannot be told.
/// - Source: Formats/dnpy-1.md
public final class Dnpy1Dataset: ChunkedDataset {
  public let path: String
  public let description: DatasetDescription
  /// How each axis is dealt out over the files.
  public let maps: [AxisMap]
  public let largestStoredByteCount: Int
  public let decodeScratchByteCount: Int

  /// The stored bytes of a chunk may be this many times its own, where elements of other chunks lie between.
  static let amplification = 4

  private let layout: Dnpy1Layout
  /// By file number: the place in the process grid, C order.
  private let files: [Dnpy1File]
  private let handles: FileHandles

  /// Opens a set by its prefix or by the name of any member.
  ///
  /// A name that is no member's and belongs to an existing file opens that file alone, as a set of one.
  /// - Parameter chunkShape: Another chunk grid than slabs of about a mebibyte.
  /// - Throws: `.notFound`; `.corrupt` when the set is not whole and consistent, with the file and the reason;
  ///   `.truncated`, `.unsupported`, `.io`.
  /// - Complexity: O(files), two small reads each.
  /// - Collective: no.
  public convenience init(_ path: String, chunkShape: [Int]? = nil) throws(StoreError) {
    let prefix = Dnpy1Names.split(path)?.prefix ?? path
    let ranks = try Dnpy1Names.ranks(prefix: prefix)
    if ranks.isEmpty {
      guard Self.isFile(path) else {
        throw StoreError(
          .notFound,
          "no such set of files: neither \(Dnpy1Names.name(prefix: prefix, rank: 0)) nor a file of this name",
          path: path)
      }
      try self.init(path, names: [path], ranks: nil, chunkShape: chunkShape)
    } else {
      try self.init(
        path, names: ranks.map { Dnpy1Names.name(prefix: prefix, rank: $0) }, ranks: ranks, chunkShape: chunkShape)
    }
  }

  /// Opens a set by the names of its files, in any order; their headers say which part each one holds.
  ///
  /// - Throws: As opening by prefix does.
  /// - Collective: no.
  public convenience init(files names: [String], chunkShape: [Int]? = nil) throws(StoreError) {
    guard let first = names.first else { throw StoreError(.invalidArgument, "an empty list of files") }
    try self.init(first, names: names, ranks: nil, chunkShape: chunkShape)
  }

  /// - Parameter ranks: The ranks in the files' names, ascending; `nil` when names say nothing.
  private init(_ path: String, names: [String], ranks: [Int]?, chunkShape: [Int]?) throws(StoreError) {
    var checker = Dnpy1SetChecker(path: path, fileCount: names.count, ranks: ranks)
    for (position, name) in names.enumerated() { try checker.add(name, position: position) }
    // A writer that replaces a set takes the file of rank 0 away before it touches any other: the same file still being
    // there proves that all were read from one set.
    if let first = names.first, ranks != nil { try checker.checkUnchanged(first) }
    let set = try checker.finish(chunkShape: chunkShape)

    self.path = path
    maps = set.layout.maps
    layout = set.layout
    files = set.files
    let opened = set.files
    handles = FileHandles { (number) throws(StoreError) in try opened[number].open() }

    var description = DatasetDescription(
      format: .dnpy1, shape: set.layout.shape, dtype: set.layout.dtype, grid: set.layout.grid,
      storedByteCount: set.files.reduce(0) { $0 + $1.identity.byteCount })
    description.details = Self.details(of: set)
    self.description = description
    // Where local order follows global order and chunks are slabs in the files' order, bounding ranges hold just the
    // chunk.
    let isExact =
      chunkShape == nil && set.layout.maps.allSatisfy { $0.keepsOrder && $0.padding.isEmpty }
      && set.files.allSatisfy { $0.isFortranOrder == set.files[0].isFortranOrder }
    largestStoredByteCount = description.largestChunkByteCount * (isExact ? 1 : Self.amplification)
    decodeScratchByteCount = set.files.contains { $0.isBigEndian } ? largestStoredByteCount : 0
  }

  private static func isFile(_ path: String) -> Bool {
    // Whatever is wrong with the file is told when it is opened in earnest.
    (try? PositionalFile(path)) != nil
  }

  private static func details(of set: Dnpy1SetChecker.FileSet) -> [DatasetDescription.Detail] {
    let letters = set.layout.maps.map { map -> JSONValue in
      switch map.kind {
      case .undistributed: .string("n")
      case .block: .string("b")
      case .cyclic: .string("c")
      case .unstructured: .string("u")
      }
    }
    return [
      .init("protocol_version", .string(set.protocolVersion)),
      .init("files", .int(set.files.count)),
      .init("distribution", .array(letters)),
      .init("process_grid", .array(set.layout.gridShape.map { .int($0) })),
      .init("fortran_order", .bool(set.files.allSatisfy { $0.isFortranOrder })),
      .init("big_endian", .bool(set.files.allSatisfy { $0.isBigEndian })),
    ]
  }

  private func transfer(_ part: Dnpy1Part) -> Dnpy1Transfer {
    Dnpy1Transfer(
      part, localShape: layout.localShape(of: part.file), isFortranOrder: files[part.file].isFortranOrder,
      elementByteCount: layout.dtype.byteCount, amplification: Self.amplification)
  }

  public func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    let region = layout.grid.region(of: number)
    let parts = layout.parts(of: region).map { ($0.file, transfer($0)) }
    let stretches = parts.compactMap { file, transfer -> (start: Int, extent: StoredExtent)? in
      guard !files[file].isBigEndian, let start = transfer.stretch(in: region) else { return nil }
      return (
        start,
        StoredExtent(
          file: file, offset: files[file].dataOffset + transfer.extents[0].offset, byteCount: transfer.byteCount)
      )
    }
    if stretches.count == parts.count {
      return .direct(stretches.sorted { $0.start < $1.start }.map(\.extent))
    }
    return .encoded(
      parts.flatMap { file, transfer in
        transfer.extents.map {
          StoredExtent(file: file, offset: files[file].dataOffset + $0.offset, byteCount: $0.byteCount)
        }
      })
  }

  public func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try handles.file(extent.file).read(at: extent.offset, into: buffer)
  }

  public func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let region = layout.grid.region(of: number)
    var offset = 0
    for part in layout.parts(of: region) {
      let transfer = transfer(part)
      guard stored.count - offset >= transfer.byteCount, let chunk = buffer.baseAddress else {
        throw StoreError(.internalFault, "chunk \(number): \(stored.count) stored bytes are too few", path: path)
      }
      var bytes = UnsafeRawBufferPointer(rebasing: stored[offset..<offset + transfer.byteCount])
      offset += transfer.byteCount
      if files[part.file].isBigEndian {
        let swapped = UnsafeMutableRawBufferPointer(rebasing: scratch[..<bytes.count])
        swapped.copyMemory(from: bytes)
        swapByteOrder(swapped, unit: layout.dtype.byteOrderUnit)
        bytes = UnsafeRawBufferPointer(swapped)
      }
      guard let source = bytes.baseAddress else { continue }
      transfer.forEachBox(in: region) { box in
        copyBox(
          shape: box.shape, elementByteCount: layout.dtype.byteCount, from: source + box.storedOffset,
          sourceStrides: box.storedStrides, to: chunk + box.chunkOffset, destinationStrides: box.chunkStrides)
      }
    }
  }

  public func willRead(_ extent: StoredExtent) {
    // Only a hint: a file that cannot be opened is reported by the read itself.
    try? handles.file(extent.file).willRead(at: extent.offset, byteCount: extent.byteCount)
  }
}
