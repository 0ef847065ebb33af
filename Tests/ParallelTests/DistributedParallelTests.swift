// Arrays in memory on 1, 2, 3 and 4 ranks.

import DATestSupport
import Testing

@Suite(.serialized) struct DistributedParallelTests {
  @Test(
    arguments: [
      "distributed-arrays", "distributed-failures", "distributed-writing", "halos", "halos-heat", "redistribution",
      "redistribution-failures", "redistribution-reshapes", "redistribution-rounds", "redistribution-through-disk",
    ], 1...4)
  func scenario(name: String, ranks: Int) throws {
    let result = try runScenario(name, ranks: ranks)
    #expect(result.exitCode == 0, "\(result.stderr)")
  }
}
