// Storing arrays: the stream from an expression to a file.

import DAStore

extension DistArray {
  /// Computes the array and stores it; the format follows from the name: `.npy`, or `.dnpy`.
  ///
  /// Statistics inside the expression are made first, then every source chunk is read about once, in rounds that all
  /// ranks share.
  /// The file appears under its name when it is whole.
  /// - Parameters:
  ///   - chunks: Chunk extents of a `.dnpy` file; those in which the expression is computed when not given.
  ///   - codecs: Names of Formats/codecs.md, in order of encoding.
  ///   - overwrite: Whether a file of that name may be replaced.
  /// - Returns: What the pass did on this rank.
  /// - Throws: The same on every rank: the first error in making the expression, `.alreadyExists`, `.memory` with the
  ///   budget that would do, `.io`, and what reading the sources throws.
  /// - Collective: yes.
  @discardableResult
  public func write(
    to path: String, chunks: [Int]? = nil, codecs: [String]? = nil, overwrite: Bool = false
  ) throws(StoreError) -> StreamingReport {
    let source = try dataset()
    let facts = source.description
    let writer = try context.makeWriter(
      path, shape: facts.shape, dtype: facts.dtype, chunkShape: chunks ?? facts.grid.chunkShape, codecs: codecs,
      overwrite: overwrite)
    return try ArrayCopy(from: source, to: writer, over: context.communicator, options: context.options).run()
  }
}

extension Context {
  /// Begins a file whose format follows from its name.
  ///
  /// - Parameter npyChunkByteCount: At most so much of a `.npy` file is written at a time.
  /// - Throws: `.invalidArgument` for a name that says no format; what the format's writer throws.
  /// - Collective: yes.
  func makeWriter(
    _ path: String, shape: [Int], dtype: DType, chunkShape: [Int], codecs: [String]?, overwrite: Bool,
    npyChunkByteCount: Int = NpyDataset.defaultChunkByteCount
  ) throws(StoreError) -> any ChunkedDatasetWriter {
    if path.hasSuffix(".npy") {
      return try NpyWriter(
        path: path, shape: shape, dtype: dtype, chunkByteCount: npyChunkByteCount, isOverwriting: overwrite,
        communicator: communicator)
    }
    guard path.hasSuffix(".dnpy") else {
      throw StoreError(.invalidArgument, "the name says no format; end it with .dnpy or .npy", path: path)
    }
    let standard = dtype.byteCount > 1 ? ["byteshuffle", "lz4"] : ["lz4"]
    return try Dnpy2Writer.create(
      path: path, shape: shape, dtype: dtype, chunkShape: chunkShape, codecs: codecs ?? standard, overwrite: overwrite,
      communicator: communicator, pool: BufferPool(budget: max(1, options.budget.byteCount - heldByteCount)))
  }
}
