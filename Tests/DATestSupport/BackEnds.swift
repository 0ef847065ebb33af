// The back ends that the conformance suite runs: one entry for each.

import DAStore
import Foundation
import MessagePassing

/// What a test asks a back end to create.
public struct ArrayRequest: Sendable {
  public var shape: [Int]
  public var dtype: DType
  /// The back end's own choice when not given.
  public var chunkShape: [Int]?
  public var fillValue: ElementValue?

  public init(shape: [Int], dtype: DType, chunkShape: [Int]? = nil, fillValue: ElementValue? = nil) {
    self.shape = shape
    self.dtype = dtype
    self.chunkShape = chunkShape
    self.fillValue = fillValue
  }
}

/// A kind of stored array, as the conformance suite sees it.
public struct BackEnd: Sendable {
  public var name: String
  public var format: StoreFormat
  /// How its paths end, with the dot; empty for a prefix.
  public var suffix: String
  /// Arrays are files: an existing one is refused, and a given-up one leaves nothing in the folder.
  public var makesFiles = true
  /// The chunk grid asked for is the one that is stored.
  public var keepsChunkShape = true
  /// Fill values other than zero are stored.
  public var storesFillValue = true
  /// Begins an array under a path, together on all ranks.
  public var create: @Sendable (String, ArrayRequest, Communicator) throws(StoreError) -> any ChunkedDatasetWriter
  /// Opens a committed array, on one rank.
  public var open: @Sendable (String) throws(StoreError) -> any ChunkedDataset

  public init(
    name: String, format: StoreFormat, suffix: String,
    create: @escaping @Sendable (String, ArrayRequest, Communicator) throws(StoreError) -> any ChunkedDatasetWriter,
    open: @escaping @Sendable (String) throws(StoreError) -> any ChunkedDataset
  ) {
    self.name = name
    self.format = format
    self.suffix = suffix
    self.create = create
    self.open = open
  }

  /// Every back end there is. To add one: a function below, and its name here.
  public static var all: [BackEnd] { [memory()] }

  /// Arrays in memory. They have no names of their own, so that a table of the test program finds them.
  private static func memory() -> BackEnd {
    let writers = MemoryWriters()
    var backEnd = BackEnd(
      name: "memory", format: .memory, suffix: "",
      create: { path, request, communicator throws(StoreError) in
        let writer = try MemoryWriter(
          name: path, shape: request.shape, dtype: request.dtype, chunkShape: request.chunkShape,
          fillValue: request.fillValue, communicator: communicator)
        writers.add(writer, path)
        return writer
      },
      open: { path throws(StoreError) in try writers.dataset(path) })
    backEnd.makesFiles = false
    return backEnd
  }
}

extension BackEnd: CustomStringConvertible {
  public var description: String { name }
}

/// The arrays in memory that tests made, by name.
private final class MemoryWriters: @unchecked Sendable {
  // Sendable: the lock guards the table; each writer stays with the test that made it.
  private let lock = NSLock()
  private var writers: [String: MemoryWriter] = [:]

  func add(_ writer: MemoryWriter, _ path: String) { lock.withLock { writers[path] = writer } }

  func dataset(_ path: String) throws(StoreError) -> MemoryDataset {
    guard let writer = lock.withLock({ writers[path] }) else {
      throw StoreError(.notFound, "no such array in memory", path: path)
    }
    return try writer.dataset()
  }
}
