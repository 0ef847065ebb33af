// One axis of one process in the words of the Distributed Array Protocol, as a value: parsed once, at the border.

/// What a *dimension dictionary* of the Distributed Array Protocol says about one axis on one process.
///
/// Source: Formats/distributed-array-protocol.md.
public struct DimData: Sendable, Hashable {
  public enum Distribution: Sendable, Hashable {
    /// The whole axis on one process: `'n'` of version 0.9.0, or the empty dictionary.
    case undistributed
    /// `held` is the range in the buffer, padding included.
    case block(held: Range<Int>, padding: AxisPadding, isPeriodic: Bool)
    /// Blocks of `blockSize` elements dealt in turn.
    case cyclic(blockSize: Int)
    /// The global indices in the buffer, in its order.
    case unstructured(indices: [Int], isOneToOne: Bool)
  }

  /// Elements of the whole axis.
  public var size: Int
  /// Processes along this axis of the process grid, and which of them this is.
  public var gridSize: Int
  public var gridRank: Int
  public var distribution: Distribution

  public init(size: Int, gridSize: Int, gridRank: Int, distribution: Distribution) {
    self.size = size
    self.gridSize = gridSize
    self.gridRank = gridRank
    self.distribution = distribution
  }

  /// What a rank of a map says about itself.
  ///
  /// - Precondition: `gridRank` is a grid rank of the map.
  public init(_ map: AxisMap, gridRank: Int) {
    let distribution: Distribution =
      switch map.kind {
      case .undistributed: .undistributed
      case .block:
        .block(
          held: map.heldRange(of: gridRank),
          padding: map.padding.isEmpty ? AxisPadding(lower: 0, upper: 0) : map.padding[gridRank],
          isPeriodic: map.isPeriodic)
      case .cyclic(let blockSize): .cyclic(blockSize: blockSize)
      case .unstructured(let indices): .unstructured(indices: indices[gridRank], isOneToOne: true)
      }
    self.init(size: map.size, gridSize: map.rankCount, gridRank: gridRank, distribution: distribution)
  }

  /// This dictionary without widths that may differ between processes of one grid rank: those of boundary padding.
  package var withoutBoundaryPadding: DimData {
    guard case .block(let held, var padding, let isPeriodic) = distribution else { return self }
    if gridRank == 0 { padding.lower = 0 }
    if gridRank == gridSize - 1 { padding.upper = 0 }
    var copy = self
    copy.distribution = .block(held: held, padding: padding, isPeriodic: isPeriodic)
    return copy
  }

  /// The protocol's letter: `n`, `b`, `c` or `u`.
  public var letter: String {
    switch distribution {
    case .undistributed: "n"
    case .block: "b"
    case .cyclic: "c"
    case .unstructured: "u"
    }
  }
}

extension AxisMap {
  /// Joins what the grid ranks of an axis say into one map.
  ///
  /// - Parameters:
  ///   - ranks: One entry per grid rank, in order.
  ///   - axis: Number of the axis, for error texts.
  /// - Throws: `.corrupt` when the entries disagree, overlap or leave a hole.
  package init(joining ranks: [DimData], axis: Int) throws(StoreError) {
    guard let first = ranks.first else { throw StoreError(.corrupt, "axis \(axis) has no grid rank") }
    for (rank, data) in ranks.enumerated() {
      guard data.size == first.size, data.gridSize == ranks.count, data.gridRank == rank, data.letter == first.letter
      else {
        throw StoreError(
          .corrupt,
          "axis \(axis): grid rank \(rank) says '\(data.letter)', size \(data.size), rank \(data.gridRank) "
            + "of \(data.gridSize); grid rank 0 says '\(first.letter)', "
            + "size \(first.size), rank \(first.gridRank) of \(first.gridSize)"
        )
      }
    }
    do throws(StoreError) {
      switch first.distribution {
      case .undistributed: self = try .undistributed(size: first.size)
      case .block: self = try Self.blocks(ranks)
      case .cyclic(let blockSize):
        for data in ranks where data.distribution != first.distribution {
          throw StoreError(.corrupt, "grid rank \(data.gridRank) has another block size than grid rank 0, \(blockSize)")
        }
        self = try .cyclic(size: first.size, rankCount: ranks.count, blockSize: blockSize)
      case .unstructured:
        self = try .unstructured(
          size: first.size,
          indices: ranks.map { data in
            guard case .unstructured(let indices, _) = data.distribution else { return [] }
            return indices
          })
      }
    } catch {
      throw StoreError(.corrupt, "axis \(axis): \(error.message)")
    }
  }

  private static func blocks(_ ranks: [DimData]) throws(StoreError) -> AxisMap {
    var bounds = [0]
    var paddings: [AxisPadding] = []
    var periodic: Bool?
    for data in ranks {
      guard case .block(let held, let padding, let isPeriodic) = data.distribution else { continue }
      if let known = periodic, known != isPeriodic {
        throw StoreError(.corrupt, "grid rank \(data.gridRank) and grid rank 0 disagree on 'periodic'")
      }
      periodic = isPeriodic
      let lower = held.lowerBound + (data.gridRank == 0 ? 0 : padding.lower)
      let upper = held.upperBound - (data.gridRank == ranks.count - 1 ? 0 : padding.upper)
      let end = bounds[bounds.count - 1]
      if lower < end {
        throw StoreError(
          .corrupt,
          "grid ranks \(data.gridRank - 1) and \(data.gridRank) overlap: one ends at \(end), the next begins "
            + "at \(lower); DistArray leaves out the 'padding' of arrays that have it")
      }
      if lower > end { throw StoreError(.corrupt, "a hole: no grid rank owns \(end)..<\(lower)") }
      guard upper >= lower else {
        throw StoreError(
          .corrupt,
          "padding (\(padding.lower), \(padding.upper)) of grid rank \(data.gridRank) exceeds its "
            + "\(held.count) elements"
        )
      }
      bounds.append(upper)
      paddings.append(padding)
    }
    guard let end = bounds.last, end == ranks[0].size else {
      throw StoreError(.corrupt, "a hole: no grid rank owns \(bounds[bounds.count - 1])..<\(ranks[0].size)")
    }
    return try .block(bounds: bounds, padding: paddings, isPeriodic: periodic ?? false)
  }
}
