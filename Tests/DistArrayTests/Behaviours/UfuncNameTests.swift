// DistArray's ufuncs and operators by name, on its own arrays, against NumPy itself; what may stand beside an array.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct UfuncNameTests {
  private static let unary = [
    "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "conjugate", "cos", "cosh", "exp",
    "expm1", "invert", "log", "log10", "log1p", "negative", "reciprocal", "rint", "sign", "sin", "sinh", "sqrt",
    "square", "tan", "tanh",
  ]
  private static let binary = [
    "add", "arctan2", "bitwise_and", "bitwise_or", "bitwise_xor", "divide", "floor_divide", "fmod", "hypot",
    "left_shift", "mod", "multiply", "power", "remainder", "right_shift", "subtract", "true_divide", "less",
    "less_equal", "equal", "not_equal", "greater", "greater_equal",
  ]
  private static let operators = [
    "<", "<=", "==", "!=", ">", ">=", "+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^",
  ]
  /// Every name and sign, of two arrays and with a number on either side.
  private static let formulas =
    unary.map { ["arccos", "arcsin", "arctanh"].contains($0) ? "\($0)(r)" : "\($0)(a)" }
    + binary.flatMap { ["\($0)(a, b)", "\($0)(a, 3)", "\($0)(3, a)"] }
    + operators.flatMap { ["a \($0) b", "a \($0) 3", "3 \($0) a"] } + ["-a", "+a", "abs(-a)", "~a"]

  private static let script = """
    import sys
    from numpy import *
    a = arange(1, 11)
    b = full(10, 2)
    r = arange(10) / 10
    for line in sys.argv[1:]:
        v = asarray(eval(line))
        print(v.dtype.name, *(repr(float(x)) for x in v))
    """

  private let context: Context
  private let arrays: [String: DistArray]

  init() throws {
    context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 4 << 20))
    arrays = [
      "a": context.arange(1, 11), "b": context.full([10], 2),
      "r": context.array(try MemoryDataset((0..<10).map { Double($0) / 10 }, chunkShape: [3])),
    ]
  }

  @Test func everyNameAndSignIsNumPys() throws {
    #expect((Self.unary.count, Self.binary.count) == (26, 23))
    let output = try TestPython.run(text: Self.script, Self.formulas)
    #expect(output.exitCode == 0, "\(output.stderr)")
    let lines = output.stdout.split(separator: "\n")
    try #require(lines.count == Self.formulas.count)
    for (formula, line) in zip(Self.formulas, lines) {
      let result = try FormulaEvaluation.array(formula, arrays, in: context)
      let dtype = try result.dtype
      let parts = line.split(separator: " ")
      #expect(dtype.name == parts[0], "\(formula)")
      let expected = parts.dropFirst().compactMap { Double($0) }
      let values = try #require(try context.evaluate(result.astype(.float64)).values(as: Double.self))
      #expect(values.count == 10 && expected.count == 10)
      for (value, wanted) in zip(values, expected) {
        // Different libraries' functions may differ in the last bits.
        #expect(value == wanted || Swift.abs(value - wanted) <= 4 * wanted.ulp, "\(formula): \(value), NumPy \(wanted)")
      }
    }
  }

  /// In Swift, `//` begins a comment: its name is a function's. All other signs are Swift's own operators.
  @Test func swiftsOperatorsAreTheNames() throws {
    let (a, b) = (context.arange(1, 11), context.full([10], 2))
    let pairs: [(DistArray, String)] = [
      (a < b, "a < b"), (a <= b, "a <= b"), (a == b, "a == b"), (a != b, "a != b"), (a > b, "a > b"),
      (a >= b, "a >= b"), (a + b, "a + b"), (a - b, "a - b"), (a * b, "a * b"), (a / b, "a / b"), (a % b, "a % b"),
      (a ** b, "a ** b"), (a << b, "a << b"), (a >> b, "a >> b"), (a & b, "a & b"), (a | b, "a | b"), (a ^ b, "a ^ b"),
      (floorDivide(a, b), "a // b"), (floorDivide(3, a), "3 // a"), (3 < a, "3 < a"), (3 <= a, "3 <= a"),
      (3 == a, "3 == a"), (3 != a, "3 != a"), (3 > a, "3 > a"), (3 >= a, "3 >= a"), (3 + a, "3 + a"), (3 - a, "3 - a"),
      (3 * a, "3 * a"), (3 / a, "3 / a"), (3 % a, "3 % a"), (3 ** a, "3 ** a"), (3 << a, "3 << a"), (3 >> a, "3 >> a"),
      (3 & a, "3 & a"), (3 | a, "3 | a"), (3 ^ a, "3 ^ a"), (-a, "-a"), (+a, "+a"), (abs(-a), "abs(-a)"), (~a, "~a"),
    ]
    for (array, formula) in pairs {
      let expected = try FormulaEvaluation.array(formula, ["a": a, "b": b], in: context)
      #expect(try context.evaluate(array) == context.evaluate(expected), "\(formula)")
    }
  }

  @Test func shapesMustBroadcast() throws {
    let text = refusal { try (context.arange(10) + context.arange(9)).check() }
    #expect(text.contains("(10,)") && text.contains("(9,)"), "\(text)")
  }
}
