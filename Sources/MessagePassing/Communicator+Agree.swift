// How a failure on one rank becomes the same failure on all, so that no rank is left waiting in the next collective.

extension Communicator {
  /// Returns `result`'s value if every rank succeeded; otherwise throws the same error on all ranks.
  ///
  /// The error is that of the lowest failing rank, rebuilt everywhere, there too, by `Failure.init(peerBytes:rank:)`. A
  /// communicator of one rank throws the error itself. Wraps `MPI_Allreduce` of one number when all is well, and
  /// `MPI_Bcast` of the error when not.
  /// - Collective: yes.
  public func agree<Value, Failure: AgreeableError>(_ result: Result<Value, Failure>) throws(Failure) -> Value {
    guard size > 1 else { return try result.get() }
    var bytes: [UInt8] = []
    var firstFailing = size
    if case .failure(let error) = result {
      bytes = error.peerBytes
      firstFailing = rank
    }
    do throws(MPIError) {
      firstFailing = try allReduce(firstFailing, .min)
      if firstFailing < size { try broadcast(&bytes, from: firstFailing) }
    } catch {
      throw Failure(messagePassing: error)
    }
    guard firstFailing == size else { throw Failure(peerBytes: bytes, rank: firstFailing) }
    return try result.get()
  }

  /// Runs `body`, which may fail on any rank, and agrees on the outcome.
  ///
  /// `body` must not contain collective operations after a point where one rank alone may fail.
  /// - Collective: yes.
  public func agree<Value, Failure: AgreeableError>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    try agree(Result(catching: body))
  }
}
