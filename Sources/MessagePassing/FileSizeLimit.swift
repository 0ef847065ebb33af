// The limit that a process has for the size of files (`ulimit -f`): reaching it is an error that can be reported, not the
// end of the process. Used wherever a file is opened for writing, and before MPI starts.

import Glibc

package enum FileSizeLimit {
  /// From the first call on, a write beyond the limit fails with `EFBIG` instead of ending the process with `SIGXFSZ`.
  ///
  /// Every file that these libraries open for writing calls it first, and so does the start of MPI, whose shared memory is
  /// files, too. A process that has a handler for the signal, or ignores it already, keeps what it has. Programs started
  /// later inherit that the signal is ignored. Wraps `sigaction(2)`.
  package static func becomeAnError() { _ = isIgnored }

  /// Evaluated once.
  private static let isIgnored: Bool = {
    var present = sigaction()
    guard sigaction(SIGXFSZ, nil, &present) == 0, present.__sigaction_handler.sa_handler == nil else { return false }
    var ignoring = sigaction()
    ignoring.__sigaction_handler.sa_handler = SIG_IGN
    return sigaction(SIGXFSZ, &ignoring, nil) == 0
  }()

  /// What this process may write into one file, in bytes; `nil` without a limit. Wraps `getrlimit(2)`.
  static var ofThisProcess: UInt64? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else {
      return nil
    }
    return UInt64(limit.rlim_cur)
  }

  // MARK: The launcher's

  /// The store that PMIx 4 shares between a launcher and its ranks grows by pieces of this size.
  private static let launcherSegmentByteCount: UInt64 = 4 << 20

  /// Why this process should not start MPI: its launcher may write smaller files than the memory that it shares with its
  /// ranks needs. Then the launcher fails in the middle of `MPI_Init` and the ranks wait for it for ever.
  ///
  /// The name of the shared store, if there is one, ends with the number of the launcher's process.
  static var launcherRefusal: String? {
    guard
      let store = MPIEnvironment.variable("PMIX_DSTORE_21_BASE_PATH")
        ?? MPIEnvironment.variable("PMIX_DSTORE_ESH_BASE_PATH"),
      let process = store.split(separator: "_").last.flatMap({ Int32($0) }),
      let limit = softLimit(ofProcess: process), limit < launcherSegmentByteCount
    else { return nil }
    return
      "the launcher (process \(process)) may write files of at most \(limit) bytes, but needs \(launcherSegmentByteCount) for the "
      + "memory it shares with its ranks; raise its limit (ulimit -f), or set PMIX_MCA_gds=hash in its environment"
  }

  /// `nil` when there is none, or none that could be read.
  private static func softLimit(ofProcess process: Int32) -> UInt64? {
    guard let stream = fopen("/proc/\(process)/limits", "re") else { return nil }
    defer { fclose(stream) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), stream) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let name = "Max file size"
      if text.hasPrefix(name) { return text.dropFirst(name.count).split(separator: " ").first.flatMap { UInt64($0) } }
    }
    return nil
  }
}

/// An error of the operating system in words, with the way out where there is one.
package func systemErrorText(_ code: Int32) -> String {
  let reason = String(cString: strerror(code))
  return switch code {
  case EFBIG:
    "\(reason): "
      + (FileSizeLimit.ofThisProcess.map { "this process has a file size limit of \($0) bytes; raise it (ulimit -f)" }
        ?? "the file system takes no file of that size; choose another one")
  case ENOSPC: "\(reason); make room, or choose another directory"
  case EDQUOT: "\(reason); make room, or have the quota raised"
  default: reason
  }
}
