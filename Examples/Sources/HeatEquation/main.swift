// Cools a plate whose edges are held at zero: each rank computes its block and exchanges borders with its neighbours.
//
//   mpirun -n 3 HeatEquation
//
// The plate starts as one wave, which every step multiplies by the same number: so the answer is known.

import DAStore
import DistArray
import Glibc
import MessagePassing

let cells = 48
let steps = 100
let rate = 0.2

let context = try Context(memory: MemoryBudget(parsing: "16MiB"))
let ranks = context.communicator

// Blocks on a grid of ranks, one row and column of copies around each; the plate's own edges are marked as boundary.
let blocks = try Distribution(
  shape: [cells + 1, cells + 1], distributions: [.block, .block], rankCount: ranks.size)
let plate = try blocks.padded(Array(repeating: PaddingWidths(communication: 1, boundary: 1), count: 2))

func wave(_ index: [Int]) -> Double {
  sin(.pi * Double(index[0]) / Double(cells)) * sin(.pi * Double(index[1]) / Double(cells))
}

var now = try context.fromFunction(as: plate, wave)
var next = try context.zeros(as: plate)
for _ in 0..<steps {
  try next.apply(as: Double.self, reading: now, as: Double.self) { block, next, now in
    let row = block.strides[0]
    for i in block.owned[0] where (1..<cells).contains(block.globalIndex(i, axis: 0)) {
      for j in block.owned[1] where (1..<cells).contains(block.globalIndex(j, axis: 1)) {
        let place = block.offset([i, j])
        let around = now[place - row] + now[place + row] + now[place - 1] + now[place + 1]
        next[place] = now[place] + rate * (around - 4 * now[place])
      }
    }
  }
  try next.exchangeHalos()
  swap(&now, &next)
}

// What is left of the wave, and how far the plate is from it anywhere.
let sine = sin(.pi / Double(2 * cells))
let factor = pow(1 - 8 * rate * sine * sine, Double(steps))
let expected = try context.fromFunction(as: plate) { factor * wave($0) }
let error = try context.evaluate(abs(now.array() - expected.array()).max()).values(as: Double.self)?.first ?? .nan
let middle = try now.value(at: [cells / 2, cells / 2], as: Double.self)
if ranks.rank == 0 {
  print("the middle of the plate cooled from 1 to \((middle * 1e6).rounded() / 1e6)")
  print(error < 1e-12 ? "as the formula says, everywhere" : "the formula is missed by \(error)")
}
try MPIEnvironment.finish()
