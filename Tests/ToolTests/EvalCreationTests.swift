// Formulas without sources: new arrays at the shell.

import DATestSupport
import Testing

@Suite struct EvalCreationTests {
  @Test func formulasNeedNoSource() throws {
    try withToolFolder { folder in
      let squares = try folder.run("eval", "arange(10)**2")
      #expect(squares.stdout == "[ 0  1  4  9 16 25 36 49 64 81]\n", "\(squares.stderr)")
      try folder.makeCounting("x.npy")
      for ranks in [nil, 2, 3] as [Int?] {
        let noisy = try folder.run(
          "eval", "x + 0.1*normal((2, 3, 4), seed=1)", "-i", "x=x.npy", "-o", "\(ranks ?? 1).dnpy", "--quiet",
          ranks: ranks)
        #expect(noisy.exitCode == 0, "\(noisy.stderr)")
        let digest = try folder.run("diff", "1.dnpy", "\(ranks ?? 1).dnpy", "--quiet")
        #expect(digest.exitCode == 0)
      }
      let forgotten = try folder.run("eval", "random(3)")
      #expect(forgotten.exitCode != 0 && forgotten.stderr.contains("random numbers need a seed"))
    }
  }
}
