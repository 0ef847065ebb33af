// Giving a distributed array another distribution.

import DAStore
import MessagePassing

extension DistributedArray {
  /// What a change of distribution would take, before anything moves.
  ///
  /// - Parameter keepsSource: Whether the old parts are kept, as ``distribute(as:)`` does and ``redistribute(as:)`` does not.
  /// - Throws: As ``distribute(as:)``.
  /// - Collective: yes; ranks agree on the memory that is free.
  public func plan(
    distributingAs target: Distribution, keepsSource: Bool = true
  ) throws(StoreError) -> RedistributionPlan {
    let own = BufferPool.capacity(for: try localMemory().bytes.count)
    let memory = try context.freeMemory(releasing: own)
    try context.check(target, dtype)
    return try RedistributionPlan(
      from: distribution, to: target, dtype: dtype, keepsSource: keepsSource, memory: memory,
      messageByteLimit: context.communicator.messageLimit.byteCount)
  }

  /// The same elements, dealt out in another way, or in another shape: then they keep their places in C order.
  ///
  /// Any kinds, grids and ranks on either side. Elements travel in rounds of bounded size; this array stays as it is.
  /// - Throws: The same on every rank: `.invalidArgument` for another number of elements, or ranks that are not there;
  ///   `.unsupported` where an axis is dealt in too many small pieces to be planned; `.memory` when both arrays and the
  ///   messages do not fit the budget, with the one that would do.
  /// - Collective: yes.
  public func distribute(as target: Distribution) throws(StoreError) -> DistributedArray {
    let plan = try plan(distributingAs: target)
    let communicator = context.communicator
    let old = try localMemory()
    let new = try communicator.agree { () throws(StoreError) in try context.leaseBlock(target, dtype) }
    var source = ElementsInMemory(start: UnsafeRawPointer(try start(of: old)), elementByteCount: dtype.byteCount)
    try move(plan, from: &source, to: new)
    withExtendedLifetime(old) {}
    let result = DistributedArray(new, dtype: dtype, as: target, context: context)
    try result.fillCopies()
    return result
  }

  /// Deals the elements out in another way and gives up the old parts: where both do not fit the memory together,
  /// through scratch files in the context's `scratchDirectory`.
  ///
  /// - Throws: As ``distribute(as:)``, and `.io` when a scratch file cannot be written; then the array stays as it was.
  ///   So it does after later failures, as long as every rank can read its old part back; where one cannot, the
  ///   elements are lost, and every later use of the array throws why.
  /// - Collective: yes.
  public func redistribute(as target: Distribution) throws(StoreError) {
    if target == distribution { return }
    let plan = try plan(distributingAs: target, keepsSource: false)
    switch plan.way {
    case .inMemory: try redistributeInMemory(plan)
    case .throughDisk: try redistributeThroughDisk(plan)
    }
    try fillCopies()
  }

  private func redistributeInMemory(_ plan: RedistributionPlan) throws(StoreError) {
    let target = plan.exchange.target
    let old = try localMemory()
    let new = try context.communicator.agree { () throws(StoreError) in try context.leaseBlock(target, dtype) }
    var source = ElementsInMemory(start: UnsafeRawPointer(try start(of: old)), elementByteCount: dtype.byteCount)
    try move(plan, from: &source, to: new)
    withExtendedLifetime(old) {}
    replaceMemory(.success(new))
    distribution = target
  }

  private func redistributeThroughDisk(_ plan: RedistributionPlan) throws(StoreError) {
    let target = plan.exchange.target
    let communicator = context.communicator
    var source = try communicator.agree { () throws(StoreError) in
      try SpilledElements(
        UnsafeRawBufferPointer(localMemory().bytes), elementByteCount: dtype.byteCount, in: context.scratchDirectory)
    }
    replaceMemory(.failure(StoreError(.internalFault, "an array is used while it is distributed anew")))
    do throws(StoreError) {
      let new = try communicator.agree { () throws(StoreError) in
        source.begin(try context.heldMemory.lease(byteCount: SpilledElements.windowByteCount))
        return try context.leaseBlock(target, dtype)
      }
      try move(plan, from: &source, to: new)
      replaceMemory(.success(new))
      distribution = target
    } catch {
      try restore(source)
      throw error
    }
  }

  /// Reads the old parts back after a failure. Collective.
  private func restore(_ source: SpilledElements) throws(StoreError) {
    do throws(StoreError) {
      let old = try context.communicator.agree { () throws(StoreError) in
        let old = try context.leaseBlock(distribution, dtype)
        try source.restore(into: old.bytes)
        return old
      }
      replaceMemory(.success(old))
    } catch {
      let lost = StoreError(error.code, "the elements were lost when they were distributed anew: \(error.message)")
      replaceMemory(.failure(lost))
      throw lost
    }
  }

  /// Carries out a plan. Collective.
  private func move<Source: ElementSource>(
    _ plan: RedistributionPlan, from source: inout Source, to new: PooledBuffer
  ) throws(StoreError) {
    let communicator = context.communicator
    let exchange = Exchange(
      rank: communicator.rank, from: plan.exchange.messages(from: communicator.rank),
      to: plan.exchange.messages(to: communicator.rank), rounds: plan.rounds, elementByteCount: dtype.byteCount)
    let (outgoing, incoming) = try communicator.agree { () throws(StoreError) in
      (
        try context.heldMemory.lease(byteCount: plan.roundByteCount),
        try context.heldMemory.lease(byteCount: plan.roundByteCount)
      )
    }
    let target = try start(of: new)
    try exchange.run(
      from: &source, to: target, outgoing: outgoing, incoming: incoming, over: communicator,
      checkForStop: context.options.checkForStop)
    withExtendedLifetime(new) {}
  }

  /// Where a rank's buffer begins; leased memory has an address also when it has no bytes.
  func start(of memory: PooledBuffer) throws(StoreError) -> UnsafeMutableRawPointer {
    guard let start = memory.bytes.baseAddress else { throw StoreError(.internalFault, "memory without an address") }
    return start
  }
}
