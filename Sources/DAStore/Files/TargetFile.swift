// How an output appears under its name: made beside it under another name, and renamed when it is whole.

import CLinux
import Glibc
import MessagePassing

/// A file under construction, seen by all ranks; the target's name keeps what it had until ``publish()``.
package final class TargetFile {
  package let target: String
  /// The name under which the file is built: in the same directory, so that renaming is atomic.
  package let partialPath: String
  package let communicator: Communicator
  private let overwrite: Bool
  private var isOpen = true

  /// Chooses the partial name; the target is refused here, before any work, when it exists. Collective.
  ///
  /// - Throws: `.alreadyExists` unless `overwrite`; `.invalidArgument` for a directory; `.notFound` when the directory
  ///   to hold it is missing.
  package init(_ target: String, overwrite: Bool, communicator: Communicator) throws(StoreError) {
    self.target = target
    self.overwrite = overwrite
    self.communicator = communicator
    let (directory, name) = splitPath(target)
    var token = try communicator.agree { () throws(StoreError) -> [UInt64] in
      guard communicator.rank == 0 else { return [] }
      var status = stat()
      guard !name.isEmpty, !target.utf8.contains(0) else { throw StoreError(.invalidArgument, "is no file name", path: target) }
      if stat(target, &status) == 0 {
        guard status.st_mode & S_IFMT != S_IFDIR else { throw StoreError(.invalidArgument, "is a directory", path: target) }
        guard status.st_mode & S_IFMT == S_IFREG else {
          throw StoreError(.invalidArgument, "is not a regular file and is not replaced", path: target)
        }
        guard overwrite else {
          throw StoreError(.alreadyExists, "exists already; nothing was written (--force replaces it)", path: target)
        }
      }
      guard stat(directory.isEmpty ? "." : directory, &status) == 0 else {
        throw StoreError(.notFound, "cannot be written: there is no directory '\(directory)'", path: target)
      }
      return [UInt64.random(in: .min ... .max)]
    }
    try passing { () throws(MPIError) in try communicator.broadcast(&token, from: 0) }
    partialPath = directory + "." + name + "." + String(token.first ?? 0, radix: 36) + ".partial"
    UnfinishedFiles.add(partialPath)
  }

  /// Gives the finished, synchronised file its name. Collective; wraps `renameat2(2)` and `fsync(2)` of the directory.
  package func publish() throws(StoreError) {
    try communicator.agree { () throws(StoreError) in
      guard communicator.rank == 0 else { return }
      var failed = (overwrite ? rename(partialPath, target) : clinux_rename_noreplace(partialPath, target)) != 0
      if failed, errno == EINVAL, !overwrite {
        // File systems without that flag: link(2) also refuses an existing name.
        failed = link(partialPath, target) != 0 || unlink(partialPath) != 0
      }
      guard !failed else {
        if errno == EEXIST { throw StoreError(.alreadyExists, "appeared meanwhile; it was left as it is", path: target) }
        throw StoreError(errno: errno, "could not be given its name", path: target)
      }
      try synchronizeDirectory(of: target)
    }
    isOpen = false
    UnfinishedFiles.remove(partialPath)
  }

  /// Removes what was begun. Local; only rank 0 unlinks. Safe to call twice and after ``publish()``.
  package func discard() {
    guard isOpen else { return }
    isOpen = false
    if communicator.rank == 0 { unlink(partialPath) }
    UnfinishedFiles.remove(partialPath)
  }
}

/// Makes a new or renamed directory entry durable. Wraps `fsync(2)` on the directory.
package func synchronizeDirectory(of path: String) throws(StoreError) {
  let directory = splitPath(path).directory
  let descriptor = open(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw StoreError(errno: errno, "its directory cannot be opened", path: path) }
  defer { close(descriptor) }
  // Some network file systems cannot synchronise directories and say EINVAL: they have nothing to lose there.
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    throw StoreError(errno: errno, "its directory could not be made durable", path: path)
  }
}
