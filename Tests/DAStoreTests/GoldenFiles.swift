// The golden `.dnpy` 2 files: each codec chain, element type, kind of chunk and shape of index once.

import MessagePassing

@testable import DAStore

extension GoldenFile {
  static let all = chains + special

  /// Bits without a pattern, for chunks that do not shrink.
  private static func noise(_ number: Int) -> UInt64 {
    xxh3(withUnsafeBytes(of: UInt64(number).littleEndian) { Array($0) })
  }

  private static let chains: [GoldenFile] = [
    GoldenFile(
      name: "chain-none", dtype: .float32, chunkShape: [4, 4], codecs: [],
      generations: [
        Generation(
          shape: [7, 10],
          element: { ElementValue([Float(-0.0), .infinity, .leastNonzeroMagnitude, 1][$0 % 4] * Float($0)) })
      ]),
    GoldenFile(
      name: "chain-byteshuffle", dtype: .int64, chunkShape: [16], codecs: ["byteshuffle"],
      generations: [Generation(shape: [40], element: { ElementValue(Int64($0 - 20) * 1_000_000_007) })]),
    GoldenFile(
      name: "chain-bitshuffle", dtype: .uint32, chunkShape: [3, 5], codecs: ["bitshuffle"],
      generations: [Generation(shape: [6, 5], element: { ElementValue(UInt32($0)) })]),
    GoldenFile(
      name: "chain-lz4", dtype: .uint64, chunkShape: [128], codecs: ["lz4"],
      generations: [Generation(shape: [300], element: { ElementValue(UInt64.max - UInt64($0 / 3)) })]),
    GoldenFile(
      name: "chain-byteshuffle-lz4", dtype: .float64, chunkShape: [8, 16],
      generations: [Generation(shape: [20, 30], element: { ElementValue(Double($0) / 8 - 20) })]),
    GoldenFile(
      name: "chain-bitshuffle-lz4", dtype: .uint16, chunkShape: [167], codecs: ["bitshuffle", "lz4"],
      generations: [Generation(shape: [500], element: { ElementValue(UInt16($0 / 3)) })]),
  ]

  private static let special: [GoldenFile] = [
    GoldenFile(
      name: "small", dtype: .int16, chunkShape: [40], blockAlignment: 4096,
      generations: [
        Generation(
          shape: [100], attributes: ["unit": .string("K")],
          element: { ElementValue([Int16($0), 7, Int16(truncatingIfNeeded: noise($0))][$0 / 40]) })
      ]),
    GoldenFile(
      name: "generations", dtype: .int32, chunkShape: [4, 4], retention: 3,
      generations: [
        Generation(shape: [10, 6], attributes: ["step": .int(1)], element: { ElementValue(Int32($0)) }),
        Generation(
          shape: [10, 6], chunks: [1, 4], attributes: ["step": .int(2)], element: { ElementValue(-Int32($0)) }),
        Generation(
          shape: [7, 11], chunks: [2], attributes: ["step": .int(3)], element: { ElementValue(Int32($0) * 1000) }),
        Generation(
          shape: [13, 11], chunks: [9, 10], attributes: ["step": .int(4)], element: { ElementValue(Int32($0 / 11)) }),
      ]),
    GoldenFile(
      name: "constant-absent", dtype: .float16, chunkShape: [2, 8],
      fillValue: ElementValue(Float16(bitPattern: 0x7e5a)),
      generations: [
        Generation(
          shape: [6, 20], chunks: [0, 1, 4, 5, 8],
          element: { $0 < 40 ? ElementValue(Float16(-0.0)) : ElementValue(Float16(bitPattern: UInt16($0 % 7))) })
      ]),
    GoldenFile(
      name: "attributes", dtype: .bool, chunkShape: [3, 50, 2], dimensionNames: ["zeit", nil, "höhe ↑"],
      generations: [
        Generation(
          shape: [5, 50, 2],
          attributes: [
            "title": .string("Größe — 大きさ — 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \"quoted\" \\ / \t \u{1}"), "": .null, "ключ": .bool(true),
            "numbers": .array([.int(-1), .int(Int.max), .double(0.1), .double(1e300), .double(-2.5e-7)]),
            "nested": .object(["empty": .object([:]), "list": .array([.array([]), .string("")])]),
          ],
          element: { ElementValue(StoredBool($0 % 7 < 3)) })
      ]),
    GoldenFile(
      name: "zero-dimensional", dtype: .complex128, chunkShape: [],
      fillValue: ElementValue(StoredComplex<Double>(1, 2)),
      generations: [Generation(shape: [], element: { _ in ElementValue(StoredComplex<Double>(-0.5, .pi)) })]),
    GoldenFile(
      name: "empty", dtype: .complex64, chunkShape: [2, 3], fillValue: ElementValue(StoredComplex<Float>(3, -4)),
      generations: [Generation(shape: [0, 5], element: { _ in ElementValue(StoredComplex<Float>(0, 0)) })]),
    GoldenFile(
      name: "index-two-levels", dtype: .int8, chunkShape: [3], chunkAlignment: 8,
      generations: [
        Generation(shape: [1000], chunks: Array(100..<334), element: { ElementValue(Int8(truncatingIfNeeded: $0 / 2)) })
      ]),
    GoldenFile(
      name: "index-three-levels", dtype: .uint8, chunkShape: [1], fillValue: ElementValue(UInt8(255)),
      generations: [Generation(shape: [28_901], chunks: [0, 28_900], element: { ElementValue(UInt8($0 % 251)) })]),
  ]
}
