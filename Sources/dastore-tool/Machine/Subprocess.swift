// Runs another program and reads what it prints; `doctor` starts ranks with it.

import Glibc

enum Subprocess {
  /// The file of the program that runs here.
  static var ownPath: String? {
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &target, target.count)
    return length > 0 ? String(decoding: target[..<length], as: UTF8.self) : nil
  }

  /// Runs a program found on `PATH`, with its errors discarded.
  ///
  /// - Parameters:
  ///   - extraEnvironment: Variables added to this process's own.
  ///   - timeLimit: After it the program is ended.
  /// - Returns: Its standard output, at most 64 KiB of it, and its exit status; nil when it could not be started, took
  ///   too long or was ended by a signal.
  static func run(_ arguments: [String], extraEnvironment: [String], timeLimit: Duration) -> (output: String, status: Int32)? {
    guard let program = arguments.first else { return nil }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    let (readEnd, writeEnd) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(readEnd) }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, writeEnd, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)

    var process: pid_t = 0
    var argumentPointers = arguments.map { strdup($0) } + [nil]
    var environmentPointers = (ownEnvironment() + extraEnvironment).map { strdup($0) } + [nil]
    defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
    // What this process ignores, another program need not.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGPIPE, SIGXFSZ] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
    let failure = posix_spawnp(&process, program, &actions, &attributes, &argumentPointers, &environmentPointers)
    close(writeEnd)
    guard failure == 0 else { return nil }

    let output = readAll(readEnd, until: ContinuousClock.now + timeLimit)
    if output == nil { kill(process, SIGKILL) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) == -1, errno == EINTR {}
    guard let output, status & 0x7F == 0 else { return nil }
    return (String(decoding: output, as: UTF8.self), (status >> 8) & 0xFF)
  }

  /// Everything up to the end of the pipe; nil when the deadline passes first.
  private static func readAll(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let left = deadline - ContinuousClock.now
      guard left > .zero else { return nil }
      var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = Glibc.poll(&poll, 1, Int32(clamping: Int(seconds(left) * 1000) + 1))
      if ready <= 0 { continue }
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count > 0, bytes.count < 65536 { bytes += buffer[..<count] }
      if count < 0, errno != EINTR { return nil }
    }
  }

  private static func ownEnvironment() -> [String] {
    var variables: [String] = []
    var next = environ
    while let variable = next.pointee {
      variables.append(String(cString: variable))
      next += 1
    }
    return variables
  }
}
