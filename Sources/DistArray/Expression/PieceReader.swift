// Reading regions of an array that is put together from pieces: which chunks of its parts they need, and the copies.

import DAStore

/// The parts of an assembled array, read region by region.
///
/// A region's stored bytes are those of the parts' chunks that it needs, one after the other, each once. Gathering
/// takes one after the other and copies what the pieces want. Parts that are views are read through what they show.
struct PieceReader: Sendable {
  /// One per part, and how the part shows it.
  let sources: [Tape.Source]
  let layout: any PieceLayout
  /// Scratch that ``gather(_:from:into:scratch:)`` needs.
  let scratchByteCount: Int
  private let elementByteCount: Int

  /// - Parameters:
  ///   - parts: Arrays of one type, without statistics inside.
  ///   - name: What messages call them.
  /// - Throws: `.internalFault` for a statistic inside.
  init(_ parts: [Expression], _ layout: any PieceLayout, name: String) throws(StoreError) {
    precondition(!parts.isEmpty, "at least one part")
    var datasets: [ObjectIdentifier: any ChunkedDataset] = [:]
    var sources: [Tape.Source] = []
    for part in parts {
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
    self.sources = sources
    self.layout = layout
    elementByteCount = parts[0].dtype.byteCount
    scratchByteCount = sources.reduce(0) { max($0, SourceChunks.scratchByteCount($1.dataset)) }
  }

  /// Bytes that one chunk of each part occupies at most.
  var chunkByteCounts: [Int] { sources.map(\.dataset.largestReadByteCount) }

  /// Where the elements of a region are stored.
  enum Stored {
    case constant(ElementValue)
    /// With the part that each belongs to.
    case extents([(source: Int, extent: StoredExtent)])
  }

  /// How many chunks of the parts a region needs.
  func neededChunkCount(_ region: Region) -> Int { neededChunks(region).count }

  func stored(_ region: Region) throws(StoreError) -> Stored {
    var extents: [(source: Int, extent: StoredExtent)] = []
    var constants: Set<ElementValue> = []
    var isConstant = true
    for part in neededChunks(region) {
      switch try sources[part.source].dataset.storage(of: part.chunk) {
      case .constant(let value): constants.insert(value)
      case .direct(let stored), .encoded(let stored):
        isConstant = false
        extents += stored.map { (part.source, $0) }
      }
    }
    if isConstant, constants.count == 1, let value = constants.first { return .constant(value) }
    return .extents(extents)
  }

  /// Gathers a region.
  ///
  /// - Parameters:
  ///   - region: Not empty.
  ///   - stored: Begins with the bytes of the region's extents, one after the other.
  ///   - destination: Receives the elements, dense, in C order.
  ///   - scratch: At least ``scratchByteCount`` bytes.
  /// - Returns: How many stored bytes were the region's.
  func gather(
    _ region: Region, from stored: UnsafeRawBufferPointer, into destination: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> Int {
    guard scratch.count >= scratchByteCount else {
      throw StoreError(.internalFault, "a scratch of \(scratch.count) bytes, \(scratchByteCount) are needed")
    }
    var chunks = SourceChunks(stored: stored, scratch: scratch)
    for part in neededChunks(region) {
      guard let elements = try chunks.next(part.chunk, of: sources[part.source].dataset) else { continue }
      let size = elementByteCount
      for copy in part.copies {
        copyBox(
          shape: copy.shape, elementByteCount: size, from: elements + copy.source * size,
          sourceStrides: copy.sourceStrides.map { $0 * size }, to: destination + copy.destination * size,
          destinationStrides: copy.destinationStrides.map { $0 * size })
      }
    }
    return chunks.used
  }

  // MARK: Geometry

  /// Elements that go from a part's chunk to a region of the array; offsets and strides in elements.
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

  /// The chunks of the parts that a region needs, each once, in the order of parts and numbers.
  private func neededChunks(_ region: Region) -> [NeededChunk] {
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
