// Ctrl-C and SIGTERM while a target is being written: what was begun is removed before the program ends.

import DAStore
import Glibc
import Synchronization

enum Interrupt {
  /// The signal that came first, 0 for none.
  private static let received = Atomic<Int32>(0)

  /// Whether this rank is the one that tells the user, and has not done so yet.
  static let speaks = Atomic<Bool>(true)

  /// Tells the user, once.
  static func tell() {
    if speaks.exchange(false, ordering: .relaxed) { report("interrupted; no half-written target is left") }
  }

  /// The signal that asked this process to end, if one has.
  static var signal: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  /// How long the work may take to end by itself: a launcher kills its ranks a second after it has asked them to end.
  private static let patienceInMicroseconds: UInt32 = 300_000

  /// From now on a signal raises a flag that the work looks at between rounds, to end in good order on all ranks. Work
  /// that does not look in time is ended here, without what it has begun.
  ///
  /// Call it before other threads are started: they inherit that these signals are not theirs.
  static func listen() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var thread = pthread_t()
    pthread_create(&thread, nil, { _ in Interrupt.wait() }, nil)
  }

  private static func wait() -> Never {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    var number: Int32 = 0
    while sigwait(&signals, &number) != 0 {}
    received.store(number, ordering: .relaxed)
    // The first rank goes first: it alone holds the lock, and a launcher ends all ranks with the first that goes.
    let isFirst = speaks.load(ordering: .relaxed)
    usleep(isFirst ? patienceInMicroseconds : 2 * patienceInMicroseconds)
    UnfinishedFiles.removeAll()
    tell()
    _exit(ExitStatus.interrupted(by: number).code)
  }
}
