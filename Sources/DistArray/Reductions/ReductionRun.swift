// Carries out a sweep's plan on all ranks: each reduces its units, nodes of shared groups travel to their group's first
// rank, and finished values to everyone.

import DAStore
import MessagePassing

/// Hands the bytes of chunks to a body, in the order given.
typealias ChunkSweep = (
  _ chunks: WorkList, _ body: (Int, UnsafeRawBufferPointer) throws(StoreError) -> Void
) throws(StoreError) -> Void

/// The reductions of one sweep on one rank.
struct ReductionRun {
  let plan: SharedSweep
  let communicator: Communicator
  let sweep: ChunkSweep
  let clock: StationClock
  /// Called with decoded bytes of the arrays done, as far as this rank's share tells, and in all.
  var progress: ((_ done: Int, _ total: Int) -> Void)?
  /// Asked after every chunk.
  var shouldStop: (() -> Bool)?
  /// Partial results come from here; the plan's bound is kept by force.
  private let pool: BufferPool

  init(
    plan: SharedSweep, communicator: Communicator, clock: StationClock = StationClock(),
    progress: ((_ done: Int, _ total: Int) -> Void)? = nil, shouldStop: (() -> Bool)? = nil, sweep: @escaping ChunkSweep
  ) {
    self.plan = plan
    self.communicator = communicator
    self.clock = clock
    self.sweep = sweep
    self.progress = progress
    self.shouldStop = shouldStop
    pool = BufferPool(budget: plan.partialByteCount)
  }

  /// Reduces, and gives every rank the results, in the order of the plan's parts.
  ///
  /// - Throws: The same error on every rank: what reading throws, `.memory`, `.messagePassing`.
  /// - Collective: yes.
  func results() throws(StoreError) -> [ReductionResult] {
    let parts = plan.parts.map(\.plan)
    var reducers = parts.map { Reducer(geometry: $0.geometry, dtype: $0.dtype, request: $0.request, pool: pool) }
    var counters = parts.map { part in
      part.request.histogram.flatMap { request in
        request.range.map { HistogramCounter(binCount: request.binCount, range: $0) }
      }
    }
    try communicator.agree { () throws(StoreError) in
      try pass(0) { number, part, bytes throws(StoreError) in
        try reducers[part].add(chunk: number, bytes: bytes)
        counters[part]?.add(bytes, dtype: parts[part].dtype)
      }
    }
    try joinSharedGroups(&reducers)
    var assemblies: [ResultAssembly] = []
    for (part, reducer) in zip(parts, reducers) {
      var assembly = ResultAssembly(request: part.request, dtype: part.dtype, geometry: part.geometry)
      try distribute(reducer.finished, part.geometry, to: &assembly)
      assemblies.append(assembly)
    }
    if plan.passes == 2 {
      try secondPass(&counters, extremes: assemblies.map { $0.result(histogram: nil, remarks: []) })
    }
    var results: [ReductionResult] = []
    for ((part, counter), assembly) in zip(zip(parts, counters), assemblies) {
      results.append(try result(part, counter, assembly))
    }
    return results
  }

  /// Puts a histogram together from all ranks' counts, and the result.
  private func result(
    _ part: ReductionPlan, _ counter: HistogramCounter?, _ assembly: ResultAssembly
  ) throws(StoreError) -> ReductionResult {
    guard part.request.histogram != nil else { return assembly.result(histogram: nil, remarks: []) }
    guard let counter else {
      let remark = "no histogram: the smallest and the largest element are not finite; give a range"
      return assembly.result(histogram: nil, remarks: [remark])
    }
    let counts = try passing { () throws(MPIError) in try communicator.allReduce(counter.counts, .sum) }
    let histogram = Histogram(counts: Array(counts.dropLast()), edges: counter.edges, outsideCount: counts.last ?? 0)
    return assembly.result(histogram: histogram, remarks: [])
  }

