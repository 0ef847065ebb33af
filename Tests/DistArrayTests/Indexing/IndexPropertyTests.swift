// Random items between brackets, read and assigned, against plain code; and against NumPy.

import DAStore
import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DistArray

@Suite struct IndexPropertyTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  private func shape(_ random: inout SeededRandom) -> [Int] {
    (0..<Int.random(in: 0...4, using: &random)).map { _ in
      Int.random(in: 1...10, using: &random) == 1 ? 0 : Int.random(in: 1...5, using: &random)
    }
  }

  private func array(_ values: [Double], _ shape: [Int], _ random: inout SeededRandom) throws -> DistArray {
    let chunks = shape.map { Int.random(in: 1...max(1, $0), using: &random) }
    return context.array(try MemoryDataset(values, shape: shape, chunkShape: chunks))
  }

  private func items(_ items: [TestItem]) throws -> [ArrayIndex] { try items.map { try $0.item(context) } }

  /// An array to index, directly or behind a transposition and a slice.
  private func source(_ random: inout SeededRandom) throws -> (DistArray, ReferenceArray) {
    let shape = shape(&random)
    let a = ReferenceArray(shape: shape, values: (0..<shape.reduce(1, *)).map(Double.init))
    guard Bool.random(using: &random) else { return (try array(a.values, shape, &random), a) }
    let order = Array(shape.indices).shuffled(using: &random)
    return (try array(a.values, shape, &random).transposed(order), a.transposed(order))
  }

  @Test(arguments: 1...400) func readsWhatPlainCodeReads(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let (x, a) = try source(&random)
    let items = TestItem.random(for: a.shape, &random)
    let part = x[try self.items(items)]
    let text = items.map(\.text).joined(separator: ", ")
    guard let expected = ReferenceIndex(items, of: a.shape) else {
      #expect(throws: StoreError.self, "seed \(seed): \(a.shape)[\(text)]") { try part.check() }
      return
    }
    let found = try context.evaluate(part)
    #expect(found.shape == expected.shape, "seed \(seed): \(a.shape)[\(text)]")
    #expect(
      found.values(as: Double.self) == expected.places.map { a.values[$0] }, "seed \(seed): \(a.shape)[\(text)]")
    let dataset = try part.dataset()
    for number in 0..<dataset.description.grid.chunkCount {
      guard case .encoded(let extents) = try dataset.storage(of: number) else { continue }
      #expect(extents.reduce(0) { $0 + $1.byteCount } <= dataset.largestStoredByteCount, "seed \(seed)")
    }
  }

  /// Several assignments, one on the other; copies made before keep their elements.
  @Test(arguments: 1...400) func assignsWhatPlainCodeAssigns(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var (x, a) = try source(&random)
    var texts: [String] = []
    for step in 0..<Int.random(in: 1...4, using: &random) {
      let items = TestItem.random(for: a.shape, &random)
      texts.append(items.map(\.text).joined(separator: ", "))
      let index = try self.items(items)
      guard let places = ReferenceIndex(items, of: a.shape) else {
        var copy = x
        copy.assign(1, at: index)
        #expect(throws: StoreError.self, "seed \(seed): \(a.shape) \(texts)") { try copy.check() }
        continue
      }
      let before = x
      let old = a
      if Bool.random(using: &random) {
        x.assign(-step - 1, at: index)
        for place in places.places { a.values[place] = Double(-step - 1) }
      } else {
        // Sizes of one are repeated, leading axes may be missing.
        var shape = places.shape.map { Int.random(in: 1...4, using: &random) == 1 ? 1 : $0 }
        shape.removeFirst(Int.random(in: 0...shape.count / 2, using: &random))
        let isMask =
          if case .mask(_, let mask)? = items.first?.kind { items.count == 1 && mask == a.shape } else { false }
        if isMask { shape = places.shape }
        let values = (0..<shape.reduce(1, *)).map { 1000 * Double(step + 1) + Double($0) }
        x.assign(try array(values, shape, &random), at: index)
        let wide = ReferenceArray(shape: places.shape) { _ in 0 }.combined(
          with: ReferenceArray(shape: shape, values: values)
        ) { $1 }
        for (place, value) in zip(places.places, wide.values) { a.values[place] = value }
      }
      #expect(try context.evaluate(before).values(as: Double.self) == old.values, "seed \(seed): \(a.shape) \(texts)")
    }
    let found = try context.evaluate(x)
    #expect(found.shape == a.shape)
    #expect(found.values(as: Double.self) == a.values, "seed \(seed): \(a.shape) \(texts)")
    let dataset = try x.dataset()
    for number in 0..<dataset.description.grid.chunkCount {
      guard case .encoded(let extents) = try dataset.storage(of: number) else { continue }
      #expect(extents.reduce(0) { $0 + $1.byteCount } <= dataset.largestStoredByteCount, "seed \(seed)")
    }
  }

  private static let script = """
    import sys
    from numpy import *
    for line in open(sys.argv[1]):
        shape, items, value = line.rstrip("\\n").split(";")
        shape = eval(shape)
        x = arange(prod(shape, dtype=int), dtype="i2").reshape(shape)
        try:
            if value:
                exec(f"x[{items}] = {value}")
                r = x
            else:
                r = asarray(eval(f"x[{items}]"))
            print(*r.shape, ":", *r.ravel().tolist())
        except (IndexError, ValueError, TypeError, OverflowError):
            print("refused")
    """

  /// Six hundred random cases, read and assigned, also with values that do not fit.
  @Test func sameAsNumPy() throws {
    func tuple(_ shape: [Int]) -> String { "(" + shape.map { "\($0)," }.joined() + ")" }
    var lines: [String] = []
    var answers: [String] = []
    for seed in UInt64(1000)..<1600 {
      var random = SeededRandom(seed: seed)
      let shape = shape(&random)
      let chunks = shape.map { Int.random(in: 1...max(1, $0), using: &random) }
      let values = (0..<shape.reduce(1, *)).map { Int16($0) }
      var x = context.array(try MemoryDataset(values, shape: shape, chunkShape: chunks))
      let items = TestItem.random(for: shape, &random)
      let index = try self.items(items)
      var value = ""
      if seed % 2 == 0 {
        x = x[index]
      } else if Int.random(in: 0..<3, using: &random) == 0 {
        let number = [7, 70_000, -3].randomElement(using: &random) ?? 7
        value = "\(number)"
        x.assign(number, at: index)
      } else {
        var own = ReferenceIndex(items, of: shape)?.shape ?? [2]
        if !own.isEmpty, Int.random(in: 0..<4, using: &random) == 0 {
          own[Int.random(in: 0..<own.count, using: &random)] = Int.random(in: 1...3, using: &random)
        }
        // What NumPy assigns to a single element it converts as one number, which must have no axes and fit.
        let base = own.isEmpty ? 400.75 : 40000.75
        if !own.isEmpty, Int.random(in: 0..<6, using: &random) == 0 { own.insert(1, at: 0) }
        value = "arange(\(own.reduce(1, *)), dtype='f4').reshape(\(tuple(own))) + \(base)"
        x.assign(context.arange(own.reduce(1, *), dtype: .float32).reshaped(to: own) + base, at: index)
      }
      lines.append("\(tuple(shape));\(items.isEmpty ? "()" : items.map(\.text).joined(separator: ",") + ",");\(value)")
      do {
        let dense = try context.evaluate(x)
        let elements = try #require(dense.values(as: Int16.self))
        answers.append(
          dense.shape.map { "\($0) " }.joined() + ":" + elements.map { " \($0)" }.joined())
      } catch {
        answers.append("refused")
      }
    }
    try withTemporaryDirectory { folder in
      let file = "\(folder)/cases.txt"
      try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
      let output = try TestPython.run(text: Self.script, [file])
      #expect(output.exitCode == 0, "\(output.stderr)")
      let expected = output.stdout.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      try #require(expected.count == answers.count)
      for (line, (answer, numpy)) in zip(lines, zip(answers, expected)) {
        #expect(answer.trimmingCharacters(in: .whitespaces) == numpy, "\(line)")
      }
      #expect(expected.count { $0 == "refused" } < 200)
    }
  }
}
