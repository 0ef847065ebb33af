// Opening and creating stored arrays by the names that users give.

import DAStore
import DistArray

extension Session {
  /// Opens a stored array, or a part of one, on all ranks.
  ///
  /// - Collective: yes.
  func open(_ text: String) throws(StoreError) -> MeteredDataset {
    MeteredDataset(try openDataset(DatasetName(parsing: text), over: communicator))
  }

  /// Begins a target whose format follows from its name.
  ///
  /// - Collective: yes.
  func create(
    _ name: TargetName, like facts: DatasetDescription, dtype: DType, chunkShape: [Int], codecs: [String], force: Bool
  ) throws(StoreError) -> any ChunkedDatasetWriter {
    switch name.format {
    case .npy:
      try NpyWriter(
        path: name.path, shape: facts.shape, dtype: dtype, isOverwriting: force, communicator: communicator)
    case .dnpy1:
      try Dnpy1Writer(
        path: name.path, maps: try communicator.agree { () throws(StoreError) in try maps(facts.shape) }, dtype: dtype,
        isOverwriting: force, communicator: communicator)
    case .dnpy2:
      try Dnpy2Writer.create(
        path: name.path, shape: facts.shape, dtype: dtype, chunkShape: chunkShape, codecs: codecs,
        attributes: facts.attributes, dimensionNames: facts.dimensionNames, overwrite: force,
        communicator: communicator, pool: pool)
    }
  }

  /// One file per rank: blocks along the first axis.
  private func maps(_ shape: [Int]) throws(StoreError) -> [AxisMap] {
    var maps: [AxisMap] = []
    for (axis, size) in shape.enumerated() {
      maps.append(axis == 0 ? try .block(size: size, rankCount: communicator.size) : try .undistributed(size: size))
    }
    return maps
  }
}
