// Arrays put together from others against plain code: joined, shifted, framed, picked from, reshaped.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct AssemblyTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  private func array(_ reference: ReferenceArray, chunks: [Int]? = nil) throws -> DistArray {
    context.array(try MemoryDataset(reference.values, shape: reference.shape, chunkShape: chunks))
  }

  private func evaluated(_ array: DistArray) throws -> ReferenceArray {
    let dense = try context.evaluate(array)
    return ReferenceArray(shape: dense.shape, values: try #require(dense.values(as: Double.self)))
  }

  private func numbered(_ shape: [Int], from start: Int = 0) -> ReferenceArray {
    ReferenceArray(shape: shape, values: (0..<shape.reduce(1, *)).map { Double($0 + start) })
  }

  @Test func arraysOneAfterTheOther() throws {
    let (a, b, c) = (numbered([3, 4]), numbered([3, 2], from: 100), numbered([3, 0]))
    let found = try evaluated(
      context.concatenate([array(a, chunks: [2, 3]), array(c), array(b, chunks: [1, 2]), array(a)], axis: -1))
    #expect(found == .joined([a, c, b, a], axis: 1))
    #expect(try evaluated(context.concatenate([array(a), array(b)], axis: nil)).values == a.values + b.values)
  }

  @Test func typesOfPartsArePromoted() throws {
    let small = context.array(try MemoryDataset([Int8(-1), 2]))
    let large = context.array(try MemoryDataset([UInt8(200)]))
    let dense = try context.evaluate(context.concatenate([small, large]))
    #expect(dense.values(as: Int16.self) == [-1, 2, 200])
  }

  @Test func arraysSideBySide() throws {
    let (a, b) = (numbered([3, 4]), numbered([3, 4], from: 50))
    for axis in 0...2 {
      let found = try evaluated(context.stack([array(a, chunks: [2, 2]), array(b), array(a)], axis: axis - 3))
      #expect(
        found
          == ReferenceArray(shape: found.shape) { index in
            var own = index
            return [a, b, a][own.remove(at: axis)][own]
          })
    }
    let scalars = try (0..<3).map { try array(ReferenceArray(shape: [], values: [Double($0)])) }
    #expect(try evaluated(context.stack(scalars)) == numbered([3]))
  }

  @Test(arguments: [0, 1, -1, 4, 7, -9, 100]) func shifts(shift: Int) throws {
    let a = numbered([7, 5])
    let x = try array(a, chunks: [3, 2])
    #expect(try evaluated(x.rolled(by: shift, axis: 0)) == a.rolled(by: shift, axis: 0))
    #expect(
      try evaluated(x.rolled(by: [shift, 2], axes: [0, 1])) == a.rolled(by: shift, axis: 0).rolled(by: 2, axis: 1))
    #expect(try evaluated(x.rolled(by: shift)) == a.reshaped([35]).rolled(by: shift, axis: 0).reshaped([7, 5]))
  }

  @Test(arguments: DistArray.PadMode.allCases, [[3, 1], [0, 0], [7, 9], [1, 0]])
  func frames(mode: DistArray.PadMode, widths: [Int]) throws {
    for shape in [[4, 3], [1, 5], [2, 2]] {
      let a = numbered(shape, from: 1)
      let x = try array(a, chunks: [3, 2])
      let both = [(before: widths[0], after: widths[1]), (before: widths[1], after: widths[0])]
      let expected = a.padded(both, mode.rawValue, value: -2)
      #expect(try evaluated(x.padded(both, mode, value: -2)) == expected, "\(shape)")
    }
  }

  @Test func framesOfOddArrays() throws {
    let scalar = try array(ReferenceArray(shape: [], values: [3]))
    #expect(try evaluated(scalar.padded([(before: 2, after: 2)])).shape == [])
    let empty = try array(ReferenceArray(shape: [0, 2], values: []))
    #expect(try evaluated(empty.padded([(before: 1, after: 0)], value: 7)) == ReferenceArray(shape: [1, 3]) { _ in 7 })
    #expect(throws: StoreError.self) { try empty.padded([(before: 1, after: 0)], .edge).check() }
    #expect(throws: StoreError.self) { try empty.padded([(before: -1, after: 0)]).check() }
    #expect(throws: StoreError.self) { try scalar.reshaped(to: [1]).padded([(before: 1, after: .max)]).check() }
  }

  @Test func positions() throws {
    let a = numbered([9, 4])
    let x = try array(a, chunks: [2, 3])
    for positions in [[], [3], [8, 0, 0, 2, 4, 6, -1], [5, 4, 3, 2], Array(repeating: 1, count: 20)] {
      let own = positions.map { $0 < 0 ? $0 + 9 : $0 }
      #expect(try evaluated(x.taken(positions, axis: 0)) == a.picked([own, Array(0..<4)]))
    }
    #expect(try evaluated(x.taken([35, 0, 7])).values == [35, 0, 7])
    let error = #expect(throws: StoreError.self) { try x.taken([2, -10], axis: 0).check() }
    #expect(error?.message.contains("index -10 is out of bounds for axis 0 with size 9") == true)
  }

  @Test(arguments: [
    [60], [-1], [3, 20], [20, 3], [4, 15], [5, -1, 2], [2, 2, 3, 5], [60, 1], [1, 60], [3, 1, 4, 5], [6, 10], [15, 4],
    [12, 5],
  ])
  func shapes(shape: [Int]) throws {
    for (own, chunks) in [
      ([3, 4, 5], [2, 3, 2]), ([3, 4, 5], [1, 4, 5]), ([60], [7]), ([12, 5], [5, 5]), ([4, 15], [4, 1]),
    ] {
      let a = numbered(own)
      let found = try evaluated(try array(a, chunks: chunks).reshaped(to: shape))
      #expect(found.values == a.values)
      #expect(found.shape == shape.map { $0 == -1 ? -60 / shape.reduce(1, *) : $0 })
      let turned = a.transposed(Array(own.indices.reversed()))
      #expect(try evaluated(array(a, chunks: chunks).transposed().reshaped(to: shape)).values == turned.values)
    }
  }

  @Test func shapesThatAreViews() throws {
    let x = try array(numbered([3, 1, 4]))
    for view in [x.reshaped(to: [3, 4]), x.reshaped(to: [1, 3, 4, 1]), x.raveled().reshaped(to: [3, 4, 1])] {
      let tape = try Tape(view.result.get())
      #expect(tape.sources.count == 1)
      #expect(try tape.sources[0].dataset === Tape(x.result.get()).sources[0].dataset)
    }
    let a = numbered([2, 3, 4])
    let y = try array(a)
    #expect(try evaluated(y.swappingAxes(0, -1)) == a.transposed([2, 1, 0]))
    #expect(try evaluated(y.movingAxes([0], to: [-1])) == a.transposed([1, 2, 0]))
    #expect(try evaluated(y.movingAxes([2, 0], to: [0, 1])) == a.transposed([2, 0, 1]))
    #expect(y.expandingDimensions(at: [0, -1]).shape == [1, 2, 3, 4, 1])
  }

  @Test func shapesThatCannotBe() throws {
    let x = try array(numbered([3, 4]))
    for shape in [[5], [-1, -1], [-1, 5], [-2, 6], [-1, 0], [], [Int.max, 2]] {
      #expect(throws: StoreError.self) { try x.reshaped(to: shape).check() }
    }
    let empty = try array(ReferenceArray(shape: [0, 3], values: []))
    #expect(try evaluated(empty.reshaped(to: [-1, 7])).shape == [0, 7])
    #expect(throws: StoreError.self) { try empty.reshaped(to: [0, -1]).check() }
    #expect(throws: StoreError.self) { try x.movingAxes([0, 1], to: [1, 1]).check() }
    #expect(throws: StoreError.self) { try x.expandingDimensions(at: [5]).check() }
  }

  @Test func repetitions() throws {
    let a = numbered([3, 4])
    let x = try array(a, chunks: [2, 3])
    #expect(try evaluated(x.repeated(3, axis: 1)) == a.picked([[0, 1, 2], (0..<12).map { $0 / 3 }]))
    #expect(try evaluated(x.repeated(2)).values == a.values.flatMap { [$0, $0] })
    #expect(try evaluated(x.repeated(0, axis: 0)).shape == [0, 4])
    #expect(try evaluated(x.tiled([2, 3])) == a.picked([(0..<6).map { $0 % 3 }, (0..<12).map { $0 % 4 }]))
    #expect(try evaluated(x.tiled([2])) == a.picked([[0, 1, 2], (0..<8).map { $0 % 4 }]))
    #expect(try evaluated(x.tiled([2, 1, 1])) == .joined([a.reshaped([1, 3, 4]), a.reshaped([1, 3, 4])], axis: 0))
    #expect(throws: StoreError.self) { try x.repeated(-1, axis: 0).check() }
    #expect(throws: StoreError.self) { try x.repeated(.max, axis: 0).check() }
  }

  @Test func statisticsInsideParts() throws {
    let a = numbered([6, 4])
    let x = try array(a, chunks: [4, 3])
    let centred = context.concatenate([x - x.mean(axis: 0), x.mean(axis: 0, keepDimensions: true)], axis: 0)
    let mean = a.sum(axis: 0).mapped { $0 / 6 }
    let expected = ReferenceArray.joined([a.combined(with: mean, -), mean.reshaped([1, 4])], axis: 0)
    #expect(try evaluated(centred) == expected)
    #expect(try evaluated(centred.raveled().max() + centred) == expected.mapped { $0 + (expected.values.max() ?? 0) })
    let lines = try centred.rolled(by: 1, axis: 0).explain().lines
    #expect(lines.contains { $0.hasPrefix("pass 1: mean") })
  }

  @Test func whatCannotBeJoinedIsTold() throws {
    let (x, y, z) = (try array(numbered([3, 4])), try array(numbered([4])), try array(numbered([2, 4])))
    #expect(throws: StoreError.self) { try context.concatenate([]).check() }
    #expect(throws: StoreError.self) { try context.concatenate([x, y]).check() }
    #expect(throws: StoreError.self) { try context.concatenate([x, z], axis: 1).check() }
    #expect(throws: StoreError.self) { try context.concatenate([x, z], axis: 2).check() }
    #expect(throws: StoreError.self) { try context.stack([x, z]).check() }
    #expect(throws: StoreError.self) { try context.concatenate([y[0], y[1]]).check() }
    #expect(throws: StoreError.self) { try context.concatenate([x, sqrt(x + z)]).check() }
    #expect(throws: StoreError.self) { try x.rolled(by: 1, axis: 2).check() }
  }

  @Test func largeShapesCostNothing() throws {
    let x = try array(numbered([2])).broadcast(to: [1 << 28, 1 << 26, 2])
    let wide = x.rolled(by: 12345, axis: 0).padded([(before: 1, after: 2)])
    #expect(try wide[5..<7, 3, 1...2].dataset().largestStoredByteCount < 1 << 10)
    let flat = wide.reshaped(to: [-1]).rolled(by: 7, axis: 0).tiled([2])
    #expect(flat.shape == [((1 << 28) + 3) * ((1 << 26) + 3) * 10])
    #expect(try flat.dataset().largestStoredByteCount < 1 << 20)
  }
}
