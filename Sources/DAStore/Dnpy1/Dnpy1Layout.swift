// Which parts of which files make up a chunk: the maps of all axes together. Pure arithmetic.

/// A distributed array as files: one dense local array per place in the process grid, files numbered in C order.
struct Dnpy1Layout: Sendable {
  let shape: [Int]
  let dtype: DType
  /// One map per axis; their rank counts are the process grid.
  let maps: [AxisMap]
  let gridShape: [Int]
  let fileCount: Int
  /// The chunk grid that readers and writers offer.
  let grid: ChunkGrid

  /// Decoded bytes of a chunk, about: large enough that a chunk's share of each of many files is worth a transfer.
  static func targetByteCount(fileCount: Int) -> Int {
    let (wanted, overflow) = fileCount.multipliedReportingOverflow(by: 4 << 10)
    return overflow ? 8 << 20 : max(1 << 20, min(8 << 20, wanted))
  }

  /// - Parameters:
  ///   - isFortranOrder: Whether chunks shall suit files in Fortran order.
  ///   - chunkShape: Another grid than slabs of about a mebibyte.
  /// - Throws: `.invalidArgument` for shapes and process grids beyond the limits.
  init(
    maps: [AxisMap], dtype: DType, isFortranOrder: Bool = false, chunkShape: [Int]? = nil
  ) throws(StoreError) {
    self.maps = maps
    self.dtype = dtype
    shape = maps.map(\.size)
    gridShape = maps.map(\.rankCount)
    _ = try checkedElementCount(shape, dtype: dtype)
    fileCount = try checkedElementCount(gridShape, dtype: .uint8)
    let target = Self.targetByteCount(fileCount: fileCount)
    let slabs =
      isFortranOrder
      ? ChunkGrid.slabs(shape.reversed(), elementByteCount: dtype.byteCount, targetByteCount: target).reversed()
      : ChunkGrid.slabs(shape, elementByteCount: dtype.byteCount, targetByteCount: target)
    grid = try ChunkGrid(shape: shape, chunkShape: chunkShape ?? slabs)
  }

  /// Shape of the local array in file `number`.
  func localShape(of number: Int) -> [Int] {
    zip(maps, gridCoordinates(of: number, in: gridShape)).map { $0.localCount(of: $1) }
  }

  /// What DistArray would have stored in file `number`: it counts a partial last block on grid rank 0.
  func localShapeByDistArray(of number: Int) -> [Int] {
    zip(maps, gridCoordinates(of: number, in: gridShape)).map { map, rank in
      guard case .cyclic(let blockSize) = map.kind, blockSize > 1 else { return map.localCount(of: rank) }
      let (blocks, partial) = map.size.quotientAndRemainder(dividingBy: blockSize)
      let own = rank < blocks ? (blocks - 1 - rank) / map.rankCount + 1 : 0
      return own * blockSize + (rank == 0 ? partial : 0)
    }
  }

  /// The parts of a region, one per file that owns elements of it, by ascending file number.
  ///
  /// - Precondition: the region is not empty.
  func parts(of region: Region) -> [Dnpy1Part] {
    var open: [(file: Int, runs: [[AxisRun]])] = [(0, [])]
    for (axis, map) in maps.enumerated() {
      let range = region.lower[axis]..<region.upper[axis]
      let owners = map.owners(in: range).map { (rank: $0, runs: map.runs(of: $0, in: range)) }
      open = open.flatMap { prefix in
        owners.map { (prefix.file * map.rankCount + $0.rank, prefix.runs + [$0.runs]) }
      }
    }
    return open.map { Dnpy1Part(file: $0.file, runs: $0.runs) }
  }
}

/// The elements of a region that one file owns: on every axis a list of runs, together their product.
struct Dnpy1Part: Sendable {
  let file: Int
  let runs: [[AxisRun]]

  /// Elements along each axis.
  var counts: [Int] { runs.map { $0.reduce(0) { $0 + $1.count } } }
}
