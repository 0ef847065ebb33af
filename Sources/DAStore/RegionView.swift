// A selected part of a stored array as a stored array of its own, so that every reader takes a selection.

/// The elements that a selection takes from another dataset.
///
/// A view chunk's stored bytes are the extents of the source chunks that it touches, one after the other; decoding it
/// decodes each of them and gathers what the view wants. Memory therefore is that of a few source chunks.
/// Source chunks of formats without chunk checksums are trimmed to the bytes between the first and the last wanted one.
public final class RegionView: ChunkedDataset {
  public let path: String
  public let description: DatasetDescription
  private let source: any ChunkedDataset
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

  public var decodeScratchByteCount: Int {
    source.description.largestChunkByteCount + source.decodeScratchByteCount
  }

  public var largestStoredByteCount: Int {
    let one = max(source.largestStoredByteCount, source.description.largestChunkByteCount)
    return one.multipliedReportingOverflow(by: mostTouchedChunks).overflow ? Int.max : one * mostTouchedChunks
  }

  public func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    var extents: [StoredExtent] = []
    var constants: Set<ElementValue> = []
    var isConstant = true
    for piece in pieces(of: number) {
      switch try source.storage(of: piece.chunk) {
      case .constant(let value): constants.insert(value)
      case .direct(let stored):
        isConstant = false
        extents += trimmed(stored, to: wantedBytes(piece))
      case .encoded(let stored):
        isConstant = false
        extents += stored
      }
    }
    if isConstant, constants.count == 1, let value = constants.first { return .constant(value) }
    return .encoded(extents)
  }

  public func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try source.read(extent, into: buffer)
  }

  public func willRead(_ extent: StoredExtent) { source.willRead(extent) }

  /// Where a checksum covers the whole source, a part of it can be trusted only after all of it was read.
  public func finishReading() throws(StoreError) { try source.finishReading() }

  public func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let decodedByteCount = source.description.largestChunkByteCount
    guard scratch.count >= decodeScratchByteCount, buffer.count == description.byteCount(ofChunk: number) else {
      throw StoreError(.internalFault, "buffers too small for chunk \(number) of a view", path: path)
    }
    let decoded = UnsafeMutableRawBufferPointer(rebasing: scratch[..<decodedByteCount])
    let rest = UnsafeMutableRawBufferPointer(rebasing: scratch[decodedByteCount...])
    var used = 0
    func next(_ byteCount: Int) throws(StoreError) -> UnsafeRawBufferPointer {
      guard byteCount >= 0, byteCount <= stored.count - used else {
        throw StoreError(
          .internalFault, "chunk \(number) of a view got \(stored.count) stored bytes, too few", path: path)
      }
      defer { used += byteCount }
      return UnsafeRawBufferPointer(rebasing: stored[used..<used + byteCount])
    }
    for piece in pieces(of: number) {
      let byteCount = source.description.byteCount(ofChunk: piece.chunk)
      switch try source.storage(of: piece.chunk) {
      case .constant(let value):
        let whole = UnsafeMutableRawBufferPointer(rebasing: decoded[..<byteCount])
        value.fill(whole)
        gather(piece, from: UnsafeRawBufferPointer(whole), firstByte: 0, into: buffer, number)
      case .direct(let extents):
        let wanted = wantedBytes(piece)
        let bytes = try next(trimmed(extents, to: wanted).reduce(0) { $0 + $1.byteCount })
        guard bytes.count == wanted.count else {
          throw StoreError(
            .corrupt, "chunk \(piece.chunk) is stored in \(bytes.count) bytes, expected \(wanted.count)",
            path: source.path)
        }
        if wanted.count == byteCount { try source.check(piece.chunk, bytes: bytes) }
        gather(piece, from: bytes, firstByte: wanted.lowerBound, into: buffer, number)
      case .encoded(let extents):
        let bytes = try next(extents.reduce(0) { $0 + $1.byteCount })
        let whole = UnsafeMutableRawBufferPointer(rebasing: decoded[..<byteCount])
        try source.decode(piece.chunk, stored: bytes, into: whole, scratch: rest)
        gather(piece, from: UnsafeRawBufferPointer(whole), firstByte: 0, into: buffer, number)
      }
    }
  }

  // MARK: Geometry of a view chunk

  /// What one source chunk gives to one view chunk.
  private struct Piece {
    var chunk: Int
    var region: Region
    /// Per source axis: the elements wanted, as first and last position in the source and their number.
    var first: [Int]
    var counts: [Int]
    /// Per source axis: index of the first of them along the view, from the view chunk's lower corner.
    var offsets: [Int]
  }

  private func pieces(of number: Int) -> [Piece] {
    let grid = source.description.grid
    let chunk = description.grid.region(of: number)
    var lower = Array(repeating: 0, count: selection.axes.count)
    var upper = Array(repeating: 1, count: selection.axes.count)
    for (viewAxis, axis) in selection.keptAxes.enumerated() {
      lower[axis] = chunk.lower[viewAxis]
      upper[axis] = chunk.upper[viewAxis]
    }
    /// Runs of view indices that lie in one source chunk, ascending by that chunk's position.
    var runs: [[(position: Int, from: Int, to: Int)]] = []
    for (axis, progression) in selection.axes.enumerated() {
      var list: [(position: Int, from: Int, to: Int)] = []
      var index = lower[axis]
      while index < upper[axis] {
        let place = progression.start + progression.step * index
        let position = place / grid.chunkShape[axis]
        let inside =
          progression.step > 0
          ? ((position + 1) * grid.chunkShape[axis] - place - 1) / progression.step
          : (place - position * grid.chunkShape[axis]) / -progression.step
        let end = min(index + inside + 1, upper[axis])
        list.append((position, index, end))
        index = end
      }
      runs.append(progression.step < 0 ? list.reversed() : list)
    }
    var result = [Piece(chunk: 0, region: Region(shape: []), first: [], counts: [], offsets: [])]
    for axis in runs.indices {
      let progression = selection.axes[axis]
      result = result.flatMap { piece in
        runs[axis].map { run in
          Piece(
            chunk: piece.chunk * grid.chunksPerAxis[axis] + run.position, region: piece.region,
            first: piece.first + [progression.start + progression.step * run.from],
            counts: piece.counts + [run.to - run.from], offsets: piece.offsets + [run.from - lower[axis]])
        }
      }
    }
    for index in result.indices { result[index].region = grid.region(of: result[index].chunk) }
    return result
  }

  /// Copies a piece's elements from (part of) the decoded source chunk into the view chunk.
  private func gather(
    _ piece: Piece, from bytes: UnsafeRawBufferPointer, firstByte: Int, into buffer: UnsafeMutableRawBufferPointer,
    _ number: Int
  ) {
    guard let from = bytes.baseAddress, let to = buffer.baseAddress else { return }
    let size = description.dtype.byteCount
    let sourceStrides = rowMajorStrides(piece.region.shape, elementByteCount: size)
    let viewStrides = rowMajorStrides(description.grid.region(of: number).shape, elementByteCount: size)
    var fullViewStrides = Array(repeating: 0, count: selection.axes.count)
    for (viewAxis, axis) in selection.keptAxes.enumerated() { fullViewStrides[axis] = viewStrides[viewAxis] }
    var sourceOffset = -firstByte
    var viewOffset = 0
    var steps: [Int] = []
    for axis in selection.axes.indices {
      sourceOffset += (piece.first[axis] - piece.region.lower[axis]) * sourceStrides[axis]
      viewOffset += piece.offsets[axis] * fullViewStrides[axis]
      steps.append(sourceStrides[axis] * selection.axes[axis].step)
    }
    copyBox(
      shape: piece.counts, elementByteCount: size, from: from + sourceOffset, sourceStrides: steps,
      to: to + viewOffset, destinationStrides: fullViewStrides)
  }

  /// Bytes of the decoded source chunk that a piece needs: all of it where a checksum covers the whole chunk.
  private func wantedBytes(_ piece: Piece) -> Range<Int> {
    let size = description.dtype.byteCount
    guard !source.description.format.hasChunkChecksums else { return 0..<piece.region.elementCount * size }
    let strides = rowMajorStrides(piece.region.shape, elementByteCount: size)
    var first = 0
    var last = 0
    for axis in strides.indices {
      let start = piece.first[axis] - piece.region.lower[axis]
      let end = start + selection.axes[axis].step * (piece.counts[axis] - 1)
      first += min(start, end) * strides[axis]
      last += max(start, end) * strides[axis]
    }
    return first..<last + size
  }

  /// The extents that hold `bytes` of the extents' concatenation.
  private func trimmed(_ extents: [StoredExtent], to bytes: Range<Int>) -> [StoredExtent] {
    var result: [StoredExtent] = []
    var position = 0
    for extent in extents {
      let from = max(bytes.lowerBound, position)
      let to = min(bytes.upperBound, position + extent.byteCount)
      if from < to {
        result.append(StoredExtent(file: extent.file, offset: extent.offset + from - position, byteCount: to - from))
      }
      position += extent.byteCount
    }
    return result
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
    var product = 1
    for (axis, progression) in selection.axes.enumerated() {
      let span = (min(extents[axis], max(progression.count, 1)) - 1) * abs(progression.step) + 1
      let touched = min((span - 1 + grid.chunkShape[axis] - 1) / grid.chunkShape[axis] + 1, extents[axis])
      product *= max(1, min(touched, grid.chunksPerAxis[axis]))
    }
    return product
  }
}

extension StoreFormat {
  /// Whether a chunk stored as it is must be read whole, because a checksum covers it.
  var hasChunkChecksums: Bool { self == .dnpy2 }
}
