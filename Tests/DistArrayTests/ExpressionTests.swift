// Lazy expressions against plain code: the same elements whatever the shapes, chunks, views and order.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct ExpressionTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  private func array(_ reference: ReferenceArray, chunks: [Int]? = nil) throws -> DistArray {
    context.array(try MemoryDataset(reference.values, shape: reference.shape, chunkShape: chunks))
  }

  private func evaluated(_ array: DistArray) throws -> ReferenceArray {
    let dense = try context.evaluate(array)
    return ReferenceArray(shape: dense.shape, values: try #require(dense.values(as: Double.self)))
  }

  @Test func arithmeticOfArraysAndNumbers() throws {
    let a = ReferenceArray(shape: [5, 7]) { Double($0[0] * 7 + $0[1]) }
    let b = ReferenceArray(shape: [5, 7]) { Double($0[0]) - 2.5 * Double($0[1]) }
    let x = try array(a, chunks: [2, 3])
    let y = try array(b, chunks: [4, 7])
    let found = try evaluated(2.0 * x * x - y / 4 + 1)
    #expect(found == a.combined(with: b) { 2 * $0 * $0 - $1 / 4 + 1 })
  }

  @Test func broadcasting() throws {
    let a = ReferenceArray(shape: [4, 1, 3]) { Double($0[0] * 10 + $0[2]) }
    let b = ReferenceArray(shape: [5, 1]) { Double($0[0]) * 0.5 }
    let found = try evaluated(try array(a, chunks: [3, 1, 2]) + array(b, chunks: [2, 1]))
    #expect(found == a.combined(with: b, +))
    #expect(found.shape == [4, 5, 3])
  }

  @Test func viewsOfViews() throws {
    let a = ReferenceArray(shape: [9, 8, 7]) { Double($0[0] * 100 + $0[1] * 10 + $0[2]) }
    let x = try array(a, chunks: [4, 3, 2])
    let found = try evaluated(x[1..<8, .stride(by: -2), 3].transposed()[.newAxis, .ellipsis, 2...] + 0)
    let picked = a.picked([Array(1..<8), [7, 5, 3, 1], [3]]).reshaped([7, 4]).transposed([1, 0])
    #expect(found == picked.picked([Array(0..<4), Array(2..<7)]).reshaped([1, 4, 5]))
  }

  @Test func aViewAloneIsCopied() throws {
    let a = ReferenceArray(shape: [6, 5]) { Double($0[0] * 5 + $0[1]) }
    let found = try evaluated(try array(a, chunks: [4, 2]).transposed().flipped(axes: [0]))
    #expect(found == a.transposed([1, 0]).picked([Array((0..<5).reversed()), Array(0..<6)]))
  }

  @Test func zeroDimensionsAndEmptyAxes() throws {
    let scalar = try array(ReferenceArray(shape: [], values: [3]))
    #expect(try evaluated(scalar * scalar) == ReferenceArray(shape: [], values: [9]))
    let a = ReferenceArray(shape: [3, 4]) { Double($0[0] + $0[1]) }
    let empty = try evaluated(try array(a)[1..<1] + 1)
    #expect(empty == ReferenceArray(shape: [0, 4], values: []))
    #expect(try evaluated(scalar + array(a)) == a.mapped { $0 + 3 })
  }

  @Test func statisticsInsideExpressions() throws {
    let a = ReferenceArray(shape: [40, 6]) { Double(($0[0] * 7 + $0[1] * 3) % 11) }
    let x = try array(a, chunks: [16, 4])
    let centred = x - x.mean(axis: 0)
    let found = try evaluated(centred / x.standardDeviation(axis: 0))
    let mean = a.sum(axis: 0).mapped { $0 / 40 }
    let spread = a.combined(with: mean, -).mapped { $0 * $0 }.sum(axis: 0).mapped { ($0 / 40).squareRoot() }
    let expected = a.combined(with: mean, -).combined(with: spread, /)
    #expect(found.shape == expected.shape)
    for (one, other) in zip(found.values, expected.values) { #expect(abs(one - other) <= 1e-12) }
    let (low, high) = try context.evaluate(centred.min(), x.max(axis: 1, keepDimensions: true))
    #expect(low.values(as: Double.self) == [a.combined(with: mean, -).values.min() ?? 0])
    #expect(high.shape == [40, 1])
  }

  @Test func allAnyAndCounts() throws {
    let a = try array(ReferenceArray(shape: [3, 4], values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]))
    let (all, any, count) = try context.evaluate(
      (a >= 0.0).all(), (a > 11.0).any(axis: 0), (a % 2 == 0).countNonzero(axis: 1))
    #expect(all.values(as: StoredBool.self)?.map(\.isTrue) == [true])
    #expect(any.values(as: StoredBool.self)?.map(\.isTrue) == [false, false, false, false])
    #expect(count.values(as: Int64.self) == [2, 2, 2])
  }

  @Test func sharedPartsAreReadAndComputedOnce() throws {
    let a = ReferenceArray(shape: [64, 64]) { Double($0[0] - $0[1]) }
    let x = try array(a, chunks: [16, 64])
    let square = x * x
    let tape = try Tape(try (square + square * square).result.get())
    #expect(tape.sources.count == 1)
    #expect(tape.steps.count == 3)
    #expect(tape.registerCount <= 3)
  }

  @Test func whatCannotBeIsToldWhenAsked() throws {
    let x = try array(ReferenceArray(shape: [3, 4]) { _ in 0 })
    let y = try array(ReferenceArray(shape: [5]) { _ in 0 })
    let wrong = sqrt(x + y)
    let error = #expect(throws: StoreError.self) { try wrong.check() }
    #expect(error?.message == "operands could not be broadcast together with shapes (3, 4) (5,)")
    #expect(throws: StoreError.self) { try context.evaluate(wrong) }
    #expect(throws: StoreError.self) { try context.evaluate(x.sum(axis: 2)) }
    #expect(throws: StoreError.self) { try x[1, 2, 3].check() }
    #expect(throws: StoreError.self) { try x.transposed([0, 0]).check() }
    #expect(throws: StoreError.self) { try x.broadcast(to: [2, 3, 5]).check() }
    #expect(throws: StoreError.self) { try (x << 1).check() }
  }

  @Test func sharedPartsCostNothingMore() throws {
    var x = try array(ReferenceArray(shape: [2], values: [1, 2]))
    for _ in 0..<200 { x = (x + x) * 0.5 }
    let centred = x - x.mean()
    #expect(try evaluated(centred) == ReferenceArray(shape: [2], values: [-0.5, 0.5]))
  }

  @Test func deepExpressionsAreComputedOrRefused() throws {
    let x = try array(ReferenceArray(shape: [3], values: [1, 2, 3]))
    var sum = x
    for _ in 1..<Expression.maximumDepth { sum = sum + x }
    #expect(try evaluated(sum) == ReferenceArray(shape: [3], values: [1000, 2000, 3000]))
    #expect(try evaluated(sum[1...]) == ReferenceArray(shape: [2], values: [2000, 3000]))
    _ = try sum.explain()
    var total = x
    for _ in 0..<50 { total = total + total.mean() * 0.0 }
    #expect(try evaluated(total) == ReferenceArray(shape: [3], values: [1, 2, 3]))
    for _ in 0..<9000 { sum = sum + x }
    let error = #expect(throws: StoreError.self) { try sum.check() }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("more than 1000 operations") == true)
  }

  @Test func partsOfPartsDoNotGrowWithoutBound() throws {
    var x = try array(ReferenceArray(shape: [1 << 20], values: Array(repeating: 1, count: 1 << 20)))
    for _ in 0..<20 { x = x[.stride(by: 2)] + x[.stride(from: 1, by: 2)] }
    let error = #expect(throws: StoreError.self) { try context.evaluate(x) }
    #expect(error?.message.contains("more than 16384 steps") == true)
  }

  @Test func aResultTooLargeForTheBudgetIsRefused() throws {
    let x = context.array(try MemoryDataset([1.0, 2.0]))
    let small = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 1 << 20))
    let large = DistArray(x.broadcast(to: [1 << 20, 2]).result, context: small)
    let error = #expect(throws: StoreError.self) { try small.evaluate(large) }
    #expect(error?.code == .memory)
  }

  @Test func filesHoldWhatExpressionsSay() throws {
    try withTemporaryDirectory { directory in
      let a = ReferenceArray(shape: [30, 20]) { Double($0[0] * 20 + $0[1]) }
      try array(a, chunks: [7, 20]).write(to: "\(directory)/a.dnpy", chunks: [8, 8])
      let x = try context.open("\(directory)/a.dnpy")
      try (x * x)[.stride(by: 2), .all].write(to: "\(directory)/b.npy")
      let b = try context.open("\(directory)/b.npy")
      #expect(try evaluated(b) == a.mapped { $0 * $0 }.picked([Array(stride(from: 0, to: 30, by: 2)), Array(0..<20)]))
      #expect(throws: StoreError.self) { try x.write(to: "\(directory)/a.dnpy") }
      #expect(throws: StoreError.self) { try x.write(to: "\(directory)/a.what") }
    }
  }

  /// Random trees of operations over random arrays.
  @Test(arguments: 1...120) func randomExpressions(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shapes = [[], [6], [5, 6], [1, 6], [5, 1], [4, 5, 6], [4, 1, 1]]
    var pool: [(DistArray, ReferenceArray)] = []
    for _ in 0..<4 {
      let shape = shapes.randomElement(using: &random) ?? []
      let reference = ReferenceArray(shape: shape) { _ in Double(Int.random(in: -50...50, using: &random)) / 4 }
      pool.append(
        (try array(reference, chunks: shape.map { Int.random(in: 1...max(1, $0), using: &random) }), reference))
    }
    for _ in 0..<12 {
      guard let (x, a) = pool.randomElement(using: &random), let (y, b) = pool.randomElement(using: &random) else {
        return
      }
      switch Int.random(in: 0..<7, using: &random) {
      case 0: pool.append((x + y, a.combined(with: b, +)))
      case 1: pool.append((x - y * 0.5, a.combined(with: b) { $0 - $1 * 0.5 }))
      case 2: pool.append((maximum(x, y), a.combined(with: b) { $0 >= $1 ? $0 : $1 }))
      case 3: pool.append((abs(x), a.mapped { abs($0) }))
      case 4:
        let order = Array(a.shape.indices).shuffled(using: &random)
        // Only shapes that go on broadcasting with the others.
        guard zip(order, a.shape).allSatisfy({ a.shape[$0] == $1 }) || a.shape.count == 2 && a.shape[0] == a.shape[1]
        else { continue }
        pool.append((x.transposed(order), a.transposed(order)))
      case 5:
        guard !a.shape.isEmpty else { continue }
        let axis = Int.random(in: 0..<a.shape.count, using: &random)
        pool.append(
          (
            x.flipped(axes: [axis]),
            a.picked(a.shape.indices.map { $0 == axis ? (0..<a.shape[$0]).reversed() : Array(0..<a.shape[$0]) })
          ))
      default:
        guard !a.shape.isEmpty else { continue }
        let axis = Int.random(in: 0..<a.shape.count, using: &random)
        let start = Int.random(in: 0..<max(1, a.shape[axis]), using: &random)
        var items = a.shape.map { _ in ArrayIndex.slice() }
        items[axis] = .slice(start: start, stop: start + 1)
        pool.append((x[items], a.picked(a.shape.indices.map { $0 == axis ? [start] : Array(0..<a.shape[$0]) })))
      }
    }
    for (number, (x, a)) in pool.enumerated() {
      let found = try evaluated(x)
      #expect(found == a, "seed \(seed), array \(number)")
    }
  }
}
