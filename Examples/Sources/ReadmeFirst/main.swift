// The snippet of README.md: means along the first axis of a stored volume. Examples/run.sh compares both texts.

import DAStore
import DistArray
import MessagePassing

let ranks = try MPIEnvironment.start()                            // one rank without mpirun
let volume = try openDataset(DatasetName(parsing: "volume.dnpy"), over: ranks)
let options = StreamingOptions(budget: try MemoryBudget(parsing: "256MiB"))
let (result, _) = try reduce(ReductionRequest(axes: [0]), over: volume, options: options, communicator: ranks)
let mean = try result.array(.mean)                                // the same on every rank
if ranks.rank == 0 { print(mean.shape, mean.element(0)) }
try MPIEnvironment.finish()
