// Puts the headers of a set's files together and refuses sets that are not one whole array.

/// One file of an open set.
struct Dnpy1File: Sendable {
  let path: String
  let dataOffset: Int
  let isFortranOrder: Bool
  let isBigEndian: Bool
  let identity: FileIdentity

  /// Opens the file again.
  ///
  /// - Throws: `.io` when another file has taken its name meanwhile.
  func open() throws(StoreError) -> PositionalFile {
    let file = try PositionalFile(path)
    guard try FileIdentity(file) == identity else {
      throw StoreError(.io, "was replaced while the set was open; open the set again", path: path)
    }
    return file
  }
}

/// Collects the headers of a set, one file at a time.
struct Dnpy1SetChecker {
  struct FileSet {
    let layout: Dnpy1Layout
    let files: [Dnpy1File]
    let protocolVersion: String
  }

  private struct Member {
    var file: Dnpy1File
    var npy: NpyHeader
  }

  let path: String
  let fileCount: Int
  /// The ranks in the files' names, ascending; `nil` for an explicit list.
  let ranks: [Int]?
  private var first: Dnpy1Header?
  private var members: [Member?]
  /// Per axis and grid rank what the first file of that grid rank says, and the name of that file.
  private var axes: [[(data: DimData, name: String)?]] = []

  init(path: String, fileCount: Int, ranks: [Int]?) {
    self.path = path
    self.fileCount = fileCount
    self.ranks = ranks
    members = Array(repeating: nil, count: fileCount)
  }

  /// Reads and checks the head of one file.
  mutating func add(_ name: String, position: Int) throws(StoreError) {
    do throws(StoreError) {
      let file = try PositionalFile(name)
      let identity = try FileIdentity(file)
      let header = try Self.readHeader(file, byteCount: identity.byteCount)
      if first == nil { try begin(header) }
      try compare(header, with: first ?? header)
      try enter(header, name: name)
      let number = gridRank(of: header.gridCoordinates, in: header.gridShape)
      if let ranks, ranks[position] != number {
        throw StoreError(
          .corrupt,
          "its name says rank \(ranks[position]), its dim_data the place \(shapeText(header.gridCoordinates)) of the "
            + "process grid \(shapeText(header.gridShape)), which is rank \(number); "
            + "if that is meant, give the files as a list"
        )
      }
      if let other = members[number] {
        throw StoreError(
          .corrupt, "has the same place \(shapeText(header.gridCoordinates)) in the process grid as \(other.file.path)")
      }
      try header.npy.checkData(availableByteCount: identity.byteCount - header.npyOffset)
      // Bytes left over are the sign of a damaged length: the elements would be read at the wrong place.
      let excess = identity.byteCount - header.dataOffset - header.npy.dataByteCount
      guard excess == 0 else {
        throw StoreError(
          .corrupt,
          "\(excess) bytes follow the elements that the header promises, \(shapeText(header.npy.shape)) "
            + header.npy.dtype.name
        )
      }
      members[number] = Member(
        file: Dnpy1File(
          path: name, dataOffset: header.dataOffset, isFortranOrder: header.npy.isFortranOrder,
          isBigEndian: header.npy.isBigEndian, identity: identity),
        npy: header.npy)
    } catch {
      throw error.at(path: name)
    }
  }

  /// Compares the file that now has this name with the one that was read.
  func checkUnchanged(_ name: String) throws(StoreError) {
    guard let known = members.compactMap({ $0 }).first(where: { $0.file.path == name }) else { return }
    _ = try known.file.open()
  }

  private static func readHeader(_ file: PositionalFile, byteCount: Int) throws(StoreError) -> Dnpy1Header {
    // Most headers are shorter than this; others say how long they are, at most some 128 KiB.
    var bytes = try file.bytes(at: 0, count: min(1024, byteCount))
    while true {
      let required = min(try Dnpy1Header.requiredByteCount(bytes), byteCount)
      if bytes.count >= required { break }
      bytes += try file.bytes(at: bytes.count, count: required - bytes.count)
    }
    return try Dnpy1Header(decoding: bytes)
  }

  /// Takes the process grid from the first file and compares it with the files that are there.
  private mutating func begin(_ header: Dnpy1Header) throws(StoreError) {
    let expected = header.gridShape.reduce(1) { count, size in
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      return overflow ? Int.max : product
    }
    let grid = "the process grid \(shapeText(header.gridShape)) means \(expected) files"
    if let ranks {
      let present = Set(ranks)
      var missing: [Int] = []
      for rank in 0..<expected where !present.contains(rank) {
        missing.append(rank)
        if missing.count == 4 { break }
      }
      if !missing.isEmpty {
        let hint = missing.first == 0 ? "; a write that was interrupted leaves a set without rank 0" : ""
        throw StoreError(
          .corrupt, "\(grid), but rank \(missing.map(String.init).joined(separator: ", ")) is missing\(hint)",
          path: path)
      }
      if let extra = ranks.last, extra >= expected {
        throw StoreError(
          .corrupt, "\(grid), but there is a file of rank \(extra) too; it belongs to another set", path: path)
      }
    }
    guard expected == fileCount else {
      throw StoreError(.corrupt, "\(grid), but \(fileCount) were given", path: path)
    }
    first = header
    // Each size divides the number of files, so this allocates no more than there are files.
    axes = header.gridShape.map { Array(repeating: nil, count: $0) }
  }

