// The whole system against NumPy: random programs over random arrays, on 1, 2, 3 and 4 ranks.

import DATestSupport
import Foundation
import Testing

@Suite(.serialized) struct RandomProgramTests {
  private static let isSlow = ProcessInfo.processInfo.environment["DASTORE_SLOW_TESTS"] != nil
  /// The first seed stands; others come with every slow run.
  private static var seeds: [UInt64] { isSlow ? [1] + (0..<8).map { _ in .random(in: 2..<1 << 40) } : [1] }

  @Test(arguments: seeds) func programsGiveWhatNumPyGivesOnAnyNumberOfRanks(seed: UInt64) throws {
    let count = Self.isSlow ? 500 : 60
    print("\(count) random programs of seed \(seed)")
    try withTemporaryDirectory { folder in
      let made = try TestPython.run("Tests/Golden/random_formulas.py", ["make", folder, "\(seed)", "\(count)"])
      #expect(made.exitCode == 0, "\(made.stderr)")
      for ranks in 1...4 {
        let result = try runScenario("random-programs", ranks: ranks, arguments: [folder], timeout: 900)
        #expect(result.exitCode == 0, "seed \(seed), \(ranks) ranks: \(result.stderr)")
      }
      let alone = try Data(contentsOf: URL(filePath: "\(folder)/results.1"))
      for ranks in 2...4 {
        let together = try Data(contentsOf: URL(filePath: "\(folder)/results.\(ranks)"))
        #expect(alone == together, "seed \(seed): \(ranks) ranks give other bits than one")
      }
      let checked = try TestPython.run(
        "Tests/Golden/random_formulas.py", ["check", folder, "\(folder)/results.1"], timeout: 300)
      #expect(checked.exitCode == 0, "\(checked.stdout)\(checked.stderr)")
    }
  }
}
