// Elements at listed points as a dataset: a chunk takes what its points want of each source chunk, decoded once.

import DAStore

/// Elements of an array at points of its first axes.
final class PickedArray: Sendable {
  let array: Expression
  let points: PointList

  init(_ array: Expression, _ points: PointList) {
    self.array = array
    self.points = points
  }

  var shape: [Int] { [points.count] + array.shape.dropFirst(points.listCount) }

  /// Whether so many points with rows of so many bytes are held whole.
  ///
  /// Points are then picked in a pass of their own in the order of the source's chunks, so that each chunk is decoded
  /// about once in whatever order they were listed. Long rows need chunks of their own in any order, and little of that.
  static func isCollected(count: Int, rowByteCount: Int) -> Bool {
    saturatingProduct(count, rowByteCount) <= (rowByteCount < 4 << 10 ? 64 << 20 : 8 << 20)
  }
}

/// Points by further axes, chunk by chunk.
///
/// A chunk's stored bytes are those of the source's chunks in which its points lie, ascending, each once.
final class PickedDataset: SourcedDataset {
  let path: String
  let description: DatasetDescription
  private let source: any ChunkedDataset
  private let geometry: PointGeometry
  /// Per point, what it adds to a chunk's number.
  private let chunks: [Int]
  private let files: SourceFiles
  let largestStoredByteCount: Int
  let decodeScratchByteCount: Int

  /// Stored bytes that a chunk may need, and bytes that it has, before chunks are made smaller.
  private static let standardLimit = 16 << 20
  private static let standardByteCount = 4 << 20

  /// How many source chunks the points touch that one chunk of so many points has, at most.
  private static func mostTouched(_ chunks: [Int], _ count: Int) -> Int {
    stride(from: 0, to: chunks.count, by: count).reduce(0) {
      max($0, Set(chunks[$1..<min($1 + count, chunks.count)]).count)
    }
  }

  /// - Parameter isSorting: Whether the points are taken in the order of the source's chunks; ``order`` tells it.
  /// - Throws: `.internalFault` for a reduction inside.
  init(_ picked: PickedArray, isSorting: Bool = false, name: String) throws(StoreError) {
    var shown = picked.array
    var view = AffineView(identity: shown.shape)
    if case .view(let inner, let innerView) = shown.kind, !innerView.hasDiagonal { (shown, view) = (inner, innerView) }
    path = name
    source = try Materialisation.dataset(shown, name: name)
    let grid = source.description.grid
    var geometry = PointGeometry(grid: grid, view: view, points: picked.points)
    var chunks = geometry.chunks()
    if isSorting {
      let own = chunks
      let sorted = own.indices.sorted { (own[$0], $0) < (own[$1], $1) }
      geometry = PointGeometry(grid: grid, view: view, points: picked.points.picked(sorted))
      chunks = sorted.map { own[$0] }
      order = sorted
    } else {
      order = nil
    }
    self.geometry = geometry
    self.chunks = chunks
    files = try SourceFiles([source], path: name)
    let shape = picked.shape
    let dtype = picked.array.dtype
    let rest = Self.restExtents(geometry, Array(shape.dropFirst()))
    let rowByteCount = rest.reduce(dtype.byteCount, saturatingProduct)
    let box = view.axes.map { axis -> StridedBox.Axis in
      guard case .along(let of, _, let step) = axis, of >= picked.points.listCount else {
        return .init(start: 0, step: 1, count: 1)
      }
      return .init(start: 0, step: step, count: rest[of - picked.points.listCount])
    }
    let parts = ChunkGather.mostTouchedChunks(box, grid)
    let partByteCount = saturatingProduct(parts, source.largestReadByteCount)
    var count = max(1, min(shape[0], Self.standardByteCount / max(1, rowByteCount)))
    var touched = Self.mostTouched(chunks, count)
    while count > 1, saturatingProduct(touched, partByteCount) > Self.standardLimit {
      count = (count + 1) / 2
      touched = Self.mostTouched(chunks, count)
    }
    largestStoredByteCount = saturatingProduct(touched, partByteCount)
    decodeScratchByteCount = SourceChunks.scratchByteCount(source)
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: dtype, grid: try ChunkGrid(shape: shape, chunkShape: [count] + rest),
      storedByteCount: 0)
  }

  /// Which of the given points each point is, when they were sorted.
  let order: [Int]?

  /// Extents along the further axes: those of the source's chunks.
  private static func restExtents(_ geometry: PointGeometry, _ shape: [Int]) -> [Int] {
    var extents = shape.map { max(1, min($0, 1 << 16)) }
    for (axis, place) in geometry.view.axes.enumerated() {
      guard case .along(let of, _, let step) = place, of >= geometry.points.listCount else { continue }
      let own = of - geometry.points.listCount
      extents[own] = max(1, min(max(shape[own], 1), geometry.grid.chunkShape[axis] / abs(step)))
    }
    return extents
  }

  /// What a chunk takes of one source chunk: points (of the chunk) and a part of the further axes.
  private struct Take {
    var number: Int
    var points: [Int]
    var part: PointGeometry.Part
  }

  private func takes(_ number: Int) -> [Take] {
    let region = description.grid.region(of: number)
    if region.isEmpty { return [] }
    let points = (region.lower[0]..<region.upper[0]).sorted { (chunks[$0], $0) < (chunks[$1], $1) }
    let parts = geometry.parts(from: Array(region.lower.dropFirst()), to: Array(region.upper.dropFirst()))
    var takes: [Take] = []
    var first = 0
    while first < points.count {
      let chunk = chunks[points[first]]
      var end = first + 1
      while end < points.count, chunks[points[end]] == chunk { end += 1 }
      for part in parts {
        takes.append(Take(number: chunk + part.chunk, points: Array(points[first..<end]), part: part))
      }
      first = end
    }
    return takes
  }

  var sources: [Tape.Source] {
    [source].map { Tape.Source(dataset: $0, view: AffineView(identity: $0.description.shape)) }
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    var extents: [StoredExtent] = []
    for take in takes(number) {
      switch try source.storage(of: take.number) {
      case .constant: break
      case .direct(let stored), .encoded(let stored): extents += stored.map { files.extent($0, ofSource: 0) }
      }
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
    guard let destination = buffer.baseAddress, buffer.count == description.byteCount(ofChunk: number),
      scratch.count >= decodeScratchByteCount
    else {
      if description.byteCount(ofChunk: number) == 0 { return }
      throw StoreError(.internalFault, "buffers of wrong sizes for chunk \(number)", path: path)
    }
    let region = description.grid.region(of: number)
    let size = description.dtype.byteCount
    let strides = rowMajorStrides(region.shape, elementByteCount: size)
    let rest = Array(strides.dropFirst())
    var chunks = SourceChunks(stored: stored, scratch: scratch)
    for take in takes(number) {
      guard let elements = try chunks.next(take.number, of: source) else { continue }
      let places = geometry.places(of: take.part, in: take.number)
      let offset = zip(zip(take.part.from, region.lower.dropFirst()), rest).reduce(0) {
        $0 + ($1.0.0 - $1.0.1) * $1.1
      }
      let steps = places.strides.map { $0 * size }
      let isSingle = take.part.counts.allSatisfy { $0 == 1 }
      for point in take.points {
        let from = elements + places.place(of: point, geometry.points) * size
        let to = destination + (point - region.lower[0]) * strides[0] + offset
        if isSingle {
          to.copyMemory(from: from, byteCount: size)
        } else {
          copyBox(
            shape: take.part.counts, elementByteCount: size, from: from, sourceStrides: steps, to: to,
            destinationStrides: rest)
        }
      }
    }
  }
}
