// Reductions on 1, 2, 3 and 4 ranks.

import DATestSupport
import Testing

@Suite(.serialized) struct ReductionParallelTests {
  @Test(arguments: ["reductions", "reductions-together", "reduction-failures"], 1...4)
  func scenario(name: String, ranks: Int) throws {
    let result = try runScenario(name, ranks: ranks)
    #expect(result.exitCode == 0, "\(result.stderr)")
  }
}
