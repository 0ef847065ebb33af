// Runs other programs from tests, above all scenarios under mpirun: with their output caught, and with a hard time limit.

import Glibc

/// What a program left behind.
public struct ProcessResult: Sendable {
  /// The exit code; 128 + the signal's number if a signal ended it.
  public var exitCode: Int32
  public var stdout: String
  public var stderr: String
}

/// A program that could not be run to its end.
public struct ProcessFailure: Error, CustomStringConvertible {
  public var description: String
}

/// Runs the scenario `name` of `ParallelScenarios` on `ranks` ranks of this machine, started afresh by mpirun.
///
/// Ranks talk through shared memory only; no other host, no remote shell and no display is looked for.
/// - Parameter timeout: Seconds after which mpirun and all it started are killed and a `ProcessFailure` is thrown.
public func runScenario(
  _ name: String, ranks: Int, arguments: [String] = [], environment: [String: String] = [:], timeout: Double = 60
) throws -> ProcessResult {
  try runParallel(
    try builtExecutable("ParallelScenarios"), [name] + arguments, ranks: ranks, environment: environment,
    timeout: timeout)
}

/// Runs any program of this package (or another) on `ranks` ranks under mpirun.
public func runParallel(
  _ path: String, _ arguments: [String] = [], ranks: Int, environment: [String: String] = [:], timeout: Double = 60
) throws -> ProcessResult {
  let launcher = try mpirunCommand(ranks: ranks)
  return try runProcess(
    launcher[0], launcher.dropFirst() + [path] + arguments,
    environment: environment.merging(["HWLOC_COMPONENTS": "-gl"]) { own, _ in own }, timeout: timeout)
}

/// `mpirun` with its options for ranks on this machine; what they shall run comes behind it.
///
/// - Parameter transports: How ranks may talk; shared memory alone needs files of several MiB.
public func mpirunCommand(ranks: Int, transports: String = "self,vader") throws -> [String] {
  [
    try findExecutable("mpirun"), "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", "\(ranks)",
    "--mca", "plm", "isolated",  // no remote shell
    "--mca", "pml", "ob1", "--mca", "btl", transports,
    "--mca", "btl_vader_single_copy_mechanism", "none",  // containers forbid reading another process's memory
    "--mca", "oob_tcp_if_include", "lo", "--mca", "btl_tcp_if_include", "lo",
  ]
}

/// Runs a program and waits for its end.
///
/// It is the leader of a process group of its own. What an MPI launcher told *this* process, and the display, are kept
/// from it.
/// - Parameters:
///   - environment: Added to this process's environment.
///   - input: What it reads from its standard input; nothing by default.
///   - timeout: Seconds after which its process group and all its descendants are killed.
/// - Throws: `ProcessFailure` if it cannot be started or exceeds the time limit.
public func runProcess(
  _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], input: [UInt8] = [],
  timeout: Double = 60
) throws -> ProcessResult {
  // Standard input, output and error are files rather than pipes: nothing can block on them, whoever still holds them.
  let streams = try (0..<3).map { _ in try NamelessFile() }
  try streams[0].fill(input)

  var actions = posix_spawn_file_actions_t()
  var attributes = posix_spawnattr_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawnattr_init(&attributes)
  defer {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }
  for (number, stream) in streams.enumerated() {
    posix_spawn_file_actions_adddup2(&actions, stream.descriptor, Int32(number))
  }
  posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
  // The test runner blocks signals; a shell that cannot hear of its children's end would wait for ever.
  var unblocked = sigset_t()
  sigemptyset(&unblocked)
  posix_spawnattr_setsigmask(&attributes, &unblocked)
  posix_spawnattr_setpgroup(&attributes, 0)

  let variables = childEnvironment(adding: environment).map { "\($0.key)=\($0.value)" }
  var child: pid_t = 0
  let code = withCStrings([path] + arguments) { argv in
    withCStrings(variables) { envp in posix_spawn(&child, path, &actions, &attributes, argv, envp) }
  }
  guard code == 0 else { throw ProcessFailure(description: "cannot run '\(path)': \(String(cString: strerror(code)))") }

  var status: Int32 = 0
  let hasEnded = awaitEnd(of: child, seconds: timeout, &status)
  if !hasEnded { kill(group: child, &status) }
  let stdout = streams[1].text()
  let stderr = streams[2].text()
  guard hasEnded else {
    throw ProcessFailure(
      description: "'\(path)' \(arguments) did not end within \(timeout) s\nstdout: \(stdout)\nstderr: \(stderr)")
  }
  let signal = status & 0x7f
  return ProcessResult(exitCode: signal == 0 ? (status >> 8) & 0xff : 128 + signal, stdout: stdout, stderr: stderr)
}

