// Carries out a product of matrices on all ranks: each computes tiles, and all write them together.

import DAChunkCache
import DAStore
import MessagePassing

/// One product.
struct ProductRun {
  private let product: MatrixProduct
  private let options: StreamingOptions
  private let communicator: Communicator

  init(_ product: MatrixProduct, options: StreamingOptions, communicator: Communicator) {
    self.product = product
    self.options = options
    self.communicator = communicator
  }

  /// Computes the product, whose operands have no statistics or products inside.
  ///
  /// - Throws: The same on every rank: `.memory` with the budget that would do, `.unsupported` without OpenBLAS, and
  ///   what reading the operands and writing a scratch file throw.
  /// - Collective: yes.
  func result() throws(StoreError) -> any ChunkedDataset {
    let budget = try options.agreedBudget(communicator)
    let (a, b, kernel) = try communicator.agree { () throws(StoreError) in
      (
        try Materialisation.dataset(product.a), try Materialisation.dataset(product.b),
        try MatrixKernel(product.a.dtype)
      )
    }
    let target = try HeldArray(
      product.geometry.shape, product.a.dtype, chunkShape: product.geometry.blockShape, name: "product", budget,
      options,
      communicator)
    do throws(StoreError) {
      let plan = try communicator.agree { () throws(StoreError) in
        try ProductPlan(
          product.geometry, product.a.dtype, costs: [SourceCost(a), SourceCost(b)], isInMemory: target.isInMemory,
          roundScratch: target.writer.roundScratchByteCount(forChunksOf:), rankCount: communicator.size, budget: budget)
      }
      try multiply(a, b, kernel, plan, target.writer)
      try communicator.agree { () throws(StoreError) in
        try a.finishReading()
        try b.finishReading()
      }
      try target.writer.commit()
      return try target.written()
    } catch {
      target.writer.abandon()
      throw error
    }
  }

  private func multiply(
    _ a: any ChunkedDataset, _ b: any ChunkedDataset, _ kernel: MatrixKernel, _ plan: ProductPlan,
    _ writer: any ChunkedDatasetWriter
  ) throws(StoreError) {
    let cache = options.makeCache(byteCount: plan.cacheByteCount, for: [SourceCost(a), SourceCost(b)])
    let sizes = plan.bufferByteCounts
    let (panels, pool) = try communicator.agree { () throws(StoreError) in
      let pool = BufferPool(
        budget: [sizes.a, sizes.b, sizes.tile].reduce(0) { saturatingSum($0, BufferPool.capacity(for: $1)) })
      let buffers = [
        try pool.lease(byteCount: sizes.a), try pool.lease(byteCount: sizes.b), try pool.lease(byteCount: sizes.tile),
      ]
      return (buffers, pool)
    }
    defer { withExtendedLifetime(pool) {} }
    let worker = TileWorker(
      plan: plan, kernel: kernel, grid: writer.description.grid, a: BlockLoader(a, cache: cache),
      b: BlockLoader(b, cache: cache), panels: (panels[0].bytes, panels[1].bytes), tile: panels[2].bytes)
    let total = writer.description.logicalByteCount
    options.progress?(0, total)
    for round in 0..<plan.roundCount {
      let number = round * communicator.size + communicator.rank
      let chunks = try communicator.agree { () throws(StoreError) -> [ChunkToWrite] in
        try options.checkForStop()
        return number < plan.tileCount ? try worker.compute(number, options) : []
      }
      for write in 0..<plan.writesPerRound {
        try writer.write(Array(chunks.dropFirst(write * plan.blocksPerWrite).prefix(plan.blocksPerWrite)))
      }
      options.progress?(Int(Double(total) * Double(round + 1) / Double(plan.roundCount)), total)
    }
    withExtendedLifetime(panels) {}
  }
}
