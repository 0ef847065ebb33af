// The accounted memory of a rank: every large buffer is leased here, so a budget is a fact and not a hope.

/// Page-aligned buffers under one byte budget; returned buffers are reused by the next lease of their size.
///
/// Thread-safe. Sizes are rounded up to pages.
public final class BufferPool: Sendable {
  public let budget: Int

  private struct State {
    var leased = 0
    var idle = 0
    var peak = 0
    var reuses = 0
    var allocations = 0
    /// Idle buffers by capacity, last returned first: that one is warm in the processor's caches.
    var shelves: [Int: [PooledMemory]] = [:]
  }
  /// Guards the accounts and shelves; only malloc and free happen while it is held.
  private let state = Monitor(State())

  /// - Parameter budget: Most bytes that may be leased or idle at once.
  public init(budget: Int) { self.budget = budget }

  /// Leases a buffer whose contents are undefined.
  ///
  /// - Throws: `.memory` when the budget cannot hold it, with the figures.
  public func lease(byteCount: Int) throws(StoreError) -> PooledBuffer {
    let capacity = Self.capacity(for: byteCount)
    let memory: PooledMemory = try state.withLock { state throws(StoreError) in
      if let memory = state.shelves[capacity]?.popLast() {
        state.idle -= capacity
        state.leased += capacity
        state.reuses += 1
        return memory
      }
      guard state.leased + capacity <= budget else {
        throw StoreError(
          .memory,
          "\(byteCount) bytes more do not fit: \(state.leased) of a budget of \(budget) bytes are in use; raise --memory")
      }
      if state.leased + state.idle + capacity > budget {
        state.shelves.removeAll()
        state.idle = 0
      }
      let memory = PooledMemory(try AlignedBuffer(byteCount: capacity))
      state.leased += capacity
      state.allocations += 1
      state.peak = max(state.peak, state.leased + state.idle)
      return memory
    }
    return PooledBuffer(memory: memory, byteCount: byteCount, pool: self)
  }

  fileprivate func take(back memory: PooledMemory) {
    let capacity = memory.buffer.bytes.count
    state.withLock { state in
      state.leased -= capacity
      state.idle += capacity
      state.shelves[capacity, default: []].append(memory)
    }
  }

  /// What a lease of this size counts against the budget.
  public static func capacity(for byteCount: Int) -> Int {
    let page = AlignedBuffer.alignment
    return (max(byteCount, 1) + page - 1) / page * page
  }

  /// Figures since the pool was made: bytes now leased, most bytes ever held, leases served by reuse and by allocation.
  public var statistics: (leased: Int, peak: Int, reuses: Int, allocations: Int) {
    state.withLock { ($0.leased, $0.peak, $0.reuses, $0.allocations) }
  }
}

private final class PooledMemory: Sendable {
  let buffer: AlignedBuffer
  init(_ buffer: consuming AlignedBuffer) { self.buffer = buffer }
}

/// A leased buffer; goes back to its pool when the last reference is dropped.
public final class PooledBuffer: @unchecked Sendable {
  // Sendable: whoever holds the lease synchronises access to the bytes.
  private let memory: PooledMemory
  private let pool: BufferPool
  /// The bytes asked for, page aligned. Valid while this object lives.
  public let bytes: UnsafeMutableRawBufferPointer

  fileprivate init(memory: PooledMemory, byteCount: Int, pool: BufferPool) {
    self.memory = memory
    self.pool = pool
    bytes = UnsafeMutableRawBufferPointer(rebasing: memory.buffer.bytes[..<byteCount])
  }

  deinit { pool.take(back: memory) }
}
