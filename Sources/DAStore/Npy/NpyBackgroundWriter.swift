// Long runs of a `.npy` file on their way to the disk, past the page cache and behind the rank's back. Docs/Decisions/0006.

import MessagePassing

/// Writes one run of neighbouring chunks at a time, while the rank prepares the next.
///
/// Elements of a `.npy` file begin where the header ends, not at a block of the disk: a run's whole blocks go directly, the
/// bytes before and behind them the ordinary way.
final class NpyBackgroundWriter {
  private let direct: DirectWriter
  private let file: PositionalFile
  private let pool = BufferPool(budget: .max)

  /// Opens a file that is being made; `nil` on all ranks where one cannot write directly.
  ///
  /// - Throws: `.io`.
  /// - Collective: yes.
  init?(_ path: String, _ communicator: Communicator) throws(StoreError) {
    file = try communicator.agree { () throws(StoreError) in try PositionalFile(path, .readWrite) }
    let writer = DirectWriter(path, fallback: file)
    let hasAll = try passing { () throws(MPIError) in try communicator.allReduce(writer == nil ? 0 : 1, .min) } == 1
    guard hasAll, let writer else { return nil }
    direct = writer
  }

  private static let block = DirectWriter.blockByteCount

  /// Memory for a run: a copy of it, and of the one before that may still be on its way.
  func scratchByteCount(forRunOf byteCount: Int) -> Int { 2 * BufferPool.capacity(for: byteCount + 2 * Self.block) }

  /// Takes a round's chunks if they are one long run of the file, and begins to write them.
  ///
  /// - Parameter placed: Chunks and their places in the file, ascending.
  /// - Returns: Whether it took them; the chunks' memory is free then.
  /// - Throws: `.io`, also for the run before; `.memory`.
  func begin(_ placed: [(chunk: ChunkToWrite, offset: Int)]) throws(StoreError) -> Bool {
    guard let first = placed.first else { return false }
    var end = first.offset
    for (chunk, offset) in placed {
      guard offset == end else { return false }
      end += chunk.bytes.count
    }
    guard end - first.offset >= DirectWriter.leastByteCount else { return false }
    let start = first.offset / Self.block * Self.block
    let buffer = try pool.lease(byteCount: end - start)
    for (chunk, offset) in placed {
      UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[(offset - start)...]).copyMemory(from: chunk.bytes)
    }
    try direct.finish()
    let lower = (first.offset + Self.block - 1) / Self.block * Self.block
    let upper = end / Self.block * Self.block
    try write(buffer, first.offset..<lower, from: start)
    try write(buffer, upper..<end, from: start)
    direct.start(at: lower, buffer, lower - start..<upper - start)
    return true
  }

  private func write(_ buffer: PooledBuffer, _ range: Range<Int>, from start: Int) throws(StoreError) {
    if range.isEmpty { return }
    let bytes = buffer.bytes[range.lowerBound - start..<range.upperBound - start]
    try file.write(at: range.lowerBound, UnsafeRawBufferPointer(rebasing: bytes))
  }

  /// Waits for the run that is on its way.
  ///
  /// - Throws: `.io`, why it could not be written.
  func finish() throws(StoreError) { try direct.finish() }
}
