// One run of a command: the ranks it runs on, its budget, what it tells the user, and what the work cost.

import DAStore
import DistArray
import MessagePassing

final class Session {
  let communicator: Communicator
  let output: OutputOptions
  /// Bytes of data that this rank may hold.
  let budget: MemoryBudget
  /// Where that data comes from.
  let pool: BufferPool
  let explain: Bool
  /// Threads that read and decode ahead: one per core that the node's ranks leave idle. Without one the system reads ahead;
  /// a thread that shares its core would only move data from cache to cache.
  private let workerCount: Int
  let progress: ProgressBar
  /// Filled under `--verbose` only.
  private let caches = CacheReport()
  /// What `errno` said when an answer could not be written, 0 while all is well.
  private(set) var outputFailure: Int32 = 0
  private let start = ContinuousClock.now

  /// - Throws: `.invalidArgument` when `DASTORE_MEMORY` is not a size.
  /// - Collective: yes.
  init(communicator: Communicator, output: OutputOptions, work: WorkOptions?) throws(StoreError) {
    self.communicator = communicator
    self.output = output
    explain = work?.explain ?? false
    let ranksOnNode = try passing { () throws(MPIError) in try communicator.nodeLocal.size }
    if let chosen = work?.memory { budget = chosen.budget } else { budget = try .standard(ranksOnNode: ranksOnNode) }
    workerCount = min(8, max(0, Machine.coreCount / ranksOnNode - 1))
    pool = BufferPool(budget: budget.byteCount)
    progress = ProgressBar(
      isShown: communicator.rank == 0 && !output.quiet
        && standardErrorIsTerminal(isLaunched: MPIEnvironment.isLaunched))
  }

  /// Whether this rank speaks for all.
  var isFirst: Bool { communicator.rank == 0 }

  /// Prints a line of the answer, once.
  func say(_ text: String) {
    guard isFirst, outputFailure == 0 else { return }
    progress.clear()
    outputFailure = writeText(text + "\n", to: .output)
  }

  /// Prints a line beside the answer, on standard error, once, unless `--quiet`.
  func note(_ text: String) {
    guard isFirst, !output.quiet else { return }
    progress.clear()
    writeText(text + "\n", to: .error)
  }

  /// Prints the answer for programs.
  func say(json: JSONValue) throws(StoreError) {
    guard isFirst else { return }
    say(String(decoding: try json.encoded(pretty: true), as: UTF8.self))
  }
}

extension Session {
  /// Prints a plan, for people or for programs.
  func say(_ explanation: Explanation, isJSON: Bool) throws(StoreError) {
    if isJSON { try say(json: explanation.json) } else { explanation.lines.forEach(say) }
  }
}

/// What a command's work cost, over all ranks.
struct Cost {
  var seconds: Double
  var readByteCount: Int
  var writtenByteCount: Int
  /// Most memory each rank's process has ever occupied.
  var peakByteCounts: [Int]
  /// Where the time went, under `--verbose`.
  var profile: Profile?

  /// The keys that every command that works on data adds to its JSON.
  var json: [String: JSONValue] {
    var keys: [String: JSONValue] = [
      "seconds": .double(seconds), "read_bytes": .int(readByteCount), "written_bytes": .int(writtenByteCount),
      "peak_bytes": .array(peakByteCounts.map { .int($0) }), "ranks": .int(peakByteCounts.count),
    ]
    keys["profile"] = profile?.json
    return keys
  }
}

extension Session {
  /// What the work so far has cost.
  ///
  /// - Parameters: bytes that this rank read from and wrote to files.
  /// - Collective: yes.
  func cost(readByteCount: Int, writtenByteCount: Int) throws(StoreError) -> Cost {
    let elapsed = seconds(ContinuousClock.now - start)
    let totals = try passing { () throws(MPIError) in
      try communicator.allReduce([readByteCount, writtenByteCount], .sum)
    }
    let peaks = try passing { () throws(MPIError) in try communicator.allGather(Machine.peakResidentByteCount) }
    var cost = Cost(
      seconds: elapsed, readByteCount: totals[0], writtenByteCount: totals[1], peakByteCounts: peaks)
    if output.verbose {
      note(
        "read \(byteCountText(cost.readByteCount)), wrote \(byteCountText(cost.writtenByteCount)) in \(fixed(elapsed, 2)) s"
      )
      for (rank, peak) in peaks.enumerated() {
        note("rank \(rank): peak resident memory \(byteCountText(peak)) with a budget of \(budget)")
      }
      let counts = try passing { () throws(MPIError) in try communicator.gather(caches.counts, to: 0) }
      for (rank, counts) in counts.enumerated() {
        if let text = CacheReport.text(counts) { note("rank \(rank): \(text)") }
      }
      let profile = try Profile(caches.report, over: communicator)
      if profile.hasPasses {
        profile.lines.forEach(note)
        cost.profile = profile
      }
    }
    return cost
  }

  /// Tells the user how far the work is, and the work when the user has had enough.
  ///
  /// - Throws: `.interrupted`, which the work lets all ranks agree on.
  func report(done: Int, total: Int) throws(StoreError) {
    guard Interrupt.signal == nil else { throw StoreError(.interrupted, "interrupted by the user") }
    progress.update(done: done, total: total)
  }

  /// `2 ranks`, `1 rank`.
  var ranksText: String { "\(communicator.size) rank\(communicator.size == 1 ? "" : "s")" }

  /// What every pass over elements is told.
  var streaming: StreamingOptions {
    var options = StreamingOptions(budget: budget)
    options.workerCount = workerCount
    let progress = progress
    options.progress = { done, total in progress.update(done: done, total: total) }
    options.shouldStop = { Interrupt.signal != nil }
    if output.verbose {
      let caches = caches
      options.cacheMade = { caches.add($0) }
      options.passDone = { caches.add($0) }
    }
    return options
  }
}
