// A file of a process alone: plain system calls, repeated when interrupted and when they move less than asked for.

internal import CMPI
import Glibc

/// An open file descriptor; closed with its owner.
final class PosixFile {
  private let path: String
  private let deletesOnClose: Bool
  private let limit: MessageLimit
  private var descriptor: Int32

  init(_ path: String, _ mode: ParallelFile.Mode, _ limit: MessageLimit) throws(MPIError) {
    self.path = path
    self.limit = limit
    deletesOnClose = mode.contains(.deleteOnClose)
    var flags = O_CLOEXEC | (mode.isSuperset(of: .readWrite) ? O_RDWR : mode.contains(.write) ? O_WRONLY : O_RDONLY)
    if mode.contains(.create) { flags |= O_CREAT }
    if mode.contains(.exclusive) { flags |= O_EXCL }
    if mode.contains(.write) { FileSizeLimit.becomeAnError() }
    descriptor = -1
    descriptor = try Int32(call("open") { Int(open(path, flags, 0o666)) })
    var information = stat()
    try call("fstat") { Int(fstat(descriptor, &information)) }
    guard information.st_mode & S_IFMT != S_IFDIR else { throw MPIError(errno: EISDIR, by: "open", path: path) }
  }

  deinit {
    if descriptor >= 0 { Glibc.close(descriptor) }
  }

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(MPIError) {
    let range = try fileRange("pread", path, at: offset, count: target.count)
    var done = 0
    while done < target.count {
      let count = try call("pread") {
        pread(descriptor, target.address(at: done), min(target.count - done, limit.byteCount), off_t(offset + done))
      }
      guard count > 0 else {
        throw .short(
          "pread", "'\(path)', \(target.count) bytes at offset \(range.lowerBound)", expected: target.count, found: done
        )
      }
      done += count
    }
  }

  func write(at offset: Int, from source: UnsafeRawBufferPointer) throws(MPIError) {
    _ = try fileRange("pwrite", path, at: offset, count: source.count)
    var done = 0
    while done < source.count {
      let count = try call("pwrite", "\(source.count - done) bytes at offset \(offset + done)") {
        pwrite(descriptor, source.address(at: done), min(source.count - done, limit.byteCount), off_t(offset + done))
      }
      guard count > 0 else {
        throw .short(
          "pwrite", "'\(path)', \(source.count) bytes at offset \(offset)", expected: source.count, found: done)
      }
      done += count
    }
  }

  func sync() throws(MPIError) {
    try call("fsync") { Int(fsync(descriptor)) }
  }

  func size() throws(MPIError) -> Int {
    var information = stat()
    try call("fstat") { Int(fstat(descriptor, &information)) }
    return Int(information.st_size)
  }

  func setSize(_ byteCount: Int) throws(MPIError) {
    try call("ftruncate", "a size of \(byteCount) bytes") { Int(ftruncate(descriptor, off_t(byteCount))) }
  }

  func preallocate(_ byteCount: Int) throws(MPIError) {
    guard byteCount > 0 else { return }
    var code: Int32
    repeat { code = posix_fallocate(descriptor, 0, off_t(byteCount)) } while code == EINTR
    guard code == 0 else { throw MPIError(errno: code, by: "posix_fallocate", path: path, "\(byteCount) bytes at offset 0") }
  }

  func close() throws(MPIError) {
    let open = descriptor
    descriptor = -1
    // Not repeated when interrupted: on Linux the descriptor is gone either way.
    let closed = Glibc.close(open)
    let code = errno
    if deletesOnClose { try call("unlink") { Int(unlink(path)) } }
    guard closed == 0 || code == EINTR else { throw MPIError(errno: code, by: "close", path: path) }
  }

  /// Runs a system call until no signal interrupts it; errors name `place`.
  @discardableResult
  private func call(_ name: String, _ place: @autoclosure () -> String? = nil, _ body: () -> Int) throws(MPIError) -> Int {
    while true {
      let result = body()
      if result >= 0 { return result }
      let code = errno
      guard code == EINTR else { throw MPIError(errno: code, by: name, path: path, place()) }
    }
  }
}
