// Carries out exchanges: elements are packed, travel in rounds that all ranks share, and are unpacked.

import DAStore
import MessagePassing

/// The messages of one rank, and the rounds of all.
struct Exchange {
  let elementByteCount: Int
  let rounds: [ExchangeRound]
  /// By the other rank; a message from this rank to itself is in `stays`.
  private var sends: [Int: ExchangeMessage] = [:]
  private var receives: [Int: ExchangeMessage] = [:]
  private var stays: [ExchangeMessage] = []
  private let rank: Int

  init(
    rank: Int, from outgoing: [ExchangeMessage], to incoming: [ExchangeMessage], rounds: [ExchangeRound],
    elementByteCount: Int
  ) {
    self.rank = rank
    self.rounds = rounds
    self.elementByteCount = elementByteCount
    for message in outgoing {
      if message.target == rank { stays.append(message) } else { sends[message.target] = message }
    }
    for message in incoming where message.source != rank { receives[message.source] = message }
  }

  /// Moves the elements.
  ///
  /// - Parameters:
  ///   - target: This rank's buffer after the exchange; may be the same memory that `source` reads where no message
  ///     takes what another brings.
  ///   - outgoing, incoming: Memory for what one rank sends, and receives, in a round.
  ///   - checkForStop: Asked in every round.
  /// - Throws: The same on every rank: what reading the source throws, `.interrupted`, `.messagePassing`.
  /// - Collective: yes.
  func run<Source: ElementSource>(
    from source: inout Source, to target: UnsafeMutableRawPointer, outgoing: PooledBuffer, incoming: PooledBuffer,
    over communicator: Communicator, checkForStop: () throws(StoreError) -> Void
  ) throws(StoreError) {
    try communicator.agree { () throws(StoreError) in
      for message in stays { try keep(message, from: &source, to: target) }
    }
    for round in rounds {
      var sendCounts = [Int](repeating: 0, count: communicator.size)
      var receiveCounts = sendCounts
      let out = round.transfers.filter { $0.source == rank }.sorted { $0.target < $1.target }
      let into = round.transfers.filter { $0.target == rank }.sorted { $0.source < $1.source }
      for transfer in out { sendCounts[transfer.target] = transfer.elements.count * elementByteCount }
      for transfer in into { receiveCounts[transfer.source] = transfer.elements.count * elementByteCount }
      try communicator.agree { () throws(StoreError) in
        try checkForStop()
        try pack(out, from: &source, into: outgoing)
      }
      try passing { () throws(MPIError) in
        try communicator.allToAll(
          UnsafeRawBufferPointer(outgoing.bytes), sendCounts, into: incoming.bytes, receiveCounts)
      }
      unpack(into, from: incoming, to: target)
    }
  }

  /// Copies what stays on this rank.
  private func keep<Source: ElementSource>(
    _ message: ExchangeMessage, from source: inout Source, to target: UnsafeMutableRawPointer
  ) throws(StoreError) {
    try message.forEachRun(in: 0..<message.elementCount) { run throws(StoreError) in
      try source.copy(
        run.count, from: run.sourceOffset, step: run.sourceStep, to: target + run.targetOffset * elementByteCount,
        step: run.targetStep)
    }
  }

  private func pack<Source: ElementSource>(
    _ transfers: [ExchangeTransfer], from source: inout Source, into buffer: PooledBuffer
  ) throws(StoreError) {
    guard var place = buffer.bytes.baseAddress else { return }
    for transfer in transfers {
      guard let message = sends[transfer.target] else { preconditionFailure("a message for every transfer") }
      try message.forEachRun(in: transfer.elements) { run throws(StoreError) in
        try source.copy(run.count, from: run.sourceOffset, step: run.sourceStep, to: place, step: 1)
        place += run.count * elementByteCount
      }
    }
  }

  private func unpack(_ transfers: [ExchangeTransfer], from buffer: PooledBuffer, to target: UnsafeMutableRawPointer) {
    guard var place = buffer.bytes.baseAddress else { return }
    for transfer in transfers {
      guard let message = receives[transfer.source] else { preconditionFailure("a message for every transfer") }
      message.forEachRun(in: transfer.elements) { run in
        copyElements(
          run.count, of: elementByteCount, from: place, step: 1, to: target + run.targetOffset * elementByteCount,
          step: run.targetStep)
        place += run.count * elementByteCount
      }
    }
  }
}
