// What a change of distribution will take, made before anything moves: rounds, bytes, memory, and whether through disk.

import DAStore

/// The plan of giving an array in memory another distribution. Pure: every rank makes the same one.
public struct RedistributionPlan: Sendable {
  /// Where the elements are while they change places.
  public enum Way: Sendable, Hashable {
    /// Old and new parts are in memory together.
    case inMemory
    /// Every rank writes its old part to a scratch file of its own and reads what it sends from there.
    case throughDisk
  }

  public let exchange: ExchangePlan
  public let dtype: DType
  public let way: Way
  public let rounds: [ExchangeRound]
  /// Most bytes that a rank sends, or receives, in a round.
  public let roundByteCount: Int
  /// Bytes that change their rank.
  public let movedByteCount: Int
  /// Bytes that all ranks together write to scratch files, and read again at least once.
  public let spilledByteCount: Int
  /// Most bytes that any rank has in memory for old and new parts and messages.
  public let peakByteCount: Int

  /// Rounds are about this long where there is room: long transfers, short waits.
  public static let preferredRoundByteCount = 32 << 20
  /// Rounds are at least this long, unless less travels: many short ones would spend their time waiting.
  public static let leastRoundByteCount = 64 << 10

  /// - Parameters:
  ///   - keepsSource: Whether the array keeps its old parts too; then nothing goes through the disk.
  ///   - memory: What a rank may take for all of it, the old part included.
  ///   - messageByteLimit: No round is longer.
  /// - Throws: What ``ExchangePlan/init(from:to:)`` throws; `.memory` with the budget that would do.
  public init(
    from source: Distribution, to target: Distribution, dtype: DType, keepsSource: Bool, memory: FreeMemory,
    messageByteLimit: Int = 256 << 20
  ) throws(StoreError) {
    let exchange = try ExchangePlan(from: source, to: target)
    let sizes = exchange.messageSizes
    var sent: [Int: Int] = [:]
    var received: [Int: Int] = [:]
    for message in sizes {
      sent[message.source, default: 0] += message.elementCount * dtype.byteCount
      received[message.target, default: 0] += message.elementCount * dtype.byteCount
    }
    let traffic = max(sent.values.max() ?? 0, received.values.max() ?? 0)
    let limit = max(dtype.byteCount, min(traffic, Self.preferredRoundByteCount, messageByteLimit))
    let least = min(limit, max(dtype.byteCount, Self.leastRoundByteCount))
    func staging(_ byteCount: Int) -> Int { 2 * BufferPool.capacity(for: byteCount) }

    func part(_ distribution: Distribution, _ rank: Int) -> Int {
      BufferPool.capacity(for: distribution.localByteCount(dtype, rank: rank))
    }
    let ranks = Set(source.ranks).union(target.ranks)
    let both = ranks.map { saturatingSum(part(source, $0), part(target, $0)) }.max() ?? 0
    let larger = ranks.map { max(part(source, $0), part(target, $0) + SpilledElements.stagingByteCount) }.max() ?? 0
    let fitsInMemory = saturatingSum(both, staging(least)) <= memory.free
    if !fitsInMemory {
      let alternative = saturatingSum(larger, staging(least))
      let what = "distributing an array \(shapeText(source.shape)) of \(dtype.name) anew"
      if keepsSource {
        let inPlace = alternative <= memory.free ? ", or use redistribute(as:), which gives up the old parts" : ""
        try memory.require(
          saturatingSum(both, staging(least)), for: what + " and keeping the old parts", advice: inPlace)
      }
      try memory.require(alternative, for: what + " through the disk")
    }
    way = fitsInMemory ? .inMemory : .throughDisk
    let base = fitsInMemory ? both : larger
    // As much of what is left as rounds can use.
    let room = max(least, (memory.free - base) / 2 / BufferPool.capacity(for: 1) * BufferPool.capacity(for: 1))
    roundByteCount = min(limit, room)
    peakByteCount = base + staging(roundByteCount)
    movedByteCount = sizes.reduce(0) { $0 + $1.elementCount } * dtype.byteCount
    spilledByteCount =
      fitsInMemory ? 0 : source.ranks.reduce(0) { saturatingSum($0, source.localByteCount(dtype, rank: $1)) }
    rounds = try ExchangeRound.rounds(
      of: sizes, among: ranks, elementByteCount: dtype.byteCount, byteLimit: roundByteCount)
    self.exchange = exchange
    self.dtype = dtype
  }

  /// The plan in words, a line each.
  public var explanation: [String] {
    let whole = saturatingProduct(exchange.source.elementCount, dtype.byteCount)
    var lines = [
      "\(shapeText(exchange.source.shape)) \(dtype.name)"
        + (exchange.isReshape ? " to \(shapeText(exchange.target.shape))" : "")
        + ", ranks \(listText(exchange.source.targets)) to \(listText(exchange.target.targets))",
      "\(byteCountText(movedByteCount)) of \(byteCountText(whole)) change their rank, in \(rounds.count) rounds of at most "
        + "\(byteCountText(roundByteCount)) per rank",
    ]
    if way == .throughDisk {
      lines.append(
        "old and new parts do not fit the memory together: \(byteCountText(spilledByteCount)) go through scratch files")
    }
    lines.append("at most \(byteCountText(peakByteCount)) of memory per rank")
    return lines
  }
}
