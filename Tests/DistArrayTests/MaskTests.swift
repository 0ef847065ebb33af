// Elements chosen by masks against plain code, with masks that are computed, sparse, empty and smaller than the array.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct MaskTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  private func array(_ reference: ReferenceArray, chunks: [Int]? = nil) throws -> DistArray {
    context.array(try MemoryDataset(reference.values, shape: reference.shape, chunkShape: chunks))
  }

  private func values(_ array: DistArray) throws -> [Double] {
    try #require(try context.evaluate(array).values(as: Double.self))
  }

  @Test(arguments: 1...80) func randomMasks(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shape = [[30], [7, 9], [3, 4, 5], [40, 1]].randomElement(using: &random) ?? [30]
    func drawn() -> [Int] { shape.map { Int.random(in: 1...$0, using: &random) } }
    let a = ReferenceArray(shape: shape) { _ in Double(Int.random(in: -50...50, using: &random)) }
    let limit = Double([-51, -40, 0, 45, 50].randomElement(using: &random) ?? 0)
    let chunks = drawn()
    let x = try array(a, chunks: chunks)
    let chosen = try x.elements(where: array(a, chunks: drawn()) > limit)
    let expected = a.values.filter { $0 > limit }
    #expect(chosen.shape == [expected.count])
    #expect(try values(chosen) == expected, "seed \(seed)")
    #expect(try values(chosen * 2 - x.max()) == expected.map { $0 * 2 - (a.values.max() ?? 0) }, "seed \(seed)")
    let dataset = try chosen.dataset()
    for number in 0..<dataset.description.grid.chunkCount {
      guard case .encoded(let extents) = try dataset.storage(of: number) else { continue }
      #expect(extents.reduce(0) { $0 + $1.byteCount } <= dataset.largestStoredByteCount, "seed \(seed)")
    }
  }

  @Test func masksOfTheFirstAxes() throws {
    let a = ReferenceArray(shape: [6, 4]) { Double($0[0] * 4 + $0[1]) }
    let x = try array(a, chunks: [4, 3])
    let rows = try x.elements(where: x.sum(axis: 1) > 30)
    #expect(rows.shape == [4, 4])
    #expect(try values(rows) == (8..<24).map(Double.init))
    let none = try x.elements(where: x < 0)
    #expect(none.shape == [0])
    #expect(try values(none) == [])
    let scalar = x[0, 0]
    #expect(try x.elements(where: scalar >= 0).shape == [1, 6, 4])
  }

  @Test func statisticsOfMaskedArrays() throws {
    let a = ReferenceArray(shape: [50]) { Double($0[0]) }
    let x = try array(a, chunks: [7])
    let upper = try x.elements(where: x > x.mean())
    #expect(try values(upper.sum()) == [a.values.filter { $0 > 24.5 }.reduce(0, +)])
    #expect(try values((x - x.min()).elements(where: x >= 48)) == [48, 49])
  }

  @Test func masksThatDoNotFit() throws {
    let x = try array(ReferenceArray(shape: [3, 4]) { _ in 1 })
    #expect(throws: StoreError.self) { try x.elements(where: x) }
    #expect(throws: StoreError.self) { try x.elements(where: x[0...1] > 0) }
    #expect(throws: StoreError.self) { try x[0].elements(where: x > 0) }
  }

  @Test func stretchesOfCounts() {
    let counts = MaskCounts(length: 10, rowCount: 45, counts: [2, 0, 0, 1, 5])
    #expect(counts.total == 8)
    #expect(counts.stretch(from: 0, to: 2) == (0..<10, 0))
    #expect(counts.stretch(from: 1, to: 3) == (0..<40, 1))
    #expect(counts.stretch(from: 4, to: 8) == (40..<45, 1))
    #expect(counts.longestStretch(of: 1) == 10)
    #expect(counts.longestStretch(of: 2) == 40)
    #expect(counts.longestStretch(of: 8) == 45)
  }
}
