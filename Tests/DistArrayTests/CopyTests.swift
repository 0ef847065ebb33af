// Copies between memory arrays: every grid, element type and budget; failures leave nothing behind.

import DAStore
import DATestSupport
import Foundation
import MessagePassing
import Synchronization
import Testing

@testable import DistArray

@Suite struct CopyTests {
  private func options(_ budget: Int) throws -> StreamingOptions {
    StreamingOptions(budget: try MemoryBudget(byteCount: budget))
  }

  @Test func `all grids give the same array`() throws {
    var generator = SeededRandom(seed: 5)
    for turn in 0..<250 {
      let rank = Int.random(in: 0...3, using: &generator)
      func draw(_ range: ClosedRange<Int>) -> [Int] { (0..<rank).map { _ in Int.random(in: range, using: &generator) } }
      let shape = draw(0...5)
      let numbers = (0..<shape.reduce(1, *)).map { Int16($0 &* 7 - 100) }
      let memory = try MemoryDataset(numbers, shape: shape, chunkShape: draw(1...6))
      let source: any ChunkedDataset = turn % 2 == 0 ? memory : EncodedDataset(memory)
      let dtype: DType = turn % 3 == 0 ? .float64 : .int16
      let writer = try MemoryWriter(shape: shape, dtype: dtype, chunkShape: draw(1...6), communicator: .serial)
      var options = try options(Int.random(in: 8...30, using: &generator) * 4096)
      options.workerCount = turn % 5 == 0 ? 1 : 0
      let report = try ArrayCopy(from: source, to: writer, over: .serial, options: options).run()
      #expect(report.peakByteCount <= options.budget.byteCount, "seed 5, turn \(turn)")
      let copy = try writer.dataset()
      if dtype == .int16 {
        #expect(try copy.elements(as: Int16.self) == numbers, "seed 5, turn \(turn)")
      } else {
        #expect(try copy.elements(as: Double.self) == numbers.map(Double.init), "seed 5, turn \(turn)")
      }
    }
  }

