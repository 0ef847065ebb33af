// Bringing copies of neighbours' elements up to date.

import DAStore
import MessagePassing

extension DistributedArray {
  /// Fills the communication padding of every rank with what the elements' owners have now, corners included.
  ///
  /// On periodic axes the boundary padding is filled too, from the other end of the axis (see ``HaloPlan``): these are
  /// elements of the array, which change. Boundary padding of other axes is left alone.
  /// - Throws: The same on every rank: `.memory` when the messages do not fit, `.messagePassing`.
  /// - Collective: yes; rounds of bounded size, in place.
  public func exchangeHalos() throws(StoreError) { try fill(HaloPlan(distribution)) }

  /// Makes copies right in an array that has just come to be: no element of the array changes.
  func fillCopies() throws(StoreError) { try fill(HaloPlan(distribution, wraps: false)) }

  private func fill(_ plan: HaloPlan) throws(StoreError) {
    if plan.isEmpty { return }
    let communicator = context.communicator
    let memory = try localMemory()
    let sizes = plan.messageSizes
    var traffic: [Int: Int] = [:]
    for message in sizes {
      traffic[message.source, default: 0] += message.elementCount * dtype.byteCount
      traffic[-1 - message.target, default: 0] += message.elementCount * dtype.byteCount
    }
    let free = try context.freeMemory()
    let page = BufferPool.capacity(for: 1)
    try free.require(2 * page, for: "an exchange of halos")
    let limit = min(
      traffic.values.max() ?? 0, RedistributionPlan.preferredRoundByteCount, communicator.messageLimit.byteCount,
      free.free / 2 / page * page)
    let rounds = try ExchangeRound.rounds(
      of: sizes, among: Set(distribution.ranks), elementByteCount: dtype.byteCount,
      byteLimit: max(dtype.byteCount, limit))
    let exchange = Exchange(
      rank: communicator.rank, from: plan.messages(from: communicator.rank), to: plan.messages(to: communicator.rank),
      rounds: rounds, elementByteCount: dtype.byteCount)
    let start = try start(of: memory)
    let (outgoing, incoming) = try communicator.agree { () throws(StoreError) in
      (
        try context.heldMemory.lease(byteCount: max(dtype.byteCount, limit)),
        try context.heldMemory.lease(byteCount: max(dtype.byteCount, limit))
      )
    }
    var source = ElementsInMemory(start: UnsafeRawPointer(start), elementByteCount: dtype.byteCount)
    try exchange.run(
      from: &source, to: start, outgoing: outgoing, incoming: incoming, over: communicator, checkForStop: {})
    withExtendedLifetime(memory) {}
  }
}
