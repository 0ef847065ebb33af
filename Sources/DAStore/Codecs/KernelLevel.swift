// The instruction sets of the vector kernels, so that tests can hold one against the other.

import CKernels

/// An instruction set to use at most; every level gives the same bytes.
package enum KernelLevel: Int32, Sendable, CaseIterable {
  case portable = 0
  case sse2 = 1
  case avx2 = 2
  case avx512 = 3
  /// Whatever this processor has.
  case best = 255

  /// Whether this processor has the level; one that it lacks is lowered to one it has.
  package var isAvailable: Bool { self == .best || ckernels_level(rawValue) == rawValue }
}
