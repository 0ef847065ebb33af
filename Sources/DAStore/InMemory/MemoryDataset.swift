// An array in memory behind the contract of stored arrays: small results, and the reference that other back ends are
// compared with.

/// An array whose elements are in memory, on every rank that has it.
///
/// Its chunks lie one after the other in row-major order of their numbers, each dense. It never changes.
public final class MemoryDataset: ChunkedDataset {
  public let path: String
  public let description: DatasetDescription
  private let layout: MemoryLayoutOfChunks
  private let buffer: PooledBuffer

  /// Takes over a buffer that holds all chunks, one after the other.
  init(name: String, description: DatasetDescription, layout: MemoryLayoutOfChunks, buffer: PooledBuffer) {
    path = name
    self.description = description
    self.layout = layout
    self.buffer = buffer
  }

  /// Copies elements given in C order.
  ///
  /// - Parameters:
  ///   - shape: The array's shape; one axis of all elements when not given.
  ///   - chunkShape: About a mebibyte of whole trailing axes when not given.
  ///   - pool: Where the memory is accounted.
  /// - Throws: `.invalidArgument` when the shape does not hold just these elements, or cannot be chunked so; `.memory`.
  public convenience init<E: Element>(
    _ elements: [E], shape: [Int]? = nil, chunkShape: [Int]? = nil, name: String = "memory",
    pool: BufferPool = BufferPool(budget: .max)
  ) throws(StoreError) {
    try self.init(
      shape: shape ?? [elements.count], dtype: E.dtype, chunkShape: chunkShape, name: name, pool: pool,
      byteCount: elements.count * E.dtype.byteCount
    ) { layout, buffer in elements.withUnsafeBytes { layout.scatter($0, into: buffer) } }
  }

  /// Copies elements of a type known at run time, given as their bytes in C order, little-endian.
  public convenience init(
    shape: [Int], dtype: DType, bytes: [UInt8], chunkShape: [Int]? = nil, name: String = "memory",
    pool: BufferPool = BufferPool(budget: .max)
  ) throws(StoreError) {
    try self.init(shape: shape, dtype: dtype, chunkShape: chunkShape, name: name, pool: pool, byteCount: bytes.count) {
      layout, buffer in bytes.withUnsafeBytes { layout.scatter($0, into: buffer) }
    }
  }

  private convenience init(
    shape: [Int], dtype: DType, chunkShape: [Int]?, name: String, pool: BufferPool, byteCount: Int,
    scatter: (MemoryLayoutOfChunks, UnsafeMutableRawBufferPointer) -> Void
  ) throws(StoreError) {
    let count = try checkedElementCount(shape, dtype: dtype)
    guard count * dtype.byteCount == byteCount else {
      throw StoreError(
        .invalidArgument,
        "shape \(shapeText(shape)) holds \(count) elements, \(byteCount / dtype.byteCount) were given", path: name)
    }
    let layout = try MemoryLayoutOfChunks(shape: shape, chunkShape: chunkShape, dtype: dtype)
    let buffer = try pool.lease(byteCount: layout.byteCount)
    scatter(layout, buffer.bytes)
    self.init(
      name: name,
      description: DatasetDescription(
        format: .memory, shape: shape, dtype: dtype, grid: layout.grid, storedByteCount: layout.byteCount),
      layout: layout, buffer: buffer)
  }

  /// All elements in C order.
  ///
  /// - Throws: `.unsupportedDType` when `E` is not the array's element type.
  public func elements<E: Element>(as _: E.Type) throws(StoreError) -> [E] {
    guard E.dtype == description.dtype else {
      throw StoreError(
        .unsupportedDType, "elements are \(description.dtype.name), not \(E.dtype.name); ask for the array's own type",
        path: path)
    }
    let count = layout.byteCount / E.dtype.byteCount
    return Array(unsafeUninitializedCapacity: count) { elements, initialized in
      layout.gather(UnsafeRawBufferPointer(buffer.bytes), into: UnsafeMutableRawBufferPointer(elements))
      initialized = count
    }
  }

  /// All elements in C order, as their little-endian bytes.
  package func bytes() -> [UInt8] {
    Array(unsafeUninitializedCapacity: layout.byteCount) { bytes, initialized in
      layout.gather(UnsafeRawBufferPointer(buffer.bytes), into: UnsafeMutableRawBufferPointer(bytes))
      initialized = layout.byteCount
    }
  }

  public func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    .direct([try layout.extent(of: number, path: path)])
  }

  public func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    let (end, overflow) = extent.offset.addingReportingOverflow(extent.byteCount)
    guard extent.file == 0, extent.offset >= 0, extent.byteCount >= 0, !overflow, end <= layout.byteCount else {
      throw StoreError(
        .truncated, "holds \(layout.byteCount) bytes; \(extent.byteCount) were asked for at byte \(extent.offset)",
        path: path)
    }
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: self.buffer.bytes[extent.offset..<end]))
  }
}
