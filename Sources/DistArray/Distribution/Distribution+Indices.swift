// Between global indices and places in a rank's buffer, and how large that buffer is.

import DAStore

extension Distribution {
  /// Shape of a rank's buffer, copies in communication padding included; `nil` for a rank that is no target.
  public func localShape(ofRank rank: Int) -> [Int]? {
    coordinates(ofRank: rank).map { localShape(at: $0) }
  }

  /// Shapes of all local buffers, in C order of the places.
  public var localShapes: [[Int]] {
    let grid = gridShape
    return ranks.indices.map { localShape(at: gridCoordinates(of: $0, in: grid)) }
  }

  func localShape(at coordinates: [Int]) -> [Int] {
    zip(axes, coordinates).map { $0.localCount(of: $1) }
  }

  /// Elements that a rank owns; 0 for a rank that is no target. The sum over all ranks is ``elementCount``.
  public func ownedCount(ofRank rank: Int) -> Int {
    guard let coordinates = coordinates(ofRank: rank) else { return 0 }
    return zip(axes, coordinates).reduce(1) { $0 * $1.0.ownedCount(of: $1.1) }
  }

  /// Where an element lies in a rank's buffer; `nil` when that rank does not hold it or there is no such element.
  ///
  /// Copies of a neighbour's elements, in communication padding, are found too.
  public func localIndex(ofGlobal index: [Int], rank: Int) -> [Int]? {
    guard index.count == dimensionCount, let coordinates = coordinates(ofRank: rank) else { return nil }
    var local: [Int] = []
    for (axis, global) in index.enumerated() {
      guard let position = axes[axis].local(of: global, on: coordinates[axis]) else { return nil }
      local.append(position)
    }
    return local
  }

  /// The global index of an element of a rank's buffer; `nil` when the buffer has no such element.
  public func globalIndex(ofLocal index: [Int], rank: Int) -> [Int]? {
    guard index.count == dimensionCount, let coordinates = coordinates(ofRank: rank) else { return nil }
    var global: [Int] = []
    for (axis, local) in index.enumerated() {
      guard let position = axes[axis].global(ofLocal: local, on: coordinates[axis]) else { return nil }
      global.append(position)
    }
    return global
  }

  /// The least and the greatest global index that a rank owns along an axis; `nil` when it owns none.
  ///
  /// - Throws: `.invalidArgument` for an axis outside `0 ..< dimensionCount`.
  public func globalLimits(ofAxis axis: Int, rank: Int) throws(StoreError) -> ClosedRange<Int>? {
    guard axes.indices.contains(axis) else {
      throw StoreError(.invalidArgument, "axis \(axis) does not exist in an array of \(dimensionCount) axes")
    }
    guard let coordinates = coordinates(ofRank: rank) else { return nil }
    let runs = axes[axis].ownedRuns(of: coordinates[axis])
    guard let first = runs.first, let last = runs.last else { return nil }
    return first.start...last.stop - 1
  }

  /// The number of an element in C order.
  ///
  /// - Throws: `.invalidArgument` for an index outside the array.
  public func flatIndex(of index: [Int]) throws(StoreError) -> Int {
    try check(index: index)
    return rowMajorIndex(of: index, in: shape)
  }

  /// The element that comes `flat`-th in C order.
  ///
  /// - Throws: `.invalidArgument` unless `0 <= flat < elementCount`.
  public func index(ofFlat flat: Int) throws(StoreError) -> [Int] {
    guard flat >= 0 && flat < elementCount else {
      throw StoreError(
        .invalidArgument, "element \(flat) of an array \(shapeText(shape)), which has \(elementCount) elements")
    }
    return rowMajorPosition(of: flat, in: shape)
  }
}