  /// Sweeps this rank's chunks once, and hands each part its bytes of every chunk.
  private func pass(
    _ number: Int, _ body: (_ chunk: Int, _ part: Int, UnsafeRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    let chunks = plan.order.chunks(ofRank: communicator.rank, of: communicator.size)
    let grid = plan.order.geometry.grid
    let total = saturatingProduct(plan.passes, plan.parts[0].plan.byteCount / plan.parts[0].plan.passes)
    let share = Double(total) / Double(plan.passes) / Double(max(chunks.count, 1))
    var done = 0
    try sweep(chunks) { chunk, bytes throws(StoreError) in
      let elementCount = grid.elementCount(of: chunk)
      try clock.computing { () throws(StoreError) in
        for (index, part) in plan.parts.enumerated() {
          try body(chunk, index, part.field.bytes(of: bytes, elementCount: elementCount))
        }
      }
      if shouldStop?() == true { throw StoreError(.interrupted, "interrupted by the user") }
      guard let progress else { return }
      done += 1
      let isLast = done == chunks.count && number + 1 == plan.passes
      progress(isLast ? total : Int(share * Double(chunks.count * number + done)), total)
    }
  }

  /// Brings the nodes of groups that several ranks worked on to the rank that finishes them.
  ///
  /// Ranks hand nodes to lower ones only, and all go through the pairs of ranks in the same order, so that somebody
  /// always listens. Each rank's units follow those of the rank before.
  private func joinSharedGroups(_ reducers: inout [Reducer]) throws(StoreError) {
    guard communicator.size > 1 else { return }
    var outcome = Result<Void, StoreError>.success(())
    do throws(StoreError) {
      var shared: [(part: Int, group: Int, owner: Int)] = []
      for (part, reducer) in reducers.enumerated() {
        for group in reducer.sharedGroups {
          let owner = plan.order.owner(ofGroup: group, of: reducer.geometry, ranks: communicator.size)
          shared.append((part, group, owner))
        }
      }
      var outgoing = (0..<communicator.size).map { _ in [(layout: PartialLayout, node: TreeNode)]() }
      var headers = (0..<communicator.size).map { _ in [Int]() }
      for (part, group, owner) in shared where owner != communicator.rank {
        let layout = reducers[part].layout(ofGroup: group)
        for node in reducers[part].release(group: group) {
          outgoing[owner].append((layout, node))
          headers[owner] += [part, group, node.level, node.index, node.count]
        }
      }
      let incoming = try passing { () throws(MPIError) in try communicator.allToAll(headers) }
      for owner in 0..<communicator.rank {
        for (layout, node) in outgoing[owner] {
          let bytes = UnsafeRawBufferPointer(rebasing: node.memory.bytes[..<layout.byteCount])
          try passing { () throws(MPIError) in try communicator.send(bytes: bytes, to: owner) }
        }
        outgoing[owner] = []
      }
      for peer in communicator.rank + 1..<communicator.size {
        try receive(incoming[peer], from: peer, to: &reducers)
      }
      for (part, group, owner) in shared where owner == communicator.rank { reducers[part].finishShared(group: group) }
    } catch {
      outcome = .failure(error)
    }
    try communicator.agree(outcome)
  }

  private func receive(_ header: [Int], from peer: Int, to reducers: inout [Reducer]) throws(StoreError) {
    for start in stride(from: 0, to: header.count, by: 5) {
      guard header.count - start >= 5, reducers.indices.contains(header[start]) else {
        throw StoreError(.internalFault, "partial results from rank \(peer) have a header of \(header.count) numbers")
      }
      let (part, group) = (header[start], header[start + 1])
      let memory = try pool.lease(byteCount: reducers[part].layout(ofGroup: group).byteCount)
      try passing { () throws(MPIError) in try communicator.receive(bytes: memory.bytes, from: peer) }
      let node = TreeNode(level: header[start + 2], index: header[start + 3], count: header[start + 4], memory: memory)
      reducers[part].take(group: group, node: node)
    }
  }

  /// Gives every rank the values of every group.
  private func distribute(
    _ finished: [(group: Int, values: GroupValues)], _ geometry: ReductionGeometry, to assembly: inout ResultAssembly
  ) throws(StoreError) {
    for rank in 0..<communicator.size {
      let groups = plan.order.groups(ofRank: rank, of: geometry, ranks: communicator.size)
      if groups.isEmpty { continue }
      var bytes: [UInt8] = []
      if rank == communicator.rank {
        for (_, values) in finished.sorted(by: { $0.group < $1.group }) { bytes += values.bytes }
      }
      if communicator.size > 1 {
        bytes = try passing { () throws(MPIError) in
          var bytes = bytes
          try communicator.broadcast(&bytes, from: rank)
          return bytes
        }
      }
      try communicator.agree { () throws(StoreError) in
        var offset = 0
        for group in groups {
          let size = assembly.byteCount(ofGroup: group)
          guard offset + size <= bytes.count else {
            throw StoreError(.internalFault, "results of rank \(rank) end at byte \(bytes.count)")
          }
          try assembly.place(bytes[offset..<offset + size], group: group)
          offset += size
        }
      }
    }
  }

  /// Counts elements in bins between the extremes that the first pass found; none where they are not finite.
  private func secondPass(_ counters: inout [HistogramCounter?], extremes: [ReductionResult]) throws(StoreError) {
    var own = counters
    for (index, part) in plan.parts.enumerated() where part.plan.passes == 2 {
      guard let request = part.plan.request.histogram, let range = Self.range(from: extremes[index]) else { continue }
      own[index] = HistogramCounter(binCount: request.binCount, range: range)
    }
    let counted = plan.parts.indices.filter { plan.parts[$0].plan.passes == 2 && own[$0] != nil }
    if counted.isEmpty { return }
    try communicator.agree { () throws(StoreError) in
      try pass(1) { _, part, bytes in
        if counted.contains(part) { own[part]?.add(bytes, dtype: plan.parts[part].plan.dtype) }
      }
    }
    counters = own
  }

  /// Smallest to largest element; 0 to 1 where there are none, as NumPy has it; `nil` when they are not finite.
  private static func range(from extremes: ReductionResult) -> ClosedRange<Double>? {
    guard extremes.elementsPerOutput > 0 else { return 0...1 }
    guard let low = extremes.value(.minimum)?.realValue, let high = extremes.value(.maximum)?.realValue, low <= high,
      (high - low).isFinite
    else { return nil }
    return low...high
  }
}

extension ElementValue {
  /// The element as a double; `nil` for complex elements.
  package var realValue: Double? {
    struct Reader: ElementVisitor {
      let element: ElementValue
      func visit<E: Element>(_: E.Type) -> Double? {
        switch element.value(as: E.self) {
        case let value as any BinaryInteger: Double(value)
        case let value as Double: value
        case let value as Float: Double(value)
        case let value as Float16: Double(value)
        case let value as StoredBool: value.isTrue ? 1 : 0
        default: nil
        }
      }
    }
    return dtype.visit(Reader(element: self))
  }
}
