// The contract of every back end: a stored array as numbered chunks.

/// What is known of a stored array without reading its elements.
public struct DatasetDescription: Sendable, Equatable {
  public var format: StoreFormat
  public var shape: [Int]
  public var dtype: DType
  /// The chunk grid over the global index space: the file's own, or one that suits the file's layout.
  public var grid: ChunkGrid
  public var fillValue: ElementValue
  /// Names of the codecs in order of encoding, empty when elements are stored as they are.
  public var codecs: [String] = []
  public var attributes: [String: JSONValue] = [:]
  /// One entry per axis, or `nil` when the axes have no names.
  public var dimensionNames: [String?]?
  /// Only formats with a history have one.
  public var generation: Int?
  /// Bytes that the elements and their index occupy in the file or files.
  public var storedByteCount: Int
  /// Further facts of the format worth showing a person, in order: `("fortran_order", "true")`.
  public var details: [Detail] = []

  public struct Detail: Sendable, Equatable {
    public var key: String
    public var value: JSONValue
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  public init(format: StoreFormat, shape: [Int], dtype: DType, grid: ChunkGrid, fillValue: ElementValue? = nil, storedByteCount: Int) {
    self.format = format
    self.shape = shape
    self.dtype = dtype
    self.grid = grid
    self.fillValue = fillValue ?? ElementValue(zero: dtype)
    self.storedByteCount = storedByteCount
  }

  public var logicalByteCount: Int { Region(shape: shape).elementCount * dtype.byteCount }
  /// Decoded bytes of chunk `number`.
  public func byteCount(ofChunk number: Int) -> Int { grid.elementCount(of: number) * dtype.byteCount }
  /// Decoded bytes of the largest chunk.
  public var largestChunkByteCount: Int { grid.largestChunkElementCount * dtype.byteCount }
}

/// File formats by the names that `info --json` uses; `memory` and `scratch` are arrays that end with the process.
public enum StoreFormat: String, Sendable, CaseIterable { case npy, npz, dnpy1, dnpy2, hdf5, memory, scratch }

/// A run of stored bytes.
public struct StoredExtent: Sendable, Hashable {
  /// Which of the dataset's files; 0 for formats of one file.
  public var file: Int
  public var offset: Int
  public var byteCount: Int
  public init(file: Int = 0, offset: Int, byteCount: Int) {
    self.file = file
    self.offset = offset
    self.byteCount = byteCount
  }
}

/// Where a chunk's elements come from.
public enum ChunkStorage: Sendable, Equatable {
  /// Every element equals this value; there is nothing to read.
  case constant(ElementValue)
  /// The bytes of these extents, one after the other, are the chunk's elements in C order and little-endian: they are
  /// read straight into the chunk's memory and then given to ``ChunkedDataset/check(_:bytes:)``.
  case direct([StoredExtent])
  /// The bytes of these extents, one after the other, are what ``ChunkedDataset/decode(_:stored:into:scratch:)`` needs.
  case encoded([StoredExtent])
}

/// An array stored as numbered chunks, open for reading.
///
/// Everything here is local (no rank waits for another) and thread-safe: helper threads read and decode. A decoded
/// chunk is dense, in C order, little-endian, clipped to the array at its edges. The cache above asks ``storage(of:)``
/// for many chunks, merges neighbouring extents into large reads, and hands the bytes back for decoding.
public protocol ChunkedDataset: AnyObject, Sendable {
  /// The name by which the user opened it.
  var path: String { get }
  var description: DatasetDescription { get }

  /// Where chunk `number` is stored.
  ///
  /// May read the format's index (through its own bounded cache).
  /// - Throws: `.corrupt`, `.truncated`, `.io`.
  func storage(of number: Int) throws(StoreError) -> ChunkStorage

  /// Reads the bytes of an extent, all of them.
  ///
  /// - Precondition: `buffer.count == extent.byteCount`.
  /// - Throws: `.truncated` when the file ends before the extent does; `.io`.
  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError)

