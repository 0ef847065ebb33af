// Values put where a mask is true: the inverse of choosing elements by a mask, chunk by chunk.

import DAStore

/// Rows of an array replaced, where a mask is true, by further rows in their order.
final class SpreadArray: Sendable {
  let array: Expression
  /// One truth value per row.
  let mask: Expression
  let counts: MaskCounts
  /// As many rows as truths.
  let values: Expression

  init(_ array: Expression, _ mask: Expression, _ counts: MaskCounts, _ values: Expression) {
    self.array = array
    self.mask = mask
    self.counts = counts
    self.values = values
  }
}

/// The elements of such an array.
///
/// A chunk's rows are whole stretches of the counts; its stored bytes are those of the array, of the mask and of the
/// values that fall into it.
final class SpreadDataset: SourcedDataset {
  let path: String
  let description: DatasetDescription
  /// Of the array, the mask and the values.
  private let gathers: [ChunkGather]
  private let counts: MaskCounts
  private let files: SourceFiles
  let largestStoredByteCount: Int
  let decodeScratchByteCount: Int

  private static let alignment = 64
  private static let standardByteCount = 4 << 20

  /// - Throws: `.internalFault` for a reduction inside.
  init(_ spread: SpreadArray, name: String) throws(StoreError) {
    path = name
    let sources = [
      try Materialisation.dataset(spread.array, name: name), try Materialisation.dataset(spread.mask, name: name),
      try Materialisation.dataset(spread.values, name: name),
    ]
    gathers = sources.map { ChunkGather($0) }
    counts = spread.counts
    files = try SourceFiles(sources, path: name)
    let facts = sources[0].description
    let rest = zip(facts.grid.chunkShape, facts.shape).dropFirst().map { max(1, min($0, $1)) }
    let rowByteCount = rest.reduce(facts.dtype.byteCount, saturatingProduct)
    let wanted = max(1, min(max(counts.rowCount, 1), Self.standardByteCount / rowByteCount))
    // Whole stretches, so that it is known which values a chunk needs.
    let rows = min(max(counts.rowCount, 1), (wanted + counts.length - 1) / counts.length * counts.length)
    let grid = try ChunkGrid(shape: facts.shape, chunkShape: [rows] + rest)
    description = DatasetDescription(
      format: .memory, shape: facts.shape, dtype: facts.dtype, grid: grid, storedByteCount: 0)
    var most = 0
    for first in stride(from: 0, to: counts.rowCount, by: rows) {
      let values = counts.values(ofRows: first..<min(first + rows, counts.rowCount))
      most = max(most, values.count)
    }
    let inner = rest.map { StridedBox.Axis(start: 0, step: 1, count: $0) }
    let boxes = [
      [StridedBox.Axis(start: 0, step: 1, count: rows)] + inner, [StridedBox.Axis(start: 0, step: 1, count: rows)],
      [StridedBox.Axis(start: 0, step: 1, count: most)] + inner,
    ]
    largestStoredByteCount = zip(gathers, boxes).map { gather, box in
      saturatingProduct(
        gather.largestStoredByteCount, ChunkGather.mostTouchedChunks(box, gather.source.description.grid))
    }.reduce(0, saturatingSum)
    decodeScratchByteCount = [
      gathers.map(\.scratchByteCount).max() ?? 0, rows, saturatingProduct(most, rowByteCount), 3 * Self.alignment,
    ].reduce(0, saturatingSum)
  }

  /// What a chunk needs of the array, the mask and the values.
  private func boxes(_ number: Int) -> [StridedBox] {
    let region = description.grid.region(of: number)
    let axes = zip(region.lower, region.upper).map { StridedBox.Axis(start: $0, step: 1, count: $1 - $0) }
    let values = counts.values(ofRows: region.lower[0]..<region.upper[0])
    let own = StridedBox.Axis(start: values.lowerBound, step: 1, count: values.count)
    return [StridedBox(axes), StridedBox([axes[0]]), StridedBox([own] + axes.dropFirst())]
  }

  var sources: [Tape.Source] {
    gathers.map(\.source).map { Tape.Source(dataset: $0, view: AffineView(identity: $0.description.shape)) }
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    if description.byteCount(ofChunk: number) == 0 { return .encoded([]) }
    var extents: [StoredExtent] = []
    for (source, box) in boxes(number).enumerated() {
      guard case .extents(let stored) = try gathers[source].stored(box) else { continue }
      extents += stored.map { files.extent($0, ofSource: source) }
    }
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
    guard let destination = buffer.baseAddress, let start = scratch.baseAddress,
      buffer.count == description.byteCount(ofChunk: number), scratch.count >= decodeScratchByteCount
    else {
      if description.byteCount(ofChunk: number) == 0 { return }
      throw StoreError(.internalFault, "buffers of wrong sizes for chunk \(number)", path: path)
    }
    let boxes = boxes(number)
    let size = description.dtype.byteCount
    let truths = UnsafeMutableRawBufferPointer(
      start: start.alignedUp(toMultipleOf: Self.alignment), count: boxes[1].elementCount)
    let place = (start + Self.alignment + truths.count).alignedUp(toMultipleOf: Self.alignment)
    let values = UnsafeMutableRawBufferPointer(start: place, count: boxes[2].elementCount * size)
    let end = (place + values.count).alignedUp(toMultipleOf: Self.alignment)
    let rest = UnsafeMutableRawBufferPointer(start: end, count: start + scratch.count - end)
    var used = 0
    for (source, target) in [buffer, truths, values].enumerated() {
      used += try gathers[source].gather(
        boxes[source], from: UnsafeRawBufferPointer(rebasing: stored[used...]), into: target, scratch: rest)
    }
    let rowByteCount = boxes[0].counts.dropFirst().reduce(size, *)
    var next = 0
    for (row, truth) in truths.enumerated() where truth != 0 {
      guard next < boxes[2].counts[0] else {
        throw StoreError(.corrupt, MaskCounts.changed, path: path)
      }
      (destination + row * rowByteCount).copyMemory(from: place + next * rowByteCount, byteCount: rowByteCount)
      next += 1
    }
    guard next == boxes[2].counts[0] else { throw StoreError(.corrupt, MaskCounts.changed, path: path) }
  }
}

extension MaskCounts {
  /// Which of the chosen rows stand in rows that begin and end where stretches do, or at the end.
  func values(ofRows rows: Range<Int>) -> Range<Int> {
    firsts[rows.lowerBound / length]..<firsts[(rows.upperBound + length - 1) / length]
  }

  static let changed = "the mask chooses other elements than when they were counted; a file was changed meanwhile"
}
