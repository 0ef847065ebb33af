// One sweep over chunks for several reductions: what it needs, and which reductions share one.

import DAStore

/// The plan of a sweep: every chunk is visited once, and each reduction takes what it wants of it.
struct SharedSweep: Sendable {
  /// One reduction, and where its array's elements lie in a chunk.
  struct Part: Sendable {
    var plan: ReductionPlan
    var field: ChunkField
  }

  let parts: [Part]
  let order: ReductionOrder
  let ranks: Int
  /// Bytes that chunks need on their way through a rank.
  let chunkByteCount: Int
  /// Bytes of partial results that a rank holds at most.
  let partialByteCount: Int

  /// - Precondition: At least one part; all are over the same grid, for `ranks` ranks.
  init(_ parts: [Part], chunkByteCount: Int, ranks: Int) {
    self.parts = parts
    self.ranks = ranks
    self.chunkByteCount = chunkByteCount
    let order = ReductionOrder(parts.map(\.plan.geometry))
    self.order = order
    partialByteCount = parts.reduce(0) { sum, part in
      let openGroups = order.openGroupCount(of: part.plan.geometry)
      return saturatingSum(sum, part.plan.partialByteCount(openGroups: openGroups))
    }
  }

  /// A single reduction.
  init(_ plan: ReductionPlan) {
    self.init([Part(plan: plan, field: ChunkField(plan.dtype))], chunkByteCount: plan.chunkByteCount, ranks: plan.ranks)
  }

  /// Times that every chunk is read.
  var passes: Int { parts.map(\.plan.passes).max() ?? 1 }
  /// Bytes that a rank needs beside the chunks: partial results, the values it finishes and the whole answers.
  var peakByteCount: Int {
    parts.reduce(partialByteCount) { saturatingSum($0, saturatingProduct(2, $1.plan.resultByteCount)) }
  }
  var smallestBudget: Int { saturatingSum(peakByteCount, chunkByteCount) }
  /// Chunks that the rank with most to do visits.
  var largestShare: Int { saturatingProduct(passes, order.largestShare(ranks: ranks)) }

  /// Whether to make this sweep rather than others, which do the same together: it must fit, and be less work for the
  /// rank that has most of it, since ranks cannot share it as evenly where large units of work lie crosswise.
  func isBetter(than others: [SharedSweep], budget: Int) -> Bool {
    smallestBudget <= budget && largestShare < others.reduce(0) { saturatingSum($0, $1.largestShare) }
  }

  /// Deals reductions of one dataset out over as few sweeps as the budget allows, each into the first that takes it.
  ///
  /// - Returns: The sweeps, and per reduction its sweep and its place among the parts.
  static func dealt(
    _ plans: [ReductionPlan], budget: Int
  ) -> (sweeps: [SharedSweep], places: [(sweep: Int, part: Int)]) {
    var sweeps: [SharedSweep] = []
    var places: [(sweep: Int, part: Int)] = []
    for plan in plans {
      let alone = SharedSweep(plan)
      let joined = sweeps.indices.lazy.compactMap { index -> (Int, SharedSweep)? in
        let sweep = sweeps[index]
        let both = SharedSweep(sweep.parts + alone.parts, chunkByteCount: plan.chunkByteCount, ranks: plan.ranks)
        return both.isBetter(than: [sweep, alone], budget: budget) ? (index, both) : nil
      }.first
      if let (index, sweep) = joined {
        sweeps[index] = sweep
        places.append((index, sweep.parts.count - 1))
      } else {
        sweeps.append(alone)
        places.append((sweeps.count - 1, 0))
      }
    }
    return (sweeps, places)
  }

  /// Refuses a budget that is too small.
  ///
  /// - Throws: `.memory` naming the smallest budget that would do.
  func check(budget: MemoryBudget) throws(StoreError) {
    for part in parts { try part.plan.check(budget: budget) }
    guard smallestBudget <= budget.byteCount else {
      throw StoreError(.memory, "a pass of \(parts.count) reductions \(budget.refusal(needing: smallestBudget))")
    }
  }
}

/// Where the elements of one array lie in chunks that hold those of several, one array after the other.
struct ChunkField: Sendable, Hashable {
  /// Bytes per element of the arrays before.
  var bytesBefore: Int
  var elementByteCount: Int

  init(bytesBefore: Int = 0, _ dtype: DType) {
    self.bytesBefore = bytesBefore
    elementByteCount = dtype.byteCount
  }

  /// The array's bytes of a chunk of `elementCount` elements per array.
  func bytes(of chunk: UnsafeRawBufferPointer, elementCount: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      rebasing: chunk[elementCount * bytesBefore..<elementCount * (bytesBefore + elementByteCount)])
  }
}
