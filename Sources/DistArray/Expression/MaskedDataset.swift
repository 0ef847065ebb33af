// Elements chosen by a mask as a dataset: each chunk gathers the stretch of the array in which its elements stand.

import DAStore

/// How many rows of an array a mask chooses, stretch by stretch: what must be known before any of them has a place.
struct MaskCounts: Sendable, Hashable {
  /// Rows of a stretch.
  let length: Int
  /// Rows of the array.
  let rowCount: Int
  /// Chosen rows before each stretch, and all of them at the end.
  let firsts: [Int]

  init(length: Int, rowCount: Int, counts: [Int64]) {
    self.length = length
    self.rowCount = rowCount
    firsts = counts.reduce(into: [0]) { $0.append(($0.last ?? 0) + Int($1)) }
  }

  var total: Int { firsts.last ?? 0 }

  /// Bytes of what a stretch may choose from, and rows that it may have.
  private static let stretchByteCount = 1 << 19
  private static let mostRows = 1 << 16

  /// Rows of a stretch of a mask that has so long chunks: the same in all stretches of a chunk, if it divides well.
  static func length(chunk: Int, rowByteCount: Int) -> Int {
    let wanted = max(1, min(mostRows, stretchByteCount / max(1, rowByteCount)))
    if chunk <= wanted { return max(1, chunk) }
    let least = (chunk + wanted - 1) / wanted
    let parts = (least...2 * least).first { chunk % $0 == 0 } ?? least
    return (chunk + parts - 1) / parts
  }

  /// The whole stretches in which chosen rows `from ..< to` stand, and how many chosen ones come before those.
  func stretch(from: Int, to: Int) -> (rows: Range<Int>, skipped: Int) {
    let first = firsts.countOfPrefix { $0 <= from } - 1
    let last = firsts.countOfPrefix { $0 < to } - 1
    return (first * length..<min((last + 1) * length, rowCount), from - firsts[first])
  }

  /// Rows of the longest stretch in which `count` chosen rows that follow one another stand.
  ///
  /// - Complexity: O(stretches).
  func longestStretch(of count: Int) -> Int {
    var longest = 0
    var last = 0
    for first in firsts.indices.dropLast() where firsts[first + 1] > firsts[first] {
      let end = min(firsts[first + 1] - 1 + count, total)
      last = max(last, first)
      while firsts[last + 1] < end { last += 1 }
      longest = max(longest, last + 1 - first)
    }
    return min(saturatingProduct(longest, length), rowCount)
  }
}

/// Rows of an array that a mask chooses.
final class MaskedArray: Sendable {
  /// At least one axis: rows, and what is in them.
  let array: Expression
  /// One truth value per row.
  let mask: Expression
  let counts: MaskCounts
  /// Array and mask as they were given, where the mask has all the array's axes: for statistics of all that is chosen.
  let whole: Whole?

  struct Whole: Sendable {
    var array: Expression
    var mask: Expression
  }

  init(_ array: Expression, _ mask: Expression, _ counts: MaskCounts, of whole: Whole?) {
    self.whole = whole
    self.array = array
    self.mask = mask
    self.counts = counts
  }
}

/// The elements of a masked array, chunk by chunk.
///
/// A chunk's stored bytes are those of the mask and then of the array, for the stretches in which its rows stand.
final class MaskedDataset: SourcedDataset {
  let path: String
  let description: DatasetDescription
  private let array: ChunkGather
  private let mask: ChunkGather
  private let counts: MaskCounts
  private let files: SourceFiles
  let largestStoredByteCount: Int
  let decodeScratchByteCount: Int

  private static let alignment = 64
  /// Bytes of the array that a chunk's elements may be spread over before chunks are made smaller.
  private static let largestStretchByteCount = 8 << 20
  /// The same up to which chunks are made larger, so that few stretches are read for two of them.
  private static let roomyStretchByteCount = 4 << 20

  /// The mask and the array.
  var sources: [Tape.Source] {
    [mask, array].map { Tape.Source(dataset: $0.source, view: AffineView(identity: $0.source.description.shape)) }
  }

