// A `.npz` archive: a zip file whose members are `.npy` streams. Finds members, opens them as datasets.

/// An archive of arrays, open for reading. Local and thread-safe.
package final class NpzArchive: Sendable {
  package let path: String
  package let entries: [ZipEntry]
  private let file: PositionalFile
  private let location: ZipDirectoryLocation

  /// Longest central directory that is read: some 200,000 members.
  static let longestDirectoryByteCount = 16 << 20

  /// Opens an archive and reads its directory.
  ///
  /// - Throws: `.notFound`, `.io`; `.unsupported` when it is no zip file or one of several disks; `.corrupt` with the
  ///   place.
  /// - Complexity: reads the directory and the last 64 KiB.
  package init(path: String) throws(StoreError) {
    self.path = path
    file = try PositionalFile(path)
    do throws(StoreError) {
      let size = try file.byteCount()
      location = try Self.locate(in: file, byteCount: size)
      guard location.byteCount <= Self.longestDirectoryByteCount else {
        throw StoreError(
          .unsupported,
          "a zip directory of \(location.byteCount) bytes; at most \(Self.longestDirectoryByteCount) are read")
      }
      let directory = try file.bytes(at: location.offset, count: location.byteCount)
      entries = try ZipDirectory.entries(directory, count: location.entryCount)
    } catch {
      throw error.at(path: path)
    }
  }

  private static func locate(in file: PositionalFile, byteCount: Int) throws(StoreError) -> ZipDirectoryLocation {
    let tailByteCount = min(byteCount, ZipDirectory.endRecordByteCount + ZipDirectory.longestCommentByteCount)
    let tailOffset = byteCount - tailByteCount
    let tail = try file.bytes(at: tailOffset, count: tailByteCount)
    guard let inTail = ZipDirectory.endRecord(in: tail) else {
      throw StoreError(.unsupported, "not a zip archive, or cut short: it has no directory at its end")
    }
    let end = tailOffset + inTail
    if let end64 = try locateEndRecord64(in: file, before: end) {
      let record = try file.bytes(at: end64, count: ZipDirectory.endRecord64ByteCount)
      return try ZipDirectory.location(endRecord64: record[...], at: end64)
    }
    return try ZipDirectory.location(endRecord: tail[inTail...], at: end)
  }

  /// Position of the 64-bit end record, if there is one.
  private static func locateEndRecord64(in file: PositionalFile, before end: Int) throws(StoreError) -> Int? {
    let locatorOffset = end - ZipDirectory.locator64ByteCount
    guard locatorOffset >= ZipDirectory.endRecord64ByteCount else { return nil }
    let locator = try file.bytes(at: locatorOffset, count: ZipDirectory.locator64ByteCount)
    guard locator.starts(with: ZipDirectory.locator64Signature) else { return nil }
    var fields = ZipFields(locator.dropFirst(4))
    let disk = try fields.unsigned32()
    let stated = try fields.size64()
    let diskCount = try fields.unsigned32()
    try ZipDirectory.requireOneDisk(disk == 0 && diskCount <= 1)
    // The stated position does not count bytes before the archive; then the record stands directly before the locator.
    for position in [stated, locatorOffset - ZipDirectory.endRecord64ByteCount]
    where position >= 0 && position <= locatorOffset - ZipDirectory.endRecord64ByteCount {
      let signature = try file.bytes(at: position, count: ZipDirectory.end64Signature.count)
      if signature == ZipDirectory.end64Signature { return position }
    }
    throw StoreError(.corrupt, "zip archive: the 64-bit end record is not at byte \(stated), where its locator says")
  }

  // MARK: Members

  /// What is known of a member without reading its elements.
  package struct Member: Sendable {
    /// As NumPy names it: without `.npy`.
    package var name: String
    package var method: ZipMethod
    package var storedByteCount: Int
    package var byteCount: Int
    /// The array's header, or why the member is no array that can be read.
    package var header: Result<NpyHeader, StoreError>
  }

  /// All members in the directory's order, folders left out.
  ///
  /// - Complexity: a short read per member.
  package var members: [Member] {
    entries.filter { $0.name.last != "/" }.map { entry in
      let header = Result { () throws(StoreError) in try NpyHeader.read(from: try source(of: entry)) }
      return Member(
        name: Self.arrayName(entry.name), method: entry.method, storedByteCount: entry.storedByteCount,
        byteCount: entry.byteCount, header: header)
    }
  }

  static func arrayName(_ name: String) -> String { name.hasSuffix(".npy") ? String(name.dropLast(4)) : name }

  /// Opens a member as a dataset.
  ///
  /// - Parameters:
  ///   - name: With or without `.npy`; `nil` for the only member of an archive of one.
  ///   - chunkByteCount: See ``NpyDataset``.
  /// - Throws: `.notFound` and `.invalidArgument` with the names that exist; what ``NpyDataset`` throws; `.unsupported`
  ///   for encrypted members and foreign compression methods.
  package func dataset(
    _ name: String?, chunkByteCount: Int = NpyDataset.defaultChunkByteCount
  ) throws(StoreError) -> NpyDataset {
    let entry = try find(name)
    let label = path + ":" + Self.arrayName(entry.name)
    do throws(StoreError) {
      let codecs = entry.method == .stored ? [] : [entry.method.name]
      return try NpyDataset(
        try source(of: entry), path: label, format: .npz, chunkByteCount: chunkByteCount,
        storedByteCount: entry.storedByteCount, codecs: codecs)
    } catch {
      var error = error
      error.path = label
      throw error
    }
  }

  private func find(_ name: String?) throws(StoreError) -> ZipEntry {
    let candidates = entries.filter { $0.name.last != "/" }
    let names =
      candidates.prefix(20).map { Self.arrayName($0.name) }.joined(separator: ", ")
      + (candidates.count > 20 ? ", …" : "")
    guard let name else {
      guard candidates.count == 1, let only = candidates.first else {
        throw StoreError(
          .invalidArgument,
          candidates.isEmpty
            ? "an archive without members" : "holds \(candidates.count) arrays; name one after a colon: \(names)",
          path: path)
      }
      return only
    }
    for wanted in [name, name + ".npy"] {
      let found = candidates.filter { $0.name == wanted }
      guard found.count <= 1 else {
        throw StoreError(.corrupt, "member '\(wanted)' is there \(found.count) times", path: path)
      }
      if let entry = found.first { return entry }
    }
    throw StoreError(.notFound, "no member '\(name)'; there are: \(names.isEmpty ? "none" : names)", path: path)
  }

  /// The bytes of a member.
  private func source(of entry: ZipEntry) throws(StoreError) -> any ByteSource {
    func refuse(_ code: StoreError.Code, _ what: String) -> StoreError {
      StoreError(code, "member '\(entry.name)' \(what)")
    }
    guard !entry.isEncrypted else { throw refuse(.unsupported, "is encrypted; decrypt the archive first") }
    if case .other = entry.method {
      throw refuse(.unsupported, "is compressed with \(entry.method.name); stored and deflate can be read")
    }
    let start = try dataOffset(of: entry)
    switch entry.method {
    case .stored:
      guard entry.storedByteCount == entry.byteCount else {
        throw refuse(.corrupt, "is stored in \(entry.storedByteCount) bytes but claims \(entry.byteCount)")
      }
      return StoredMember(file, name: entry.name, at: start, byteCount: entry.byteCount, crc32: entry.crc32)
    default:
      // One bit pair of deflate makes 258 bytes at most.
      guard entry.byteCount / 1032 <= entry.storedByteCount else {
        throw refuse(
          .corrupt, "claims \(entry.byteCount) bytes, more than \(entry.storedByteCount) deflated bytes can hold")
      }
      return InflatedMember(
        file, name: entry.name, at: start, storedByteCount: entry.storedByteCount, byteCount: entry.byteCount,
        crc32: entry.crc32)
    }
  }

  /// Position in the file of a member's bytes; all of them lie before the directory.
  private func dataOffset(of entry: ZipEntry) throws(StoreError) -> Int {
    func outside() -> StoreError {
      StoreError(
        .corrupt,
        "member '\(entry.name)' (\(entry.storedByteCount) bytes at byte \(entry.localHeaderOffset)) is beyond the directory"
      )
    }
    let room = location.offset - location.prefixByteCount - ZipDirectory.localHeaderByteCount
    guard entry.localHeaderOffset <= room else { throw outside() }
    let start = entry.localHeaderOffset + location.prefixByteCount
    let header = try file.bytes(at: start, count: ZipDirectory.localHeaderByteCount)
    let variable = try ZipDirectory.variableByteCount(localHeader: header)
    guard entry.localHeaderOffset <= room - variable else { throw outside() }
    let nameAndExtra = try file.bytes(at: start + ZipDirectory.localHeaderByteCount, count: variable)
    let data = start + (try ZipDirectory.check(localHeader: header, nameAndExtra: nameAndExtra, of: entry))
    guard entry.storedByteCount <= location.offset - data else { throw outside() }
    return data
  }
}

extension NpyDataset {
  /// Opens a member of a `.npz` archive; `nil` is the only member of an archive of one.
  ///
  /// - Throws: what `NpzArchive` and its `dataset` throw.
  public static func open(
    npz path: String, member: String?, chunkByteCount: Int = defaultChunkByteCount
  ) throws(StoreError) -> NpyDataset {
    try NpzArchive(path: path).dataset(member, chunkByteCount: chunkByteCount)
  }
}