  /// Decodes a chunk of `.encoded` storage.
  ///
  /// - Parameters:
  ///   - stored: The extents' bytes, one after the other.
  ///   - buffer: Receives the elements; exactly the chunk's decoded size.
  ///   - scratch: At least ``decodeScratchByteCount`` bytes, contents undefined.
  /// - Throws: `.corrupt` when a checksum or codec says so.
  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer) throws(StoreError)

  /// Verifies the bytes of a chunk of `.direct` storage against the format's checksum, where it has one.
  func check(_ number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError)

  /// Scratch bytes that one ``decode(_:stored:into:scratch:)`` needs at most.
  var decodeScratchByteCount: Int { get }
  /// Stored bytes that one chunk of `.encoded` storage occupies at most.
  var largestStoredByteCount: Int { get }

  /// The files of all extents have numbers from 0 to below this: how datasets made from several keep them apart.
  var fileNumberBound: Int { get }

  /// Tells the system that these bytes will be wanted soon; never fails, may do nothing.
  func willRead(_ extent: StoredExtent)

  /// Called once after the last read of a pass over the whole array: formats whose checksum covers a whole stream
  /// compare it here.
  ///
  /// - Throws: `.corrupt`.
  func finishReading() throws(StoreError)
}

extension ChunkedDataset {
  public func check(_ number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError) {}
  public func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    throw StoreError(.internalFault, "chunk \(number) has nothing to decode", path: path)
  }
  public var decodeScratchByteCount: Int { 0 }
  public var largestStoredByteCount: Int { 0 }
  public var fileNumberBound: Int { 1 << 32 }
  public func willRead(_ extent: StoredExtent) {}
  public func finishReading() throws(StoreError) {}
}

/// A dataset none of whose chunks is stored as it is: all are constant, or decoded from the bytes of others.
package protocol DerivedDataset: ChunkedDataset {}

extension ChunkedDataset {
  /// Bytes that are read for one chunk at most, however it is stored.
  package var largestReadByteCount: Int {
    self is any DerivedDataset ? largestStoredByteCount : max(largestStoredByteCount, description.largestChunkByteCount)
  }
}

/// One chunk on its way to a file.
public struct ChunkToWrite {
  public var number: Int
  /// The chunk's elements: dense, C order, little-endian, clipped to the array. Must stay valid during the call.
  public var bytes: UnsafeRawBufferPointer
  public init(number: Int, bytes: UnsafeRawBufferPointer) {
    self.number = number
    self.bytes = bytes
  }
}

/// A stored array that the ranks of a communicator write together.
///
/// Every function is collective: all ranks call it the same number of times, ranks with nothing to write pass nothing.
/// When one rank fails, all throw its error.
public protocol ChunkedDatasetWriter: AnyObject {
  var path: String { get }
  var description: DatasetDescription { get }

  /// Writes whole chunks; each chunk belongs to at most one rank's list in a round.
  func write(_ chunks: [ChunkToWrite]) throws(StoreError)

  /// Memory that one round needs beyond the chunks themselves, when the chunks of one rank take up to `byteCount`.
  func roundScratchByteCount(forChunksOf byteCount: Int) -> Int

  /// Makes everything written so far durable and visible under the target's name. Chunks never written hold the fill
  /// value.
  func commit() throws(StoreError)

  /// Gives up: removes what was begun, leaves what existed before. Safe to call after a failure, on all ranks.
  func abandon()
}

extension ChunkedDatasetWriter {
  /// Refuses a rank's list of chunks that no writer could store: numbers outside the grid, a chunk given twice, wrong sizes.
  package func checkRound(_ chunks: [ChunkToWrite]) throws(StoreError) {
    let facts = description
    var seen = Set<Int>()
    for chunk in chunks {
      guard chunk.number >= 0, chunk.number < facts.grid.chunkCount else {
        throw StoreError(
          .invalidArgument, "chunk \(chunk.number) is not one of the \(facts.grid.chunkCount) chunks", path: path)
      }
      guard seen.insert(chunk.number).inserted else {
        throw StoreError(.invalidArgument, "chunk \(chunk.number) is given twice", path: path)
      }
      let expected = facts.byteCount(ofChunk: chunk.number)
      guard chunk.bytes.count == expected else {
        throw StoreError(
          .invalidArgument, "chunk \(chunk.number) takes \(expected) bytes, \(chunk.bytes.count) were given", path: path)
      }
    }
  }
}
