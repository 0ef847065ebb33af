// Distributions of what is made of an array without moving its elements: slices, reductions, views of another type.

import DAStore

extension Distribution {
  /// How the elements of a selection are distributed while each stays with its owner.
  ///
  /// The new local buffers hold each rank's selected elements in the order of the selection, without padding. Ranks
  /// that own none are left out, except that one remains when nothing is selected and that axes taken whole stay as
  /// they are.
  /// - Throws: `.invalidArgument` for a selection of another shape; `.unsupported` for a slice whose description
  ///   would be too long.
  public func slice(_ selection: ResolvedSelection) throws(StoreError) -> Distribution {
    try check(selection)
    var parts: [AxisPart] = []
    for (axis, slice) in selection.axes.enumerated() {
      do throws(StoreError) {
        parts.append(try axes[axis].part(slice))
      } catch {
        throw StoreError(error.code, "axis \(axis): \(error.message)")
      }
    }
    return rearranged(parts)
  }

  /// The distribution of a selection in NumPy's notation; see ``slice(_:)``.
  public func slice(_ selection: Selection) throws(StoreError) -> Distribution {
    try slice(try selection.resolve(shape: shape))
  }

  /// How the result of a reduction is distributed: these axes are gone.
  ///
  /// The result lives on the ranks whose coordinate along the reduced axes is 0; when every axis is reduced, on one
  /// rank.
  /// - Parameter axes: Axis numbers, negative ones from the end.
  /// - Throws: `.invalidArgument` for an axis that does not exist or is named twice.
  public func reduced(axes reduced: [Int]) throws(StoreError) -> Distribution {
    let dropped = Set(try normalizedAxes(reduced, dimensionCount: dimensionCount))
    return rearranged(
      axes.enumerated().map { axis, map in
        dropped.contains(axis)
          ? AxisPart(map: nil, gridRanks: [0]) : AxisPart(map: map, gridRanks: Array(0..<map.rankCount))
      })
  }

  /// How the same bytes are distributed when they are read as elements of another type.
  ///
  /// The last axis grows or shrinks by the ratio of the element sizes; no byte changes its rank or its place.
  /// - Throws: `.invalidArgument` when the sizes differ and there is no axis, or when an element would be torn between
  ///   ranks or is not there whole.
  public func viewed(from source: DType, as target: DType) throws(StoreError) -> Distribution {
    if source.byteCount == target.byteCount { return self }
    guard let last = axes.last else {
      throw StoreError(
        .invalidArgument, "a 0-dimensional array of \(source.name) cannot be viewed as \(target.name)")
    }
    do throws(StoreError) {
      let map = try last.viewed(elementByteCount: source.byteCount, as: target.byteCount)
      _ = try checkedElementCount(shape.dropLast() + [map.size], dtype: .uint8)
      return Distribution(checkedAxes: axes.dropLast() + [map], ranks: ranks)
    } catch {
      throw StoreError(
        error.code, "\(source.name) elements on axis \(dimensionCount - 1) viewed as \(target.name): \(error.message)")
    }
  }

  /// Keeps some places of the grid, axis by axis.
  private func rearranged(_ parts: [AxisPart]) -> Distribution {
    Distribution(checkedAxes: parts.compactMap(\.map), ranks: ranks(at: parts.map(\.gridRanks)))
  }
}

extension Distribution {
  /// Whether elements of equal index lie on the same rank, at the same place of equally shaped buffers, so that
  /// arrays so distributed can be combined without moving anything.
  ///
  /// Shape, ranks and process grid must agree, and the maps must place alike: along one grid rank block, cyclic and
  /// undistributed are the same; blocks dealt once round are blocks. Axes with index lists agree only with equal ones.
  public func isCompatible(with other: Distribution) -> Bool {
    ranks == other.ranks && gridShape == other.gridShape
      && zip(axes, other.axes).allSatisfy { $0.size == $1.size && $0.placement == $1.placement }
  }
}

extension AxisMap {
  /// What decides where elements lie, in one form for all maps that place alike.
  private struct Placement: Equatable {
    var kind: Kind
    var padding: [AxisPadding]
  }

  fileprivate var placement: some Equatable {
    // Boundary padding marks elements without moving them.
    let inner = padding.enumerated().map { rank, entry in
      AxisPadding(lower: rank == 0 ? 0 : entry.lower, upper: rank == rankCount - 1 ? 0 : entry.upper)
    }
    return Placement(kind: plainKind, padding: inner.allSatisfy { $0.lower == 0 && $0.upper == 0 } ? [] : inner)
  }

  private var plainKind: Kind {
    switch kind {
    case .undistributed: return .block(bounds: [0, size])
    case .cyclic(let blockSize):
      let blockCount = size == 0 ? 0 : (size - 1) / blockSize + 1
      guard blockCount <= rankCount else { return rankCount == 1 ? .block(bounds: [0, size]) : kind }
      return .block(bounds: (0...rankCount).map { $0 >= blockCount ? size : $0 * blockSize })
    case .block, .unstructured: return kind
    }
  }

  fileprivate func viewed(elementByteCount old: Int, as new: Int) throws(StoreError) -> AxisMap {
    if old > new {
      let factor = old / new
      guard size <= (1 << 62) / factor else {
        throw StoreError(.invalidArgument, "\(size) times \(factor) elements are more than 2^62")
      }
      return try scaled {
        $0 * factor
      } lists: { list in
        list.flatMap { index in (0..<factor).map { index * factor + $0 } }
      }
    }
    let factor = new / old
    return try scaled { length throws(StoreError) in
      guard length % factor == 0 else {
        throw StoreError(
          .invalidArgument,
          "\(length) elements of \(old) bytes do not make whole ones of \(new) bytes; element borders "
            + "between ranks must be multiples of \(factor)")
      }
      return length / factor
    } lists: { list throws(StoreError) in
      var joined: [Int] = []
      for place in stride(from: 0, to: list.count, by: factor) {
        let whole = place + factor <= list.count && list[place] % factor == 0
        guard whole, (1..<factor).allSatisfy({ list[place + $0] == list[place] + $0 }) else {
          throw StoreError(
            .invalidArgument, "index \(list[place]) is not followed by its neighbours in the list of its rank")
        }
        joined.append(list[place] / factor)
      }
      return joined
    }
  }

  /// This axis with every length passed through `length` and every list through `lists`.
  private func scaled(
    _ length: (Int) throws(StoreError) -> Int, lists: ([Int]) throws(StoreError) -> [Int]
  ) throws(StoreError) -> AxisMap {
    let newSize = try length(size)
    switch kind {
    case .undistributed: return try .undistributed(size: newSize)
    case .block(let bounds):
      var newBounds: [Int] = []
      for bound in bounds { newBounds.append(try length(bound)) }
      var newPadding: [AxisPadding] = []
      for entry in padding {
        newPadding.append(AxisPadding(lower: try length(entry.lower), upper: try length(entry.upper)))
      }
      return try .block(bounds: newBounds, padding: newPadding, isPeriodic: isPeriodic)
    case .cyclic(let blockSize):
      // A block longer than the axis is as good as one of its length.
      return try .cyclic(size: newSize, rankCount: rankCount, blockSize: length(min(blockSize, max(1, size))))
    case .unstructured(let indices):
      var newIndices: [[Int]] = []
      for list in indices { newIndices.append(try lists(list)) }
      return try .unstructured(size: newSize, indices: newIndices)
    }
  }
}
