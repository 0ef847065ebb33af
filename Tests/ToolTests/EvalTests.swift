// `eval`: what it stores and prints is what NumPy computes; what it refuses, and how it says so.

import DATestSupport
import Foundation
import Testing

@Suite struct EvalTests {
  /// Makes the arrays that Tests/Golden/check_formulas.py names, as `a.npy`, `b.npy`, ….
  private func withArrays(_ body: (ToolFolder) throws -> Void) throws {
    try withToolFolder { folder in
      #expect(try TestPython.run("Tests/Golden/check_formulas.py", ["make", folder.path]).exitCode == 0)
      try body(folder)
    }
  }

  @Test func storesWhatNumPyComputes() throws {
    let formulas: [(text: String, names: [String], ranks: Int?)] = [
      ("sin(a) * b + sqrt(abs(c))", ["a", "b", "c"], nil), ("(a - mean(a, axis=0)) / std(a, axis=0)", ["a"], 2),
      ("where(p, i, 0) // 2", ["p", "i"], 3), ("x[1:] - x[:-1]", ["x"], nil), ("z * w", ["z", "w"], 2),
      ("(a > 1) & q", ["a", "q"], nil), ("mean(b)", ["b"], 3), ("sum(n, axis=0)", ["n"], 2),
      ("s + t", ["s", "t"], nil),
      ("a.T[::-2, None]", ["a"], 2),
    ]
    try withArrays { folder in
      for (number, formula) in formulas.enumerated() {
        let inputs = formula.names.flatMap { ["-i", "\($0)=\($0).npy"] }
        let result = try folder.run(["eval", formula.text, "-o", "\(number).npy"] + inputs, ranks: formula.ranks)
        #expect(result.exitCode == 0, "\(formula.text): \(result.stderr)")
      }
      let lines = formulas.map(\.text).joined(separator: "\n")
      try lines.write(toFile: folder.file("formulas.txt"), atomically: true, encoding: .utf8)
      let checked = try TestPython.run("Tests/Golden/check_formulas.py", ["check", folder.path])
      #expect(checked.exitCode == 0, "\(checked.stdout)\(checked.stderr)")
    }
  }

  @Test func theTargetDoesNotShowTheRanks() throws {
    try withToolFolder { folder in
      let generated = ["generate", "--shape", "60,70", "--chunks", "16,20"]
      #expect(try folder.run(generated + ["a.dnpy"]).exitCode == 0)
      #expect(try folder.run(generated + ["--seed", "1", "b.dnpy"]).exitCode == 0)
      let formula = ["eval", "(a - mean(a, axis=0)) * b.std() + exp(-b[:, ::-1])", "-i", "a=a.dnpy", "-i", "b=b.dnpy"]
      var digests: Set<String> = []
      for ranks in [nil, 1, 2, 3, 4] as [Int?] {
        let target = "t\(ranks ?? 0).dnpy"
        let options = ["--memory", "1MiB", "--chunks", "13,70", "-o", target]
        let result = try folder.run(formula + options, ranks: ranks)
        #expect(result.exitCode == 0, "\(result.stderr)")
        digests.insert(try folder.run("digest", target).stdout)
        #expect(try folder.run("info", "--json", target).json["chunks"] as? [Int] == [13, 70])
      }
      #expect(digests.count == 1)
    }
  }

