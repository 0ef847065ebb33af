// All-to-all with a different count for each pair of ranks, blocking and in the background: how pieces of blocks change
// owners.

internal import CMPI

extension Communicator {
  /// Sends `parts[peer]` to each rank and returns what each rank sent here.
  ///
  /// Wraps `MPI_Alltoallv`; the counts travel first.
  /// - Parameter parts: One array for each rank, any of them empty.
  /// - Returns: One array from each rank.
  /// - Collective: yes.
  public func allToAll<T: MessageElement>(_ parts: [[T]]) throws(MPIError) -> [[T]] {
    precondition(parts.count == size, "all-to-all needs one part for each rank")
    guard let handle else { return parts }
    let (sending, receiving) = try layouts(of: parts)
    let outgoing = packed(parts, sending)
    let incoming = MessageBuffer(byteCount: receiving.byteCount)
    for round in 0..<sending.roundCount {
      try check("MPI_Alltoallv") {
        MPI_Alltoallv(
          outgoing.base + sending.start(of: round), sending.counts(of: round), sending.displacements(of: round),
          cmpi_byte(),
          incoming.base + receiving.start(of: round), receiving.counts(of: round), receiving.displacements(of: round),
          cmpi_byte(), handle)
      }
    }
    return try receiving.unpack(incoming, as: T.self)
  }

  /// Sends consecutive parts of one memory, one to each rank, and fills another with what each rank sends here.
  ///
  /// Wraps `MPI_Alltoallv`, as often as the largest part of any rank needs. No counts travel and nothing is copied: for
  /// exchanges that every rank has planned.
  /// - Parameters:
  ///   - outgoing: The parts for ranks 0, 1, …, one after the other.
  ///   - sendCounts: Bytes for each rank.
  ///   - incoming: Receives the parts from ranks 0, 1, …, one after the other.
  ///   - receiveCounts: Bytes from each rank, as many as it sends.
  /// - Throws: `MPIError` of class `MPI_ERR_COUNT`, on all ranks, when one sends or receives more than 2 GiB at once.
  /// - Collective: yes.
  public func allToAll(
    _ outgoing: UnsafeRawBufferPointer, _ sendCounts: [Int], into incoming: UnsafeMutableRawBufferPointer,
    _ receiveCounts: [Int]
  ) throws(MPIError) {
    precondition(sendCounts.count == size && receiveCounts.count == size, "all-to-all needs one count for each rank")
    precondition(
      sendCounts.reduce(0, +) <= outgoing.count && receiveCounts.reduce(0, +) <= incoming.count,
      "parts inside their memory")
    guard let handle else { return incoming.copyBytes(from: outgoing.prefix(sendCounts[0])) }
    let sending = messageLimit.consecutive(sendCounts)
    let receiving = messageLimit.consecutive(receiveCounts)
    let roundCount = try allReduce([sending?.roundCount ?? .max, receiving?.roundCount ?? .max].max() ?? 0, .max)
    guard let sending, let receiving, roundCount < .max else {
      throw MPIError("MPI_Alltoallv", MPI_ERR_COUNT, "a rank sends or receives more than 2 GiB at once")
    }
    for round in 0..<roundCount {
      try check("MPI_Alltoallv") {
        MPI_Alltoallv(
          outgoing.baseAddress, sending.counts(of: round), sending.displacements(of: round), cmpi_byte(),
          incoming.baseAddress, receiving.counts(of: round), receiving.displacements(of: round), cmpi_byte(), handle)
      }
    }
  }

