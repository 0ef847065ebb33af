// Formulas that join, move, reshape and pick, against NumPy itself.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct FormulaShapingTests {
  static let formulas = [
    "concatenate((x, y))", "concatenate([x, y[:, ::-1], x], axis=0)", "concatenate((x, y[:3]), axis=-1)",
    "concatenate((x, y), axis=None)", "concatenate((x, m[:, :5] * 2))", "stack((x, x + 1))", "stack([x, x], axis=2)",
    "stack((x, x), axis=-1)", "roll(x, 2)", "roll(x, -1, axis=0)", "roll(x, (1, 2), axis=(0, 1))", "roll(x, 7, 1)",
    "pad(x, 1)", "pad(x, (1, 2), mode='edge')", "pad(x, ((1, 0), (2, 9)), 'wrap')", "pad(x, 4, mode='reflect')",
    "pad(x, 5, mode='symmetric')", "pad(x, 1, constant_values=7)", "reshape(x, (5, 3))", "reshape(x, -1)",
    "x.reshape(5, -1)",
    "x.reshape((3, 5, 1))", "x.T.reshape(15)", "ravel(x)", "x.T.ravel()", "swapaxes(z, 0, 2)", "moveaxis(z, 0, -1)",
    "moveaxis(z, (0, 1), (2, 0))", "take(x, [2, 0, -1], axis=0)", "take(x, [14, 3])", "take(x, 1, axis=1)",
    "tile(x, 2)",
    "tile(x, (2, 1))", "repeat(x, 3)", "repeat(x, 2, axis=0)", "expand_dims(x, 1)", "x[[2, 0]]", "x[:, [1, 1, 4]]",
    "x[1, [0, 3]]", "z[0, :, [1, 2]]", "z[[1, 0], :, 1]", "z[:, 1, [0, 3]]", "z[..., [0, -1]]", "z[None, :, [2]]",
    "x[x > 5]", "x[m > 2]", "x[x > 100]", "z[z % 3 == 0].sum()", "mean(x[x > mean(x)])", "z[z.sum(axis=2) > 30]",
    "roll(concatenate((x, y)), 3, axis=0)[::2] + 1",
  ]

  private static let script = """
    import sys
    import numpy as np
    from numpy import *
    x = np.arange(15.0).reshape(3, 5)
    y = np.arange(20.0).reshape(4, 5) + 100
    z = np.arange(24.0).reshape(2, 3, 4)
    m = (np.arange(15.0) * 7 % 11).reshape(3, 5)
    for line in sys.argv[1:]:
        r = np.asarray(eval(line))
        print(*r.shape, ":", *r.astype(float).ravel().tolist())
    """

  @Test func sameAsNumPy() throws {
    let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20))
    func array(_ shape: [Int], _ chunks: [Int], _ element: (Double) -> Double) throws -> DistArray {
      let values = (0..<shape.reduce(1, *)).map { element(Double($0)) }
      return context.array(try MemoryDataset(values, shape: shape, chunkShape: chunks))
    }
    let arrays = [
      "x": try array([3, 5], [2, 2]) { $0 }, "y": try array([4, 5], [3, 5]) { $0 + 100 },
      "z": try array([2, 3, 4], [1, 2, 3]) { $0 },
      "m": try array([3, 5], [1, 4]) { ($0 * 7).truncatingRemainder(dividingBy: 11) },
    ]
    let output = try TestPython.run(text: Self.script, Self.formulas)
    #expect(output.exitCode == 0, "\(output.stderr)")
    let lines = output.stdout.split(separator: "\n")
    try #require(lines.count == Self.formulas.count)
    for (formula, line) in zip(Self.formulas, lines) {
      do {
        let found = try context.evaluate(FormulaEvaluation.array(formula, arrays, in: context))
        let halves = line.split(separator: ":", omittingEmptySubsequences: false)
        #expect(found.shape == halves[0].split(separator: " ").compactMap { Int($0) }, "\(formula)")
        #expect(
          found.values(as: Double.self) == halves[1].split(separator: " ").compactMap { Double($0) }, "\(formula)")
      } catch {
        Issue.record("\(formula): \(error)")
      }
    }
  }

  @Test func formulasThatCannotBe() throws {
    let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20))
    let x = context.array(try MemoryDataset([1.0, 2, 3, 4, 5, 6], shape: [2, 3]))
    for formula in [
      "concatenate(x)", "concatenate(())", "concatenate((x, x), axis=5)", "stack((x, x[0]))", "roll(x)", "roll(x, 1.5)",
      "pad(x)",
      "pad(x, 1, mode='around')", "pad(x, (1, 2, 3))", "reshape(x, 4)", "x.reshape()", "swapaxes(x, 0)",
      "moveaxis(x, 0, 7)",
      "take(x, [9], axis=0)", "x[[0, 7]]", "x[[0, 1], [1, 2, 0]]", "x[x > 1, 0]", "x[x]", "x[x[0] > 1]", "x[[0.5]]",
      "repeat(x, -1)", "ravel(x, 1)", "pad(x, 1, constant_values=x)",
    ] {
      #expect(throws: FormulaError.self, "\(formula)") { try FormulaEvaluation.array(formula, ["x": x], in: context) }
    }
    #expect(
      try FormulaSyntax(parsing: "pad(x,(1,2),mode='edge')[[0,1],x>2]").description
        == "pad(x, (1, 2), mode='edge')[[0, 1], x > 2]")
  }
}