  @Test func printsLikeShow() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let shown = "[[ 0  2  4  6]\n [ 8 10 12 14]\n [16 18 20 22]]\n"
      #expect(try folder.run("eval", "a[1] * 2 - 24", "-i", "a=a.npy").stdout == shown)
      #expect(try folder.run("eval", "max(a) / 4", "-i", "a=a.npy", ranks: 2).stdout == "5.75\n")
      #expect(try folder.run("eval", "a[..., 3] >= 11", "-i", "a=a.npy[1:]").stdout == "[[ True  True  True]]\n")
      #expect(try folder.run("eval", "2 ** 0.5").stdout == "1.4142135623730951\n")
    }
  }

  @Test func answersAsJSON() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      for ranks in [nil, 2] as [Int?] {
        let answer = try folder.run("eval", "--json", "mean(a, axis=2)", "-i", "a=a.npy", ranks: ranks).json
        #expect(Set(costKeys).isSubset(of: answer.keys))
        #expect(answer["shape"] as? [Int] == [2, 3])
        #expect(answer["dtype"] as? String == "<f8")
        #expect(answer["text"] as? String == "[[ 1.5  5.5  9.5]\n [13.5 17.5 21.5]]")
        #expect(answer["ranks"] as? Int == ranks ?? 1)
      }
      let stored = try folder.run("eval", "--json", "a + 1", "-i", "a=a.npy", "-o", "b.dnpy").json
      #expect(Set(costKeys + ["target", "logical_bytes", "stored_bytes", "chunks"]).isSubset(of: stored.keys))
      #expect(stored["logical_bytes"] as? Int == 96)
      #expect(stored["read_bytes"] as? Int == 96)
    }
  }

  @Test func severalFormulasAreComputedTogether() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      for ranks in [nil, 2] as [Int?] {
        let formulas = ["mean(a)", "max(a, axis=2)", "a[:, 0] - 1"]
        let answer = try folder.run(["eval", "--json", "-i", "a=a.npy"] + formulas.dropLast(), ranks: ranks).json
        #expect(Set(costKeys).isSubset(of: answer.keys))
        #expect(answer["read_bytes"] as? Int == 96)
        let results = answer["results"] as? [[String: Any]]
        #expect(results?.map { $0["formula"] as? String } == ["mean(a)", "max(a, axis=2)"])
        #expect(results?.map { $0["text"] as? String } == ["11.5", "[[ 3  7 11]\n [15 19 23]]"])
        let targets = ["-o", "m.npy", "-o", "x.dnpy", "-o", "s.dnpy", "--force", "--chunks", "auto"]
        let stored = try folder.run(["eval", "-i", "a=a.npy"] + formulas + targets, ranks: ranks)
        #expect(stored.exitCode == 0, "\(stored.stderr)")
        #expect(stored.stdout.contains("x.dnpy: (2, 3) int32\n"))
        #expect(try folder.run("show", "x.dnpy").stdout == "[[ 3  7 11]\n [15 19 23]]\n")
        #expect(try folder.run("show", "s.dnpy").stdout == "[[-1  0  1  2]\n [11 12 13 14]]\n")
        #expect(try folder.run("show", "m.npy").stdout == "11.5\n")
      }
      for wrong in [["-o", "b.npy"], ["-o", "b.npy", "-o", "b.npy"]] {
        let result = try folder.run(["eval", "mean(a)", "a + 1", "-i", "a=a.npy"] + wrong)
        #expect(result.exitCode == 2, "\(result.stderr)")
        #expect(result.errors.count == 1)
      }
      #expect(!(try folder.names.contains("b.npy")))
    }
  }

  @Test func explainsWithoutComputing() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let formula = "(a - mean(a, axis=0)) / std(a, axis=0)"
      for target in [[], ["-o", "b.npy"]] {
        let result = try folder.run(["eval", "--explain", formula, "-i", "a=a.npy"] + target, ranks: 2)
        #expect(result.exitCode == 0, "\(result.stderr)")
        #expect(result.stdout.contains("pass 1: mean, std of (2, 3, 4) int32 over axes 0\n"))
        #expect(result.stdout.contains("pass 2: (2, 3, 4) float64"))
        #expect(result.stdout.contains(target.isEmpty ? "all elements on every rank" : "to b.npy"))
        #expect(result.stdout.contains("  source a.npy: (2, 3, 4) int32"))
        let plan = try folder.run(["eval", "--explain", "--json", formula, "-i", "a=a.npy"] + target).json
        #expect((plan["passes"] as? [[String: Any]])?.map { $0["read_bytes"] as? Int } == [96, 96])
        #expect((plan["passes"] as? [[String: Any]])?.last?["written_bytes"] as? Int == (target.isEmpty ? 0 : 192))
        #expect(try folder.names == ["a.npy"])
      }
    }
  }

  /// Formula, mark below it, part of the message.
  @Test(arguments: [
    ("sin(a) + bb", "         ^~", "unknown name 'bb'"), ("sine(a)", "^~~~", "did you mean 'sin'?"),
    ("a +", "   ^", "expected a value"), ("a + a[:, 1]", "^~~~~~~~~~~", "could not be broadcast"),
    ("mean(a, axis=7)", "^~~~~~~~~~~~~~~", "axis 7"), ("mean(a, axes=1)", "        ^~~~", "did you mean 'axis'?"),
    ("a << 1.5", "^~~~~~~~", "left_shift"), ("a[a]", "^~~~", "index 2 is out of bounds for axis 0 with size 2"),
    ("a @ a", "^~~~~", "size 3 is different from 4"), ("a[9]", "^~~~", "9"), ("1 / 0", "^~~~~", "division by zero"),
    ("a.shap", "^~~~~~", "did you mean 'shape'?"), ("a.shape", "^~~~~~~", "a list"),
    ("argmax(a, 0, None, True, 3)", "                         ^", "too many"),
    ("modf(a)", "^~~~~~~", "choose one of its 2 arrays"),
    ("sin(a, where=a)", "       ^~~~~", "write where(condition, sin(…), otherwise)"),
    ("a.astype('text')", "         ^~~~~~", "element type"),
    ("a < 1 < 2", "      ^", "cannot be chained"), ("[a, a]", "^~~~~~", "a list"),
    ("mean(a, axis='x')", "             ^~~", "a text"),
  ]) func mistakesArePointedAt(_ formula: String, _ mark: String, _ message: String) throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let result = try folder.run("eval", formula, "-i", "a=a.npy", "-o", "b.npy")
      #expect(result.exitCode == 2)
      let lines = result.stderr.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines.count == 4, "\(result.stderr)")
      #expect(lines.first == formula)
      #expect(lines.dropFirst().first == mark, "\(result.stderr)")
      #expect(result.errors.count == 1)
      #expect(result.errors.first?.contains(message) == true, "\(result.stderr)")
      #expect(result.stdout.isEmpty)
      #expect(try folder.names == ["a.npy"])
    }
  }

  @Test func mistakesAreToldOnceByManyRanks() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let result = try folder.run("eval", "a + b", "-i", "a=a.npy", ranks: 3)
      #expect(result.exitCode == 2)
      #expect(result.errors.count == 1)
      #expect(result.stderr.components(separatedBy: "a + b\n    ^\n").count == 2, "\(result.stderr)")
      let power = try folder.run("eval", "3 ** (a - 20)", "-i", "a=a.npy", "-o", "b.dnpy", ranks: 3)
      #expect(power.exitCode == 2, "\(power.stderr)")
      #expect(power.errors.count == 1)
      #expect(power.errors.first?.contains("negative integer powers") == true)
      #expect(try folder.names == ["a.npy"])
    }
  }

  @Test(arguments: ["a", "=a.npy", "a=", "1a=a.npy", "a b=a.npy", "", "=", "a-b=a.npy"])
  func wrongInputsAreTwo(_ input: String) throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let result = try folder.run("eval", "1", "-i", input)
      #expect(result.exitCode == 2, "\(result.stderr)")
      #expect(result.errors.count == 1)
    }
  }

  @Test func whatCannotBeReadOrWritten() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      #expect(try folder.run("eval", "a", "-i", "a=missing.npy").exitCode == 3)
      #expect(try folder.run("eval", "a", "-i", "a=a.npy[7]").exitCode == 2)
      #expect(try folder.run("eval", "a", "-i", "a=a.npy", "-i", "a=a.npy").exitCode == 2)
      #expect(try folder.run("eval", "a", "-i", "a=a.npy", "-o", "b.xyz").exitCode == 2)
      #expect(try folder.run("eval", "a", "-i", "a=a.npy", "--chunks", "0,1,1", "-o", "b.dnpy").exitCode == 2)
      let refused = try folder.run("eval", "a + 1", "-i", "a=a.npy", "-o", "a.npy")
      #expect(refused.exitCode == 4)
      #expect(refused.errors.count == 1)
      #expect(try folder.run("show", "a.npy[0, 0]").stdout == "[0 1 2 3]\n")
      #expect(try folder.names == ["a.npy"])
      // A target may even take its source's place: it appears when it is whole.
      #expect(try folder.run("eval", "a + 1", "-i", "a=a.npy", "-o", "a.npy", "--force", ranks: 2).exitCode == 0)
      #expect(try folder.run("show", "a.npy[0, 0]").stdout == "[1 2 3 4]\n")
    }
  }

  @Test func smallBudgetsAreRefusedWithTheSmallestThatDoes() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      for (formula, target) in [("a * a", ["-o", "b.dnpy"]), ("a * a", []), ("sum(a, axis=0) + a", [])] {
        let command = ["eval", formula, "-i", "a=a.npy"] + target
        let result = try folder.run(command + ["--memory", "10"])
        #expect(result.exitCode == 4, "\(command): \(result.stderr)")
        #expect(result.errors.count == 1)
        #expect(result.errors.first?.contains("--memory") == true, "\(result.stderr)")
        #expect(try folder.names == ["a.npy"])
      }
    }
  }

  @Test(arguments: ["INT", "TERM"]) func interruptionLeavesNothing(_ signal: String) throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      // Far more than can be computed before the signal comes.
      let script = """
        "$tool" eval 'sin(broadcast_to(a[0, 0, :, None, None], (4, 4096, 262144)))' -i a=a.npy -o big.dnpy & job=$!
        until ls -A | grep -q partial; do kill -0 $job || exit 99; done
        kill -\(signal) $job
        wait $job
        """
      let result = try folder.shell(script)
      #expect(result.exitCode == (signal == "INT" ? 130 : 143), "\(result.stderr)")
      #expect(try folder.names == ["a.npy"], "\(result.stderr)")
    }
  }
}
