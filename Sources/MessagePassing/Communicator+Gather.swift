// Gather, all-gather and scatter with a different count for each rank.

internal import CMPI

extension Communicator {
  /// Collects every rank's values on `root`.
  ///
  /// Wraps `MPI_Gatherv`; the counts travel first.
  /// - Parameter values: Any number of values on each rank, also none.
  /// - Returns: On `root` one array for each rank; elsewhere nothing.
  /// - Collective: yes.
  public func gather<T: MessageElement>(_ values: [T], to root: Int) throws(MPIError) -> [[T]] {
    let root32 = try checked(root, "MPI_Gatherv")
    guard let handle else { return [values] }
    let layout = messageLimit.layout(try allGather(values.count * MemoryLayout<T>.stride))
    let buffer = MessageBuffer(byteCount: rank == root ? layout.byteCount : 0)
    let own = layout.parts[rank]
    try values.withBytes { (bytes) throws(MPIError) in
      for round in 0..<layout.roundCount {
        let address = bytes.address(at: own.range(round).lowerBound)
        // Only the root has memory for what comes in.
        let target = rank == root ? buffer.base + layout.start(of: round) : nil
        try check("MPI_Gatherv") {
          MPI_Gatherv(
            address, own.count(round), cmpi_byte(), target, layout.counts(of: round), layout.displacements(of: round),
            cmpi_byte(), root32, handle)
        }
      }
    }
    return rank == root ? try layout.unpack(buffer, as: T.self) : []
  }

  /// Collects every rank's values on every rank.
  ///
  /// Wraps `MPI_Allgatherv`; the counts travel first.
  /// - Parameter values: Any number of values on each rank, also none.
  /// - Returns: One array for each rank.
  /// - Collective: yes.
  public func allGather<T: MessageElement>(_ values: [T]) throws(MPIError) -> [[T]] {
    guard let handle else { return [values] }
    let layout = messageLimit.layout(try allGather(values.count * MemoryLayout<T>.stride))
    let buffer = MessageBuffer(byteCount: layout.byteCount)
    let own = layout.parts[rank]
    try values.withBytes { (bytes) throws(MPIError) in
      for round in 0..<layout.roundCount {
        let address = bytes.address(at: own.range(round).lowerBound)
        try check("MPI_Allgatherv") {
          MPI_Allgatherv(
            address, own.count(round), cmpi_byte(), buffer.base + layout.start(of: round), layout.counts(of: round),
            layout.displacements(of: round), cmpi_byte(), handle)
        }
      }
    }
    return try layout.unpack(buffer, as: T.self)
  }

  /// Collects one value of each rank on every rank.
  ///
  /// Wraps `MPI_Allgather`.
  /// - Returns: The values by rank.
  /// - Collective: yes.
  public func allGather<T: MessageElement>(_ value: T) throws(MPIError) -> [T] {
    guard let handle else { return [value] }
    let datatype = T.messageKind.datatype
    return try [T](count: size) { (bytes) throws(MPIError) in
      try [value].withBytes { (own) throws(MPIError) in
        try check("MPI_Allgather") {
          MPI_Allgather(own.baseAddress, 1, datatype, bytes.baseAddress, 1, datatype, handle)
        }
      }
    }
  }

  /// Gives each rank its own part of what `root` holds.
  ///
  /// Wraps `MPI_Scatterv`; the counts travel first.
  /// - Parameter parts: On `root` one array for each rank; not looked at elsewhere.
  /// - Returns: The part for this rank.
  /// - Collective: yes.
  public func scatter<T: MessageElement>(_ parts: [[T]], from root: Int) throws(MPIError) -> [T] {
    let root32 = try checked(root, "MPI_Scatterv")
    precondition(rank != root || parts.count == size, "scatter needs one part for each rank")
    guard let handle else { return parts[0] }
    let layout = messageLimit.layout(rank == root ? parts.map { $0.count * MemoryLayout<T>.stride } : [])
    let buffer = MessageBuffer(byteCount: layout.byteCount)
    for (peer, part) in (rank == root ? parts : []).enumerated() {
      part.withUnsafeBytes { layout.pack($0, for: peer, into: buffer) }
    }
    // Each rank hears how much it will get, and everybody the largest amount, which decides the number of rounds.
    let heads = layout.parts.flatMap { [$0.total, layout.parts.map(\.total).max() ?? 0] }
    let head = try [Int](count: 2) { (bytes) throws(MPIError) in
      try check("MPI_Scatter") {
        MPI_Scatter(heads, 2, cmpi_int64(), bytes.baseAddress, 2, cmpi_int64(), root32, handle)
      }
    }
    let piece = messageLimit.share(of: size)
    let own = Pieces(total: head[0], piece: piece)
    let roundCount = Pieces(total: head[1], piece: piece).roundCount
    return try [T](count: own.total / MemoryLayout<T>.stride) { (bytes) throws(MPIError) in
      for round in 0..<roundCount {
        let address = bytes.address(at: own.range(round).lowerBound)
        let source = rank == root ? buffer.base + layout.start(of: round) : nil
        try check("MPI_Scatterv") {
          MPI_Scatterv(
            source, layout.counts(of: round), rank == root ? layout.displacements(of: round) : [], cmpi_byte(),
            address, own.count(round), cmpi_byte(), root32, handle)
        }
      }
    }
  }
}
