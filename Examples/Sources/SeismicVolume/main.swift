// A seismic volume: a dipping layer under noise, found again trace by trace. Functions of our own see the neighbours of
// each sample, and make a map out of a volume.
//
//   mpirun -n 3 SeismicVolume FOLDER

import DAStore
import DistArray
import MessagePassing

/// An answer that is not what it must be.
struct WrongAnswer: Error { var text: String }

/// Depth of the layer under a place of the surface.
@Sendable func depth(_ x: Int, _ y: Int) -> Int { 12 + (x + 2 * y) / 9 }

/// What a sample of the volume holds: the layer's echo over three depths, and noise of at most one.
@Sendable func sample(_ index: [Int]) -> Float {
  let (x, y, z) = (index[0], index[1], index[2])
  let noise = Float((x * 7 + y * 11 + z * 5 + x * y * z) % 3 - 1)
  let echo: [Float] = [-4, 8, -4]
  let place = z - depth(x, y) + 1
  return noise + (echo.indices.contains(place) ? echo[place] : 0)
}

func run(in folder: String, _ context: Context) throws {
  try context.fromFunction([48, 40, 64], sample).write(
    to: "\(folder)/volume.dnpy", chunks: [16, 16, 64], overwrite: true)
  let volume = try context.open("\(folder)/volume.dnpy")

  // The volume compared with the echo: greatest where three samples look like it. Noise is damped by the traces around.
  let similarity = volume.mapOverlap(depth: [1, 1, 1], boundary: [.nearest, .nearest, .constant(0)]) {
    (block: Block<Float>, result: ResultBlock<Float>) in
    for x in 0..<block.shape[0] {
      for y in 0..<block.shape[1] {
        for z in 0..<block.shape[2] {
          let own = 2 * block[x, y, z] - block[x, y, z - 1] - block[x, y, z + 1]
          let around = block[x - 1, y, z] + block[x + 1, y, z] + block[x, y - 1, z] + block[x, y + 1, z]
          result[x, y, z] = own + around / 8
        }
      }
    }
  }
  // A block has whole traces, and gives one number for each.
  let layer = similarity.mapBlocks(dropping: [2]) { (block: Block<Float>, result: ResultBlock<Int32>) in
    for x in 0..<block.shape[0] {
      for y in 0..<block.shape[1] {
        var best = 0
        for z in 0..<block.shape[2] where block[x, y, z] > block[x, y, best] { best = z }
        result[x, y] = Int32(best)
      }
    }
  }
  try layer.write(to: "\(folder)/layer.npy", overwrite: true)

  // The map against the layer that was put in, a trace of the volume, and how loud each depth is.
  let found = try context.open("\(folder)/layer.npy")
  let expected = context.fromFunction([48, 40]) { Int32(depth($0[0], $0[1])) }
  let loudness = (volume * volume).mean(axis: 0).mean(axis: 0)
  let (rightCount, loudest, trace) = try context.evaluate(
    (found == expected).countNonzero(), loudness.argmax(), volume[20, 30])
  guard rightCount.values(as: Int64.self) == [48 * 40] else {
    throw WrongAnswer(text: "the layer is right under \(rightCount) places only")
  }
  guard trace.values(as: Float.self) == (0..<64).map({ sample([20, 30, $0]) }) else {
    throw WrongAnswer(text: "a trace differs from what was stored")
  }
  if context.communicator.rank == 0 {
    print(
      "the layer is found under all \(48 * 40) places, at \(depth(20, 30)) under (20, 30); depth "
        + "\(loudest.element(0)) is the loudest")
  }
}

do {
  try run(in: CommandLine.arguments.dropFirst().first ?? ".", try Context(memory: MemoryBudget(parsing: "16MiB")))
  try MPIEnvironment.finish()
} catch {
  print("SeismicVolume: \(error)")
  MPIEnvironment.abort(code: 1)
}
