// Pieces of an array under another shape with the same elements in C order.

import DAStore

/// How an array of one shape is put together from one of another shape.
///
/// The axes fall into groups whose sizes have the same product on both sides; each group is by itself a walk through
/// the same elements. A chunk takes a range of each group's walk, and a range is a few boxes of the part: the rest of a
/// row, whole rows, the beginning of a row, and so on for each axis.
struct Reshaping: PieceLayout {
  /// Axes of the part and of the array that hold the same elements in the same order.
  struct Group: Sendable, Hashable {
    var source: Range<Int>
    var target: Range<Int>
  }

  let source: [Int]
  let target: [Int]
  let groups: [Group]

  /// - Precondition: Both shapes have the same number of elements.
  init(from source: [Int], to target: [Int]) {
    self.source = source
    self.target = target
    var groups: [Group] = []
    var (row, column) = (0, 0)
    if source.contains(0) {
      groups.append(Group(source: source.indices, target: target.indices))
      (row, column) = (source.count, target.count)
    }
    while row < source.count || column < target.count {
      let (firstRow, firstColumn) = (row, column)
      var (sourceCount, targetCount) = (1, 1)
      repeat {
        if column == target.count || row < source.count && sourceCount <= targetCount {
          sourceCount *= source[row]
          row += 1
        } else {
          targetCount *= target[column]
          column += 1
        }
      } while sourceCount != targetCount
      groups.append(Group(source: firstRow..<row, target: firstColumn..<column))
    }
    self.groups = groups
  }

  /// A box of a group's part whose elements follow one another in C order.
  private struct Box {
    var starts: [Int]
    var counts: [Int]
    /// Of its first element, among the group's elements in the region.
    var offset: Int
  }

  func pieces(of region: Region) -> [Piece] {
    var behind = region.elementCount
    var result = [Piece(part: 0, view: AffineView(axes: [], shape: []), start: 0, strides: [])]
    for group in groups {
      let shape = Array(region.shape[group.target])
      behind /= shape.reduce(1, *)
      let boxes = boxes(of: region, group)
      result = result.flatMap { piece in
        boxes.map { box in
          var next = piece
          let strides = rowMajorStrides(box.counts, elementByteCount: behind)
          for (place, axis) in group.source.enumerated() {
            next.view.axes.append(.along(of: axis, start: box.starts[place], step: 1))
            next.view.shape.append(box.counts[place])
            next.strides.append(strides[place])
          }
          next.start += box.offset * behind
          return next
        }
      }
    }
    return result
  }

  /// The boxes of a group's part that a region needs.
  private func boxes(of region: Region, _ group: Group) -> [Box] {
    let sizes = Array(target[group.target])
    let lower = Array(region.lower[group.target])
    let counts = Array(region.shape[group.target])
    let strides = rowMajorStrides(sizes, elementByteCount: 1)
    // Ranges of the walk: one for each position of the axes before the last one that the region does not hold whole.
    var split = max(sizes.count - 1, 0)
    while split > 0, counts[split] == sizes[split] { split -= 1 }
    let length = counts[split...].reduce(1, *)
    var starts = [zip(lower, strides).reduce(0) { $0 + $1.0 * $1.1 }]
    for axis in 0..<split { starts = starts.flatMap { start in (0..<counts[axis]).map { start + $0 * strides[axis] } } }
    var boxes: [Box] = []
    for (index, start) in starts.enumerated() {
      Self.append(start..<start + length, of: Array(source[group.source])[...], [], index * length, &boxes)
    }
    return boxes
  }

  /// Cuts a range of a walk through an array of `sizes` into boxes.
  private static func append(
    _ range: Range<Int>, of sizes: ArraySlice<Int>, _ outer: [Int], _ offset: Int, _ boxes: inout [Box]
  ) {
    guard let size = sizes.first else {
      boxes.append(Box(starts: outer, counts: outer.map { _ in 1 }, offset: offset))
      return
    }
    let inner = sizes.dropFirst()
    let rowCount = inner.reduce(1, *)
    var place = range.lowerBound
    while place < range.upperBound {
      let row = place / rowCount
      precondition(row < size, "a place in the array")
      let wholeRows = place % rowCount == 0 ? (range.upperBound - place) / rowCount : 0
      if wholeRows > 0 {
        boxes.append(
          Box(
            starts: outer + [row] + inner.map { _ in 0 }, counts: outer.map { _ in 1 } + [wholeRows] + inner,
            offset: offset + place - range.lowerBound))
        place += wholeRows * rowCount
      } else {
        let end = min(range.upperBound, (row + 1) * rowCount)
        append(
          place - row * rowCount..<end - row * rowCount, of: inner, outer + [row], offset + place - range.lowerBound,
          &boxes)
        place = end
      }
    }
  }
}

// MARK: Chunks

extension Reshaping {
  /// Bytes of a chunk that is made larger so that chunks straddle few of the part's.
  private static var roomyByteCount: Int { 4 << 20 }
  /// Bytes of a chunk that is as long as several of the part's together, and as long as one of them.
  private static var largestBandByteCount: Int { 4 << 20 }
  private static var largestByteCount: Int { 16 << 20 }

