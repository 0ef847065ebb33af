// Writes an array as a set of `.dnpy` 1.0 files for any distribution, from any number of ranks.

import MessagePassing
import SystemPackage

/// A set of `.dnpy` 1.0 files that the ranks of a communicator write together.
///
/// The number of files follows from the distribution, not from the number of ranks that write. Each chunk goes to the
/// files that own its elements with plain positional writes. Several ranks may write to one file at a time: every
/// element has one place in one file and every chunk one writer, so that their byte ranges are disjoint, and bytes that
/// no one may share are never read back and rewritten.
///
/// Until ``commit()`` the files have temporary names.
/// - Source: Formats/dnpy-1.md
public final class Dnpy1Writer: ChunkedDatasetWriter {
  public let path: String
  public let description: DatasetDescription
  /// How each axis is dealt out over the files.
  public var maps: [AxisMap] { layout.maps }

  private let communicator: Communicator
  private let layout: Dnpy1Layout
  private let isOverwriting: Bool
  /// Makes the temporary names of this writer its own, the same on every rank.
  private let token: String
  private let dataOffsets: [Int]
  private let handles: FileHandles
  /// Files that this rank wrote to since they were last made durable.
  private var touched: Set<Int> = []
  private var isFinished = false
  /// Whether names of the target may have changed: from then on the temporaries may be the only copy.
  private var isReplacing = false

  /// Begins a set of files.
  ///
  /// - Parameters:
  ///   - path: The prefix of the files' names, or the name of one of them.
  ///   - maps: One map per axis; the product of their rank counts is the number of files. Padding is not written.
  ///   - chunkShape: Another grid than slabs of about a mebibyte.
  ///   - isOverwriting: Whether an existing set may be replaced, when it is committed.
  /// - Throws: `.alreadyExists`, `.invalidArgument` when padding is asked for or a header would be too long, `.io`.
  /// - Collective: yes.
  public init(
    path: String, maps: [AxisMap], dtype: DType, chunkShape: [Int]? = nil, isOverwriting: Bool = false,
    communicator: Communicator
  ) throws(StoreError) {
    let prefix = Dnpy1Names.split(path)?.prefix ?? path
    let (layout, headers) = try communicator.agree { () throws(StoreError) in
      try Self.prepare(prefix: prefix, maps: maps, dtype: dtype, chunkShape: chunkShape)
    }
    try communicator.agree { () throws(StoreError) in
      guard communicator.rank == 0, !isOverwriting, let rank = try Dnpy1Names.ranks(prefix: prefix).first else {
        return
      }
      throw StoreError(
        .alreadyExists, "exists already; ask for overwriting or choose another name",
        path: Dnpy1Names.name(prefix: prefix, rank: rank))
    }
    let number = try passing { () throws(MPIError) in
      try communicator.broadcast(Int.random(in: 0..<1 << 40), from: 0)
    }
    let token = String(number, radix: 36)

    self.path = prefix
    self.communicator = communicator
    self.layout = layout
    self.isOverwriting = isOverwriting
    self.token = token
    dataOffsets = headers.map(\.count)
    handles = FileHandles { (file) throws(StoreError) in
      try PositionalFile(Self.temporaryName(prefix, file, token), .readWrite)
    }
    let stored = (0..<layout.fileCount).reduce(0) { $0 + headers[$1].count + Self.dataByteCount(layout, $1) }
    description = DatasetDescription(
      format: .dnpy1, shape: layout.shape, dtype: dtype, grid: layout.grid, storedByteCount: stored)

    do {
      try communicator.agree { () throws(StoreError) in
        for file in stride(from: communicator.rank, to: layout.fileCount, by: communicator.size) {
          try begin(file, header: headers[file])
        }
      }
    } catch {
      abandon()
      throw error
    }
  }

  /// Most files of a set: more are a mistake in the process grid, and a burden on any file system.
  public static let maximumFileCount = 1 << 20

