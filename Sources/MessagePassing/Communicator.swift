// A group of ranks that talk to each other: the type everything above this target passes around. Its operations stand
// in Communicator+Collectives, +Gather, +AllToAll, +PointToPoint and +Agree.

internal import CMPI

/// A group of ranks and a channel between them that no other group hears.
///
/// Operations are collective unless they say otherwise: every rank of the communicator calls them, in the same order.
/// Communicators are freed by name (`free`), in the same order on all ranks, never by going out of scope.
// @unchecked: all state but the mailbox belongs to the thread that owns MPI, which `check` enforces; `serial` has no
// other state, and its mailbox has a lock.
public final class Communicator: @unchecked Sendable {
  /// This process alone. Every operation works on it, without MPI; parallel files opened on it are plain files.
  ///
  /// Also in a launched process: it is the communicator for what a rank does on its own.
  public static let serial = Communicator(serialWithLimit: .standard)

  /// This process's number in the group, from 0.
  public let rank: Int
  /// How many ranks the group has.
  public let size: Int
  /// The largest message; inherited by communicators made from this one and by files opened on it.
  package let messageLimit: MessageLimit

  private enum Channel {
    case mpi(MPI_Comm)
    case mailbox(Mailbox)
    case freed
  }
  private var channel: Channel
  private let isPermanent: Bool
  private var knownNodeLocal: (rank: Int, size: Int)?

  private init(serialWithLimit messageLimit: MessageLimit) {
    rank = 0
    size = 1
    self.messageLimit = messageLimit
    channel = .mailbox(Mailbox())
    isPermanent = true
    knownNodeLocal = (0, 1)
  }

  /// Takes over `handle` and makes its errors return.
  init(handle: MPI_Comm, messageLimit: MessageLimit) throws(MPIError) {
    var rank: Int32 = 0
    var size: Int32 = 0
    try check("MPI_Comm_set_errhandler") { MPI_Comm_set_errhandler(handle, cmpi_errors_return()) }
    try check("MPI_Comm_rank") { MPI_Comm_rank(handle, &rank) }
    try check("MPI_Comm_size") { MPI_Comm_size(handle, &size) }
    self.rank = Int(rank)
    self.size = Int(size)
    self.messageLimit = messageLimit
    channel = .mpi(handle)
    isPermanent = handle == cmpi_comm_world()
  }

  /// MPI's handle; nil on serial communicators, which need none.
  var handle: MPI_Comm? {
    switch channel {
    case .mpi(let handle): return handle
    case .mailbox: return nil
    case .freed: preconditionFailure("a communicator was used after it was freed")
    }
  }

  /// What a serial communicator has sent itself.
  var mailbox: Mailbox? {
    if case .mailbox(let mailbox) = channel { mailbox } else { nil }
  }

  /// Whether this communicator works without MPI.
  public var isSerial: Bool { mailbox != nil }
}

extension Communicator {
  /// Makes a communicator of the same ranks whose messages never meet those of this one.
  ///
  /// Wraps `MPI_Comm_dup`.
  /// - Collective: yes.
  public func duplicate() throws(MPIError) -> Communicator {
    try duplicate(messageLimit: messageLimit)
  }

  /// `duplicate`, with another limit on single messages, the same on every rank.
  package func duplicate(messageLimit: MessageLimit) throws(MPIError) -> Communicator {
    guard let handle else { return Communicator(serialWithLimit: messageLimit) }
    var new: MPI_Comm? = cmpi_comm_null()
    try check("MPI_Comm_dup") { MPI_Comm_dup(handle, &new) }
    return try adopt(new, "MPI_Comm_dup", messageLimit)
  }

  /// Groups ranks that give the same `color` into new communicators, ordered by `key`, then by rank.
  ///
  /// Wraps `MPI_Comm_split`.
  /// - Parameter color: Which group to join, from 0; nil joins none.
  /// - Returns: The communicator of this rank's group; nil if `color` is nil.
  /// - Throws: `MPIError`, on all ranks, if any rank's color or key is out of range.
  /// - Collective: yes.
  public func split(color: Int?, key: Int) throws(MPIError) -> Communicator? {
    let (color32, key32) = try agree { () throws(MPIError) in
      guard let key = Int32(exactly: key), let color = Int32(exactly: color ?? 0), color >= 0 else {
        throw MPIError(
          "MPI_Comm_split", MPI_ERR_ARG, "color \(color.map(String.init) ?? "nil") or key \(key) is out of range")
      }
      return (color, key)
    }
    guard let handle else { return color == nil ? nil : Communicator(serialWithLimit: messageLimit) }
    var new: MPI_Comm? = cmpi_comm_null()
    try check("MPI_Comm_split") { MPI_Comm_split(handle, color == nil ? MPI_UNDEFINED : color32, key32, &new) }
    return color == nil ? nil : try adopt(new, "MPI_Comm_split", messageLimit)
  }

  /// Gives the communicator back. The world and serial communicators live on.
  ///
  /// Wraps `MPI_Comm_free`. No operation may follow, and no request may be pending.
  /// - Collective: yes.
  public func free() throws(MPIError) {
    guard !isPermanent, let handle else { return }
    var freed: MPI_Comm? = handle
    channel = .freed
    try check("MPI_Comm_free") { MPI_Comm_free(&freed) }
  }

  /// This process's number among the ranks that share its node's memory, and how many there are.
  ///
  /// Wraps `MPI_Comm_split_type` with `MPI_COMM_TYPE_SHARED`, the first time; afterwards it is known.
  /// - Collective: yes, the first time.
  public var nodeLocal: (rank: Int, size: Int) {
    get throws(MPIError) {
      if let knownNodeLocal { return knownNodeLocal }
      guard let handle else { return (0, 1) }
      var new: MPI_Comm? = cmpi_comm_null()
      try check("MPI_Comm_split_type") {
        MPI_Comm_split_type(handle, Int32(MPI_COMM_TYPE_SHARED), Int32(rank), cmpi_info_null(), &new)
      }
      let node = try adopt(new, "MPI_Comm_split_type", messageLimit)
      let found = (node.rank, node.size)
      try node.free()
      knownNodeLocal = found
      return found
    }
  }

  private func adopt(_ new: MPI_Comm?, _ call: String, _ messageLimit: MessageLimit) throws(MPIError) -> Communicator {
    guard let new, new != cmpi_comm_null() else { throw MPIError(call, MPI_ERR_COMM, "no communicator came back") }
    return try Communicator(handle: new, messageLimit: messageLimit)
  }

  /// `rank` as MPI wants it.
  func checked(_ rank: Int, _ call: StaticString, _ errorClass: Int32 = MPI_ERR_ROOT) throws(MPIError) -> Int32 {
    guard (0..<size).contains(rank) else {
      throw MPIError("\(call)", errorClass, "rank \(rank) is not in a group of \(size)")
    }
    return Int32(rank)
  }
}
