// A file under MPI-IO. Collective transfers take the same number of rounds on all ranks and end in an agreement, so that
// a failure anywhere is a failure everywhere.

internal import CMPI
import Glibc

/// An open `MPI_File`.
final class MPIFile {
  private let path: String
  private let communicator: Communicator
  private var handle: MPI_File?
  // A length the file is known to have had, so that reads inside it need not ask again.
  private var knownSize = 0

  init(_ path: String, _ mode: ParallelFile.Mode, on communicator: Communicator, _ hints: [String: String])
    throws(MPIError)
  {
    self.path = path
    self.communicator = communicator
    if mode.contains(.write) { FileSizeLimit.becomeAnError() }
    // MPI-IO would open a directory for reading without complaint.
    try communicator.agree { () throws(MPIError) in
      var information = stat()
      if communicator.rank == 0, stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR {
        throw MPIError(errno: EISDIR, by: "MPI_File_open", path: path)
      }
    }
    var flags =
      mode.isSuperset(of: .readWrite) ? MPI_MODE_RDWR : mode.contains(.write) ? MPI_MODE_WRONLY : MPI_MODE_RDONLY
    if mode.contains(.create) { flags |= MPI_MODE_CREATE }
    if mode.contains(.exclusive) { flags |= MPI_MODE_EXCL }
    if mode.contains(.deleteOnClose) { flags |= MPI_MODE_DELETE_ON_CLOSE }
    var info = try communicator.agree { () throws(MPIError) in try Self.info(hints) }
    defer { if info != cmpi_info_null() { MPI_Info_free(&info) } }
    var file: MPI_File? = cmpi_file_null()
    try communicator.agree { () throws(MPIError) in
      try located { () throws(MPIError) in
        try check("MPI_File_open") { MPI_File_open(communicator.handle, path, flags, info, &file) }
        // Local, so it may stand behind the open.
        try check("MPI_File_set_errhandler") { MPI_File_set_errhandler(file, cmpi_errors_return()) }
      }
    }
    handle = file
  }

  // MARK: Transfers

  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(MPIError) {
    try requireInside(offset, target.count, "MPI_File_read_at")
    for range in communicator.messageLimit.pieces(of: target.count).ranges {
      try transfer("MPI_File_read_at", offset, range) {
        MPI_File_read_at(
          handle, MPI_Offset(offset + range.lowerBound), target.address(at: range.lowerBound), Int32(range.count),
          cmpi_byte(), $0)
      }
    }
  }

  func write(at offset: Int, from source: UnsafeRawBufferPointer) throws(MPIError) {
    _ = try fileRange("MPI_File_write_at", path, at: offset, count: source.count)
    for range in communicator.messageLimit.pieces(of: source.count).ranges {
      do throws(MPIError) {
        try transfer("MPI_File_write_at", offset, range) {
          MPI_File_write_at(
            handle, MPI_Offset(offset + range.lowerBound), source.address(at: range.lowerBound), Int32(range.count),
            cmpi_byte(), $0)
        }
      } catch {
        try rewrite(offset + range.lowerBound, UnsafeRawBufferPointer(rebasing: source[range]), after: error)
      }
    }
  }

  /// Writes with plain calls what MPI-IO could not: it only says that a write fell short, the system says why.
  ///
  /// - Throws: The system's reason; `failure` where the file cannot even be opened.
  private func rewrite(_ offset: Int, _ bytes: UnsafeRawBufferPointer, after failure: MPIError) throws(MPIError) {
    let file: PosixFile
    do throws(MPIError) { file = try PosixFile(path, .write, communicator.messageLimit) } catch { throw failure }
    try file.write(at: offset, from: bytes)
    try file.close()
  }