  /// - Throws: `.internalFault` for a reduction inside.
  init(_ masked: MaskedArray, name: String) throws(StoreError) {
    path = name
    array = ChunkGather(try Materialisation.dataset(masked.array, name: name))
    mask = ChunkGather(try Materialisation.dataset(masked.mask, name: name))
    counts = masked.counts
    files = try SourceFiles([mask.source, array.source], path: name)
    let facts = array.source.description
    let rest = Array(facts.grid.chunkShape.dropFirst())
    let rowByteCount = zip(rest, facts.shape.dropFirst()).reduce(facts.dtype.byteCount) { $0 * min($1.0, $1.1) }
    var rows = max(1, min(counts.total, max(counts.length, facts.grid.chunkShape[0])))
    var most = counts.longestStretch(of: rows)
    while rows < counts.total {
      let longer = counts.longestStretch(of: min(2 * rows, counts.total))
      guard saturatingProduct(longer, rowByteCount) <= Self.roomyStretchByteCount else { break }
      (rows, most) = (min(2 * rows, counts.total), longer)
    }
    while rows > 1, saturatingProduct(most, rowByteCount) > Self.largestStretchByteCount {
      rows = (rows + 1) / 2
      most = counts.longestStretch(of: rows)
    }
    let shape = [counts.total] + facts.shape.dropFirst()
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: facts.dtype, grid: try ChunkGrid(shape: shape, chunkShape: [rows] + rest),
      storedByteCount: 0)
    let wanted = [StridedBox.Axis(start: 0, step: 1, count: most)]
    let inner = zip(rest, facts.shape.dropFirst()).map { StridedBox.Axis(start: 0, step: 1, count: min($0, $1)) }
    largestStoredByteCount = saturatingSum(
      saturatingProduct(
        mask.largestStoredByteCount, ChunkGather.mostTouchedChunks(wanted, mask.source.description.grid)),
      saturatingProduct(array.largestStoredByteCount, ChunkGather.mostTouchedChunks(wanted + inner, facts.grid)))
    decodeScratchByteCount = [
      max(mask.scratchByteCount, array.scratchByteCount), most, saturatingProduct(most, rowByteCount),
      3 * Self.alignment,
    ].reduce(0, saturatingSum)
  }

  /// What a chunk needs of the mask and of the array.
  private func stretch(_ number: Int) -> (mask: StridedBox, array: StridedBox, skipped: Int) {
    let region = description.grid.region(of: number)
    let (rows, skipped) = counts.stretch(from: region.lower[0], to: region.upper[0])
    let own = StridedBox.Axis(start: rows.lowerBound, step: 1, count: rows.count)
    let inner = zip(region.lower, region.upper).dropFirst().map { StridedBox.Axis(start: $0, step: 1, count: $1 - $0) }
    return (StridedBox([own]), StridedBox([own] + inner), skipped)
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    if description.byteCount(ofChunk: number) == 0 { return .encoded([]) }
    let (maskBox, arrayBox, _) = stretch(number)
    var extents: [StoredExtent] = []
    if case .extents(let stored) = try mask.stored(maskBox) { extents += stored.map { files.extent($0, ofSource: 0) } }
    if case .extents(let stored) = try array.stored(arrayBox) {
      extents += stored.map { files.extent($0, ofSource: 1) }
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
    let (maskBox, arrayBox, skipped) = stretch(number)
    let rowByteCount = arrayBox.counts.dropFirst().reduce(description.dtype.byteCount, *)
    let truths = UnsafeMutableRawBufferPointer(
      start: start.alignedUp(toMultipleOf: Self.alignment), count: maskBox.elementCount)
    let rows = UnsafeMutableRawBufferPointer(
      start: (start + Self.alignment + truths.count).alignedUp(toMultipleOf: Self.alignment),
      count: arrayBox.elementCount * description.dtype.byteCount)
    guard let elements = rows.baseAddress else { return }
    let place = (elements + rows.count).alignedUp(toMultipleOf: Self.alignment)
    let rest = UnsafeMutableRawBufferPointer(start: place, count: start + scratch.count - place)
    let used = try mask.gather(maskBox, from: stored, into: truths, scratch: rest)
    _ = try array.gather(arrayBox, from: UnsafeRawBufferPointer(rebasing: stored[used...]), into: rows, scratch: rest)
    let wanted = description.grid.region(of: number).shape[0]
    var found = -skipped
    for (row, truth) in truths.enumerated() where truth != 0 && found < wanted {
      if found >= 0 {
        (destination + found * rowByteCount).copyMemory(from: elements + row * rowByteCount, byteCount: rowByteCount)
      }
      found += 1
    }
    guard found == wanted else {
      throw StoreError(
        .corrupt, "the mask chooses other elements than when they were counted; a file was changed meanwhile",
        path: path)
    }
  }
}
