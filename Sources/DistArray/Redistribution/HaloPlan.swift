// Who sends what to whom so that copies of neighbours' elements are up to date. Pure: plans are made alike on every
// rank.

import DAStore

/// The messages that fill the communication padding of all ranks from the elements' owners, along every axis at once,
/// so that corners are filled too.
///
/// On a periodic axis the boundary padding at the two ends is filled as well, from the elements that come next when the
/// axis is walked round: with boundary padding of widths l and u, the n − l − u elements between are the period. On
/// other axes it is left alone: those are ordinary elements.
///
/// No message takes what another brings, so that all happens in place.
public struct HaloPlan: Sendable {
  public let distribution: Distribution
  /// Whether the boundary padding of periodic axes is filled.
  public let wraps: Bool
  private let axes: [AxisHalo]

  /// - Complexity: O(ranks along the axes + widths of padding), summed over axes.
  public init(_ distribution: Distribution, wraps: Bool = true) {
    self.distribution = distribution
    self.wraps = wraps
    axes = distribution.axes.map { AxisHalo($0, wraps: wraps) }
  }

  /// Whether there is nothing to fill on any rank.
  public var isEmpty: Bool { distribution.elementCount == 0 || axes.allSatisfy(\.isEmpty) }

  /// What a rank sends, itself included. Where `AxisOverlap.start` would be a global index it is one on axes of blocks.
  ///
  /// - Complexity: O(messages).
  public func messages(from rank: Int) -> [ExchangeMessage] {
    guard let here = distribution.coordinates(ofRank: rank), !isEmpty else { return [] }
    return choices(zip(axes, here).map { $0.targets(of: $1) }).flatMap { messages(from: here, to: $0) }
  }

  /// What a rank receives, itself included; the same messages that they send.
  public func messages(to rank: Int) -> [ExchangeMessage] {
    guard let here = distribution.coordinates(ofRank: rank), !isEmpty else { return [] }
    return choices(zip(axes, here).map { $0.sources(of: $1) }).flatMap { messages(from: $0, to: here) }
  }

  /// How many elements each pair of different ranks exchanges.
  var messageSizes: [(source: Int, target: Int, elementCount: Int)] {
    distribution.ranks.flatMap { rank in
      messages(from: rank).filter { $0.target != rank }.map { (rank, $0.target, $0.elementCount) }
    }
  }

  private func choices(_ lists: [[Int]]) -> [[Int]] {
    lists.reduce([[]]) { open, list in open.flatMap { choice in list.map { choice + [$0] } } }
  }

  /// What passes from one place of the process grid to another: at most one message, but several of a place to itself.
  private func messages(from source: [Int], to target: [Int]) -> [ExchangeMessage] {
    let pieces = zip(axes, zip(source, target)).map { axis, places in axis.pieces(from: places.0, to: places.1) }
    if source != target { return [message(source, target, pieces.map { $0.staying + $0.filled })].compactMap(\.self) }
    // Everything but what stays on all axes: split by the first axis on which something is filled.
    return axes.indices.compactMap { first in
      message(
        source, target,
        pieces.enumerated().map { axis, pieces in
          axis < first ? pieces.staying : axis == first ? pieces.filled : pieces.staying + pieces.filled
        })
    }
  }

  private func message(_ source: [Int], _ target: [Int], _ pieces: [[AxisOverlap]]) -> ExchangeMessage? {
    if pieces.contains(where: \.isEmpty) { return nil }
    let grid = distribution.gridShape
    return ExchangeMessage(
      source: distribution.ranks[gridRank(of: source, in: grid)],
      target: distribution.ranks[gridRank(of: target, in: grid)], axes: pieces,
      sourceShape: distribution.localShape(at: source), targetShape: distribution.localShape(at: target))
  }
}

/// One axis of a halo exchange: for each grid rank, where the elements of its buffer come from.
private struct AxisHalo {
  /// The elements that stay as they are, and those that are filled from a grid rank.
  struct Pieces {
    var staying: [AxisOverlap] = []
    var filled: [AxisOverlap] = []
  }
  /// By target, then by source.
  private var pieces: [[Int: Pieces]] = []
  private var targetsBySource: [[Int]] = []

  init(_ map: AxisMap, wraps: Bool) {
    for rank in 0..<map.rankCount { pieces.append(Self.pieces(map, rank, wraps: wraps)) }
    targetsBySource = Array(repeating: [], count: map.rankCount)
    for (target, bySource) in pieces.enumerated() {
      for source in bySource.keys { targetsBySource[source].append(target) }
    }
  }

  var isEmpty: Bool { pieces.allSatisfy { $0.values.allSatisfy(\.filled.isEmpty) } }

  func targets(of source: Int) -> [Int] { targetsBySource[source] }
  func sources(of target: Int) -> [Int] { pieces[target].keys.sorted() }
  func pieces(from source: Int, to target: Int) -> Pieces { pieces[target][source] ?? Pieces() }

  private static func pieces(_ map: AxisMap, _ rank: Int, wraps: Bool) -> [Int: Pieces] {
    guard let owned = map.ownedRange(of: rank) else {
      let count = map.ownedCount(of: rank)
      let all = AxisOverlap(neighbours: count, from: 0, source: 0, target: 0)
      return count == 0 ? [:] : [rank: Pieces(staying: [all])]
    }
    let held = map.heldRange(of: rank)
    let inner = wraps ? map.innerRange : 0..<map.size
    var pieces: [Int: Pieces] = [:]
    let staying = owned.clamped(to: inner)
    if !staying.isEmpty {
      let place = staying.lowerBound - held.lowerBound
      pieces[rank, default: Pieces()].staying = [
        AxisOverlap(neighbours: staying.count, from: staying.lowerBound, source: place, target: place)
      ]
    }
    func fill(_ indices: Range<Int>) {
      for global in indices {
        let origin = inner.lowerBound + remainder(global - inner.lowerBound, inner.count)
        let source = map.owner(of: origin)
        let place = origin - map.heldRange(of: source).lowerBound
        pieces[source, default: Pieces()].filled.join(
          AxisOverlap(element: origin, source: place, target: global - held.lowerBound))
      }
    }
    let middle = staying.isEmpty ? held.upperBound..<held.upperBound : staying
    fill(held.lowerBound..<middle.lowerBound)
    fill(middle.upperBound..<held.upperBound)
    return pieces
  }

  /// The remainder with the divisor's sign.
  private static func remainder(_ value: Int, _ divisor: Int) -> Int {
    let rest = value % divisor
    return rest < 0 ? rest + divisor : rest
  }
}

extension AxisMap {
  /// The period of a periodic axis: all but the boundary padding at its ends. The whole axis where that would leave
  /// nothing, or where it is not periodic.
  fileprivate var innerRange: Range<Int> {
    guard isPeriodic, let first = padding.first, let last = padding.last, first.lower + last.upper < size else {
      return 0..<size
    }
    return first.lower..<size - last.upper
  }
}
