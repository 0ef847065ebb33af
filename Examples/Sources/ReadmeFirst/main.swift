// The snippet of README.md: scores of a stored volume along its first axis. Examples/run.sh compares both texts.

import DAStore
import DistArray
import MessagePassing

let context = try Context(memory: MemoryBudget(parsing: "256MiB"))    // all ranks of mpirun, or one without it
let volume = try context.open("volume.dnpy")
let mean = volume.mean(axis: 0)                                       // nothing is computed yet
let score = (volume - mean) / volume.standardDeviation(axis: 0)
try score.write(to: "score.dnpy", overwrite: true)                    // chunk by chunk, every rank its share
let (middle, largest) = try context.evaluate(mean, abs(score).max())  // the same on every rank
if context.communicator.rank == 0 { print(middle.shape, middle.element(0), largest.element(0)) }
try MPIEnvironment.finish()
