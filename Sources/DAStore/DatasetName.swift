// How users name stored arrays: `file.npy`, `file.dnpy@7`, `prefix`, `file.npz:member`,
// `file.h5:/group/data`, each with a trailing `[…]`.

/// The parts of a dataset's name. Parsing is pure: which format a file has is decided later, by its first bytes.
public struct DatasetName: Sendable, Hashable {
  /// As the user wrote it; what errors show.
  public var text: String
  /// The file, or the prefix of a version 1 set.
  public var path: String
  /// Behind `.npz:`, or behind the colon after an ending of HDF5 and NetCDF-4 files.
  public var member: String?
  /// Behind `.dnpy@`.
  public var generation: Int?
  /// In brackets at the end. A file whose own name ends in brackets is reached by adding `[...]`.
  public var selection: Selection?

  /// - Throws: `.invalidArgument` with the place of the mistake.
  public init(parsing text: String) throws(StoreError) {
    self.text = text
    var rest = Substring(text)
    if rest.last == "]" {
      guard let open = rest.lastIndex(of: "[") else {
        throw StoreError(.invalidArgument, "the name '\(text)' ends with ']' but has no '['")
      }
      selection = try Selection(parsing: String(rest[open...]))
      rest = rest[..<open]
    }
    if let mark = rest.firstRange(of: ".npz:") {
      let name = rest[mark.upperBound...]
      guard !name.isEmpty else {
        throw StoreError(
          .invalidArgument, "the name '\(text)' ends after '.npz:'; add the member, or leave out the colon")
      }
      member = String(name)
      rest = rest[..<rest.index(before: mark.upperBound)]
    } else if let colon = colonAfterHDF5Ending(rest) {
      let name = rest[rest.index(after: colon)...]
      guard !name.isEmpty else {
        throw StoreError(
          .invalidArgument, "the name '\(text)' ends after a colon; add the dataset's path, or leave out the colon")
      }
      member = String(name)
      rest = rest[..<colon]
    } else if let mark = lastComponent(rest).firstRange(of: ".dnpy@") {
      let digits = rest[mark.upperBound...]
      guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(String(digits)) else {
        throw StoreError(
          .invalidArgument, "the generation in '\(text)' must be a number as in 'file.dnpy@7', found '\(digits)'")
      }
      generation = number
      rest = rest[..<rest.index(before: mark.upperBound)]
    } else if let mark = [".npy:", ".dnpy:"].lazy.compactMap({ lastComponent(rest).firstRange(of: $0) }).first {
      throw StoreError(
        .invalidArgument,
        "'\(rest[..<rest.index(before: mark.upperBound)])' holds one array, so '\(text)' cannot name a member; "
          + "only .npz and HDF5 files have members")
    }
    path = String(rest)
    guard !path.isEmpty, path.last != "/" else {
      throw StoreError(.invalidArgument, "the name '\(text)' does not name a file")
    }
    guard !path.utf8.contains(0) else { throw StoreError(.invalidArgument, "a file name cannot contain a zero byte") }
  }

  /// The prefix of the version 1 set that this name means when it is written as `prefix_0.dnpy`.
  public var versionOnePrefix: String? { prefixOfFirstPart(path) }
}

/// The name of an array to be written; its ending decides the format.
public struct TargetName: Sendable, Hashable {
  public enum Format: String, Sendable, CaseIterable { case npy, dnpy1, dnpy2, hdf5 }
  public var format: Format
  /// The file, or the prefix of a version 1 set.
  public var path: String
  /// The dataset in an HDF5 file.
  public var member = "buffer"

  /// Parses `file.npy`, `file.dnpy` (version 2), `prefix` or `prefix_0.dnpy` (a version 1 set), `file.h5` or
  /// `file.h5:/group/data`.
  ///
  /// - Throws: `.invalidArgument` for a selection, member or generation; `.unsupported` for formats that are only read.
  public init(parsing text: String) throws(StoreError) {
    guard !text.isEmpty, text.last != "/" else {
      throw StoreError(.invalidArgument, "the name '\(text)' does not name a file")
    }
    guard !text.utf8.contains(0) else { throw StoreError(.invalidArgument, "a file name cannot contain a zero byte") }
    if let colon = colonAfterHDF5Ending(Substring(text)) {
      (format, path, member) = (.hdf5, String(text[..<colon]), String(text[text.index(after: colon)...]))
      guard member.contains(where: { $0 != "/" }) else {
        throw StoreError(.invalidArgument, "the name '\(text)' ends after a colon; add the dataset's path")
      }
      try refuseNetCDF(path)
      return
    }
    let component = lastComponent(Substring(text))
    if component.last == "]", component.contains("[") {
      throw StoreError(.invalidArgument, "'\(text)' is to be written; a selection in brackets can only be read")
    }
    if component.contains(".npz:") || component.hasSuffix(".npz") {
      throw StoreError(.unsupported, "'\(text)': .npz archives are read, not written; use .npy or .dnpy")
    }
    if component.contains(".dnpy@") {
      throw StoreError(.invalidArgument, "'\(text)' is to be written; a generation can only be read")
    }
    path = text
    if hdf5Endings.contains(where: { component.lowercased().hasSuffix($0) }) {
      format = .hdf5
      try refuseNetCDF(path)
    } else if component.hasSuffix(".npy") {
      format = .npy
    } else if let prefix = prefixOfFirstPart(text) {
      (format, path) = (.dnpy1, prefix)
    } else if component.hasSuffix(".dnpy") {
      format = .dnpy2
    } else if let dot = component.lastIndex(of: "."), dot != component.startIndex {
      throw StoreError(
        .invalidArgument,
        "'\(text)': the ending '\(component[dot...])' names no format; use .npy, .dnpy, .h5, or a name without an ending "
          + "for a version 1 set (name_0.dnpy, name_1.dnpy, …)")
    } else {
      format = .dnpy1
    }
    if component == ".npy" || component == ".dnpy" {
      throw StoreError(.invalidArgument, "'\(text)' is only an ending; a name must stand before it")
    }
  }
}

private func lastComponent(_ path: Substring) -> Substring {
  path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path
}

private func prefixOfFirstPart(_ path: String) -> String? {
  let ending = "_0.dnpy"
  guard path.hasSuffix(ending), !lastComponent(path.dropLast(ending.count)).isEmpty else { return nil }
  return String(path.dropLast(ending.count))
}

/// Endings of HDF5 and NetCDF-4 files.
private let hdf5Endings = [".h5", ".hdf5", ".he5", ".hdf", ".nc", ".nc4"]

/// The colon between an HDF5 file and a path in it.
private func colonAfterHDF5Ending(_ text: Substring) -> Substring.Index? {
  text.indices.first { index in
    text[index] == ":" && hdf5Endings.contains { text[..<index].lowercased().hasSuffix($0) }
  }
}

/// What is written is HDF5, but lacks what makes it NetCDF-4.
private func refuseNetCDF(_ path: String) throws(StoreError) {
  if [".nc", ".nc4"].contains(where: { path.lowercased().hasSuffix($0) }) {
    throw StoreError(.unsupported, "'\(path)': NetCDF files are read, not written; use .h5, .npy or .dnpy")
  }
}
