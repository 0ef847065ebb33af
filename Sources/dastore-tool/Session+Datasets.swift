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
    _ name: TargetName, like facts: DatasetDescription, dtype: DType, chunkShape: [Int], codecs: [String],
    distribution: SetDistribution, force: Bool
  ) throws(StoreError) -> any ChunkedDatasetWriter {
    switch name.format {
    case .npy:
      try NpyWriter(
        path: name.path, shape: facts.shape, dtype: dtype, isOverwriting: force, communicator: communicator)
    case .dnpy1:
      try Dnpy1Writer(
        path: name.path,
        maps: try communicator.agree { () throws(StoreError) in
          try distribution.maps(shape: facts.shape, rankCount: communicator.size)
        }, dtype: dtype, isOverwriting: force, communicator: communicator)
    case .dnpy2:
      try Dnpy2Writer.create(
        path: name.path, shape: facts.shape, dtype: dtype, chunkShape: chunkShape, codecs: codecs,
        attributes: facts.attributes, dimensionNames: facts.dimensionNames, overwrite: force,
        communicator: communicator, pool: pool)
    case .hdf5:
      try HDF5Writer(
        path: name.path, member: name.member, shape: facts.shape, dtype: dtype, chunkShape: chunkShape, codecs: codecs,
        fillValue: facts.fillValue.dtype == dtype ? facts.fillValue : nil, attributes: facts.attributes,
        dimensionNames: facts.dimensionNames, overwrite: force, communicator: communicator, pool: pool)
    }
  }
}
