// Reading and assigning parts of arrays on 1, 2, 3 and 4 ranks: one launch of mpirun for each number of ranks.

import DATestSupport
import Testing

@Suite(.serialized) struct IndexingParallelTests {
  @Test(arguments: ["element-access", "indexed-arrays"], 1...4) func indexing(scenario: String, ranks: Int) throws {
    let result = try runScenario(scenario, ranks: ranks)
    #expect(result.exitCode == 0, "\(result.stderr)")
  }

  @Test(arguments: 1...4) func updatedArrays(ranks: Int) throws {
    try withTemporaryDirectory { directory in
      let result = try runScenario("updated-arrays", ranks: ranks, arguments: ["\(directory)/u"])
      #expect(result.exitCode == 0, "\(result.stderr)")
    }
  }
}
