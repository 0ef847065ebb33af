// Plain positional reads and writes on one file: what helper threads may do beside message passing.

import CLinux
import Glibc
import MessagePassing
import SystemPackage

/// A file open for positional access by any thread of this process.
package final class PositionalFile: Sendable {
  package enum Mode { case read, readWrite, createNew, createOrTruncate }
  package let path: String
  private let descriptor: FileDescriptor

  /// Opens a regular file. Wraps `open(2)`.
  ///
  /// - Throws: `.notFound`, `.alreadyExists`, `.unsupported` for a directory, `.io` with the system's reason.
  package init(_ path: String, _ mode: Mode = .read) throws(StoreError) {
    self.path = path
    if mode != .read { FileSizeLimit.becomeAnError() }
    do {
      let file = FilePath(path)
      switch mode {
      case .read: descriptor = try .open(file, .readOnly, options: [.closeOnExec, .nonBlocking])
      case .readWrite: descriptor = try .open(file, .readWrite, options: [.closeOnExec])
      case .createNew:
        descriptor = try .open(
          file, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerGroupDefault)
      case .createOrTruncate:
        descriptor = try .open(
          file, .readWrite, options: [.create, .truncate, .closeOnExec], permissions: .ownerGroupDefault)
      }
    } catch {
      throw StoreError(system: error, "cannot be opened", path: path)
    }
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      try? descriptor.close()  // the reason below is the one that matters
      let kind = status.st_mode & S_IFMT == S_IFDIR ? "is a directory" : "is not a regular file"
      throw StoreError(.unsupported, "\(kind), not a stored array", path: path)
    }
  }

  deinit { try? descriptor.close() }  // nothing is buffered here, so a failing close loses nothing

  package var rawDescriptor: CInt { descriptor.rawValue }

  /// Present size in bytes.
  package func byteCount() throws(StoreError) -> Int {
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0 else { throw StoreError(system: Errno(rawValue: errno), "size unknown", path: path) }
    return Int(status.st_size)
  }

  /// Fills `buffer` from the bytes at `offset`. Wraps `pread(2)`.
  ///
  /// - Throws: `.truncated` with expected and found counts; `.io`.
  package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    guard offset >= 0 else { throw StoreError(.corrupt, "offset \(offset) is negative", path: path) }
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count: Int
      do {
        count = try descriptor.read(fromAbsoluteOffset: Int64(offset + done), into: rest)
      } catch {
        throw StoreError(system: error, "could not be read at byte \(offset + done)", path: path)
      }
      if count == 0 {
        throw StoreError(
          .truncated, "ends at byte \(offset + done); \(buffer.count) bytes were expected at byte \(offset), \(done) are there", path: path)
      }
      done += count
    }
  }

  /// The `count` bytes at `offset`, as an array: for headers and tables. The caller has compared `count` with the file's size.
  ///
  /// - Throws: `.truncated`; `.io`.
  package func bytes(at offset: Int, count: Int) throws(StoreError) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    try result.withUnsafeMutableBufferPointer { buffer throws(StoreError) in
      try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
    }
    return result
  }

  /// Writes all of `buffer` at `offset`. Wraps `pwrite(2)`.
  package func write(at offset: Int, _ buffer: UnsafeRawBufferPointer) throws(StoreError) {
    do {
      try descriptor.writeAll(toAbsoluteOffset: Int64(offset), buffer)
    } catch {
      throw StoreError(system: error, "\(buffer.count) bytes could not be written at byte \(offset)", path: path)
    }
  }

  /// Makes written bytes durable. Wraps `fsync(2)`.
  package func synchronize() throws(StoreError) {
    guard fsync(descriptor.rawValue) == 0 else {
      throw StoreError(system: Errno(rawValue: errno), "could not be made durable", path: path)
    }
  }

  /// Asks the system to begin bringing written bytes to the disk, so that a later ``synchronize()`` has less to wait for;
  /// only a hint. Wraps `sync_file_range(2)`.
  package func startWriteback(at offset: Int, byteCount: Int) {
    guard byteCount > 0 else { return }
    _ = clinux_start_writeback(descriptor.rawValue, Int64(offset), Int64(byteCount))
  }

  /// Asks the system to read ahead; only a hint. Wraps `posix_fadvise(2)`.
  package func willRead(at offset: Int, byteCount: Int) {
    _ = posix_fadvise(descriptor.rawValue, off_t(offset), off_t(byteCount), POSIX_FADV_WILLNEED)
  }
}

extension FilePermissions {
  /// Readable and writable, as the user's mask allows.
  fileprivate static var ownerGroupDefault: FilePermissions {
    [.ownerReadWrite, .groupReadWrite, .otherReadWrite]
  }
}

extension StoreError {
  /// An error of the operating system; missing, existing and unreadable files get their own words.
  package init(system error: any Error, _ what: String, path: String) {
    let errno = error as? Errno
    let code: Code =
      switch errno {
      case .noSuchFileOrDirectory: .notFound
      case .fileExists: .alreadyExists
      default: .io
      }
    self.init(code, "\(what): \(errno.map { systemErrorText($0.rawValue) } ?? "\(error)")", path: path)
  }
}
