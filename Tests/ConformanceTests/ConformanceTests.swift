// Every back end keeps every promise, in one process. ParallelTests run the same suite under mpirun.

import DATestSupport
import MessagePassing
import Testing

@Suite struct ConformanceTests {
  @Test(arguments: BackEnd.all, ConformanceCheck.all)
  func keeps(_ backEnd: BackEnd, _ check: ConformanceCheck) throws {
    try check.run(backEnd, .serial)
  }
}
