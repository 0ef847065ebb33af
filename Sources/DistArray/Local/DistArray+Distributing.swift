// From an array that is stored or computed to one whose parts lie in the memory of the ranks.

import DAChunkCache
import DAStore
import MessagePassing

extension DistArray {
  /// Computes the array and deals it out over the ranks' memory.
  ///
  /// Every rank reads the chunks in which it owns elements, each once and in ascending order; nothing is sent but copies
  /// for communication padding. On cyclic axes that are dealt finer than the chunks every rank reads (and computes)
  /// every chunk.
  /// - Parameter distribution: Of this shape, or of another with as many elements: then the array is reshaped.
  /// - Throws: The same on every rank: `.invalidArgument` for another number of elements, or ranks that are not there;
  ///   `.memory` with the budget that would do; what reading the sources throws.
  /// - Collective: yes.
  public func distribute(as distribution: Distribution) throws(StoreError) -> DistributedArray {
    guard shape == distribution.shape else {
      try check()
      return try reshaped(to: distribution.shape).distribute(as: distribution)
    }
    let communicator = context.communicator
    let source = try dataset(name: "distributed")
    let facts = source.description
    try context.check(distribution, facts.dtype)
    let free = try context.freeMemory()
    let block = context.blockByteCount(distribution, facts.dtype)
    let cost = SourceCost(source)
    let what = "an array \(shapeText(shape)) in memory, and reading it,"
    try free.require(saturatingSum(block, cost.leastCacheByteCount), for: what)
    let cacheByteCount = Swift.min(free.free - block, Swift.max(cost.leastCacheByteCount, Self.cacheByteCount))
    let array = try communicator.agree { () throws(StoreError) in
      let memory = try context.leaseBlock(distribution, facts.dtype)
      let cache = context.options.makeCache(byteCount: cacheByteCount, for: [cost])
      if let block = LocalBlock(distribution, rank: communicator.rank) {
        try load(block, memory.bytes, from: source, through: cache)
      }
      try source.finishReading()
      return DistributedArray(memory, dtype: facts.dtype, as: distribution, context: context)
    }
    try array.fillCopies()
    return array
  }

  /// Bytes of cache beside the parts, where there is room: chunks pass by, and are read ahead.
  private static var cacheByteCount: Int { 64 << 20 }

  /// Fills a rank's buffer with what it owns. Local.
  private func load(
    _ block: LocalBlock, _ bytes: UnsafeMutableRawBufferPointer, from source: any ChunkedDataset,
    through cache: ChunkCache
  ) throws(StoreError) {
    let size = source.description.dtype.byteCount
    let grid = source.description.grid
    guard let target = bytes.baseAddress, block.elementCount > 0 else { return }
    let localStrides = rowMajorStrides(block.shape, elementByteCount: size)
    let chunks = grid.chunks(ofRankAt: block.coordinates, in: block.distribution)
    try cache.sweep(source, chunks: chunks) { number, chunk throws(StoreError) in
      try context.options.checkForStop()
      let region = grid.region(of: number)
      guard let from = chunk.baseAddress else { return }
      let part = OwnedPart(of: region, in: block.distribution, at: block.coordinates)
      let regionStrides = rowMajorStrides(region.shape, elementByteCount: size)
      part.forEachBox(regionStrides: regionStrides, localStrides: localStrides) { box in
        copyBox(
          shape: box.shape, elementByteCount: size, from: from + box.regionOffset, sourceStrides: box.regionStrides,
          to: target + box.localOffset, destinationStrides: box.localStrides)
      }
    }
  }
}
