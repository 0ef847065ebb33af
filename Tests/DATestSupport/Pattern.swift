// Array contents that can be computed at any place: what tests write and expect to read back.

import DAStore

/// Elements that depend on a seed and the element's row-major number only.
public struct Pattern: Sendable {
  public var seed: UInt64
  public init(seed: UInt64) { self.seed = seed }

  /// The little-endian bytes of the elements of `region`, in C order, of an array of this shape.
  public func bytes(_ region: Region, of shape: [Int], _ dtype: DType) -> [UInt8] {
    let strides = rowMajorStrides(shape, elementByteCount: 1)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(region.elementCount * dtype.byteCount)
    var position = region.lower
    for _ in 0..<region.elementCount {
      let element = zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 }
      append(element, dtype, &bytes)
      for axis in position.indices.reversed() {
        position[axis] += 1
        if position[axis] < region.upper[axis] { break }
        position[axis] = region.lower[axis]
      }
    }
    return bytes
  }

  /// The elements of a whole array, in C order.
  public func bytes(_ shape: [Int], _ dtype: DType) -> [UInt8] { bytes(Region(shape: shape), of: shape, dtype) }

  private func append(_ element: Int, _ dtype: DType, _ bytes: inout [UInt8]) {
    for byte in 0..<dtype.byteCount {
      let word = SeededRandom.mixed(seed &+ UInt64(element) &* 16 &+ UInt64(byte) &+ 1)
      bytes.append(dtype == .bool ? UInt8(word & 1) : UInt8(truncatingIfNeeded: word))
    }
  }
}

extension ChunkedDataset {
  /// A chunk's decoded bytes, read without a cache.
  public func loadedBytes(ofChunk number: Int) throws(StoreError) -> [UInt8] {
    let byteCount = description.byteCount(ofChunk: number)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    defer { bytes.deallocate() }
    func stored(_ extents: [StoredExtent]) throws(StoreError) -> [UInt8] {
      var stored: [UInt8] = []
      for extent in extents {
        let part = UnsafeMutableRawBufferPointer.allocate(byteCount: extent.byteCount, alignment: 64)
        defer { part.deallocate() }
        try read(extent, into: part)
        stored += part
      }
      return stored
    }
    switch try storage(of: number) {
    case .constant(let value): value.fill(bytes)
    case .direct(let extents):
      bytes.copyBytes(from: try stored(extents))
      try check(number, bytes: UnsafeRawBufferPointer(bytes))
    case .encoded(let extents):
      let input = UnsafeMutableRawBufferPointer.allocate(byteCount: largestStoredByteCount, alignment: 64)
      let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: decodeScratchByteCount, alignment: 64)
      defer {
        input.deallocate()
        scratch.deallocate()
      }
      let encoded = try stored(extents)
      guard encoded.count <= input.count else {
        throw StoreError(.internalFault, "chunk \(number) is stored in more than largestStoredByteCount", path: path)
      }
      input.copyBytes(from: encoded)
      try decode(
        number, stored: UnsafeRawBufferPointer(rebasing: input[..<encoded.count]), into: bytes, scratch: scratch)
    }
    return Array(bytes)
  }
}
