// From the elements of a chunk to its stored bytes in an HDF5 file.

import CLZ4
import CZlib

extension HDF5FilterChain {
  /// Compression that takes about as long as zlib's default, and less.
  private static let deflateLevel = 4

  /// What a file says of these filters.
  var message: [UInt8] {
    var out = HDF5Bytes()
    out.add([2, UInt8(steps.count)])
    for step in steps {
      let (id, values): (Int, [Int]) =
        switch step {
        case .deflate: (1, [Self.deflateLevel])
        case .shuffle(let size): (2, [size])
        case .fletcher32: (3, [])
        case .lz4: (32004, [0])
        case .bitshuffle(let size, let count, let isCompressed): (32008, [0, 4, size, count, isCompressed ? 2 : 0])
        }
      out.add(id, 2)
      if id >= 256 { out.add(4, 2) }
      // A filter may be left out for a chunk that it would not shrink, but for the checksum.
      out.add(step == .fletcher32 ? 0 : 1, 2)
      out.add(values.count, 2)
      if id >= 256 { out.add(Array("lz4\0".utf8)) }
      for value in values { out.add(value, 4) }
    }
    return out.bytes
  }

  /// Steps that are written: at most one shuffle, one compressor, and a checksum, in this order.
  ///
  /// - Throws: `.unsupported` for other names or orders.
  init(writing names: [String], elementByteCount: Int, chunkByteCount: Int) throws(StoreError) {
    var steps: [Step] = []
    for name in names {
      switch name {
      case "byteshuffle": steps.append(.shuffle(elementByteCount: elementByteCount))
      case "deflate": steps.append(.deflate)
      case "lz4": steps.append(.lz4)
      case "fletcher32": steps.append(.fletcher32)
      default:
        throw StoreError(.unsupported, "'\(name)' is not written to HDF5; byteshuffle, deflate, lz4 and fletcher32 are")
      }
    }
    let order = names.map { ["byteshuffle": 0, "deflate": 1, "lz4": 1][$0] ?? 2 }
    guard zip(order, order.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw StoreError(
        .unsupported, "filters [\(names.joined(separator: ", "))]: a shuffle, a compressor and a checksum in this order"
      )
    }
    self.init(steps: steps, chunkByteCount: chunkByteCount)
  }

  /// Bytes that an encoded chunk has at most.
  var encodedByteCount: Int { chunkByteCount + 4 }
  /// Scratch that encoding one chunk takes.
  var encodingScratchByteCount: Int { steps.isEmpty ? 0 : chunkByteCount }

  /// Encodes a whole chunk; what does not shrink is not compressed.
  ///
  /// - Parameters:
  ///   - destination: At least ``encodedByteCount`` bytes.
  ///   - scratch: At least ``encodingScratchByteCount`` bytes.
  /// - Returns: Bytes written, and the mask of filters left out.
  func encode(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) -> (byteCount: Int, mask: UInt32) {
    precondition(source.count == chunkByteCount, "a whole chunk")
    var current = source
    var mask: UInt32 = 0
    var count = source.count
    var isInPlace = false
    for (index, step) in steps.enumerated() {
      switch step {
      case .shuffle(let size):
        let shuffled = UnsafeMutableRawBufferPointer(rebasing: scratch[..<source.count])
        Codec.byteShuffle.shuffle(source, into: shuffled, elementByteCount: size)
        current = UnsafeRawBufferPointer(shuffled)
      case .deflate, .lz4:
        let room = UnsafeMutableRawBufferPointer(rebasing: destination[..<max(0, source.count - 1)])
        let written = step == .deflate ? Self.deflate(current, into: room) : Self.encodeLZ4(current, into: room)
        guard let written else {
          mask |= 1 << UInt32(index)
          continue
        }
        count = written
        isInPlace = true
      case .fletcher32:
        if !isInPlace { destination.copyMemory(from: current) }
        isInPlace = true
        let sum = hdf5Fletcher32(UnsafeRawBufferPointer(rebasing: destination[..<count]))
        destination.storeBytes(of: sum.littleEndian, toByteOffset: count, as: UInt32.self)
        count += 4
      case .bitshuffle: mask |= 1 << UInt32(index)
      }
    }
    if !isInPlace { destination.copyMemory(from: current) }
    return (count, mask)
  }

  /// Wraps `compress2`.
  ///
  /// - Returns: Bytes written; `nil` when they would not fit.
  private static func deflate(_ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer) -> Int?
  {
    var count = uLongf(destination.count)
    let status = compress2(
      destination.assumingMemoryBound(to: Bytef.self).baseAddress, &count,
      source.assumingMemoryBound(to: Bytef.self).baseAddress, uLong(source.count), Int32(deflateLevel))
    return status == Z_OK ? Int(count) : nil
  }

  /// The framing of filter 32004 with one block for each GiB.
  private static func encodeLZ4(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer
  ) -> Int? {
    let blockByteCount = min(source.count, 1 << 30)
    guard destination.count > 12 else { return nil }
    destination.storeBytes(of: UInt64(source.count).bigEndian, as: UInt64.self)
    destination.storeBytes(of: UInt32(blockByteCount).bigEndian, toByteOffset: 8, as: UInt32.self)
    var end = 12
    for start in stride(from: 0, to: source.count, by: blockByteCount) {
      let block = UnsafeRawBufferPointer(rebasing: source[start..<min(start + blockByteCount, source.count)])
      // Compressed to fewer bytes than the block has: as many would mean that it is not compressed.
      let room = min(block.count - 1, destination.count - end - 4)
      guard room > 0 else { return nil }
      let output = UnsafeMutableRawBufferPointer(rebasing: destination[(end + 4)..<(end + 4 + room)])
      let written = LZ4_compress_default(
        block.assumingMemoryBound(to: CChar.self).baseAddress, output.assumingMemoryBound(to: CChar.self).baseAddress,
        Int32(block.count), Int32(room))
      guard written > 0 else { return nil }
      destination.storeBytes(of: UInt32(written).bigEndian, toByteOffset: end, as: UInt32.self)
      end += 4 + Int(written)
    }
    return end
  }
}
