// Small .dnpy 2 files for the tests beside this one.

import Foundation
import MessagePassing

@testable import DAStore

/// A directory that goes with its last reference.
final class ScratchDirectory {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "/dastore-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  func file(_ name: String) -> String { path + "/" + name }
  var entries: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// A plain array of int32 in C order: the model that files are compared with.
struct Model: Equatable {
  var shape: [Int]
  var elements: [Int32]

  init(shape: [Int], _ element: (Int) -> Int32) {
    self.shape = shape
    elements = (0..<shape.reduce(1, *)).map(element)
  }

  subscript(region: Region) -> [Int32] {
    var result: [Int32] = []
    visit(region) { result.append(elements[$0]) }
    return result
  }

  /// Flat indices of a region in C order.
  func visit(_ region: Region, _ body: (Int) -> Void) {
    guard !region.isEmpty else { return }
    var index = region.lower
    while true {
      body(zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 })
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < region.upper[axis] { break }
        index[axis] = region.lower[axis]
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// The model after a resize: kept where both have elements, `fill` elsewhere.
  func resized(to newShape: [Int], fill: Int32) -> Model {
    var result = Model(shape: newShape) { _ in fill }
    let common = Region(lower: shape.map { _ in 0 }, upper: zip(shape, newShape).map { min($0, $1) })
    var values = self[common].makeIterator()
    var updated = result.elements
    result.visit(common) { updated[$0] = values.next() ?? fill }
    result.elements = updated
    return result
  }
}

let pool = BufferPool(budget: 256 << 20)

/// Calls `body` with the elements of one chunk as bytes.
func write(_ model: Model, chunks numbers: some Sequence<Int>, to writer: Dnpy2Writer) throws {
  for number in numbers {
    let elements = model[writer.description.grid.region(of: number)]
    try elements.withUnsafeBytes { bytes in try writer.write([ChunkToWrite(number: number, bytes: bytes)]) }
  }
}

/// The whole array as the file has it.
func read(_ dataset: Dnpy2Dataset) throws -> Model {
  var model = Model(shape: dataset.description.shape) { _ in -77 }
  var elements = model.elements
  for number in 0..<dataset.description.grid.chunkCount {
    let region = dataset.description.grid.region(of: number)
    var chunk = [Int32](repeating: 0, count: region.elementCount)
    try chunk.withUnsafeMutableBytes { try dataset.readChunk(number, into: $0, pool: pool) }
    var values = chunk.makeIterator()
    model.visit(region) { elements[$0] = values.next() ?? -78 }
  }
  model.elements = elements
  return model
}

/// A file of one generation.
func makeFile(_ path: String, _ model: Model, chunkShape: [Int], codecs: [String] = ["byteshuffle", "lz4"], generationsKept: Int = 1) throws {
  let writer = try Dnpy2Writer.create(
    path: path, shape: model.shape, dtype: .int32, chunkShape: chunkShape, codecs: codecs,
    generationsKept: generationsKept, communicator: .serial, pool: pool)
  try write(model, chunks: 0..<writer.description.grid.chunkCount, to: writer)
  try writer.commit()
}

func bytes(of path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }

func save(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
