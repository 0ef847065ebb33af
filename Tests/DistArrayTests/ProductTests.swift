// Products of matrices: exact for whole numbers, the same bits with any budget, and plans that keep their word.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct ProductTests {
  private func context(_ byteCount: Int) throws -> Context {
    try Context(communicator: .serial, memory: MemoryBudget(byteCount: byteCount))
  }

  /// Whole numbers between -8 and 8, in chunks that divide nothing.
  private func matrix(_ rows: Int, _ columns: Int, _ seed: Int, in context: Context) throws -> DistArray {
    let values = (0..<rows * columns).map { (place: Int) -> Double in
      let mixed = (place &+ seed &* 977) &* 2_654_435_761
      return Double((mixed >> 7) % 17 - 8)
    }
    return context.array(try MemoryDataset(values, shape: [rows, columns], chunkShape: [67, 129]))
  }

  private func values(_ x: DistArray) throws -> [Double] {
    try #require(try x.context.evaluate(x).values(as: Double.self))
  }

  /// (A B) v is A (B v), where nothing is rounded.
  @Test(arguments: [(300, 700, 270), (2, 900, 1300), (513, 3, 2), (64, 6000, 70)])
  func blocksFitTogether(rows: Int, inner: Int, columns: Int) throws {
    let context = try context(64 << 20)
    let (a, b) = (try matrix(rows, inner, 1, in: context), try matrix(inner, columns, 2, in: context))
    let v = try matrix(columns, 1, 3, in: context)[.ellipsis, 0]
    let product = matmul(a, b)
    #expect(product.shape == [rows, columns])
    #expect(try values(matmul(product, v)) == values(matmul(a, matmul(b, v))))
    let whole = try context.evaluate(matmul(a.astype(.int16), b.astype(.int32)))
    #expect(try whole.values(as: Int32.self)?.map { Double($0) } == values(product))
  }

  @Test func groupsOfALongSumAreAddedUp() throws {
    let context = try context(128 << 20)
    let geometry = ProductGeometry(batch: [], rows: 150, columns: 130, inner: 15000)
    #expect(geometry.groupCount > 1)
    let (a, b) = (try matrix(150, 15000, 4, in: context), try matrix(15000, 130, 5, in: context))
    let v = try matrix(130, 1, 6, in: context)
    #expect(try values(matmul(matmul(a, b), v)) == values(matmul(a, matmul(b, v))))
  }

  /// Fractions whose sums are rounded: the bits tell the order of additions.
  @Test func bitsDoNotDependOnTheBudget() throws {
    var found: [[UInt8]] = []
    var plans: Set<String> = []
    for budget in [10 << 20, 24 << 20, 160 << 20] {
      let context = try context(budget)
      let (a, b) = (try matrix(520, 700, 7, in: context) / 3, try matrix(700, 530, 8, in: context) / 7)
      let array = matmul(a, b)
      found.append(try array.context.evaluate(array.sum(axis: 0)).bytes)
      plans.insert(try array.explain().lines[0])
    }
    #expect(found[0] == found[1] && found[1] == found[2])
    #expect(plans.count > 1, "\(plans)")
  }

  @Test func matricesInStacksBroadcast() throws {
    let context = try context(16 << 20)
    let a = try context.array((0..<4 * 5 * 3 * 6).map { Int64($0 % 13) }, shape: [4, 5, 3, 6])
    let b = try context.array((0..<5 * 6 * 2).map { Int64($0 % 7) - 3 }, shape: [5, 6, 2])
    let found = try #require(try context.evaluate(matmul(a, b)).values(as: Int64.self))
    var expected: [Int64] = []
    for outer in 0..<4 {
      for stack in 0..<5 {
        for row in 0..<3 {
          for column in 0..<2 {
            expected.append(
              (0..<6).reduce(0) { sum, k in
                let left = Int64((((outer * 5 + stack) * 3 + row) * 6 + k) % 13)
                return sum + left * (Int64(((stack * 6 + k) * 2 + column) % 7) - 3)
              })
          }
        }
      }
    }
    #expect(found == expected)
  }

  /// Blocks tile every result, panels stay small, groups cover the inner axis.
  @Test(arguments: 1...200) func geometryHolds(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    func size() -> Int { 1 << Int.random(in: 0...20, using: &random) + Int.random(in: 0...1, using: &random) }
    let batch = (0..<Int.random(in: 0...2, using: &random)).map { _ in Int.random(in: 1...50, using: &random) }
    let geometry = ProductGeometry(batch: batch, rows: size(), columns: size(), inner: size())
    let items = geometry.blockBatch.reduce(1, *)
    #expect(items * geometry.blockRows * geometry.blockColumns <= 1 << 18, "seed \(seed)")
    #expect(items * geometry.blockRows * geometry.blockInner <= 1 << 18, "seed \(seed)")
    #expect(items * geometry.blockColumns * geometry.blockInner <= 1 << 18, "seed \(seed)")
    #expect(geometry.groupCount <= 16, "seed \(seed)")
    #expect(geometry.inner(ofGroup: geometry.groupCount - 1).upperBound == geometry.inner, "seed \(seed)")
    #expect((0..<geometry.groupCount).allSatisfy { !geometry.inner(ofGroup: $0).isEmpty }, "seed \(seed)")
  }

  /// The budget that a refusal names is enough.
  @Test func namedBudgetsAreEnough() throws {
    func multiply(_ budget: Int) throws {
      let context = try context(budget)
      let (a, b) = (try matrix(500, 400, 1, in: context), try matrix(400, 600, 2, in: context))
      _ = try matmul(a, b).dataset()
    }
    let refusal = try #require(throws: StoreError.self) { try multiply(100_000) }
    #expect(refusal.code == .memory)
    let words = refusal.message.replacing(",", with: "").split(separator: " ")
    let place = try #require(words.firstIndex(of: "--memory"))
    let least = try #require(Int(words[place + 2]))
    try multiply(least)
    #expect(throws: StoreError.self) { try multiply(least - 1) }
  }

  @Test func explanationsTellTheTiles() throws {
    let context = try context(64 << 20)
    let (a, b) = (try matrix(300, 700, 1, in: context), try matrix(700, 400, 2, in: context))
    let lines = try (matmul(a, b) + 1).explain().lines
    #expect(lines.first?.hasPrefix("pass 1: product of 300 x 700 and 700 x 400 float64 matrices in tiles of") == true)
    #expect(lines.contains { $0.hasPrefix("pass 2: (300, 400) float64") })
  }

  /// What a product holds is no longer there for the passes that use it, until it is let go.
  @Test func heldMemoryIsAccounted() throws {
    let context = try context(64 << 20)
    do {
      let (a, b) = (try matrix(300, 200, 1, in: context), try matrix(200, 400, 2, in: context))
      let dataset = try matmul(a, b).dataset()
      #expect(context.options.held.byteCount >= 300 * 400 * 8)
      withExtendedLifetime(dataset) {}
    }
    #expect(context.options.held.byteCount == 0)
  }

  @Test(arguments: [DType.bool, .int8, .uint16, .int32, .uint64], [0, 1, 2, 3] as [Int32])
  func ownLoopsAreExact(dtype: DType, level: Int32) throws {
    struct Check: ElementVisitor {
      let level: Int32
      func visit<E: Element>(_: E.Type) throws -> Bool {
        let (m, n, k) = (5, 37, 9)
        var random = SeededRandom(seed: 5)
        func bytes(_ count: Int) -> [UInt8] {
          (0..<count * E.dtype.byteCount).map { _ in
            E.dtype == .bool ? [0, 0, 1, 7].randomElement(using: &random) ?? 0 : .random(in: 0...255, using: &random)
          }
        }
        func word(_ bytes: [UInt8], _ index: Int) -> UInt64 {
          let size = E.dtype.byteCount
          return (0..<size).reduce(0) { $0 | UInt64(bytes[index * size + $1]) << (8 * $1) }
        }
        let (a, b) = (bytes(m * k), bytes(k * n))
        var c = bytes(m * n)
        if E.dtype == .bool { c = c.map { $0 == 0 ? 0 : 1 } }
        let before = c
        let kernel = try MatrixKernel(E.dtype, level: level)
        a.withUnsafeBytes { a in
          b.withUnsafeBytes { b in
            c.withUnsafeMutableBytes { c in
              guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
              kernel.add(
                MatrixPart(elements: a, row: k), MatrixPart(elements: b, row: n), to: c, rows: m, columns: n, inner: k)
            }
          }
        }
        let mask = E.dtype.byteCount == 8 ? UInt64.max : (1 << UInt64(8 * E.dtype.byteCount)) - 1
        return (0..<m * n).allSatisfy { place in
          let (row, column) = (place / n, place % n)
          let pairs = (0..<k).map { (word(a, row * k + $0), word(b, $0 * n + column)) }
          if E.dtype == .bool {
            let isTrue = word(before, place) != 0 || pairs.contains { $0.0 != 0 && $0.1 != 0 }
            return word(c, place) == (isTrue ? 1 : 0)
          }
          return word(c, place) == pairs.reduce(word(before, place)) { $0 &+ $1.0 &* $1.1 } & mask
        }
      }
    }
    #expect(try dtype.visit(Check(level: level)))
  }
}