  func readAll(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(MPIError) {
    let permission = Result { () throws(MPIError) in try requireInside(offset, target.count, "MPI_File_read_at_all") }
    try rounds(of: target.count, permission) { (range) throws(MPIError) in
      try transfer("MPI_File_read_at_all", offset, range) {
        MPI_File_read_at_all(
          handle, place(offset, range), target.address(at: range.lowerBound), Int32(range.count), cmpi_byte(), $0)
      }
    }
  }

  // Not MPI_File_write_at_all: with three ranks or more, Open MPI 4.1 gathers the data on some of them and reports
  // success when their writes fall short, as on a full disk. Independent writes tell the truth.
  func writeAll(at offset: Int, from source: UnsafeRawBufferPointer) throws(MPIError) {
    try communicator.agree { () throws(MPIError) in try write(at: offset, from: source) }
  }

  /// Calls `body` for each piece, as often on every rank; a rank that has failed or has nothing left takes part with an
  /// empty piece.
  private func rounds(
    of byteCount: Int, _ permission: Result<Void, MPIError>, _ body: (Range<Int>) throws(MPIError) -> Void
  ) throws(MPIError) {
    var outcome = permission
    let pieces = communicator.messageLimit.pieces(of: byteCount)
    var isWilling: Bool { if case .success = outcome { true } else { false } }
    let roundCount = try communicator.allReduce(isWilling ? pieces.roundCount : 0, .max)
    for round in 0..<roundCount {
      let range = isWilling ? pieces.range(round) : 0..<0
      let result = Result { () throws(MPIError) in try body(range) }
      if isWilling { outcome = result }
    }
    try communicator.agree(outcome)
  }

  /// The file offset of a piece; an empty piece's offset means nothing and must only be valid.
  private func place(_ offset: Int, _ range: Range<Int>) -> MPI_Offset {
    range.isEmpty ? 0 : MPI_Offset(offset + range.lowerBound)
  }

  /// One call, and a look at how much it says it moved. Its word is believed when it says less than asked for; that it
  /// says enough proves nothing at the end of a file, which `requireInside` looks after.
  private func transfer(
    _ call: StaticString, _ offset: Int, _ range: Range<Int>, _ body: (UnsafeMutablePointer<MPI_Status>) -> Int32
  ) throws(MPIError) {
    var status = MPI_Status()
    try located { () throws(MPIError) in try check(call) { body(&status) } }
    guard !range.isEmpty else { return }
    var moved: Int32 = 0
    try check("MPI_Get_count") { MPI_Get_count(&status, cmpi_byte(), &moved) }
    guard Int(moved) == range.count else {
      throw .short(
        "\(call)", "'\(path)', \(range.count) bytes at offset \(offset + range.lowerBound)", expected: range.count,
        found: Int(max(moved, 0)))
    }
  }

  /// Refuses to read what lies beyond the end of the file.
  private func requireInside(_ offset: Int, _ count: Int, _ call: String) throws(MPIError) {
    let range = try fileRange(call, path, at: offset, count: count)
    guard count > 0, range.upperBound > knownSize else { return }
    knownSize = try size()
    guard range.upperBound <= knownSize else {
      throw .short(
        call, "'\(path)', \(count) bytes at offset \(offset)", expected: count, found: max(0, knownSize - offset))
    }
  }

  // MARK: The file as a whole

  func sync() throws(MPIError) {
    try together { () throws(MPIError) in try check("MPI_File_sync") { MPI_File_sync(handle) } }
  }

  func size() throws(MPIError) -> Int {
    var size: MPI_Offset = 0
    try located { () throws(MPIError) in try check("MPI_File_get_size") { MPI_File_get_size(handle, &size) } }
    return Int(size)
  }

  func setSize(_ byteCount: Int) throws(MPIError) {
    knownSize = 0
    try together { () throws(MPIError) in
      try check("MPI_File_set_size") { MPI_File_set_size(handle, MPI_Offset(byteCount)) }
    }
  }

  func preallocate(_ byteCount: Int) throws(MPIError) {
    try together { () throws(MPIError) in
      guard communicator.rank == 0 else { return }
      let file = try PosixFile(path, .write, communicator.messageLimit)
      try file.preallocate(byteCount)
      try file.close()
    }
  }

  func hints() throws(MPIError) -> [String: String] {
    var info: MPI_Info? = cmpi_info_null()
    try check("MPI_File_get_info") { MPI_File_get_info(handle, &info) }
    guard info != cmpi_info_null() else { return [:] }
    defer { MPI_Info_free(&info) }
    var keyCount: Int32 = 0
    try check("MPI_Info_get_nkeys") { MPI_Info_get_nkeys(info, &keyCount) }
    var hints: [String: String] = [:]
    for index in 0..<keyCount {
      var key = [CChar](repeating: 0, count: Int(MPI_MAX_INFO_KEY) + 1)
      var value = [CChar](repeating: 0, count: Int(MPI_MAX_INFO_VAL) + 1)
      var isSet: Int32 = 0
      try check("MPI_Info_get_nthkey") { MPI_Info_get_nthkey(info, index, &key) }
      try check("MPI_Info_get") { MPI_Info_get(info, key, MPI_MAX_INFO_VAL, &value, &isSet) }
      if isSet != 0 { hints[Self.text(key)] = Self.text(value) }
    }
    return hints
  }

  func close() throws(MPIError) {
    try together { () throws(MPIError) in try check("MPI_File_close") { MPI_File_close(&handle) } }
  }

  // MARK: Helpers

  /// A collective call that every rank makes once, and the agreement on how it went.
  private func together(_ body: () throws(MPIError) -> Void) throws(MPIError) {
    try communicator.agree { () throws(MPIError) in try located(body) }
  }

  /// Names the file in errors of `body`.
  private func located(_ body: () throws(MPIError) -> Void) throws(MPIError) {
    do throws(MPIError) {
      try body()
    } catch {
      var error = error
      if !error.text.contains(path) { error.text = "'\(path)': \(error.text)" }
      throw error
    }
  }

  private static func info(_ hints: [String: String]) throws(MPIError) -> MPI_Info? {
    guard !hints.isEmpty else { return cmpi_info_null() }
    var info: MPI_Info? = cmpi_info_null()
    try check("MPI_Info_create") { MPI_Info_create(&info) }
    do throws(MPIError) {
      for (key, value) in hints.sorted(by: { $0.key < $1.key }) {
        try check("MPI_Info_set") { MPI_Info_set(info, key, value) }
      }
    } catch {
      MPI_Info_free(&info)
      throw error
    }
    return info
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
