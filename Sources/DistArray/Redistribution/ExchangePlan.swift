// Who sends what to whom so that an array changes its distribution. Pure: plans are made alike on every rank.

import DAStore

/// The messages that carry an array from one distribution to another: any kinds, any grids, any ranks on either side.
///
/// Shapes are equal, or only the numbers of elements are: then elements keep their places in C order, as in a reshape.
/// Every element goes to its new owner exactly once; copies in communication padding are not filled. Elements that
/// stay on their rank form a message of that rank to itself.
public struct ExchangePlan: Sendable {
  public let source: Distribution
  public let target: Distribution
  /// Whether the array changes its shape; then messages list numbers of elements in C order.
  public var isReshape: Bool { source.shape != target.shape }
  /// Per axis; empty when the shape changes.
  private let tables: [AxisOverlapTable]

  /// - Throws: `.invalidArgument` when the numbers of elements differ; `.unsupported` when an axis is dealt in so
  ///   many small pieces that their list would be too long.
  /// - Complexity: as many steps as the axes have runs that meet, summed over axes, not multiplied; O(1) for a reshape,
  ///   whose messages are computed when they are asked for.
  public init(from source: Distribution, to target: Distribution) throws(StoreError) {
    self.source = source
    self.target = target
    if source.shape == target.shape {
      var tables: [AxisOverlapTable] = []
      for (before, after) in zip(source.axes, target.axes) {
        tables.append(try AxisOverlapTable(from: before, to: after))
      }
      self.tables = tables
      return
    }
    guard source.elementCount == target.elementCount else {
      throw StoreError(
        .invalidArgument,
        "an array \(shapeText(source.shape)) of \(source.elementCount) elements cannot become "
          + "\(shapeText(target.shape)), which has \(target.elementCount)")
    }
    tables = []
  }

  /// What a rank sends, by ascending place of the receivers; nothing for a rank that owns nothing.
  ///
  /// - Complexity: O(messages) and, for a reshape, O(runs of the rank's elements).
  public func messages(from rank: Int) -> [ExchangeMessage] {
    guard let coordinates = source.coordinates(ofRank: rank) else { return [] }
    if isReshape { return reshaping(rank, coordinates, sends: true) }
    let here = source.localShape(at: coordinates)
    return combined(zip(tables, coordinates).map { $0.bySource[$1] }).map { peer, axes in
      ExchangeMessage(
        source: rank, target: target.ranks[gridRank(of: peer, in: target.gridShape)], axes: axes, sourceShape: here,
        targetShape: target.localShape(at: peer))
    }
  }

  /// What a rank receives, by ascending place of the senders; the same messages that they send.
  public func messages(to rank: Int) -> [ExchangeMessage] {
    guard let coordinates = target.coordinates(ofRank: rank) else { return [] }
    if isReshape { return reshaping(rank, coordinates, sends: false) }
    let here = target.localShape(at: coordinates)
    return combined(zip(tables, coordinates).map { $0.byTarget[$1] }).map { peer, axes in
      ExchangeMessage(
        source: source.ranks[gridRank(of: peer, in: source.gridShape)], target: rank, axes: axes,
        sourceShape: source.localShape(at: peer), targetShape: here)
    }
  }

  /// Elements that change their rank.
  public var movedElementCount: Int {
    messageSizes.reduce(0) { $0 + $1.elementCount }
  }

  /// How many elements each pair of different ranks exchanges, by ascending place of the sender, then of the receiver.
  ///
  /// - Complexity: O(messages); for a reshape O(all runs that meet).
  var messageSizes: [(source: Int, target: Int, elementCount: Int)] {
    source.ranks.flatMap { rank in
      messages(from: rank).filter { $0.target != rank }.map { (rank, $0.target, $0.elementCount) }
    }
  }

  /// Every choice of one entry per axis: the coordinates of a peer and what is shared with it.
  private func combined(_ entries: [[AxisOverlapTable.Entry]]) -> [(peer: [Int], axes: [[AxisOverlap]])] {
    entries.reduce([([], [])]) { open, list in
      open.flatMap { peer, axes in list.map { (peer + [$0.peer], axes + [$0.overlaps]) } }
    }
  }

  /// What `rank` sends or receives in a reshape.
  private func reshaping(_ rank: Int, _ coordinates: [Int], sends: Bool) -> [ExchangeMessage] {
    let (own, other) = sends ? (source, target) : (target, source)
    let peers = FlatLayout(other)
    var overlaps: [Int: [AxisOverlap]] = [:]
    FlatLayout(own).forEachRun(at: coordinates) { run in
      peers.forEachRun(meeting: run) { place, theirs in
        guard let overlap = sends ? AxisOverlap(run, theirs) : AxisOverlap(theirs, run) else { return }
        overlaps[place, default: []].join(overlap)
      }
    }
    return overlaps.sorted { $0.key < $1.key }.map { place, list in
      let peer = other.ranks[place]
      // One flat axis: strides are 1, whatever its extent.
      return ExchangeMessage(
        source: sends ? rank : peer, target: sends ? peer : rank, axes: [list], sourceShape: [0], targetShape: [0])
    }
  }
}
