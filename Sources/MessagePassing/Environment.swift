// Starting and stopping message passing in this process, and the settings of the MPI library that must stand before it
// starts. The first and the last thing on the walk.

internal import CMPI
import Glibc
import Synchronization

/// The MPI library as this process uses it.
///
/// A process that no launcher started never initialises MPI: it gets `Communicator.serial`, on which everything works.
/// MPI is started with `MPI_THREAD_FUNNELED`; from then on only the thread that called `start` may use communicators
/// other than `Communicator.serial`, and parallel files opened on them.
public enum MPIEnvironment {
  private enum Phase: Sendable {
    case idle
    case running(world: Communicator, startedHere: Bool)
    case finished
  }

  // Guards the phase only; neither MPI nor anything else is called while it is held.
  private static let phase = Mutex(Phase.idle)
  // The thread that started MPI, 0 while it does not run. Read before every MPI call.
  private static let owner = Atomic<UInt>(0)

  /// Variables of which every launcher we know sets at least one: Open MPI's mpirun, PMIx (also under Slurm), PMI-1 and
  /// PMI-2 (Slurm, Hydra). Slurm's own variables do not count: a batch script has them too.
  private static let launcherVariables = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_SIZE", "PMI_FD"]

  /// Whether an MPI launcher started this process, judged by its environment without touching MPI.
  public static var isLaunched: Bool { launcherVariables.contains { variable($0) != nil } }

  /// Whether MPI is initialised in this process, by whomever.
  ///
  /// Wraps `MPI_Initialized`, which may be asked at any time.
  package static var isInitialized: Bool {
    var flag: Int32 = 0
    return MPI_Initialized(&flag) == MPI_SUCCESS && flag != 0
  }

  /// Whether MPI is initialised and not yet finalised.
  static var isRunning: Bool {
    var finalized: Int32 = 0
    return isInitialized && MPI_Finalized(&finalized) == MPI_SUCCESS && finalized == 0
  }

  /// This process's number among the ranks of its node, as far as the launcher has told it; asked without touching MPI.
  package static var rankOnNode: Int? {
    ["OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"].lazy.compactMap { variable($0).flatMap(Int.init) }.first
  }

  /// The MPI library's name and version, for instance `Open MPI v4.1.4, …`.
  ///
  /// Wraps `MPI_Get_library_version`, which may be asked at any time.
  public static var libraryVersion: String {
    var length: Int32 = 0
    return string(capacity: Int(MPI_MAX_LIBRARY_VERSION_STRING)) {
      MPI_Get_library_version($0, &length) == MPI_SUCCESS ? length : 0
    }
  }

  /// Joins the job this process was launched in and returns the world; without a launcher, the serial communicator.
  ///
  /// Wraps `MPI_Init_thread`. Asked twice, it returns the same communicator. If another library has initialised MPI
  /// already, it is used as it is and left running by `finish`.
  /// - Throws: `MPIError` if MPI cannot start, grants less than `MPI_THREAD_FUNNELED`, has been finished before, or if
  ///   `OMPI_MCA_fbtl_posix_read_datasieving` is set to something else than 0, or if the launcher's file size limit
  ///   would make it fail (see Docs/RunningWithMPI.md). From then on `SIGXFSZ` is ignored unless it has a handler.
  /// - Collective: yes, over all processes of the job.
  public static func start() throws(MPIError) -> Communicator {
    try start(readSieving: false)
  }

