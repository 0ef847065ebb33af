// The fingerprint of an array's content: the same for every chunk grid, codec, distribution and file format.

import CKernels
import CXXHash

/// Sums that grow by any parts of an array in any order, and the text made of them in the end.
///
/// Pure and local. Every element must be added exactly once, in parts of any shape, by any number of ranks whose
/// digests are merged.
/// Source: Formats/digest.md.
package struct ContentDigest: Sendable, Equatable {
  package let shape: [Int]
  package let dtype: DType
  private let elementCount: Int
  /// Words from an element to its successor on each axis.
  private let wordStrides: [Int]
  private var sums = [UInt64](repeating: 0, count: 2)
  // Wraps instead of trapping: a count that is wrong is reported by finish().
  private var addedElementCount: UInt64 = 0

  private static let bases = [ckernels_digest_base_0, ckernels_digest_base_1]

  /// - Throws: `.invalidArgument` for a shape that no array can have.
  package init(shape: [Int], dtype: DType) throws(StoreError) {
    elementCount = try checkedElementCount(shape, dtype: dtype)
    self.shape = shape
    self.dtype = dtype
    wordStrides = rowMajorStrides(shape, elementByteCount: Self.wordsPerElement(dtype))
  }

  /// Elements of up to 4 bytes are one word; larger ones are cut into words of 4 bytes.
  private static func wordsPerElement(_ dtype: DType) -> Int { max(dtype.byteCount / 4, 1) }

  /// Adds the elements of a region.
  ///
  /// - Parameters:
  ///   - region: Part of the array.
  ///   - bytes: Its elements: dense, C order, little-endian, bit patterns as stored.
  /// - Complexity: one pass; two multiplications modulo 2^61 - 1 per contiguous row and base.
  package mutating func add(region: Region, bytes: UnsafeRawBufferPointer, level: KernelLevel = .best) {
    check(region)
    precondition(bytes.count == region.elementCount * dtype.byteCount, "the bytes of the region's elements")
    addedElementCount &+= UInt64(region.elementCount)
    guard let start = bytes.baseAddress, !region.isEmpty else { return }
    // Whole trailing axes make one row with the axis before them; the axis before that counts the rows of one call.
    let extents = region.shape
    var rowAxis = max(shape.count - 1, 0)
    while rowAxis > 0, extents[rowAxis] == shape[rowAxis] { rowAxis -= 1 }
    let rowByteCount = extents[rowAxis...].reduce(dtype.byteCount, *)
    let wordByteCount = min(dtype.byteCount, 4)
    let outerAxisCount = max(rowAxis - 1, 0)
    let rowCount = rowAxis > 0 ? extents[rowAxis - 1] : 1
    let rowStep = weight(atWord: rowAxis > 0 ? wordStrides[rowAxis - 1] : 0)

    var total = ckernels_digest_pair(base_0: sums[0], base_1: sums[1])
    let steps = (0..<outerAxisCount).map { weight(atWord: wordStrides[$0]) }
    // At index a: the weight of the current rows' first word, counting only the positions on axes before a.
    var weights = Array(repeating: weight(atWord: firstWord(of: region)), count: outerAxisCount + 1)
    var position = Array(repeating: 0, count: outerAxisCount)
    for offset in stride(from: 0, to: bytes.count, by: rowCount * rowByteCount) {
      ckernels_digest_add(
        &total, weights[outerAxisCount], rowStep, start + offset, rowCount, rowByteCount / wordByteCount,
        Int32(wordByteCount), level.rawValue)
      guard let axis = position.indices.last(where: { position[$0] + 1 < extents[$0] }) else { break }
      position[axis] += 1
      let next = product(weights[axis + 1], steps[axis])
      for deeper in axis..<outerAxisCount { weights[deeper + 1] = next }
      for deeper in axis + 1..<outerAxisCount { position[deeper] = 0 }
    }
    sums = [total.base_0, total.base_1]
  }

  /// Adds a region whose elements all equal `value`, without its elements.
  ///
  /// - Complexity: O(axes · log(extent)), whatever the region's size.
  package mutating func add(region: Region, repeating value: ElementValue) {
    check(region)
    precondition(value.dtype == dtype, "a value of the array's type")
    addedElementCount &+= UInt64(region.elementCount)
    guard !region.isEmpty else { return }
    let wordByteCount = min(dtype.byteCount, 4)
    let bytes = value.bytes
    for (index, base) in Self.bases.enumerated() {
      var sum: UInt64 = 0
      for word in (0..<Self.wordsPerElement(dtype)).reversed() {
        let bits = (0..<wordByteCount).reduce(0) { $0 | UInt64(bytes[word * wordByteCount + $1]) << UInt64(8 * $1) }
        sum = Mersenne61.add(Mersenne61.multiply(sum, base), bits)
      }
      sum = Mersenne61.multiply(sum, Mersenne61.power(base, firstWord(of: region)))
      for (axis, extent) in region.shape.enumerated() {
        let ratio = Mersenne61.power(base, wordStrides[axis])
        sum = Mersenne61.multiply(sum, Mersenne61.geometricSum(ratio, count: extent))
      }
      sums[index] = Mersenne61.add(sums[index], sum)
    }
  }

  /// Adds what another digest of the same array has collected: other parts, perhaps on another rank.
  package mutating func merge(_ other: ContentDigest) {
    precondition(other.shape == shape && other.dtype == dtype, "digests of one array")
    for index in sums.indices { sums[index] = Mersenne61.add(sums[index], other.sums[index]) }
    addedElementCount &+= other.addedElementCount
  }

  private func check(_ region: Region) {
    precondition(region.dimensionCount == shape.count && Region(shape: shape).contains(region), "a part of the array")
  }

  private func firstWord(of region: Region) -> Int { zip(region.lower, wordStrides).reduce(0) { $0 + $1.0 * $1.1 } }

  private func weight(atWord index: Int) -> ckernels_digest_pair {
    ckernels_digest_pair(
      base_0: Mersenne61.power(Self.bases[0], index), base_1: Mersenne61.power(Self.bases[1], index))
  }

  private func product(_ a: ckernels_digest_pair, _ b: ckernels_digest_pair) -> ckernels_digest_pair {
    ckernels_digest_pair(
      base_0: Mersenne61.multiply(a.base_0, b.base_0), base_1: Mersenne61.multiply(a.base_1, b.base_1))
  }
}

