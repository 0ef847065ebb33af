// In which order one sweep visits the chunks of a grid for several reductions, and what each rank's share of it is. Pure.

import DAStore

/// The order of a sweep, in which each of its reductions finds the chunks of every group by ascending ordinal.
struct ReductionOrder: Sendable {
  /// Its work list is the order; its units are what ranks divide the work between.
  let geometry: ReductionGeometry
  /// Whether the reductions agree on their groups, so that one group follows the other.
  let isByGroups: Bool

  /// Group by group where all reductions agree on groups; otherwise by ascending chunk number, which is the work list of
  /// a reduction over all axes.
  ///
  /// - Precondition: At least one, all over the same grid.
  init(_ geometries: [ReductionGeometry]) {
    precondition(!geometries.isEmpty, "a sweep has a reduction")
    let first = geometries[0]
    isByGroups = geometries.allSatisfy { $0.reduced == first.reduced }
    geometry =
      isByGroups
      ? first
      : ReductionGeometry(
        grid: first.grid, reduced: first.reduced.map { _ in true }, chunksPerUnit: Self.indivisible(geometries))
  }

  /// The order of all chunks by ascending number.
  init(ascending grid: ChunkGrid) {
    geometry = ReductionGeometry(grid: grid, reduced: grid.shape.map { _ in true }, chunksPerUnit: 1)
    isByGroups = false
  }

  /// Chunks in a row, by number, between whose multiples no unit of any of the reductions is cut.
  private static func indivisible(_ geometries: [ReductionGeometry]) -> Int {
    let counts = geometries[0].grid.chunksPerAxis
    guard let axis = counts.firstIndex(where: { $0 > 1 }) else { return 1 }
    var rows = 0
    for geometry in geometries where geometry.chunksPerUnit > 1 {
      guard geometry.reduced[axis] else {
        rows = max(rows, 1)
        continue
      }
      // A row of the grid moves ordinals on by `step`; units are powers of two.
      let step = geometry.reducedAxes.reduce(1) { $1 > axis ? $0 * counts[$1] : $0 }
      rows = max(
        rows,
        geometry.chunksPerUnit >> min(geometry.chunksPerUnit.trailingZeroBitCount, step.trailingZeroBitCount))
    }
    return rows == 0 ? 1 : saturatingProduct(rows, counts[(axis + 1)...].reduce(1, *))
  }

  /// Chunks that a rank visits, in order.
  func chunks(ofRank rank: Int, of ranks: Int) -> WorkList {
    geometry.chunks(ofUnits: geometry.units(ofRank: rank, of: ranks))
  }

  /// Chunks of the largest share: the first rank's.
  func largestShare(ranks: Int) -> Int { chunks(ofRank: 0, of: ranks).count }

  /// The rank that finishes a group of a reduction: the one that visits its first chunk.
  func owner(ofGroup group: Int, of reduction: ReductionGeometry, ranks: Int) -> Int {
    let (place, ordinal) = geometry.place(ofChunk: reduction.chunk(group: group, ordinal: 0))
    return geometry.rank(ofUnit: place * geometry.unitsPerGroup + ordinal / geometry.chunksPerUnit, of: ranks)
  }

  /// Groups of a reduction that a rank finishes: first chunks follow one another as groups do.
  ///
  /// - Complexity: O(log groups).
  func groups(ofRank rank: Int, of reduction: ReductionGeometry, ranks: Int) -> Range<Int> {
    guard reduction.chunksPerGroup > 0 else { return 0..<0 }
    let all = 0..<reduction.groupCount
    return all.countOfPrefix {
      owner(ofGroup: $0, of: reduction, ranks: ranks) < rank
    }..<all.countOfPrefix { owner(ofGroup: $0, of: reduction, ranks: ranks) <= rank }
  }

  /// Most groups of a reduction that are open at once.
  func openGroupCount(of reduction: ReductionGeometry) -> Int { isByGroups ? 1 : reduction.openGroupCount }
}
