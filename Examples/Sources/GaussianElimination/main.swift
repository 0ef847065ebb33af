// Solves a system of linear equations by Gaussian elimination with pivoting. Blocks of rows are dealt out in turn, so
// that every rank has work until the last columns.
//
//   mpirun -n 3 GaussianElimination

import DAStore
import DistArray
import Glibc
import MessagePassing

/// An answer that is not what it must be.
struct WrongAnswer: Error { var text: String }

/// A row of an array that is dealt out by rows, on every rank. Collective.
func row(_ index: Int, of array: DistributedArray) throws -> [Double] {
  let ranks = array.context.communicator
  let owner = try array.distribution.owner(of: [index, 0])
  var values = [Double](repeating: 0, count: array.shape[1])
  _ = try array.withLocalBlock(as: Double.self) { block, elements in
    for i in block.owned[0] where block.globalIndex(i, axis: 0) == index {
      for j in values.indices { values[j] = elements[block.offset([i, j])] }
    }
  }
  try ranks.broadcast(&values, from: owner)
  return values
}

/// Which of the `open` rows has the largest element in a column; the first of several. Collective.
func pivot(in column: Int, of array: DistributedArray, among open: Set<Int>) throws -> Int {
  let ranks = array.context.communicator
  var best = (size: 0.0, row: Int.max)
  _ = try array.withLocalBlock(as: Double.self) { block, elements in
    for i in block.owned[0] where open.contains(block.globalIndex(i, axis: 0)) {
      let size = abs(elements[block.offset([i, column])])
      if size > best.size { best = (size, block.globalIndex(i, axis: 0)) }
    }
  }
  let largest = try ranks.allReduce(best.size, .max)
  guard largest > 0 else { throw WrongAnswer(text: "the equations have no single solution") }
  return try ranks.allReduce(best.size == largest ? best.row : Int.max, .min)
}

/// Whether an order of 0, 1, 2, … takes an odd number of exchanges.
func isOdd(_ order: [Int]) -> Bool {
  let inversions = order.indices.map { place in order[..<place].filter { $0 > order[place] }.count }
  return inversions.reduce(0, +) % 2 == 1
}

func run(in context: Context) throws {
  let count = 96
  // Random equations with right sides for which the unknowns are 1, 2, 3, …
  let coefficients = context.random(seed: 7).uniform([count, count], from: -1, to: 1)
  let sides = matmul(coefficients, context.arange(1.0, Double(count) + 1, 1))
  let rows = try Distribution(
    shape: [count, count + 1], distributions: [.cyclic(blockSize: 4), .undistributed],
    rankCount: context.communicator.size)
  let equations = try context.concatenate([coefficients, sides[.all, .newAxis]], axis: 1).distribute(as: rows)

  // Rows stay where they are: the order in which pivots are taken from them stands for exchanging them.
  var open = Set(0..<count)
  var order: [Int] = []
  var determinant = (isNegative: false, logarithm: 0.0)
  for column in 0..<count {
    let chosen = try pivot(in: column, of: equations, among: open)
    open.remove(chosen)
    order.append(chosen)
    let values = try row(chosen, of: equations)
    determinant.isNegative = determinant.isNegative != (values[column] < 0)
    determinant.logarithm += log(abs(values[column]))
    try equations.apply(as: Double.self) { block, elements in
      for i in block.owned[0] where open.contains(block.globalIndex(i, axis: 0)) {
        let start = block.offset([i, 0])
        let factor = elements[start + column] / values[column]
        for j in column...count { elements[start + j] -= factor * values[j] }
      }
    }
  }
  determinant.isNegative = determinant.isNegative != isOdd(order)

  // From the last unknown, which stands alone in its row, back to the first.
  var unknowns = [Double](repeating: 0, count: count)
  for column in unknowns.indices.reversed() {
    let values = try row(order[column], of: equations)
    let known = (column + 1..<count).reduce(0) { $0 + values[$1] * unknowns[$1] }
    unknowns[column] = (values[count] - known) / values[column]
  }

  // The unknowns that were put in, and equations that hold.
  let found = try context.array(unknowns)
  let (error, residual) = try context.evaluate(
    abs(found - context.arange(1.0, Double(count) + 1, 1)).max(), abs(matmul(coefficients, found) - sides).max())
  guard let error = error.values(as: Double.self)?.first, let residual = residual.values(as: Double.self)?.first,
    error < 1e-8, residual < 1e-9
  else { throw WrongAnswer(text: "unknowns are wrong by \(error), equations by \(residual)") }
  if context.communicator.rank == 0 {
    // numpy.linalg.slogdet(Generator(Philox(SeedSequence(7))).uniform(-1, 1, (96, 96))) says the same.
    let logarithm = (determinant.logarithm * 1e6).rounded() / 1e6
    print("\(count) equations solved: the unknowns are 1 to \(count), and every equation holds")
    let sign = determinant.isNegative ? "-" : ""
    print("the first pivot is in row \(order[0]); the determinant is \(sign)exp(\(logarithm))")
  }
}

do {
  try run(in: try Context(memory: MemoryBudget(parsing: "16MiB")))
  try MPIEnvironment.finish()
} catch {
  print("GaussianElimination: \(error)")
  MPIEnvironment.abort(code: 1)
}
