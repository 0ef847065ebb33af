// Joined, reshaped and masked arrays on 1, 2, 3 and 4 ranks: one launch of mpirun for each number of ranks.

import DATestSupport
import Testing

@Suite(.serialized) struct AssemblyParallelTests {
  @Test(arguments: 1...4) func assembledArrays(ranks: Int) throws {
    try withTemporaryDirectory { directory in
      let result = try runScenario("assembled-arrays", ranks: ranks, arguments: [directory])
      #expect(result.exitCode == 0, "\(result.stderr)")
    }
  }

  @Test(arguments: 1...4) func rechunkedArrays(ranks: Int) throws {
    try withTemporaryDirectory { directory in
      let result = try runScenario("rechunked-arrays", ranks: ranks, arguments: [directory])
      #expect(result.exitCode == 0, "\(result.stderr)")
    }
  }
}
