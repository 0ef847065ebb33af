// A deflated zip member as bytes that can be read anywhere, in bounded memory.

import Synchronization

/// The bytes of a deflated member. Thread-safe.
///
/// Reading inflates forward from the nearest known state at or before the wanted byte, straight into the caller's
/// memory. States are kept at evenly spaced positions as they are passed (snapshots), and at the last places where
/// reading was interrupted by a read elsewhere (bookmarks), so that helper threads which ask slightly out of order cost
/// little.
///
/// Memory: at most ``stateCount`` states of about 42 KB and two buffers, 1.8 MB in all, whatever the member's size.
final class InflatedMember: ByteSource {
  let byteCount: Int
  private let file: PositionalFile
  private let name: String
  private let baseOffset: Int
  private let storedByteCount: Int
  private let expected: UInt32
  private let spacing: Int

  static let snapshotCount = 32
  static let bookmarkCount = 4
  /// Snapshots, bookmarks, and the state that is at work.
  static let stateCount = snapshotCount + bookmarkCount + 1
  static let leastSpacing = 16 << 20
  private static let inputByteCount = 64 << 10
  /// Skipped bytes land here; small enough to stay in the processor's second cache.
  private static let skipByteCount = 256 << 10

  private struct State: ~Copyable {
    /// Where reading goes on; `nil` at the start and after an error.
    var current: Inflater?
    /// Entry k is the state at byte (k + 1) · spacing.
    var snapshots: [InflaterBox] = []
    /// Last used last.
    var bookmarks: [InflaterBox] = []
    /// The checksum of the whole was right once; later passes need not compute it again.
    var isVerified = false
    /// Deflated bytes from `inputOffset` on, `inputCount` of them.
    var input: InputBuffer?
  }

  /// Guards everything that inflates. Reads of the file and inflating happen while it is held: positions in a deflated
  /// stream depend on each other, so two threads could not do better.
  private let state = Mutex(State())

