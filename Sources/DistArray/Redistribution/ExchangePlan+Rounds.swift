// An exchange cut into rounds, so that no rank needs more than a stated number of bytes for what it sends or receives.

import DAStore

/// A part of a message that travels in one round.
public struct ExchangeTransfer: Sendable, Hashable {
  public var source: Int
  public var target: Int
  /// Ordinals in the message from `source` to `target`; see ``ExchangeMessage/forEachRun(in:_:)``.
  public var elements: Range<Int>

  public init(source: Int, target: Int, elements: Range<Int>) {
    self.source = source
    self.target = target
    self.elements = elements
  }
}

/// Transfers that happen together; all ranks take part, also those without a transfer.
public struct ExchangeRound: Sendable, Hashable {
  public internal(set) var transfers: [ExchangeTransfer]
}

extension ExchangePlan {
  /// Cuts the messages between different ranks into rounds in which no rank sends or receives more than `byteLimit`
  /// bytes.
  ///
  /// What stays on its rank is in no round. Every rank computes the same rounds.
  /// - Throws: `.memory` when not even one element fits.
  /// - Complexity: O(messages · rounds) at worst; usually most messages are done after a few rounds.
  public func rounds(elementByteCount: Int, byteLimit: Int) throws(StoreError) -> [ExchangeRound] {
    try ExchangeRound.rounds(
      of: messageSizes, among: Set(source.ranks).union(target.ranks), elementByteCount: elementByteCount,
      byteLimit: byteLimit)
  }
}

extension ExchangeRound {
  /// Cuts messages into rounds in which no rank sends or receives more than `byteLimit` bytes.
  ///
  /// - Parameter ranks: All that send or receive.
  /// - Throws: `.memory` when not even one element fits.
  static func rounds(
    of messages: [(source: Int, target: Int, elementCount: Int)], among ranks: Set<Int>, elementByteCount: Int,
    byteLimit: Int
  ) throws(StoreError) -> [ExchangeRound] {
    let room = byteLimit / max(1, elementByteCount)
    guard room >= 1 else {
      throw StoreError(
        .memory, "\(byteLimit) bytes per rank for an exchange of elements of \(elementByteCount) bytes; one must fit")
    }
    var open = schedule(messages, among: ranks)
    var rounds: [ExchangeRound] = []
    while !open.isEmpty {
      var sendRoom: [Int: Int] = [:]
      var receiveRoom: [Int: Int] = [:]
      var transfers: [ExchangeTransfer] = []
      var left: [Pending] = []
      for var message in open {
        let share = min(
          message.end - message.begin, sendRoom[message.source, default: room],
          receiveRoom[message.target, default: room])
        if share > 0 {
          sendRoom[message.source, default: room] -= share
          receiveRoom[message.target, default: room] -= share
          transfers.append(
            ExchangeTransfer(
              source: message.source, target: message.target, elements: message.begin..<message.begin + share))
          message.begin += share
        }
        if message.begin < message.end { left.append(message) }
      }
      rounds.append(ExchangeRound(transfers: transfers))
      open = left
    }
    return rounds
  }

  private struct Pending {
    var source: Int
    var target: Int
    var begin = 0
    var end: Int
  }

  /// The messages in an order that lets all ranks work: each turn pairs every sender with another receiver.
  private static func schedule(
    _ messages: [(source: Int, target: Int, elementCount: Int)], among ranks: Set<Int>
  ) -> [Pending] {
    let numbers = Dictionary(uniqueKeysWithValues: ranks.sorted().enumerated().map { ($1, $0) })
    func turn(_ message: Pending) -> Int {
      let distance = (numbers[message.target] ?? 0) - (numbers[message.source] ?? 0)
      return distance < 0 ? distance + ranks.count : distance
    }
    return messages.map { Pending(source: $0.source, target: $0.target, end: $0.elementCount) }
      .sorted { (turn($0), $0.source) < (turn($1), $1.source) }
  }
}
