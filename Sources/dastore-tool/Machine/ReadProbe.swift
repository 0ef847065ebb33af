// Shows that collective reads return the right bytes: the case that Open MPI 4.1 gets wrong unless it is told otherwise.

import DAStore
import Glibc
import MessagePassing

/// Ranks read nested ranges of one small file together and count the elements that came out wrong.
///
/// Source: open-mpi/ompi#10546; Docs/RunningWithMPI.md says how it is disarmed.
enum ReadProbe {
  /// With fewer ranks the fault does not show.
  static let fewestRanks = 3
  /// Offset and length of each rank's range, in elements; further ranks start over.
  private static let ranges = [(0, 1000), (10, 500), (5, 800)]

  /// - Parameter directory: Where the file is made, and removed again.
  /// - Returns: Wrong elements on all ranks together, out of how many read.
  /// - Collective: yes, by at least ``fewestRanks``.
  static func run(in directory: String, on communicator: Communicator) throws(StoreError) -> (wrong: Int, read: Int) {
    let process = try passing { () throws(MPIError) in try communicator.broadcast(Int(getpid()), from: 0) }
    let path = "\(directory)/.dastore-read-probe-\(process)"
    let (offset, count) = ranges[communicator.rank % ranges.count]
    let whole = UnsafeMutableBufferPointer<Int32>.allocate(capacity: ranges[0].1)
    let part = UnsafeMutableBufferPointer<Int32>.allocate(capacity: count)
    defer {
      whole.deallocate()
      part.deallocate()
    }
    for index in whole.indices { whole.initializeElement(at: index, to: Int32(index)) }
    part.initialize(repeating: -1)
    return try passing { () throws(MPIError) in
      let file = try ParallelFile.open(path, [.readWrite, .create, .exclusive, .deleteOnClose], on: communicator)
      try communicator.agree { () throws(MPIError) in
        if communicator.rank == 0 { try file.write(at: 0, from: UnsafeRawBufferPointer(whole)) }
      }
      try file.sync()
      try communicator.barrier()
      try file.readAll(at: offset * MemoryLayout<Int32>.size, into: UnsafeMutableRawBufferPointer(part))
      try file.close()
      let wrong = part.indices.count { part[$0] != Int32(offset + $0) }
      let totals = try communicator.allReduce([wrong, count], .sum)
      return (totals[0], totals[1])
    }
  }
}
