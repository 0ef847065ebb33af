// A `.npy` stream as chunks, each of which is one contiguous run of the file.

/// An array in a `.npy` file or in a member of a `.npz` archive, open for reading.
///
/// The format knows no chunks. They are chosen here so that each is one contiguous extent: slabs of whole trailing axes
/// in C order, of whole leading axes in Fortran order. Local and thread-safe.
public final class NpyDataset: ChunkedDataset {
  public let path: String
  public let description: DatasetDescription
  package let header: NpyHeader
  private let source: any ByteSource

  public static let defaultChunkByteCount = 1 << 20

  /// Opens a `.npy` file.
  ///
  /// - Parameter chunkByteCount: No chunk becomes larger than this, unless one element is.
  /// - Throws: `.notFound`, `.unsupported`, `.corrupt`, `.truncated`, `.io`; `.invalidArgument` for a directory.
  public convenience init(path: String, chunkByteCount: Int = defaultChunkByteCount) throws(StoreError) {
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
      let chunkShape = Self.chunkShape(
        header.shape, elementByteCount: header.dtype.byteCount, chunkByteCount: chunkByteCount,
        isTransposed: header.isTransposed)
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
    description.details = header.details
    self.description = description
  }

  /// A chunk shape whose chunks are contiguous in a file of that order.
  static func chunkShape(_ shape: [Int], elementByteCount: Int, chunkByteCount: Int, isTransposed: Bool) -> [Int] {
    func slabs(_ shape: [Int]) -> [Int] {
      ChunkGrid.slabs(shape, elementByteCount: elementByteCount, targetByteCount: chunkByteCount)
    }
    return isTransposed ? slabs(shape.reversed()).reversed() : slabs(shape)
  }

  /// Whether stored elements differ in order or byte order from decoded ones.
  private var isReordered: Bool { header.isTransposed || header.isBigEndian }

  public func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    guard number >= 0, number < description.grid.chunkCount else {
      throw StoreError(.notFound, "chunk \(number) of \(description.grid.chunkCount)", path: path)
    }
    let region = description.grid.region(of: number)
    // Inside the data, whose end was compared with the size of the source.
    let extent = StoredExtent(offset: header.offset(of: region), byteCount: description.byteCount(ofChunk: number))
    return isReordered ? .encoded([extent]) : .direct([extent])
  }

  public func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    do { try source.read(at: extent.offset, into: buffer) } catch { throw error.at(path: path) }
  }

  public func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let size = header.dtype.byteCount
    precondition(stored.count == buffer.count, "stored elements are as large as decoded ones")
    guard let from = stored.baseAddress, let to = buffer.baseAddress, buffer.count > 0 else { return }
    if header.isTransposed {
      let shape = description.grid.region(of: number).shape
      copyBox(
        shape: shape, elementByteCount: size, from: from,
        sourceStrides: columnMajorStrides(shape, elementByteCount: size),
        to: to, destinationStrides: rowMajorStrides(shape, elementByteCount: size))
    } else {
      to.copyMemory(from: from, byteCount: buffer.count)
    }
    if header.isBigEndian { swapByteOrder(buffer, unit: header.dtype.byteOrderUnit) }
  }

  public var largestStoredByteCount: Int {
    isReordered ? description.largestChunkByteCount : 0
  }

  public func willRead(_ extent: StoredExtent) {
    source.willRead(at: extent.offset, byteCount: extent.byteCount)
  }

  public func finishReading() throws(StoreError) {
    do { try source.finishReading() } catch { throw error.at(path: path) }
  }
}
