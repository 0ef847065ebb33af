// The filters of HDF5 chunks that are decoded here: deflate, shuffle, Fletcher's checksum, LZ4 and bitshuffle.

import CLZ4
import CZlib

/// What a chunk's stored bytes went through.
struct HDF5FilterChain: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    case deflate
    case shuffle(elementByteCount: Int)
    case fletcher32
    case lz4
    /// Blocks of `blockElementCount` elements, each compressed by LZ4, or the shuffle alone.
    case bitshuffle(elementByteCount: Int, blockElementCount: Int, isCompressed: Bool)

    /// What listings call it, parameters left out.
    var name: String {
      switch self {
      case .deflate: "deflate"
      case .shuffle: "byteshuffle"
      case .fletcher32: "fletcher32"
      case .lz4: "lz4"
      case .bitshuffle(_, _, let isCompressed): isCompressed ? "bitshuffle-lz4" : "bitshuffle"
      }
    }
  }

  let steps: [Step]
  let chunkByteCount: Int

  init(steps: [Step], chunkByteCount: Int) {
    self.steps = steps
    self.chunkByteCount = chunkByteCount
  }

  /// - Parameter chunkByteCount: Bytes of a whole chunk.
  /// - Throws: `.unsupported` with the name of a filter that is not decoded here and the plug-in that has it.
  init(_ filters: [HDF5Filter], chunkByteCount: Int) throws(StoreError) {
    var steps: [Step] = []
    for filter in filters { steps.append(try Self.step(filter)) }
    self.steps = steps
    self.chunkByteCount = chunkByteCount
  }

  var names: [String] { steps.map(\.name) }

  /// Filters by the numbers that the HDF Group registered.
  static func name(ofFilter id: Int, stored: String) -> String {
    let known: [Int: String] = [
      1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "n-bit", 6: "scale-offset", 305: "LZO", 307: "bzip2",
      32000: "LZF", 32001: "Blosc", 32004: "LZ4", 32008: "bitshuffle", 32013: "ZFP", 32015: "Zstandard", 32017: "SZ",
      32018: "FCIDECOMP", 32019: "JPEG", 32024: "SZ3", 32026: "Blosc2",
    ]
    return known[id] ?? (stored.isEmpty ? "unknown" : stored)
  }

  private static func step(_ filter: HDF5Filter) throws(StoreError) -> Step {
    func value(_ index: Int) -> Int { index < filter.values.count ? Int(filter.values[index]) : 0 }
    switch filter.id {
    case 1: return .deflate
    case 2:
      guard (1...1024).contains(value(0)) else {
        throw StoreError(.corrupt, "HDF5 shuffle of elements of \(value(0)) bytes")
      }
      return .shuffle(elementByteCount: value(0))
    case 3: return .fletcher32
    case 32004: return .lz4
    case 32008:
      let size = value(2)
      guard (1...1024).contains(size) else {
        throw StoreError(.corrupt, "HDF5 bitshuffle of elements of \(size) bytes")
      }
      guard value(4) == 0 || value(4) == 2 else {
        throw StoreError(
          .unsupported,
          "HDF5 bitshuffle with \(value(4) == 3 ? "Zstandard" : "compressor \(value(4))") is not decoded here; "
            + "rewrite the dataset with bitshuffle and LZ4")
      }
      // Bitshuffle's own choice: about 8 KiB, a multiple of 8 elements.
      let count = value(3) > 0 ? value(3) : max(128, 8192 / size / 8 * 8)
      guard count % 8 == 0 else { throw StoreError(.corrupt, "HDF5 bitshuffle in blocks of \(count) elements") }
      return .bitshuffle(elementByteCount: size, blockElementCount: count, isCompressed: value(4) == 2)
    default:
      let name = name(ofFilter: filter.id, stored: filter.name)
      let wayOut =
        filter.id < 256
        ? "rewrite it with 'h5repack -f GZIP=4'"
        : "rewrite it with h5repack and the plug-in of this number (in Python: import hdf5plugin)"
      throw StoreError(.unsupported, "HDF5 filter \(filter.id) (\(name)) is not decoded here; \(wayOut)")
    }
  }

  // MARK: Decoding

  /// Bytes that anything between two steps may have: what does not shrink grows a little.
  private var betweenByteCount: Int { chunkByteCount + chunkByteCount / 8 + 1024 }
  /// Steps that move bytes from one memory to another.
  private var movingStepCount: Int { steps.count { $0 != .fletcher32 } }
  private var hasBitshuffle: Bool { steps.contains { if case .bitshuffle = $0 { true } else { false } } }

  /// Scratch that decoding one chunk takes: two memories in turn, and a block for bitshuffle.
  var scratchByteCount: Int {
    min(2, max(0, movingStepCount - 1)) * betweenByteCount + (hasBitshuffle ? betweenByteCount : 0)
  }

  /// Undoes the filters of a chunk.
  ///
  /// - Parameters:
  ///   - mask: Bit i: filter i was left out.
  ///   - destination: Exactly the bytes of a whole chunk.
  /// - Throws: `.corrupt`.
  func decode(
    _ stored: UnsafeRawBufferPointer, mask: UInt32, into destination: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    precondition(destination.count == chunkByteCount, "a whole chunk")
    precondition(scratch.count >= scratchByteCount, "scratch as large as scratchByteCount says")
    let applied = steps.indices.filter { mask & (1 << UInt32($0)) == 0 }.map { steps[$0] }
    var moves = applied.count { $0 != .fletcher32 }
    var current = stored
    func memory(_ half: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: scratch[half * betweenByteCount..<(half + 1) * betweenByteCount])
    }
    for step in applied.reversed() {
      if step == .fletcher32 {
        current = try Self.verified(current)
        continue
      }
      moves -= 1
      let output = moves == 0 ? destination : memory(moves % 2 == 1 ? 0 : 1)
      let count: Int
      switch step {
      case .deflate: count = try Self.inflate(current, into: output)
      case .shuffle(let size): count = try Self.unshuffle(current, into: output, elementByteCount: size)
      case .lz4: count = try Self.decodeLZ4(current, into: output)
      case .bitshuffle(let size, let blockElementCount, let isCompressed):
        let block = UnsafeMutableRawBufferPointer(rebasing: scratch[(scratchByteCount - betweenByteCount)...])
        count = try Self.bitUnshuffle(
          current, into: output, elementByteCount: size, blockElementCount: blockElementCount,
          isCompressed: isCompressed,
          block: block)
      case .fletcher32: count = 0
      }
      current = UnsafeRawBufferPointer(rebasing: output[..<count])
    }
    guard current.count == destination.count else {
      throw StoreError(.corrupt, "decodes to \(current.count) bytes, expected \(destination.count)")
    }
    if current.baseAddress != UnsafeRawPointer(destination.baseAddress) { destination.copyMemory(from: current) }
  }

  private static func verified(_ bytes: UnsafeRawBufferPointer) throws(StoreError) -> UnsafeRawBufferPointer {
    guard bytes.count >= 4 else { throw StoreError(.corrupt, "ends before its checksum") }
    let payload = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 4)])
    let stored = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: payload.count, as: UInt32.self))
    let found = hdf5Fletcher32(payload)
    // HDF5 before 1.6.3 swapped the bytes of both halves on little-endian machines.
    let swapped = (found & 0x00ff_00ff) << 8 | found >> 8 & 0x00ff_00ff
    guard stored == found || stored == swapped else {
      throw StoreError(
        .corrupt, "fails its fletcher32 checksum: \(String(found, radix: 16)), expected \(String(stored, radix: 16))")
    }
    return payload
  }

  /// Wraps `uncompress`.
  private static func inflate(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> Int {
    var count = uLongf(destination.count)
    let status = uncompress(
      destination.assumingMemoryBound(to: Bytef.self).baseAddress, &count,
      source.assumingMemoryBound(to: Bytef.self).baseAddress, uLong(source.count))
    guard status == Z_OK else { throw StoreError(.corrupt, "does not inflate to at most \(destination.count) bytes") }
    return Int(count)
  }

  private static func unshuffle(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer, elementByteCount size: Int
  ) throws(StoreError) -> Int {
    guard source.count <= destination.count else { throw tooLarge(source.count, destination.count) }
    let whole = source.count / size * size
    Codec.byteShuffle.unshuffle(
      UnsafeRawBufferPointer(rebasing: source[..<whole]),
      into: UnsafeMutableRawBufferPointer(rebasing: destination[..<whole]),
      elementByteCount: size)
    copy(source, whole..<source.count, to: destination, at: whole)
    return source.count
  }

  static func copy(
    _ source: UnsafeRawBufferPointer, _ range: Range<Int>, to destination: UnsafeMutableRawBufferPointer, at offset: Int
  ) {
    UnsafeMutableRawBufferPointer(rebasing: destination[offset..<offset + range.count])
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
  }

  static func tooLarge(_ count: Int, _ limit: Int) -> StoreError {
    StoreError(.corrupt, "claims \(count) bytes, at most \(limit) fit a chunk")
  }
}
