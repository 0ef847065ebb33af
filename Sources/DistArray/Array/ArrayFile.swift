// Storing arrays: files to be written, alone or together with other results.

import DAStore
import MessagePassing

/// An array and the file that it is to be stored in: see ``DistArray/file(_:chunks:codecs:overwrite:)``.
public struct ArrayFile {
  let array: DistArray
  let target: Target

  /// What a file shall be.
  struct Target: Sendable {
    let path: String
    let chunks: [Int]?
    let codecs: [String]?
    let overwrite: Bool

    /// Whether the file's chunks are just those of an array, so that they can be handed on as they come.
    func takesChunks(of facts: DatasetDescription) -> Bool {
      guard path.hasSuffix(".dnpy") else { return false }
      guard let chunks, chunks != facts.grid.chunkShape else { return true }
      // Extents that cannot be are refused when the file is begun.
      guard let own = try? ChunkGrid(shape: facts.shape, chunkShape: chunks) else { return false }
      return own.hasChunks(of: facts.grid)
    }

    /// What the file's description will be, as far as copies ask.
    func description(like facts: DatasetDescription) throws(StoreError) -> DatasetDescription {
      let isNpy = path.hasSuffix(".npy")
      let slabs = ChunkGrid.slabs(
        facts.shape, elementByteCount: facts.dtype.byteCount, targetByteCount: NpyDataset.defaultChunkByteCount)
      let grid = try ChunkGrid(shape: facts.shape, chunkShape: isNpy ? slabs : chunks ?? facts.grid.chunkShape)
      return DatasetDescription(
        format: isNpy ? .npy : .dnpy2, shape: facts.shape, dtype: facts.dtype, grid: grid, storedByteCount: 0)
    }

    /// The format follows from the name.
    func check() throws(StoreError) {
      guard path.hasSuffix(".npy") || path.hasSuffix(".dnpy") else {
        throw StoreError(.invalidArgument, "the name says no format; end it with .dnpy or .npy", path: path)
      }
    }

    /// Begins the file. Collective.
    ///
    /// - Parameter npyChunkByteCount: At most so much of a `.npy` file is written at a time.
    func writer(
      for facts: DatasetDescription, over communicator: Communicator, pool: BufferPool,
      npyChunkByteCount: Int = NpyDataset.defaultChunkByteCount
    ) throws(StoreError) -> any ChunkedDatasetWriter {
      try check()
      if path.hasSuffix(".npy") {
        return try NpyWriter(
          path: path, shape: facts.shape, dtype: facts.dtype, chunkByteCount: npyChunkByteCount,
          isOverwriting: overwrite, communicator: communicator)
      }
      let standard = facts.dtype.byteCount > 1 ? ["byteshuffle", "lz4"] : ["lz4"]
      return try Dnpy2Writer.create(
        path: path, shape: facts.shape, dtype: facts.dtype, chunkShape: chunks ?? facts.grid.chunkShape,
        codecs: codecs ?? standard, overwrite: overwrite, communicator: communicator, pool: pool)
    }
  }
}

extension DistArray {
  /// The array as a file that is to be written together with other results, by
  /// ``Context/evaluate(_:writing:)``; the format follows from the name: `.npy`, or `.dnpy`.
  ///
  /// - Parameters:
  ///   - chunks: Chunk extents of a `.dnpy` file; those in which the expression is computed when not given.
  ///   - codecs: Names of Formats/codecs.md, in order of encoding.
  ///   - overwrite: Whether a file of that name may be replaced.
  public func file(
    _ path: String, chunks: [Int]? = nil, codecs: [String]? = nil, overwrite: Bool = false
  ) -> ArrayFile {
    ArrayFile(
      array: self, target: .init(path: path, chunks: chunks, codecs: codecs, overwrite: overwrite))
  }

  /// Computes the array and stores it; the format follows from the name: `.npy`, or `.dnpy`.
  ///
  /// Statistics inside the expression are made first, then every source chunk is read about once, in rounds that all
  /// ranks share.
  /// The file appears under its name when it is whole.
  /// - Parameters: As of ``file(_:chunks:codecs:overwrite:)``.
  /// - Returns: What the passes did on this rank.
  /// - Throws: The same on every rank: the first error in making the expression, `.alreadyExists`, `.memory` with the
  ///   budget that would do, `.io`, and what reading the sources throws.
  /// - Collective: yes.
  @discardableResult
  public func write(
    to path: String, chunks: [Int]? = nil, codecs: [String]? = nil, overwrite: Bool = false
  ) throws(StoreError) -> StreamingReport {
    try context.evaluation([], [file(path, chunks: chunks, codecs: codecs, overwrite: overwrite)]).report
  }
}
