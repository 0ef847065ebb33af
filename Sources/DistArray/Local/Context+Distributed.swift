// New distributed arrays: constants, functions of the global index, and the ranks' own elements.

import DAStore

extension Context {
  /// Zeros in memory.
  ///
  /// - Throws: The same on every rank: `.invalidArgument` when the distribution needs ranks that are not there; `.memory`
  ///   with the budget that would do.
  /// - Collective: yes.
  public func zeros(as distribution: Distribution, dtype: DType = .float64) throws(StoreError) -> DistributedArray {
    try full(as: distribution, ElementValue(zero: dtype))
  }

  /// One value in every element, in memory. The array has the value's type.
  ///
  /// - Throws: As ``zeros(as:dtype:)``.
  /// - Collective: yes.
  public func full(as distribution: Distribution, _ value: ElementValue) throws(StoreError) -> DistributedArray {
    try filled(as: distribution, dtype: value.dtype) { _, bytes in value.fill(bytes) }
  }

  /// What a function says of each global index, in memory; each rank asks for the elements that it holds.
  ///
  /// - Parameter body: Depends on the index alone: copies of an element are made on several ranks.
  /// - Throws: As ``zeros(as:dtype:)``.
  /// - Collective: yes.
  public func fromFunction<E: Element>(
    as distribution: Distribution, _ body: ([Int]) -> E
  ) throws(StoreError) -> DistributedArray {
    try filled(as: distribution, dtype: E.dtype) { block, bytes in
      if block.elementCount == 0 { return }
      let places = bytes.bindMemory(to: E.self)
      var local = Array(repeating: 0, count: block.shape.count)
      var global = block.globalIndex(local)
      for number in places.indices {
        places[number] = body(global)
        for axis in local.indices.reversed() {
          local[axis] = local[axis] + 1 < block.shape[axis] ? local[axis] + 1 : 0
          global[axis] = block.globalIndex(local[axis], axis: axis)
          if local[axis] > 0 { break }
        }
      }
    }
  }

  /// An array of which every rank gives its own part.
  ///
  /// - Parameter elements: This rank's buffer in C order, copies of neighbours' elements included; nothing on a rank that
  ///   is no target.
  /// - Throws: As ``zeros(as:dtype:)``; `.invalidArgument` when a rank gives another number of elements than it holds.
  /// - Collective: yes.
  public func fromLocalBlocks<E: Element>(
    as distribution: Distribution, _ elements: [E]
  ) throws(StoreError) -> DistributedArray {
    try filled(as: distribution, dtype: E.dtype) { block, bytes throws(StoreError) in
      guard elements.count == block.elementCount else {
        throw StoreError(
          .invalidArgument,
          "\(elements.count) elements for a local block \(shapeText(block.shape)), which has \(block.elementCount)")
      }
      elements.withUnsafeBytes { bytes.copyMemory(from: $0) }
    } elsewhere: { () throws(StoreError) in
      guard elements.isEmpty else {
        throw StoreError(.invalidArgument, "\(elements.count) elements on a rank that holds no part of the array")
      }
    }
  }

  /// An array whose parts `body` fills, where there are any. Collective.
  private func filled(
    as distribution: Distribution, dtype: DType,
    _ body: (LocalBlock, UnsafeMutableRawBufferPointer) throws(StoreError) -> Void,
    elsewhere: () throws(StoreError) -> Void = {}
  ) throws(StoreError) -> DistributedArray {
    let free = try freeMemory()
    try check(distribution, dtype)
    try free.require(blockByteCount(distribution, dtype), for: "an array \(shapeText(distribution.shape)) in memory")
    return try communicator.agree { () throws(StoreError) in
      let memory = try leaseBlock(distribution, dtype)
      if let block = LocalBlock(distribution, rank: communicator.rank) {
        try body(block, memory.bytes)
      } else {
        try elsewhere()
      }
      return DistributedArray(memory, dtype: dtype, as: distribution, context: self)
    }
  }

  /// Makes sure that these ranks can hold such an array.
  func check(_ distribution: Distribution, _ dtype: DType) throws(StoreError) {
    try distribution.checkTargets(communicatorSize: communicator.size)
    _ = try checkedElementCount(distribution.shape, dtype: dtype)
  }

  /// Memory that the largest part takes.
  func blockByteCount(_ distribution: Distribution, _ dtype: DType) -> Int {
    BufferPool.capacity(for: distribution.largestLocalByteCount(dtype))
  }

  /// Memory for this rank's part; a rank that is no target gets no bytes.
  func leaseBlock(_ distribution: Distribution, _ dtype: DType) throws(StoreError) -> PooledBuffer {
    try heldMemory.lease(byteCount: distribution.localByteCount(dtype, rank: communicator.rank))
  }
}
