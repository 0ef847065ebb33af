// Users' functions on 1, 2, 3 and 4 ranks: one launch of mpirun for each number of ranks.

import DATestSupport
import Testing

@Suite(.serialized) struct FunctionParallelTests {
  @Test(arguments: ["block-functions", "failing-functions"], 1...4)
  func functions(scenario: String, ranks: Int) throws {
    try withTemporaryDirectory { directory in
      let result = try runScenario(scenario, ranks: ranks, arguments: [directory])
      #expect(result.exitCode == 0, "\(result.stderr)")
    }
  }
}
