// What DistArray's tests show of its arrays, on 1, 2, 3 and 4 ranks.

import DATestSupport
import Testing

@Suite(.serialized) struct BehaviourParallelTests {
  @Test(
    arguments: [
      "behaviours-assignment", "behaviours-creation", "behaviours-elements", "behaviours-files", "behaviours-functions",
      "behaviours-random", "behaviours-reductions", "behaviours-slices", "behaviours-views",
    ], 1...4)
  func scenario(name: String, ranks: Int) throws {
    let result = try runScenario(name, ranks: ranks)
    #expect(result.exitCode == 0, "\(result.stderr)")
  }
}
