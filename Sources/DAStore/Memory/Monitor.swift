// A lock with a condition: where the threads of one rank meet around shared state. Made of pthread calls because
// ThreadSanitizer follows them; it does not see the library code in which a contended `Synchronization.Mutex`
// waits, and reports races where there are none.

import Glibc

/// State that one thread at a time may touch, and that a thread can wait on.
package final class Monitor<State>: @unchecked Sendable {
  // Sendable: `state` is reached only between lock and unlock of `mutex`.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var state: State

  package init(_ state: State) {
    self.state = state
    let status = (pthread_mutex_init(mutex, nil), pthread_cond_init(condition, nil))
    precondition(status == (0, 0), "default mutexes and conditions need no resources on this system")
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Runs `body` alone. It must not read, write, decode, or call what a user gave.
  package func withLock<Value, Failure: Error>(_ body: (inout State) throws(Failure) -> Value) throws(Failure) -> Value
  {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&state)
  }

  /// Runs `body` alone, and again after every ``broadcast()``, until it returns a value or throws.
  ///
  /// `body` sees the state afresh each time; what it changed before returning `nil` stays changed.
  @discardableResult
  package func wait<Value, Failure: Error>(until body: (inout State) throws(Failure) -> Value?) throws(Failure) -> Value
  {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let value = try body(&state) { return value }
      pthread_cond_wait(condition, mutex)
    }
  }

  /// Lets every waiting thread look at the state again.
  package func broadcast() { pthread_cond_broadcast(condition) }
}
