// Who owns an element, and who owns any of a selection's elements.

import DAStore

extension Distribution {
  /// The rank that owns an element.
  ///
  /// - Parameter index: One global index per axis, from 0.
  /// - Throws: `.invalidArgument` for another number of indices, or one outside its axis (with index, axis and size).
  /// - Complexity: O(axes), times the logarithm of the grid extent for blocks and lists.
  public func owner(of index: [Int]) throws(StoreError) -> Int {
    try check(index: index)
    return ranks[place(ofOwner: index)]
  }

  /// The ranks that own at least one element of a selection, ascending.
  ///
  /// - Throws: `.invalidArgument` for a selection of an array with another shape.
  /// - Complexity: O(result) and, for slices with a step over blocks, O(ranks); axes with index lists, and
  ///   block-cyclic ones whose step exceeds a block, cost up to one step per selected index.
  public func owners(of selection: ResolvedSelection) throws(StoreError) -> [Int] {
    try check(selection)
    return ranks(at: zip(axes, selection.axes).map { $0.owners(of: $1) }).sorted()
  }

  /// The ranks at all places whose coordinates come from these lists, in C order.
  func ranks(at coordinates: [[Int]]) -> [Int] {
    var places = [0]
    for (axis, list) in zip(axes, coordinates) {
      places = places.flatMap { place in list.map { place * axis.rankCount + $0 } }
    }
    return places.map { ranks[$0] }
  }

  /// Number of the place that owns an element of the array.
  func place(ofOwner index: [Int]) -> Int {
    zip(axes, index).reduce(0) { $0 * $1.0.rankCount + $1.0.owner(of: $1.1) }
  }

  func check(index: [Int]) throws(StoreError) {
    guard index.count == dimensionCount else {
      throw StoreError(
        .invalidArgument, "\(index.count) indices for the \(dimensionCount) axes of an array \(shapeText(shape))")
    }
    for (axis, position) in index.enumerated() where position < 0 || position >= axes[axis].size {
      throw StoreError(
        .invalidArgument, "index \(position) is out of bounds for axis \(axis) with size \(axes[axis].size)")
    }
  }

  func check(_ selection: ResolvedSelection) throws(StoreError) {
    guard selection.sourceShape == shape else {
      throw StoreError(
        .invalidArgument,
        "a selection from an array \(shapeText(selection.sourceShape)); the distributed array is \(shapeText(shape))")
    }
  }
}

extension AxisMap {
  /// Grid ranks that own an index of an arithmetic progression, ascending.
  func owners(of progression: ResolvedSelection.Axis) -> [Int] {
    let count = progression.count
    guard count > 0 else { return [] }
    let step = abs(progression.step)
    let last = progression.start + (count - 1) * progression.step
    let (lower, upper) = (min(progression.start, last), max(progression.start, last))
    if step == 1 || count == 1 { return owners(in: lower..<upper + 1) }
    switch kind {
    case .undistributed: return [0]
    case .block:
      return owners(in: lower..<upper + 1).filter { rank in
        guard let owned = ownedRange(of: rank) else { return false }
        let first = owned.lowerBound <= lower ? lower : upper - (upper - owned.lowerBound) / step * step
        return owned.contains(first)
      }
    case .cyclic(let blockSize):
      // No block between the first and the last is stepped over.
      if step <= blockSize { return owners(in: lower..<upper + 1) }
      let (cycle, overflow) = rankCount.multipliedReportingOverflow(by: blockSize)
      var found = Set<Int>()
      for position in stride(from: lower, through: upper, by: step) {
        found.insert(owner(of: position))
        if found.count == rankCount || !overflow && position > lower && (position - lower) % cycle == 0 { break }
      }
      return found.sorted()
    case .unstructured:
      return Set(stride(from: lower, through: upper, by: step).map { owner(of: $0) }).sorted()
    }
  }
}
