// A dataset that counts what is read from it: how tests see that sources are read once.

import DAStore
import Synchronization

/// Hands everything on to another dataset; counts bytes read and questions.
final class CountingDataset: ChunkedDataset {
  private let base: any ChunkedDataset
  private let bytes = Atomic<Int>(0)
  private let questions = Atomic<Int>(0)
  private let looks = Atomic<Int>(0)

  init(_ base: any ChunkedDataset) { self.base = base }

  var readByteCount: Int { bytes.load(ordering: .relaxed) }
  /// Calls of ``storage(of:)``.
  var storageCount: Int { questions.load(ordering: .relaxed) }
  /// Calls of ``description``.
  var descriptionCount: Int { looks.load(ordering: .relaxed) }

  var path: String { base.path }
  var description: DatasetDescription {
    looks.wrappingAdd(1, ordering: .relaxed)
    return base.description
  }
  var decodeScratchByteCount: Int { base.decodeScratchByteCount }
  var largestStoredByteCount: Int { base.largestStoredByteCount }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    questions.wrappingAdd(1, ordering: .relaxed)
    return try base.storage(of: number)
  }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try base.read(extent, into: buffer)
    bytes.wrappingAdd(extent.byteCount, ordering: .relaxed)
  }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    try base.decode(number, stored: stored, into: buffer, scratch: scratch)
  }

  func check(_ number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError) { try base.check(number, bytes: bytes) }
}
