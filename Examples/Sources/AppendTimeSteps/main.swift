// Appends time steps to a stored array, one generation each, and reads an older generation while newer ones exist.
//
//   mpirun -n 3 AppendTimeSteps FOLDER

import DAStore
import DistArray
import MessagePassing

/// An answer that is not what it must be.
struct WrongAnswer: Error { var text: String }

/// One step of the simulation: 32 rows of 24 cells, in chunks of 8 rows.
let stepShape = [32, 24]
let chunkRows = 8

/// Writes one time step: the number of the step in every cell, and the cell's number added.
///
/// Every rank writes the chunks that are its own; all call once, also those with nothing to write.
func write(step: Int, to writer: Dnpy2Writer, on ranks: Communicator) throws {
  let chunksPerStep = stepShape[0] / chunkRows
  let cellsPerChunk = chunkRows * stepShape[1]
  let own = Array(stride(from: ranks.rank, to: chunksPerStep, by: ranks.size))
  let cells = own.flatMap { chunk in (0..<cellsPerChunk).map { Int32(1000 * step + chunk * cellsPerChunk + $0) } }
  try cells.withUnsafeBytes { bytes in
    let byteCount = 4 * cellsPerChunk
    try writer.write(
      own.enumerated().map { place, chunk in
        ChunkToWrite(
          number: step * chunksPerStep + chunk,
          bytes: UnsafeRawBufferPointer(rebasing: bytes[place * byteCount..<(place + 1) * byteCount]))
      })
  }
}

/// The sum over all cells of `stepCount` steps.
func expectedSum(_ stepCount: Int) -> Int64 {
  let cells = Int64(stepShape[0] * stepShape[1])
  return (0..<Int64(stepCount)).reduce(0) { $0 + 1000 * $1 * cells + cells * (cells - 1) / 2 }
}

func run(in folder: String, on ranks: Communicator) throws {
  let path = "\(folder)/steps.dnpy"
  let pool = BufferPool(budget: 4 << 20)

  // Generation 1: the first step.
  let first = try Dnpy2Writer.create(
    path: path, shape: [1] + stepShape, dtype: .int32, chunkShape: [1, chunkRows, stepShape[1]],
    dimensionNames: ["time", "y", "x"], generationsKept: 4, overwrite: true, communicator: ranks, pool: pool)
  try write(step: 0, to: first, on: ranks)
  try first.commit()

  // Generations 2 to 4: one step more each, by a session that begins anew as a restarted program would.
  for step in 1...3 {
    let writer = try Dnpy2Writer.update(path: path, communicator: ranks, pool: pool)
    do {
      try writer.resize(to: [step + 1] + stepShape)
      try write(step: step, to: writer, on: ranks)
      try writer.commit()
    } catch {
      writer.abandon()
      throw error
    }
  }

  // Every generation is there, with its own shape and elements.
  let options = StreamingOptions(budget: try MemoryBudget(byteCount: 4 << 20))
  for generation in 1...4 {
    let stored = try openDataset(DatasetName(parsing: "\(path)@\(generation)"), over: ranks)
    let (result, _) = try reduce(
      ReductionRequest([.sum]), over: stored, options: options, communicator: ranks)
    let sum = result.value(.sum)?.value(as: Int64.self)
    guard stored.description.shape == [generation] + stepShape, sum == expectedSum(generation) else {
      throw WrongAnswer(
        text: "generation \(generation): shape \(stored.description.shape), sum \(String(describing: sum))")
    }
    if ranks.rank == 0 {
      print(
        "generation \(generation): shape \(stored.description.shape), sum \(expectedSum(generation)), as it should be")
    }
  }
}

do {
  let ranks = try MPIEnvironment.start()
  try run(in: CommandLine.arguments.dropFirst().first ?? ".", on: ranks)
  try MPIEnvironment.finish()
} catch {
  print("AppendTimeSteps: \(error)")
  MPIEnvironment.abort(code: 1)
}