  /// - Parameters:
  ///   - baseOffset: Of the first deflated byte; the caller has checked that all lie inside the file.
  ///   - crc32: What the directory promises of the inflated bytes.
  ///   - leastSpacing: Smallest distance of snapshots.
  init(
    _ file: PositionalFile, name: String, at baseOffset: Int, storedByteCount: Int, byteCount: Int, crc32: UInt32,
    leastSpacing: Int = InflatedMember.leastSpacing
  ) {
    self.file = file
    self.name = name
    self.baseOffset = baseOffset
    self.storedByteCount = storedByteCount
    self.byteCount = byteCount
    expected = crc32
    spacing = max(leastSpacing, byteCount / Self.snapshotCount + 1)
  }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try requireInside(offset, buffer.count, of: byteCount, member: name)
    let target = CallersMemory(bytes: buffer)
    try state.withLock { state throws(StoreError) in
      // After an error the state at work is worth nothing and is dropped.
      var inflater = try takeState(&state, for: offset)
      try skip(&state, &inflater, to: offset)
      try fill(&state, &inflater, target)
      if inflater.position == byteCount { try finish(&state, &inflater) }
      state.current = consume inflater
    }
  }

  /// Inflates the part that no read has reached, and compares the checksum.
  func finishReading() throws(StoreError) {
    try state.withLock { state throws(StoreError) in
      if state.isVerified { return }
      var inflater = try takeState(&state, for: byteCount)
      try skip(&state, &inflater, to: byteCount)
      try finish(&state, &inflater)
      state.current = consume inflater
    }
  }

  // MARK: States

  /// The best state for reading from `offset`: what was current is kept where it may be of use.
  private func takeState(_ state: inout State, for offset: Int) throws(StoreError) -> Inflater {
    var best = -1
    for box in state.snapshots + state.bookmarks where box.inflater.position <= offset {
      best = max(best, box.inflater.position)
    }
    if let current = state.current.take() {
      if current.position <= offset, current.position >= best {
        // Whoever reads the gap that is skipped now will come soon.
        if current.position < offset { keepBookmark(&state, InflaterBox(try Inflater(copying: current))) }
        return current
      }
      keepBookmark(&state, InflaterBox(current))
    }
    if let box = (state.snapshots + state.bookmarks).last(where: { $0.inflater.position == best }) {
      return try Inflater(copying: box.inflater)
    }
    return try Inflater()
  }

  private func keepBookmark(_ state: inout State, _ box: InflaterBox) {
    state.bookmarks.removeAll { $0.inflater.position == box.inflater.position }
    state.bookmarks.append(box)
    if state.bookmarks.count > Self.bookmarkCount { state.bookmarks.removeFirst() }
  }

  // MARK: Inflating

  private func skip(_ state: inout State, _ inflater: inout Inflater, to offset: Int) throws(StoreError) {
    guard inflater.position < offset else { return }
    let waste = try AlignedBuffer(byteCount: Self.skipByteCount)
    while inflater.position < offset {
      let count = min(waste.bytes.count, offset - inflater.position)
      try fill(&state, &inflater, CallersMemory(bytes: UnsafeMutableRawBufferPointer(rebasing: waste.bytes[..<count])))
    }
  }

  /// Inflates until the buffer is full, leaving snapshots on the way.
  private func fill(
    _ state: inout State, _ inflater: inout Inflater, _ target: CallersMemory
  ) throws(StoreError) {
    let buffer = target.bytes
    var done = 0
    while done < buffer.count {
      let nextSnapshot = (state.snapshots.count + 1) * spacing
      var end = buffer.count
      if inflater.position < nextSnapshot { end = min(end, done + nextSnapshot - inflater.position) }
      done += try step(&state, &inflater, UnsafeMutableRawBufferPointer(rebasing: buffer[done..<end]))
      if inflater.position == nextSnapshot, state.snapshots.count < Self.snapshotCount {
        state.snapshots.append(InflaterBox(try Inflater(copying: inflater)))
      }
    }
  }

  /// One call of zlib; at least one byte comes out.
  private func step(
    _ state: inout State, _ inflater: inout Inflater, _ output: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> Int {
    while true {
      let before = inflater.consumed
      guard let produced = inflater.inflate(try input(&state, from: before), into: output, checksums: !state.isVerified)
      else {
        throw damaged("is not a deflate stream at its byte \(before)")
      }
      if produced > 0 { return produced }
      if inflater.isAtEnd { throw damaged("ends after \(inflater.position) bytes; \(byteCount) were expected") }
      guard inflater.consumed > before else {
        throw damaged("ends inside its deflate stream, after \(inflater.position) of \(byteCount) bytes")
      }
    }
  }

  /// After the last byte: the stream must end here, and the checksum must be right.
  private func finish(_ state: inout State, _ inflater: inout Inflater) throws(StoreError) {
    if state.isVerified { return }
    var excess: UInt8 = 0
    while !inflater.isAtEnd {
      let before = inflater.consumed
      let bytes = try input(&state, from: before)
      let produced = withUnsafeMutableBytes(of: &excess) { inflater.inflate(bytes, into: $0, checksums: true) }
      guard let produced else { throw damaged("is not a deflate stream at its byte \(before)") }
      guard produced == 0 else { throw damaged("is longer than the \(byteCount) bytes it claims") }
      guard inflater.isAtEnd || inflater.consumed > before else {
        throw damaged("has no end mark in its deflate stream")
      }
    }
    guard inflater.consumed == storedByteCount else {
      throw damaged("uses \(inflater.consumed) of its \(storedByteCount) deflated bytes")
    }
    try compareCRC(inflater.crc, expected, member: name)
    state.isVerified = true
  }

  private func damaged(_ what: String) -> StoreError {
    StoreError(.corrupt, "member '\(name)' \(what); fetch the archive again")
  }

  /// The deflated bytes from `offset` on, some of them at least unless there are none.
  private func input(_ state: inout State, from offset: Int) throws(StoreError) -> UnsafeRawBufferPointer {
    let buffer: InputBuffer
    if let present = state.input {
      buffer = present
    } else {
      buffer = InputBuffer(try AlignedBuffer(byteCount: Self.inputByteCount))
      state.input = buffer
    }
    if !(buffer.offset..<buffer.offset + buffer.count).contains(offset) {
      let count = min(Self.inputByteCount, storedByteCount - offset)
      buffer.count = 0
      try file.read(
        at: baseOffset + offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer.memory.bytes[..<count]))
      buffer.offset = offset
      buffer.count = count
    }
    return UnsafeRawBufferPointer(rebasing: buffer.memory.bytes[(offset - buffer.offset)..<buffer.count])
  }
}

/// Memory of the thread that calls, on its way through the lock.
private struct CallersMemory: @unchecked Sendable {
  // Sendable: it is used by the one call that made it, while its caller waits.
  let bytes: UnsafeMutableRawBufferPointer
}

/// An inflater that several lists may hold; it is only ever copied from.
private final class InflaterBox {
  let inflater: Inflater
  init(_ inflater: consuming Inflater) { self.inflater = inflater }
}

/// The deflated bytes that were read last.
private final class InputBuffer {
  let memory: AlignedBuffer
  var offset = 0
  var count = 0
  init(_ memory: consuming AlignedBuffer) { self.memory = memory }
}
