// Names, copies, differences and digests on any number of ranks: what one rank finds, all find.

import DAStore
import DATestSupport
import DistArray
import Foundation
import MessagePassing
import Synchronization

let streamingScenarios: [Scenario] = [
  Scenario(name: "copy-grids", run: copyGrids),
  Scenario(name: "copy-failures", run: copyFailures),
  Scenario(name: "copy-through-scratch", run: copyThroughScratch),
  Scenario(name: "difference", run: differences),
  Scenario(name: "open-names", run: openNames),
]

private func options(_ byteCount: Int) throws -> StreamingOptions {
  StreamingOptions(budget: try MemoryBudget(byteCount: byteCount))
}

/// Random grids on all ranks: the copy equals the source, digests agree with those of one rank, budgets hold.
private func copyGrids(_ world: Communicator, _ arguments: [String]) throws {
  var random = SeededRandom(seed: 41)
  for turn in 0..<60 {
    let rank = Int.random(in: 0...3, using: &random)
    func draw(_ range: ClosedRange<Int>) -> [Int] { (0..<rank).map { _ in Int.random(in: range, using: &random) } }
    let shape = draw(0...6)
    let numbers = (0..<shape.reduce(1, *)).map { Int16($0 &* 31 - 700) }
    let source = try MemoryDataset(numbers, shape: shape, chunkShape: draw(1...6))
    let dtype: DType = turn % 2 == 0 ? .int16 : .float32
    let writer = try MemoryWriter(shape: shape, dtype: dtype, chunkShape: draw(1...6), communicator: world)
    let budget = Int.random(in: 16...40, using: &random) * 4096
    let report = try ArrayCopy(from: source, to: writer, over: world, options: options(budget)).run()
    try require(report.peakByteCount <= budget, "seed 41, turn \(turn): \(report.peakByteCount) bytes of \(budget)")
    let copy = try writer.dataset()
    if dtype == .int16 {
      try requireEqual(copy.elements(as: Int16.self), numbers, "seed 41, turn \(turn)")
    } else {
      try requireEqual(copy.elements(as: Float.self), numbers.map { Float($0) }, "seed 41, turn \(turn)")
    }
    let own = try digest(copy, over: .serial, options: options(1 << 20))
    try requireEqual(digest(copy, over: world, options: options(1 << 20)), own, "digest of turn \(turn)")
  }
}

/// What fails on one rank fails on all, in the same words, and the writer is given up.
private func copyFailures(_ world: Communicator, _ arguments: [String]) throws {
  var numbers = (0..<60).map { Double($0) }
  numbers[41] = .nan
  let source = try MemoryDataset(numbers, chunkShape: [4])
  func failure(_ dtype: DType, shape: [Int] = [60], _ options: StreamingOptions) throws -> StoreError {
    let writer = try MemoryWriter(shape: shape, dtype: dtype, chunkShape: [7], communicator: world)
    do throws(StoreError) {
      _ = try ArrayCopy(from: source, to: writer, over: world, options: options).run()
    } catch {
      do throws(StoreError) { try writer.write([]) } catch _ { return error }
      throw ScenarioFailure("the writer still writes after '\(error)'")
    }
    throw ScenarioFailure("no failure")
  }
  let undefined = try failure(.int32, options(1 << 20))
  try require(undefined.message.contains("the element at (41,) is nan"), "found '\(undefined)'")
  try requireEqual(failure(.float64, shape: [61], options(1 << 20)).code, .invalidArgument, "other shape")
  // One rank's smaller budget counts for all.
  let budget = world.rank == world.size - 1 ? 4096 : 1 << 20
  try requireEqual(failure(.float64, options(budget)).code, .memory, "budget")
  var stopping = try options(1 << 20)
  let isLast = world.rank == world.size - 1
  stopping.shouldStop = { isLast }
  try requireEqual(failure(.float64, stopping).code, .interrupted, "interruption")
}

