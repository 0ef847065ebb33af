// The chunks that a chunk of a derived dataset is made from, one after the other as they were read.

import DAStore

/// Hands out decoded chunks of datasets, whose stored bytes follow one another.
struct SourceChunks {
  private let stored: UnsafeRawBufferPointer
  private let scratch: UnsafeMutableRawBufferPointer
  /// Stored bytes of the chunks so far.
  private(set) var used = 0

  private static let alignment = 64

  /// - Parameters:
  ///   - stored: The bytes of all extents, in the order in which chunks will be asked for.
  ///   - scratch: At least ``scratchByteCount(_:)`` bytes for each dataset; every chunk overwrites the one before.
  init(stored: UnsafeRawBufferPointer, scratch: UnsafeMutableRawBufferPointer) {
    self.stored = stored
    self.scratch = scratch
  }

  /// Room for a decoded chunk, what is aligned around it, and the dataset's own scratch.
  static func scratchByteCount(_ dataset: any ChunkedDataset) -> Int {
    [dataset.description.largestChunkByteCount, 2 * alignment, dataset.decodeScratchByteCount].reduce(0, saturatingSum)
  }

  /// The elements of the next chunk; `nil` for an empty one.
  mutating func next(_ number: Int, of dataset: any ChunkedDataset) throws(StoreError) -> UnsafeRawPointer? {
    guard let start = scratch.baseAddress else { return nil }
    let byteCount = dataset.description.byteCount(ofChunk: number)
    let place = start.alignedUp(toMultipleOf: Self.alignment)
    let decoded = UnsafeMutableRawBufferPointer(start: place, count: byteCount)
    switch try dataset.storage(of: number) {
    case .constant(let value):
      value.fill(decoded)
    case .direct(let extents):
      let bytes = try take(extents)
      guard bytes.count == byteCount else {
        throw StoreError(
          .corrupt, "chunk \(number) is stored in \(bytes.count) bytes, expected \(byteCount)", path: dataset.path)
      }
      try dataset.check(number, bytes: bytes)
      return bytes.baseAddress
    case .encoded(let extents):
      let bytes = try take(extents)
      let rest = (place + byteCount).alignedUp(toMultipleOf: Self.alignment)
      try dataset.decode(
        number, stored: bytes, into: decoded,
        scratch: UnsafeMutableRawBufferPointer(start: rest, count: start + scratch.count - rest))
    }
    return UnsafeRawPointer(place)
  }

  private mutating func take(_ extents: [StoredExtent]) throws(StoreError) -> UnsafeRawBufferPointer {
    let byteCount = extents.reduce(0) { $0 + $1.byteCount }
    guard byteCount >= 0, byteCount <= stored.count - used else {
      throw StoreError(.internalFault, "got \(stored.count) stored bytes, too few")
    }
    defer { used += byteCount }
    return UnsafeRawBufferPointer(rebasing: stored[used..<used + byteCount])
  }
}