  private func compare(_ header: Dnpy1Header, with first: Dnpy1Header) throws(StoreError) {
    guard header.dimensions.count == first.dimensions.count else {
      throw StoreError(
        .corrupt, "has \(header.dimensions.count) axes, other files of the set \(first.dimensions.count)")
    }
    guard header.gridShape == first.gridShape else {
      throw StoreError(
        .corrupt,
        "its process grid is \(shapeText(header.gridShape)), that of other files of the set "
          + shapeText(first.gridShape)
      )
    }
    let (shape, expected) = (header.dimensions.map(\.size), first.dimensions.map(\.size))
    guard shape == expected else {
      throw StoreError(
        .corrupt, "its global shape is \(shapeText(shape)), that of other files of the set \(shapeText(expected))")
    }
    guard header.npy.dtype == first.npy.dtype else {
      throw StoreError(
        .corrupt, "its elements are \(header.npy.dtype.name), those of other files of the set \(first.npy.dtype.name)")
    }
    // One process writes as the other does; a single flipped bit turns '<' into '>'.
    guard header.npy.isBigEndian == first.npy.isBigEndian else {
      throw StoreError(
        .corrupt,
        "its byte order is '\(header.npy.typeString)', that of other files of the set '\(first.npy.typeString)'")
    }
    for (axis, (own, other)) in zip(header.dimensions, first.dimensions).enumerated() where own.letter != other.letter {
      throw StoreError(
        .corrupt, "axis \(axis) is distributed as '\(own.letter)', in other files of the set as '\(other.letter)'")
    }
  }

  /// Files of one grid rank along an axis must say the same about it.
  private mutating func enter(_ header: Dnpy1Header, name: String) throws(StoreError) {
    for (axis, data) in header.dimensions.enumerated() {
      if let known = axes[axis][data.gridRank] {
        guard known.data.withoutBoundaryPadding == data.withoutBoundaryPadding else {
          throw StoreError(
            .corrupt,
            "dim_data[\(axis)] differs from that of \(known.name), which has the same 'proc_grid_rank' \(data.gridRank)"
          )
        }
      } else {
        axes[axis][data.gridRank] = (data, name)
      }
    }
  }

  /// The set, once every file was added.
  func finish(chunkShape: [Int]?) throws(StoreError) -> FileSet {
    guard let first else { throw StoreError(.notFound, "no files", path: path) }
    do throws(StoreError) {
      var maps: [AxisMap] = []
      for (axis, ranks) in axes.enumerated() {
        maps.append(try AxisMap(joining: ranks.compactMap { $0?.data }, axis: axis))
      }
      let files = members.compactMap { $0?.file }
      guard files.count == fileCount else { throw StoreError(.corrupt, "files of the set are missing") }
      let layout: Dnpy1Layout
      do throws(StoreError) {
        let fortran = members.reduce(0) { $0 + ($1?.npy.isFortranOrder == true ? $1?.npy.dataByteCount ?? 0 : 0) }
        let total = members.reduce(0) { $0 + ($1?.npy.dataByteCount ?? 0) }
        layout = try Dnpy1Layout(
          maps: maps, dtype: first.npy.dtype, isFortranOrder: fortran > total / 2, chunkShape: chunkShape)
      } catch {
        throw StoreError(chunkShape == nil ? .corrupt : error.code, "global shape: \(error.message)")
      }
      for (number, member) in members.enumerated() {
        if let member { try checkShape(member, number: number, layout: layout) }
      }
      return FileSet(layout: layout, files: files, protocolVersion: first.protocolVersion)
    } catch {
      throw error.at(path: path)
    }
  }

  private func checkShape(_ member: Member, number: Int, layout: Dnpy1Layout) throws(StoreError) {
    let expected = layout.localShape(of: number)
    guard member.npy.shape != expected else { return }
    let byDistArray = layout.localShapeByDistArray(of: number)
    if member.npy.shape == byDistArray {
      throw StoreError(
        .corrupt,
        "its buffer is \(shapeText(member.npy.shape)), dim_data makes it \(shapeText(expected)): DistArray counted "
          + "the partial last block of a block-cyclic axis on the wrong process, so these elements have "
          + "no place in the array",
        path: member.file.path)
    }
    throw StoreError(
      .corrupt, "its buffer is \(shapeText(member.npy.shape)), dim_data makes it \(shapeText(expected))",
      path: member.file.path)
  }
}
