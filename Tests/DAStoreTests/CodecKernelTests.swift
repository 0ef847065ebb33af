// Shuffles, checksum and the test for constants: against their definitions, on every instruction set.

import DAStore
import Testing

@Suite struct CodecKernelTests {
  /// Formats/codecs.md, section 2, word for word.
  private func byteShuffled(_ elements: [UInt8], size: Int) -> [UInt8] {
    let count = elements.count / size
    return (0..<size).flatMap { byte in (0..<count).map { elements[$0 * size + byte] } }
  }

  /// Formats/codecs.md, section 3, word for word.
  private func bitShuffled(_ elements: [UInt8], size: Int) -> [UInt8] {
    let whole = elements.count / size / 8 * 8
    var stored = [UInt8](repeating: 0, count: whole * size) + elements[(whole * size)...]
    for element in 0..<whole {
      for bit in 0..<8 * size where elements[element * size + bit / 8] >> UInt8(bit % 8) & 1 == 1 {
        stored[bit * (whole / 8) + element / 8] |= 1 << UInt8(element % 8)
      }
    }
    return stored
  }

  @Test(arguments: [Codec.byteShuffle, .bitShuffle], KernelLevel.allCases)
  func shufflesFollowTheirDefinition(codec: Codec, level: KernelLevel) {
    for size in [1, 2, 3, 4, 5, 8, 16, 20] {
      for count in [0, 1, 7, 8, 15, 16, 31, 32, 33, 64, 100, 129, 530] {
        let elements = Content.noise.bytes(count: count * size)
        let expected = codec == .byteShuffle ? byteShuffled(elements, size: size) : bitShuffled(elements, size: size)
        var shuffled = [UInt8](repeating: 0, count: elements.count)
        var back = shuffled
        elements.withUnsafeBytes { elements in
          shuffled.withUnsafeMutableBytes { codec.shuffle(elements, into: $0, elementByteCount: size, level: level) }
        }
        #expect(shuffled == expected, "\(codec) of \(count) elements of \(size) bytes at \(level)")
        shuffled.withUnsafeBytes { shuffled in
          back.withUnsafeMutableBytes { codec.unshuffle(shuffled, into: $0, elementByteCount: size, level: level) }
        }
        #expect(back == elements, "inverse of \(codec) of \(count) elements of \(size) bytes at \(level)")
      }
    }
  }

  /// Bit shuffle goes through tiles of 8 KiB: more than one of them, the last one ragged.
  @Test(arguments: [1, 2, 4, 8, 16, 20, 1024]) func bitShuffleOfSeveralTiles(size: Int) {
    let elements = Content.noise.bytes(count: (8192 / size / 8 * 8 + 11) * size)
    var shuffled = [UInt8](repeating: 0, count: elements.count)
    elements.withUnsafeBytes { elements in
      shuffled.withUnsafeMutableBytes { Codec.bitShuffle.shuffle(elements, into: $0, elementByteCount: size) }
    }
    #expect(shuffled == bitShuffled(elements, size: size))
  }

  /// Memory of files begins anywhere.
  @Test func addressesNeedNoAlignment() {
    let elements = Content.noise.bytes(count: 1 + 8 * 77)
    var shuffled = [UInt8](repeating: 0, count: elements.count + 2)
    elements.withUnsafeBytes { elements in
      shuffled.withUnsafeMutableBytes { shuffled in
        Codec.byteShuffle.shuffle(
          UnsafeRawBufferPointer(rebasing: elements[1...]),
          into: UnsafeMutableRawBufferPointer(rebasing: shuffled[3...]),
          elementByteCount: 8)
      }
    }
    #expect(Array(shuffled[3...]) == byteShuffled(Array(elements[1...]), size: 8))
  }

  @Test(arguments: [1, 2, 4, 8, 16]) func constantsAreRecognised(size: Int) {
    let element = Content.noise.bytes(count: size)
    for count in [0, 1, 2, 3, 9, 100] {
      var bytes = (0..<count).flatMap { _ in element }
      #expect(bytes.withUnsafeBytes { isConstant($0, elementByteCount: size) })
      guard count > 1 else { continue }
      for index in bytes.indices {
        bytes[index] ^= 0x10
        #expect(!bytes.withUnsafeBytes { isConstant($0, elementByteCount: size) })
        bytes[index] ^= 0x10
      }
    }
  }

  /// Published values of XXH3: of nothing, and of the text "abc".
  @Test func checksumIsXXH3() {
    #expect([UInt8]().withUnsafeBytes { Checksum.xxh3($0) } == 0x2d06_8005_38d3_94c2)
    #expect(Array("abc".utf8).withUnsafeBytes { Checksum.xxh3($0) } == 0x78af_5f94_892f_3950)
    let long = Content.ramp.bytes(count: 5000)
    #expect(long.withUnsafeBytes { Checksum.xxh3($0) } == 0xd910_c540_8ac4_07dd)
  }
}
