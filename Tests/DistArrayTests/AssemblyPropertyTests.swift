// Random nests of assembled arrays: the elements of plain code, within the memory that the plans are told of.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct AssemblyPropertyTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  private func source(_ shape: [Int], _ random: inout SeededRandom) throws -> (DistArray, ReferenceArray) {
    let reference = ReferenceArray(shape: shape) { _ in Double(Int.random(in: -50...50, using: &random)) / 4 }
    let chunks = shape.map { Int.random(in: 1...max(1, $0), using: &random) }
    return (context.array(try MemoryDataset(reference.values, shape: shape, chunkShape: chunks)), reference)
  }

  /// A random shape with as many elements.
  private func shape(of count: Int, _ random: inout SeededRandom) -> [Int] {
    var rest = count
    var shape: [Int] = []
    while rest > 1, shape.count < 4 {
      let size = (1...rest).filter { rest % $0 == 0 }.randomElement(using: &random) ?? 1
      shape.append(size)
      rest /= size
    }
    if rest > 1 { shape.append(rest) }
    return shape.shuffled(using: &random)
  }

  /// The array changed by one random operation.
  private func step(
    _ x: DistArray, _ a: ReferenceArray, _ random: inout SeededRandom
  ) throws -> (DistArray, ReferenceArray) {
    let count = a.shape.reduce(1, *)
    guard !a.shape.isEmpty, count > 0 else {
      let wanted = count == 0 ? [0, 3] : [1, 1]
      return (x.reshaped(to: wanted), a.reshaped(wanted))
    }
    let axis = Int.random(in: 0..<a.shape.count, using: &random)
    let size = a.shape[axis]
    switch Int.random(in: 0..<10, using: &random) {
    case 0:
      var shape = a.shape
      shape[axis] = Int.random(in: 0...4, using: &random)
      let (y, b) = try source(shape, &random)
      let parts = [(x, a), (y, b), (x, a)].shuffled(using: &random)
      return (context.concatenate(parts.map(\.0), axis: axis), .joined(parts.map(\.1), axis: axis))
    case 1:
      let shift = Int.random(in: -20...20, using: &random)
      return (x.rolled(by: shift, axis: axis), a.rolled(by: shift, axis: axis))
    case 2:
      let mode = DistArray.PadMode.allCases.randomElement(using: &random) ?? .edge
      let widths = a.shape.map { _ in
        (before: Int.random(in: 0...3, using: &random), after: Int.random(in: 0...3, using: &random))
      }
      return (x.padded(widths, mode, value: 5), a.padded(widths, mode.rawValue, value: 5))
    case 3, 4:
      let shape = shape(of: count, &random)
      return (x.reshaped(to: shape), a.reshaped(shape))
    case 5:
      let positions = (0..<Int.random(in: 0...6, using: &random)).map { _ in Int.random(in: 0..<size, using: &random) }
      return (
        x.taken(positions, axis: axis),
        a.picked(a.shape.indices.map { $0 == axis ? positions : Array(0..<a.shape[$0]) })
      )
    case 6:
      let order = Array(a.shape.indices).shuffled(using: &random)
      return (x.transposed(order), a.transposed(order))
    case 7:
      let steps = [1, 2, -1, -2].randomElement(using: &random) ?? 1
      let kept = Array(stride(from: steps > 0 ? 0 : size - 1, to: steps > 0 ? size : -1, by: steps))
      var items = a.shape.map { _ in ArrayIndex.slice() }
      items[axis] = .slice(step: steps)
      return (x[items], a.picked(a.shape.indices.map { $0 == axis ? kept : Array(0..<a.shape[$0]) }))
    case 8: return (x * 2 + 1, a.mapped { $0 * 2 + 1 })
    default:
      let largest = a.values.max() ?? 0
      return (x - x.max(), a.mapped { $0 - largest })
    }
  }

  @Test(arguments: 1...300) func randomNests(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var (x, a) = try source(shape(of: [1, 6, 12, 24, 30].randomElement(using: &random) ?? 6, &random), &random)
    for _ in 0..<Int.random(in: 1...6, using: &random) where a.values.count < 3000 { (x, a) = try step(x, a, &random) }
    let dense = try context.evaluate(x)
    #expect(dense.shape == a.shape, "seed \(seed)")
    #expect(dense.values(as: Double.self) == a.values, "seed \(seed)")
    try boundsHold(try x.dataset(), seed)
  }

  /// No chunk needs more than the dataset says.
  private func boundsHold(_ dataset: any ChunkedDataset, _ seed: UInt64) throws {
    for number in 0..<dataset.description.grid.chunkCount {
      guard case .encoded(let extents) = try dataset.storage(of: number) else { continue }
      let byteCount = extents.reduce(0) { $0 + $1.byteCount }
      #expect(byteCount <= dataset.largestStoredByteCount, "seed \(seed), chunk \(number)")
      #expect(extents.allSatisfy { $0.file >= 0 && $0.file < dataset.fileNumberBound }, "seed \(seed)")
    }
  }

  /// With few bytes allowed per chunk, chunks become smaller, and the elements stay.
  @Test(arguments: 1...60) func smallLimits(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let (x, a) = try source([24, 10], &random)
    let cases = [
      (x.reshaped(to: [10, 24]), a.reshaped([10, 24])), (x.raveled(), a.reshaped([240])),
      (x.rolled(by: 7, axis: 0), a.rolled(by: 7, axis: 0)),
      (x.taken([23, 0, 12, 5, 5, 18], axis: 0), a.picked([[23, 0, 12, 5, 5, 18], Array(0..<10)])),
      (context.concatenate([x, x], axis: 1), .joined([a, a], axis: 1)),
    ]
    for (y, b) in cases {
      let free = try AssembledDataset(y.result.get(), name: "free")
      let bound = try AssembledDataset(y.result.get(), name: "bound", limit: 400)
      #expect(bound.largestStoredByteCount <= free.largestStoredByteCount)
      try boundsHold(bound, seed)
      let dense = try context.evaluate(context.array(bound))
      #expect(dense.values(as: Double.self) == b.values, "seed \(seed)")
    }
  }

  /// The budget that a refusal names is enough, to the byte, and is kept.
  @Test(arguments: 1...12) func namedBudgetsAreEnough(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let (x, _) = try source([60, 50], &random)
    let square = sqrt(abs(x)).transposed().reshaped(to: [60, 50])
    let joined = context.concatenate([x.rolled(by: 7, axis: 0), square], axis: 1).raveled()
    for array in [joined, try x.elements(where: x > 0), x.padded([(before: 3, after: 4)], .reflect)] {
      let dataset = try array.dataset()
      let facts = dataset.description
      func peak(_ budget: Int) throws -> Int {
        let writer = try MemoryWriter(
          shape: facts.shape, dtype: facts.dtype, chunkShape: facts.grid.chunkShape, communicator: .serial)
        let options = StreamingOptions(budget: try MemoryBudget(byteCount: budget))
        return try ArrayCopy(from: dataset, to: writer, over: .serial, options: options).run().peakByteCount
      }
      let refusal = try #require(throws: StoreError.self) { try peak(4096) }
      #expect(refusal.code == .memory)
      let words = refusal.message.replacing(";", with: "").split(separator: " ")
      let place = try #require(words.firstIndex(of: "--memory"))
      let least = try #require(Int(words[place + 2]))
      #expect(try peak(least) <= least, "seed \(seed)")
      #expect(throws: StoreError.self, "seed \(seed)") { try peak(least - 1) }
    }
  }
}
