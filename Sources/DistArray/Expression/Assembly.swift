// Arrays put together from pieces of others, where no map of indices says it: joined, shifted, framed, reshaped.

import DAStore

/// Which elements of which arrays an array is put together from; the elements keep their type.
final class Assembly: Sendable {
  let parts: [Expression]
  let layout: any PieceLayout

  init(_ parts: [Expression], _ layout: any PieceLayout) {
    self.parts = parts
    self.layout = layout
  }
}

/// Elements of one part that lie evenly spaced in the part and in a region of the assembled array.
struct Piece: Hashable {
  var part: Int
  /// The part as the piece sees it: the piece's shape is the view's.
  var view: AffineView
  /// Where the piece's first element lies in the region, in elements of the dense region.
  var start: Int
  /// How far the piece's elements lie apart in the region along each of its axes, in elements.
  var strides: [Int]
}

/// How an array is cut into pieces of its parts. Pure.
protocol PieceLayout: Sendable {
  /// The pieces of a region which is not empty; together they are the region. Where pieces overlap, the one of the part
  /// with the highest number counts; those of one part do not.
  func pieces(of region: Region) -> [Piece]

  /// A chunk shape in which few chunks of the parts are needed for more than one chunk.
  func chunkShape(_ shape: [Int], _ dtype: DType, _ parts: [Tape.Source]) -> [Int]

  /// Chunk shapes with half the elements, as far as there are any: the choice when chunks need too much at a time.
  func halves(of chunkShape: [Int]) -> [[Int]]

  /// Bytes that the chunks of the parts occupy, those that one chunk of `grid` needs, at most.
  ///
  /// - Parameter byteCounts: Per part, what one of its chunks occupies at most.
  func mostStoredByteCount(_ grid: ChunkGrid, _ parts: [Tape.Source], _ byteCounts: [Int]) -> Int
}

extension Expression {
  /// An array put together from others of one element type.
  ///
  /// - Throws: `.invalidArgument` for a shape that no array can have, or beyond the largest depth.
  static func assembled(
    shape: [Int], _ parts: [Expression], _ layout: any PieceLayout
  ) throws(StoreError) -> Expression {
    precondition(!parts.isEmpty && parts.allSatisfy { $0.dtype == parts[0].dtype }, "parts of one type")
    _ = try checkedElementCount(shape, dtype: parts[0].dtype)
    return try Expression(shape: shape, dtype: parts[0].dtype, .assembled(Assembly(parts, layout))).checkedDepth()
  }
}
