// Where results live that are made before what uses them: in accounted memory, or in a scratch file.

import DAStore
import MessagePassing

/// A product, or an array in other chunks, on its way to memory or to a scratch file.
struct HeldArray {
  let writer: any ChunkedDatasetWriter
  private let target: Target
  private let held: HeldMemory

  private enum Target {
    case memory(MemoryWriter)
    case scratch(ScratchWriter)
  }

  var isInMemory: Bool { if case .memory = target { true } else { false } }

  /// Whether a result of so many bytes stays in memory.
  static func staysInMemory(_ byteCount: Int, budget: MemoryBudget) -> Bool { byteCount <= budget.byteCount / 8 }

  /// - Throws: `.memory`, and `.io` when a scratch file cannot be made, the same on all ranks.
  /// - Collective: yes.
  init(
    _ shape: [Int], _ dtype: DType, chunkShape: [Int], name: String, _ budget: MemoryBudget,
    _ options: StreamingOptions, _ communicator: Communicator
  ) throws(StoreError) {
    held = options.held
    let byteCount = shape.reduce(dtype.byteCount, saturatingProduct)
    if Self.staysInMemory(byteCount, budget: budget) {
      let memory = try MemoryWriter(
        name: name, shape: shape, dtype: dtype, chunkShape: chunkShape, communicator: communicator,
        pool: held.makePool(byteCount: byteCount))
      (writer, target) = (memory, .memory(memory))
    } else {
      let scratch = try ScratchWriter(
        in: options.scratchDirectory ?? "", name: name,
        grid: try ChunkGrid(shape: shape, chunkShape: chunkShape), dtype: dtype, communicator: communicator)
      (writer, target) = (scratch, .scratch(scratch))
    }
  }

  /// The array, once it is committed.
  func written() throws(StoreError) -> any ChunkedDataset {
    switch target {
    case .memory(let memory): return try memory.dataset()
    case .scratch(let scratch):
      held.keep(scratch)
      return try scratch.written()
    }
  }
}
