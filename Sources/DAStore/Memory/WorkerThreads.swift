// Helper threads of a rank: they read and decode ahead or write behind, and never call message passing.

import Glibc

/// A fixed number of threads that run jobs in the order in which they were given.
package final class WorkerThreads: Sendable {
  private struct Queue {
    var jobs: [@Sendable () -> Void] = []
    var next = 0
    var isClosed = false

    mutating func take() -> (@Sendable () -> Void)? {
      guard next < jobs.count else { return nil }
      let job = jobs[next]
      next += 1
      if next == jobs.count || next > 1024 {
        jobs.removeFirst(next)
        next = 0
      }
      return job
    }
  }

  /// Guards the queue; no job runs while it is held.
  private let queue: Monitor<Queue>
  private let threads: [pthread_t]

  /// How many threads there are: fewer than wanted when the system refuses more.
  package var count: Int { threads.count }

  package init(count: Int) {
    let queue = Monitor(Queue())
    self.queue = queue
    var threads: [pthread_t] = []
    for _ in 0..<max(count, 0) {
      guard let thread = startThread({ Self.work(queue) }) else { break }
      threads.append(thread)
    }
    self.threads = threads
  }

  package func submit(_ job: @escaping @Sendable () -> Void) {
    queue.withLock { $0.jobs.append(job) }
    queue.broadcast()
  }

  /// Forgets jobs not yet begun, waits for those running, ends the threads. Called once, by the owner.
  package func shutDown() {
    let forgotten = queue.withLock { queue in
      queue.isClosed = true
      defer { queue.jobs = [] }
      queue.next = 0
      return queue.jobs
    }
    queue.broadcast()
    for thread in threads { pthread_join(thread, nil) }
    withExtendedLifetime(forgotten) {}  // what the jobs hold is released here, not under the lock
  }

  private static func work(_ queue: Monitor<Queue>) {
    while true {
      let job: (@Sendable () -> Void)? = queue.wait { queue in
        if queue.isClosed { return .some(nil) }
        return queue.take().map { .some($0) }
      }
      guard let job else { return }
      job()
    }
  }
}

private final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Starts a thread that takes no signals: they belong to the rank's main thread. Wraps `pthread_create(3)`.
private func startThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
  var all = sigset_t()
  var former = sigset_t()
  sigfillset(&all)
  pthread_sigmask(SIG_SETMASK, &all, &former)
  defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
  let box = Unmanaged.passRetained(ThreadBody(body))
  var thread = pthread_t()
  let status = pthread_create(
    &thread, nil,
    { argument in
      if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
      return nil
    }, box.toOpaque())
  guard status == 0 else {
    box.release()
    return nil
  }
  return thread
}
