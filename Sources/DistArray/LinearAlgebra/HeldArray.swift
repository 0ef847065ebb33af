// Where results live that are made before what uses them: in accounted memory, or in a scratch file.

import DAStore
import Glibc
import MessagePassing

/// Memory that arrays inside expressions hold between passes: passes that follow have so much less.
final class HeldMemory: Sendable {
  private struct Pool: Sendable {
    weak var pool: BufferPool?
  }
  /// Guards the list only.
  private let pools = Monitor([Pool]())

  /// Bytes now held.
  var byteCount: Int {
    pools.withLock { pools in
      pools.removeAll { $0.pool == nil }
      return pools.reduce(0) { $0 + ($1.pool?.statistics.leased ?? 0) }
    }
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
  /// `nil` for a scratch file.
  private let memory: MemoryWriter?
  private let path: String
  private let communicator: Communicator

  var isInMemory: Bool { memory != nil }

  /// - Throws: `.memory`, `.io` and what creating a `.dnpy` file throws, the same on all ranks.
  /// - Collective: yes.
  init(
    _ geometry: ProductGeometry, _ dtype: DType, _ budget: MemoryBudget, _ held: HeldMemory,
    _ communicator: Communicator
  ) throws(StoreError) {
    self.communicator = communicator
    let shape = geometry.shape
    let byteCount = shape.reduce(dtype.byteCount, saturatingProduct)
    if ProductPlan.staysInMemory(byteCount, budget: budget) {
      let writer = try MemoryWriter(
        name: "product", shape: shape, dtype: dtype, chunkShape: geometry.blockShape, communicator: communicator,
        pool: held.makePool(byteCount: byteCount))
      (self.writer, memory, path) = (writer, writer, "")
    } else {
      path = try Self.scratchPath(communicator)
      memory = nil
      writer = try Dnpy2Writer.create(
        path: path, shape: shape, dtype: dtype, chunkShape: geometry.blockShape, codecs: [],
        communicator: communicator, pool: BufferPool(budget: budget.byteCount))
    }
  }

  /// The array, once all of it is written. Collective.
  func commit() throws(StoreError) -> any ChunkedDataset {
    try writer.commit()
    if let memory { return try memory.dataset() }
    let opened = Result { () throws(StoreError) in try Dnpy2Dataset(path: path) }
    let isOneNode = try passing { () throws(MPIError) in try communicator.nodeLocal.size == communicator.size }
    let agreed = Result { () throws(StoreError) in try communicator.agree(opened) }
    // All have it open, or nobody will: nobody needs its name any more, and it ends with the processes. Network file
    // systems forget files without names that other nodes have open: there it goes when the program ends.
    if communicator.rank == 0 { isOneNode ? _ = unlink(path) : ScratchFiles.removeAtExit(path) }
    return try agreed.get()
  }

  /// A name that no file has, the same on all ranks: in `DASTORE_SCRATCH`, or where the program runs.
  private static func scratchPath(_ communicator: Communicator) throws(StoreError) -> String {
    let folder = getenv("DASTORE_SCRATCH").map { String(cString: $0) } ?? "."
    var name = Array("\(folder)/.dastore-scratch-\(String(UInt64.random(in: .min ... .max), radix: 36)).dnpy".utf8)
    try passing { () throws(MPIError) in try communicator.broadcast(&name, from: 0) }
    return String(decoding: name, as: UTF8.self)
  }
}

/// Scratch files that still have their names.
private enum ScratchFiles {
  /// Guards the list only.
  private static let paths = Monitor([String]())
  private static let isRegistered = atexit { for path in ScratchFiles.paths.withLock({ $0 }) { unlink(path) } } == 0

  static func removeAtExit(_ path: String) {
    paths.withLock { $0.append(path) }
    _ = isRegistered
  }
}
