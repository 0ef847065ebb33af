// New arrays beside NumPy's: formulas are Python too, so that both read the same text.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct CreationTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  @Test func formulasSayWhatNumPySays() throws {
    let formulas = [
      "zeros(3)", "zeros(())", "ones((2, 3), dtype='f4')", "zeros((0, 4), dtype=int)", "empty(0)", "full((2, 2), 7)",
      "full((2, 3), 2.5)", "full(2, 3.7, dtype='i4')", "full((), True)", "full(2, 1+2j)", "full((2, 3), arange(3))",
      "full((2, 3), arange(3.0), dtype='i2')", "full(2, 1e300, dtype='f4')", "ones_like(arange(4))",
      "zeros_like(ones((2, 2), 'c8'))", "full_like(arange(3), 2.5)", "full_like(arange(3), 2.5, dtype='f8')",
      "arange(5)", "arange(2, 5)", "arange(10, 0, -3)", "arange(5, 2)", "arange(0)", "arange(-3)", "arange(5.0)",
      "arange(0, 1, 0.1)", "arange(1, 2, 0.1)", "arange(0.1, 1, 0.3)", "arange(1, 0, -0.25)", "arange(0, 1.3, 0.1)",
      "arange(1, 2, 0.1, dtype='f4')", "arange(1, 2, 0.1, dtype='f2')", "arange(0, 3, 0.7, dtype='i4')",
      "arange(0.5, 3, dtype=int)", "arange(-1.5, 4, dtype='i1')", "arange(300, dtype='u1')",
      "arange(40000, dtype='i2')[::997]",
      "arange(3000, dtype='f2')[::7]", "arange(100000, dtype='f4')[::991]", "arange(5, dtype='u8')",
      "arange(0, 1e-320, 1e300)",
      "arange(9223372036854775800, 9223372036854775807, 3)", "arange(stop=4)", "arange(10)**2", "arange(12)[::-5]",
      "linspace(0, 1)", "linspace(0, 1, 7)", "linspace(2, -3, 11)", "linspace(0.1, 0.7, 13, endpoint=False)",
      "linspace(3, 9, 1)", "linspace(3, 9, 0)", "linspace(0, 10, 5, dtype=int)", "linspace(-2, 2, 6, dtype='i1')",
      "linspace(0, 1, 9, dtype='f4')", "linspace(0, 5e-324, 4)", "linspace(1, 1, 3)", "linspace(0, inf, 3)",
      "eye(3)", "eye(2, 4)", "eye(4, 2, -1)", "eye(3, 5, 2, dtype='i2')", "eye(3, k=7)", "eye(0)", "eye(3, 0)",
      "eye(40, 30, 3, dtype=bool)", "eye(6, 7, 1, dtype='c16')[::-2, 1::2]", "eye(3)[:, None, ::2] + ones((2, 1))",
      "where(arange(6) % 2 == 0, linspace(0, 1, 6), zeros(6))",
    ]
    let answers = try NumPyAnswer.of(formulas)
    try #require(answers.count == formulas.count)
    for (formula, answer) in zip(formulas, answers) {
      #expect(
        NumPyAnswer(try context.evaluate(FormulaEvaluation.array(formula, [:], in: context))) == answer, "\(formula)")
    }
  }

  @Test func functionsOfTheIndexInAnyView() throws {
    let shape = [5, 4, 6]
    let x = context.fromFunction(shape) { Int32($0[0] * 100 + $0[1] * 10 + $0[2]) }
    let a = ReferenceArray(shape: shape) { Double($0[0] * 100 + $0[1] * 10 + $0[2]) }
    func evaluated(_ array: DistArray) throws -> ReferenceArray {
      let dense = try context.evaluate(array.astype(.float64))
      return ReferenceArray(shape: dense.shape, values: try #require(dense.values(as: Double.self)))
    }
    #expect(try x.dtype == .int32)
    #expect(try evaluated(x) == a)
    #expect(try evaluated(x[.all, .all, .stride(by: 2)]) == a.picked([Array(0..<5), Array(0..<4), [0, 2, 4]]))
    #expect(try evaluated(x[.stride(by: -1), 1..<3, 2...]) == a.picked([[4, 3, 2, 1, 0], [1, 2], [2, 3, 4, 5]]))
    #expect(try evaluated(x.transposed([2, 0, 1])) == a.transposed([2, 0, 1]))
    #expect(try evaluated(x[2, .all, 3]) == a.picked([[2], Array(0..<4), [3]]).reshaped([4]))
    #expect(try evaluated(context.fromFunction([]) { _ in 3.0 }) == ReferenceArray(shape: [], values: [3]))
  }

  @Test func buffersBecomeArrays() throws {
    let values: [Int16] = [1, -2, 3, -4, 5, -6]
    let x = try values.withUnsafeBytes { bytes throws(StoreError) in
      try context.array(bytes: bytes, shape: [2, 3], dtype: .int16)
    }
    #expect(try context.evaluate(x.transposed()).values(as: Int16.self) == [1, -4, -2, 5, 3, -6])
    #expect(throws: StoreError.self) {
      try values.withUnsafeBytes { bytes throws(StoreError) in
        try context.array(bytes: bytes, shape: [7], dtype: .int16)
      }
    }
  }

  /// Constants are known without their elements, and arrays of any size cost nothing until they are used.
  @Test func nothingIsStored() throws {
    let huge = context.ones([1 << 20, 1 << 20], dtype: .float32)
    let part = huge[(1 << 20) - 2..<(1 << 20), .stride(by: 1 << 18)]
    #expect(try context.evaluate(part.sum()).values(as: Float.self) == [8])
    let dataset = try huge.dataset()
    #expect(try dataset.storage(of: dataset.description.grid.chunkCount - 1) == .constant(ElementValue(1 as Float)))
    let far = context.arange(1 << 40)[(1 << 40) - 2..<(1 << 40)]
    #expect(try context.evaluate(far).values(as: Int64.self) == [(1 << 40) - 2, (1 << 40) - 1])
  }

  /// Beside a stored array, computed ones follow its chunks.
  @Test func storedArraysLeadTheGrid() throws {
    let stored = context.array(
      try MemoryDataset(Array(repeating: 1.0, count: 600), shape: [20, 30], chunkShape: [4, 30]))
    let ramp = context.arange(600.0 as Double, 600.0 as Double + 30)
    let sum = context.zeros([20, 30]) + ramp + stored
    #expect(try sum.dataset().description.grid.chunkShape == [4, 30])
    #expect(try context.evaluate(sum[3]).values(as: Double.self) == (0..<30).map { 601 + Double($0) })
  }

  @Test func whatCannotBeIsToldWhenAsked() throws {
    let wrong = [
      context.zeros([2, -1]), context.zeros([1 << 40, 1 << 40]), context.zeros(Array(repeating: 1, count: 33)),
      context.full([2], 300, dtype: .uint8), context.full([2], Double.nan, dtype: .int32),
      context.full([2], 1e10, dtype: .int32),
      context.arange(0, 5, 0), context.arange(0.0, 5.0, 0.0), context.arange(0.0, .infinity), context.arange(0.0, .nan),
      context.arange(Int.min, Int.max), context.arange(-1, 3, dtype: .uint8), context.arange(3, dtype: .complex64),
      context.arange(1e30, 1e30 + 1e15, 1e14, dtype: .int64), context.linspace(0, 1, count: -1), context.eye(-1),
      context.eye(2, -3),
      context.eye(2, dtype: .bool) + context.zeros([3]), context.zeros(like: context.eye(-1)),
      context.full([2, 2], context.arange(3)), context.zeros([.min]), context.eye(.min), context.eye(.max),
      context.linspace(0, 1, count: .min), context.linspace(0, 1, count: .max), context.fromFunction([-1]) { _ in 0.0 },
    ]
    for (number, array) in wrong.enumerated() {
      #expect(throws: StoreError.self, "array \(number)") { try array.check() }
    }
    let error = #expect(throws: StoreError.self) { try context.full([2], 300, dtype: .uint8).check() }
    #expect(error?.message.hasPrefix("300 is out of bounds for uint8 (0 to 255)") == true)
  }

  @Test(arguments: [
    ("zeros()", "'shape' is missing between the parentheses"), ("zeros(2.5)", "a number where an axis is needed"),
    ("zeros(2, dtype='f5')", "unknown element type 'f5'"), ("zeros(2, type='f4')", "unknown keyword argument 'type'"),
    ("arange(1, 2, 0)", "arange with a step of 0"), ("eye(None)", "eye takes a number of rows"),
    ("linspace(0, 1, retstep=True)", "a formula has one result"),
    ("arange(99999999999999999999)", "an integer beyond 64 bits"),
    ("random(3)", "random numbers need a seed"), ("normal(3, seed=-1)", "a seed is an integer from 0 upwards"),
    ("normal(3, seed=1, scale=-1)", "normal numbers need a finite mean"),
    ("random(3, seed=1, stream=-2)", "a stream is an integer"),
    ("integers(3, seed=1)", "integers takes low and high"), ("beta(3, seed=1)", "'a' is missing"),
  ])
  func mistakesInFormulas(formula: String, message: String) throws {
    let error = #expect(throws: FormulaError.self) { try FormulaEvaluation.array(formula, [:], in: context) }
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }
}
