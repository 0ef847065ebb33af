// One file that all ranks of a communicator read and write, at explicit offsets, in contiguous pieces. Where file bytes
// enter and leave. Two small types do the work: `MPIFile` under MPI, `PosixFile` in a process alone.

internal import CMPI
import Glibc

/// A file opened together by all ranks of a communicator.
///
/// Offsets count bytes from the start of the file. There are no file views and no shared file pointers. What one rank
/// writes, another may read after both have called `sync` (or `close` and `open`) and a barrier between. Ranges read
/// collectively should not overlap; ranges written at the same time must not.
///
/// Files are closed by name (`close`); a file that goes out of scope unclosed stays open until the process ends, except
/// on a serial communicator.
public final class ParallelFile {
  /// How a file is opened.
  public struct Mode: OptionSet, Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let read = Mode(rawValue: 1)
    public static let write = Mode(rawValue: 2)
    public static let readWrite: Mode = [.read, .write]
    /// Makes the file if it isn't there. Needs `write`.
    public static let create = Mode(rawValue: 4)
    /// With `create`: fails if the file is there already.
    public static let exclusive = Mode(rawValue: 8)
    /// Deletes the file when it is closed.
    public static let deleteOnClose = Mode(rawValue: 16)
  }

  public let path: String
  public let mode: Mode
  public let communicator: Communicator

  private enum Backend {
    case mpi(MPIFile)
    case posix(PosixFile)
    case closed
  }
  private var backend: Backend

  private init(_ path: String, _ mode: Mode, _ communicator: Communicator, _ backend: Backend) {
    self.path = path
    self.mode = mode
    self.communicator = communicator
    self.backend = backend
  }

  /// Opens a file.
  ///
  /// Wraps `MPI_File_open`, or `open` on a serial communicator.
  /// - Parameters:
  ///   - path: The same on every rank.
  ///   - mode: The same on every rank.
  ///   - hints: Keys and values for the MPI library, which ignores what it does not know.
  /// - Throws: `MPIError`, the same on every rank: `kind` tells a missing file from one that is there already.
  /// - Collective: yes.
  public static func open(
    _ path: String, _ mode: Mode, on communicator: Communicator, hints: [String: String] = [:]
  ) throws(MPIError) -> ParallelFile {
    guard !mode.isDisjoint(with: .readWrite), mode.contains(.write) || mode.isDisjoint(with: [.create, .exclusive])
    else {
      throw MPIError("MPI_File_open", MPI_ERR_AMODE, "'\(path)': a mode needs read or write, and creating needs write")
    }
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw MPIError("MPI_File_open", MPI_ERR_BAD_FILE, "'\(path)' is no path")
    }
    let backend: Backend =
      communicator.isSerial
      ? .posix(try PosixFile(path, mode, communicator.messageLimit))
      : .mpi(try MPIFile(path, mode, on: communicator, hints))
    return ParallelFile(path, mode, communicator, backend)
  }

  /// Reads `target.count` bytes from `offset`.
  ///
  /// Wraps `MPI_File_read_at`, or `pread`.
  /// - Throws: `MPIError` of kind `truncated` if the file ends before.
  /// - Collective: no.
  public func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(MPIError) {
    switch backend {
    case .mpi(let file): try file.read(at: offset, into: target)
    case .posix(let file): try file.read(at: offset, into: target)
    case .closed: refuseClosed()
    }
  }

  /// Reads `target.count` bytes from `offset`, on all ranks together; each gives its own range, also an empty one.
  ///
  /// Wraps `MPI_File_read_at_all`, or `pread`.
  /// - Throws: `MPIError`, the same on every rank; of kind `truncated` if the file ends before.
  /// - Collective: yes.
  public func readAll(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(MPIError) {
    switch backend {
    case .mpi(let file): try file.readAll(at: offset, into: target)
    case .posix(let file): try file.read(at: offset, into: target)
    case .closed: refuseClosed()
    }
  }

  /// Writes `source` at `offset`.
  ///
  /// Wraps `MPI_File_write_at`, or `pwrite`.
  /// - Collective: no.
  public func write(at offset: Int, from source: UnsafeRawBufferPointer) throws(MPIError) {
    switch backend {
    case .mpi(let file): try file.write(at: offset, from: source)
    case .posix(let file): try file.write(at: offset, from: source)
    case .closed: refuseClosed()
    }
  }

  /// Writes `source` at `offset`, on all ranks together; each gives its own range, also an empty one.
  ///
  /// Wraps `MPI_File_write_at` and an agreement, or `pwrite`. (`MPI_File_write_at_all` of Open MPI 4.1 hides a full disk.)
  /// - Throws: `MPIError`, the same on every rank.
  /// - Collective: yes.
  public func writeAll(at offset: Int, from source: UnsafeRawBufferPointer) throws(MPIError) {
    switch backend {
    case .mpi(let file): try file.writeAll(at: offset, from: source)
    case .posix(let file): try file.write(at: offset, from: source)
    case .closed: refuseClosed()
    }
  }

  /// Brings what has been written to the disk. Does nothing for a file opened only for reading.
  ///
  /// Wraps `MPI_File_sync`, or `fsync`.
  /// - Collective: yes.
  public func sync() throws(MPIError) {
    guard mode.contains(.write) else { return }
    switch backend {
    case .mpi(let file): try file.sync()
    case .posix(let file): try file.sync()
    case .closed: refuseClosed()
    }
  }

  /// The file's length in bytes.
  ///
  /// Wraps `MPI_File_get_size`, or `fstat`.
  /// - Collective: no.
  public func size() throws(MPIError) -> Int {
    switch backend {
    case .mpi(let file): try file.size()
    case .posix(let file): try file.size()
    case .closed: refuseClosed()
    }
  }

  /// Cuts the file to `byteCount` bytes, or lengthens it with zeros.
  ///
  /// Wraps `MPI_File_set_size`, or `ftruncate`.
  /// - Parameter byteCount: The same on every rank.
  /// - Collective: yes.
  public func setSize(_ byteCount: Int) throws(MPIError) {
    try requireSize(byteCount, "MPI_File_set_size")
    switch backend {
    case .mpi(let file): try file.setSize(byteCount)
    case .posix(let file): try file.setSize(byteCount)
    case .closed: refuseClosed()
    }
  }

  /// Reserves disk space for the first `byteCount` bytes; the file is at least that long afterwards.
  ///
  /// Wraps `posix_fallocate`, under MPI on one rank: Open MPI's `MPI_File_preallocate` rewrites the file's contents.
  /// - Parameter byteCount: The same on every rank.
  /// - Throws: `MPIError` of kind `noSpace` if the disk cannot hold it.
  /// - Collective: yes.
  public func preallocate(_ byteCount: Int) throws(MPIError) {
    try requireSize(byteCount, "posix_fallocate")
    switch backend {
    case .mpi(let file): try file.preallocate(byteCount)
    case .posix(let file): try file.preallocate(byteCount)
    case .closed: refuseClosed()
    }
  }

  /// The hints in force; none on a serial communicator.
  ///
  /// Wraps `MPI_File_get_info`.
  /// - Collective: no.
  public func hints() throws(MPIError) -> [String: String] {
    switch backend {
    case .mpi(let file): try file.hints()
    case .posix: [:]
    case .closed: refuseClosed()
    }
  }

  /// Closes the file. Closing again does nothing.
  ///
  /// Wraps `MPI_File_close`, or `close`. Does not bring data to the disk: that is `sync`.
  /// - Collective: yes.
  public func close() throws(MPIError) {
    let backend = backend
    self.backend = .closed
    switch backend {
    case .mpi(let file): try file.close()
    case .posix(let file): try file.close()
    case .closed: break
    }
  }

  private func requireSize(_ byteCount: Int, _ call: String) throws(MPIError) {
    guard byteCount >= 0 else { throw MPIError(call, MPI_ERR_ARG, "'\(path)': a size of \(byteCount) bytes") }
  }

  private func refuseClosed() -> Never { preconditionFailure("'\(path)' was used after it was closed") }
}

/// The range of `count` bytes from `offset`, if a file can have it.
func fileRange(_ call: String, _ path: String, at offset: Int, count: Int) throws(MPIError) -> Range<Int> {
  let (end, overflow) = offset.addingReportingOverflow(count)
  guard offset >= 0, !overflow else {
    throw MPIError(call, MPI_ERR_ARG, "'\(path)': \(count) bytes at offset \(offset) cannot be in a file")
  }
  return offset..<end
}
