// Reductions on several ranks: the same bits as on one, the same refusals everywhere.

import DAChunkCache
import DAStore
import DATestSupport
import DistArray
import MessagePassing

let reductionScenarios: [Scenario] = [
  Scenario(name: "reductions") { world, _ in try sameBits(world) },
  Scenario(name: "reductions-together") { world, _ in try sameBitsTogether(world) },
  Scenario(name: "reduction-failures") { world, _ in try sameFailures(world) },
]

/// An array that every rank makes for itself.
private func array(_ shape: [Int], _ dtype: DType, chunks: [Int], seed: UInt64) throws(StoreError) -> MemoryDataset {
  let writer = try MemoryWriter(shape: shape, dtype: dtype, chunkShape: chunks, communicator: .serial)
  let pattern = Pattern(seed: seed)
  for number in 0..<writer.description.grid.chunkCount {
    let content = pattern.bytes(writer.description.grid.region(of: number), of: shape, dtype)
    var outcome = Result<Void, StoreError>.success(())
    content.withUnsafeBytes { bytes in
      outcome = Result { () throws(StoreError) in try writer.write([ChunkToWrite(number: number, bytes: bytes)]) }
    }
    try outcome.get()
  }
  try writer.commit()
  return try writer.dataset()
}

private func sameBits(_ world: Communicator) throws {
  let layouts: [(shape: [Int], chunks: [Int])] = [
    ([], []), ([0, 3], [1, 2]), ([1], [1]), ([61], [4]), ([9, 10, 11], [4, 3, 5]), ([40, 33], [1, 33]),
  ]
  var seed: UInt64 = 1
  for dtype: DType in [.bool, .int16, .uint64, .float16, .float64, .complex64] {
    for (shape, chunks) in layouts {
      let source = try array(shape, dtype, chunks: chunks, seed: seed)
      seed += 1
      for axes in [nil, shape.isEmpty ? [] : [0], shape.isEmpty ? [] : [-1]] as [[Int]?] {
        var request = ReductionRequest(axes: axes, ddof: 1)
        if axes == nil, !dtype.isComplex { request.histogram = HistogramRequest(binCount: 7, range: -50...50) }
        var options = StreamingOptions(budget: try MemoryBudget(byteCount: 1 << 24))
        let serial = try reduce(request, over: source, options: options).result
        options.workerCount = Int(seed % 3)
        let parallel = try reduce(request, over: source, options: options, communicator: world).result
        let label = "\(dtype) \(shape) in \(chunks) over \(String(describing: axes))"
        try requireEqual(parallel.arrays, serial.arrays, label)
        try requireEqual(parallel.histogram, serial.histogram, label)
        // A cache that is shared with others, with hardly any room.
        let plan = try ReductionPlan(request, over: source, ranks: world.size)
        let cache = ChunkCache(pool: BufferPool(budget: plan.smallestBudget + (64 << 10)))
        let tight = try reduce(request, over: source, cache: cache, communicator: world)
        try requireEqual(tight.arrays, serial.arrays, label + " in a small cache")
        try require(cache.pool.statistics.peak <= cache.pool.budget, label + ": over budget")
      }
    }
  }
}

private func sameBitsTogether(_ world: Communicator) throws {
  let layouts: [(shape: [Int], chunks: [Int])] = [
    ([], []), ([0, 3], [1, 2]), ([61], [4]), ([9, 10, 11], [4, 3, 5]), ([40, 33], [1, 33]), ([3, 50], [1, 4]),
  ]
  for (seed, dtype) in DType.allCases.enumerated() {
    for (shape, chunks) in layouts {
      let source = try array(shape, dtype, chunks: chunks, seed: UInt64(seed))
      var requests = [ReductionRequest(ddof: 1), ReductionRequest()]
      for axis in shape.indices { requests.append(ReductionRequest(axes: [axis], ddof: Double(axis))) }
      if shape.count == 3 { requests.append(ReductionRequest([.mean, .positionOfMaximum], axes: [0, 2])) }
      if !dtype.isComplex { requests[1].histogram = HistogramRequest(binCount: 5) }
      var options = StreamingOptions(budget: try MemoryBudget(byteCount: 1 << 24))
      let expected = try requests.map { request in try reduce(request, over: source, options: options).result }
      options.workerCount = seed % 2
      // Enough for each alone, so that some must go in passes of their own.
      let least = try requests.map { try ReductionPlan($0, over: source, ranks: world.size).smallestBudget }.max() ?? 1
      for byteCount in [1 << 24, least] {
        options.budget = try MemoryBudget(byteCount: byteCount)
        let found = try reduce(requests, over: source, options: options, communicator: world).results
        let label = "\(dtype) \(shape) in \(chunks) with \(byteCount) bytes"
        try requireEqual(found.map(\.arrays), expected.map(\.arrays), label)
        try requireEqual(found.map(\.histogram), expected.map(\.histogram), label)
      }
    }
  }
}

/// An array one of whose chunks cannot be read.
private final class DamagedDataset: ChunkedDataset {
  let path = "damaged"
  let source: MemoryDataset
  let damaged: Int
  init(_ source: MemoryDataset, damaged: Int) {
    self.source = source
    self.damaged = damaged
  }
  var description: DatasetDescription { source.description }
  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    guard number != damaged else { throw StoreError(.corrupt, "chunk \(number): checksum differs", path: path) }
    return try source.storage(of: number)
  }
  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try source.read(extent, into: buffer)
  }
}

private func sameFailures(_ world: Communicator) throws {
  let source = try array([40, 10], .float64, chunks: [4, 10], seed: 99)
  func failure(_ request: ReductionRequest, _ dataset: any ChunkedDataset, budget: Int = 1 << 22) throws -> StoreError {
    let options = StreamingOptions(budget: try MemoryBudget(byteCount: budget))
    do throws(StoreError) {
      _ = try reduce(request, over: dataset, options: options, communicator: world)
    } catch {
      return error
    }
    throw ScenarioFailure("no error")
  }
  for damaged in 0..<10 {
    let error = try failure(ReductionRequest(), DamagedDataset(source, damaged: damaged))
    try requireEqual(error.code, .corrupt, "chunk \(damaged)")
    try require(error.message.contains("chunk \(damaged): checksum differs"), error.message)
  }
  try requireEqual(try failure(ReductionRequest(axes: [5]), source).code, .invalidArgument, "axis")
  let refusal = try failure(ReductionRequest(axes: [0]), source, budget: 100)
  try requireEqual(refusal.code, .memory, "budget")
  try require(refusal.message.contains("raise --memory to"), refusal.message)
}
