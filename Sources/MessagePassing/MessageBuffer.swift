// Memory that messages are packed into and received in, and the arrays' own memory seen as bytes. Unsafe memory of this
// target starts here.

/// One allocation that MPI reads or fills; freed with its last owner, which for a pending transfer is the request.
final class MessageBuffer {
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = byteCount
    base = .allocate(byteCount: max(byteCount, 1), alignment: 64)
  }

  convenience init<T: BitwiseCopyable>(copying values: [T]) {
    self.init(byteCount: values.count * MemoryLayout<T>.stride)
    values.withUnsafeBytes { bytes.copyMemory(from: $0) }
  }

  deinit { base.deallocate() }

  var bytes: UnsafeMutableRawBufferPointer { .init(start: base, count: byteCount) }

  /// The allocation as the 32-bit counts and displacements that MPI reads.
  var int32s: UnsafePointer<Int32> { UnsafePointer(base.assumingMemoryBound(to: Int32.self)) }
}

extension Array where Element: BitwiseCopyable {
  /// An array of `count` elements whose bytes `fill` writes.
  init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws(MPIError) -> Void) throws(MPIError) {
    var failure: MPIError?
    self.init(unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(MPIError) {
        try fill(
          UnsafeMutableRawBufferPointer(
            rebasing: UnsafeMutableRawBufferPointer(buffer)[..<(count * MemoryLayout<Element>.stride)]))
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// `withUnsafeBytes` with a typed error.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws(MPIError) -> R) throws(MPIError) -> R {
    try withUnsafeBytes { bytes in Result { () throws(MPIError) in try body(bytes) } }.get()
  }

  /// `withUnsafeMutableBytes` with a typed error.
  mutating func withMutableBytes<R>(_ body: (UnsafeMutableRawBufferPointer) throws(MPIError) -> R) throws(MPIError) -> R
  {
    try withUnsafeMutableBytes { bytes in Result { () throws(MPIError) in try body(bytes) } }.get()
  }
}

extension UnsafeRawBufferPointer {
  /// The address of byte `offset`; nil only if the buffer is empty.
  func address(at offset: Int) -> UnsafeRawPointer? { baseAddress.map { $0 + offset } }
}

extension UnsafeMutableRawBufferPointer {
  /// The address of byte `offset`; nil only if the buffer is empty.
  func address(at offset: Int) -> UnsafeMutableRawPointer? { baseAddress.map { $0 + offset } }
}