  @Test func `chunks of any size copy within the budget that the refusal names`() throws {
    let numbers = (0..<4096).map { Int32($0) }
    for (source, target) in [
      ([1, 64], [64, 1]), ([64, 1], [1, 64]), ([64, 64], [64, 64]), ([7, 9], [10, 64]), ([2, 63], [2, 63]),
    ] {
      let memory = try MemoryDataset(numbers, shape: [64, 64], chunkShape: source)
      for wrapped in [memory as any ChunkedDataset, EncodedDataset(memory)] {
        let writer = try MemoryWriter(shape: [64, 64], dtype: .int32, chunkShape: target, communicator: .serial)
        do {
          _ = try ArrayCopy(from: wrapped, to: writer, over: .serial, options: options(4096))
          Issue.record("one page must not do")
        } catch let error as StoreError {
          #expect(error.code == .memory)
          let least = try #require(
            error.message.components(separatedBy: "--memory to ").last.flatMap { Int($0.prefix { $0.isNumber }) })
          let second = try MemoryWriter(shape: [64, 64], dtype: .int32, chunkShape: target, communicator: .serial)
          let report = try ArrayCopy(from: wrapped, to: second, over: .serial, options: options(least)).run()
          #expect(report.peakByteCount <= least)
          #expect(try second.dataset().elements(as: Int32.self) == numbers)
          // Helper threads change nothing about it.
          let third = try MemoryWriter(shape: [64, 64], dtype: .int32, chunkShape: target, communicator: .serial)
          var helped = try options(least)
          helped.workerCount = 2
          _ = try ArrayCopy(from: wrapped, to: third, over: .serial, options: helped).run()
          #expect(try third.dataset().elements(as: Int32.self) == numbers)
        }
      }
    }
  }

  @Test func `aligned copies read each byte once, others as often as planned`() throws {
    let numbers = (0..<4096).map { Int32($0) }
    let memory = try MemoryDataset(numbers, shape: [64, 64], chunkShape: [8, 64])
    let writer = try MemoryWriter(shape: [64, 64], dtype: .int32, chunkShape: [16, 16], communicator: .serial)
    let report = try ArrayCopy(from: memory, to: writer, over: .serial, options: options(1 << 20)).run()
    #expect(report.readByteCount == 4096 * 4)
  }

  @Test func `copies through a scratch file are the same, and read everything twice at most`() throws {
    let numbers = (0..<65536).map { Int32($0) }
    let memory = try MemoryDataset(numbers, shape: [256, 256], chunkShape: [1, 256])
    for (dtype, source) in [
      (DType.int32, memory as any ChunkedDataset), (.float64, EncodedDataset(memory)), (.int16, memory),
    ] {
      try withTemporaryDirectory { folder in
        let writer = try MemoryWriter(shape: [256, 256], dtype: dtype, chunkShape: [256, 1], communicator: .serial)
        var options = try options(64 << 10)
        options.scratchDirectory = folder + "/"
        let seen = Mutex<[Int]>([])
        let total = 2 * 65536 * dtype.byteCount
        options.progress = { done, all in
          #expect(all == total)
          seen.withLock { $0.append(done) }
        }
        let copy = try ArrayCopy(from: source, to: writer, over: .serial, options: options)
        #expect(copy.route.passes.count == 2)
        let report = try copy.run()
        #expect(report.peakByteCount <= 64 << 10)
        let values = seen.withLock { $0 }
        #expect(values.first == 0 && values.last == total && values == values.sorted())
        let result = try writer.dataset()
        switch dtype {
        case .int32: #expect(try result.elements(as: Int32.self) == numbers)
        case .float64: #expect(try result.elements(as: Double.self) == numbers.map { Double($0) })
        default: #expect(try result.elements(as: Int16.self) == numbers.map { Int16(truncatingIfNeeded: $0) })
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      }
    }
  }

  @Test func `an element without a value in the target's type is named and nothing is committed`() throws {
    let source = try MemoryDataset([1.5, 2, -3, .nan, 5, 1e300], shape: [2, 3], chunkShape: [1, 2])
    let writer = try MemoryWriter(shape: [2, 3], dtype: .int8, chunkShape: [2, 1], communicator: .serial)
    #expect {
      _ = try ArrayCopy(from: source, to: writer, over: .serial, options: options(1 << 20)).run()
    } throws: {
      "\($0)".contains("the element at (1, 0) is nan, which has no value in int8")
    }
    #expect(throws: StoreError.self) { try writer.dataset() }
    #expect(throws: StoreError.self) { try writer.write([]) }
  }

  @Test func `a damaged source, a wrong shape and an interruption abandon the writer`() throws {
    let memory = try MemoryDataset((0..<24).map { Int32($0) }, shape: [24], chunkShape: [5])
    func failing(_ source: any ChunkedDataset, shape: [Int] = [24], stop: Bool = false) throws -> StoreError.Code? {
      let writer = try MemoryWriter(shape: shape, dtype: .int32, chunkShape: [7], communicator: .serial)
      var options = try options(1 << 20)
      if stop { options.shouldStop = { true } }
      defer { #expect(throws: StoreError.self) { try writer.write([]) } }
      do throws(StoreError) {
        _ = try ArrayCopy(from: source, to: writer, over: .serial, options: options).run()
        return nil
      } catch { return error.code }
    }
    #expect(try failing(EncodedDataset(memory, damagedChunk: 3)) == .corrupt)
    #expect(try failing(memory, shape: [23]) == .invalidArgument)
    #expect(try failing(memory, stop: true) == .interrupted)
  }

  @Test func `progress rises to the whole`() throws {
    let memory = try MemoryDataset((0..<4096).map { Int32($0) }, shape: [64, 64], chunkShape: [8, 64])
    let writer = try MemoryWriter(shape: [64, 64], dtype: .int32, chunkShape: [5, 11], communicator: .serial)
    let seen = Mutex<[Int]>([])
    var options = try options(1 << 20)
    options.progress = { done, total in
      #expect(total == 16384)
      seen.withLock { $0.append(done) }
    }
    _ = try ArrayCopy(from: memory, to: writer, over: .serial, options: options).run()
    let values = seen.withLock { $0 }
    #expect(values.first == 0 && values.last == 16384 && values == values.sorted() && values.count > 2)
  }

  @Test func `bytes through a round are those of its blocks`() throws {
    var generator = SeededRandom(seed: 3)
    for _ in 0..<200 {
      func draw(_ range: ClosedRange<Int>) -> [Int] { (0..<3).map { _ in Int.random(in: range, using: &generator) } }
      let shape = draw(0...7)
      let grid = try ChunkGrid(shape: shape, chunkShape: draw(1...4))
      let plan = try CopyPlan(
        source: grid, cost: SourceCost(elementByteCount: 1, chunkByteCount: grid.largestChunkElementCount),
        target: grid,
        targetCost: .init(elementByteCount: 2, isConverted: true), roundScratch: { _ in 0 }, rankCount: 2,
        budget: MemoryBudget(byteCount: 1 << 20))
      var sum = 0
      for round in 0..<plan.roundCount {
        for rank in 0..<2 {
          if let block = plan.block(round: round, rank: rank) { sum += plan.region(ofBlock: block).elementCount * 2 }
        }
        #expect(plan.byteCount(throughRound: round) == sum)
      }
    }
  }
}
