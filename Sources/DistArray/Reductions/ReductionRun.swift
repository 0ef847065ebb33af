// Carries out a reduction's plan on all ranks: each reduces its units, nodes of shared groups travel to their group's
// first rank, and finished values to everyone.

import DAStore
import MessagePassing

/// Hands the bytes of chunks to a body, in the order given.
typealias ChunkSweep = (
  _ chunks: WorkList, _ body: (Int, UnsafeRawBufferPointer) throws(StoreError) -> Void
) throws(StoreError) -> Void

/// One reduction on one rank.
struct ReductionRun {
  let plan: ReductionPlan
  let communicator: Communicator
  let sweep: ChunkSweep
  /// Called with decoded bytes of the array done, as far as this rank's share tells, and in all.
  var progress: ((_ done: Int, _ total: Int) -> Void)?
  /// Asked after every chunk.
  var shouldStop: (() -> Bool)?
  /// Partial results come from here; the plan's bound is kept by force.
  private let pool: BufferPool

  init(
    plan: ReductionPlan, communicator: Communicator, progress: ((_ done: Int, _ total: Int) -> Void)? = nil,
    shouldStop: (() -> Bool)? = nil, sweep: @escaping ChunkSweep
  ) {
    self.plan = plan
    self.communicator = communicator
    self.sweep = sweep
    self.progress = progress
    self.shouldStop = shouldStop
    pool = BufferPool(budget: plan.partialByteCount)
  }

  private var geometry: ReductionGeometry { plan.geometry }
  private var units: Range<Int> { geometry.units(ofRank: communicator.rank, of: communicator.size) }

  /// Reduces, and gives every rank the result.
  ///
  /// - Throws: The same error on every rank: what reading throws, `.memory`, `.messagePassing`.
  /// - Collective: yes.
  func result() throws(StoreError) -> ReductionResult {
    var reducer = Reducer(geometry: geometry, dtype: plan.dtype, request: plan.request, units: units, pool: pool)
    var counter = plan.request.histogram.flatMap { request in
      request.range.map { HistogramCounter(binCount: request.binCount, range: $0) }
    }
    try communicator.agree { () throws(StoreError) in
      try pass(0) { number, bytes throws(StoreError) in
        try reducer.add(chunk: number, bytes: bytes)
        counter?.add(bytes, dtype: plan.dtype)
      }
    }
    try joinSharedGroups(&reducer)
    var assembly = ResultAssembly(request: plan.request, dtype: plan.dtype, geometry: geometry)
    try distribute(reducer.finished, to: &assembly)
    guard let request = plan.request.histogram else { return assembly.result(histogram: nil, remarks: []) }
    if counter == nil { counter = try secondPass(request, extremes: assembly.result(histogram: nil, remarks: [])) }
    guard let counter else {
      let remark = "no histogram: the smallest and the largest element are not finite; give a range"
      return assembly.result(histogram: nil, remarks: [remark])
    }
    let counts = try passing { () throws(MPIError) in try communicator.allReduce(counter.counts, .sum) }
    let histogram = Histogram(counts: Array(counts.dropLast()), edges: counter.edges, outsideCount: counts.last ?? 0)
    return assembly.result(histogram: histogram, remarks: [])
  }

