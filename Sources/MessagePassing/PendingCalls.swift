// Nonblocking MPI calls under way, and the memory they use until they are done. The inside of every request type.

internal import CMPI

/// MPI requests that are waited for together.
final class PendingCalls {
  private var requests: [MPI_Request?] = []
  // For a receive, the bytes that must come; nil for everything else.
  private var expected: [Int?] = []
  private var memory: [MessageBuffer] = []
  private var hasConcluded = false
  // Without any call, which is so on serial communicators, MPI isn't asked.
  private var isDone: Bool { hasConcluded || requests.isEmpty }

  /// Keeps `buffer` until all calls are done.
  func keep(_ buffer: MessageBuffer) { memory.append(buffer) }

  /// Starts one more call; `body` hands MPI the place of its request.
  /// - Parameter expecting: For a receive, the bytes that must come.
  func start(
    _ call: StaticString, expecting byteCount: Int? = nil, _ body: (UnsafeMutablePointer<MPI_Request?>) -> Int32
  ) throws(MPIError) {
    var request: MPI_Request? = cmpi_request_null()
    do throws(MPIError) {
      try check(call) { body(&request) }
    } catch {
      outlive()
      throw error
    }
    requests.append(request)
    expected.append(byteCount)
  }

  /// Wraps `MPI_Waitall`.
  func wait() throws(MPIError) {
    guard !isDone else { return }
    var statuses = [MPI_Status](repeating: MPI_Status(), count: requests.count)
    try conclude("MPI_Waitall", &statuses) { MPI_Waitall(Int32(requests.count), &requests, $0) }
  }

  /// Wraps `MPI_Testall`.
  func test() throws(MPIError) -> Bool {
    guard !isDone else { return true }
    var statuses = [MPI_Status](repeating: MPI_Status(), count: requests.count)
    var flag: Int32 = 0
    MPIEnvironment.requireOwnerThread("MPI_Testall")
    let code = MPI_Testall(Int32(requests.count), &requests, &flag, &statuses)
    guard code != MPI_SUCCESS || flag != 0 else { return false }
    try conclude("MPI_Testall", &statuses) { _ in code }
    return true
  }

  /// Withdraws receives that nobody will send to. Wraps `MPI_Cancel`.
  func cancel() throws(MPIError) {
    guard !isDone else { return }
    for index in requests.indices where requests[index] != cmpi_request_null() {
      try check("MPI_Cancel") { MPI_Cancel(&requests[index]) }
    }
    expected = expected.map { _ in nil }
    try wait()
  }

  private func conclude(
    _ call: StaticString, _ statuses: inout [MPI_Status], _ body: (UnsafeMutablePointer<MPI_Status>) -> Int32
  ) throws(MPIError) {
    hasConcluded = true
    MPIEnvironment.requireOwnerThread(call)
    let code = body(&statuses)
    guard code == MPI_SUCCESS else {
      outlive()
      let failures = statuses.map(\.MPI_ERROR).filter { $0 != MPI_SUCCESS && $0 != MPI_ERR_PENDING }
      throw MPIError(returned: code == MPI_ERR_IN_STATUS ? failures.first ?? code : code, by: "\(call)")
    }
    for (status, expected) in zip(statuses, expected) {
      if let expected { try requireCount(status, expected, "\(call)") }
    }
  }

  /// After a failure MPI may still use the memory, so it is never given back.
  private func outlive() {
    hasConcluded = true
    _ = Unmanaged.passRetained(self)
  }
}

/// Checks that a message was as long as its receiver asked. Wraps `MPI_Get_count`, which for messages can be trusted.
func requireCount(_ status: MPI_Status, _ expected: Int, _ call: String) throws(MPIError) {
  var status = status
  var found: Int32 = 0
  try check("MPI_Get_count") { MPI_Get_count(&status, cmpi_byte(), &found) }
  guard Int(found) == expected else {
    throw .short(call, "message from rank \(status.MPI_SOURCE)", expected: expected, found: Int(found))
  }
}
