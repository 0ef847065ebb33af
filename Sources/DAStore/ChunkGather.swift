// Gathers evenly spaced elements from the chunks of a dataset: what views and lazy expressions read through.

/// Evenly spaced positions on every axis of an array; a step may be negative, an empty axis has a count of 0.
package struct StridedBox: Sendable, Hashable {
  package struct Axis: Sendable, Hashable {
    package var start: Int
    package var step: Int
    package var count: Int

    package init(start: Int, step: Int, count: Int) {
      self.start = start
      self.step = step
      self.count = count
    }

    /// Places `from ..< to` of the axis that lie in one chunk, which is number `position` along the array's axis.
    package struct Run {
      package var position: Int
      package var from: Int
      package var to: Int
    }

    /// The runs of places that lie in one chunk of `extent` positions, ascending by chunk. The step is not 0.
    package func runs(ofExtent extent: Int) -> [Run] {
      var list: [Run] = []
      var index = 0
      while index < count {
        let place = start + step * index
        let position = place / extent
        let inside = step > 0 ? ((position + 1) * extent - place - 1) / step : (place - position * extent) / -step
        let end = min(index + inside + 1, count)
        list.append(Run(position: position, from: index, to: end))
        index = end
      }
      return step < 0 ? list.reversed() : list
    }
  }
  package var axes: [Axis]

  package init(_ axes: [Axis]) { self.axes = axes }

  package var counts: [Int] { axes.map(\.count) }
  package var elementCount: Int { axes.reduce(1) { $0 * $1.count } }

  /// Whether the box is just this region, every element in its order.
  package func isWhole(_ region: Region) -> Bool {
    axes.indices.allSatisfy {
      axes[$0].start == region.lower[$0] && (axes[$0].step == 1 || axes[$0].count == 1)
        && axes[$0].count == region.upper[$0] - region.lower[$0]
    }
  }
}