  /// `start`, with Open MPI's read data sieving left as it is if `readSieving` is true: then collective reads return
  /// wrong bytes. Only for the test that shows so.
  package static func start(readSieving: Bool) throws(MPIError) -> Communicator {
    switch phase.withLock({ $0 }) {
    case .running(let world, _): return world
    case .finished:
      throw MPIError(
        "MPI_Init_thread", MPI_ERR_OTHER, "message passing was finished in this process and cannot start again")
    case .idle: break
    }
    let startHere = !isInitialized
    guard isLaunched || !startHere else { return .serial }
    if startHere {
      if let reason = FileSizeLimit.launcherRefusal { throw MPIError("MPI_Init_thread", MPI_ERR_OTHER, reason) }
      FileSizeLimit.becomeAnError()
      if !readSieving { try disarmReadSieving() }
      yieldWhenCrowded()
    }
    let funneled = Int32(MPI_THREAD_FUNNELED)
    var provided: Int32 = 0
    owner.store(UInt(pthread_self()), ordering: .releasing)
    do throws(MPIError) {
      if startHere {
        try check("MPI_Init_thread") { MPI_Init_thread(nil, nil, funneled, &provided) }
      } else {
        try check("MPI_Query_thread") { MPI_Query_thread(&provided) }
      }
      guard provided >= funneled else {
        if startHere { try check("MPI_Finalize") { MPI_Finalize() } }
        throw MPIError(
          "MPI_Init_thread", MPI_ERR_OTHER,
          "this MPI library grants thread level \(provided), but level \(funneled) (MPI_THREAD_FUNNELED) is needed")
      }
      try check("MPI_Comm_set_errhandler") { MPI_Comm_set_errhandler(cmpi_comm_world(), cmpi_errors_return()) }
      try check("MPI_Comm_set_errhandler") { MPI_Comm_set_errhandler(cmpi_comm_self(), cmpi_errors_return()) }
      try check("MPI_File_set_errhandler") { MPI_File_set_errhandler(cmpi_file_null(), cmpi_errors_return()) }
      let world = try Communicator(handle: cmpi_comm_world(), messageLimit: .standard)
      phase.withLock { $0 = .running(world: world, startedHere: startHere) }
      return world
    } catch {
      owner.store(0, ordering: .releasing)
      throw error
    }
  }

  /// Leaves the job; without a launcher, does nothing.
  ///
  /// Wraps `MPI_Finalize`. Free communicators and close files before.
  /// - Collective: yes, over all processes of the job.
  public static func finish() throws(MPIError) {
    guard case .running(_, let startedHere) = phase.withLock({ $0 }) else { return }
    phase.withLock { $0 = .finished }
    defer { owner.store(0, ordering: .releasing) }
    if startedHere { try check("MPI_Finalize") { MPI_Finalize() } }
  }

  /// Ends this process and, if it was launched, all others of the job, with exit code `code`.
  ///
  /// Wraps `MPI_Abort`. For failures that the other ranks cannot learn about otherwise.
  public static func abort(code: Int32) -> Never {
    fflush(nil)
    if isRunning { MPI_Abort(cmpi_comm_world(), code) }
    exit(code)
  }

  /// Refuses MPI calls from a thread that does not own MPI.
  static func requireOwnerThread(_ call: StaticString) {
    let owner = owner.load(ordering: .acquiring)
    precondition(owner == UInt(pthread_self()), "\(call) belongs to the thread that started message passing")
  }
}

// Settings that must stand in the environment before MPI is initialised.
extension MPIEnvironment {
  /// The Open MPI parameter behind wrong bytes from collective reads (open-mpi/ompi#10546).
  package static let readSievingVariable = "OMPI_MCA_fbtl_posix_read_datasieving"
  private static let yieldVariable = "OMPI_MCA_mpi_yield_when_idle"

  /// Switches off read data sieving, which in Open MPI 4.1 silently corrupts collective reads of overlapping ranges.
  ///
  /// A user's own different setting is refused rather than overridden: with it, no answer could be trusted.
  private static func disarmReadSieving() throws(MPIError) {
    if let value = variable(readSievingVariable), value != "0" {
      throw MPIError(
        "MPI_Init_thread", MPI_ERR_OTHER,
        "\(readSievingVariable) is set to '\(value)', which makes collective reads return wrong bytes; unset it or set it to 0"
      )
    }
    try set(readSievingVariable, to: "0")
  }

  /// Lets idle ranks give up their core when there are more ranks than cores; a user's own setting stands.
  private static func yieldWhenCrowded() {
    let localSize = ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"].lazy.compactMap { variable($0).flatMap(Int.init) }
      .first
    guard let localSize, localSize > sysconf(Int32(_SC_NPROCESSORS_ONLN)), variable(yieldVariable) == nil else {
      return
    }
    // Only speed depends on it, so a failure to set it is no failure to start.
    setenv(yieldVariable, "1", 1)
  }

  private static func set(_ name: String, to value: String) throws(MPIError) {
    guard setenv(name, value, 1) == 0 else {
      throw MPIError("setenv", MPI_ERR_OTHER, "\(name): \(String(cString: strerror(errno)))")
    }
  }

  /// An environment variable's value as the C library holds it now.
  package static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
