// What kind of file system a directory is on, and whether its locks keep two writers apart.

import DAStore
import Glibc

struct FileSystem {
  var name: String
  /// Shared between machines: slower locks, and other machines see changes late.
  var isNetwork: Bool

  /// The file system of a directory, from the kernel's list of mounts.
  ///
  /// - Throws: `.notFound`, `.io` when there is no such directory.
  init(of directory: String) throws(StoreError) {
    guard let resolved = realpath(directory, nil) else { throw systemError("cannot be examined", directory) }
    defer { free(resolved) }
    let path = String(cString: resolved)
    var longest = -1
    var found = "unknown"
    // "36 35 98:0 /root /mount/point options optional… - type source options"; the last mount over a place counts.
    for line in (Machine.text(ofFile: "/proc/self/mountinfo") ?? "").split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count, dash > 4 else { continue }
      let mountPoint = fields[4] == "/" ? "" : fields[4]
      guard path == mountPoint || path.hasPrefix(mountPoint + "/"), mountPoint.count >= longest else { continue }
      longest = mountPoint.count
      found = String(fields[dash + 1])
    }
    name = found
    isNetwork = Self.networkNames.contains { found.hasPrefix($0) }
  }

  private static let networkNames = ["nfs", "cifs", "smb", "9p", "lustre", "gpfs", "ceph", "beegfs", "fuse.sshfs"]

  /// Whether a lock that one open file holds keeps another from locking.
  ///
  /// - Throws: `.io` when the directory cannot be written.
  static func locksWork(in directory: String) throws(StoreError) -> Bool {
    let path = "\(directory)/.dastore-lock-probe-\(getpid())"
    let first = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard first >= 0 else { throw systemError("cannot be written to", directory) }
    defer { close(first) }
    let second = open(path, O_RDWR | O_CLOEXEC)
    unlink(path)
    guard second >= 0 else { throw systemError("cannot be read again", directory) }
    defer { close(second) }
    guard flock(first, LOCK_EX | LOCK_NB) == 0 else { return false }
    return flock(second, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}

/// The failure that `errno` names now.
func systemError(_ what: String, _ path: String) -> StoreError {
  let number = errno
  return StoreError(number == ENOENT ? .notFound : .io, "\(what): \(String(cString: strerror(number)))", path: path)
}
