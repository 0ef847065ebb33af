// Which chunks make which output elements, in which order and in which tree: pure arithmetic on a grid.

import DAStore

/// The shape of a reduction over a chunk grid; depends on grid and axes only, never on ranks or memory.
///
/// A *group* is the set of chunks that share their output elements: one position of the grid along the kept axes. The
/// chunks of a group have *ordinals* in row-major order of the reduced axes. `chunksPerUnit` ordinals in a row make a
/// *unit*, whose chunks are added one after the other; units join in a binary tree over their numbers. Work is listed
/// group by group and split over ranks between units.
struct ReductionGeometry: Sendable {
  let grid: ChunkGrid
  let reduced: [Bool]
  let keptAxes: [Int]
  let reducedAxes: [Int]
  let outputShape: [Int]
  /// Elements that each output element stands for.
  let elementsPerOutput: Int
  let groupCount: Int
  let chunksPerGroup: Int
  let chunksPerUnit: Int
  /// Output elements of the largest group.
  let largestWidth: Int

  /// - Parameter unit: Chunks of a unit, where they do not follow from the grid: for the order of a sweep.
  init(grid: ChunkGrid, reduced: [Bool], chunksPerUnit unit: Int? = nil) {
    self.grid = grid
    self.reduced = reduced
    keptAxes = reduced.indices.filter { !reduced[$0] }
    reducedAxes = reduced.indices.filter { reduced[$0] }
    outputShape = keptAxes.map { grid.shape[$0] }
    elementsPerOutput = reducedAxes.reduce(1) { $0 * grid.shape[$1] }
    groupCount = keptAxes.reduce(1) { $0 * grid.chunksPerAxis[$1] }
    chunksPerGroup = reducedAxes.reduce(1) { $0 * grid.chunksPerAxis[$1] }
    largestWidth = keptAxes.reduce(1) { $0 * min(grid.shape[$1], grid.chunkShape[$1]) }
    // A deep tree of wide partial results takes memory. Where there is work for hundreds of ranks anyway, units grow.
    var perUnit = 1
    while unit == nil, groupCount * Self.ceiling(chunksPerGroup, perUnit) > 256,
      Self.depth(Self.ceiling(chunksPerGroup, perUnit)) * largestWidth > 1 << 15
    {
      perUnit *= 2
    }
    chunksPerUnit = unit ?? perUnit
  }

  var outputCount: Int { outputShape.reduce(1, *) }
  var unitsPerGroup: Int { Self.ceiling(chunksPerGroup, chunksPerUnit) }
  var unitCount: Int { groupCount * unitsPerGroup }
  /// Most nodes that a rank holds at once: per group an open unit and up to two per level of the tree, which is twice
  /// as many where groups begin before a rank's share or end after it; and one being joined.
  func largestNodeCount(ranks: Int, openGroups: Int = 1) -> Int {
    saturatingSum(saturatingProduct(Self.depth(unitsPerGroup) * (ranks > 1 ? 4 : 1) + 1, openGroups), 1)
  }

  /// Most groups that have begun and not ended when chunks come by ascending number.
  var openGroupCount: Int {
    guard let first = reducedAxes.first else { return 1 }
    return keptAxes.reduce(1) { $1 > first ? saturatingProduct($0, grid.chunksPerAxis[$1]) : $0 }
  }

  /// Units that a rank works on.
  func units(ofRank rank: Int, of ranks: Int) -> Range<Int> {
    // Split without a product that could overflow.
    let (each, extra) = unitCount.quotientAndRemainder(dividingBy: ranks)
    let start = rank * each + min(rank, extra)
    return start..<(start + each + (rank < extra ? 1 : 0))
  }

  /// The rank whose share a unit is in.
  func rank(ofUnit unit: Int, of ranks: Int) -> Int {
    let (each, extra) = unitCount.quotientAndRemainder(dividingBy: ranks)
    let boundary = extra * (each + 1)
    return unit < boundary ? unit / (each + 1) : extra + (unit - boundary) / max(each, 1)
  }

  /// Units of one group.
  func units(ofGroup group: Int) -> Range<Int> { group * unitsPerGroup..<(group + 1) * unitsPerGroup }

  /// Chunk numbers of some units, in the order in which they must be added.
  func chunks(ofUnits units: Range<Int>) -> WorkList {
    WorkList(geometry: self, start: firstEntry(ofUnit: units.lowerBound), end: firstEntry(ofUnit: units.upperBound))
  }

  private func firstEntry(ofUnit unit: Int) -> Int {
    guard unitsPerGroup > 0 else { return 0 }
    let (group, inGroup) = unit.quotientAndRemainder(dividingBy: unitsPerGroup)
    return group * chunksPerGroup + min(inGroup * chunksPerUnit, chunksPerGroup)
  }

  /// Number of the chunk with this ordinal in this group.
  func chunk(group: Int, ordinal: Int) -> Int {
    var position = Array(repeating: 0, count: reduced.count)
    var rest = group
    for axis in keptAxes.reversed() {
      (rest, position[axis]) = rest.quotientAndRemainder(dividingBy: grid.chunksPerAxis[axis])
    }
    rest = ordinal
    for axis in reducedAxes.reversed() {
      (rest, position[axis]) = rest.quotientAndRemainder(dividingBy: grid.chunksPerAxis[axis])
    }
    return grid.number(at: position)
  }

  /// Group and ordinal of a chunk.
  func place(ofChunk number: Int) -> (group: Int, ordinal: Int) {
    let position = grid.position(of: number)
    func index(_ axes: [Int]) -> Int { axes.reduce(0) { $0 * grid.chunksPerAxis[$1] + position[$1] } }
    return (index(keptAxes), index(reducedAxes))
  }

  /// The part of the output that a group makes.
  func outputRegion(ofGroup group: Int) -> Region {
    let region = grid.region(of: chunk(group: group, ordinal: 0))
    return Region(lower: keptAxes.map { region.lower[$0] }, upper: keptAxes.map { region.upper[$0] })
  }

  private static func ceiling(_ a: Int, _ b: Int) -> Int { a == 0 ? 0 : (a - 1) / b + 1 }
  private static func depth(_ leaves: Int) -> Int { Int.bitWidth - leaves.leadingZeroBitCount }
}

/// Chunk numbers of consecutive entries of the work list; computes each when asked.
struct WorkList: RandomAccessCollection, Sendable {
  let geometry: ReductionGeometry
  let start: Int
  let end: Int
  var startIndex: Int { start }
  var endIndex: Int { end }
  subscript(entry: Int) -> Int {
    let (group, ordinal) = entry.quotientAndRemainder(dividingBy: geometry.chunksPerGroup)
    return geometry.chunk(group: group, ordinal: ordinal)
  }
}
