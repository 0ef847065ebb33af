// An array as a dataset to be streamed.

import DAStore

extension DistArray {
  /// The array as a dataset whose chunks are computed when they are read; its statistics are computed now.
  ///
  /// - Parameter name: What messages call it.
  /// - Throws: The first error in making the array, and what the passes of its statistics throw.
  /// - Collective: yes, when parts of the array are made before it: statistics, products, copies in other chunks.
  public func dataset(name: String = "expression") throws(StoreError) -> any ChunkedDataset {
    let expression = try result.get()
    var materialisation = Materialisation(options: context.options, communicator: context.communicator)
    return try Materialisation.dataset(materialisation([expression])[0], name: name)
  }
}