/// A dataset as a source of strided boxes.
///
/// A box's stored bytes are the extents of the chunks that it touches, one after the other; gathering decodes each chunk
/// and takes what the box wants. Chunks of formats without chunk checksums are trimmed to the bytes between the first
/// and the last wanted one.
package struct ChunkGather: Sendable {
  package let source: any ChunkedDataset
  private let grid: ChunkGrid
  private let elementByteCount: Int

  package init(_ source: any ChunkedDataset) {
    self.source = source
    grid = source.description.grid
    elementByteCount = source.description.dtype.byteCount
  }

  /// What one chunk gives to a box.
  private struct Piece {
    var chunk: Int
    var region: Region
    /// Per axis: the source position of the first element wanted, and how many are.
    var first: [Int]
    var counts: [Int]
    /// Per axis: the first element's place in the box.
    var offsets: [Int]
  }

  /// Where the elements of a box are stored.
  package enum Stored {
    case constant(ElementValue)
    case extents([StoredExtent])
  }

  package func stored(_ box: StridedBox) throws(StoreError) -> Stored {
    var extents: [StoredExtent] = []
    var constants: Set<ElementValue> = []
    var isConstant = true
    for piece in pieces(of: box) {
      switch try source.storage(of: piece.chunk) {
      case .constant(let value): constants.insert(value)
      case .direct(let stored):
        isConstant = false
        extents += trimmed(stored, to: wantedBytes(piece, box))
      case .encoded(let stored):
        isConstant = false
        extents += stored
      }
    }
    if isConstant, constants.count == 1, let value = constants.first { return .constant(value) }
    return .extents(extents)
  }

  /// Scratch that ``gather(_:from:into:scratch:)`` needs.
  package var scratchByteCount: Int { source.description.largestChunkByteCount + source.decodeScratchByteCount }

  /// Stored bytes that one chunk contributes to a box at most.
  package var largestStoredByteCount: Int { source.largestReadByteCount }

  /// Gathers a box.
  ///
  /// - Parameters:
  ///   - stored: Begins with the bytes of the box's extents, one after the other.
  ///   - buffer: Receives the elements, dense, in C order of the box's axes.
  ///   - scratch: At least ``scratchByteCount`` bytes.
  /// - Returns: How many stored bytes were the box's.
  package func gather(
    _ box: StridedBox, from stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> Int {
    let decodedByteCount = source.description.largestChunkByteCount
    guard scratch.count >= scratchByteCount, buffer.count == box.elementCount * elementByteCount else {
      throw StoreError(.internalFault, "buffers of wrong sizes for a part of the array", path: source.path)
    }
    let decoded = UnsafeMutableRawBufferPointer(rebasing: scratch[..<decodedByteCount])
    let rest = UnsafeMutableRawBufferPointer(rebasing: scratch[decodedByteCount...])
    var used = 0
    func next(_ byteCount: Int) throws(StoreError) -> UnsafeRawBufferPointer {
      guard byteCount >= 0, byteCount <= stored.count - used else {
        throw StoreError(.internalFault, "got \(stored.count) stored bytes, too few", path: source.path)
      }
      defer { used += byteCount }
      return UnsafeRawBufferPointer(rebasing: stored[used..<used + byteCount])
    }
    for piece in pieces(of: box) {
      let byteCount = piece.region.elementCount * elementByteCount
      let isWhole = buffer.count == byteCount && box.isWhole(piece.region)
      // A chunk that is the box needs no stop on its way.
      let whole = isWhole ? buffer : UnsafeMutableRawBufferPointer(rebasing: decoded[..<byteCount])
      switch try source.storage(of: piece.chunk) {
      case .constant(let value): value.fill(whole)
      case .direct(let extents):
        let wanted = wantedBytes(piece, box)
        let bytes = try next(trimmed(extents, to: wanted).reduce(0) { $0 + $1.byteCount })
        guard bytes.count == wanted.count else {
          throw StoreError(
            .corrupt, "chunk \(piece.chunk) is stored in \(bytes.count) bytes, expected \(wanted.count)", path: source.path)
        }
        if wanted.count == byteCount { try source.check(piece.chunk, bytes: bytes) }
        copy(piece, box, from: bytes, firstByte: wanted.lowerBound, into: buffer)
        continue
      case .encoded(let extents):
        let bytes = try next(extents.reduce(0) { $0 + $1.byteCount })
        try source.decode(piece.chunk, stored: bytes, into: whole, scratch: rest)
      }
      if !isWhole { copy(piece, box, from: UnsafeRawBufferPointer(whole), firstByte: 0, into: buffer) }
    }
    return used
  }

  /// The stored bytes of a box as they are, when they are its elements: then nothing need be copied.
  ///
  /// - Returns: How many of `stored`'s bytes are the elements; `nil` when the box must be gathered.
  package func elementsInPlace(_ box: StridedBox, in stored: UnsafeRawBufferPointer) throws(StoreError) -> Int? {
    guard box.elementCount > 0 else { return nil }
    let number = grid.number(at: zip(box.axes, grid.chunkShape).map { $0.start / $1 })
    guard box.isWhole(grid.region(of: number)), case .direct(let extents) = try source.storage(of: number) else { return nil }
    let byteCount = box.elementCount * elementByteCount
    guard extents.reduce(0, { $0 + $1.byteCount }) == byteCount, stored.count >= byteCount else { return nil }
    try source.check(number, bytes: UnsafeRawBufferPointer(rebasing: stored[..<byteCount]))
    return byteCount
  }

  /// Most chunks that a box with these counts and steps can touch, wherever it lies.
  package static func mostTouchedChunks(_ axes: [StridedBox.Axis], _ grid: ChunkGrid) -> Int {
    var product = 1
    for (axis, progression) in axes.enumerated() {
      let span = (max(progression.count, 1) - 1) * abs(progression.step) + 1
      let touched = min((span - 1 + grid.chunkShape[axis] - 1) / grid.chunkShape[axis] + 1, max(progression.count, 1))
      product *= max(1, min(touched, grid.chunksPerAxis[axis]))
    }
    return product
  }

  // MARK: Geometry

  /// Ascending by chunk.
  private func pieces(of box: StridedBox) -> [Piece] {
    if box.axes.contains(where: { $0.count == 0 }) { return [] }
    /// Per axis, runs of the box's places that lie in one chunk.
    let runs = box.axes.enumerated().map { axis, progression in progression.runs(ofExtent: grid.chunkShape[axis]) }
    var result = [Piece(chunk: 0, region: Region(shape: []), first: [], counts: [], offsets: [])]
    for axis in runs.indices {
      let progression = box.axes[axis]
      result = result.flatMap { piece in
        runs[axis].map { run in
          Piece(
            chunk: piece.chunk * grid.chunksPerAxis[axis] + run.position, region: piece.region,
            first: piece.first + [progression.start + progression.step * run.from],
            counts: piece.counts + [run.to - run.from], offsets: piece.offsets + [run.from])
        }
      }
    }
    for index in result.indices { result[index].region = grid.region(of: result[index].chunk) }
    return result
  }

  /// Copies a piece's elements from (part of) its decoded chunk into the box.
  private func copy(
    _ piece: Piece, _ box: StridedBox, from bytes: UnsafeRawBufferPointer, firstByte: Int,
    into buffer: UnsafeMutableRawBufferPointer
  ) {
    guard let from = bytes.baseAddress, let to = buffer.baseAddress else { return }
    let chunkStrides = rowMajorStrides(piece.region.shape, elementByteCount: elementByteCount)
    let boxStrides = rowMajorStrides(box.counts, elementByteCount: elementByteCount)
    var sourceOffset = -firstByte
    var boxOffset = 0
    var steps: [Int] = []
    for axis in box.axes.indices {
      sourceOffset += (piece.first[axis] - piece.region.lower[axis]) * chunkStrides[axis]
      boxOffset += piece.offsets[axis] * boxStrides[axis]
      steps.append(chunkStrides[axis] * box.axes[axis].step)
    }
    copyBox(
      shape: piece.counts, elementByteCount: elementByteCount, from: from + sourceOffset, sourceStrides: steps,
      to: to + boxOffset, destinationStrides: boxStrides)
  }

  /// Bytes of the decoded chunk that a piece needs: all of it where a checksum covers the whole chunk.
  private func wantedBytes(_ piece: Piece, _ box: StridedBox) -> Range<Int> {
    guard !source.description.format.hasChunkChecksums else { return 0..<piece.region.elementCount * elementByteCount }
    let strides = rowMajorStrides(piece.region.shape, elementByteCount: elementByteCount)
    var first = 0
    var last = 0
    for axis in strides.indices {
      let start = piece.first[axis] - piece.region.lower[axis]
      let end = start + box.axes[axis].step * (piece.counts[axis] - 1)
      first += min(start, end) * strides[axis]
      last += max(start, end) * strides[axis]
    }
    return first..<last + elementByteCount
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
}

extension StoreFormat {
  /// Whether a chunk stored as it is must be read whole, because a checksum covers it.
  var hasChunkChecksums: Bool { self == .dnpy2 || self == .scratch }
}
