// A scratch file as an array to be read.

/// Chunks of a ``ScratchWriter``; every read is compared with the checksum that the writing rank took.
final class ScratchDataset: ChunkedDataset {
  let path: String
  let description: DatasetDescription
  /// By chunk number; `nil` for chunks that were never written, which are zeros.
  let sums: [UInt64?]
  private let file: PositionalFile
  private let slotByteCount: Int

  init(
    _ path: String, _ description: DatasetDescription, _ file: PositionalFile, _ slotByteCount: Int, _ sums: [UInt64?]
  ) {
    self.path = path
    self.description = description
    self.file = file
    self.slotByteCount = slotByteCount
    self.sums = sums
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    guard sums.indices.contains(number) else {
      throw StoreError(.invalidArgument, "there is no chunk \(number) among \(sums.count)", path: path)
    }
    guard sums[number] != nil else { return .constant(description.fillValue) }
    return .direct([StoredExtent(offset: number * slotByteCount, byteCount: description.byteCount(ofChunk: number))])
  }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try file.read(at: extent.offset, into: buffer)
  }

  func check(_ number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError) {
    guard sums.indices.contains(number), sums[number] == Checksum.xxh3(bytes) else {
      throw StoreError(
        .corrupt, "chunk \(number) of its scratch file \(file.path) does not hold what was written to it", path: path)
    }
  }

  func willRead(_ extent: StoredExtent) { file.willRead(at: extent.offset, byteCount: extent.byteCount) }
}
