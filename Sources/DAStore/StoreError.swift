// The one error type of this library: what went wrong, where, what was expected and found, and the way out.

import MessagePassing

/// A failure to read, interpret or write stored arrays.
///
/// `message` is one line that a tired person understands and that ends, where there is one, with the way out.
public struct StoreError: Error, Sendable, Equatable {
  /// What kind of failure this is; decides the exit status of programs.
  public enum Code: String, Sendable, CaseIterable {
    /// No such file, member, dataset, chunk or generation.
    case notFound
    /// The target exists and overwriting was not asked for.
    case alreadyExists
    /// Stored bytes contradict their checksum or the format's rules.
    case corrupt
    /// The file ends before its contents do.
    case truncated
    /// Not a format we know, or a version or feature newer than this library.
    case unsupported
    /// A caller's argument makes no sense (shape, region, chunk shape, name, …).
    case invalidArgument
    /// An operation that this element type does not have.
    case unsupportedDType
    /// The byte budget cannot hold what was asked.
    case memory
    /// Another writer holds the file.
    case locked
    /// The operating system refused a read or write.
    case io
    /// Message passing failed.
    case messagePassing
    /// The user interrupted the operation.
    case interrupted
    /// A function that the caller gave threw an error of its own.
    case functionFailed
    /// A broken promise inside this library.
    case internalFault
  }

  public var code: Code
  public var message: String
  /// The file or dataset concerned, as the user named it.
  public var path: String?
  /// The rank on which it happened first, when it was told by another rank.
  public var rank: Int?

  /// - Parameter message: Characters that would break the line or command a terminal are shown as escapes: messages quote
  ///   bytes of files.
  public init(_ code: Code, _ message: String, path: String? = nil, rank: Int? = nil) {
    self.code = code
    self.message = message.onOneLine
    self.path = path
    self.rank = rank
  }

  /// The same error with a path, unless it already names one.
  public func at(path: String) -> StoreError {
    var copy = self
    if copy.path == nil { copy.path = path }
    return copy
  }
}

extension StoreError: CustomStringConvertible {
  public var description: String {
    let place = path.map { "\($0.onOneLine): " } ?? ""
    let origin = rank.map { " (on rank \($0))" } ?? ""
    return place + message + origin
  }
}

extension StoreError: AgreeableError {
  /// A failed call of message passing or of a parallel file; failures of files get the codes that other failures of files have.
  public init(messagePassing error: MPIError) {
    let code: Code =
      switch error.kind {
      case .noSuchFile: .notFound
      case .fileExists: .alreadyExists
      case .accessDenied, .noSpace: .io
      case .truncated: .truncated
      case .badArgument, .other: error.call.hasPrefix("MPI_File") ? .io : .messagePassing
      }
    self.init(code, "\(error.call): \(error.text)", rank: error.rank)
  }

  public init(peerBytes: [UInt8], rank: Int) {
    let fields = peerBytes.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3, let code = Code(rawValue: String(decoding: fields[0], as: UTF8.self)) else {
      self.init(.internalFault, "an error that could not be read", rank: rank)
      return
    }
    let path = String(decoding: fields[1], as: UTF8.self)
    self.init(
      code, String(decoding: fields[2], as: UTF8.self), path: path.isEmpty ? nil : path, rank: rank)
  }

  public var peerBytes: [UInt8] {
    Array(code.rawValue.utf8) + [0] + Array((path ?? "").utf8) + [0] + Array(message.utf8)
  }
}

/// Runs a message-passing call and gives its failure the type of this library.
package func passing<Value>(_ body: () throws(MPIError) -> Value) throws(StoreError) -> Value {
  do { return try body() } catch { throw StoreError(messagePassing: error) }
}

extension String {
  /// The text with control characters and separators of lines written as `\u{…}`.
  fileprivate var onOneLine: String {
    func isPlain(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && !(0x2028...0x2029).contains(scalar.value)
    }
    if unicodeScalars.allSatisfy(isPlain) { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if isPlain(scalar) {
        text.unicodeScalars.append(scalar)
      } else {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
  }
}
