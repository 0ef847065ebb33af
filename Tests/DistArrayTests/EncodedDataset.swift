// A back end with encoded and constant chunks for tests: every stored byte is inverted.

import DAStore

final class EncodedDataset: ChunkedDataset {
  private let inner: MemoryDataset
  /// The chunk whose decoding fails, if one shall.
  private let damagedChunk: Int?

  init(_ inner: MemoryDataset, damagedChunk: Int? = nil) {
    self.inner = inner
    self.damagedChunk = damagedChunk
  }

  var path: String { inner.path }
  var description: DatasetDescription {
    var facts = inner.description
    facts.format = .dnpy2
    return facts
  }
  var largestStoredByteCount: Int { description.largestChunkByteCount }
  var decodeScratchByteCount: Int { 16 }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    guard case .direct(let extents) = try inner.storage(of: number) else {
      throw StoreError(.internalFault, "memory is direct", path: path)
    }
    let byteCount = description.byteCount(ofChunk: number)
    let bytes = try AlignedBuffer(byteCount: byteCount)
    try inner.readChunk(number, into: bytes.bytes, pool: BufferPool(budget: 1 << 20))
    let size = description.dtype.byteCount
    let first = ElementValue(dtype: description.dtype, littleEndian: UnsafeRawBufferPointer(bytes.bytes))
    let isConstant = stride(from: 0, to: byteCount, by: size).allSatisfy {
      ElementValue(dtype: description.dtype, littleEndian: UnsafeRawBufferPointer(rebasing: bytes.bytes[$0...])) == first
    }
    return isConstant && number != damagedChunk ? .constant(first) : .encoded(extents)
  }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try inner.read(extent, into: buffer)
    for index in buffer.indices { buffer[index] = ~buffer[index] }
  }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    guard number != damagedChunk else { throw StoreError(.corrupt, "chunk \(number) is damaged", path: path) }
    guard stored.count == buffer.count, scratch.count >= 16 else {
      throw StoreError(.internalFault, "wrong buffers", path: path)
    }
    for index in buffer.indices { buffer[index] = ~stored[index] }
  }
}
