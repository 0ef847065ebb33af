// An HDF5 dataset as chunks: its own, or runs of a contiguous one.

/// An array in an HDF5 or NetCDF-4 file, open for reading. Local and thread-safe.
///
/// The file's structure is read once, when it is opened, into a table of chunks; chunks are read from their places and
/// decoded by our own codecs. Source: Formats/hdf5-mapping.md.
public final class HDF5Dataset: ChunkedDataset {
  public let path: String
  public let description: DatasetDescription
  private let file: HDF5File
  private let storage: Storage
  private let isBigEndian: Bool

  private enum Storage {
    /// Elements one after the other from a byte of the file on.
    case run(offset: Int)
    /// Nothing was ever written.
    case unwritten
    case chunks(HDF5ChunkStore)
  }

  /// Opens a dataset of a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - member: The dataset's path in the file; may be left out when the file has just one.
  ///   - chunkByteCount: About the size of the chunks of a contiguous dataset, which has none of its own.
  /// - Throws: `.notFound`, also for a missing dataset; `.invalidArgument` when a name is needed; `.unsupported` with
  ///   the name of a type, filter or layout that is not read; `.corrupt`, `.truncated`, `.io`.
  public convenience init(path: String, member: String? = nil, chunkByteCount: Int = 1 << 20) throws(StoreError) {
    do throws(StoreError) {
      let file = try HDF5File(path)
      let name: String
      if let member { name = member } else { name = try HDF5Tree.onlyDataset(of: file) }
      let place = try HDF5Walker.object(name, in: file)
      try self.init(place, path: path, chunkByteCount: chunkByteCount)
    } catch {
      throw error.at(path: member.map { "\(path):\($0)" } ?? path)
    }
  }

  private init(_ place: HDF5Place, path: String, chunkByteCount: Int) throws(StoreError) {
    let header = try HDF5ObjectHeader(place.file, at: place.address)
    let facts = try HDF5ArrayFacts(header)
    guard case .number(let dtype, let isBigEndian) = facts.type else {
      throw StoreError(
        .unsupported, "holds elements of the HDF5 type '\(facts.type.name)', which has no counterpart here")
    }
    let shape = facts.space.shape ?? [0]
    let elementCount: Int
    do {
      elementCount = try checkedElementCount(shape, dtype: dtype)
    } catch {
      throw StoreError(.corrupt, "HDF5 dataspace: \(error.message)")
    }
    file = place.file
    self.path = path
    self.isBigEndian = isBigEndian
    let stored = facts.fillValue.flatMap { $0.count == dtype.byteCount ? $0 : nil }
    let fillValue = stored.map { hdf5Element($0, dtype, isBigEndian: isBigEndian) }
    var description: DatasetDescription
    switch facts.layout {
    case .virtual: throw StoreError(.unsupported, "is a virtual HDF5 dataset, which this version does not read")
    case .contiguous(let address, let byteCount):
      guard !facts.isExternal else {
        throw StoreError(.unsupported, "keeps its elements in external files, which this version does not read")
      }
      let size = elementCount * dtype.byteCount
      if let address, elementCount > 0 {
        guard byteCount ?? size >= size else {
          throw StoreError(.corrupt, "HDF5 layout has \(byteCount ?? 0) bytes for \(size) bytes of elements")
        }
        guard address <= file.byteCount, size <= file.byteCount - address else {
          throw StoreError(
            .truncated,
            "should hold \(size) bytes of elements at byte \(address), the file ends at byte \(file.byteCount)")
        }
        storage = .run(offset: file.baseOffset + address)
      } else {
        storage = .unwritten
      }
      let grid = try ChunkGrid(
        shape: shape,
        chunkShape: ChunkGrid.slabs(shape, elementByteCount: dtype.byteCount, targetByteCount: chunkByteCount))
      description = DatasetDescription(
        format: .hdf5, shape: shape, dtype: dtype, grid: grid, fillValue: fillValue,
        storedByteCount: address == nil ? 0 : size)
    case .chunked(let chunkShape, let elementByteCount, let index):
      guard elementByteCount == dtype.byteCount else {
        throw StoreError(.corrupt, "HDF5 layout has elements of \(elementByteCount) bytes, the type \(dtype.byteCount)")
      }
      let grid: ChunkGrid
      do {
        grid = try ChunkGrid(shape: shape, chunkShape: chunkShape)
      } catch {
        throw StoreError(.corrupt, "HDF5 layout: \(error.message)")
      }
      let store = try HDF5ChunkStore(
        file, index, grid: grid, limits: facts.space.limits, filters: facts.filters, elementByteCount: elementByteCount)
      storage = .chunks(store)
      description = DatasetDescription(
        format: .hdf5, shape: shape, dtype: dtype, grid: grid, fillValue: fillValue,
        storedByteCount: store.storedByteCount)
      description.codecs = store.chain.names
      description.details.append(.init("stored_chunks", .int(store.recordCount)))
    }
    description.attributes = try facts.attributes()
    description.dimensionNames = try HDF5Dimensions.names(of: header, count: shape.count)
    description.details += facts.details
    self.description = description
  }

  public func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    guard number >= 0, number < description.grid.chunkCount else {
      throw StoreError(.notFound, "chunk \(number) of \(description.grid.chunkCount)", path: path)
    }
    switch storage {
    case .unwritten: return .constant(description.fillValue)
    case .run(let offset):
      let strides = rowMajorStrides(description.shape, elementByteCount: description.dtype.byteCount)
      let lower = description.grid.region(of: number).lower
      let extent = StoredExtent(
        offset: zip(lower, strides).reduce(offset) { $0 + $1.0 * $1.1 },
        byteCount: description.byteCount(ofChunk: number))
      return isBigEndian ? .encoded([extent]) : .direct([extent])
    case .chunks(let store):
      do throws(StoreError) {
        guard let extent = try store.extent(of: number) else { return .constant(description.fillValue) }
        return !isBigEndian && store.isPlain(number) ? .direct([extent]) : .encoded([extent])
      } catch {
        throw damaged(number, error)
      }
    }
  }

  public func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    do { try file.file.read(at: extent.offset, into: buffer) } catch { throw error.at(path: path) }
  }

  public func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    switch storage {
    case .chunks(let store):
      do throws(StoreError) {
        try store.decode(number, stored, into: buffer, scratch: scratch)
      } catch {
        throw damaged(number, error)
      }
    case .run, .unwritten: buffer.copyMemory(from: stored)
    }
    if isBigEndian { swapByteOrder(buffer, unit: description.dtype.byteOrderUnit) }
  }

  public var decodeScratchByteCount: Int {
    if case .chunks(let store) = storage { store.scratchByteCount } else { 0 }
  }

  public var largestStoredByteCount: Int {
    switch storage {
    case .chunks(let store): store.largestStoredByteCount
    case .run: isBigEndian ? description.largestChunkByteCount : 0
    case .unwritten: 0
    }
  }

  public func willRead(_ extent: StoredExtent) { file.file.willRead(at: extent.offset, byteCount: extent.byteCount) }

  private func damaged(_ number: Int, _ error: StoreError) -> StoreError {
    guard error.code == .corrupt || error.code == .truncated else { return error.at(path: path) }
    let position = description.grid.position(of: number)
    return StoreError(error.code, "chunk \(number) at \(shapeText(position)) is damaged: \(error.message)", path: path)
  }
}
