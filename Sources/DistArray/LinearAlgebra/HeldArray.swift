// Where results live that are made before what uses them: in accounted memory, or in a scratch file.

import DAStore
import MessagePassing

/// A product on its way to memory or to a scratch file.
struct HeldArray {
  let writer: any ChunkedDatasetWriter
  private let target: Target
  private let held: HeldMemory

  private enum Target {
    case memory(MemoryWriter)
    case scratch(ScratchWriter)
  }

  var isInMemory: Bool { if case .memory = target { true } else { false } }

  /// - Throws: `.memory`, and `.io` when a scratch file cannot be made, the same on all ranks.
  /// - Collective: yes.
  init(
    _ geometry: ProductGeometry, _ dtype: DType, _ budget: MemoryBudget, _ options: StreamingOptions,
    _ communicator: Communicator
  ) throws(StoreError) {
    held = options.held
    let shape = geometry.shape
    let byteCount = shape.reduce(dtype.byteCount, saturatingProduct)
    if ProductPlan.staysInMemory(byteCount, budget: budget) {
      let memory = try MemoryWriter(
        name: "product", shape: shape, dtype: dtype, chunkShape: geometry.blockShape, communicator: communicator,
        pool: held.makePool(byteCount: byteCount))
      (writer, target) = (memory, .memory(memory))
    } else {
      let scratch = try ScratchWriter(
        in: options.scratchDirectory ?? "", name: "product",
        grid: try ChunkGrid(shape: shape, chunkShape: geometry.blockShape), dtype: dtype, communicator: communicator)
      (writer, target) = (scratch, .scratch(scratch))
    }
  }

  /// The array, once all of it is written. Collective.
  func commit() throws(StoreError) -> any ChunkedDataset {
    try writer.commit()
    switch target {
    case .memory(let memory): return try memory.dataset()
    case .scratch(let scratch):
      held.keep(scratch)
      return try scratch.written()
    }
  }
}
