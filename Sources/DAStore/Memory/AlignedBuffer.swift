// Raw memory with one owner: page aligned, so that it suits the disk as well as vector kernels.

import Glibc

/// A page-aligned block of memory that frees itself.
package struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  // Sendable: the memory is reached only through its single owner; whoever shares it synchronises.
  package static let alignment = 4096
  package let bytes: UnsafeMutableRawBufferPointer

  /// - Throws: `.memory` when the system has none left.
  package init(byteCount: Int) throws(StoreError) {
    precondition(byteCount >= 0, "a size")
    let rounded = (max(byteCount, 1) + Self.alignment - 1) / Self.alignment * Self.alignment
    var pointer: UnsafeMutableRawPointer?
    guard posix_memalign(&pointer, Self.alignment, rounded) == 0, let pointer else {
      throw StoreError(.memory, "the system refused \(byteCount) bytes of memory")
    }
    bytes = UnsafeMutableRawBufferPointer(start: pointer, count: byteCount)
  }

  deinit { free(bytes.baseAddress) }
}