  private static func prepare(
    prefix: String, maps: [AxisMap], dtype: DType, chunkShape: [Int]?
  ) throws(StoreError) -> (Dnpy1Layout, headers: [[UInt8]]) {
    do throws(StoreError) {
      for (axis, map) in maps.enumerated() {
        guard map.padding.isEmpty else {
          throw StoreError(.invalidArgument, "axis \(axis) has padding; .dnpy 1.0 files are written without it")
        }
        if case .cyclic(let blockSize) = map.kind,
          (map.rankCount - 1).multipliedReportingOverflow(by: blockSize).overflow
        {
          throw StoreError(
            .invalidArgument, "axis \(axis): block size \(blockSize) is too large for \(map.rankCount) ranks")
        }
      }
      let layout = try Dnpy1Layout(maps: maps, dtype: dtype, chunkShape: chunkShape)
      guard layout.fileCount <= maximumFileCount else {
        throw StoreError(.invalidArgument, "\(layout.fileCount) files; at most \(maximumFileCount) make a set")
      }
      var headers: [[UInt8]] = []
      for file in 0..<layout.fileCount {
        let coordinates = gridCoordinates(of: file, in: layout.gridShape)
        headers.append(
          try Dnpy1Header.encode(
            dimensions: zip(maps, coordinates).map { DimData($0, gridRank: $1) },
            npy: try NpyHeader(shape: layout.localShape(of: file), dtype: dtype)))
      }
      return (layout, headers)
    } catch {
      throw error.at(path: prefix)
    }
  }

  /// The name under which a file is made: in the same directory, and no member of a set.
  private static func temporaryName(_ prefix: String, _ file: Int, _ token: String) -> String {
    let (directory, name) = splitPath(Dnpy1Names.name(prefix: prefix, rank: file))
    return "\(directory).\(name).\(token).partial"
  }

  private static func dataByteCount(_ layout: Dnpy1Layout, _ file: Int) -> Int {
    layout.localShape(of: file).reduce(layout.dtype.byteCount, *)
  }

  /// Makes a file with its header and its full size; elements never written read as zeros, the fill value.
  private func begin(_ file: Int, header: [UInt8]) throws(StoreError) {
    let name = Self.temporaryName(path, file, token)
    UnfinishedFiles.add(name)
    let new = try PositionalFile(name, .createNew)
    let byteCount = header.count + Self.dataByteCount(layout, file)
    touched.insert(file)
    do {
      try header.withUnsafeBytes { bytes in try new.write(at: 0, bytes) }
      try FileDescriptor(rawValue: new.rawDescriptor).resize(to: Int64(byteCount))
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(system: error, "could not be extended to \(byteCount) bytes", path: new.path)
    }
  }

  public func write(_ chunks: [ChunkToWrite]) throws(StoreError) {
    try communicator.agree { () throws(StoreError) in
      try check(chunks)
      for chunk in chunks { try writeOne(chunk) }
    }
  }

  private func check(_ chunks: [ChunkToWrite]) throws(StoreError) {
    guard !isFinished else {
      throw StoreError(.invalidArgument, "the set was committed or given up; nothing more can be written", path: path)
    }
    try checkRound(chunks)
  }

  private func writeOne(_ chunk: ChunkToWrite) throws(StoreError) {
    let region = layout.grid.region(of: chunk.number)
    guard let source = chunk.bytes.baseAddress else { return }
    for part in layout.parts(of: region) {
      let transfer = Dnpy1Transfer(
        part, localShape: layout.localShape(of: part.file), isFortranOrder: false,
        elementByteCount: layout.dtype.byteCount, amplification: 1)
      let file = try handles.file(part.file)
      touched.insert(part.file)
      let start = dataOffsets[part.file]
      if let place = transfer.stretch(in: region) {
        try file.write(
          at: start + transfer.extents[0].offset,
          UnsafeRawBufferPointer(start: source + place, count: transfer.byteCount))
        continue
      }
      let staging = try AlignedBuffer(byteCount: transfer.byteCount)
      guard let staged = staging.bytes.baseAddress else { continue }
      transfer.forEachBox(in: region) { box in
        copyBox(
          shape: box.shape, elementByteCount: layout.dtype.byteCount, from: source + box.chunkOffset,
          sourceStrides: box.chunkStrides, to: staged + box.storedOffset, destinationStrides: box.storedStrides)
      }
      var done = 0
      for extent in transfer.extents {
        try file.write(
          at: start + extent.offset, UnsafeRawBufferPointer(rebasing: staging.bytes[done..<done + extent.byteCount]))
        done += extent.byteCount
      }
    }
  }

