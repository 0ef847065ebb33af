// Copies of neighbours' elements brought up to date, and a stencil over them that equals the serial one bit for bit.

import DAStore
import DATestSupport
import DistArray
import MessagePassing

let haloScenarios: [Scenario] = [
  Scenario(name: "halos") { world, _ in try halos(world) },
  Scenario(name: "halos-heat") { world, _ in try heat(world) },
]

private func halos(_ world: Communicator) throws {
  let narrow = try world.duplicate(messageLimit: MessageLimit(byteCount: 24))
  for communicator in [world, narrow] {
    let context = try Context(communicator: communicator, memory: MemoryBudget(byteCount: 8 << 20))
    for (shape, letters) in [
      ([17], "b"), ([9, 8], "bn"), ([9, 8], "nb"), ([9, 8], "bb"), ([6, 5, 8], "bbb"), ([8, 5, 6], "bcb"),
    ] {
      for width in 1...2 {
        for periodic in [[], [true], [false, true], [true, true, true]] where periodic.count <= shape.count {
          let dealt = try Distribution(
            shape: shape, distributions: AxisDistribution.list(parsing: letters), rankCount: world.size)
          let isBlock = letters.map { $0 != "c" }
          let widths = shape.indices.map {
            isBlock[$0]
              ? PaddingWidths(communication: dealt.gridShape[$0] > 1 ? width : 0, boundary: $0 == 1 ? 2 : 1)
              : PaddingWidths()
          }
          let ends = periodic.enumerated().map { $1 && isBlock[$0] }
          let padded = try dealt.padded(widths, isPeriodic: ends)
          let block = LocalBlock(padded, rank: world.rank)
          // Nothing right but what is owned.
          let array = try context.fromLocalBlocks(as: padded, ownedNumbers(block))
          try array.exchangeHalos()
          try requireElements(array, "\(padded)") { number in wrapped(number, padded) }
        }
      }
    }
  }
  try narrow.free()
  // Blocks and widths that differ from rank to rank.
  guard world.size > 1 else { return }
  let context = try Context(communicator: world, memory: MemoryBudget(byteCount: 8 << 20))
  let counts = (0..<world.size).map { 3 + $0 * 2 }
  let bounds = counts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
  let padding = (0..<world.size).map { rank in
    AxisPadding(lower: rank == 0 ? 2 : (rank + 1) % 3 + 1, upper: rank == world.size - 1 ? 1 : (rank + 2) % 3 + 1)
  }
  for isPeriodic in [false, true] {
    let axes: [AxisMap] = [
      try .undistributed(size: 3), try .block(bounds: bounds, padding: padding, isPeriodic: isPeriodic),
    ]
    let uneven = try Distribution(axes: axes, ranks: Array((0..<world.size).reversed()))
    let array = try context.fromLocalBlocks(as: uneven, ownedNumbers(LocalBlock(uneven, rank: world.rank)))
    try array.exchangeHalos()
    try requireElements(array, "\(uneven)") { number in wrapped(number, uneven) }
  }
}

/// The numbers of owned elements, and -1 in all copies.
private func ownedNumbers(_ block: LocalBlock?) -> [Double] {
  guard let block else { return [] }
  var local = Array(repeating: 0, count: block.shape.count)
  return (0..<block.elementCount).map { _ in
    let isOwned = zip(local, block.owned).allSatisfy { $1.contains($0) }
    let number = elementNumber(block.globalIndex(local), in: block.distribution.shape)
    for axis in local.indices.reversed() {
      local[axis] += 1
      if local[axis] < block.shape[axis] { break }
      local[axis] = 0
    }
    return isOwned ? Double(number) : -1
  }
}

/// The number of the element that an element stands for, once boundaries of periodic axes are filled.
private func wrapped(_ number: Int, _ distribution: Distribution) -> Double {
  var rest = number
  var index = distribution.shape
  for axis in index.indices.reversed() {
    index[axis] = rest % distribution.shape[axis]
    rest /= distribution.shape[axis]
    let map = distribution.axes[axis]
    guard map.isPeriodic, let lower = map.padding.first?.lower, let upper = map.padding.last?.upper else { continue }
    let period = map.size - lower - upper
    while index[axis] < lower { index[axis] += period }
    while index[axis] >= map.size - upper { index[axis] -= period }
  }
  return Double(elementNumber(index, in: distribution.shape))
}

/// Steps of the heat equation on a plate whose columns are periodic and whose first and last rows are held fixed.
private func heat(_ world: Communicator) throws {
  let (rows, columns, steps) = (14, 11, 6)
  let context = try Context(communicator: world, memory: MemoryBudget(byteCount: 8 << 20))
  func start(_ index: [Int]) -> Double { Double((index[0] * 37 + index[1] * 11) % 29) / 7 }
  func step(_ old: (Int, Int) -> Double, _ row: Int, _ column: Int) -> Double {
    let middle = old(row, column)
    let across = old(row, column - 1) + old(row, column + 1)
    let along = old(row - 1, column) + old(row + 1, column)
    return middle + 0.1 * (across + along - 4 * middle)
  }

  var plate = (0..<rows).flatMap { row in (0..<columns).map { start([row, $0]) } }
  func wrap(_ plate: inout [Double]) {
    for row in 0..<rows {
      plate[row * columns] = plate[row * columns + columns - 2]
      plate[row * columns + columns - 1] = plate[row * columns + 1]
    }
  }
  wrap(&plate)
  for _ in 0..<steps {
    let old = plate
    for row in 1..<rows - 1 {
      for column in 1..<columns - 1 { plate[row * columns + column] = step({ old[$0 * columns + $1] }, row, column) }
    }
    wrap(&plate)
  }

  for letters in ["bn", "nb", "bb"] {
    let dealt = try Distribution(
      shape: [rows, columns], distributions: AxisDistribution.list(parsing: letters), rankCount: world.size)
    let padded = try dealt.padded(
      Array(repeating: PaddingWidths(communication: 1, boundary: 1), count: 2), isPeriodic: [false, true])
    var old = try context.fromFunction(as: padded, start)
    var new = try context.fromFunction(as: padded, start)
    try old.exchangeHalos()
    for _ in 0..<steps {
      try new.apply(as: Double.self, reading: old, as: Double.self) { block, new, old in
        for row in block.owned[0] {
          let globalRow = block.globalIndex(row, axis: 0)
          for column in block.owned[1] {
            let globalColumn = block.globalIndex(column, axis: 1)
            let isInside = 0 < globalRow && globalRow < rows - 1 && 0 < globalColumn && globalColumn < columns - 1
            let place = block.offset([row, column])
            new[place] = isInside ? step({ old[block.offset([$0, $1])] }, row, column) : old[place]
          }
        }
      }
      try new.exchangeHalos()
      swap(&old, &new)
    }
    let result = try old.toArray().values(as: Double.self) ?? []
    try requireEqual(result.map(\.bitPattern), plate.map(\.bitPattern), "plate dealt out as \(letters)")
  }
}
