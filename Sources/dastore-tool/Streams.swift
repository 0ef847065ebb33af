// Standard output and standard error.

import Glibc

enum StandardStream: Int32 {
  case output = 1
  case error = 2
}

/// Writes all of a text. Wraps `write(2)`.
///
/// - Returns: 0, or what `errno` said when the text could not be written.
@discardableResult
func writeText(_ text: String, to stream: StandardStream) -> Int32 {
  var text = text
  return text.withUTF8 { bytes in
    var rest = UnsafeRawBufferPointer(bytes)
    while rest.count > 0 {
      let count = write(stream.rawValue, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        return errno
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return 0
  }
}
