// Copies, differences and names on 1, 2, 3 and 4 ranks: one launch of mpirun for each scenario and number of ranks.

import DATestSupport
import Testing

@Suite(.serialized) struct StreamingParallelTests {
  @Test(arguments: ["copy-grids", "copy-failures", "difference"], 1...4)
  func scenario(name: String, ranks: Int) throws {
    let result = try runScenario(name, ranks: ranks)
    #expect(result.exitCode == 0, "\(result.stderr)")
  }

  @Test(arguments: ["open-names", "copy-through-scratch"], 1...4)
  func scenarioWithFiles(name: String, ranks: Int) throws {
    try withTemporaryDirectory { directory in
      let result = try runScenario(name, ranks: ranks, arguments: [directory])
      #expect(result.exitCode == 0, "\(result.stderr)")
    }
  }
}
