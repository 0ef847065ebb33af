// `.dnpy` 1.0 sets on several ranks; ConformanceTests run the same suite on one.

import DATestSupport
import Foundation
import Testing

@Suite(.serialized) struct Dnpy1ParallelTests {
  @Test(arguments: 2...4) func conformance(ranks: Int) throws {
    let result = try runScenario("dnpy1-conformance", ranks: ranks, timeout: 300)
    #expect(result.exitCode == 0, "\(result.stderr)")
  }

  /// The files are the same bytes, whatever number of ranks wrote them.
  @Test func sameFilesFromAnyNumberOfRanks() throws {
    try withTemporaryDirectory { directory in
      for ranks in 1...4 {
        let result = try runScenario("dnpy1-golden", ranks: ranks, arguments: ["\(directory)/by\(ranks)"])
        #expect(result.exitCode == 0, "\(result.stderr)")
        for file in 0..<6 {
          let expected = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/by1_\(file).dnpy"))
          #expect(try Data(contentsOf: URL(fileURLWithPath: "\(directory)/by\(ranks)_\(file).dnpy")) == expected)
          #expect(!expected.isEmpty)
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory).count == 24)
    }
  }
}
