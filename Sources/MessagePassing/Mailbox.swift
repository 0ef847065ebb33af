// How a process without MPI sends messages to itself.

internal import CMPI
import Synchronization

/// The messages a serial communicator has sent itself and not yet received, in order, by tag.
final class Mailbox: Sendable {
  // Guards the messages; nothing is called while it is held.
  private let messages = Mutex<[Int32: [[UInt8]]]>([:])

  func post(_ message: UnsafeRawBufferPointer, tag: Int32) {
    let copy = [UInt8](message)
    messages.withLock { $0[tag, default: []].append(copy) }
  }

  /// Whether a message is there to be received.
  func holds(tag: Int32) -> Bool {
    messages.withLock { !($0[tag] ?? []).isEmpty }
  }

  /// Takes the oldest message; where MPI would wait for ever, throws.
  func take(tag: Int32) throws(MPIError) -> [UInt8] {
    let message = messages.withLock { messages -> [UInt8]? in
      guard let first = messages[tag]?.first else { return nil }
      messages[tag]?.removeFirst()
      return first
    }
    guard let message else {
      throw MPIError("MPI_Recv", MPI_ERR_PENDING, "this process is alone and has sent itself nothing with tag \(tag)")
    }
    return message
  }

  /// Takes the oldest message into `target`, which must be exactly as long.
  func take(into target: UnsafeMutableRawBufferPointer, tag: Int32) throws(MPIError) {
    let message = try take(tag: tag)
    guard message.count == target.count else {
      throw .short("MPI_Recv", "message from this process", expected: target.count, found: message.count)
    }
    target.copyBytes(from: message)
  }
}