extension ContentDigest {
  /// Words for an all-reduce: added word by word over fewer than 2^32 ranks, they give those of the merged digest.
  package var summands: [UInt64] {
    sums.flatMap { [$0 & 0xffff_ffff, $0 >> 32] } + [addedElementCount]
  }

  /// The digest of an array from its summands, added over ranks.
  ///
  /// - Throws: `.invalidArgument` for a shape that no array can have.
  package init(shape: [Int], dtype: DType, summands: [UInt64]) throws(StoreError) {
    precondition(summands.count == 5, "the words that `summands` gave")
    try self.init(shape: shape, dtype: dtype)
    for index in sums.indices {
      // The upper parts count units of 2^32; both parts stay below 2^64 for fewer than 2^32 ranks.
      let high = Mersenne61.multiply(summands[2 * index + 1] % Mersenne61.prime, 1 << 32)
      sums[index] = Mersenne61.add(summands[2 * index] % Mersenne61.prime, high)
    }
    addedElementCount = summands[4]
  }

  /// The digest as people compare it: `dd1:` and 32 hexadecimal digits.
  ///
  /// - Throws: `.internalFault` when not every element has been added once: such a digest would mean nothing.
  package func finish() throws(StoreError) -> String {
    guard addedElementCount == UInt64(elementCount) else {
      throw StoreError(
        .internalFault, "a digest of \(addedElementCount) elements, expected the \(elementCount) of \(shapeText(shape))"
      )
    }
    let text = Array(canonicalText.utf8)
    let hash = text.withUnsafeBytes { XXH3_128bits($0.baseAddress, $0.count) }
    return "dd1:" + hexadecimal(hash.high64) + hexadecimal(hash.low64)
  }

  /// What is hashed in the end: `dd1|<f8|3,4|sum 0|sum 1`.
  private var canonicalText: String {
    let sizes = shape.map(String.init).joined(separator: ",")
    return "dd1|\(dtype.numpyString)|\(sizes)|\(hexadecimal(sums[0]))|\(hexadecimal(sums[1]))"
  }

  private func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