  /// Starts an `allToAll` that proceeds while the caller does other things.
  ///
  /// Wraps `MPI_Ialltoallv`. The counts are exchanged before this returns; the values are copied, so `parts` need not
  /// be kept.
  /// - Returns: The request, which must be waited for: dropping it unfinished is a precondition failure.
  /// - Collective: yes; requests are started in the same order on all ranks.
  public func startAllToAll<T: MessageElement>(_ parts: [[T]]) throws(MPIError) -> AllToAllRequest<T> {
    precondition(parts.count == size, "all-to-all needs one part for each rank")
    guard let handle else { return AllToAllRequest(finished: parts) }
    let (sending, receiving) = try layouts(of: parts)
    let outgoing = packed(parts, sending)
    let incoming = MessageBuffer(byteCount: receiving.byteCount)
    let pending = PendingCalls()
    pending.keep(outgoing)
    pending.keep(incoming)
    for round in 0..<sending.roundCount {
      // MPI reads these tables until the transfer is done.
      let tables = [
        sending.counts(of: round), sending.displacements(of: round), receiving.counts(of: round),
        receiving.displacements(of: round),
      ].map(MessageBuffer.init(copying:))
      tables.forEach(pending.keep)
      try pending.start("MPI_Ialltoallv") { request in
        MPI_Ialltoallv(
          outgoing.base + sending.start(of: round), tables[0].int32s, tables[1].int32s, cmpi_byte(),
          incoming.base + receiving.start(of: round), tables[2].int32s, tables[3].int32s, cmpi_byte(), handle, request)
      }
    }
    return AllToAllRequest(pending: pending, incoming: incoming, layout: receiving)
  }

  /// Where the pieces lie that this rank sends and receives, in the number of rounds that all ranks need.
  private func layouts<T: MessageElement>(
    of parts: [[T]]
  ) throws(MPIError) -> (
    sending: RoundLayout, receiving: RoundLayout
  ) {
    let sendCounts = parts.map { $0.count * MemoryLayout<T>.stride }
    let receiveCounts = try [Int](count: size) { (bytes) throws(MPIError) in
      try check("MPI_Alltoall") {
        MPI_Alltoall(sendCounts, 1, cmpi_int64(), bytes.baseAddress, 1, cmpi_int64(), handle)
      }
    }
    let roundCount = try allReduce(messageLimit.layout(sendCounts).roundCount, .max)
    return (
      messageLimit.layout(sendCounts, roundCount: roundCount),
      messageLimit.layout(receiveCounts, roundCount: roundCount)
    )
  }

  private func packed<T: MessageElement>(_ parts: [[T]], _ layout: RoundLayout) -> MessageBuffer {
    let buffer = MessageBuffer(byteCount: layout.byteCount)
    for (peer, part) in parts.enumerated() {
      part.withUnsafeBytes { layout.pack($0, for: peer, into: buffer) }
    }
    return buffer
  }
}

/// An all-to-all under way. Waiting for it is collective in effect: no rank's part arrives before the others took part.
public final class AllToAllRequest<Element: MessageElement> {
  private enum Source {
    case finished([[Element]])
    case pending(PendingCalls, incoming: MessageBuffer, layout: RoundLayout)
    case taken
  }
  private var source: Source

  init(finished parts: [[Element]]) { source = .finished(parts) }

  init(pending: PendingCalls, incoming: MessageBuffer, layout: RoundLayout) {
    source = .pending(pending, incoming: incoming, layout: layout)
  }

  deinit {
    if case .taken = source { return }
    preconditionFailure("an all-to-all request was dropped before it was waited for")
  }

  /// Waits for the values and returns one array from each rank. To be called once.
  ///
  /// Wraps `MPI_Wait`.
  public func wait() throws(MPIError) -> [[Element]] {
    let source = source
    self.source = .taken
    switch source {
    case .finished(let parts): return parts
    case .pending(let pending, let incoming, let layout):
      try pending.wait()
      return try layout.unpack(incoming, as: Element.self)
    case .taken: preconditionFailure("an all-to-all request was waited for twice")
    }
  }

  /// Whether `wait` would return at once. Also moves the transfer on.
  ///
  /// Wraps `MPI_Test`. After an error there is nothing to wait for.
  public func test() throws(MPIError) -> Bool {
    guard case .pending(let pending, _, _) = source else { return true }
    do throws(MPIError) {
      return try pending.test()
    } catch {
      source = .taken
      throw error
    }
  }
}
