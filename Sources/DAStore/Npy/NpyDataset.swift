// A `.npy` stream as chunks, each of which is one contiguous run of the file.

/// An array in a `.npy` file or in a member of a `.npz` archive, open for reading.
///
/// The format knows no chunks. They are chosen here so that each is one contiguous extent: slabs of whole trailing axes
/// in C order, of whole leading axes in Fortran order. Local and thread-safe.
package final class NpyDataset: ChunkedDataset {
  package let path: String
  package let description: DatasetDescription
  package let header: NpyHeader
  private let source: any ByteSource
  /// Fortran order of an array whose elements would lie otherwise in C order.
  private let isTransposed: Bool

  package static let defaultChunkByteCount = 1 << 20

  /// Opens a `.npy` file.
  ///
  /// - Parameter chunkByteCount: No chunk becomes larger than this, unless one element is.
  /// - Throws: `.notFound`, `.unsupported`, `.corrupt`, `.truncated`, `.io`; `.invalidArgument` for a directory.
  package convenience init(path: String, chunkByteCount: Int = defaultChunkByteCount) throws(StoreError) {
    do {
      let source = try FileSource(PositionalFile(path))
      try self.init(source, path: path, format: .npy, chunkByteCount: chunkByteCount)
    } catch {
      throw error.at(path: path)
    }
  }

  /// A `.npy` stream in any source.
  ///
  /// - Parameter storedByteCount: What the elements occupy in the file, when that is not their own size.
  package init(
    _ source: some ByteSource, path: String, format: StoreFormat, chunkByteCount: Int, storedByteCount: Int? = nil,
    codecs: [String] = []
  ) throws(StoreError) {
    let header: NpyHeader
    let grid: ChunkGrid
    do {
      header = try NpyHeader.read(from: source)
      isTransposed = header.isFortranOrder && header.shape.count(where: { $0 != 1 }) > 1
      let chunkShape = Self.chunkShape(
        header.shape, elementByteCount: header.dtype.byteCount, chunkByteCount: chunkByteCount, isTransposed: isTransposed)
      grid = try ChunkGrid(shape: header.shape, chunkShape: chunkShape)
    } catch {
      throw error.at(path: path)
    }
    self.path = path
    self.source = source
    self.header = header
    var description = DatasetDescription(
      format: format, shape: header.shape, dtype: header.dtype, grid: grid,
      storedByteCount: storedByteCount ?? header.byteCount + header.dataByteCount)
    description.codecs = codecs
    description.details = [
      .init("npy_version", .string("\(header.version.rawValue).0")),
      .init("fortran_order", .bool(header.isFortranOrder)),
      .init("byte_order", .string(header.isBigEndian ? "big" : "little")),
    ]
    self.description = description
  }

  /// A chunk shape whose chunks are contiguous in a file of that order.
  static func chunkShape(_ shape: [Int], elementByteCount: Int, chunkByteCount: Int, isTransposed: Bool) -> [Int] {
    func slabs(_ shape: [Int]) -> [Int] {
      ChunkGrid.slabs(shape, elementByteCount: elementByteCount, targetByteCount: chunkByteCount)
    }
    return isTransposed ? slabs(shape.reversed()).reversed() : slabs(shape)
  }

  package func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    guard number >= 0, number < description.grid.chunkCount else {
      throw StoreError(.notFound, "chunk \(number) of \(description.grid.chunkCount)", path: path)
    }
    let region = description.grid.region(of: number)
    let size = header.dtype.byteCount
    let strides =
      isTransposed
      ? columnMajorStrides(header.shape, elementByteCount: size) : rowMajorStrides(header.shape, elementByteCount: size)
    // Inside the data, whose end was compared with the size of the source: cannot overflow.
    let start = zip(region.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }
    let extent = StoredExtent(offset: header.byteCount + start, byteCount: region.elementCount * size)
    return isTransposed || header.isBigEndian ? .encoded([extent]) : .direct([extent])
  }

  package func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    do { try source.read(at: extent.offset, into: buffer) } catch { throw error.at(path: path) }
  }

  package func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let size = header.dtype.byteCount
    precondition(stored.count == buffer.count, "stored elements are as large as decoded ones")
    guard let from = stored.baseAddress, let to = buffer.baseAddress, buffer.count > 0 else { return }
    if isTransposed {
      let shape = description.grid.region(of: number).shape
      copyBox(
        shape: shape, elementByteCount: size, from: from, sourceStrides: columnMajorStrides(shape, elementByteCount: size),
        to: to, destinationStrides: rowMajorStrides(shape, elementByteCount: size))
    } else {
      to.copyMemory(from: from, byteCount: buffer.count)
    }
    if header.isBigEndian { swapByteOrder(buffer, unit: header.dtype.byteOrderUnit) }
  }

  package var largestStoredByteCount: Int {
    isTransposed || header.isBigEndian ? description.largestChunkByteCount : 0
  }

  package func willRead(_ extent: StoredExtent) {
    source.willRead(at: extent.offset, byteCount: extent.byteCount)
  }

  package func finishReading() throws(StoreError) {
    do { try source.finishReading() } catch { throw error.at(path: path) }
  }
}
