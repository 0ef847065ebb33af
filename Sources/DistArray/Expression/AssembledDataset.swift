// An array put together from pieces as a dataset: its chunks are gathered when they are asked for.

import DAStore

/// The elements of an assembly, chunk by chunk.
///
/// A chunk's stored bytes are those of the parts' chunks that it needs, one after the other, each once. Decoding takes
/// one after the other and copies what its pieces want. Parts that are views are read through what they show.
final class AssembledDataset: DerivedDataset {
  let path: String
  let description: DatasetDescription
  /// One per part, and how the part shows it.
  let sources: [Tape.Source]
  private let layout: any PieceLayout
  private let files: SourceFiles
  let decodeScratchByteCount: Int
  let largestStoredByteCount: Int

  /// Stored bytes that a chunk may need before chunks are made smaller.
  static let standardLimit = 16 << 20

  /// - Parameters:
  ///   - expression: An assembled one, without reductions in its parts.
  ///   - name: What messages call it.
  ///   - limit: Bytes of the parts that one chunk may need, where smaller chunks need less.
  /// - Throws: `.internalFault` for another expression, and for a reduction inside.
  init(_ expression: Expression, name: String, limit: Int = standardLimit) throws(StoreError) {
    guard case .assembled(let assembly) = expression.kind else {
      throw StoreError(.internalFault, "no assembled array", path: name)
    }
    var datasets: [ObjectIdentifier: any ChunkedDataset] = [:]
    var sources: [Tape.Source] = []
    for part in assembly.parts {
      var shown = part
      var view = AffineView(identity: part.shape)
      if case .view(let inner, let innerView) = part.kind, !innerView.hasDiagonal {
        (shown, view) = (inner, innerView)
      }
      let known = datasets[ObjectIdentifier(shown)]
      let dataset = if let known { known } else { try Materialisation.dataset(shown, name: name) }
      datasets[ObjectIdentifier(shown)] = dataset
      sources.append(Tape.Source(dataset: dataset, view: view))
    }
    path = name
    layout = assembly.layout
    self.sources = sources
    files = try SourceFiles(sources.map(\.dataset), path: name)
    let byteCounts = sources.map(\.dataset.largestReadByteCount)
    let shape = expression.shape
    var grid = try ChunkGrid(
      shape: shape, chunkShape: layout.chunkShape(shape, expression.dtype, sources))
    var most = layout.mostStoredByteCount(grid, sources, byteCounts)
    while most > limit {
      var best = most
      for half in layout.halves(of: grid.chunkShape) {
        let other = try ChunkGrid(shape: shape, chunkShape: half)
        let byteCount = layout.mostStoredByteCount(other, sources, byteCounts)
        // Chunks that need nearly as much as larger ones would only make the array's parts be read more often.
        if byteCount < best, byteCount <= most - most / 4 { (best, grid) = (byteCount, other) }
      }
      if best == most { break }
      most = best
    }
    largestStoredByteCount = most
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: expression.dtype, grid: grid, storedByteCount: 0)
    decodeScratchByteCount = sources.reduce(0) { max($0, SourceChunks.scratchByteCount($1.dataset)) }
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    var extents: [StoredExtent] = []
    var constants: Set<ElementValue> = []
    var isConstant = true
    for part in neededChunks(number) {
      switch try sources[part.source].dataset.storage(of: part.chunk) {
      case .constant(let value): constants.insert(value)
      case .direct(let stored), .encoded(let stored):
        isConstant = false
        extents += stored.map { files.extent($0, ofSource: part.source) }
      }
    }
    if isConstant, constants.count == 1, let value = constants.first { return .constant(value) }
    return .encoded(extents)
  }

  var fileNumberBound: Int { files.bound }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try files.read(extent, into: buffer)
  }

  func willRead(_ extent: StoredExtent) { files.willRead(extent) }
  func finishReading() throws(StoreError) { try files.finishReading() }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    guard let destination = buffer.baseAddress, buffer.count == description.byteCount(ofChunk: number),
      scratch.count >= decodeScratchByteCount
    else {
      if description.byteCount(ofChunk: number) == 0 { return }
      throw StoreError(.internalFault, "buffers of wrong sizes for chunk \(number)", path: path)
    }
    var chunks = SourceChunks(stored: stored, scratch: scratch, path: path)
    for part in neededChunks(number) {
      guard let elements = try chunks.next(part.chunk, of: sources[part.source].dataset) else { continue }
      let size = description.dtype.byteCount
      for copy in part.copies {
        copyBox(
          shape: copy.shape, elementByteCount: size, from: elements + copy.source * size,
          sourceStrides: copy.sourceStrides.map { $0 * size }, to: destination + copy.destination * size,
          destinationStrides: copy.destinationStrides.map { $0 * size })
      }
    }
  }

  // MARK: Geometry

  /// Elements that go from a part's chunk to a chunk of the array; offsets and strides in elements.
  private struct Copy {
    var shape: [Int]
    var source: Int
    var sourceStrides: [Int]
    var destination: Int
    var destinationStrides: [Int]
  }

  /// A part's chunk, and what is wanted of it.
  private struct NeededChunk {
    var source: Int
    var chunk: Int
    var copies: [Copy]
  }

  /// The chunks of the parts that a chunk needs, each once, in the order of parts and numbers.
  private func neededChunks(_ number: Int) -> [NeededChunk] {
    let region = description.grid.region(of: number)
    if region.isEmpty { return [] }
    var places: [[Int]: Int] = [:]
    var needed: [NeededChunk] = []
    for piece in layout.pieces(of: region) {
      for (chunk, copy) in copies(piece) {
        if let place = places[[piece.part, chunk]] {
          needed[place].copies.append(copy)
        } else {
          places[[piece.part, chunk]] = needed.count
          needed.append(NeededChunk(source: piece.part, chunk: chunk, copies: [copy]))
        }
      }
    }
    return needed.sorted { ($0.source, $0.chunk) < ($1.source, $1.chunk) }
  }

  /// A piece, cut at the borders of the chunks that it is taken from.
  private func copies(_ piece: Piece) -> [(chunk: Int, copy: Copy)] {
    let source = sources[piece.part]
    let grid = source.dataset.description.grid
    let view = source.view.seen(through: piece.view)
    // Each axis of a piece runs along one axis of the source at most.
    var parts = [(chunk: 0, from: view.shape.map { _ in 0 }, shape: view.shape)]
    for (axis, place) in view.axes.enumerated() {
      let (extent, count) = (grid.chunkShape[axis], grid.chunksPerAxis[axis])
      switch place {
      case .fixed(let position):
        for index in parts.indices { parts[index].chunk = parts[index].chunk * count + position / extent }
      case .along(let of, let start, let step):
        let runs = StridedBox.Axis(start: start, step: step, count: view.shape[of]).runs(ofExtent: extent)
        parts = parts.flatMap { part in
          runs.map { run in
            var next = part
            next.chunk = part.chunk * count + run.position
            next.from[of] = run.from
            next.shape[of] = run.to - run.from
            return next
          }
        }
      }
    }
    return parts.map { part in
      let region = grid.region(of: part.chunk)
      let dense = rowMajorStrides(region.shape, elementByteCount: 1)
      var copy = Copy(
        shape: part.shape, source: 0, sourceStrides: part.shape.map { _ in 0 },
        destination: zip(part.from, piece.strides).reduce(piece.start) { $0 + $1.0 * $1.1 },
        destinationStrides: piece.strides)
      for (axis, place) in view.axes.enumerated() {
        switch place {
        case .fixed(let position): copy.source += (position - region.lower[axis]) * dense[axis]
        case .along(let of, let start, let step):
          copy.source += (start + step * part.from[of] - region.lower[axis]) * dense[axis]
          copy.sourceStrides[of] += step * dense[axis]
        }
      }
      return (part.chunk, copy)
    }
  }
}
