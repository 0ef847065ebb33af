// The Julia set of z² + c: how many steps each point of a grid stays near the origin, as one expression that is
// computed, chunk by chunk, on its way to a file.
//
//   mpirun -n 3 JuliaSet FOLDER

import DAStore
import DistArray
import MessagePassing

/// An answer that is not what it must be.
struct WrongAnswer: Error { var text: String }

/// How many of `stepCount` steps of z² + c begin within two of the origin; points that have left stay where they are.
func steps(from start: DistArray, _ stepCount: Int) -> DistArray {
  let c = DistArray.Operand.complex(real: -0.75, imaginary: 0.125)
  var z = start
  var count = start.context.zeros(start.shape, dtype: .int32)
  for _ in 0..<stepCount {
    let isNear = real(z) * real(z) + imag(z) * imag(z) <= 4.0
    count = count + isNear
    z = choose(isNear, z * z + c, z)
  }
  return count
}

func run(in folder: String, _ context: Context) throws {
  // A column of imaginary parts beside a row of real parts makes the grid; steps of 1/64 are exact.
  let x = context.arange(-1.5, 1.5 + 1 / 128, 1 / 64)
  let y = context.arange(-1.0, 1.0 + 1 / 128, 1 / 64)
  let grid = x + y[.all, .newAxis] * DistArray.Operand.complex(real: 0, imaginary: 1)
  let count = steps(from: grid, 24)
  try count.write(to: "\(folder)/julia.dnpy", chunks: [32, 64], overwrite: true)

  // The set is symmetrical about the origin, and NumPy counts the same steps.
  let stored = try context.open("\(folder)/julia.dnpy")
  let (isSymmetrical, total, inside) = try context.evaluate(
    (stored == stored.flipped()).all(), stored.sum(), (stored == 24).countNonzero())
  let answer = (total.values(as: Int64.self)?.first ?? 0, inside.values(as: Int64.self)?.first ?? 0)
  guard isSymmetrical.values(as: StoredBool.self)?.first?.isTrue == true else {
    throw WrongAnswer(text: "the stored set is not symmetrical")
  }
  guard answer == (254_524, 8059) else { throw WrongAnswer(text: "\(answer.0) steps, \(answer.1) points in the set") }
  if context.communicator.rank == 0 {
    print(
      "a grid of \(stored.shape) points, \(answer.1) of them still near after 24 steps; symmetrical, as it should be")
  }
}

do {
  try run(in: CommandLine.arguments.dropFirst().first ?? ".", try Context(memory: MemoryBudget(parsing: "8MiB")))
  try MPIEnvironment.finish()
} catch {
  print("JuliaSet: \(error)")
  MPIEnvironment.abort(code: 1)
}