  /// Sweeps this rank's chunks once.
  private func pass(
    _ number: Int, _ body: (Int, UnsafeRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    let chunks = geometry.chunks(ofUnits: units)
    let share = Double(plan.byteCount) / Double(plan.passes) / Double(max(chunks.count, 1))
    var done = 0
    try sweep(chunks) { chunk, bytes throws(StoreError) in
      try body(chunk, bytes)
      if shouldStop?() == true { throw StoreError(.interrupted, "interrupted by the user") }
      guard let progress else { return }
      done += 1
      let isLast = done == chunks.count && number + 1 == plan.passes
      progress(isLast ? plan.byteCount : Int(share * Double(chunks.count * number + done)), plan.byteCount)
    }
  }

  /// The rank that finishes a group: the first that has a unit of it.
  private func owner(ofGroup group: Int) -> Int {
    geometry.rank(ofUnit: geometry.units(ofGroup: group).lowerBound, of: communicator.size)
  }

  /// Groups that a rank finishes.
  private func groups(ofRank rank: Int) -> Range<Int> {
    guard geometry.unitsPerGroup > 0 else { return 0..<0 }
    let units = geometry.units(ofRank: rank, of: communicator.size)
    let perGroup = geometry.unitsPerGroup
    func firstGroup(from unit: Int) -> Int { unit / perGroup + (unit % perGroup == 0 ? 0 : 1) }
    return firstGroup(from: units.lowerBound)..<firstGroup(from: units.upperBound)
  }

  /// Brings the nodes of groups that several ranks worked on to the group's first rank.
  ///
  /// A rank's groups are in ascending order: those it sends away come before the one it receives, and rank 0 has nothing
  /// to send, so that somebody always listens.
  private func joinSharedGroups(_ reducer: inout Reducer) throws(StoreError) {
    guard communicator.size > 1 else { return }
    var outcome = Result<Void, StoreError>.success(())
    do throws(StoreError) {
      for group in reducer.sharedGroups {
        let layout = reducer.layout(ofGroup: group)
        let owner = owner(ofGroup: group)
        if owner != communicator.rank {
          try send(reducer.release(group: group), layout: layout, to: owner)
          continue
        }
        let last = geometry.rank(ofUnit: geometry.units(ofGroup: group).upperBound - 1, of: communicator.size)
        for peer in communicator.rank + 1..<last + 1 {
          try receive(from: peer, layout: layout) { reducer.take(group: group, node: $0) }
        }
        reducer.finishShared(group: group)
      }
    } catch {
      outcome = .failure(error)
    }
    try communicator.agree(outcome)
  }

  private func send(_ nodes: [TreeNode], layout: PartialLayout, to peer: Int) throws(StoreError) {
    try passing { () throws(MPIError) in
      try communicator.send(nodes.flatMap { [$0.level, $0.index, $0.count] }, to: peer)
      for node in nodes {
        try communicator.send(bytes: UnsafeRawBufferPointer(rebasing: node.memory.bytes[..<layout.byteCount]), to: peer)
      }
    }
  }

  private func receive(
    from peer: Int, layout: PartialLayout, _ take: (TreeNode) -> Void
  ) throws(StoreError) {
    let header = try passing { () throws(MPIError) in try communicator.receive(Int.self, from: peer) }
    guard header.count % 3 == 0 else {
      throw StoreError(.internalFault, "partial results from rank \(peer) have a header of \(header.count) numbers")
    }
    for start in stride(from: 0, to: header.count, by: 3) {
      let memory = try pool.lease(byteCount: layout.byteCount)
      try passing { () throws(MPIError) in try communicator.receive(bytes: memory.bytes, from: peer) }
      take(TreeNode(level: header[start], index: header[start + 1], count: header[start + 2], memory: memory))
    }
  }

  /// Gives every rank the values of every group.
  private func distribute(
    _ finished: [(group: Int, values: GroupValues)], to assembly: inout ResultAssembly
  ) throws(StoreError) {
    for rank in 0..<communicator.size {
      let groups = groups(ofRank: rank)
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

  /// Counts elements in bins between the extremes that the first pass found; `nil` when they are not finite.
  private func secondPass(
    _ request: HistogramRequest, extremes: ReductionResult
  ) throws(StoreError) -> HistogramCounter? {
    guard let range = Self.range(from: extremes) else { return nil }
    var counter = HistogramCounter(binCount: request.binCount, range: range)
    try communicator.agree { () throws(StoreError) in
      try pass(1) { _, bytes in counter.add(bytes, dtype: plan.dtype) }
    }
    return counter
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
