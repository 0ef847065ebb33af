// Opening a stored array by its name. Formats are told apart here and nowhere else.

import MessagePassing

/// Opens what a name means: the file or set, its member or generation, and the selected part.
///
/// The first bytes of the file decide its format, not its name. Rank 0 looks; all ranks open what it saw.
/// - Parameter chunkByteCount: About the size of the chunks of formats that have none of their own. Results that depend
///   on the chunks (the rounding of sums) are the same wherever this is.
/// - Throws: `.notFound`, `.unsupported` for other formats, `.invalidArgument` for a member, generation or selection
///   that the file cannot have; what opening the format throws; `.corrupt` when ranks see different arrays.
/// - Collective: yes.
public func openDataset(
  _ name: DatasetName, over communicator: Communicator, chunkByteCount: Int = 1 << 20
) throws(StoreError) -> any ChunkedDataset {
  let format = try agreedFormat(of: name, communicator)
  if name.member != nil, format != .npz, format != .hdf5 {
    throw StoreError(.invalidArgument, "is no .npz archive or HDF5 file and has no members", path: name.path)
  }
  if name.generation != nil, format != .dnpy2 {
    throw StoreError(.invalidArgument, "is no .dnpy version 2 file and has no generations", path: name.path)
  }
  let whole: any ChunkedDataset
  switch format {
  case .npy:
    whole = try communicator.agree { () throws(StoreError) in
      try NpyDataset(path: name.path, chunkByteCount: chunkByteCount)
    }
  case .npz:
    whole = try communicator.agree { () throws(StoreError) in
      try NpzArchive(path: name.path).dataset(name.member, chunkByteCount: chunkByteCount)
    }
  case .dnpy1:
    whole = try communicator.agree { () throws(StoreError) in try Dnpy1Dataset(name.path) }
  case .dnpy2:
    whole = try Dnpy2Dataset.open(path: name.path, generation: name.generation, communicator: communicator)
  case .hdf5:
    whole = try communicator.agree { () throws(StoreError) in
      try HDF5Dataset(path: name.path, member: name.member, chunkByteCount: chunkByteCount)
    }
  case .memory, .scratch:
    throw StoreError(.internalFault, "memory is not opened by name", path: name.path)
  }
  try checkSameness(whole, communicator)
  guard let selection = name.selection else { return whole }
  return try communicator.agree { () throws(StoreError) -> any ChunkedDataset in
    try selected(whole, selection)
  }
}

/// The part of a dataset that a selection takes; the dataset itself when that is everything. Local.
///
/// - Throws: `.invalidArgument` when the selection does not fit the shape.
public func selected(_ dataset: any ChunkedDataset, _ selection: Selection) throws(StoreError) -> any ChunkedDataset {
  let view = try RegionView(of: dataset, selection)
  return view.isEverything ? dataset : view
}

/// The format that rank 0 found.
private func agreedFormat(of name: DatasetName, _ communicator: Communicator) throws(StoreError) -> StoreFormat {
  let own = try communicator.agree { () throws(StoreError) -> Int in
    guard communicator.rank == 0 else { return 0 }
    return StoreFormat.allCases.firstIndex(of: try recognizedFormat(of: name)) ?? 0
  }
  let index = try passing { () throws(MPIError) in try communicator.broadcast(own, from: 0) }
  return StoreFormat.allCases[index]
}

/// What a file's first bytes say it is; a name without a file may be the prefix of a version 1 set.
private func recognizedFormat(of name: DatasetName) throws(StoreError) -> StoreFormat {
  let file: PositionalFile
  do throws(StoreError) {
    file = try PositionalFile(name.path)
  } catch {
    // A set's prefix may also be the name of a folder.
    let mayBePrefix =
      name.member == nil && name.generation == nil && (error.code == .notFound || error.code == .unsupported)
    guard mayBePrefix, hasParts(prefix: name.versionOnePrefix ?? name.path) else { throw error }
    return .dnpy1
  }
  let size = try file.byteCount()
  let bytes = try file.bytes(at: 0, count: min(size, 8))
  let darray = [0x93] + Array("DARRY".utf8)
  if bytes.starts(with: [0x93] + Array("NUMPY".utf8)) { return .npy }
  if bytes.starts(with: darray + [1]) { return .dnpy1 }
  if bytes.starts(with: darray + [2]) { return .dnpy2 }
  if bytes.starts(with: Array("PK".utf8)) || name.path.hasSuffix(".npz") { return .npz }
  if bytes.starts(with: darray), bytes.count > 6 {
    throw StoreError(
      .unsupported, "a .dnpy file of version \(bytes[6]); this program reads versions 1 and 2, a newer one is needed",
      path: name.path)
  }
  if bytes.starts(with: Array("CDF".utf8)) {
    throw StoreError(
      .unsupported, "a NetCDF-3 file, which this version does not read; 'nccopy -k nc4' makes it NetCDF-4",
      path: name.path)
  }
  // A version 2 file begins with two copies of its preamble; the second one tells when the first is damaged.
  if size >= 4096, try file.bytes(at: 2048, count: 7) == darray + [2] { return .dnpy2 }
  if try HDF5File.signaturePlace(in: file) != nil { return .hdf5 }
  if bytes.isEmpty { throw StoreError(.truncated, "an empty file, not a stored array", path: name.path) }
  let found = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  throw StoreError(
    .unsupported,
    "not a stored array: begins with the bytes \(found), which are those of no .npy, .npz, .dnpy or HDF5 file",
    path: name.path)
}

private func hasParts(prefix: String) -> Bool {
  // A folder that cannot be listed has no set to offer; the caller's own error says what is wrong.
  (try? Dnpy1Names.ranks(prefix: prefix))?.isEmpty == false
}

/// Ranks of different nodes may see different files under one name; then nothing they did together would mean anything.
private func checkSameness(_ dataset: any ChunkedDataset, _ communicator: Communicator) throws(StoreError) {
  guard communicator.size > 1 else { return }
  let facts = dataset.description
  let text =
    "\(facts.format) \(facts.shape) \(facts.dtype) \(facts.grid.chunkShape) "
    + "\(facts.generation ?? 0) \(facts.storedByteCount)"
  // FNV-1a: any hash that all processes compute alike.
  let own = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  let first = try passing { () throws(MPIError) in try communicator.broadcast(own, from: 0) }
  try communicator.agree { () throws(StoreError) in
    guard own == first else {
      throw StoreError(
        .corrupt, "this rank sees another array than rank 0 does; is the file being written, or not on a shared disk?",
        path: dataset.path)
    }
  }
}
