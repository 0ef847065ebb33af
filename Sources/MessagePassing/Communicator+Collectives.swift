// Barrier, broadcast, reductions and scans: the collectives in which every rank ends up with the same amount of data.

internal import CMPI

extension Communicator {
  /// Waits until every rank has come here.
  ///
  /// Wraps `MPI_Barrier`.
  /// - Collective: yes.
  public func barrier() throws(MPIError) {
    guard let handle else { return }
    try check("MPI_Barrier") { MPI_Barrier(handle) }
  }

  /// Gives every rank the values of `root`.
  ///
  /// Wraps `MPI_Bcast`; the length travels first.
  /// - Parameter values: On `root` what to send; elsewhere replaced, whatever its length was.
  /// - Collective: yes.
  public func broadcast<T: MessageElement>(_ values: inout [T], from root: Int) throws(MPIError) {
    let count = try broadcast(values.count, from: root)
    if rank == root {
      // Sent in place: the root only reads. `broadcast(bytes:)` takes mutable memory because the others write.
      try values.withBytes { (bytes) throws(MPIError) in
        try broadcast(bytes: UnsafeMutableRawBufferPointer(mutating: bytes), from: root)
      }
    } else {
      values = try [T](count: count) { (bytes) throws(MPIError) in try broadcast(bytes: bytes, from: root) }
    }
  }

  /// Gives every rank the value of `root`.
  ///
  /// Wraps `MPI_Bcast`.
  /// - Collective: yes.
  public func broadcast<T: MessageElement>(_ value: T, from root: Int) throws(MPIError) -> T {
    var result = [value]
    try result.withMutableBytes { (bytes) throws(MPIError) in try broadcast(bytes: bytes, from: root) }
    return result[0]
  }

  /// Gives every rank the bytes of `root`.
  ///
  /// Wraps `MPI_Bcast`.
  /// - Parameter bytes: Read on `root`, written elsewhere; the same size on every rank.
  /// - Collective: yes.
  public func broadcast(bytes: UnsafeMutableRawBufferPointer, from root: Int) throws(MPIError) {
    let root32 = try checked(root, "MPI_Bcast")
    guard let handle else { return }
    let pieces = messageLimit.pieces(of: bytes.count)
    for round in 0..<pieces.roundCount {
      let address = bytes.address(at: pieces.range(round).lowerBound)
      try check("MPI_Bcast") { MPI_Bcast(address, pieces.count(round), cmpi_byte(), root32, handle) }
    }
  }

  /// Combines the ranks' values position by position; every rank gets the result.
  ///
  /// Wraps `MPI_Allreduce`. See `ReductionOperation` for what is and is not promised about order.
  /// - Parameter values: The same count on every rank.
  /// - Throws: `MPIError` of class `MPI_ERR_OP` for a bitwise operation on floating-point values.
  /// - Collective: yes.
  public func allReduce<T: MessageElement>(_ values: [T], _ operation: ReductionOperation) throws(MPIError) -> [T] {
    guard T.messageKind.isInteger || !operation.isBitwise else {
      throw MPIError("MPI_Allreduce", MPI_ERR_OP, "\(operation) is not defined for \(T.self)")
    }
    guard let handle else { return values }
    let pieces = messageLimit.elementPieces(of: values.count, stride: MemoryLayout<T>.stride)
    var result = values
    try result.withMutableBytes { (bytes) throws(MPIError) in
      for round in 0..<pieces.roundCount {
        let address = bytes.address(at: pieces.range(round).lowerBound * MemoryLayout<T>.stride)
        try check("MPI_Allreduce") {
          MPI_Allreduce(cmpi_in_place(), address, pieces.count(round), T.messageKind.datatype, operation.handle, handle)
        }
      }
    }
    return result
  }

  /// Combines one value of each rank; every rank gets the result.
  ///
  /// Wraps `MPI_Allreduce`.
  /// - Collective: yes.
  public func allReduce<T: MessageElement>(_ value: T, _ operation: ReductionOperation) throws(MPIError) -> T {
    try allReduce([value], operation)[0]
  }

  /// The sum of `value` over all lower ranks; 0 on rank 0, where MPI leaves it undefined. Wraps around on overflow.
  ///
  /// Wraps `MPI_Exscan`.
  /// - Collective: yes.
  public func exclusiveScan(_ value: Int) throws(MPIError) -> Int {
    guard let handle else { return 0 }
    var own = Int64(value)
    var sum: Int64 = 0
    try check("MPI_Exscan") { MPI_Exscan(&own, &sum, 1, cmpi_int64(), cmpi_sum(), handle) }
    return rank == 0 ? 0 : Int(sum)
  }
}
