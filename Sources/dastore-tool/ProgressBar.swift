// The bar that shows, on a terminal, how far the work is and how long it will take.

import Glibc
import Synchronization

/// Draws one line on standard error, rewritten in place.
final class ProgressBar: Sendable {
  private let isShown: Bool
  private let start = ContinuousClock.now
  /// When the bar was last drawn; nil while the line is empty. Guards the line, too.
  private let lastDrawn = Mutex<ContinuousClock.Instant?>(nil)

  /// - Parameter isShown: False where nobody looks: not the first rank, not a terminal, `--quiet`.
  init(isShown: Bool) { self.isShown = isShown }

  /// Shows that `done` of `total` bytes are done; work of less than a second shows nothing.
  func update(done: Int, total: Int) {
    guard isShown, total > 0 else { return }
    let now = ContinuousClock.now
    let elapsed = now - start
    guard elapsed >= .seconds(1) else { return }
    lastDrawn.withLock { last in
      if let last, now - last < .milliseconds(100), done < total { return }
      last = now
      writeText(Self.line(done: done, total: total, seconds: seconds(elapsed)), to: .error)
    }
  }

  /// Removes the bar, so that what follows starts on an empty line.
  func clear() {
    lastDrawn.withLock { last in
      guard last != nil else { return }
      last = nil
      writeText("\r\u{1B}[K", to: .error)
    }
  }

  /// `[##########                    ] 35 %  1.20 GB/s  0:42 left`
  static func line(done: Int, total: Int, seconds: Double) -> String {
    let share = min(1, Double(done) / Double(total))
    let width = 30
    let filled = Int(share * Double(width))
    let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: width - filled)
    let left = share > 0 ? Int(seconds / share - seconds) : 0
    let (minutes, rest) = left.quotientAndRemainder(dividingBy: 60)
    let time = "\(minutes):\(rest < 10 ? "0" : "")\(rest)"
    return "\r[\(bar)] \(Int(share * 100)) %  \(rateText(bytes: done, seconds: seconds))  \(time) left\u{1B}[K"
  }
}

func seconds(_ duration: Duration) -> Double {
  let (whole, fraction) = duration.components
  return Double(whole) + Double(fraction) * 1e-18
}

/// Whether a person can watch standard error.
///
/// Ranks write into a pipe to their launcher, so that under mpirun the launcher's own standard error counts.
func standardErrorIsTerminal(isLaunched: Bool) -> Bool {
  guard isLaunched else { return isatty(2) == 1 }
  var target = [UInt8](repeating: 0, count: 256)
  let length = readlink("/proc/\(getppid())/fd/2", &target, target.count)
  guard length > 0 else { return false }
  let name = String(decoding: target[..<length], as: UTF8.self)
  return name.hasPrefix("/dev/pts/") || name.hasPrefix("/dev/tty")
}