  func chunkShape(_ shape: [Int], _ dtype: DType, _ parts: [Tape.Source]) -> [Int] {
    let axes = parts[0].chunkAxes(source)
    // Per group, elements of the walk that make whole chunks of the part; axes of single positions are passed over.
    var lengths = groups.map { group -> Int in
      let first = group.source.first { axes[$0].extent > 1 } ?? group.source.last
      guard let first else { return 1 }
      return source[(first + 1)..<group.source.upperBound].reduce(max(1, min(axes[first].extent, source[first]))) {
        saturatingProduct($0, max(1, $1))
      }
    }
    let chunkByteCount = axes.indices.reduce(dtype.byteCount) {
      saturatingProduct($0, max(1, min(axes[$1].extent, source[$1])))
    }
    let limit = max(Self.largestBandByteCount, min(chunkByteCount, Self.largestByteCount))
    while lengths.reduce(dtype.byteCount, saturatingProduct) > limit,
      let longest = lengths.indices.max(by: { lengths[$0] < lengths[$1] }), lengths[longest] > 1
    {
      lengths[longest] = (lengths[longest] + 1) / 2
    }
    func slabs(_ factor: Int) -> [Int] {
      zip(groups, lengths).flatMap { group, length in
        ChunkGrid.slabs(
          Array(target[group.target]), elementByteCount: 1, targetByteCount: saturatingProduct(factor, length))
      }
    }
    let chunk = slabs(1)
    let fits = zip(groups, lengths).allSatisfy { group, length in length % chunk[group.target].reduce(1, *) == 0 }
    let roomy = slabs(4)
    return fits || roomy.reduce(dtype.byteCount, saturatingProduct) > Self.roomyByteCount ? chunk : roomy
  }

  func halves(of chunkShape: [Int]) -> [[Int]] {
    groups.compactMap { group in
      // Only the first axis of more than one position: chunks stay ranges of the walk.
      guard let axis = group.target.first(where: { chunkShape[$0] > 1 }) else { return nil }
      var half = chunkShape
      half[axis] = (half[axis] + 1) / 2
      return half
    }
  }

  func mostStoredByteCount(_ grid: ChunkGrid, _ parts: [Tape.Source], _ byteCounts: [Int]) -> Int {
    if grid.chunkCount == 0 { return 0 }
    let axes = parts[0].chunkAxes(source)
    return groups.reduce(byteCounts[0]) { product, group in
      // A chunk is a range of the walk that begins at a multiple of `step`.
      let split = group.target.first { grid.chunkShape[$0] > 1 } ?? group.target.last
      var (length, step) = (1, 1)
      if let split {
        let inner = target[(split + 1)..<group.target.upperBound].reduce(1, *)
        length = min(grid.chunkShape[split], target[split]) * inner
        step = greatestCommonDivisor(length, target[split] * inner)
      }
      return saturatingProduct(product, Self.touched(length, step, source[group.source], axes[group.source]))
    }
  }

  /// Positions of the part's chunk grid that a range of a walk needs at most.
  ///
  /// - Parameters:
  ///   - length: Of the range.
  ///   - step: What the range's beginning is a multiple of.
  private static func touched(
    _ length: Int, _ step: Int, _ sizes: ArraySlice<Int>, _ axes: ArraySlice<Tape.Source.ChunkAxis>
  ) -> Int {
    guard let size = sizes.first, let axis = axes.first else { return 1 }
    let (innerSizes, innerAxes) = (sizes.dropFirst(), axes.dropFirst())
    let inner = innerSizes.reduce(1, *)
    let common = greatestCommonDivisor(step % inner, inner)
    let rows = min(size, saturatingSum(inner - common, length - 1) / inner + 1)
    let wholeRows = zip(innerSizes, innerAxes).reduce(
      axis.touched(rows, startingAtMultipleOf: step % inner == 0 ? step / inner : 1, of: size)
    ) { saturatingProduct($0, $1.1.touched($1.0, startingAtMultipleOf: $1.0, of: $1.0)) }
    let partialRows = saturatingProduct(rows, touched(min(length, inner), common, innerSizes, innerAxes))
    return min(wholeRows, partialRows)
  }
}

extension Tape.Source {
  /// How an axis of what the source shows lies in the source's chunks.
  struct ChunkAxis {
    /// Positions that share a chunk, where none is cut off; 1 when the axis repeats.
    var extent: Int
    /// The source's chunk extent, 0 when the axis repeats.
    var chunk: Int
    var start: Int
    var step: Int

    /// Chunks that `count` positions from a multiple of `multiple` on touch at most.
    func touched(_ count: Int, startingAtMultipleOf multiple: Int, of size: Int) -> Int {
      if chunk == 0 { return 1 }
      let stride = abs(step)
      let lowest = step > 0 ? start : start - stride * (max(size, 1) - 1)
      let phase: Int
      if count >= size {
        phase = lowest % chunk
      } else if step == 1, start % chunk == 0 {
        phase = chunk - greatestCommonDivisor(multiple % chunk, chunk)
      } else {
        phase = chunk - 1
      }
      return min(max(count, 1), (phase + stride * (max(count, 1) - 1)) / chunk + 1)
    }
  }

  /// Chunks of the source in which elements that it shows lie.
  var shownChunkCount: Int {
    if view.shape.contains(0) { return 0 }
    let axes = chunkAxes(view.shape)
    return view.shape.indices.reduce(1) {
      saturatingProduct($0, axes[$1].touched(view.shape[$1], startingAtMultipleOf: 1, of: view.shape[$1]))
    }
  }

  /// Per axis of an array of `shape` that the source shows.
  func chunkAxes(_ shape: [Int]) -> [ChunkAxis] {
    var axes = shape.map { _ in ChunkAxis(extent: 1, chunk: 0, start: 0, step: 1) }
    for (axis, place) in view.axes.enumerated() {
      guard case .along(let of, let start, let step) = place, step != 0 else { continue }
      let chunk = dataset.description.grid.chunkShape[axis]
      let size = dataset.description.shape[axis]
      axes[of] = ChunkAxis(extent: max(1, min(chunk, size) / abs(step)), chunk: chunk, start: start, step: step)
    }
    return axes
  }
}
