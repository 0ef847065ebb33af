// Where results live that are made before what uses them: in accounted memory, or in a scratch file.

import DAStore
import MessagePassing

/// Memory that arrays inside expressions hold between passes: passes that follow have so much less.
final class HeldMemory: Sendable {
  private struct Pool: Sendable {
    weak var pool: BufferPool?
  }
  /// Guards the list only.
  private let pools = Monitor([Pool]())
  /// Guards the list only.
  private let scratchFiles = Monitor([ScratchWriter]())

  /// Bytes now held.
  var byteCount: Int {
    pools.withLock { pools in
      pools.removeAll { $0.pool == nil }
      return pools.reduce(0) { $0 + ($1.pool?.statistics.leased ?? 0) }
    }
  }

  /// Lets the names of scratch files live as long as these settings: network file systems would take files without
  /// names from the ranks of other nodes. On one node they have no names.
  func keep(_ scratch: ScratchWriter) {
    if scratch.hasNames { scratchFiles.withLock { $0.append(scratch) } }
  }

  /// A pool whose leases count as held until they end.
  func makePool(byteCount: Int) -> BufferPool {
    let pool = BufferPool(budget: BufferPool.capacity(for: byteCount))
    pools.withLock { $0.append(Pool(pool: pool)) }
    return pool
  }
}

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
