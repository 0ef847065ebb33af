// An array of any type in plain memory: what golden files are expected to hold, computed without the code under test.

import MessagePassing

@testable import DAStore

struct GoldenArray: Equatable {
  var shape: [Int]
  let dtype: DType
  /// In C order, little-endian.
  var bytes: [UInt8]

  init(shape: [Int], filledWith value: ElementValue) {
    self.shape = shape
    dtype = value.dtype
    bytes = (0..<shape.reduce(1, *)).flatMap { _ in value.bytes }
  }

  /// The bytes of a region.
  subscript(region: Region) -> [UInt8] {
    get { offsets(of: region).flatMap { bytes[$0..<$0 + dtype.byteCount] } }
    set {
      for (index, offset) in offsets(of: region).enumerated() {
        let start = index * dtype.byteCount
        bytes.replaceSubrange(offset..<offset + dtype.byteCount, with: newValue[start..<start + dtype.byteCount])
      }
    }
  }

  /// Where the elements of a region begin, in C order.
  private func offsets(of region: Region) -> [Int] {
    var numbers = [0]
    for axis in shape.indices {
      numbers = numbers.flatMap { number in (region.lower[axis]..<region.upper[axis]).map { number * shape[axis] + $0 }
      }
    }
    return numbers.map { $0 * dtype.byteCount }
  }

  /// The same elements where both shapes have them, `value` elsewhere.
  func resized(to newShape: [Int], fill value: ElementValue) -> GoldenArray {
    var result = GoldenArray(shape: newShape, filledWith: value)
    let common = Region(lower: shape.map { _ in 0 }, upper: zip(shape, newShape).map { min($0, $1) })
    result[common] = self[common]
    return result
  }

  /// The array as a `.npy` file.
  func npy() throws -> [UInt8] { try NpyHeader(shape: shape, dtype: dtype).encoded() + bytes }

  func digest() throws -> String {
    var digest = try ContentDigest(shape: shape, dtype: dtype)
    bytes.withUnsafeBytes { digest.add(region: Region(shape: shape), bytes: $0) }
    return try digest.finish()
  }

  /// Everything that a file holds, by this package's reader.
  init(reading dataset: Dnpy2Dataset) throws {
    let description = dataset.description
    self.init(shape: description.shape, filledWith: ElementValue(zero: description.dtype))
    for number in 0..<description.grid.chunkCount {
      self[description.grid.region(of: number)] = try dataset.loadedBytes(ofChunk: number)
    }
  }
}
