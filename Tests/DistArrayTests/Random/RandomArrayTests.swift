// Random arrays: published words, NumPy's bits, and the same element whatever else is asked for.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct RandomArrayTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  /// The vectors for `philox4x64 10` of the Random123 distribution.
  @Test func philoxMakesThePublishedWords() {
    let zero = Philox(key: SIMD2(0, 0)).words(SIMD4(0, 0, 0, 0))
    #expect(zero == SIMD4(0x1655_4d9e_ca36_314c, 0xdb20_fe9d_672d_0fdc, 0xd7e7_72ce_e186_176b, 0x7e68_b68a_ec7b_a23b))
    let ones = Philox(key: SIMD2(.max, .max)).words(SIMD4(.max, .max, .max, .max))
    #expect(ones == SIMD4(0x87b0_92c3_013f_e90b, 0x438c_3c67_be8d_0224, 0x9cc7_d7c6_9cd7_77b6, 0xa09c_aebf_594f_0ba0))
    let pi = Philox(key: SIMD2(0x4528_21e6_38d0_1377, 0xbe54_66cf_34e9_0c6c)).words(
      SIMD4(0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344, 0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89))
    #expect(pi == SIMD4(0xa528_f454_03e6_1d95, 0x38c7_2dbd_566e_9788, 0xa5a1_610e_72fd_18b5, 0x57bd_43b5_e52b_7fe6))
  }

  @Test func keysAreNumPys() throws {
    var random = SeededRandom(seed: 11)
    var seeds: [UInt128] = [0, 1, 42, 1 << 31, (1 << 32) - 1, 1 << 32, 1 << 63, (1 << 64) - 1, 1 << 64, 1 << 96, .max]
    for bits in stride(from: 1, to: 128, by: 3) {
      seeds.append((UInt128(random.next()) << 64 | UInt128(random.next())) >> bits)
    }
    var expressions: [String] = []
    var found: [SIMD2<UInt64>] = []
    for seed in seeds {
      expressions.append("words(\(seed), None).generate_state(2, uint64)")
      found.append(SeedSequence(entropy: seed).key)
      let stream = random.next() >> random.next() % 64
      expressions.append("words(\(seed), \(stream)).generate_state(2, uint64)")
      found.append(SeedSequence(entropy: seed).stream(stream).key)
    }
    expressions.append("np.random.SeedSequence(5, spawn_key=(3, 1 << 40)).generate_state(2, uint64)")
    found.append(SeedSequence(entropy: 5).stream(3).stream(1 << 40).key)
    expressions.append("np.random.SeedSequence(5).spawn(3)[2].generate_state(2, uint64)")
    found.append(SeedSequence(entropy: 5).stream(2).key)
    let answers = try NumPyAnswer.of(expressions)
    try #require(answers.count == found.count)
    for (index, answer) in answers.enumerated() {
      #expect(withUnsafeBytes(of: found[index], Array.init) == answer.bytes, "\(expressions[index])")
    }
  }

  @Test func uniformNumbersAreNumPys() throws {
    var formulas = [
      "random(1, seed=0)", "random((), seed=1)", "random((0, 3), seed=1)", "random((3, 5, 7), seed=12)",
      "random((3, 5, 7), seed=12)[::2, 1, ::-3]", "random(1000, seed=170141183460469231731687303715884105727)",
      "uniform((4, 5), low=-3.7, high=12.1, seed=8)", "uniform(9, low=2, high=2, seed=8)",
      "random(11, seed=7, stream=5)",
      "random(5, seed=1) * arange(5)",
    ]
    for seed in 0..<40 { formulas.append("random(\(seed * 3), seed=\(seed * seed * 977))") }
    let answers = try NumPyAnswer.of(formulas)
    try #require(answers.count == formulas.count)
    for (formula, answer) in zip(formulas, answers) {
      #expect(
        NumPyAnswer(try context.evaluate(FormulaEvaluation.array(formula, [:], in: context))) == answer, "\(formula)")
    }
  }

  /// Every kind of array in parts of any shape, order and step is the array.
  @Test(arguments: 1...12) func partsAreThoseOfTheWhole(seed: UInt64) throws {
    var generator = SeededRandom(seed: seed)
    let shape = [
      Int.random(in: 1...9, using: &generator), Int.random(in: 1...9, using: &generator),
      Int.random(in: 1...9, using: &generator),
    ]
    let count = shape.reduce(1, *)
    for (kind, array) in Self.kinds(context.random(seed: UInt128(seed)), shape).enumerated() {
      let whole = ReferenceArray(shape: shape, values: try #require(context.evaluate(array).values(as: Double.self)))
      #expect(whole.values.count == count)
      for _ in 0..<4 {
        var items: [ArrayIndex] = []
        var positions: [[Int]] = []
        for size in shape {
          let start = Int.random(in: 0..<size, using: &generator)
          let step = Int.random(in: 1...3, using: &generator)
          if Bool.random(using: &generator) {
            items.append(.slice(start: start, step: step))
            positions.append(Array(stride(from: start, to: size, by: step)))
          } else {
            items.append(.slice(start: start, step: -step))
            positions.append(Array(stride(from: start, through: 0, by: -step)))
          }
        }
        let part = try context.evaluate(array[items].transposed())
        #expect(
          part.values(as: Double.self) == whole.picked(positions).transposed([2, 1, 0]).values,
          "kind \(kind), seed \(seed), \(items)")
      }
    }
  }

  /// Arrays of every kind, as float64.
  static func kinds(_ random: RandomArrays, _ shape: [Int]) -> [DistArray] {
    [
      random.random(shape), random.uniform(shape, from: -1, to: 3), random.standardNormal(shape),
      random.normal(shape, mean: 5, deviation: 0.1), random.exponential(shape, scale: 2),
      random.poisson(shape, mean: 3.5),
      random.poisson(shape, mean: 1234), random.beta(shape, a: 0.3, b: 4),
      random.integers(shape, from: -7, to: 5, dtype: .int8), random.choice(1000, shape),
      random.permutation(shape.last ?? 1) + random.context.zeros(shape),
    ].map { $0.astype(.float64) }
  }

  @Test func streamsSeedsAndKindsDiffer() throws {
    let a = context.random(seed: 1)
    let arrays = [a, a.stream(0), a.stream(1), a.stream(0).stream(0), context.random(seed: 2)].flatMap {
      [$0.random([16]), $0.standardNormal([16]), $0.exponential([16])]
    }
    var seen: Set<[Double]> = []
    for array in try context.evaluate(arrays) {
      #expect(seen.insert(try #require(array.values(as: Double.self))).inserted)
    }
    let (one, other) = try context.evaluate(a.normal([16]), context.random(seed: 1).normal([16]))
    #expect(one == other)
    let (first, seed) = try context.random()
    let (second, otherSeed) = try context.random()
    #expect(seed != otherSeed)
    let (x, y) = try context.evaluate(first.random([4]), second.random([4]))
    #expect(x != y)
    #expect(try context.evaluate(context.random(seed: seed).random([4])) == x)
  }

  @Test func integersOfAllTypes() throws {
    let random = context.random(seed: 3)
    for dtype in DType.allCases where dtype.isInteger {
      let range = try #require(dtype.integerRange)
      let whole = random.integers([64], from: range.lowerBound, to: range.upperBound + 1, dtype: dtype)
      let ends = random.integers([64], from: range.upperBound - 1, to: range.upperBound + 1, dtype: dtype)
      let (values, high) = try context.evaluate(whole, ends)
      #expect(values.dtype == dtype && Set((0..<64).map { values.element($0) }).count > 50)
      #expect(Set((0..<64).map { high.element($0).description }) == ["\(range.upperBound - 1)", "\(range.upperBound)"])
    }
    // A range that refuses nearly half of all words.
    let wide = try context.evaluate(
      random.integers([4000], from: 0, to: Int128(UInt64.max) / 2 + 2, dtype: .uint64).astype(.float64).mean())
    let mean = try #require(wide.values(as: Double.self)?.first)
    #expect(abs(mean / 0x1p62 - 1) < 0.03)
  }

  @Test func whatCannotBeIsToldWhenAsked() throws {
    let random = context.random(seed: 1)
    let wrong = [
      random.random([-1]), random.uniform([2], from: 3, to: 2), random.uniform([2], from: -1.7e308, to: 1.7e308),
      random.uniform([2], from: .nan), random.normal([2], deviation: -1), random.normal([2], deviation: .infinity),
      random.exponential([2], scale: -1), random.poisson([2], mean: -0.5), random.poisson([2], mean: 1e13),
      random.poisson([2], mean: .nan),
      random.beta([2], a: 0, b: 1), random.beta([2], a: 1, b: .nan), random.integers([2], from: 5, to: 5),
      random.integers([2], from: 0, to: 257, dtype: .uint8), random.integers([2], from: -1, to: 2, dtype: .uint16),
      random.integers([2], from: 0, to: 2, dtype: .float32), random.permutation(-1), random.permutation(.min),
      random.permutation(.max), random.choice(0, [2]),
    ]
    for (number, array) in wrong.enumerated() {
      #expect(throws: StoreError.self, "array \(number)") { try array.check() }
    }
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 8, 17, 64, 1000]) func permutationsHoldEachNumberOnce(count: Int) throws {
    for seed in 0..<8 {
      let values = try #require(
        context.evaluate(context.random(seed: UInt128(seed)).permutation(count)).values(as: Int64.self))
      #expect(values.sorted() == (0..<Int64(count)).map { $0 })
    }
  }
}
