// Byte and bit shuffle over raw memory: the Swift face of the C kernels.

import CKernels

extension Codec {
  /// Shuffles a whole number of elements from one memory into another.
  ///
  /// - Parameters:
  ///   - source: The elements; its size must be that of `destination` and a multiple of `elementByteCount`.
  ///   - destination: Must not overlap the source.
  /// - Precondition: this codec is a shuffle.
  package func shuffle(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer, elementByteCount: Int,
    level: KernelLevel = .best
  ) {
    let kernel = self == .byteShuffle ? ckernels_byte_shuffle : ckernels_bit_shuffle
    run(kernel, source, destination, elementByteCount, level)
  }

  /// The inverse of ``shuffle(_:into:elementByteCount:level:)``.
  package func unshuffle(
    _ source: UnsafeRawBufferPointer, into destination: UnsafeMutableRawBufferPointer, elementByteCount: Int,
    level: KernelLevel = .best
  ) {
    let kernel = self == .byteShuffle ? ckernels_byte_unshuffle : ckernels_bit_unshuffle
    run(kernel, source, destination, elementByteCount, level)
  }

  private typealias Kernel = (UnsafeRawPointer?, UnsafeMutableRawPointer?, Int, Int, Int32) -> Void

  private func run(
    _ kernel: Kernel, _ source: UnsafeRawBufferPointer, _ destination: UnsafeMutableRawBufferPointer,
    _ elementByteCount: Int, _ level: KernelLevel
  ) {
    precondition(isShuffle, "a shuffle")
    precondition((1...1024).contains(elementByteCount), "an element of 1 to 1024 bytes")
    precondition(source.count % elementByteCount == 0, "a source of whole elements")
    precondition(source.count == destination.count, "source and destination of one size")
    guard source.count > 0 else { return }
    kernel(
      source.baseAddress, destination.baseAddress, source.count / elementByteCount, elementByteCount, level.rawValue)
  }
}
