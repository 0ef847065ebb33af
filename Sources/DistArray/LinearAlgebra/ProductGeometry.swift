// How a product of matrices is cut: blocks of the result, and stretches of the axis that is summed. Pure.

import DAStore

/// Products of matrices, one for each index of the batch axes: (…, rows, inner) times (…, inner, columns).
///
/// A block is computed by products of blocks of fixed extents, one after the other along the inner axis: they follow
/// from the shapes alone, so that the bits of the result depend neither on the ranks nor on the budget. Where the
/// result has few blocks, the inner axis is cut in groups, which ranks can work on at once; they are added up
/// afterwards.
struct ProductGeometry: Sendable, Hashable {
  let batch: [Int]
  let rows: Int
  let columns: Int
  let inner: Int
  /// Extents of a block along the batch axes, and of its rows and columns.
  let blockBatch: [Int]
  let blockRows: Int
  let blockColumns: Int
  /// Elements of the inner axis that are multiplied at once.
  let blockInner: Int
  /// Elements of the inner axis that one group sums up: a multiple of `blockInner`, or all.
  let groupLength: Int
  let groupCount: Int

  private static let blockElementCount = 1 << 16
  private static let largestSide = 256
  private static let longestSide = 1024
  private static let panelElementCount = 1 << 17
  /// Blocks that are worth having, so that many ranks have something to do.
  private static let wantedBlockCount = 16

  /// - Precondition: No extent is 0.
  init(batch: [Int], rows: Int, columns: Int, inner: Int) {
    self.batch = batch
    self.rows = rows
    self.columns = columns
    self.inner = inner
    func side(_ count: Int, beside other: Int) -> Int {
      min(count, min(Self.longestSide, max(Self.largestSide, Self.blockElementCount / other)))
    }
    blockColumns = side(columns, beside: min(rows, Self.largestSide))
    blockRows = side(rows, beside: blockColumns)
    let longer = max(blockRows, blockColumns)
    let shortestInner = min(inner, Self.panelElementCount / longer, 512)
    let items = max(
      1, min(Self.blockElementCount / (blockRows * blockColumns), Self.panelElementCount / (longer * shortestInner)))
    blockBatch = ChunkGrid.slabs(batch, elementByteCount: 1, targetByteCount: items)
    blockInner = min(inner, max(1, min(1 << 15, Self.panelElementCount / (longer * blockBatch.reduce(1, *)))))
    let blocks = zip(batch + [rows, columns], blockBatch + [blockRows, blockColumns]).reduce(1) {
      saturatingProduct($0, ($1.0 - 1) / $1.1 + 1)
    }
    let stretches = (inner - 1) / blockInner + 1
    let groups = max(1, min((Self.wantedBlockCount - 1) / blocks + 1, stretches / 8))
    groupLength = groups == 1 ? inner : ((stretches - 1) / groups + 1) * blockInner
    groupCount = (inner - 1) / groupLength + 1
  }

  /// Shape of the result: groups, batch, rows, columns.
  var shape: [Int] { [groupCount] + batch + [rows, columns] }
  var blockShape: [Int] { [1] + blockBatch + [blockRows, blockColumns] }

  /// The inner indices of a group.
  func inner(ofGroup group: Int) -> Range<Int> {
    group * groupLength..<min(inner, (group + 1) * groupLength)
  }

  /// What a box of the result needs of an operand whose own batch axes broadcast.
  ///
  /// - Parameters:
  ///   - box: Region of the batch axes.
  ///   - own: The operand's batch axes.
  func batchRegion(_ box: Region, of own: [Int]) -> (lower: [Int], upper: [Int]) {
    let added = batch.count - own.count
    var (lower, upper): ([Int], [Int]) = ([], [])
    for (axis, size) in own.enumerated() {
      let isRepeated = size == 1
      lower.append(isRepeated ? 0 : box.lower[axis + added])
      upper.append(isRepeated ? 1 : box.upper[axis + added])
    }
    return (lower, upper)
  }
}

/// A product inside an expression: made in a pass of its own, before what uses it.
final class MatrixProduct: Sendable {
  /// Operands of one element type.
  let a: Expression
  let b: Expression
  let geometry: ProductGeometry

  init(_ a: Expression, _ b: Expression, _ geometry: ProductGeometry) {
    precondition(a.dtype == b.dtype, "operands of one type")
    self.a = a
    self.b = b
    self.geometry = geometry
  }
}
