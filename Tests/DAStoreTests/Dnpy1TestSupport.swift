// Golden `.dnpy` 1.0 sets, whole-array reads and writes, for the tests of that format.

import Foundation
import MessagePassing
import Testing

@testable import DAStore

enum Dnpy1Golden {
  static let folder =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Golden/dnpy1").standardized.path

  static func prefix(_ name: String) -> String { "\(folder)/\(name)" }

  /// Names, shapes and types of the sets that can be read; element `i` in C order has the value `i`.
  static let readable: [(name: String, shape: [Int], dtype: DType)] = [
    ("b", [7], .float64), ("bn", [2, 10], .int32), ("nc", [2, 10], .int16), ("bb", [5, 9], .uint8),
    ("irregular", [10, 6], .uint32), ("cc", [5, 9], .complex128), ("blockcyclic", [5, 9], .int64),
    ("lastblock", [7], .float64),
    ("u", [10], .float32), ("shuffled", [6, 5], .int32), ("bcn", [4, 5, 3], .float16), ("padded", [20], .int32),
    ("fortran", [5, 6], .float64), ("bigendian", [5, 4], .complex64), ("zerod", [], .float64),
    ("empty", [0, 3], .float64),
    ("manyranks", [2], .bool), ("alias", [2, 3], .int32), ("old", [2, 3], .int32), ("python2", [2, 3], .int32),
  ]

  /// Copies a set into a folder.
  static func copy(_ name: String, to folder: URL) throws -> String {
    let target = folder.appending(path: name).path
    for rank in try Dnpy1Names.ranks(prefix: prefix(name)) {
      try FileManager.default.copyItem(
        atPath: Dnpy1Names.name(prefix: prefix(name), rank: rank), toPath: Dnpy1Names.name(prefix: target, rank: rank))
    }
    return target
  }
}

/// The elements 0, 1, 2 … of a type, in C order.
func countingBytes(_ shape: [Int], _ dtype: DType) -> [UInt8] {
  func little<Word: BitwiseCopyable>(_ word: Word) -> [UInt8] { withUnsafeBytes(of: word) { Array($0) } }
  return (0..<shape.reduce(1, *)).flatMap { number -> [UInt8] in
    switch dtype {
    case .bool: [number == 0 ? 0 : 1]
    case .int8, .uint8: [UInt8(truncatingIfNeeded: number)]
    case .int16, .uint16: little(UInt16(truncatingIfNeeded: number))
    case .int32, .uint32: little(UInt32(truncatingIfNeeded: number))
    case .int64, .uint64: little(number)
    case .float16: little(Float16(number))
    case .float32: little(Float(number))
    case .float64: little(Double(number))
    case .complex64: little(Float(number)) + little(Float(0))
    case .complex128: little(Double(number)) + little(Double(0))
    }
  }
}

/// Runs `body` for every box of the grid with the byte offsets of its rows in the whole array.
private func forEachRow(
  _ grid: ChunkGrid, _ number: Int, _ size: Int, _ body: (_ whole: Int, _ chunk: Int, _ count: Int) -> Void
) {
  let region = grid.region(of: number)
  let width = region.shape.last ?? 1
  let strides = rowMajorStrides(grid.shape, elementByteCount: size)
  for row in 0..<(width == 0 ? 0 : region.elementCount / width) {
    var rest = row
    var offset = (region.lower.last ?? 0) * size
    for axis in region.shape.indices.dropLast().reversed() {
      offset += (region.lower[axis] + rest % region.shape[axis]) * strides[axis]
      rest /= region.shape[axis]
    }
    body(offset, row * width * size, width * size)
  }
}

/// Reads a whole array as the cache does: storage, extents, decoding; checks the promised bounds on the way.
func readWhole(_ dataset: any ChunkedDataset) throws -> [UInt8] {
  let description = dataset.description
  let size = description.dtype.byteCount
  var result = Array(repeating: UInt8(0xEE), count: description.logicalByteCount)
  for number in 0..<description.grid.chunkCount {
    var chunk = Array(repeating: UInt8(0xAA), count: description.byteCount(ofChunk: number))
    let extents: [StoredExtent]
    var isDirect = false
    switch try dataset.storage(of: number) {
    case .constant: continue
    case .direct(let found): (extents, isDirect) = (found, true)
    case .encoded(let found): extents = found
    }
    var stored: [UInt8] = []
    for extent in extents {
      var bytes = Array(repeating: UInt8(0), count: extent.byteCount)
      try bytes.withUnsafeMutableBytes { try dataset.read(extent, into: $0) }
      stored += bytes
    }
    if isDirect {
      #expect(stored.count == chunk.count)
      chunk = stored
    } else {
      #expect(stored.count <= dataset.largestStoredByteCount)
      var scratch = Array(repeating: UInt8(0), count: dataset.decodeScratchByteCount)
      try stored.withUnsafeBytes { stored in
        try chunk.withUnsafeMutableBytes { chunk in
          try scratch.withUnsafeMutableBytes { try dataset.decode(number, stored: stored, into: chunk, scratch: $0) }
        }
      }
    }
    forEachRow(description.grid, number, size) { whole, part, count in
      result.replaceSubrange(whole..<whole + count, with: chunk[part..<part + count])
    }
  }
  return result
}

/// Writes a whole array chunk by chunk, the last chunk first, and commits.
func writeWhole(_ bytes: [UInt8], to writer: Dnpy1Writer) throws {
  let description = writer.description
  for number in (0..<description.grid.chunkCount).reversed() {
    var chunk: [UInt8] = []
    forEachRow(description.grid, number, description.dtype.byteCount) { whole, _, count in
      chunk += bytes[whole..<whole + count]
    }
    try chunk.withUnsafeBytes { try writer.write([ChunkToWrite(number: number, bytes: $0)]) }
  }
  try writer.commit()
}

func makeWriter(
  _ path: String, _ maps: [AxisMap], _ dtype: DType, chunkShape: [Int]? = nil, isOverwriting: Bool = false
) throws -> Dnpy1Writer {
  try Dnpy1Writer(
    path: path, maps: maps, dtype: dtype, chunkShape: chunkShape, isOverwriting: isOverwriting, communicator: .serial)
}
