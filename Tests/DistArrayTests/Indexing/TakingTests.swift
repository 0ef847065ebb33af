// Take, compress, nonzero and their kin, and formulas with lists, masks and arrays between brackets, against NumPy.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct TakingTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  static let formulas = [
    "x[[0, 2], [1, 4]]", "x[[[0], [2]], [1, 4]]", "x[[[0, 1], [2, 2]]]", "x[i]", "x[i, 1]", "x[:, i]", "x[i, i[::-1]]",
    "z[0, :, [1, 2]]", "z[[0, 1], :, [1, 2]]", "z[:, [0, 1], [1, 2]]", "z[[1, 0], ..., [2, 0]]", "z[:, None, [1], 2]",
    "x[:, x[0] > 2]", "x[x[:, 0] > 2, 1:3]", "x[x[:, 0] > 2, [1, 3]]", "x[[True, False, True]]", "x[True]", "x[False]",
    "x[0, True]", "z[z > 20]", "z[z[:, :, 0] > 3]", "z[0][z[0] > 3]", "x[[]]", "x[:, []]", "x[[True, 2]]", "x[i > 1]",
    "take(x, [[0, 1], [2, 2]], axis=0)", "take(x, [[14, 3]])", "x.take(i, axis=1)", "take(x, 2, axis=1)",
    "take(x, [-7, 8], axis=1, mode='wrap')", "take(x, [-7, 8], axis=1, mode='clip')", "take(x, -1)",
    "compress([True, False, True], x, axis=0)", "x.compress([0, 1, 1], axis=1)", "compress(x[0] > 2, x, axis=1)",
    "compress([0, 1, 1], x)", "take_along_axis(x, i[:, None], 1)", "take_along_axis(x, x[:1].astype('i8') % 3, axis=0)",
    "take_along_axis(x, x.astype('i8') % 5, 1)", "diagonal(x)", "diagonal(x, 1)", "x.diagonal(-2)",
    "diagonal(z, 0, 1, 2)",
    "z.diagonal(1, 2, 0)", "diagonal(x, 9)", "diagonal(x) * 2 + 1", "diagonal(x)[::-1].reshape(3, 1)",
    "roll(diagonal(z), 1)",
    "nonzero(x > 7)[1]", "nonzero(x)[0]", "x.nonzero()[-1]", "argwhere(z % 5 == 0)", "flatnonzero(x % 2)",
    "where(x > 7)[0]",
    "x[where(x > 7)[0], 0]", "x[nonzero(x % 4 == 0)[0], nonzero(x % 4 == 0)[1]]", "mean(x[i, :], axis=0)",
    "sum(x[[0, 0, 1], [1, 1, 2]]) + x", "(x + 1)[[2, 0], [0, 1]]", "x.T[[4, 0], [2, 1]]",
    "x[::-1, ::2][[0, 1], [2, 0]]",
    "z[None, 0, [1, 2], None, [0]]", "broadcast_to(x[0], (4, 5))[[3, 0], [1, 4]]",
  ]

  private static let script = """
    import sys
    from numpy import *
    x = arange(15.0).reshape(3, 5)
    z = arange(24.0).reshape(2, 3, 4)
    i = array([2, 0, 1])
    for line in sys.argv[1:]:
        r = asarray(eval(line))
        print(*r.shape, ":", *r.astype(float).ravel().tolist())
    """

  @Test func formulasAsNumPy() throws {
    func array(_ shape: [Int], _ chunks: [Int]) throws -> DistArray {
      context.array(
        try MemoryDataset((0..<shape.reduce(1, *)).map(Double.init), shape: shape, chunkShape: chunks))
    }
    let arrays = [
      "x": try array([3, 5], [2, 2]), "z": try array([2, 3, 4], [1, 2, 3]),
      "i": context.array(try MemoryDataset([Int64(2), 0, 1], shape: [3])),
    ]
    let output = try TestPython.run(text: Self.script, Self.formulas)
    #expect(output.exitCode == 0, "\(output.stderr)")
    let lines = output.stdout.split(separator: "\n")
    try #require(lines.count == Self.formulas.count)
    for (formula, line) in zip(Self.formulas, lines) {
      do {
        let found = try context.evaluate(FormulaEvaluation.array(formula, arrays, in: context).astype(.float64))
        let halves = line.split(separator: ":", omittingEmptySubsequences: false)
        #expect(found.shape == halves[0].split(separator: " ").compactMap { Int($0) }, "\(formula)")
        #expect(
          found.values(as: Double.self) == halves[1].split(separator: " ").compactMap { Double($0) }, "\(formula)")
      } catch {
        Issue.record("\(formula): \(error)")
      }
    }
  }

  @Test(arguments: [
    ("x[[0, 7]]", "^~~~~~~~~", "index 7 is out of bounds for axis 0"),
    ("x[[0], [0.5]]", "       ^~~~~", "holds integers"),
    ("x[1, x]", "     ^", "an index of type float64"), ("x['a']", "  ^~~", "a text as an index"),
    ("x[[[1], [1, 2]]]", "  ^~~~~~~~~~~~~", "different lengths"),
    ("take(x, [1], mode='far')", "                  ^~~~~", "'clip'"),
    ("nonzero(x)[2]", "           ^", "out of bounds for a list of 2"), ("take(x)", "^~~~~~~", "'indices' is missing"),
    ("compress([[True]], x)", "         ^~~~~~~~", "one axis"),
    ("nonzero(x[0, 0])", "^~~~~~~~~~~~~~~~", "without axes"),
  ]) func mistakesArePointedAt(_ formula: String, _ mark: String, _ message: String) throws {
    let x = context.array(try MemoryDataset([1.0, 2, 3, 4, 5, 6], shape: [2, 3]))
    let error = try #require(throws: FormulaError.self) {
      try FormulaEvaluation.array(formula, ["x": x], in: context)
    }
    #expect(error.pointing == "\(formula)\n\(mark)", "\(error.pointing)")
    #expect(error.storeError.message.contains(message), "\(error.storeError.message)")
  }

  @Test func putsAsNumPy() throws {
    var x = context.arange(6).reshaped(to: [2, 3])
    x.put([0, -1, 0], context.arange(7, 10))
    #expect(try context.evaluate(x).values(as: Int64.self) == [9, 1, 2, 3, 4, 8])
    x.put([7, -9], -1, mode: .wrap)
    x.put([70], -2, mode: .clip)
    #expect(try context.evaluate(x).values(as: Int64.self) == [9, -1, 2, -1, 4, -2])
    x.put([0, 1, 2], context.arange(2))
    #expect(try context.evaluate(x).values(as: Int64.self) == [0, 1, 0, -1, 4, -2])
    x.putAlongAxis(context.arange(2).reshaped(to: [2, 1]), 50, axis: 1)
    #expect(try context.evaluate(x).values(as: Int64.self) == [50, 1, 0, -1, 50, -2])
    x.assign(0, where: x > 10)
    #expect(try context.evaluate(x).values(as: Int64.self) == [0, 1, 0, -1, 0, -2])
  }
}
