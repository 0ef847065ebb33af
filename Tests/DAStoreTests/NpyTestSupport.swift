// Golden `.npy` and `.npz` files, temporary folders, and whole-array reads, for the tests of both formats.

import DAStore
import Foundation
import Testing

/// What `Tests/Golden/make_npy.py` says about its files.
struct NpyGolden: Decodable {
  struct Array: Decodable {
    var file: String
    var shape: [Int]
    var dtype: String
    var version: UInt8
    var fortran: Bool
    var bigEndian: Bool
    /// Elements in C order, little-endian.
    var hex: String
  }
  struct Refused: Decodable {
    var file: String
    var code: String
    var says: String
  }
  struct Header: Decodable {
    var shape: [Int]
    var dtype: String
    var fortran: Bool
    var version: UInt8
    /// The header without the blanks and the line feed that fill it up to `size`.
    var hex: String
    var size: Int
  }
  struct Member: Decodable {
    var file: String
    var member: String
    var shape: [Int]
    var dtype: String
    /// Elements in C order, little-endian.
    var hex: String
  }
  var archives: [Member]
  var refusedArchives: [Refused]
  var arrays: [Array]
  var refused: [Refused]
  var headers: [Header]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Golden/npy")
    .standardized
  static let all: NpyGolden = {
    do {
      return try JSONDecoder().decode(NpyGolden.self, from: Data(contentsOf: folder.appending(path: "golden.json")))
    } catch {
      fatalError("Tests/Golden/npy/golden.json: \(error)")
    }
  }()

  static func path(_ name: String) -> String { folder.appending(path: name).path }
  static func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: folder.appending(path: name))) }
}

func bytes(hex: String) -> [UInt8] {
  let digits = Swift.Array(hex.utf8)
  return stride(from: 0, to: digits.count, by: 2).map {
    UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
  }
}

/// A folder that is removed with everything in it when the closure ends.
func withTemporaryFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
  let folder = FileManager.default.temporaryDirectory.appending(path: "dastore-npy-" + UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }  // the system sweeps what stays
  return try body(folder)
}

/// The error that the closure throws, recorded as a failure when it throws none.
func storeError(_ body: () throws(StoreError) -> Void, _ location: SourceLocation = #_sourceLocation) -> StoreError? {
  do {
    try body()
    Issue.record("no error was thrown", sourceLocation: location)
    return nil
  } catch {
    return error
  }
}

/// All elements in C order, read chunk by chunk as the cache does, and the final check.
func readAll(_ dataset: some ChunkedDataset, order: [Int]? = nil) throws -> [UInt8] {
  let description = dataset.description
  let size = description.dtype.byteCount
  var all = Swift.Array(repeating: UInt8(0xEE), count: description.logicalByteCount)
  let strides = rowMajorStrides(description.shape, elementByteCount: size)
  for number in order ?? Swift.Array(0..<description.grid.chunkCount) {
    let region = description.grid.region(of: number)
    let chunk = try readChunk(dataset, number)
    let start = zip(region.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }
    chunk.withUnsafeBytes { from in
      all.withUnsafeMutableBytes { to in
        guard let from = from.baseAddress, let to = to.baseAddress else { return }
        copyBox(
          shape: region.shape, elementByteCount: size, from: from,
          sourceStrides: rowMajorStrides(region.shape, elementByteCount: size), to: to + start,
          destinationStrides: strides)
      }
    }
  }
  try dataset.finishReading()
  return all
}

/// One decoded chunk.
func readChunk(_ dataset: some ChunkedDataset, _ number: Int) throws -> [UInt8] {
  var chunk = Swift.Array(repeating: UInt8(0xDD), count: dataset.description.byteCount(ofChunk: number))
  switch try dataset.storage(of: number) {
  case .constant(let value): chunk.withUnsafeMutableBytes { value.fill($0) }
  case .direct(let extents):
    #expect(extents.count == 1)
    let extent = try #require(extents.first)
    try chunk.withUnsafeMutableBytes { try dataset.read(extent, into: $0) }
    try chunk.withUnsafeBytes { try dataset.check(number, bytes: $0) }
  case .encoded(let extents):
    let extent = try #require(extents.first)
    #expect(extents.count == 1 && extent.byteCount <= dataset.largestStoredByteCount)
    var stored = Swift.Array(repeating: UInt8(0), count: extent.byteCount)
    try stored.withUnsafeMutableBytes { try dataset.read(extent, into: $0) }
    try stored.withUnsafeBytes { stored in
      try chunk.withUnsafeMutableBytes { chunk in
        try dataset.decode(
          number, stored: stored, into: chunk, scratch: UnsafeMutableRawBufferPointer(start: nil, count: 0))
      }
    }
  }
  return chunk
}

/// Bytes in memory as a source.
final class MemorySource: ByteSource {
  let bytes: [UInt8]
  var byteCount: Int { bytes.count }
  init(_ bytes: [UInt8]) { self.bytes = bytes }
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    guard offset >= 0, offset <= byteCount, buffer.count <= byteCount - offset else {
      throw StoreError(.truncated, "cut short")
    }
    buffer.copyBytes(from: bytes[offset..<offset + buffer.count])
  }
}
