// Computes one tile of a product of matrices on one rank.

import DAStore

/// What a rank needs to compute tiles one after the other.
struct TileWorker {
  let plan: ProductPlan
  let kernel: MatrixKernel
  /// The result's chunks: blocks.
  let grid: ChunkGrid
  let a: BlockLoader
  let b: BlockLoader
  let panels: (a: UnsafeMutableRawBufferPointer, b: UnsafeMutableRawBufferPointer)
  let tile: UnsafeMutableRawBufferPointer

  private var geometry: ProductGeometry { plan.geometry }
  private var elementByteCount: Int { kernel.dtype.byteCount }

  /// Computes a tile: its blocks, each dense, one after the other.
  ///
  /// The panels pass by in ascending order of the inner axis, and each panel's blocks too: the order of additions to an
  /// element follows from the geometry alone.
  func compute(_ number: Int, _ options: StreamingOptions) throws(StoreError) -> [ChunkToWrite] {
    let region = plan.region(ofTile: number)
    let blocks = grid.chunks(touching: region)
    var chunks: [ChunkToWrite] = []
    var place = 0
    for block in blocks {
      let byteCount = grid.elementCount(of: block) * elementByteCount
      guard byteCount <= tile.count - place else { throw StoreError(.internalFault, "a tile larger than planned") }
      chunks.append(
        ChunkToWrite(
          number: block, bytes: UnsafeRawBufferPointer(rebasing: tile[place..<place + byteCount])))
      place += byteCount
    }
    ElementValue(zero: kernel.dtype).fill(UnsafeMutableRawBufferPointer(rebasing: tile[..<place]))
    let inner = geometry.inner(ofGroup: region.lower[0])
    for first in stride(from: inner.lowerBound, to: inner.upperBound, by: plan.panelLength) {
      try options.checkForStop()
      let stretch = first..<min(first + plan.panelLength, inner.upperBound)
      let loaded = try Panels(region, stretch, self)
      for (chunk, block) in zip(chunks, blocks) { add(loaded, to: chunk, grid.region(of: block)) }
    }
    return chunks
  }

  /// The parts of both operands that a tile needs for a stretch of the inner axis, dense in memory.
  private struct Panels {
    let tile: Region
    let stretch: Range<Int>
    let a: Panel
    let b: Panel

    init(_ tile: Region, _ stretch: Range<Int>, _ worker: TileWorker) throws(StoreError) {
      self.tile = tile
      self.stretch = stretch
      let axes = tile.lower.count
      a = try Panel(
        tile, rows: tile.lower[axes - 2]..<tile.upper[axes - 2], columns: stretch, worker.a, worker.panels.a, worker)
      b = try Panel(
        tile, rows: stretch, columns: tile.lower[axes - 1]..<tile.upper[axes - 1], worker.b, worker.panels.b, worker)
    }
  }

  /// A box of an operand, dense.
  private struct Panel {
    let elements: UnsafeRawPointer
    /// Per batch axis of the result, how far matrices lie apart, in elements; 0 where one serves all.
    let batchStrides: [Int]
    let row: Int

    init(
      _ tile: Region, rows: Range<Int>, columns: Range<Int>, _ loader: BlockLoader,
      _ buffer: UnsafeMutableRawBufferPointer, _ worker: TileWorker
    ) throws(StoreError) {
      let facts = loader.dataset.description
      let own = Array(facts.shape.dropLast(2))
      let batchAxes = worker.geometry.batch.indices
      let box = Region(
        lower: batchAxes.map { tile.lower[$0 + 1] }, upper: batchAxes.map { tile.upper[$0 + 1] })
      let (lower, upper) = worker.geometry.batchRegion(box, of: own)
      let region = Region(
        lower: lower + [rows.lowerBound, columns.lowerBound], upper: upper + [rows.upperBound, columns.upperBound])
      let byteCount = region.elementCount * worker.elementByteCount
      guard byteCount <= buffer.count, let start = buffer.baseAddress else {
        throw StoreError(.internalFault, "a panel larger than planned")
      }
      try loader.load(region, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<byteCount]))
      elements = UnsafeRawPointer(start)
      row = columns.count
      let dense = rowMajorStrides(region.shape, elementByteCount: 1)
      let added = batchAxes.count - own.count
      batchStrides = batchAxes.map { axis in
        axis < added || own[axis - added] == 1 ? 0 : dense[axis - added]
      }
    }
  }

  /// Adds the panels' product to a block, matrix by matrix.
  private func add(_ panels: Panels, to chunk: ChunkToWrite, _ block: Region) {
    let shape = block.shape
    let axes = shape.count
    let (rows, columns) = (shape[axes - 2], shape[axes - 1])
    let firstRow = block.lower[axes - 2] - panels.tile.lower[axes - 2]
    let firstColumn = block.lower[axes - 1] - panels.tile.lower[axes - 1]
    let batch = Array(shape[1..<axes - 2])
    guard let start = chunk.bytes.baseAddress else { return }
    // The block is a part of the tile, which this rank writes.
    let result = UnsafeMutableRawPointer(mutating: start)
    for item in 0..<batch.reduce(1, *) {
      let position = rowMajorPosition(of: item, in: batch)
      func place(_ panel: Panel, _ offset: Int) -> UnsafeRawPointer {
        panel.elements + (zip(position, panel.batchStrides).reduce(offset) { $0 + $1.0 * $1.1 }) * elementByteCount
      }
      let c = result + item * rows * columns * elementByteCount
      for inner in stride(from: 0, to: panels.stretch.count, by: geometry.blockInner) {
        kernel.add(
          MatrixPart(elements: place(panels.a, firstRow * panels.a.row + inner), row: panels.a.row),
          MatrixPart(elements: place(panels.b, inner * panels.b.row + firstColumn), row: panels.b.row), to: c,
          rows: rows, columns: columns, inner: min(geometry.blockInner, panels.stretch.count - inner))
      }
    }
  }
}