/// Rows to columns in little memory: by way of a scratch file, which is gone afterwards, also when a rank fails.
private func copyThroughScratch(_ world: Communicator, _ arguments: [String]) throws {
  let folder = try argument(0, of: arguments)
  var numbers = (0..<64000).map { Float($0 % 7919) }
  let path = folder + "/columns.dnpy"
  func copied(dtype: DType, shouldStop: (@Sendable () -> Bool)? = nil) throws -> Int {
    let source = try MemoryDataset(numbers, shape: [250, 256], chunkShape: [2, 256])
    let pool = BufferPool(budget: 1 << 20)
    let writer = try Dnpy2Writer.create(
      path: path, shape: [250, 256], dtype: dtype, chunkShape: [250, 1], overwrite: true, communicator: world, pool: pool)
    var options = try options(96 << 10)
    options.shouldStop = shouldStop
    let copy = try ArrayCopy(from: source, to: writer, over: world, options: options)
    try requireEqual(copy.route.passes.count, 2, "passes of rows to columns")
    let report = try copy.run()
    try require(report.peakByteCount <= 96 << 10, "\(report.peakByteCount) bytes")
    let target = try openDataset(DatasetName(parsing: path), over: world)
    let found = try difference(target, source, tolerance: Tolerance(), over: world, options: options)
    try require(found.isEqual, "a copy through scratch differs")
    return copy.route.passes[0].roundCount
  }
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.contains("lock") }
  }
  let firstRounds = try copied(dtype: .float32)
  try requireEqual(names(), ["columns.dnpy"], "files")
  func requireFailure(_ code: StoreError.Code, dtype: DType, shouldStop: (@Sendable () -> Bool)? = nil) throws {
    do {
      _ = try copied(dtype: dtype, shouldStop: shouldStop)
    } catch let error as StoreError {
      try requireEqual(error.code, code, "\(error)")
      try passing { () throws(MPIError) in try world.barrier() }
      try requireEqual(names(), ["columns.dnpy"], "files after a failure")
      return
    }
    throw ScenarioFailure("no failure")
  }
  // The last rank is stopped in the second pass.
  let rounds = Mutex(0)
  let isLast = world.rank == world.size - 1
  try requireFailure(.interrupted, dtype: .float32) {
    isLast && rounds.withLock { rounds in
      rounds += 1
      return rounds > firstRounds + 2
    }
  }
  numbers[63000] = .nan
  try requireFailure(.invalidArgument, dtype: .int16)
}

/// The outcome does not show how many ranks compared.
private func differences(_ world: Communicator, _ arguments: [String]) throws {
  var random = SeededRandom(seed: 43)
  for turn in 0..<40 {
    let shape = (0..<2).map { _ in Int.random(in: 1...9, using: &random) }
    func chunks() -> [Int] { shape.map { _ in Int.random(in: 1...6, using: &random) } }
    let numbers = (0..<shape.reduce(1, *)).map { Float($0) }
    let changed = numbers.map { number in
      switch Int.random(in: 0..<6, using: &random) {
      case 0: number + Float.random(in: -2...2, using: &random)
      case 1: Float.nan
      default: number
      }
    }
    let a = try MemoryDataset(numbers, shape: shape, chunkShape: chunks())
    let b = try MemoryDataset(changed, shape: shape, chunkShape: chunks())
    let tolerance = try Tolerance(absolute: 0.5)
    let alone = try difference(a, b, tolerance: tolerance, limit: 5, over: .serial, options: options(1 << 20))
    let together = try difference(a, b, tolerance: tolerance, limit: 5, over: world, options: options(60 << 10))
    try requireEqual(together, alone, "seed 43, turn \(turn)")
    let expected = zip(numbers, changed).filter { !(abs($0 - $1) <= 0.5) }.count
    try requireEqual(alone.differingCount, expected, "seed 43, turn \(turn): differing elements")
  }
}

/// Every rank opens what rank 0 found; what cannot be opened fails on all.
private func openNames(_ world: Communicator, _ arguments: [String]) throws {
  let folder = try argument(0, of: arguments)
  let numbers = (0..<60).map { Double($0) }
  let source = try MemoryDataset(numbers, shape: [6, 10], chunkShape: [4, 3])
  let path = folder + "/array.dnpy"
  let writer = try Dnpy2Writer.create(
    path: path, shape: [6, 10], dtype: .float64, chunkShape: [3, 4], communicator: world,
    pool: BufferPool(budget: 1 << 20))
  _ = try ArrayCopy(from: source, to: writer, over: world, options: options(8 << 20)).run()
  let opened = try openDataset(DatasetName(parsing: path), over: world)
  try requireEqual(opened.description.format, .dnpy2, "format")
  try require(
    difference(opened, source, tolerance: Tolerance(), over: world, options: options(1 << 20)).isEqual, "a copy on disk"
  )
  let part = try openDataset(DatasetName(parsing: path + "@1[::-2, 3]"), over: world)
  let copy = try MemoryWriter(shape: [3], dtype: .float64, communicator: world)
  _ = try ArrayCopy(from: part, to: copy, over: world, options: options(1 << 20)).run()
  try requireEqual(copy.dataset().elements(as: Double.self), [53, 33, 13], "a part")

  func code(_ name: String) throws -> StoreError.Code? {
    do throws(StoreError) { _ = try openDataset(DatasetName(parsing: name), over: world) } catch { return error.code }
    return nil
  }
  try requireEqual(code(folder + "/nothing.npy"), .notFound, "a missing file")
  try requireEqual(code(folder), .unsupported, "a folder")
  try requireEqual(code(path + "@9"), .notFound, "a missing generation")
  try requireEqual(code(path + "[9]"), .invalidArgument, "an index out of bounds")
}
