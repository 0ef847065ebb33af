// An array with other elements at listed points: its own chunks, decoded and then patched.

import DAStore

/// An array in which listed points, each with a box of further axes, have new elements; of equal points the last
/// counts.
final class PatchedArray: Sendable {
  let array: Expression
  /// The array with an axis for each list first and then the further ones.
  let view: AffineView
  let points: PointList
  let values: Values

  /// The new elements: those of each point one after the other, or one for all.
  enum Values: Sendable {
    /// To be made in a pass of its own.
    case pending(Expression)
    case elements(DenseArray)
  }

  init(_ array: Expression, _ view: AffineView, _ points: PointList, _ values: Values) {
    self.array = array
    self.view = view
    self.points = points
    self.values = values
  }

  /// The values, as far as they are to be made.
  var pending: [Expression] {
    if case .pending(let values) = values { [values] } else { [] }
  }
}

/// The elements of a patched array, in the chunks of the array.
final class PatchedDataset: SourcedDataset {
  let path: String
  let description: DatasetDescription
  private let source: any ChunkedDataset
  private let geometry: PointGeometry
  private let values: DenseArray
  /// Points by what they add to a chunk's number, in their order.
  private let pointsOfChunk: [Int: [Int]]

  /// - Throws: `.internalFault` for values that are not there yet, and for a reduction inside.
  init(_ patched: PatchedArray, name: String) throws(StoreError) {
    guard case .elements(let values) = patched.values else {
      throw StoreError(.internalFault, "assigned elements were needed before they were made", path: name)
    }
    path = name
    source = try Materialisation.dataset(patched.array, name: name)
    self.values = values
    let facts = source.description
    description = DatasetDescription(
      format: .memory, shape: facts.shape, dtype: facts.dtype, grid: facts.grid, storedByteCount: 0)
    geometry = PointGeometry(grid: facts.grid, view: patched.view, points: patched.points)
    var points: [Int: [Int]] = [:]
    for (point, chunk) in geometry.chunks().enumerated() { points[chunk, default: []].append(point) }
    pointsOfChunk = points
    decodeScratchByteCount = source.decodeScratchByteCount
    largestStoredByteCount = source.largestReadByteCount
  }

  let decodeScratchByteCount: Int
  let largestStoredByteCount: Int

  /// The points that lie in a chunk along the axes of the lists, and what of their further axes does.
  private func patch(_ number: Int) -> (points: [Int], from: [Int], to: [Int])? {
    let grid = description.grid
    let position = grid.position(of: number)
    let strides = rowMajorStrides(grid.chunksPerAxis, elementByteCount: 1)
    let region = grid.region(of: number)
    var chunk = 0
    let listCount = geometry.points.listCount
    var from = geometry.view.shape[listCount...].map { _ in 0 }
    var to = Array(geometry.view.shape[listCount...])
    for (axis, place) in geometry.view.axes.enumerated() {
      if case .along(let of, let start, let step) = place, of >= listCount {
        // Indices whose position start + step * index lies in the chunk.
        let (low, high) =
          step > 0
          ? (region.lower[axis] - start, region.upper[axis] - 1 - start)
          : (start - region.upper[axis] + 1, start - region.lower[axis])
        if high < 0 { return nil }
        let stride = abs(step)
        from[of - listCount] = max(0, low <= 0 ? 0 : (low - 1) / stride + 1)
        to[of - listCount] = min(to[of - listCount], high / stride + 1)
      } else {
        chunk += position[axis] * strides[axis]
      }
    }
    guard zip(from, to).allSatisfy({ $0 < $1 }), let points = pointsOfChunk[chunk] else { return nil }
    return (points, from, to)
  }

  var sources: [Tape.Source] {
    [source].map { Tape.Source(dataset: $0, view: AffineView(identity: $0.description.shape)) }
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    switch try source.storage(of: number) {
    case .constant(let value): patch(number) == nil ? .constant(value) : .encoded([])
    case .direct(let extents), .encoded(let extents): .encoded(extents)
    }
  }

  var fileNumberBound: Int { source.fileNumberBound }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try source.read(extent, into: buffer)
  }

  func willRead(_ extent: StoredExtent) { source.willRead(extent) }
  func finishReading() throws(StoreError) { try source.finishReading() }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    guard buffer.count == description.byteCount(ofChunk: number) else {
      throw StoreError(.internalFault, "buffers of wrong sizes for chunk \(number)", path: path)
    }
    switch try source.storage(of: number) {
    case .constant(let value): value.fill(buffer)
    case .direct:
      guard stored.count == buffer.count else {
        throw StoreError(
          .corrupt, "chunk \(number) is stored in \(stored.count) bytes, expected \(buffer.count)", path: source.path)
      }
      try source.check(number, bytes: stored)
      buffer.copyMemory(from: stored)
    case .encoded: try source.decode(number, stored: stored, into: buffer, scratch: scratch)
    }
    guard let patch = patch(number), let destination = buffer.baseAddress else { return }
    let size = description.dtype.byteCount
    let counts = zip(patch.from, patch.to).map { $1 - $0 }
    let part = PointGeometry.Part(chunk: 0, from: patch.from, counts: counts)
    let places = geometry.places(of: part, in: number)
    let steps = places.strides.map { $0 * size }
    let rest = Array(geometry.view.shape[geometry.points.listCount...])
    let isOne = values.shape.isEmpty
    let strides = rowMajorStrides(rest, elementByteCount: isOne ? 0 : size)
    let rowByteCount = isOne ? 0 : rest.reduce(size, *)
    let offset = zip(patch.from, strides).reduce(0) { $0 + $1.0 * $1.1 }
    values.bytes.withUnsafeBytes { bytes in
      guard let from = bytes.baseAddress else { return }
      for point in patch.points {
        copyBox(
          shape: counts, elementByteCount: size, from: from + point * rowByteCount + offset, sourceStrides: strides,
          to: destination + places.place(of: point, geometry.points) * size, destinationStrides: steps)
      }
    }
  }
}
