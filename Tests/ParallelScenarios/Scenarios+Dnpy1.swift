// Sets of `.dnpy` 1.0 files written and read by several ranks together.

import DAStore
import DATestSupport
import MessagePassing

let dnpy1Scenarios: [Scenario] = [
  Scenario(name: "dnpy1-conformance") { world, _ in
    for backEnd in BackEnd.all where backEnd.format == .dnpy1 {
      for check in ConformanceCheck.all { try check.run(backEnd, world) }
    }
  },
  Scenario(name: "dnpy1-golden") { world, arguments in
    try sameBytesFromAnyNumberOfRanks(world, try argument(0, of: arguments))
  },
]

/// Every rank writes some chunks of a set whose number of files has nothing to do with the number of ranks.
private func sameBytesFromAnyNumberOfRanks(_ world: Communicator, _ path: String) throws {
  let shape = [11, 13]
  let maps = try AxisMap.maps(
    shape: shape, distributions: [.cyclic(blockSize: 2), .block], gridShape: [2, 3])
  let writer = try Dnpy1Writer(path: path, maps: maps, dtype: .uint8, chunkShape: [3, 4], communicator: world)
  let grid = writer.description.grid
  for first in stride(from: 0, to: grid.chunkCount, by: world.size) {
    let number = first + world.rank
    guard number < grid.chunkCount else {
      try writer.write([])
      continue
    }
    let region = grid.region(of: number)
    var bytes: [UInt8] = []
    for row in region.lower[0]..<region.upper[0] {
      for column in region.lower[1]..<region.upper[1] { bytes.append(UInt8(row * shape[1] + column)) }
    }
    try bytes.withUnsafeBytes { try writer.write([ChunkToWrite(number: number, bytes: $0)]) }
  }
  try writer.commit()
}