/// The path of an executable of this package, built beside the running test program.
public func builtExecutable(_ name: String) throws -> String {
  var buffer = [CChar](repeating: 0, count: 4096)
  let length = readlink("/proc/self/exe", &buffer, buffer.count)
  let own = String(decoding: buffer.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  let path = own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/\(name)"
  guard access(path, X_OK) == 0 else {
    throw ProcessFailure(description: "'\(path)' has not been built: run `swift build`")
  }
  return path
}

/// The path of an installed program, looked up in `PATH`.
public func findExecutable(_ name: String) throws -> String {
  let directories = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
  for directory in directories.split(separator: ":") where access("\(directory)/\(name)", X_OK) == 0 {
    return "\(directory)/\(name)"
  }
  throw ProcessFailure(description: "'\(name)' is not installed (not found in PATH)")
}

// MARK: - Inside

/// A temporary file without a name, gone with its owner.
private final class NamelessFile {
  let descriptor: Int32

  init() throws {
    var path = Array("/tmp/process-XXXXXX".utf8CString)
    descriptor = mkstemp(&path)
    guard descriptor >= 0 else { throw ProcessFailure(description: "mkstemp: \(String(cString: strerror(errno)))") }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(path)
  }

  deinit { close(descriptor) }

  func fill(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(done)) }
      guard count > 0 else { throw ProcessFailure(description: "cannot hand over \(bytes.count) bytes of input") }
      done += count
    }
  }

  func text() -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(bytes.count)) }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
    }
  }
}

/// This process's environment without what a launcher put there, with `additions`.
private func childEnvironment(adding additions: [String: String]) -> [String: String] {
  let launcherPrefixes = [
    "OMPI_COMM_", "OMPI_UNIVERSE", "OMPI_MCA_ess", "OMPI_MCA_orte", "OMPI_MCA_pmix", "PMIX_", "PMI_", "ORTE_",
  ]
  var variables: [String: String] = [:]
  var entry = environ
  while let line = entry.pointee {
    let text = String(cString: line)
    entry += 1
    guard let end = text.firstIndex(of: "="), end != text.startIndex else { continue }
    let name = String(text[..<end])
    guard name != "DISPLAY", !launcherPrefixes.contains(where: name.hasPrefix) else { continue }
    variables[name] = String(text[text.index(after: end)...])
  }
  return variables.merging(additions) { _, added in added }
}

/// `strings` as the null-terminated array of C strings that `posix_spawn` wants.
private func withCStrings<R>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R {
  let copies = strings.map { strdup($0) }
  defer { copies.forEach { free($0) } }
  return body(copies + [nil])
}

/// Waits until `process` has ended, at most `seconds`.
private func awaitEnd(of process: pid_t, seconds: Double, _ status: inout Int32) -> Bool {
  let clock = ContinuousClock()
  let deadline = clock.now + .seconds(seconds)
  while true {
    let ended = waitpid(process, &status, WNOHANG)
    if ended == process || (ended < 0 && errno != EINTR) { return true }
    guard clock.now < deadline else { return false }
    usleep(2_000)
  }
}

/// Ends a process group and everything its members have started: kindly first (mpirun then ends its ranks), after two
/// seconds by force. Ranks have process groups of their own, so they are looked up before their parents are gone.
private func kill(group leader: pid_t, _ status: inout Int32) {
  let family = descendants(of: leader)
  kill(-leader, SIGTERM)
  _ = awaitEnd(of: leader, seconds: 2, &status)
  kill(-leader, SIGKILL)
  for (member, start) in family where startTime(of: member)?.start == start { kill(member, SIGKILL) }
  waitpid(leader, &status, 0)
}

/// All processes below `ancestor`, with the time each was started, which tells it from a later one of the same number.
private func descendants(of ancestor: pid_t) -> [(process: pid_t, start: String)] {
  var children: [pid_t: [(pid_t, String)]] = [:]
  guard let directory = opendir("/proc") else { return [] }
  defer { closedir(directory) }
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    guard let process = pid_t(name), let (parent, start) = startTime(of: process) else { continue }
    children[parent, default: []].append((process, start))
  }
  var found: [(process: pid_t, start: String)] = []
  var waiting = [ancestor]
  while let parent = waiting.popLast() {
    for (process, start) in children[parent] ?? [] {
      found.append((process, start))
      waiting.append(process)
    }
  }
  return found
}

/// The parent of a process and the time it was started, as `/proc` tells it.
private func startTime(of process: pid_t) -> (parent: pid_t, start: String)? {
  let descriptor = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var buffer = [UInt8](repeating: 0, count: 2048)
  let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
  // The program's name stands in parentheses and may contain anything; what is wanted comes behind it.
  let text = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  guard let end = text.lastIndex(of: ")") else { return nil }
  let fields = text[text.index(after: end)...].split(separator: " ")
  guard fields.count > 19, let parent = pid_t(fields[1]) else { return nil }
  return (parent, String(fields[19]))
}
