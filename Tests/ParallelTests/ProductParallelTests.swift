// Products of matrices on 1, 2, 3 and 4 ranks: one launch of mpirun for each number of ranks.

import DATestSupport
import Testing

@Suite(.serialized) struct ProductParallelTests {
  @Test(arguments: 1...4) func matrixProducts(ranks: Int) throws {
    try withTemporaryDirectory { directory in
      let result = try runScenario("matrix-products", ranks: ranks, arguments: [directory])
      #expect(result.exitCode == 0, "\(result.stderr)")
    }
  }
}
