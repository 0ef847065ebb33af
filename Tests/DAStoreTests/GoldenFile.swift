// Makes a golden `.dnpy` 2 file from its description: every byte follows from it, so the file can be made again.

import CXXHash
import Foundation
import MessagePassing

@testable import DAStore

/// One file of Formats/examples and what it must hold.
struct GoldenFile: Sendable, CustomStringConvertible {
  /// What one commit changes.
  struct Generation: Sendable {
    var shape: [Int]
    /// Chunks that are written; all of them when `nil`.
    var chunks: [Int]?
    var attributes: [String: JSONValue] = [:]
    /// The element with a row-major number.
    var element: @Sendable (Int) -> ElementValue
  }

  var name: String
  var dtype: DType
  var chunkShape: [Int]
  var codecs: [String] = ["byteshuffle", "lz4"]
  var fillValue: ElementValue?
  var dimensionNames: [String?]?
  /// Smaller than what writers use by default, to keep the files small and the readers honest.
  var blockAlignment = 512
  var chunkAlignment = 64
  var retention = 1
  var generations: [Generation]

  var description: String { name }
  var fill: ElementValue { fillValue ?? ElementValue(zero: dtype) }

  /// Numbers of the generations that can be opened.
  var kept: [Int] { Array((1...generations.count).suffix(retention)) }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
    path: "../../Formats/examples"
  )
  .standardized
  var path: String { Self.folder.appending(path: name + ".dnpy").path }

  /// Where the array of a generation lies: the current one has the file's name.
  func npyPath(generation: Int) -> String {
    Self.folder.appending(path: generation == generations.count ? "\(name).npy" : "\(name).\(generation).npy").path
  }

  /// The array at a generation.
  func expected(generation: Int) throws -> GoldenArray {
    var array = GoldenArray(shape: generations[0].shape, filledWith: fill)
    for step in generations[..<generation] {
      if step.shape != array.shape { array = array.resized(to: step.shape, fill: fill) }
      let grid = try ChunkGrid(shape: step.shape, chunkShape: chunkShape)
      let written = contents(of: step)
      for chunk in step.chunks ?? Array(0..<grid.chunkCount) {
        let region = grid.region(of: chunk)
        array[region] = written[region]
      }
    }
    return array
  }

  private func contents(of step: Generation) -> GoldenArray {
    var array = GoldenArray(shape: step.shape, filledWith: fill)
    array.bytes = (0..<step.shape.reduce(1, *)).flatMap { step.element($0).bytes }
    return array
  }

  /// 2026-11-21T00:00:00Z; each commit is a second later than the one before.
  static let created: Int64 = 1_795_219_200_000_000_000

  /// Writes the file with the writer under test; only uuid and times are given instead of taken.
  func write(to path: String) throws {
    let metadata = Metadata(
      shape: generations[0].shape, chunkShape: chunkShape, dtype: dtype, fillValue: fill, codecNames: codecs,
      dimensionNames: dimensionNames, attributes: generations[0].attributes)
    // A uuid of its own for every file, so that no superblock passes for another file's.
    let seed = xxh3(Array(name.utf8))
    var preamble = Preamble(
      uuid: (0..<16).map { UInt8(truncatingIfNeeded: seed >> UInt64(4 * $0)) }, created: Self.created)
    preamble.blockAlignment = blockAlignment
    preamble.chunkAlignment = chunkAlignment
    var time = Self.created
    let writer = try Dnpy2Writer.create(
      path: path, metadata: metadata, preamble: preamble, retention: retention, overwrite: false, communicator: .serial,
      pool: pool,
      clock: {
        time += 1_000_000_000
        return time
      })
    for step in generations {
      writer.attributes = step.attributes
      try writer.resize(to: step.shape)
      let grid = writer.description.grid
      let array = contents(of: step)
      let chunks = step.chunks ?? Array(0..<grid.chunkCount)
      // One round for all chunks: they lie side by side.
      try chunks.flatMap { array[grid.region(of: $0)] }.withUnsafeBytes { bytes in
        var rest = bytes[...]
        try writer.write(
          chunks.map { chunk in
            let count = grid.elementCount(of: chunk) * dtype.byteCount
            defer { rest = rest.dropFirst(count) }
            return ChunkToWrite(number: chunk, bytes: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
          })
      }
      try writer.commitGeneration()
    }
    try writer.close()
  }
}
