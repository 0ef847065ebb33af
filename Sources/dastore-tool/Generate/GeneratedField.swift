// A smooth field with noise, computed instead of read: test data of any size from a formula and a seed.

import DAStore

/// A float32 array whose element at an index depends on the shape, the seed and the index alone.
///
/// Along each axis runs a wave of parabolas with a few periods; their product, scaled like a temperature, gets noise
/// from a hash of the element's number and is rounded to 1/64, as instruments round. Only additions, multiplications
/// and integer operations are used, so that every machine computes the same bits.
final class GeneratedField: ChunkedDataset {
  let path: String
  let description: DatasetDescription
  private let seed: UInt64

  /// - Throws: `.invalidArgument` when the shape makes no sense.
  init(shape: [Int], seed: UInt64) throws(StoreError) {
    path = "generated field"
    self.seed = seed
    _ = try checkedElementCount(shape, dtype: .float32)
    let chunkShape = ChunkGrid.slabs(shape, elementByteCount: 4, targetByteCount: 1 << 20)
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: .float32, grid: try ChunkGrid(shape: shape, chunkShape: chunkShape),
      storedByteCount: 0)
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage { .encoded([]) }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    throw StoreError(.internalFault, "a generated field has nothing to read", path: path)
  }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    guard buffer.count == description.byteCount(ofChunk: number) else {
      throw StoreError(.internalFault, "chunk \(number) needs another buffer", path: path)
    }
    let region = description.grid.region(of: number)
    guard !region.isEmpty else { return }
    let elements = buffer.bindMemory(to: Float.self)
    let axes = region.lower.count
    guard axes > 0 else {
      elements[0] = Self.value(wave: 1, noise: Self.hash(0, seed))
      return
    }
    // One table per axis; the innermost axis is the loop, the others count like an odometer.
    let waves = (0..<axes).map { axis in
      (region.lower[axis]..<region.upper[axis]).map { Self.wave($0, of: description.shape[axis], periods: axis + 2) }
    }
    let runLength = region.upper[axes - 1] - region.lower[axes - 1]
    let run = waves[axes - 1]
    var position = Array(region.lower.dropLast())
    var offset = 0
    while true {
      var factor: Float = 1
      var first = 0
      for axis in position.indices {
        factor *= waves[axis][position[axis] - region.lower[axis]]
        first = first * description.shape[axis] + position[axis]
      }
      first = first * description.shape[axes - 1] + region.lower[axes - 1]
      for index in 0..<runLength {
        elements[offset + index] = Self.value(wave: factor * run[index], noise: Self.hash(first &+ index, seed))
      }
      offset += runLength
      var axis = position.count - 1
      while axis >= 0 {
        position[axis] += 1
        if position[axis] < region.upper[axis] { break }
        position[axis] = region.lower[axis]
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// A wave between −1 and 1: parabolas, up and down, `periods` times along the axis.
  private static func wave(_ index: Int, of size: Int, periods: Int) -> Float {
    let phase = Double(index) / Double(size) * Double(periods)
    let part = phase - phase.rounded(.down)
    let half = part < 0.5 ? part * 2 : part * 2 - 1
    let arch = 4 * half * (1 - half)
    return Float(part < 0.5 ? arch : -arch)
  }

  /// 280 ± 25 and noise of ± 0.5, in steps of 1/64.
  @inline(__always)
  private static func value(wave: Float, noise: UInt64) -> Float {
    let unit = Float(UInt32(truncatingIfNeeded: noise >> 40)) * 0x1p-24 - 0.5
    let steps = (280 + 25 * wave + unit) * 64
    return steps.rounded(.toNearestOrEven) * 0x1p-6
  }

  /// SplitMix64's finaliser of a counter: every bit of the result depends on every bit of the number and the seed.
  @inline(__always)
  private static func hash(_ number: Int, _ seed: UInt64) -> UInt64 {
    var word = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 &+ seed
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
