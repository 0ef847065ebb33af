// The checksum of stored bytes.

import CXXHash

/// Checksums against accident, not against adversaries.
package enum Checksum {
  /// XXH3, 64 bits, seed 0.
  ///
  /// Wraps `XXH3_64bits`; the library picks vector instructions at run time.
  package static func xxh3(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    cxxhash_xxh3_64(bytes.baseAddress, bytes.count)
  }
}
