// Distributions to and from dimension dictionaries: what each rank says about itself.

import DAStore

extension Distribution {
  /// What a rank says about each axis in the words of the Distributed Array Protocol; `nil` for a rank that is no
  /// target.
  public func dimData(ofRank rank: Int) -> [DimData]? {
    coordinates(ofRank: rank).map { coordinates in zip(axes, coordinates).map { DimData($0, gridRank: $1) } }
  }

  /// What every target says, in C order of the places.
  public var dimDataPerPlace: [[DimData]] {
    let grid = gridShape
    return ranks.indices.map { place in
      zip(axes, gridCoordinates(of: place, in: grid)).map { DimData($0, gridRank: $1) }
    }
  }

  /// Joins what the ranks say about themselves.
  ///
  /// - Parameters:
  ///   - dimDataPerRank: One entry per rank, each with one dictionary per axis, in any order of the places.
  ///   - targets: The rank of each entry; without it they are numbered from 0.
  /// - Throws: `.invalidArgument` when the entries disagree, when two have the same place or a place has none, and when
  ///   together they are no array: parts overlap or leave a hole.
  public init(dimDataPerRank: [[DimData]], targets: [Int]? = nil) throws(StoreError) {
    let targets = targets ?? Array(dimDataPerRank.indices)
    guard targets.count == dimDataPerRank.count else {
      throw StoreError(
        .invalidArgument, "\(targets.count) targets for the dimension dictionaries of \(dimDataPerRank.count) ranks")
    }
    guard let first = dimDataPerRank.first else {
      throw StoreError(.invalidArgument, "no dimension dictionaries; at least those of one rank are needed")
    }
    let grid = first.map(\.gridSize)
    let placeCount = try Self.checkedPlaceCount(grid)
    guard placeCount == dimDataPerRank.count else {
      throw StoreError(
        .invalidArgument,
        "the process grid \(shapeText(grid)) has \(placeCount) places, \(dimDataPerRank.count) ranks are described")
    }
    var joiner = DimDataJoiner(gridShape: grid)
    for (target, dictionaries) in zip(targets, dimDataPerRank) { try joiner.add(dictionaries, target: target) }
    var axes: [AxisMap] = []
    do throws(StoreError) {
      for (axis, entries) in joiner.axes.enumerated() {
        axes.append(try AxisMap(joining: entries.compactMap { $0 }, axis: axis))
      }
    } catch {
      throw StoreError(.invalidArgument, error.message)
    }
    try self.init(axes: axes, ranks: joiner.ranks.compactMap { $0 })
  }
}

/// Collects dictionaries by axis and place in the process grid.
private struct DimDataJoiner {
  let gridShape: [Int]
  var axes: [[DimData?]]
  var ranks: [Int?]

  init(gridShape: [Int]) {
    self.gridShape = gridShape
    axes = gridShape.map { Array(repeating: nil, count: $0) }
    ranks = Array(repeating: nil, count: gridShape.reduce(1, *))
  }

  mutating func add(_ dictionaries: [DimData], target: Int) throws(StoreError) {
    let grid = dictionaries.map(\.gridSize)
    guard grid == gridShape else {
      throw StoreError(
        .invalidArgument,
        "rank \(target) says the process grid is \(shapeText(grid)), the first rank says \(shapeText(gridShape))")
    }
    for (axis, data) in dictionaries.enumerated() {
      do throws(StoreError) {
        try data.checkRules(axis: axis)
      } catch {
        throw StoreError(error.code, "rank \(target): \(error.message)")
      }
    }
    let coordinates = dictionaries.map(\.gridRank)
    let place = gridRank(of: coordinates, in: grid)
    if let other = ranks[place] {
      throw StoreError(
        .invalidArgument, "ranks \(other) and \(target) both say their place is \(shapeText(coordinates))")
    }
    ranks[place] = target
    for (axis, data) in dictionaries.enumerated() {
      if let known = axes[axis][data.gridRank] {
        guard known.withoutBoundaryPadding == data.withoutBoundaryPadding else {
          throw StoreError(
            .invalidArgument,
            "rank \(target) describes axis \(axis) in another way than a rank with the same 'proc_grid_rank', "
              + "\(data.gridRank)")
        }
      } else {
        axes[axis][data.gridRank] = data
      }
    }
  }
}
