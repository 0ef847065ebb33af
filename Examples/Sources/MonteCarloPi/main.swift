// π from random points in the unit square: the share of them inside the quarter circle, the same on any number of
// ranks.
//
//   mpirun -n 3 MonteCarloPi

import DAStore
import DistArray
import MessagePassing

/// An answer that is not what it must be.
struct WrongAnswer: Error { var text: String }

func run(in context: Context) throws {
  let pointCount = 1_000_000
  let random = context.random(seed: 42)

  // Two columns would do as well; streams are independent. Nothing is stored: points are made, used and forgotten.
  let x = random.stream(0).random([pointCount])
  let y = random.stream(1).random([pointCount])
  let isInside = x * x + y * y < 1.0
  let inside = try context.evaluate(isInside.countNonzero()).values(as: Int64.self)?.first ?? 0

  // NumPy's points are the same, and so is their number:
  //   [x, y] = [Generator(Philox(s)).random(10**6) for s in SeedSequence(42).spawn(2)]; ((x*x + y*y) < 1).sum()
  guard inside == 785_170 else { throw WrongAnswer(text: "\(inside) points are inside") }
  if context.communicator.rank == 0 {
    print("\(inside) of \(pointCount) points are inside: π is about \(4 * Double(inside) / Double(pointCount))")
  }
}

do {
  try run(in: try Context(memory: MemoryBudget(parsing: "8MiB")))
  try MPIEnvironment.finish()
} catch {
  print("MonteCarloPi: \(error)")
  MPIEnvironment.abort(code: 1)
}
