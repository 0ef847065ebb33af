// The only place where counts become 32-bit. MPI counts in `int`, and many libraries between us and the disk break near
// 2 GiB, so no message and no transfer is larger than a limit (256 MiB): what is larger goes in several rounds. Pure
// arithmetic; the loops over rounds stand where the calls are made.

/// The largest number of bytes that one MPI call moves for one rank.
package struct MessageLimit: Sendable, Hashable {
  /// 256 MiB.
  package static let standard = MessageLimit(byteCount: 256 << 20)

  package let byteCount: Int

  /// A limit of `byteCount` bytes, from 1 to 2^30; tests choose tiny ones.
  package init(byteCount: Int) {
    precondition((1...(1 << 30)).contains(byteCount), "a message limit lies between 1 byte and 1 GiB")
    self.byteCount = byteCount
  }

  /// Cuts `total` bytes, moved between two ranks or a rank and a file, into pieces.
  func pieces(of total: Int) -> Pieces { Pieces(total: total, piece: byteCount) }

  /// The largest piece of a collective that moves something between each pair of `rankCount` ranks: so small that a
  /// rank's pieces of one round stay within the limit together (or are one byte each).
  func share(of rankCount: Int) -> Int { max(1, byteCount / max(1, rankCount)) }

  /// Cuts a collective's messages, one for (or from) each rank, into pieces.
  func layout(_ byteCounts: [Int], roundCount: Int? = nil) -> RoundLayout {
    RoundLayout(byteCounts, piece: share(of: byteCounts.count), roundCount: roundCount)
  }

  /// The same for messages that lie one after the other, rank after rank, and stay there; `nil` beyond 2 GiB in all.
  func consecutive(_ byteCounts: [Int]) -> ConsecutiveLayout? {
    ConsecutiveLayout(byteCounts, piece: share(of: byteCounts.count))
  }

  /// Cuts `count` elements of `stride` bytes into pieces of whole elements.
  func elementPieces(of count: Int, stride: Int) -> Pieces { Pieces(total: count, piece: max(1, byteCount / stride)) }
}

/// A number of bytes (or elements) cut into equal pieces, the last one shorter.
struct Pieces {
  let total: Int
  let piece: Int

  /// Rounds that have something to move: none for nothing.
  var roundCount: Int { total == 0 ? 0 : (total - 1) / piece + 1 }

  /// The part moved in `round`; empty in the rounds that only other ranks need.
  func range(_ round: Int) -> Range<Int> {
    guard round < roundCount else { return total..<total }
    return round * piece..<round * piece + min(piece, total - round * piece)
  }

  /// The length of the part moved in `round`, as MPI wants it.
  func count(_ round: Int) -> Int32 { Int32(range(round).count) }

  /// The ranges of all rounds.
  var ranges: some Sequence<Range<Int>> { (0..<roundCount).lazy.map { range($0) } }
}

/// Where the pieces of one rank's messages to (or from) all ranks lie in one buffer.
///
/// Round after round, and in a round rank after rank, so that displacements are counted from the round's start and stay
/// small however large the whole is. With one round this is simply one rank's part after the other.
struct RoundLayout {
  let parts: [Pieces]
  let roundCount: Int
  let byteCount: Int
  private let offsets: [Int]

  /// - Parameters:
  ///   - byteCounts: Bytes for (or from) each rank.
  ///   - piece: Most bytes of one rank in one round.
  ///   - roundCount: Rounds that all ranks agreed on; by default as many as `byteCounts` need.
  init(_ byteCounts: [Int], piece: Int, roundCount: Int?) {
    let parts = byteCounts.map { Pieces(total: $0, piece: piece) }
    let roundCount = roundCount ?? parts.map(\.roundCount).max() ?? 0
    var offsets: [Int] = []
    offsets.reserveCapacity(roundCount * parts.count)
    var offset = 0
    for round in 0..<roundCount {
      for part in parts {
        offsets.append(offset)
        offset += part.range(round).count
      }
    }
    self.parts = parts
    self.roundCount = roundCount
    self.offsets = offsets
    byteCount = offset
  }

  /// Where `round` starts in the buffer.
  func start(of round: Int) -> Int { parts.isEmpty ? 0 : offsets[round * parts.count] }

  /// Bytes for each rank in `round`.
  func counts(of round: Int) -> [Int32] { parts.map { $0.count(round) } }

  /// Where each rank's bytes begin, from the start of `round`.
  func displacements(of round: Int) -> [Int32] {
    parts.indices.map { Int32(offsets[round * parts.count + $0] - start(of: round)) }
  }

  /// Copies the message for `rank` into its places in `buffer`.
  func pack(_ message: UnsafeRawBufferPointer, for rank: Int, into buffer: MessageBuffer) {
    for round in 0..<parts[rank].roundCount {
      let range = parts[rank].range(round)
      buffer.bytes[offsets[round * parts.count + rank]...].copyBytes(from: message[range])
    }
  }

  /// Puts the message of each rank together from its places in `buffer`.
  func unpack<T: MessageElement>(_ buffer: MessageBuffer, as type: T.Type) throws(MPIError) -> [[T]] {
    var messages: [[T]] = []
    messages.reserveCapacity(parts.count)
    for (rank, part) in parts.enumerated() {
      let message = try [T](count: part.total / MemoryLayout<T>.stride) { (bytes) throws(MPIError) in
        for round in 0..<part.roundCount {
          let range = part.range(round)
          let offset = offsets[round * parts.count + rank]
          bytes[range].copyBytes(from: buffer.bytes[offset..<offset + range.count])
        }
      }
      messages.append(message)
    }
    return messages
  }
}

/// Where the pieces of messages lie that stand whole in one memory, one rank's after the other's.
struct ConsecutiveLayout {
  private let parts: [Pieces]
  private let starts: [Int]

  /// - Parameter piece: Most bytes of one rank in one round.
  init?(_ byteCounts: [Int], piece: Int) {
    var starts: [Int] = []
    var end = 0
    for byteCount in byteCounts {
      starts.append(end)
      end += byteCount
    }
    // A displacement may be the end of everything.
    guard end <= Int(Int32.max) else { return nil }
    parts = byteCounts.map { Pieces(total: $0, piece: piece) }
    self.starts = starts
  }

  var roundCount: Int { parts.map(\.roundCount).max() ?? 0 }

  /// Bytes for each rank in `round`.
  func counts(of round: Int) -> [Int32] { parts.map { $0.count(round) } }

  /// Where each rank's bytes of `round` begin.
  func displacements(of round: Int) -> [Int32] { zip(parts, starts).map { Int32($1 + $0.range(round).lowerBound) } }
}
