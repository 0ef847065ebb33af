// Every back end keeps every promise on several ranks; ConformanceTests run the same suite in one process.

import DAStore
import DATestSupport
import Testing

@Suite(.serialized) struct ConformanceParallelTests {
  // Sets of `.dnpy` 1.0 files run the suite among their own tests.
  @Test(arguments: 1...4, [StoreFormat.memory, .npy, .dnpy2, .hdf5])
  func conformance(ranks: Int, format: StoreFormat) throws {
    let result = try runScenario("conformance", ranks: ranks, arguments: [format.rawValue], timeout: 300)
    #expect(result.exitCode == 0, "\(result.stderr)")
  }

  @Test(arguments: 1...4)
  func flush(ranks: Int) throws {
    let result = try runScenario("flush", ranks: ranks)
    #expect(result.exitCode == 0, "\(result.stderr)")
  }
}
