// Formulas against NumPy itself: the same text, evaluated by both, gives the same type, shape and elements.

import DAStore
import DATestSupport
import Foundation
import Testing

@testable import DistArray

@Suite struct FormulaNumPyTests {
  @Test func formulasGiveWhatNumPyGives() throws {
    try withTemporaryDirectory { folder in
      let made = try TestPython.run("Tests/Golden/check_formulas.py", ["make", folder])
      #expect(made.exitCode == 0, "\(made.stderr)")
      let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 32 << 20))
      var arrays: [String: DistArray] = [:]
      for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where file.hasSuffix(".npy") {
        let name = String(file.dropLast(4))
        let source = try context.open("\(folder)/\(file)")
        // Chunks that divide no axis.
        try source.write(to: "\(folder)/\(name).dnpy", chunks: source.shape.map { max(1, min($0, 4)) })
        arrays[name] = try context.open("\(folder)/\(name).dnpy")
      }
      for (number, formula) in FormulaCases.all.enumerated() {
        do {
          try FormulaEvaluation.array(formula, arrays, in: context).write(to: "\(folder)/\(number).npy")
        } catch {
          try "\(error)".write(toFile: "\(folder)/\(number).refused", atomically: true, encoding: .utf8)
        }
      }
      try FormulaCases.all.joined(separator: "\n").write(
        toFile: "\(folder)/formulas.txt", atomically: true, encoding: .utf8)
      let checked = try TestPython.run("Tests/Golden/check_formulas.py", ["check", folder])
      #expect(checked.exitCode == 0, "\(checked.stdout)\(checked.stderr)")
    }
  }

  @Test func longAndNestedFormulasAreComputed() throws {
    let context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 32 << 20))
    let x = try context.array([1.0, 2.0])
    func values(_ text: String) throws -> [Double]? {
      try context.evaluate(FormulaEvaluation.array(text, ["x": x], in: context)).values(as: Double.self)
    }
    func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
    #expect(try values("x" + repeated(" + x", FormulaSyntax.maximumHeight - 1)) == [1000, 2000])
    #expect(try values("1.0" + repeated(" + 1", FormulaSyntax.maximumHeight - 1)) == [1000])
    #expect(try values("x" + repeated(".T", FormulaSyntax.maximumHeight - 1)) == [1, 2])
    #expect(try values("x" + repeated("[::-1]", 400)) == [1, 2])
    #expect(
      try values(repeated("abs(", FormulaSyntax.maximumNesting) + "x" + repeated(")", FormulaSyntax.maximumNesting))
        == [1, 2])
    #expect(try values(repeated("-", FormulaSyntax.maximumNesting) + "x") == [1, 2])
  }
}
