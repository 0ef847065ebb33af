// Small results on every rank: what is asked for as values, and what a pass needs whole.

import DAStore
import MessagePassing

/// All elements of a dataset on every rank: each rank computes its share of the chunks and hands it to the others.
///
/// - Throws: `.memory` when they take more than half the budget; what reading the sources throws.
/// - Collective: yes.
func gathered(
  _ dataset: any ChunkedDataset, options: StreamingOptions, communicator: Communicator
) throws(StoreError) -> DenseArray {
  let facts = dataset.description
  let needed = facts.logicalByteCount
  guard needed <= options.budget.byteCount / 2 else {
    throw StoreError(
      .memory,
      "a result of \(needed) bytes on every rank takes more than half the budget of \(options.budget.byteCount); write it to a "
        + "file, or raise --memory to \(options.budget.naming(saturatingProduct(needed, 2)))")
  }
  let writer = try MemoryWriter(
    shape: facts.shape, dtype: facts.dtype, chunkShape: facts.grid.chunkShape, communicator: communicator,
    pool: BufferPool(budget: .max))
  var options = options
  options.budget = options.budget.without(needed)
  _ = try ArrayCopy(from: dataset, to: writer, over: communicator, options: options).run()
  return try communicator.agree { () throws(StoreError) in
    DenseArray(dtype: facts.dtype, shape: facts.shape, bytes: try writer.dataset().bytes())
  }
}

extension DenseArray {
  /// The rows as a dataset, row `i` at place `order[i]`.
  func scattered(to order: [Int], name: String) throws(StoreError) -> MemoryDataset {
    precondition(order.count == shape.first, "a place for every row")
    let rowByteCount = bytes.count / max(1, order.count)
    let rows = [UInt8](unsafeUninitializedCapacity: bytes.count) { rows, count in
      bytes.withUnsafeBytes { own in
        guard let from = own.baseAddress, let to = UnsafeMutableRawPointer(rows.baseAddress) else { return }
        for (row, place) in order.enumerated() {
          (to + place * rowByteCount).copyMemory(from: from + row * rowByteCount, byteCount: rowByteCount)
        }
      }
      count = bytes.count
    }
    return try MemoryDataset(shape: shape, dtype: dtype, bytes: rows, name: name)
  }
}
