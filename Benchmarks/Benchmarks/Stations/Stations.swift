// The stations of the walk, one benchmark each, on arrays in memory: what remains when the disk costs nothing.
// Each checks its answer; divide 64 MiB by the time for a rate.

import Benchmark
import DAChunkCache
import DAStore
import DistArray
import Foundation

/// Elements of 64 MiB of float64: a ramp with a sawtooth, so that nothing compresses to nothing.
private let elements: [Double] = (0..<8 << 20).map { Double($0 % 1021) + Double($0) * 0x1p-20 }
private let expectedSum = elements.reduce(0, +)

private func array(chunkShape: [Int]? = nil) throws -> MemoryDataset {
  try MemoryDataset(elements, shape: [128, 256, 256], chunkShape: chunkShape ?? [2, 256, 256])
}

private func options() throws -> StreamingOptions {
  StreamingOptions(budget: try MemoryBudget(parsing: "32MiB"))
}

private func storedFile(codecs: [String]) throws -> String {
  let path = FileManager.default.temporaryDirectory.path + "/dastore-stations-\(getpid())-\(codecs.count).dnpy"
  let source = try array()
  let writer = try Dnpy2Writer.create(
    path: path, shape: source.description.shape, dtype: .float64, chunkShape: [2, 256, 256], codecs: codecs, overwrite: true,
    communicator: .serial, pool: BufferPool(budget: 64 << 20))
  _ = try ArrayCopy(from: source, to: writer, over: .serial, options: options()).run()
  return path
}

private func check(_ holds: Bool, _ what: String) {
  precondition(holds, "the benchmark's answer is wrong: \(what)")
}

let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .cpuTotal, .peakMemoryResident, .mallocCountTotal], warmupIterations: 1, maxDuration: .seconds(2),
    maxIterations: 20)

  Benchmark("sweep: memory through the cache") { benchmark in
    let source = try array()
    let cache = ChunkCache(pool: BufferPool(budget: 32 << 20))
    for _ in benchmark.scaledIterations {
      var bytes = 0
      try cache.sweep(source, chunks: 0..<source.description.grid.chunkCount, hint: .scan) { _, chunk in bytes += chunk.count }
      check(bytes == elements.count * 8, "bytes swept")
    }
  }
  for axes in [nil, [0], [2], [0, 1]] as [[Int]?] {
    Benchmark("reduce: all statistics, \(axes.map { "axes \($0)" } ?? "whole array")") { benchmark in
      let source = try array()
      for _ in benchmark.scaledIterations {
        let result = try reduce(ReductionRequest(axes: axes), over: source, options: options(), communicator: .serial).result
        if axes == nil {
          check(abs((result.unrounded[.sum] ?? 0) - expectedSum) <= 1e-9 * expectedSum, "sum")
        }
      }
    }
  }
  for codecs in [[], ["lz4"], ["byteshuffle", "lz4"], ["bitshuffle", "lz4"]] {
    Benchmark("dnpy 2 written and committed: \(codecs.isEmpty ? "none" : codecs.joined(separator: " + "))") { benchmark in
      for _ in benchmark.scaledIterations { unlink(try storedFile(codecs: codecs)) }
    }
    Benchmark("dnpy 2 read and reduced: \(codecs.isEmpty ? "none" : codecs.joined(separator: " + "))") { benchmark in
      let path = try storedFile(codecs: codecs)
      benchmark.startMeasurement()
      for _ in benchmark.scaledIterations {
        let dataset = try Dnpy2Dataset(path: path)
        let result = try reduce(ReductionRequest(axes: nil), over: dataset, options: options(), communicator: .serial).result
        check(abs((result.unrounded[.sum] ?? 0) - expectedSum) <= 1e-9 * expectedSum, "sum")
      }
      benchmark.stopMeasurement()
      unlink(path)
    }
  }
  Benchmark("several results: mean, maximum and a product's deviation in one pass") { benchmark in
    let context = try Context(communicator: .serial, memory: MemoryBudget(parsing: "64MiB"))
    let x = context.array(try array())
    for _ in benchmark.scaledIterations {
      let results = try context.evaluate([x.mean(), x.max(axis: 0), (x * x).standardDeviation()])
      let mean = results[0].values(as: Double.self)?.first ?? 0
      check(abs(mean * Double(elements.count) - expectedSum) <= 1e-9 * expectedSum, "mean")
    }
  }
  Benchmark("plan: statistics of an expression over a million chunks") { benchmark in
    let context = try Context(communicator: .serial, memory: MemoryBudget(parsing: "64MiB"))
    let x = context.zeros([1_000_000, 1 << 17])
    for _ in benchmark.scaledIterations {
      let plan = try context.explain([(x * 2 - x.mean(axis: 1, keepDimensions: true)).sum(), x.max()])
      check(plan.passes.allSatisfy { $0.chunkCount == 1_000_000 }, "chunks")
    }
  }
  Benchmark("digest") { benchmark in
    let source = try array()
    let other = try digest(array(chunkShape: [128, 8, 64]), over: .serial, options: options())
    for _ in benchmark.scaledIterations {
      check(try digest(source, over: .serial, options: options()) == other, "digest")
    }
  }
  Benchmark("rechunk: planes to columns") { benchmark in
    let source = try array(chunkShape: [1, 256, 256])
    for _ in benchmark.scaledIterations {
      let writer = try MemoryWriter(shape: [128, 256, 256], dtype: .float64, chunkShape: [128, 16, 16], communicator: .serial)
      _ = try ArrayCopy(from: source, to: writer, over: .serial, options: options()).run()
    }
  }
}
