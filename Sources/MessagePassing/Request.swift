// Sends and receives under way.

/// A nonblocking send, or a receive into the caller's memory. Dropping it unfinished is a precondition failure.
public final class Request {
  private enum Work {
    case mpi(PendingCalls)
    case mailbox(Mailbox, tag: Int32, into: UnsafeMutableRawBufferPointer)
    case done
  }
  private var work: Work

  init(_ pending: PendingCalls) { work = .mpi(pending) }

  init(_ mailbox: Mailbox, tag: Int32, into target: UnsafeMutableRawBufferPointer) {
    work = .mailbox(mailbox, tag: tag, into: target)
  }

  deinit {
    if case .done = work { return }
    preconditionFailure("a request was dropped before it was done")
  }

  /// Waits until the memory may be used again; for a receive, until the message is there.
  ///
  /// Wraps `MPI_Wait`. Waiting again does nothing. After an error the request counts as done.
  /// - Collective: no.
  public func wait() throws(MPIError) {
    let work = work
    self.work = .done
    switch work {
    case .mpi(let pending): try pending.wait()
    case .mailbox(let mailbox, let tag, let target): try mailbox.take(into: target, tag: tag)
    case .done: break
    }
  }

  /// Whether the transfer is done; moves it on if not.
  ///
  /// Wraps `MPI_Test`. After an error the request counts as done.
  /// - Collective: no.
  public func test() throws(MPIError) -> Bool {
    switch work {
    case .mpi(let pending):
      let isDone: Bool
      do throws(MPIError) {
        isDone = try pending.test()
      } catch {
        work = .done
        throw error
      }
      if isDone { work = .done }
      return isDone
    case .mailbox(let mailbox, let tag, _):
      guard mailbox.holds(tag: tag) else { return false }
      try wait()
      return true
    case .done: return true
    }
  }

  /// Gives up a receive whose message will not come.
  func cancel() throws(MPIError) {
    let work = work
    self.work = .done
    if case .mpi(let pending) = work { try pending.cancel() }
  }
}

/// A nonblocking receive of a typed array. Dropping it before `wait` is a precondition failure.
public final class ReceiveRequest<Element: MessageElement> {
  private let head: Request
  private let headBuffer: MessageBuffer
  private let body: Request
  private let target: MessageBuffer

  init(head: Request, headBuffer: MessageBuffer, body: Request, _ target: MessageBuffer) {
    self.head = head
    self.headBuffer = headBuffer
    self.body = body
    self.target = target
  }

  /// Waits for the message and returns it.
  ///
  /// Wraps `MPI_Wait`.
  /// - Throws: `MPIError` if the message has another count than was asked for.
  /// - Collective: no.
  public func wait() throws(MPIError) -> [Element] {
    do throws(MPIError) {
      try head.wait()
      let found = headBuffer.base.load(as: Int.self)
      guard found == target.byteCount else {
        throw .short("MPI_Irecv", "message", expected: target.byteCount, found: found)
      }
    } catch {
      try body.cancel()
      throw error
    }
    try body.wait()
    return try [Element](count: target.byteCount / MemoryLayout<Element>.stride) { (bytes) throws(MPIError) in
      bytes.copyMemory(from: UnsafeRawBufferPointer(target.bytes))
    }
  }

  /// Whether `wait` would return, or throw, at once; moves the transfer on if not.
  ///
  /// Wraps `MPI_Test`. After an error there is nothing to wait for.
  /// - Collective: no.
  public func test() throws(MPIError) -> Bool {
    do throws(MPIError) {
      guard try head.test() else { return false }
    } catch {
      try body.cancel()
      throw error
    }
    return headBuffer.base.load(as: Int.self) != target.byteCount ? true : try body.test()
  }
}
