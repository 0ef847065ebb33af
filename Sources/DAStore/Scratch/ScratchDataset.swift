// Scratch files as an array to be read.

/// Chunks of a ``ScratchWriter``; every read is compared with the checksum that the writing rank took.
final class ScratchDataset: ChunkedDataset {
  let path: String
  let description: DatasetDescription
  /// By chunk number; `nil` for chunks that were never written, which are zeros.
  let table: [Entry?]
  private let files: [PositionalFile]
  private let slotByteCount: Int

  /// What is known of a chunk that was written.
  struct Entry {
    var sum: UInt64
    var file: UInt32
  }

  init(
    _ path: String, _ description: DatasetDescription, _ files: [PositionalFile], _ slotByteCount: Int,
    _ table: [Entry?]
  ) {
    self.path = path
    self.description = description
    self.files = files
    self.slotByteCount = slotByteCount
    self.table = table
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    guard table.indices.contains(number) else {
      throw StoreError(.invalidArgument, "there is no chunk \(number) among \(table.count)", path: path)
    }
    guard let entry = table[number] else { return .constant(description.fillValue) }
    return .direct([
      StoredExtent(
        file: Int(entry.file), offset: number * slotByteCount, byteCount: description.byteCount(ofChunk: number))
    ])
  }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    guard files.indices.contains(extent.file) else {
      throw StoreError(.internalFault, "there is no scratch file \(extent.file)", path: path)
    }
    try files[extent.file].read(at: extent.offset, into: buffer)
  }

  func check(_ number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError) {
    guard table.indices.contains(number), table[number]?.sum == Checksum.xxh3(bytes) else {
      throw StoreError(
        .corrupt, "chunk \(number) of its scratch file does not hold what was written to it; is the disk failing?",
        path: path)
    }
  }

  var fileNumberBound: Int { files.count }

  func willRead(_ extent: StoredExtent) {
    guard files.indices.contains(extent.file) else { return }
    files[extent.file].willRead(at: extent.offset, byteCount: extent.byteCount)
  }
}
