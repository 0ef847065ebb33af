// The regular grid of chunks over an array's index space: pure arithmetic.

/// A grid of equal boxes over an array; boxes at the upper edges are clipped to the array.
///
/// Chunks are numbered in row-major order of their position in the grid. A 0-dimensional array has one chunk; an array
/// with a zero-length axis has none.
public struct ChunkGrid: Sendable, Hashable {
  public let shape: [Int]
  public let chunkShape: [Int]
  /// Chunks along each axis.
  public let chunksPerAxis: [Int]
  public let chunkCount: Int

  /// - Throws: `.invalidArgument` when the ranks differ, a chunk extent is below one, or a product overflows.
  public init(shape: [Int], chunkShape: [Int]) throws(StoreError) {
    guard shape.count == chunkShape.count else {
      throw StoreError(
        .invalidArgument,
        "chunk shape \(shapeText(chunkShape)) has \(chunkShape.count) axes, the array \(shapeText(shape)) has \(shape.count)")
    }
    guard chunkShape.allSatisfy({ $0 >= 1 }) else {
      throw StoreError(.invalidArgument, "chunk shape \(shapeText(chunkShape)) must be at least 1 on every axis")
    }
    _ = try checkedElementCount(shape, dtype: .uint8)
    _ = try checkedElementCount(chunkShape, dtype: .complex128)
    self.shape = shape
    self.chunkShape = chunkShape
    chunksPerAxis = zip(shape, chunkShape).map { $0 == 0 ? 0 : ($0 - 1) / $1 + 1 }
    chunkCount = chunksPerAxis.reduce(1, *)
  }

  public var dimensionCount: Int { shape.count }
  /// Elements of a chunk that is not clipped.
  public var fullChunkElementCount: Int { chunkShape.reduce(1, *) }
  /// Elements of the largest chunk that this array has: a chunk shape may exceed the array's.
  public var largestChunkElementCount: Int { zip(shape, chunkShape).reduce(1) { $0 * min($1.0, $1.1) } }

  /// Position in the grid of chunk `number`.
  public func position(of number: Int) -> [Int] {
    precondition(number >= 0 && number < chunkCount, "a chunk of this grid")
    var position = Array(repeating: 0, count: chunksPerAxis.count)
    var rest = number
    for axis in position.indices.reversed() {
      (rest, position[axis]) = rest.quotientAndRemainder(dividingBy: chunksPerAxis[axis])
    }
    return position
  }

  /// Number of the chunk at a position in the grid.
  public func number(at position: [Int]) -> Int {
    precondition(position.count == dimensionCount, "a position in this grid")
    return zip(position, chunksPerAxis).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// The part of the array that chunk `number` holds, clipped at the array's edges.
  public func region(of number: Int) -> Region {
    let lower = zip(position(of: number), chunkShape).map { $0 * $1 }
    return Region(
      lower: lower, upper: lower.indices.map { min(lower[$0] + chunkShape[$0], shape[$0]) })
  }

  public func elementCount(of number: Int) -> Int { region(of: number).elementCount }

  /// Numbers of the chunks that a region touches, ascending.
  ///
  /// - Complexity: O(result).
  public func chunks(touching region: Region) -> [Int] {
    guard !region.isEmpty else { return [] }
    let first = zip(region.lower, chunkShape).map { $0 / $1 }
    let last = zip(region.upper, chunkShape).map { ($0 - 1) / $1 }
    var numbers: [Int] = [0]
    for axis in first.indices {
      let count = chunksPerAxis[axis]
      let span = first[axis]...last[axis]
      numbers = numbers.flatMap { prefix in span.map { prefix * count + $0 } }
    }
    return numbers
  }

  /// A chunk shape of about `targetByteCount` bytes: whole trailing axes as far as they fit.
  ///
  /// Storage order then is C order, so that chunks of a C-order file are contiguous.
  public static func slabs(_ shape: [Int], elementByteCount: Int, targetByteCount: Int) -> [Int] {
    var chunk = Array(repeating: 1, count: shape.count)
    var room = max(1, targetByteCount / elementByteCount)
    for axis in shape.indices.reversed() {
      chunk[axis] = max(1, min(shape[axis], room))
      room /= chunk[axis]
      if chunk[axis] < shape[axis] { break }
    }
    return chunk
  }

  /// A chunk shape of about `targetByteCount` bytes that is as near to a cube as the array allows.
  ///
  /// For arrays that are read along several axes; what `--chunks auto` means.
  public static func cubes(_ shape: [Int], elementByteCount: Int, targetByteCount: Int) -> [Int] {
    var chunk = shape.map { max(1, $0) }
    let target = max(1, targetByteCount / elementByteCount)
    // Halve the longest axis until it fits; ties go to the leading axis, so that runs in memory stay long.
    while chunk.reduce(1, { min($0.multipliedReportingOverflow(by: $1).overflow ? Int.max : $0 * $1, Int.max) }) > target,
      let longest = chunk.indices.max(by: { chunk[$0] < chunk[$1] || (chunk[$0] == chunk[$1] && $0 > $1) }),
      chunk[longest] > 1
    {
      chunk[longest] = (chunk[longest] + 1) / 2
    }
    return chunk
  }
}
