// Reductions of stored arrays: the door through which users come.

import DAChunkCache
import DAStore
import MessagePassing

/// Computes statistics of a stored array in one pass over its chunks.
///
/// The result has the same bits for any number of ranks, any cache and any prefetching: chunks join in a tree that the
/// chunk grid fixes. Sums and means of floats are computed as pairs of doubles and rounded once to the result type;
/// spreads are squared distances from the mean, joined by Chan's formula; complex means and spreads go part by part.
/// Integer sums wrap at 64 bits, their means and spreads do not. NaN propagates; a smallest element that is zero may be
/// either zero. A sum beyond the largest double is infinite, its mean too, and its spread NaN.
/// - Parameters:
///   - cache: Chunks pass through it; partial results and the answer are accounted in its pool.
///   - progress: Told after every chunk: decoded bytes done, as far as this rank's share tells, and in all.
///   - shouldStop: Asked after every chunk; `true` ends the reduction with `.interrupted` on all ranks.
/// - Returns: The same result on every rank.
/// - Throws: The same error on every rank. `.invalidArgument` and `.unsupportedDType` for impossible requests, `.memory`
///   when the budget is too small, with the smallest that would do, and what reading the dataset throws.
/// - Complexity: one pass over the chunks, or two with a histogram whose range is not given.
/// - Collective: yes.
/// - Source: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample
///   variances", 1979.
public func reduce(
  _ request: ReductionRequest, over dataset: any ChunkedDataset, cache: ChunkCache,
  communicator: Communicator = .serial, progress: ((_ done: Int, _ total: Int) -> Void)? = nil,
  shouldStop: (() -> Bool)? = nil
) throws(StoreError) -> ReductionResult {
  let (plan, room) = try communicator.agree { () throws(StoreError) in
    let plan = try ReductionPlan(request, over: dataset, ranks: communicator.size)
    try plan.check(budget: MemoryBudget(byteCount: max(1, cache.pool.budget)))
    // Set aside, not used: the pool of the run and the arrays of the answer take what this accounts for.
    try cache.makeRoom(plan.peakByteCount, for: "the results of a reduction")
    return (plan, try cache.pool.lease(byteCount: plan.peakByteCount))
  }
  defer { withExtendedLifetime(room) {} }
  return try carryOut(
    SharedSweep(plan), dataset, cache, communicator, StationClock(), progress: progress, shouldStop: shouldStop)[0]
}

/// Computes statistics within a budget, with a cache of its own.
///
/// As ``reduce(_:over:cache:communicator:progress:shouldStop:)``.
/// - Returns: The result, the same on every rank, and what this rank did.
/// - Collective: yes.
public func reduce(
  _ request: ReductionRequest, over dataset: any ChunkedDataset, options: StreamingOptions,
  communicator: Communicator = .serial
) throws(StoreError) -> (result: ReductionResult, report: StreamingReport) {
  let (results, report) = try reduce([request], over: dataset, options: options, communicator: communicator)
  return (results[0], report)
}

/// Computes several reductions of an array, over the same or different axes, in as few passes as the budget allows.
///
/// One pass serves all whose partial results fit the budget together; each result has the bits that it has alone.
/// - Parameter requests: At least one.
/// - Returns: One result per request, the same on every rank, and what this rank did.
/// - Collective: yes.
public func reduce(
  _ requests: [ReductionRequest], over dataset: any ChunkedDataset, options: StreamingOptions,
  communicator: Communicator = .serial
) throws(StoreError) -> (results: [ReductionResult], report: StreamingReport) {
  let budget = try options.agreedBudget(communicator)
  let (sweeps, places) = try communicator.agree { () throws(StoreError) in
    var plans: [ReductionPlan] = []
    for request in requests { plans.append(try ReductionPlan(request, over: dataset, ranks: communicator.size)) }
    let dealt = SharedSweep.dealt(plans, budget: budget.byteCount)
    for sweep in dealt.sweeps { try sweep.check(budget: budget) }
    return dealt
  }
  var report = StreamingReport()
  var results: [[ReductionResult]] = []
  for sweep in sweeps {
    // What the results take is no room for chunks.
    let cache = options.makeCache(byteCount: budget.byteCount - sweep.peakByteCount, for: [SourceCost(dataset)])
    let clock = StationClock()
    results.append(
      try carryOut(
        sweep, dataset, cache, communicator, clock, progress: options.progress, shouldStop: options.shouldStop))
    let done = StreamingReport(cache: cache, blocks: nil, writer: sweep.peakByteCount, clock: clock)
    options.passDone?(done)
    report.add(done)
  }
  return (places.map { results[$0.sweep][$0.part] }, report)
}

private func carryOut(
  _ sweep: SharedSweep, _ dataset: any ChunkedDataset, _ cache: ChunkCache, _ communicator: Communicator,
  _ clock: StationClock, progress: ((Int, Int) -> Void)?, shouldStop: (() -> Bool)?
) throws(StoreError) -> [ReductionResult] {
  let run = ReductionRun(
    plan: sweep, communicator: communicator, clock: clock, progress: progress, shouldStop: shouldStop,
    sweep: { chunks, body throws(StoreError) in try cache.sweep(dataset, chunks: chunks, hint: .scan, body) })
  let results = try run.results()
  try communicator.agree { () throws(StoreError) in try dataset.finishReading() }
  return results
}