  /// One part of one chunk is staged at a time.
  public func roundScratchByteCount(forChunksOf byteCount: Int) -> Int {
    BufferPool.capacity(for: min(byteCount, description.largestChunkByteCount))
  }

  /// Makes the set durable and gives it its name.
  ///
  /// A set of several files cannot be renamed in one step. So that no reader takes a mixed set for a whole one, the
  /// old file of rank 0 goes first and the new one comes last: between the two the set lacks rank 0 and is refused.
  /// - Throws: `.alreadyExists`, `.io`, on all ranks. After a failure while names change the target may lack rank 0;
  ///   then ``abandon()`` keeps the files that still have temporary names, since they may be the only copy.
  /// - Collective: yes.
  public func commit() throws(StoreError) {
    try communicator.agree { () throws(StoreError) in
      guard !isFinished else {
        throw StoreError(.invalidArgument, "the set was committed or given up before", path: path)
      }
      // On each rank all files that it wrote to: on file systems of several hosts each host must flush its own pages.
      for file in touched.sorted() { try handles.file(file).synchronize() }
      touched = []
    }
    handles.closeAll()
    try passing { () throws(MPIError) in try communicator.barrier() }
    let existing = try communicator.agree { () throws(StoreError) in
      let existing = communicator.rank == 0 ? try Dnpy1Names.ranks(prefix: path) : []
      guard existing.isEmpty || isOverwriting else {
        throw StoreError(
          .alreadyExists, "was made by someone else meanwhile; ask for overwriting or choose another name", path: path)
      }
      return existing
    }
    // An interruption now must not take the new files away: they may soon be the only ones.
    isReplacing = true
    forEachOwnFile { UnfinishedFiles.remove($0) }
    try communicator.agree { () throws(StoreError) in
      if communicator.rank == 0 { try replace(existing) }
    }
    isFinished = true
  }

  /// Takes the existing files away and gives the new ones their names.
  private func replace(_ existing: [Int]) throws(StoreError) {
    if !existing.isEmpty {
      if existing.first == 0 {
        try removeFile(Dnpy1Names.name(prefix: path, rank: 0))
        try synchronizeDirectory(of: path)
      }
      for rank in existing where rank > 0 { try removeFile(Dnpy1Names.name(prefix: path, rank: rank)) }
      try synchronizeDirectory(of: path)
    }
    for file in (1..<max(layout.fileCount, 1)).reversed() { try rename(file) }
    if layout.fileCount > 1 { try synchronizeDirectory(of: path) }
    try rename(0)
    try synchronizeDirectory(of: path)
  }

  private func rename(_ file: Int) throws(StoreError) {
    try renameFile(
      Self.temporaryName(path, file, token), Dnpy1Names.name(prefix: path, rank: file),
      replacing: isOverwriting)
  }

  /// The temporary names of the files that this rank made.
  private func forEachOwnFile(_ body: (String) -> Void) {
    for file in stride(from: communicator.rank, to: layout.fileCount, by: communicator.size) {
      body(Self.temporaryName(path, file, token))
    }
  }

  public func abandon() {
    guard !isFinished else { return }
    isFinished = true
    handles.closeAll()
    if isReplacing { return }
    // Files that were never made, or whose removal fails, are no reason to leave others.
    forEachOwnFile { name in
      try? removeFile(name)
      UnfinishedFiles.remove(name)
    }
  }
}
