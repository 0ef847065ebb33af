// Keeps a second writer out. Formats/dnpy-2.md section 8.

import Glibc
import MessagePassing

/// An advisory lock that ends with its process, even a killed one.
final class WriterLock {
  private let path: String
  private var descriptor: CInt

  /// Takes the lock on the writers of `target`.
  ///
  /// Wraps `flock(2)` on `.<name>.lock` beside the file; the lock file says who holds it.
  /// - Parameter isForNewFile: Whether only a new file depends on it: then an interrupted program may remove it before its
  ///   last write, which goes to a file without a name.
  /// - Throws: `.locked` naming host and process of the holder; `.io` where the file system has no locks.
  init(target: String, isForNewFile: Bool) throws(StoreError) {
    FileSizeLimit.becomeAnError()
    let (directory, name) = splitPath(target)
    path = directory + "." + name + ".lock"
    while true {
      descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw StoreError(errno: errno, "its lock file \(path) cannot be opened", path: target) }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let reason = errno
        let holder = Self.holder(of: descriptor)
        close(descriptor)
        descriptor = -1  // what another process holds is not ours to remove
        guard reason == EWOULDBLOCK else {
          throw StoreError(errno: reason, "cannot be locked against other writers (\(path))", path: target)
        }
        throw StoreError(.locked, "is being written by \(holder); wait for it to finish", path: target)
      }
      // The holder before us removes the file when it is done: make sure that what we locked is still the one in place.
      var ours = stat()
      var there = stat()
      if fstat(descriptor, &ours) == 0, stat(path, &there) == 0, ours.st_ino == there.st_ino { break }
      close(descriptor)
    }
    if isForNewFile { UnfinishedFiles.add(path) }
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let name256 = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let text = "\(name256) \(getpid())\n"
    ftruncate(descriptor, 0)
    // The text only serves the message of others; the lock holds without it.
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  /// Gives the lock back and removes its file.
  func release() {
    guard descriptor >= 0 else { return }
    unlink(path)
    UnfinishedFiles.remove(path)
    close(descriptor)
    descriptor = -1
  }

  deinit { release() }

  private static func holder(of descriptor: CInt) -> String {
    var bytes = [UInt8](repeating: 0, count: 300)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let words = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(whereSeparator: \.isWhitespace)
    return words.count == 2 ? "process \(words[1]) on host \(words[0])" : "another process"
  }
}

extension StoreError {
  /// An error of a C library call.
  init(errno: CInt, _ what: String, path: String) {
    self.init(errno == ENOENT ? .notFound : .io, "\(what): \(systemErrorText(errno))", path: path)
  }
}

/// Directory (with its slash, empty for the current one) and last component of a path.
package func splitPath(_ path: String) -> (directory: String, name: String) {
  guard let slash = path.lastIndex(of: "/") else { return ("", path) }
  return (String(path[...slash]), String(path[path.index(after: slash)...]))
}
