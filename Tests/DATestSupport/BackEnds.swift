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
  /// Chunks never written can hold other values than zero.
  public var storesFillValue = true
  /// An opened array knows its fill value.
  public var recordsFillValue = true
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
  public static var all: [BackEnd] { [memory()] + npyFiles + versionOneSets + versionTwoFiles + hdf5Files }

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

extension BackEnd {
  /// `.npy` files, whose chunks are the back end's own choice: few bytes each, so that small arrays have several.
  private static var npyFiles: [BackEnd] {
    [false, true].map { isFortranOrder in
      var backEnd = BackEnd(
        name: isFortranOrder ? "npy in Fortran order" : "npy", format: .npy, suffix: ".npy",
        create: { path, request, communicator throws(StoreError) in
          try NpyWriter(
            path: path, shape: request.shape, dtype: request.dtype, isFortranOrder: isFortranOrder,
            fillValue: request.fillValue, chunkByteCount: npyChunkByteCount, communicator: communicator)
        },
        open: { path throws(StoreError) in try NpyDataset(path: path, chunkByteCount: npyChunkByteCount) })
      backEnd.keepsChunkShape = false
      backEnd.recordsFillValue = false
      return backEnd
    }
  }

  private static let npyChunkByteCount = 32

  /// `.dnpy` 2 files, as they are and encoded; the chains have tests of their own.
  private static var versionTwoFiles: [BackEnd] {
    [[], ["bitshuffle", "lz4"]].map { codecs in
      BackEnd(
        name: (["dnpy2"] + codecs).joined(separator: " "), format: .dnpy2, suffix: ".dnpy",
        create: { path, request, communicator throws(StoreError) in
          try Dnpy2Writer.create(
            path: path, shape: request.shape, dtype: request.dtype,
            chunkShape: request.chunkShape
              ?? ChunkGrid.slabs(request.shape, elementByteCount: request.dtype.byteCount, targetByteCount: 32),
            codecs: codecs, fillValue: request.fillValue, communicator: communicator, pool: BufferPool(budget: 64 << 20)
          )
        },
        open: { path throws(StoreError) in try Dnpy2Dataset(path: path) })
    }
  }
}

extension BackEnd {
  /// HDF5 files, as they are and through every kind of filter.
  private static var hdf5Files: [BackEnd] {
    [[], ["byteshuffle", "deflate", "fletcher32"], ["lz4"]].map { codecs in
      BackEnd(
        name: (["hdf5"] + codecs).joined(separator: " "), format: .hdf5, suffix: ".h5",
        create: { path, request, communicator throws(StoreError) in
          try HDF5Writer(
            path: path, shape: request.shape, dtype: request.dtype,
            chunkShape: request.chunkShape
              ?? ChunkGrid.slabs(request.shape, elementByteCount: request.dtype.byteCount, targetByteCount: 32),
            codecs: codecs, fillValue: request.fillValue, communicator: communicator, pool: BufferPool(budget: 64 << 20)
          )
        },
        open: { path throws(StoreError) in try HDF5Dataset(path: path) })
    }
  }
}

extension BackEnd {
  /// `.dnpy` 1.0 sets of several files: one for each kind of arithmetic behind the distributions.
  private static var versionOneSets: [BackEnd] {
    [
      versionOneSet("dnpy1 bounds") { .bounds([0, max($0, 0) / 3, max($0, 0) / 3, $0]) },
      versionOneSet("dnpy1 block-cyclic") { _ in .cyclic(blockSize: 2) },
      versionOneSet("dnpy1 lists") { size in
        // Refused sizes get no lists of their length.
        .unstructured((0..<2).map { rank in (0..<max(0, min(size, 1000))).filter { $0 % 3 % 2 == rank }.reversed() })
      },
    ]
  }

  /// - Parameter distribution: How to deal out an axis of a size.
  private static func versionOneSet(
    _ name: String, _ distribution: @escaping @Sendable (Int) -> AxisDistribution
  ) -> BackEnd {
    let grids = ChunkShapes()
    var backEnd = BackEnd(
      name: name, format: .dnpy1, suffix: "",
      create: { path, request, communicator throws(StoreError) in
        grids.set(request.chunkShape, path)
        return try Dnpy1Writer(
          path: path,
          maps: AxisMap.maps(
            // More distributed axes would only make more files.
            shape: request.shape,
            distributions: request.shape.enumerated().map { $0 < 2 ? distribution($1) : .undistributed }, rankCount: 4),
          dtype: request.dtype, chunkShape: request.chunkShape, communicator: communicator)
      },
      open: { path throws(StoreError) in try Dnpy1Dataset(path, chunkShape: grids.get(path)) })
    backEnd.storesFillValue = false
    return backEnd
  }
}

extension BackEnd: CustomStringConvertible {
  public var description: String { name }
}

/// The chunk shapes that tests asked for, by path: a set of files stores none, so reading is asked for the same one.
private final class ChunkShapes: @unchecked Sendable {
  // Sendable: the lock guards the table.
  private let lock = NSLock()
  private var shapes: [String: [Int]] = [:]

  func set(_ shape: [Int]?, _ path: String) { lock.withLock { shapes[path] = shape } }
  func get(_ path: String) -> [Int]? { lock.withLock { shapes[path] } }
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
