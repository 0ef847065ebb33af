// `doctor`: what this machine can do, what was changed on it and why.

import ArgumentParser
import DAStore
import DistArray
import Glibc
import MessagePassing

struct Doctor: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks this machine's message passing, file locks, HDF5 library and disk.",
    discussion: """
      Writes at most 256 MiB into the directory and removes them again. Started \
      alone, it starts three ranks by itself to see whether collective reads \
      return the right bytes. Exits with 1 when they don't or when locks don't work.

      Example:
        dastore-tool doctor /scratch
      """)

  @Argument(help: "The directory whose disk is checked.", completion: .directory)
  var directory = "."

  @Flag(help: .hidden)
  var readProbe = false

  @OptionGroup var output: OutputOptions

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    if readProbe {
      let (wrong, read) = try ReadProbe.run(in: directory, on: session.communicator)
      session.say("\(wrong) \(read)")
      return .done
    }
    let reads = try findReadProbe(session)
    // The disk is this machine's: one rank looks at it, all learn whether that failed.
    let findings = try session.communicator.agree { () throws(StoreError) in
      session.isFirst ? try examine(reads, session.budget, session.communicator) : nil
    }
    let isHealthy = try passing { () throws(MPIError) in
      try session.communicator.broadcast(findings?.isHealthy == false ? 0 : 1, from: 0) == 1
    }
    if let findings {
      if output.json { try session.say(json: .object(findings.json)) } else { findings.lines.forEach(session.say) }
    }
    return isHealthy ? .done : .no
  }

  private enum Reads {
    case checked(wrong: Int, read: Int)
    case notChecked(String)
  }

  private func findReadProbe(_ session: Session) throws(StoreError) -> Reads {
    let ranks = session.communicator.size
    if ranks >= ReadProbe.fewestRanks {
      let (wrong, read) = try ReadProbe.run(in: directory, on: session.communicator)
      return .checked(wrong: wrong, read: read)
    }
    guard !MPIEnvironment.isLaunched else {
      return .notChecked("needs \(ReadProbe.fewestRanks) ranks, here are \(ranks); run doctor without mpirun or with -n 3")
    }
    guard let program = Subprocess.ownPath else { return .notChecked("this program's own file is not to be found") }
    let started = Subprocess.run(
      ["mpirun", "-n", "\(ReadProbe.fewestRanks)", program, "doctor", "--read-probe", directory],
      extraEnvironment: [
        "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1", "OMPI_MCA_rmaps_base_oversubscribe=1",
        "OMPI_MCA_plm=isolated", "OMPI_MCA_btl_vader_single_copy_mechanism=none",
      ],
      timeLimit: .seconds(60))
    let numbers = (started?.output ?? "").split { $0.isWhitespace }.compactMap { Int($0) }
    guard let started, started.status == 0, numbers.count == 2 else {
      return .notChecked("mpirun could not run three ranks; is it installed and on PATH?")
    }
    return .checked(wrong: numbers[0], read: numbers[1])
  }

  private struct Findings {
    var lines: [String] = []
    var json: [String: JSONValue] = [:]
    var isHealthy = true

    mutating func add(_ label: String, _ text: String) {
      lines.append(label + String(repeating: " ", count: max(1, 16 - label.count)) + text)
    }
  }

  private func examine(
    _ reads: Reads, _ budget: MemoryBudget, _ communicator: Communicator
  ) throws(StoreError) -> Findings {
    var findings = Findings()
    describeMessagePassing(reads, communicator, &findings)
    try describeDirectory(&findings)
    describeMachine(budget, &findings)
    return findings
  }

  private func describeMessagePassing(_ reads: Reads, _ communicator: Communicator, _ findings: inout Findings) {
    let library = MPIEnvironment.libraryVersion.split(separator: ",").first.map { String($0) } ?? "unknown"
    let isLaunched = MPIEnvironment.isLaunched
    findings.add("MPI", library)
    if isLaunched {
      findings.add("launched", "by an MPI launcher, on \(communicator.size) ranks")
      findings.add("threads", "MPI_THREAD_FUNNELED asked for and granted: one thread of each rank speaks MPI")
    } else {
      findings.add("launched", "alone, so MPI is not started; mpirun -n 2 dastore-tool … runs on two ranks")
    }
    findings.json["mpi_library"] = .string(library)
    findings.json["launched"] = .bool(isLaunched)
    findings.json["ranks"] = .int(communicator.size)
    findings.json["thread_level"] = isLaunched ? .string("funneled") : .null

    switch reads {
    case .checked(let wrong, let read):
      findings.json["read_probe"] = .object(["read": .int(read), "wrong": .int(wrong)])
      if wrong == 0 {
        findings.add("nested reads", "right: \(countText(read)) elements read collectively, none wrong")
      } else {
        findings.isHealthy = false
        findings.add(
          "nested reads", "WRONG: \(countText(wrong)) of \(countText(read)) elements; do not trust this MPI with files")
      }
    case .notChecked(let reason):
      findings.json["read_probe"] = .null
      findings.add("nested reads", "not checked: \(reason)")
    }
    let pinned = "\(MPIEnvironment.readSievingVariable)=0"
    findings.json["pinned"] = .array([.string(pinned)])
    findings.add("pinned", "\(pinned) in every rank, because Open MPI 4.1 otherwise returns")
    findings.add("", "wrong bytes from collective reads (open-mpi/ompi#10546)")
  }

  private func describeDirectory(_ findings: inout Findings) throws(StoreError) {
    let system = try FileSystem(of: directory)
    let locksWork = try FileSystem.locksWork(in: directory)
    let speed = try DiskSpeed.measure(in: directory)
    findings.add("directory", directory)
    findings.add("file system", system.name + (system.isNetwork ? ", shared between machines: locks are slow" : ""))
    if locksWork {
      findings.add("locks", "work: a second writer is kept out")
    } else {
      findings.isHealthy = false
      findings.add("locks", "DO NOT WORK here: see to it that only one program writes a file at a time")
    }
    findings.add(
      "disk",
      "writes \(rateText(bytes: speed.byteCount, seconds: speed.writeSeconds)), "
        + "reads \(rateText(bytes: speed.byteCount, seconds: speed.readSeconds)) "
        + "(\(byteCountText(speed.byteCount)) by one process, made durable)")
    findings.json["directory"] = .string(directory)
    findings.json["file_system"] = .string(system.name)
    findings.json["locks_work"] = .bool(locksWork)
    findings.json["disk_write_bytes_per_second"] = .double(Double(speed.byteCount) / speed.writeSeconds)
    findings.json["disk_read_bytes_per_second"] = .double(Double(speed.byteCount) / speed.readSeconds)
  }

  private func describeMachine(_ budget: MemoryBudget, _ findings: inout Findings) {
    let hdf5 = HDF5Library.find()
    findings.add("HDF5", hdf5.map { "\($0.version) (\($0.name))" } ?? "not found; nothing here needs it yet")
    findings.json["hdf5"] = hdf5.map { .string($0.version) } ?? .null
    findings.add("cores", "\(Machine.coreCount)")
    findings.add("memory", byteCountText(Machine.memoryByteCount))
    findings.add("budget", "\(budget) per rank here, unless --memory says otherwise")
    findings.json["cores"] = .int(Machine.coreCount)
    findings.json["memory_bytes"] = .int(Machine.memoryByteCount)
    findings.json["budget_bytes"] = .int(budget.byteCount)
  }
}
