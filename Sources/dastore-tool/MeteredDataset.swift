// A dataset that counts what is read from it; commands report it as `read_bytes`.

import DAStore
import Synchronization

/// Hands everything on to another dataset and adds up the bytes of what is read.
final class MeteredDataset: ChunkedDataset {
  private let base: any ChunkedDataset
  private let count = Atomic<Int>(0)

  init(_ base: any ChunkedDataset) { self.base = base }

  /// Bytes read so far by this rank.
  var readByteCount: Int { count.load(ordering: .relaxed) }

  var path: String { base.path }
  var description: DatasetDescription { base.description }
  var decodeScratchByteCount: Int { base.decodeScratchByteCount }
  var largestStoredByteCount: Int { base.largestStoredByteCount }
  var fileNumberBound: Int { base.fileNumberBound }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage { try base.storage(of: number) }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try base.read(extent, into: buffer)
    count.wrappingAdd(extent.byteCount, ordering: .relaxed)
  }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    try base.decode(number, stored: stored, into: buffer, scratch: scratch)
  }

  func check(_ number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError) { try base.check(number, bytes: bytes) }
  func willRead(_ extent: StoredExtent) { base.willRead(extent) }
  func finishReading() throws(StoreError) { try base.finishReading() }
}
