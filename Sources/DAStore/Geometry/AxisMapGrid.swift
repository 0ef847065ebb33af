// The shape of a process grid that suits an array: how many ranks each axis is dealt over.

/// Chooses a process grid of at most `rankCount` ranks for an array.
///
/// One distributed axis gets all ranks, but not more than it has elements. Several get that ordering of the factors of
/// `rankCount` whose pairwise ratios are nearest to those of the axis sizes (least squares), larger factors on longer
/// axes; the first of equals wins, smaller factors first. These are the grids that DistArray chooses.
/// - Parameter isDistributed: One entry per axis; axes that are not get one rank.
/// - Throws: `.invalidArgument` when the lists differ in length, a size is negative, or `rankCount` is below one.
public func processGridShape(for shape: [Int], isDistributed: [Bool], rankCount: Int) throws(StoreError) -> [Int] {
  guard shape.count == isDistributed.count else {
    throw StoreError(
      .invalidArgument, "\(isDistributed.count) distributions for the \(shape.count) axes of \(shapeText(shape))")
  }
  guard rankCount >= 1, shape.allSatisfy({ $0 >= 0 }) else {
    throw StoreError(.invalidArgument, "no process grid of \(rankCount) ranks for shape \(shapeText(shape))")
  }
  let axes = shape.indices.filter { isDistributed[$0] }
  var grid = Array(repeating: 1, count: shape.count)
  if axes.count == 1 {
    grid[axes[0]] = max(1, min(rankCount, shape[axes[0]]))
    return grid
  }
  if axes.isEmpty || rankCount == 1 { return grid }

  let sizes = axes.map { Double(max(1, shape[$0])) }
  // Rising factors meet the axes from the shortest to the longest; equal axes in their own order.
  let ascending = axes.indices.sorted { (sizes[$0], $0) < (sizes[$1], $1) }
  let wanted = pairwiseRatios(sizes)
  var best: (distance: Double, factors: [Int])?
  for rising in risingFactorizations(of: rankCount, count: axes.count) {
    var factors = rising
    for (place, axis) in ascending.enumerated() { factors[axis] = rising[place] }
    let distance = zip(wanted, pairwiseRatios(factors.map(Double.init))).reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
    }
    if distance < best?.distance ?? .infinity { best = (distance, factors) }
  }
  for (place, axis) in axes.enumerated() { grid[axis] = best?.factors[place] ?? 1 }
  return grid
}

/// Every way to write `number` as a product of `count` factors that do not fall, in lexicographic order.
func risingFactorizations(of number: Int, count: Int) -> [[Int]] {
  var open: [(factors: [Int], rest: Int)] = [([], number)]
  for remaining in stride(from: count, to: 1, by: -1) {
    open = open.flatMap { factors, rest in
      var next: [(factors: [Int], rest: Int)] = []
      var factor = factors.last ?? 1
      while smallPower(factor, remaining, isAtMost: rest) {
        if rest % factor == 0 { next.append((factors + [factor], rest / factor)) }
        factor += 1
      }
      return next
    }
  }
  return open.map { $0.factors + [$0.rest] }
}

/// Whether `base` to the power of `exponent` is at most `limit`, without overflow.
private func smallPower(_ base: Int, _ exponent: Int, isAtMost limit: Int) -> Bool {
  var power = 1
  for _ in 0..<exponent {
    if base > limit / power { return false }
    power *= base
    if base == 1 { break }
  }
  return power <= limit
}

private func pairwiseRatios(_ values: [Double]) -> [Double] {
  values.indices.flatMap { first in values.indices.dropFirst(first + 1).map { values[first] / values[$0] } }
}

/// The rank of a position in a process grid: C order, the last axis fastest.
public func gridRank(of coordinates: [Int], in gridShape: [Int]) -> Int {
  precondition(coordinates.count == gridShape.count, "a position in this grid")
  return zip(coordinates, gridShape).reduce(0) { $0 * $1.1 + $1.0 }
}

/// The position of a rank in a process grid.
///
/// - Precondition: `0 <= rank < product of gridShape`.
public func gridCoordinates(of rank: Int, in gridShape: [Int]) -> [Int] {
  var coordinates = gridShape
  var rest = rank
  for axis in gridShape.indices.reversed() {
    (rest, coordinates[axis]) = rest.quotientAndRemainder(dividingBy: gridShape[axis])
  }
  precondition(rank >= 0 && rest == 0, "a rank of this grid")
  return coordinates
}
