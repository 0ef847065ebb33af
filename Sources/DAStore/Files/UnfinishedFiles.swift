// The partial files of this process: what must go when it is told to stop.

import Glibc
import Synchronization

/// Names of files under construction, so that an interrupted program can remove them.
package enum UnfinishedFiles {
  /// Guards the set only.
  private static let paths = Mutex<Set<String>>([])

  static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }
  static func remove(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Unlinks every file under construction. Not for signal handlers: it takes a lock.
  package static func removeAll() {
    for path in paths.withLock({ $0 }) { unlink(path) }
  }
}
