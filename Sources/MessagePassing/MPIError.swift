// What a failed call of the MPI library, or of the operating system on the serial path, looks like in Swift, and the one
// door (`check`) through which every MPI call passes. Used by every file of this target.

internal import CMPI
import Glibc

/// A message-passing or parallel-file call that failed.
public struct MPIError: Error, Sendable, Hashable {
  /// The C function that failed, for instance `MPI_File_open`, or `pread` on the serial path.
  public var call: String
  /// The code the call returned; an `errno` value on the serial path.
  public var code: Int32
  /// The MPI error class of `code` (`MPI_ERR_…`).
  public var errorClass: Int32
  /// The library's own words, with the values a person needs.
  public var text: String
  /// The rank where it happened, when the error came here through `Communicator.agree`.
  public var rank: Int?

  public init(call: String, code: Int32, errorClass: Int32, text: String, rank: Int? = nil) {
    self.call = call
    self.code = code
    self.errorClass = errorClass
    self.text = text
    self.rank = rank
  }
}

extension MPIError: CustomStringConvertible {
  public var description: String {
    let place = rank.map { "rank \($0): " } ?? ""
    return "\(place)\(call): \(text)"
  }
}

extension MPIError {
  /// The failures a caller may want to tell apart without knowing MPI's numbers.
  public enum Kind: Sendable, Hashable {
    case noSuchFile, fileExists, accessDenied, noSpace, badArgument
    /// Fewer bytes than asked for: a read past the end of a file, or a message shorter than the receiver's buffer.
    case truncated
    case other
  }

  /// The kind of failure, derived from `errorClass`.
  public var kind: Kind {
    switch errorClass {
    case MPI_ERR_NO_SUCH_FILE: .noSuchFile
    case MPI_ERR_FILE_EXISTS: .fileExists
    case MPI_ERR_ACCESS, MPI_ERR_READ_ONLY: .accessDenied
    case MPI_ERR_NO_SPACE, MPI_ERR_QUOTA: .noSpace
    case MPI_ERR_ARG, MPI_ERR_AMODE, MPI_ERR_RANK, MPI_ERR_ROOT, MPI_ERR_TAG, MPI_ERR_OP, MPI_ERR_BAD_FILE: .badArgument
    case MPI_ERR_TRUNCATE: .truncated
    default: .other
    }
  }

  /// An error found by our own checks, in the class MPI would use for it.
  init(_ call: String, _ errorClass: Int32, _ text: String) {
    self.init(call: call, code: errorClass, errorClass: errorClass, text: text)
  }

  /// An error code the MPI library returned.
  ///
  /// Wraps `MPI_Error_class` and `MPI_Error_string`, which may only be asked while MPI runs.
  init(returned code: Int32, by call: String) {
    guard MPIEnvironment.isRunning else {
      self.init(call: call, code: code, errorClass: code, text: "error code \(code)")
      return
    }
    var errorClass: Int32 = MPI_ERR_UNKNOWN
    if MPI_Error_class(code, &errorClass) != MPI_SUCCESS { errorClass = MPI_ERR_UNKNOWN }
    var length: Int32 = 0
    let text = string(capacity: Int(MPI_MAX_ERROR_STRING)) {
      MPI_Error_string(code, $0, &length) == MPI_SUCCESS ? length : 0
    }
    self.init(call: call, code: code, errorClass: errorClass, text: text.isEmpty ? "error code \(code)" : text)
  }

  /// An `errno` value a system call on `path` left behind, in the class MPI would use for it.
  ///
  /// - Parameter place: What was to be done where, for instance `64 bytes at offset 128`.
  init(errno code: Int32, by call: String, path: String, _ place: String? = nil) {
    let errorClass =
      switch code {
      case ENOENT, ENOTDIR: MPI_ERR_NO_SUCH_FILE
      case EEXIST: MPI_ERR_FILE_EXISTS
      case EACCES, EPERM: MPI_ERR_ACCESS
      case EROFS: MPI_ERR_READ_ONLY
      case ENOSPC, EFBIG: MPI_ERR_NO_SPACE
      case EDQUOT: MPI_ERR_QUOTA
      case EISDIR, ENAMETOOLONG: MPI_ERR_BAD_FILE
      default: MPI_ERR_IO
      }
    let subject = place.map { "'\(path)', \($0)" } ?? "'\(path)'"
    self.init(call: call, code: code, errorClass: errorClass, text: "\(subject): \(systemErrorText(code))")
  }

  /// A transfer that moved fewer bytes than it had to.
  static func short(_ call: String, _ what: String, expected: Int, found: Int) -> MPIError {
    MPIError(call, MPI_ERR_TRUNCATE, "\(what): expected \(expected) bytes, found \(found)")
  }
}

/// Runs one MPI call and throws what it returned unless that is `MPI_SUCCESS`.
///
/// MPI is asked for `MPI_THREAD_FUNNELED`, so a call from any thread but the one that started it is a broken promise.
@inline(__always)
func check(_ call: StaticString, _ body: () -> Int32) throws(MPIError) {
  MPIEnvironment.requireOwnerThread(call)
  let code = body()
  guard code == MPI_SUCCESS else { throw MPIError(returned: code, by: "\(call)") }
}

/// The text a C function wrote into a buffer of `capacity` characters; `body` returns the text's length.
func string(capacity: Int, _ body: (UnsafeMutablePointer<CChar>) -> Int32) -> String {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity + 1) { buffer in
    buffer.initialize(repeating: 0)
    guard let base = buffer.baseAddress else { return "" }
    let length = min(max(Int(body(base)), 0), capacity)
    return String(decoding: UnsafeRawBufferPointer(buffer).prefix(length), as: UTF8.self)
  }
}
