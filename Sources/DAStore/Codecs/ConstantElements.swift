// Whether a chunk holds one value only: such chunks are stored as that value.

import Glibc

/// Whether all elements are equal bit for bit; true of none and of one.
///
/// - Precondition: `bytes` holds whole elements of `elementByteCount` bytes.
/// - Complexity: one pass at most; ends at the first difference.
package func isConstant(_ bytes: UnsafeRawBufferPointer, elementByteCount: Int) -> Bool {
  precondition(elementByteCount >= 1 && bytes.count % elementByteCount == 0, "a buffer of whole elements")
  guard let start = bytes.baseAddress, bytes.count > elementByteCount else { return true }
  // Each element is compared with its successor: equal neighbours all along make all equal.
  return memcmp(start, start + elementByteCount, bytes.count - elementByteCount) == 0
}
