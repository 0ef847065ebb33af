// Writing large batches past the page cache, in the background: the processor encodes the next batch meanwhile. Why:
// Docs/Decisions/0006.

import CLinux
import Glibc

/// Writes one batch at a time to a file, on a thread of its own, while its owner prepares the next.
///
/// Batches start at and consist of whole blocks of 4096 bytes, in page-aligned memory.
final class DirectWriter {
  static let blockByteCount = 4096
  /// Smaller batches than this are not worth a trip to the device of their own.
  static let leastByteCount = 1 << 20

  private let file: DirectFile
  private let thread: WorkerThreads
  private let outcome = Monitor<Outcome>(.idle)

  private enum Outcome {
    case idle, running
    case done(Result<Void, StoreError>)
  }

  /// Opens `path`, which `fallback` has open too; `nil` where the file system knows no direct writes, or no thread
  /// can be had.
  init?(_ path: String, fallback: PositionalFile) {
    let descriptor = clinux_open_direct(path)
    guard descriptor >= 0 else { return nil }
    file = DirectFile(descriptor: descriptor, fallback: fallback)
    thread = WorkerThreads(count: 1)
    guard thread.count == 1 else { return nil }
  }

  deinit { thread.shutDown() }

  /// Begins writing bytes of `buffer` at `offset`. ``finish()`` must have come since the last start.
  ///
  /// - Parameter range: Whole blocks from a whole block on.
  func start(at offset: Int, _ buffer: PooledBuffer, _ range: Range<Int>) {
    outcome.withLock { $0 = .running }
    thread.submit { [file, outcome] in
      let bytes = UnsafeRawBufferPointer(rebasing: buffer.bytes[range])
      let result = Result { () throws(StoreError) in try file.write(at: offset, bytes) }
      outcome.withLock { $0 = .done(result) }
      outcome.broadcast()
    }
  }

  /// Waits for the batch that is on its way, if there is one.
  ///
  /// - Throws: `.io`, why it could not be written.
  func finish() throws(StoreError) {
    let result = outcome.wait { outcome -> Result<Void, StoreError>? in
      switch outcome {
      case .idle: return .success(())
      case .running: return nil
      case .done(let result):
        outcome = .idle
        return result
      }
    }
    try result.get()
  }
}

/// A file open for direct writes.
private final class DirectFile: Sendable {
  private let descriptor: Int32
  private let fallback: PositionalFile

  init(descriptor: Int32, fallback: PositionalFile) {
    self.descriptor = descriptor
    self.fallback = fallback
  }

  deinit { close(descriptor) }  // durability is the business of whoever synchronises the file

  /// Writes all of `bytes`. What the device will not take directly goes the ordinary way, where any error is reported.
  func write(at offset: Int, _ bytes: UnsafeRawBufferPointer) throws(StoreError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0, count % DirectWriter.blockByteCount == 0 || count == bytes.count - done else { break }
      done += count
    }
    if done < bytes.count {
      try fallback.write(at: offset + done, UnsafeRawBufferPointer(rebasing: bytes[done...]))
    }
  }
}
