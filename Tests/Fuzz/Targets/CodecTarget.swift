// The target for the codec chain: stored bytes that claim to be a chunk.

import DAStore

extension FuzzTarget {
  private static let chains = [
    [], ["byteshuffle"], ["bitshuffle"], ["lz4"], ["byteshuffle", "lz4"], ["bitshuffle", "lz4"],
  ]
  private static let elementByteCounts = [1, 2, 4, 8, 16]

  /// Input: chain, element size, three bytes for the number of elements, then the stored bytes. What was decoded must
  /// survive being encoded and decoded again.
  static let codecs = FuzzTarget(
    name: "codecs", maximumByteCount: 4096,
    seeds: {
      var seeds: [Seed] = []
      for (number, names) in chains.enumerated() {
        for (sizeNumber, size) in elementByteCounts.enumerated() {
          let count = 50 * (number + 1)
          let elements = (0..<count * size).map { UInt8(truncatingIfNeeded: $0 / 7 * ($0 % size)) }
          let chain = try CodecChain(names: names)
          guard let stored = try chain.isCompressing ? encode(elements, chain, size) : elements else { continue }
          seeds.append(
            Seed(
              name: "\(names.joined(separator: "-"))-\(size)",
              bytes: [UInt8(number), UInt8(sizeNumber), UInt8(count & 0xFF), UInt8(count >> 8), 0] + stored))
        }
      }
      return seeds
    },
    body: { bytes, _ in
      var input = InputReader(bytes)
      let chain = try CodecChain(names: chains[input.number(byteCount: 1) % chains.count])
      let size = elementByteCounts[input.number(byteCount: 1) % elementByteCounts.count]
      let count = input.number(byteCount: 3) % (3 << 16)
      let stored = Array(input.rest)
      let elements = try decode(stored, chain, size, count * size)
      guard let encoded = try encode(elements, chain, size) else { return fingerprint(elements) }
      try require(encoded.count < elements.count, "an encoded chunk that did not shrink")
      try require(
        try decode(encoded, chain, size, elements.count) == elements, "what was encoded is decoded to something else")
      return fingerprint(elements)
    })

  private static func decode(_ stored: [UInt8], _ chain: CodecChain, _ size: Int, _ byteCount: Int) throws -> [UInt8] {
    var elements = [UInt8](repeating: 0x55, count: byteCount)
    var scratch = [UInt8](repeating: 0, count: chain.scratchByteCount(for: byteCount))
    try stored.withUnsafeBytes { stored in
      try elements.withUnsafeMutableBytes { elements in
        try scratch.withUnsafeMutableBytes {
          try chain.decode(stored, elementByteCount: size, into: elements, scratch: $0)
        }
      }
    }
    return elements
  }

  /// The stored form, or `nil` when it would not be smaller.
  private static func encode(_ elements: [UInt8], _ chain: CodecChain, _ size: Int) throws -> [UInt8]? {
    var stored = [UInt8](repeating: 0, count: chain.maximumEncodedByteCount(for: elements.count))
    var scratch = [UInt8](repeating: 0, count: chain.scratchByteCount(for: elements.count))
    let result = try elements.withUnsafeBytes { elements in
      try stored.withUnsafeMutableBytes { stored in
        try scratch.withUnsafeMutableBytes {
          try chain.encode(elements, elementByteCount: size, into: stored, scratch: $0)
        }
      }
    }
    guard case .encoded(let count) = result else { return nil }
    return Array(stored.prefix(count))
  }
}
