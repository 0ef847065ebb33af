// Distributions of every kind over the ranks that are there, and a look at every element of arrays so distributed.

import DAStore
import DistArray

/// Every kind of map of an axis over so many grid ranks.
private func maps(_ size: Int, _ rankCount: Int) throws -> [AxisMap] {
  let cuts = (1..<rankCount).map { size * $0 * $0 / (rankCount * rankCount) }
  var lists = Array(repeating: [Int](), count: rankCount)
  for index in 0..<size { lists[(index * 5 + 3) % 7 % rankCount].insert(index, at: 0) }
  let bounds = [0] + cuts + [size]
  let widths = (0..<rankCount + 1).map { border in
    border == 0 || border == rankCount
      ? 0 : min(2, bounds[border] - bounds[border - 1], bounds[border + 1] - bounds[border])
  }
  return [
    try .block(size: size, rankCount: rankCount), try .block(bounds: bounds),
    try .cyclic(size: size, rankCount: rankCount), try .cyclic(size: size, rankCount: rankCount, blockSize: 2),
    try .unstructured(size: size, indices: lists),
    try .block(bounds: bounds, padding: (0..<rankCount).map { AxisPadding(lower: widths[$0], upper: widths[$0 + 1]) }),
    rankCount == 1 ? try .undistributed(size: size) : try .cyclic(size: size, rankCount: rankCount, blockSize: 3),
  ]
}

/// Distributions over all ranks, and over some of them in another order: kind beside kind on all process grids of a few
/// shapes.
func distributions(_ shape: [Int], over rankCount: Int) throws -> [Distribution] {
  if shape.isEmpty { return try (0..<rankCount).map { try Distribution(axes: [], ranks: [$0]) } }
  var all: [Distribution] = []
  for places in Set([rankCount, max(1, rankCount - 1)]).sorted() {
    let ranks = places == rankCount ? Array(0..<places) : Array((1..<rankCount).reversed())
    var grids = [[places] + shape.dropFirst().map { _ in 1 }]
    if shape.count > 1 { grids.append(shape.dropLast().map { _ in 1 } + [places]) }
    if shape.count > 1, places == 4 { grids.append([2, 2] + shape.dropFirst(2).map { _ in 1 }) }
    for grid in grids {
      let kinds = try zip(shape, grid).map { try maps($0, $1) }
      for kind in kinds[0].indices {
        let axes = kinds.enumerated().map { axis, maps in maps[(kind + 2 * axis) % maps.count] }
        all.append(try Distribution(axes: axes, ranks: ranks))
      }
    }
  }
  return all
}

/// Number of an element in C order.
func elementNumber(_ index: [Int], in shape: [Int]) -> Int { zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 } }

/// Fails unless every element of this rank's part, copies included, is what `value` says of its number.
func requireElements<E: Element>(
  _ array: DistributedArray, _ what: @autoclosure () -> String, _ value: (Int) -> E
) throws {
  _ = try array.withLocalBlock(as: E.self) { block, elements in
    try requireEqual(elements.count, block.elementCount, what())
    var local = Array(repeating: 0, count: block.shape.count)
    for place in elements.indices {
      let number = elementNumber(block.globalIndex(local), in: array.shape)
      if elements[place] != value(number) {
        throw ScenarioFailure("\(what()): element \(number) is \(elements[place]) at \(local), \(block.distribution)")
      }
      for axis in local.indices.reversed() {
        local[axis] += 1
        if local[axis] < block.shape[axis] { break }
        local[axis] = 0
      }
    }
  }
}
