// Files written by 1, 2, 3 and 4 ranks: the independent reader finds the same array in each.

import DATestSupport
import Testing

@Suite(.serialized) struct ReaderParallelTests {
  @Test(arguments: 1...4) func readsWhatRanksWroteTogether(ranks: Int) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/\(ranks).dnpy"
      let written = try runScenario("dnpy2-write-for-reader", ranks: ranks, arguments: [path])
      try #require(written.exitCode == 0, "\(written.stderr)")
      let expected = written.stdout.split(separator: "\n")
      try #require(expected.count == 2 && expected[0] != expected[1], "\(written.stdout)")
      #expect(expected == Self.digests)
      for generation in [1, 2] {
        let result = try TestPython.runReader([path, "--generation", "\(generation)", "--verify", "--digest"])
        try #require(result.exitCode == 0, "\(result.stderr)")
        #expect(result.stdout == expected[generation - 1] + "\n")
      }
    }
  }

  @Test(arguments: 1...4) func largeRoundsArriveWhole(ranks: Int) throws {
    try withTemporaryDirectory { directory in
      let path = "\(directory)/\(ranks).dnpy"
      let written = try runScenario("dnpy2-large-rounds", ranks: ranks, arguments: [path])
      try #require(written.exitCode == 0, "\(written.stderr)")
      let result = try TestPython.runReader([path, "--verify"])
      #expect(result.exitCode == 0, "\(result.stderr)")
    }
  }

  @Test(arguments: 1...4) func largeRoundsOfNpyArriveWhole(ranks: Int) throws {
    try withTemporaryDirectory { directory in
      let written = try runScenario("npy-large-rounds", ranks: ranks, arguments: ["\(directory)/\(ranks).npy"])
      #expect(written.exitCode == 0, "\(written.stderr)")
    }
  }

  /// Of the two generations, whatever the number of ranks.
  private static let digests: [Substring] = [
    "dd1:9c5b5c8d89ca0d0c99b48d5b6136af96", "dd1:f7366beec809b0d37afc375471de53f4",
  ]
}
