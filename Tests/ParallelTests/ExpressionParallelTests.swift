// Expressions on 1, 2, 3 and 4 ranks: one launch of mpirun for each scenario and number of ranks.

import DATestSupport
import Foundation
import Testing

@Suite(.serialized) struct ExpressionParallelTests {
  @Test(arguments: 1...4) func expressions(ranks: Int) throws {
    try withTemporaryDirectory { folder in
      let result = try runScenario("expressions", ranks: ranks, arguments: [folder])
      #expect(result.exitCode == 0, "\(result.stderr)")
    }
  }

  @Test(arguments: 1...4) func severalResultsTogether(ranks: Int) throws {
    try withTemporaryDirectory { folder in
      let result = try runScenario("expressions-together", ranks: ranks, arguments: [folder])
      #expect(result.exitCode == 0, "\(result.stderr)")
    }
  }

  @Test(arguments: 1...4) func failuresLeaveNothing(ranks: Int) throws {
    try withTemporaryDirectory { folder in
      let result = try runScenario("expression-failures", ranks: ranks, arguments: [folder], timeout: 20)
      #expect(result.exitCode == 0, "\(result.stderr)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
  }
}
