// How fast a directory's disk writes and reads, measured with a file that is gone again whatever happens.

import DAStore
import Glibc

struct DiskSpeed {
  var byteCount: Int
  var writeSeconds: Double
  var readSeconds: Double

  private static let pieceByteCount = 8 << 20
  private static let largestByteCount = 256 << 20
  /// A slow disk is measured with fewer bytes.
  private static let longest = Duration.seconds(4)

  /// Writes up to 256 MiB, makes them durable, and reads them back past the page cache where the system allows it.
  ///
  /// - Throws: `.io` with the system's reason: no permission, no space.
  static func measure(in directory: String) throws(StoreError) -> DiskSpeed {
    let path = "\(directory)/.dastore-speed-\(getpid())"
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw systemError("cannot be written to", directory) }
    defer { close(file) }
    unlink(path)  // the open file lives on without its name

    // Bytes that a compressing file system cannot shrink.
    var state: UInt64 = 1
    var piece = (0..<pieceByteCount / 8).map { _ -> UInt64 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
    let clock = ContinuousClock()
    let writeStart = clock.now
    var written = 0
    while written < largestByteCount, clock.now - writeStart < longest {
      let count = pwrite(file, &piece, pieceByteCount, off_t(written))
      guard count == pieceByteCount else { throw systemError("cannot be written to", directory) }
      written += count
    }
    guard fsync(file) == 0 else { throw systemError("could not be made durable", directory) }
    let writeSeconds = seconds(clock.now - writeStart)

    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
    let readStart = clock.now
    var done = 0
    while done < written, clock.now - readStart < longest {
      let count = pread(file, &piece, pieceByteCount, off_t(done))
      guard count == pieceByteCount else { throw systemError("cannot be read", directory) }
      done += count
    }
    let readSeconds = seconds(clock.now - readStart) * Double(written) / Double(done)
    return DiskSpeed(byteCount: written, writeSeconds: writeSeconds, readSeconds: readSeconds)
  }
}
