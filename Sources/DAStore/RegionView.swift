// A selected part of a stored array as a stored array of its own, so that every reader takes a selection.

/// The elements that a selection takes from another dataset.
///
/// Memory is that of the few source chunks that a view chunk touches.
public final class RegionView: DerivedDataset {
  public let path: String
  public let description: DatasetDescription
  private let source: any ChunkedDataset
  private let chunks: ChunkGather
  private let selection: ResolvedSelection
  /// What one view chunk needs of the source at most.
  private let mostTouchedChunks: Int

  /// - Parameters:
  ///   - chunkByteCount: About as many bytes of the source one view chunk may touch, where the choice is free.
  /// - Throws: `.invalidArgument` when the selection does not fit the source's shape.
  public init(
    of source: any ChunkedDataset, _ selection: Selection, chunkByteCount: Int = 4 << 20
  ) throws(StoreError) {
    let facts = source.description
    let resolved: ResolvedSelection
    do { resolved = try selection.resolve(shape: facts.shape) } catch { throw error.at(path: source.path) }
    self.source = source
    chunks = ChunkGather(source)
    self.selection = resolved
    path = source.path + "\(selection)"
    let extents = Self.viewExtents(resolved, facts, chunkByteCount: chunkByteCount)
    let kept = resolved.keptAxes
    let grid = try ChunkGrid(shape: resolved.shape, chunkShape: kept.map { extents[$0] })
    var view = DatasetDescription(
      format: facts.format, shape: resolved.shape, dtype: facts.dtype, grid: grid, fillValue: facts.fillValue,
      storedByteCount: facts.storedByteCount)
    view.codecs = facts.codecs
    view.attributes = facts.attributes
    view.dimensionNames = facts.dimensionNames.map { names in kept.map { $0 < names.count ? names[$0] : nil } }
    view.generation = facts.generation
    view.details = facts.details + [.init("selection", .string("\(selection)"))]
    description = view
    mostTouchedChunks = Self.touchedChunks(resolved, facts.grid, extents)
  }

  /// Nothing is left out or turned round.
  var isEverything: Bool { selection.isEverything }

  public var decodeScratchByteCount: Int { chunks.scratchByteCount }

  public var largestStoredByteCount: Int {
    let (product, overflow) = chunks.largestStoredByteCount.multipliedReportingOverflow(by: mostTouchedChunks)
    return overflow ? Int.max : product
  }

  public func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    switch try chunks.stored(box(of: number)) {
    case .constant(let value): .constant(value)
    case .extents(let extents): .encoded(extents)
    }
  }

  public func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try source.read(extent, into: buffer)
  }

  public var fileNumberBound: Int { source.fileNumberBound }

  public func willRead(_ extent: StoredExtent) { source.willRead(extent) }

  /// Where a checksum covers the whole source, a part of it can be trusted only after all of it was read.
  public func finishReading() throws(StoreError) { try source.finishReading() }

  public func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    _ = try chunks.gather(box(of: number), from: stored, into: buffer, scratch: scratch)
  }

  /// The source elements of a view chunk.
  private func box(of number: Int) -> StridedBox {
    let chunk = description.grid.region(of: number)
    var axes = selection.axes.map { StridedBox.Axis(start: $0.start, step: $0.step, count: 1) }
    for (viewAxis, axis) in selection.keptAxes.enumerated() {
      axes[axis].start += axes[axis].step * chunk.lower[viewAxis]
      axes[axis].count = chunk.upper[viewAxis] - chunk.lower[viewAxis]
    }
    return StridedBox(axes)
  }

  // MARK: The view's own grid

  /// Extent of a view chunk along every source axis, in view elements.
  ///
  /// A view chunk spans about one source chunk; where the selection does not fall on the source's chunk borders it
  /// grows, so that the source chunks which two view chunks share are few beside those that they do not share.
  private static func viewExtents(
    _ selection: ResolvedSelection, _ facts: DatasetDescription, chunkByteCount: Int
  ) -> [Int] {
    let grid = facts.grid
    var extents: [Int] = []
    var mayGrow: [Bool] = []
    for (axis, progression) in selection.axes.enumerated() {
      let chunk = grid.chunkShape[axis]
      let step = abs(progression.step)
      let extent = max(1, min(chunk / step, progression.count))
      let phase = progression.step > 0 ? progression.start % chunk : chunk - 1 - progression.start % chunk
      extents.append(extent)
      mayGrow.append(extent < progression.count && (phase >= step || chunk % step != 0))
    }
    let chunkBytes = max(1, facts.largestChunkByteCount)
    // Trailing axes first: their neighbours lie nearest in the file.
    for axis in extents.indices.reversed() where mayGrow[axis] {
      while extents[axis] < selection.axes[axis].count {
        var grown = extents
        grown[axis] = min(extents[axis] * 2, selection.axes[axis].count)
        guard touchedChunks(selection, grid, grown) <= chunkByteCount / chunkBytes else { break }
        extents = grown
      }
    }
    return extents
  }

  /// Most source chunks that a view chunk of these extents can touch.
  private static func touchedChunks(_ selection: ResolvedSelection, _ grid: ChunkGrid, _ extents: [Int]) -> Int {
    let axes = zip(selection.axes, extents).map {
      StridedBox.Axis(start: $0.start, step: $0.step, count: min($1, max($0.count, 1)))
    }
    return ChunkGather.mostTouchedChunks(axes, grid)
  }
}
