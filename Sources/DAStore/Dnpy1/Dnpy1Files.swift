// The names of a set's files, and a bounded number of them open at a time.

import Glibc
import Synchronization

/// The names of a `.dnpy` 1.0 set: `<prefix>_<rank>.dnpy`.
enum Dnpy1Names {
  static let suffix = ".dnpy"

  static func name(prefix: String, rank: Int) -> String { "\(prefix)_\(rank)\(suffix)" }

  /// Splits the name of a member into prefix and rank; `nil` when it is none.
  static func split(_ path: String) -> (prefix: String, rank: Int)? {
    guard path.hasSuffix(suffix) else { return nil }
    let stem = path.dropLast(suffix.count)
    guard let mark = stem.lastIndex(of: "_") else { return nil }
    let digits = stem[stem.index(after: mark)...]
    // Only the text that `name` prints: `_01` is another file.
    guard let rank = Int(digits), rank >= 0, String(rank) == digits else { return nil }
    let prefix = String(stem[..<mark])
    return prefix.isEmpty || prefix.hasSuffix("/") ? nil : (prefix, rank)
  }

  /// The directory of a path, `.` when it names none.
  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Ranks of the members of a set that exist, ascending.
  ///
  /// - Throws: `.notFound`, `.io` when the directory cannot be listed.
  static func ranks(prefix: String) throws(StoreError) -> [Int] {
    let directory = directory(of: prefix)
    let base = prefix.lastIndex(of: "/").map { String(prefix[prefix.index(after: $0)...]) } ?? prefix
    var ranks: [Int] = []
    for name in try list(directory) {
      if let member = split(name), member.prefix == base { ranks.append(member.rank) }
    }
    return ranks.sorted()
  }

  private static func list(_ directory: String) throws(StoreError) -> [String] {
    guard let stream = opendir(directory) else {
      throw StoreError(errno: errno, "cannot be listed", path: directory)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else { break }
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    guard errno == 0 else { throw StoreError(errno: errno, "cannot be listed", path: directory) }
    return names
  }
}

/// What tells one file from another that took its name.
struct FileIdentity: Sendable, Equatable {
  let device: UInt64
  let node: UInt64
  let byteCount: Int

  init(_ file: PositionalFile) throws(StoreError) {
    var status = stat()
    guard fstat(file.rawDescriptor, &status) == 0 else {
      throw StoreError(errno: errno, "size unknown", path: file.path)
    }
    device = UInt64(status.st_dev)
    node = UInt64(status.st_ino)
    byteCount = Int(status.st_size)
  }
}

/// Opens files on demand and keeps the latest ones open. Thread-safe.
final class FileHandles: Sendable {
  /// Sets may have thousands of files, processes rarely more than 1024 descriptors.
  static let capacity = 64

  private struct State {
    var open: [Int: PositionalFile] = [:]
    /// File numbers, the least recently used first.
    var order: [Int] = []
  }
  private let state = Mutex(State())
  private let opener: @Sendable (Int) throws(StoreError) -> PositionalFile

  /// - Parameter opener: Opens the file of a number; called outside the lock, now and then twice for one file.
  init(_ opener: @escaping @Sendable (Int) throws(StoreError) -> PositionalFile) { self.opener = opener }

  /// The open file of a number. A file that is dropped from the list stays open until its last user is done.
  func file(_ number: Int) throws(StoreError) -> PositionalFile {
    if let known = state.withLock({ Self.use(number, nil, &$0) }) { return known }
    let opened = try opener(number)
    return state.withLock { Self.use(number, opened, &$0) ?? opened }
  }

  /// Files open now; for tests.
  var openCount: Int { state.withLock { $0.open.count } }

  func closeAll() { state.withLock { $0 = State() } }

  private static func use(_ number: Int, _ opened: PositionalFile?, _ state: inout State) -> PositionalFile? {
    guard let file = state.open[number] ?? opened else { return nil }
    state.open[number] = file
    state.order.removeAll { $0 == number }
    state.order.append(number)
    if state.order.count > capacity { state.open[state.order.removeFirst()] = nil }
    return file
  }
}
