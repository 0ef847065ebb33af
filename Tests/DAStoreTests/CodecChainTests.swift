// Codec chains: which exist, that they give back what they took, and that hostile bytes end in an error.

import DAStore
import Testing

@Suite struct CodecChainTests {
  static let chains = [
    [], ["byteshuffle"], ["bitshuffle"], ["lz4"], ["byteshuffle", "lz4"], ["bitshuffle", "lz4"],
  ]

  @Test(arguments: chains) func namesComeBack(names: [String]) throws {
    #expect(try CodecChain(names: names).names == names)
    #expect(try CodecChain(names: names) == CodecChain(names.compactMap(Codec.init)))
  }

  @Test func unknownNamesAreRefusedByName() {
    let error = #expect(throws: StoreError.self) { try CodecChain(names: ["byteshuffle", "zstd\n"]) }
    #expect(error?.code == .unsupported)
    #expect(
      error?.message == """
        codec "zstd\\n" is not known to this version (known: byteshuffle, bitshuffle, lz4); \
        a newer version may read the file
        """)
  }

  @Test(arguments: [
    ["lz4", "byteshuffle"], ["lz4", "lz4"], ["byteshuffle", "bitshuffle"], ["bitshuffle", "lz4", "lz4"],
  ])
  func impossibleChainsAreRefused(names: [String]) {
    let error = #expect(throws: StoreError.self) { try CodecChain(names: names) }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains(names.joined(separator: ", ")) == true)
  }

  @Test(arguments: chains, DType.allCases) func givesBackWhatItTook(names: [String], dtype: DType) throws {
    let chain = try CodecChain(names: names)
    for count in [0, 1, 2, 7, 8, 9, 33, 260, 1000] {
      for content in Content.allCases {
        let elements = content.bytes(count: count * dtype.byteCount)
        let stored = try encode(chain, elements, dtype.byteCount)
        guard let stored else { continue }
        #expect(stored.count < elements.count)
        #expect(try decode(chain, stored, dtype.byteCount, elements.count) == elements)
      }
    }
  }

  @Test func repetitionShrinksAndNoiseDoesNot() throws {
    let chain = try CodecChain(names: ["byteshuffle", "lz4"])
    let ramp = try #require(try encode(chain, Content.ramp.bytes(count: 8000), 8))
    #expect(ramp.count < 6000)
    let zero = try #require(try encode(chain, Content.zero.bytes(count: 8000), 8))
    #expect(zero.count < 100)
    #expect(try encode(chain, Content.noise.bytes(count: 8000), 8) == nil)
    #expect(try encode(try CodecChain(names: ["byteshuffle"]), Content.zero.bytes(count: 8000), 8) == nil)
  }

  /// Three blocks, of which the one in the middle does not shrink; the last one is ragged.
  @Test(arguments: [["lz4"], ["byteshuffle", "lz4"], ["bitshuffle", "lz4"]])
  func blocksAreIndependentAndMayBeRaw(names: [String]) throws {
    let chain = try CodecChain(names: names)
    let block = 256 << 10
    let elements =
      Content.zero.bytes(count: block) + Content.noise.bytes(count: block) + Content.zero.bytes(count: 1000)
    let stored = try #require(try encode(chain, elements, 4))
    #expect(Array(stored[..<4]) == [0, 0, 4, 0])
    #expect(Array(stored[8..<12]) == [0, 0, 4, 0x80])
    #expect(stored.count < block + 2000)
    #expect(try decode(chain, stored, 4, elements.count) == elements)
  }

  /// The shuffles alone are never written, but read.
  @Test func shuffleAloneIsDecoded() throws {
    #expect(try decode(try CodecChain(names: ["byteshuffle"]), [0, 2, 4, 1, 3, 5], 2, 6) == [0, 1, 2, 3, 4, 5])
    let planes: [UInt8] = [0x55, 0x66, 0x78, 0x80, 0, 0, 0, 0, 0xaa, 0xcc, 0xf0, 0, 0, 0, 0, 0]
    let elements = (0..<8).flatMap { [UInt8($0 + 1), UInt8($0)] }
    #expect(try decode(try CodecChain(names: ["bitshuffle"]), planes, 2, 16) == elements)
    #expect(throws: StoreError.self) { try decode(try CodecChain(names: ["bitshuffle"]), planes, 2, 18) }
    #expect(throws: StoreError.self) { try decode(.none, [1, 2], 1, 3) }
  }

  /// The worked example of Formats/codecs.md.
  @Test func decodesTheExampleOfTheSpecification() throws {
    let low = (0..<40).map { UInt8($0) }
    let stored: [UInt8] =
      [0, 0, 4, 0, 0x34, 0, 0, 0, 0xff, 0x1a] + low + [0, 1, 0, 0x0f, 0x50, 0, 0, 0, 0, 0]
    let chain = try CodecChain(names: ["byteshuffle", "lz4"])
    let elements = low.flatMap { [$0, UInt8(0)] }
    #expect(try decode(chain, stored, 2, 80) == elements)
    #expect(try encode(chain, elements, 2)?.count == 60)
  }

  /// Other writers may choose other block sizes; one that hides a scratch larger than promised is refused.
  @Test func blockSizesOfOtherWriters() throws {
    let chain = try CodecChain(names: ["byteshuffle", "lz4"])
    func stored(blockByteCount: UInt32, words: [UInt32], data: [UInt8]) -> [UInt8] {
      ([blockByteCount] + words).flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } } + data
    }
    // A block of zeros: one literal, a match at distance 1, five last literals.
    func zeros(_ count: Int) -> [UInt8] { [0x1f, 0, 1, 0, UInt8(count - 25), 0x50, 0, 0, 0, 0, 0] }
    let good = stored(blockByteCount: 128, words: [11, 11, 11], data: zeros(128) + zeros(128) + zeros(64))
    #expect(try decode(chain, good, 4, 320) == [UInt8](repeating: 0, count: 320))
    for size: UInt32 in [0, 1, 64, 129, 192, 1 << 20 + 128, 1 << 31, .max] {
      let words: [UInt32] = [11, 11, 11]
      let bad = stored(blockByteCount: size, words: words, data: zeros(128) + zeros(128) + zeros(64))
      let error = #expect(throws: StoreError.self) { try decode(chain, bad, 4, 320) }
      #expect(error?.code == .corrupt)
    }
    for words: [UInt32] in [
      [11, 11, 12], [11, 12, 10], [11, 11, 10], [11, 11, .max], [11, 11 | 1 << 31, 11], [0, 11, 11],
    ] {
      let bad = stored(blockByteCount: 128, words: words, data: zeros(128) + zeros(128) + zeros(64))
      let error = #expect(throws: StoreError.self) { try decode(chain, bad, 4, 320) }
      #expect(error?.code == .corrupt)
    }
  }

  @Test(arguments: chains) func truncatedBytesAreAnError(names: [String]) throws {
    let chain = try CodecChain(names: names)
    let elements = Content.ramp.bytes(count: 600)
    let stored = try encode(chain, elements, 4) ?? elements
    for count in 0..<stored.count {
      let error = #expect(throws: StoreError.self) { try decode(chain, Array(stored[..<count]), 4, elements.count) }
      #expect(error?.code == .corrupt)
    }
    #expect(throws: StoreError.self) { try decode(chain, stored + [0], 4, elements.count) }
    #expect(throws: StoreError.self) { try decode(chain, stored, 4, elements.count - 4) }
    #expect(throws: StoreError.self) { try decode(chain, stored, 4, elements.count + 4) }
  }

  /// A flipped bit decodes to an error or to other elements (the checksum's business), and never writes elsewhere.
  @Test(arguments: [["lz4"], ["byteshuffle", "lz4"], ["bitshuffle", "lz4"]])
  func flippedBitsNeverEscape(names: [String]) throws {
    let chain = try CodecChain(names: names)
    let elements = Content.ramp.bytes(count: 320)
    let stored = try #require(try encode(chain, elements, 4))
    for bit in 0..<stored.count * 8 {
      var flipped = stored
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      do {
        #expect(try decode(chain, flipped, 4, elements.count).count == elements.count)
      } catch {
        #expect((error as? StoreError)?.code == .corrupt)
      }
    }
  }

  @Test func randomBytesNeverEscape() throws {
    let chain = try CodecChain(names: ["bitshuffle", "lz4"])
    var generator = Generator(seed: 20)
    for _ in 0..<300 {
      let size = 8 * Int.random(in: 0...40, using: &generator)
      var stored = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      // Plausible headers reach the block decoder.
      for (index, byte) in ([0, 0, 4, 0, UInt8(clamping: stored.count - 8), 0, 0, 0] as [UInt8]).enumerated()
      where index < stored.count { stored[index] = byte }
      _ = try? decode(chain, stored, 8, size)  // any error is as good as any elements: only a trap fails
    }
  }

  @Test func chunksAboveTheLimitAreRefused() throws {
    let chain = try CodecChain(names: ["lz4"])
    // Addresses only: the limit is checked before a byte is touched.
    let huge = UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: 4096), count: 1 << 30 + 8)
    let empty = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    #expect(throws: StoreError.self) {
      try chain.decode(UnsafeRawBufferPointer(empty), elementByteCount: 8, into: huge, scratch: empty)
    }
    #expect(throws: StoreError.self) {
      try chain.encode(UnsafeRawBufferPointer(huge), elementByteCount: 8, into: huge, scratch: empty)
    }
  }

  @Test func scratchIsBounded() throws {
    let chain = try CodecChain(names: ["byteshuffle", "lz4"])
    #expect(chain.scratchByteCount(for: 100) == 100)
    #expect(chain.scratchByteCount(for: 1 << 30) == 1 << 20)
    #expect(chain.maximumEncodedByteCount(for: 100) == 100)
    #expect(CodecChain.none.scratchByteCount(for: 100) == 0)
    #expect(CodecChain.none.maximumEncodedByteCount(for: 100) == 0)
  }

  // MARK: - Arrays in, arrays out

  /// The stored form, or `nil` for raw; with exactly the memory that the chain asks for.
  private func encode(_ chain: CodecChain, _ elements: [UInt8], _ size: Int) throws -> [UInt8]? {
    var destination = [UInt8](repeating: 0xee, count: chain.maximumEncodedByteCount(for: elements.count))
    var scratch = [UInt8](repeating: 0xee, count: chain.scratchByteCount(for: elements.count))
    let result = try elements.withUnsafeBytes { elements in
      try destination.withUnsafeMutableBytes { destination in
        try scratch.withUnsafeMutableBytes { scratch in
          try chain.encode(elements, elementByteCount: size, into: destination, scratch: scratch)
        }
      }
    }
    switch result {
    case .encoded(let byteCount): return Array(destination[..<byteCount])
    case .raw: return nil
    }
  }

  /// The decoded elements; notices bytes written beside the destination.
  private func decode(_ chain: CodecChain, _ stored: [UInt8], _ size: Int, _ byteCount: Int) throws -> [UInt8] {
    let guardByteCount = 64
    var destination = [UInt8](repeating: 0xee, count: byteCount + 2 * guardByteCount)
    var scratch = [UInt8](repeating: 0xee, count: chain.scratchByteCount(for: byteCount) + guardByteCount)
    defer {
      #expect(destination.prefix(guardByteCount).allSatisfy { $0 == 0xee })
      #expect(destination.suffix(guardByteCount).allSatisfy { $0 == 0xee })
      #expect(scratch.suffix(guardByteCount).allSatisfy { $0 == 0xee })
    }
    try stored.withUnsafeBytes { stored in
      try destination.withUnsafeMutableBytes { destination in
        try scratch.withUnsafeMutableBytes { scratch in
          try chain.decode(
            stored, elementByteCount: size,
            into: UnsafeMutableRawBufferPointer(rebasing: destination[guardByteCount..<guardByteCount + byteCount]),
            scratch: UnsafeMutableRawBufferPointer(rebasing: scratch[..<(scratch.count - guardByteCount)]))
        }
      }
    }
    return Array(destination[guardByteCount..<guardByteCount + byteCount])
  }
}

/// Kinds of bytes that codecs meet.
enum Content: CaseIterable {
  case zero, ramp, noise

  func bytes(count: Int) -> [UInt8] {
    switch self {
    case .zero: return [UInt8](repeating: 0, count: count)
    case .ramp: return (0..<count).map { $0 % 4 == 0 ? UInt8(truncatingIfNeeded: $0 / 16) : UInt8($0 % 4) }
    case .noise:
      var generator = Generator(seed: 7)
      return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 24) }
    }
  }
}

/// SplitMix64: the same numbers from the same seed.
struct Generator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    return word ^ word >> 31
  }
}
