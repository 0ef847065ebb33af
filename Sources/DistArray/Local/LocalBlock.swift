// What a rank has of a distributed array, without the elements: extents, what is owned, and the way to global indices.

import DAStore

/// One rank's part of a distributed array: a dense buffer in C order, copies of neighbours' elements included.
public struct LocalBlock: Sendable, Hashable {
  public let distribution: Distribution
  public let rank: Int
  /// Where the rank stands on each axis of the process grid.
  public let coordinates: [Int]
  /// Extents of the buffer.
  public let shape: [Int]
  /// Elements of the buffer from neighbour to neighbour along each axis.
  public let strides: [Int]
  /// Local indices of the elements that the rank owns, per axis; what lies outside are copies.
  public let owned: [Range<Int>]

  /// `nil` for a rank that is no target.
  public init?(_ distribution: Distribution, rank: Int) {
    guard let coordinates = distribution.coordinates(ofRank: rank) else { return nil }
    self.distribution = distribution
    self.rank = rank
    self.coordinates = coordinates
    shape = distribution.localShape(at: coordinates)
    strides = rowMajorStrides(shape, elementByteCount: 1)
    owned = zip(distribution.axes, coordinates).map { axis, place in
      guard let range = axis.ownedRange(of: place) else { return 0..<axis.ownedCount(of: place) }
      let start = range.lowerBound - axis.heldRange(of: place).lowerBound
      return start..<start + range.count
    }
  }

  /// Elements of the buffer; 1 for a 0-dimensional array.
  public var elementCount: Int { shape.reduce(1, *) }

  /// Elements that the rank owns.
  public var ownedCount: Int { owned.reduce(1) { $0 * $1.count } }

  /// Whether copies of neighbours' elements lie around the owned ones.
  public var hasCopies: Bool { zip(owned, shape).contains { $0.count != $1 } }

  /// The global index of a local one along an axis.
  ///
  /// - Precondition: the axis exists and the index lies in the buffer.
  public func globalIndex(_ local: Int, axis: Int) -> Int {
    guard let global = distribution.axes[axis].global(ofLocal: local, on: coordinates[axis]) else {
      preconditionFailure("local index \(local) lies outside axis \(axis) of a block \(shapeText(shape))")
    }
    return global
  }

  /// The global index of an element of the buffer.
  ///
  /// - Precondition: one index per axis, inside the buffer.
  public func globalIndex(_ local: [Int]) -> [Int] {
    local.indices.map { globalIndex(local[$0], axis: $0) }
  }

  /// Where an element stands in the buffer, in elements from its start.
  public func offset(_ local: [Int]) -> Int { zip(local, strides).reduce(0) { $0 + $1.0 * $1.1 } }
}

extension Distribution {
  /// Bytes of the largest buffer of any rank, copies included.
  public func largestLocalByteCount(_ dtype: DType) -> Int {
    axes.reduce(dtype.byteCount) { size, axis in
      saturatingProduct(size, (0..<axis.rankCount).map { axis.localCount(of: $0) }.max() ?? 0)
    }
  }

  /// Bytes of a rank's buffer, copies included; 0 for a rank that is no target.
  public func localByteCount(_ dtype: DType, rank: Int) -> Int {
    localShape(ofRank: rank).map { $0.reduce(dtype.byteCount, saturatingProduct) } ?? 0
  }
}
