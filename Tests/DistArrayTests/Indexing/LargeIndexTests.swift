// Lists whose elements are too many to be held: they stay lazy, to be read and to be assigned.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct LargeIndexTests {
  let context: Context
  /// Elements along the last axis: 16 MiB of int64.
  let width = 1 << 21

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 64 << 20)) }

  private func values(_ array: DistArray) throws -> [Int64] {
    try #require(try context.evaluate(array).values(as: Int64.self))
  }

  @Test func readingStaysLazy() throws {
    let x =
      context.arange(16).reshaped(to: [4, 4, 1]).broadcast(to: [4, 4, width]) + context.zeros([width], dtype: .int64)
    let points = x[[3, 0, 2, 3, 1], [1, 0, 3, 1, 2]]
    #expect(points.shape == [5, width])
    #expect(try values(points[.all, 7]) == [13, 0, 11, 13, 6])
    #expect(try values(points.transposed()[(width - 2)..., [1, 4]]) == [0, 6, 0, 6])
    #expect(try values(x[[3, 0, 3], .all, .stride(by: -1)][.all, 2, -1]) == [14, 2, 14])
  }

  @Test func assigningStaysLazy() throws {
    let rows = context.arange(5).reshaped(to: [5, 1]).broadcast(to: [5, width]) + 1
    var x = context.zeros([4, 4, width], dtype: .int64)
    x[[3, 0, 2, 3, 1], [1, 0, 3, 1, 2]] = rows
    var expected = [Int64](repeating: 0, count: 16)
    // The point listed twice has the later row.
    (expected[0], expected[11], expected[13], expected[6]) = (2, 3, 4, 5)
    #expect(try values(x[.ellipsis, 9]) == expected)
    let planes = context.arange(width).broadcast(to: [3, 4, width])
    x[[1, 1, 0], .all, .stride(by: -1)] = planes * context.arange(1, 4).reshaped(to: [3, 1, 1])
    for place in 0..<8 { expected[place] = (place < 4 ? 3 : 2) * Int64(width - 1 - 9) }
    #expect(try values(x[.ellipsis, 9]) == expected)
    x[[true, false, true, true], 2] = rows[1..<4]
    for (row, value) in [(0, 2), (2, 3), (3, 4)] { expected[row * 4 + 2] = Int64(value) }
    #expect(try values(x[.ellipsis, 9]) == expected)
  }
}
