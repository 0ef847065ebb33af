// Stores a field compressed and reduces it over its first axis, in 4 MiB per rank, on any number of ranks. The answer is
// compared with a formula.
//
//   mpirun -n 3 StreamingStatistics FOLDER

import DAStore
import DistArray
import MessagePassing

/// An answer that is not what it must be.
struct WrongAnswer: Error { var text: String }

func run(in folder: String, on ranks: Communicator) throws {
  let shape = [64, 48, 40]
  let options = StreamingOptions(budget: try MemoryBudget(parsing: "4MiB"))

  // Store: every rank computes its share of the chunks; nobody holds the array.
  let writer = try Dnpy2Writer.create(
    path: "\(folder)/field.dnpy", shape: shape, dtype: .float64, chunkShape: [16, 16, 40],
    codecs: ["byteshuffle", "lz4"], overwrite: true, communicator: ranks,
    pool: BufferPool(budget: options.budget.byteCount))
  let field = try FormulaField(shape: shape, chunkShape: [16, 16, 40])
  _ = try ArrayCopy(from: field, to: writer, over: ranks, options: options).run()

  // Reduce: one pass over the stored chunks gives all statistics; their arrays are the same on every rank.
  let stored = try openDataset(DatasetName(parsing: "\(folder)/field.dnpy"), over: ranks)
  let (result, _) = try reduce(
    ReductionRequest([.mean, .maximum], axes: [0]), over: stored, options: options, communicator: ranks)
  let means = try result.array(.mean).values(as: Double.self) ?? []
  let maxima = try result.array(.maximum).values(as: Double.self) ?? []

  // Check: i runs from 0 to 63, so that the mean of i * j + k is 31.5 j + k and its maximum 63 j + k, exactly.
  guard result.shape == [48, 40], means.count == 48 * 40, maxima.count == means.count else {
    throw WrongAnswer(text: "shape \(result.shape)")
  }
  for place in means.indices {
    let (j, k) = (Double(place / 40), Double(place % 40))
    guard means[place] == 31.5 * j + k, maxima[place] == 63 * j + k else {
      throw WrongAnswer(text: "at \(j), \(k): mean \(means[place]), maximum \(maxima[place])")
    }
  }
  let isCompressed = stored.description.storedByteCount < stored.description.logicalByteCount / 4
  guard isCompressed else { throw WrongAnswer(text: "stored in \(stored.description.storedByteCount) bytes") }
  if ranks.rank == 0 {
    print(
      "means and maxima over axis 0 are right at \(means.count) places; the last ones are \(means.last ?? 0) and \(maxima.last ?? 0)"
    )
  }
}

do {
  let ranks = try MPIEnvironment.start()
  try run(in: CommandLine.arguments.dropFirst().first ?? ".", on: ranks)
  try MPIEnvironment.finish()
} catch {
  print("StreamingStatistics: \(error)")
  MPIEnvironment.abort(code: 1)
}
