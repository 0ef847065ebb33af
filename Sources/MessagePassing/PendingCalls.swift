// Nonblocking MPI calls under way, and the memory they use until they are done. The inside of every request type.

internal import CMPI

/// MPI requests that are waited for together.
///
/// One by one all the same: Open MPI 4.1's `MPI_Waitall` waits for ever for a message that has come and was too long.
final class PendingCalls {
  private struct Call {
    var name: StaticString
    var request: MPI_Request?
    /// For a receive, the bytes that must come; nil for everything else.
    var expected: Int?
  }
  // Those not yet known to be done, in the order they were started.
  private var calls: [Call] = []
  private var memory: [MessageBuffer] = []

  /// Keeps `buffer` until all calls are done.
  func keep(_ buffer: MessageBuffer) { memory.append(buffer) }

  /// Starts one more call; `body` hands MPI the place of its request.
  /// - Parameter expecting: For a receive, the bytes that must come.
  func start(
    _ name: StaticString, expecting byteCount: Int? = nil, _ body: (UnsafeMutablePointer<MPI_Request?>) -> Int32
  ) throws(MPIError) {
    var request: MPI_Request? = cmpi_request_null()
    do throws(MPIError) {
      try check(name) { body(&request) }
    } catch {
      outlive()
      throw error
    }
    calls.append(Call(name: name, request: request, expected: byteCount))
  }

  /// Waits for all calls. Wraps `MPI_Wait`.
  func wait() throws(MPIError) {
    try advance { (request, status) throws(MPIError) in
      try check("MPI_Wait") { MPI_Wait(&request, &status) }
      return true
    }
  }

  /// Whether all calls are done. Wraps `MPI_Test`.
  func test() throws(MPIError) -> Bool {
    try advance { (request, status) throws(MPIError) in
      var flag: Int32 = 0
      try check("MPI_Test") { MPI_Test(&request, &flag, &status) }
      return flag != 0
    }
    return calls.isEmpty
  }

  /// Gives up receives that nobody may be sending to. Wraps `MPI_Cancel`.
  func cancel() throws(MPIError) {
    for index in calls.indices {
      try check("MPI_Cancel") { MPI_Cancel(&calls[index].request) }
      // What was received before it was given up may have been too long, which matters no more.
      var status = MPI_Status()
      do throws(MPIError) {
        try check("MPI_Wait") { MPI_Wait(&calls[index].request, &status) }
      } catch {
        guard error.errorClass == MPI_ERR_TRUNCATE else { throw error }
      }
    }
    calls = []
  }

  /// Asks about the calls, in order, until `isDone` says that one is not.
  private func advance(_ isDone: (inout MPI_Request?, inout MPI_Status) throws(MPIError) -> Bool) throws(MPIError) {
    var doneCount = 0
    do throws(MPIError) {
      for index in calls.indices {
        var status = MPI_Status()
        guard try isDone(&calls[index].request, &status) else { break }
        if let expected = calls[index].expected { try requireCount(status, expected, calls[index].name) }
        doneCount += 1
      }
    } catch {
      outlive()
      throw error
    }
    calls.removeFirst(doneCount)
  }

  /// After a failure MPI may still use the memory of the other calls, so it is never given back.
  private func outlive() {
    calls = []
    _ = Unmanaged.passRetained(self)
  }
}

/// Checks that a message was as long as its receiver asked. Wraps `MPI_Get_count`, which for messages can be trusted.
func requireCount(_ status: MPI_Status, _ expected: Int, _ call: StaticString) throws(MPIError) {
  var status = status
  var found: Int32 = 0
  try check("MPI_Get_count") { MPI_Get_count(&status, cmpi_byte(), &found) }
  guard Int(found) == expected else {
    throw .short("\(call)", "message from rank \(status.MPI_SOURCE)", expected: expected, found: Int(found))
  }
}
