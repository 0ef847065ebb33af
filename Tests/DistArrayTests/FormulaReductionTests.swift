// Calls of reductions in formulas: spellings beyond NumPy's tests, and what is refused, with its place.

import DAStore
import MessagePassing
import Testing

@testable import DistArray

@Suite struct FormulaReductionTests {
  private static let refused = [
    ("sum(x, out=x)", "           ^", "a formula writes into no array; store its result with -o"),
    ("x.norm()", "^~~~~~~~", "is a function, not a method of arrays"),
    ("norm()", "^~~~~~", "an array is missing between the parentheses"),
    ("allclose(x)", "^~~~~~~~~~~", "'allclose' compares two arrays"),
    ("norm(x, 'nuc')", "        ^~~~~", "the nuclear norm needs singular values, which are not available"),
    ("norm(x, 'max')", "        ^~~~~", "the order of a norm is a number, inf, -inf or 'fro'"),
    ("norm(x, [1])", "        ^~~", "a list where the order of a norm is needed"),
    (
      "norm(x, 2)", "^~~~~~~~~~",
      "the norm 2.0 of matrices needs singular values, which are not available; use 'fro', 1 or inf"
    ),
    ("cumsum(x, axis=(0, 1))", "               ^~~~~~", "'axis' is one integer"),
    ("cumsum(x, keepdims=True)", "          ^~~~~~~~", "unknown keyword argument 'keepdims'"),
    ("sum(x, dtype='f5')", "             ^~~~", "unknown element type 'f5'"),
    ("histogram(x, [1, 2, 3])", "             ^~~~~~~~~", "bins are given by their number; they are all of one size"),
    ("histogram(x, range=(2, 1))", "                   ^~~~~~", "max must be larger than min in range parameter."),
    ("histogram(x, range=3)", "                   ^", "a range is a pair of numbers: (low, high)"),
    (
      "bincount(x[0], x[0])", "               ^~~~",
      "'weights' are not available; count the elements of each weight apart"
    ),
    (
      "average(x, returned=True)", "                    ^~~~",
      "a formula has one result; the sum of the weights is another"
    ),
    ("nanmeen(x)", "^~~~~~~", "unknown function 'nanmeen'; did you mean 'nanmean'?"),
  ]

  @Test(arguments: refused) func aMistakeIsNamedAndPointedAt(_ text: String, _ marks: String, _ message: String) throws
  {
    let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 8 << 20))
    let x = try context.array([1.0, 2, 3, 4, 5, 6], shape: [2, 3])
    do {
      _ = try FormulaEvaluation.array(text, ["x": x], in: context)
      Issue.record("\(text) is computed")
    } catch {
      #expect(error.message.hasPrefix(message), "\(text)")
      #expect(error.pointing.split(separator: "\n").last.map(String.init) == marks, "\(text): \(error.pointing)")
    }
  }

  @Test func spellings() throws {
    let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 8 << 20))
    let x = try context.array([1.0, 2, 3, 4, 5, 6], shape: [2, 3])
    func values(_ text: String) throws -> [Double]? {
      try context.evaluate(FormulaEvaluation.array(text, ["x": x], in: context).astype(.float64)).values(
        as: Double.self)
    }
    for text in [
      "np.linalg.norm(x, axis=1)", "numpy.linalg.norm(x, None, 1)", "linalg.norm(x, axis=1)", "norm(x, axis=1)",
    ] {
      #expect(try values(text) == [3.7416573867739413, 8.774964387392123], "\(text)")
    }
    #expect(try values("x.sum(axis=None, dtype=None, out=None, keepdims=False, initial=None)") == [21])
    #expect(try values("x.cumsum().prod()") == [1 * 3 * 6 * 10 * 15 * 21])
    #expect(try values("histogram(x, 5)") == [1, 1, 1, 1, 2])
    #expect(try values("histogram(x, bins=2, range=(0, 4))") == [1, 3])
    #expect(try values("histogram(x, 2, density=True)") == [0.19999999999999998, 0.19999999999999998])
    #expect(try values("histogram_bin_edges(x, 2)") == [1, 3.5, 6])
  }
}
