// The content digest: equal to the reference in Formats/digest.md, and blind to chunks, order and ranks.

import DAStore
import Foundation
import Testing

@Suite struct DigestTests {
  struct Example: Decodable, Sendable {
    var dtype: String
    var shape: [Int]
    var digest: String
  }

  /// Written by Formats/examples/make_digest_examples.py.
  static let examples: [Example] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appendingPathComponent("Formats/examples/digest_examples.json")
    guard let data = try? Data(contentsOf: file) else { return [] }
    return (try? JSONDecoder().decode([Example].self, from: data)) ?? []
  }()

  /// The bytes of the examples.
  private func exampleBytes(_ dtype: DType, _ shape: [Int]) -> [UInt8] {
    (0..<Region(shape: shape).elementCount * dtype.byteCount).map {
      UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 16) & (dtype == .bool ? 1 : 255)
    }
  }

  private func part(_ bytes: [UInt8], of shape: [Int], _ dtype: DType, region: Region) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: region.elementCount * dtype.byteCount)
    let strides = rowMajorStrides(shape, elementByteCount: dtype.byteCount)
    let offset = zip(region.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }
    guard !result.isEmpty else { return [] }
    bytes.withUnsafeBytes { source in
      result.withUnsafeMutableBytes { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        copyBox(
          shape: region.shape, elementByteCount: dtype.byteCount, from: from + offset, sourceStrides: strides, to: to,
          destinationStrides: rowMajorStrides(region.shape, elementByteCount: dtype.byteCount))
      }
    }
    return result
  }

  @Test func everyTypeHasAnExample() {
    #expect(Set(Self.examples.map(\.dtype)) == Set(DType.allCases.map(\.numpyString)))
    #expect(Self.examples.count == 25)
  }

  @Test(arguments: examples, KernelLevel.allCases) func equalsTheReference(example: Example, level: KernelLevel) throws
  {
    let dtype = try #require(DType.parse(example.dtype)?.dtype)
    var digest = try ContentDigest(shape: example.shape, dtype: dtype)
    exampleBytes(dtype, example.shape).withUnsafeBytes {
      digest.add(region: Region(shape: example.shape), bytes: $0, level: level)
    }
    #expect(try digest.finish() == example.digest)
  }

  /// Any chunk grid, chunks in any order, on any number of ranks.
  @Test(arguments: 1...12) func blindToChunksOrderAndRanks(seed: UInt64) throws {
    var generator = Generator(seed: seed)
    for _ in 0..<6 {
      let dtype = try #require(DType.allCases.randomElement(using: &generator))
      let shape = (0..<Int.random(in: 0...4, using: &generator)).map { _ in Int.random(in: 1...7, using: &generator) }
      let bytes = exampleBytes(dtype, shape)
      var whole = try ContentDigest(shape: shape, dtype: dtype)
      bytes.withUnsafeBytes { whole.add(region: Region(shape: shape), bytes: $0) }

      let grid = try ChunkGrid(shape: shape, chunkShape: shape.map { Int.random(in: 1...$0, using: &generator) })
      let rankCount = Int.random(in: 1...3, using: &generator)
      var ranks = try (0..<rankCount).map { _ in try ContentDigest(shape: shape, dtype: dtype) }
      for number in (0..<grid.chunkCount).shuffled(using: &generator) {
        let region = grid.region(of: number)
        part(bytes, of: shape, dtype, region: region).withUnsafeBytes {
          ranks[number % rankCount].add(region: region, bytes: $0)
        }
      }
      var merged = ranks[0]
      for rank in ranks.dropFirst() { merged.merge(rank) }
      #expect(merged == whole, "seed \(seed), \(dtype) \(shape) in chunks of \(grid.chunkShape)")

      let sums = (0..<5).map { word in ranks.reduce(0) { $0 &+ $1.summands[word] } }
      let reduced = try ContentDigest(shape: shape, dtype: dtype, summands: sums)
      #expect(try reduced.finish() == whole.finish(), "seed \(seed), all-reduced")
    }
  }

  /// Runs longer than the kernel's block of 512 words, cut anywhere.
  @Test(arguments: [DType.uint8, .int16, .float32, .float64]) func longRunsMayBeCutAnywhere(dtype: DType) throws {
    let count = 1700
    let bytes = exampleBytes(dtype, [count])
    var whole = try ContentDigest(shape: [count], dtype: dtype)
    bytes.withUnsafeBytes { whole.add(region: Region(shape: [count]), bytes: $0) }
    for cut in [1, 7, 8, 255, 511, 512, 513, 1024, 1699] {
      var digest = try ContentDigest(shape: [count], dtype: dtype)
      bytes.withUnsafeBytes {
        let middle = cut * dtype.byteCount
        digest.add(region: Region(lower: [cut], upper: [count]), bytes: UnsafeRawBufferPointer(rebasing: $0[middle...]))
        digest.add(region: Region(lower: [0], upper: [cut]), bytes: UnsafeRawBufferPointer(rebasing: $0[..<middle]))
      }
      #expect(digest == whole, "cut at \(cut)")
    }
  }

  @Test(arguments: KernelLevel.allCases) func largestWordsDoNotOverflow(level: KernelLevel) throws {
    for dtype in [DType.uint8, .uint16, .uint32, .uint64] {
      let shape = [3, 700]
      let bytes = [UInt8](repeating: 255, count: 2100 * dtype.byteCount)
      var added = try ContentDigest(shape: shape, dtype: dtype)
      bytes.withUnsafeBytes { added.add(region: Region(shape: shape), bytes: $0, level: level) }
      var repeated = try ContentDigest(shape: shape, dtype: dtype)
      let value = bytes.withUnsafeBytes { ElementValue(dtype: dtype, littleEndian: $0) }
      repeated.add(region: Region(shape: shape), repeating: value)
      #expect(added == repeated)
    }
  }

  @Test(arguments: DType.allCases) func constantRegionsHaveAClosedForm(dtype: DType) throws {
    let value = exampleBytes(dtype, [3]).withUnsafeBytes {
      ElementValue(dtype: dtype, littleEndian: UnsafeRawBufferPointer(rebasing: $0[dtype.byteCount...]))
    }
    let shape = [4, 6, 5]
    for region in [
      Region(shape: shape), Region(lower: [1, 2, 3], upper: [3, 5, 5]), Region(lower: [3, 0, 0], upper: [4, 6, 1]),
      Region(lower: [2, 2, 2], upper: [2, 5, 5]),
    ] {
      let bytes = (0..<region.elementCount).flatMap { _ in value.bytes }
      var added = try ContentDigest(shape: shape, dtype: dtype)
      bytes.withUnsafeBytes { added.add(region: region, bytes: $0) }
      var repeated = try ContentDigest(shape: shape, dtype: dtype)
      repeated.add(region: region, repeating: value)
      #expect(added == repeated)
    }
  }

  /// Shapes near the limit of 2^62 bytes: no product may trap.
  @Test func hugeConstantArraysAreInstant() throws {
    let shape = [1 << 30, 1 << 29]
    var digest = try ContentDigest(shape: shape, dtype: .float64)
    digest.add(region: Region(shape: shape), repeating: ElementValue(1.5))
    var halves = try ContentDigest(shape: shape, dtype: .float64)
    halves.add(region: Region(lower: [0, 12345], upper: shape), repeating: ElementValue(1.5))
    halves.add(region: Region(lower: [0, 0], upper: [1 << 30, 12345]), repeating: ElementValue(1.5))
    #expect(try digest.finish() == halves.finish())
    #expect(throws: StoreError.self) { try ContentDigest(shape: [1 << 40, 1 << 40], dtype: .int8) }
  }

  @Test func anyChangedBitOrMovedElementShows() throws {
    let bytes = exampleBytes(.int16, [2, 3])
    func digest(_ bytes: [UInt8], _ shape: [Int] = [2, 3], _ dtype: DType = .int16) throws -> String {
      var digest = try ContentDigest(shape: shape, dtype: dtype)
      bytes.withUnsafeBytes { digest.add(region: Region(shape: shape), bytes: $0) }
      return try digest.finish()
    }
    var seen: Set = [
      try digest(bytes), try digest(bytes, [3, 2]), try digest(bytes, [6]), try digest(bytes, [2, 3], .uint16),
    ]
    for bit in 0..<bytes.count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      seen.insert(try digest(changed))
    }
    seen.insert(try digest(Array(bytes[2...] + bytes[..<2])))
    #expect(seen.count == 4 + 96 + 1)
  }

  @Test func missingAndRepeatedElementsAreNoticed() throws {
    var digest = try ContentDigest(shape: [2], dtype: .int8)
    digest.add(region: Region(lower: [0], upper: [1]), repeating: ElementValue(Int8(3)))
    let error = #expect(throws: StoreError.self) { try digest.finish() }
    #expect(error?.message == "a digest of 1 elements, expected the 2 of (2,)")
    digest.add(region: Region(shape: [2]), repeating: ElementValue(Int8(3)))
    #expect(throws: StoreError.self) { try digest.finish() }
  }

  /// Empty parts at the far corner, and more elements than a word can count: nothing traps.
  @Test func extremePartsDoNotTrap() throws {
    let shape = [1, 1, 1, 1 << 62]
    var digest = try ContentDigest(shape: shape, dtype: .uint8)
    digest.add(region: Region(lower: shape, upper: shape), repeating: ElementValue(UInt8(1)))
    for _ in 0..<4 { digest.add(region: Region(shape: shape), repeating: ElementValue(UInt8(1))) }
    let twice = digest
    digest.merge(twice)
    #expect(throws: StoreError.self) { try digest.finish() }
  }
}
