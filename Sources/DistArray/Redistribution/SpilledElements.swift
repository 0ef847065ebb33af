// A rank's buffer in a file without a name, while its memory is needed for what comes in its place.

import DAStore
import Glibc

/// Elements that were written to a scratch file, and are read back piece by piece.
///
/// The file is unlinked as soon as it is open: it is gone when the process is, however that ends. No other rank reads
/// it, so that the folder may be on a disk of the node.
struct SpilledElements: ElementSource {
  private let file: PositionalFile
  private let elementCount: Int
  private let elementByteCount: Int
  /// What was read last, and which elements it holds.
  private var window: PooledBuffer?
  private var held = 0..<0

  /// Bytes that are read at a time where reading goes on.
  static let windowByteCount = 1 << 20

  /// Memory that reading back takes.
  static var stagingByteCount: Int { BufferPool.capacity(for: windowByteCount) }

  /// Writes a buffer to a new file in a folder.
  ///
  /// - Throws: `.notFound` for a folder that is not there, `.io` when the disk is full or forbids writing.
  init(_ bytes: UnsafeRawBufferPointer, elementByteCount: Int, in directory: String) throws(StoreError) {
    let name = ".dastore-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".scratch"
    file = try PositionalFile(directory + "/" + name, .createNew)
    unlink(file.path)
    try file.write(at: 0, bytes)
    self.elementByteCount = elementByteCount
    elementCount = bytes.count / elementByteCount
  }

  /// Gives the memory in which elements are read back.
  mutating func begin(_ window: PooledBuffer) { self.window = window }

  /// Reads the whole buffer back.
  func restore(into bytes: UnsafeMutableRawBufferPointer) throws(StoreError) { try file.read(at: 0, into: bytes) }

  mutating func copy(
    _ count: Int, from offset: Int, step: Int, to target: UnsafeMutableRawPointer, step targetStep: Int
  ) throws(StoreError) {
    guard let window, let start = window.bytes.baseAddress else {
      throw StoreError(.internalFault, "spilled elements are read without memory to read into", path: file.path)
    }
    var done = 0
    while done < count {
      let place = offset + done * step
      if !held.contains(place) { try load(place, reach: (count - 1 - done) * step, into: window) }
      let room = step > 0 ? (held.upperBound - 1 - place) / step : step < 0 ? (place - held.lowerBound) / -step : count
      let part = min(count - done, room + 1)
      copyElements(
        part, of: elementByteCount, from: start + (place - held.lowerBound) * elementByteCount, step: step,
        to: target + done * targetStep * elementByteCount, step: targetStep)
      done += part
    }
  }

  /// Brings an element into the window, with those wanted behind or before it; and more where reading goes on where it
  /// ended.
  private mutating func load(_ place: Int, reach: Int, into window: PooledBuffer) throws(StoreError) {
    let most = max(1, window.bytes.count / elementByteCount)
    let wanted = place == held.upperBound ? most : min(most, abs(reach) + 1)
    let lower = reach < 0 ? max(0, place - wanted + 1) : place
    let upper = reach < 0 ? place + 1 : min(elementCount, place + wanted)
    guard lower < upper else {
      throw StoreError(.internalFault, "element \(place) of \(elementCount) was asked for", path: file.path)
    }
    held = 0..<0
    try file.read(
      at: lower * elementByteCount,
      into: UnsafeMutableRawBufferPointer(rebasing: window.bytes[..<((upper - lower) * elementByteCount)]))
    held = lower..<upper
  }
}
