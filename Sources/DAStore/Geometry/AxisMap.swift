// One axis dealt out over the ranks of a process grid: who owns a global index, and where it lies there. Pure.

/// The distribution of one axis of `size` elements over `rankCount` grid ranks.
///
/// Every global index has exactly one owner. A rank's local indices count the elements of its buffer along this axis
/// from zero; with communication padding the buffer also holds copies of elements that neighbours own.
///
/// Source: Formats/distributed-array-protocol.md.
public struct AxisMap: Sendable, Hashable {
  /// How elements are dealt out.
  public enum Kind: Sendable, Hashable {
    /// One grid rank holds the whole axis.
    case undistributed
    /// Rank `r` owns `bounds[r] ..< bounds[r + 1]`; regular and irregular blocks.
    case block(bounds: [Int])
    /// Blocks of `blockSize` elements are dealt in turn: block `k` lives on rank `k mod rankCount`. The last block may
    /// be partial.
    case cyclic(blockSize: Int)
    /// Rank `r` owns the elements of `indices[r]`, stored in that order.
    case unstructured(indices: [[Int]])
  }

  public let size: Int
  /// Ranks of the process grid along this axis, at least one.
  public let rankCount: Int
  public let kind: Kind
  /// Padding of each rank, or empty when there is none; only block axes have it.
  public let padding: [AxisPadding]
  /// Whether the two ends of the axis are neighbours; a hint for computations that changes no ownership.
  public let isPeriodic: Bool
  /// Unstructured axes: for every global index its place in the concatenation of the ranks' lists.
  private let places: [Int]
  /// Unstructured axes: where each rank's list begins in that concatenation, and its end.
  private let listStarts: [Int]

  private init(
    size: Int, rankCount: Int, kind: Kind, padding: [AxisPadding] = [], isPeriodic: Bool = false, places: [Int] = [],
    listStarts: [Int] = []
  ) {
    self.size = size
    self.rankCount = rankCount
    self.kind = kind
    self.padding = padding.contains { $0.lower != 0 || $0.upper != 0 } ? padding : []
    self.isPeriodic = isPeriodic
    self.places = places
    self.listStarts = listStarts
  }

  /// The whole axis on one grid rank.
  ///
  /// - Throws: `.invalidArgument` for a negative size.
  public static func undistributed(size: Int) throws(StoreError) -> AxisMap {
    try check(size: size, rankCount: 1)
    return AxisMap(size: size, rankCount: 1, kind: .undistributed)
  }

  /// Equal blocks of `ceil(size / rankCount)` elements; the last ranks may own fewer, or nothing.
  ///
  /// - Throws: `.invalidArgument` for a negative size or a rank count below one.
  public static func block(size: Int, rankCount: Int) throws(StoreError) -> AxisMap {
    try check(size: size, rankCount: rankCount)
    let blockSize = size == 0 ? 0 : (size - 1) / rankCount + 1
    var bounds = [0]
    for rank in 0..<rankCount {
      bounds.append(size - bounds[rank] < blockSize ? size : bounds[rank] + blockSize)
    }
    return AxisMap(size: size, rankCount: rankCount, kind: .block(bounds: bounds))
  }

  /// Blocks between given bounds, with padding if the local buffers have it.
  ///
  /// - Parameters:
  ///   - bounds: `rankCount + 1` ascending indices from 0 to the axis size; equal neighbours are an empty rank.
  ///   - padding: One entry per rank, or none at all.
  /// - Throws: `.invalidArgument` when bounds descend or do not begin at 0, or when padding contradicts its neighbour's
  ///   or exceeds what the neighbour owns.
  public static func block(
    bounds: [Int], padding: [AxisPadding] = [], isPeriodic: Bool = false
  ) throws(StoreError) -> AxisMap {
    guard bounds.count >= 2, bounds.first == 0, let size = bounds.last else {
      throw StoreError(
        .invalidArgument, "block bounds \(listText(bounds)) must begin with 0 and have at least two entries")
    }
    for (lower, upper) in zip(bounds, bounds.dropFirst()) where lower > upper {
      throw StoreError(.invalidArgument, "block bounds \(listText(bounds)) descend from \(lower) to \(upper)")
    }
    let rankCount = bounds.count - 1
    try check(size: size, rankCount: rankCount)
    if !padding.isEmpty { try check(padding: padding, bounds: bounds) }
    return AxisMap(
      size: size, rankCount: rankCount, kind: .block(bounds: bounds), padding: padding, isPeriodic: isPeriodic)
  }

  /// Single elements, or blocks of `blockSize` elements, dealt in turn.
  ///
  /// - Throws: `.invalidArgument` for a negative size, a rank count or a block size below one.
  public static func cyclic(size: Int, rankCount: Int, blockSize: Int = 1) throws(StoreError) -> AxisMap {
    try check(size: size, rankCount: rankCount)
    guard blockSize >= 1 else { throw StoreError(.invalidArgument, "block size \(blockSize) must be at least 1") }
    return AxisMap(size: size, rankCount: rankCount, kind: .cyclic(blockSize: blockSize))
  }

  /// Lists of global indices, one per rank, in any order.
  ///
  /// - Throws: `.invalidArgument` unless every index of `0 ..< size` stands in exactly one list, once.
  /// - Complexity: O(size) time and memory.
  public static func unstructured(size: Int, indices: [[Int]]) throws(StoreError) -> AxisMap {
    try check(size: size, rankCount: indices.count)
    let total = indices.reduce(0) { $0 + $1.count }
    // Compared before anything of `size` is allocated, since the size may come from a file.
    guard total >= size else {
      throw StoreError(.invalidArgument, "index lists hold \(total) indices, the axis has \(size): some have no owner")
    }
    var places = Array(repeating: -1, count: size)
    var listStarts = [0]
    var place = 0
    for (rank, list) in indices.enumerated() {
      for index in list {
        guard index >= 0 && index < size else {
          throw StoreError(.invalidArgument, "index \(index) of rank \(rank) is outside the axis of size \(size)")
        }
        guard places[index] < 0 else {
          throw StoreError(.invalidArgument, "index \(index) of rank \(rank) is listed a second time")
        }
        places[index] = place
        place += 1
      }
      listStarts.append(place)
    }
    // Distinct, inside the axis and at least `size` of them: none is missing.
    return AxisMap(
      size: size, rankCount: indices.count, kind: .unstructured(indices: indices), places: places,
      listStarts: listStarts)
  }

  private static func check(size: Int, rankCount: Int) throws(StoreError) {
    guard size >= 0 else { throw StoreError(.invalidArgument, "axis size \(size) is negative") }
    guard rankCount >= 1 else { throw StoreError(.invalidArgument, "\(rankCount) grid ranks; at least 1 is needed") }
  }

  private static func check(padding: [AxisPadding], bounds: [Int]) throws(StoreError) {
    guard padding.count == bounds.count - 1 else {
      throw StoreError(.invalidArgument, "\(padding.count) padding entries for \(bounds.count - 1) grid ranks")
    }
    for (rank, entry) in padding.enumerated() {
      guard entry.lower >= 0 && entry.upper >= 0 else {
        throw StoreError(.invalidArgument, "padding (\(entry.lower), \(entry.upper)) of grid rank \(rank) is negative")
      }
      // Boundary padding is part of what the edge ranks own; communication padding copies what the neighbour owns.
      let owned = bounds[rank + 1] - bounds[rank]
      if rank == 0 && entry.lower > owned || rank == padding.count - 1 && entry.upper > owned {
        throw StoreError(
          .invalidArgument,
          "boundary padding (\(entry.lower), \(entry.upper)) of grid rank \(rank) exceeds its \(owned) elements")
      }
      guard rank + 1 < padding.count else { continue }
      let next = padding[rank + 1]
      guard entry.upper == next.lower else {
        throw StoreError(
          .invalidArgument,
          "communication padding between grid ranks \(rank) and \(rank + 1) is \(entry.upper) on one side, "
            + "\(next.lower) on the other"
        )
      }
      guard entry.upper <= bounds[rank + 2] - bounds[rank + 1], next.lower <= owned else {
        throw StoreError(
          .invalidArgument,
          "communication padding \(entry.upper) between grid ranks \(rank) and \(rank + 1) "
            + "exceeds what one of them owns"
        )
      }
    }
  }

  /// The grid rank that owns a global index.
  ///
  /// - Precondition: `0 <= global < size`.
  /// - Complexity: O(log rankCount).
  public func owner(of global: Int) -> Int {
    precondition(global >= 0 && global < size, "a global index of this axis")
    switch kind {
    case .undistributed: return 0
    case .block(let bounds): return lastIndex(in: bounds, atMost: global)
    case .cyclic(let blockSize): return global / blockSize % rankCount
    case .unstructured: return lastIndex(in: listStarts, atMost: places[global])
    }
  }

  /// Where a global index lies in the buffer of `rank`, or `nil` when that rank does not hold it.
  ///
  /// With communication padding also copies of a neighbour's elements are found.
  /// - Precondition: `rank` is a grid rank of this axis.
  public func local(of global: Int, on rank: Int) -> Int? {
    checkRank(rank)
    guard global >= 0 && global < size else { return nil }
    switch kind {
    case .undistributed: return global
    case .block:
      let held = heldRange(of: rank)
      return held.contains(global) ? global - held.lowerBound : nil
    case .cyclic(let blockSize):
      let (block, offset) = global.quotientAndRemainder(dividingBy: blockSize)
      return block % rankCount == rank ? block / rankCount * blockSize + offset : nil
    case .unstructured:
      let place = places[global]
      return place >= listStarts[rank] && place < listStarts[rank + 1] ? place - listStarts[rank] : nil
    }
  }

  /// The global index of an element of the buffer of `rank`, or `nil` when the buffer has no such element.
  public func global(ofLocal local: Int, on rank: Int) -> Int? {
    guard local >= 0 && local < localCount(of: rank) else { return nil }
    switch kind {
    case .undistributed: return local
    case .block: return heldRange(of: rank).lowerBound + local
    case .cyclic(let blockSize):
      let (block, offset) = local.quotientAndRemainder(dividingBy: blockSize)
      return (block * rankCount + rank) * blockSize + offset
    case .unstructured(let indices): return indices[rank][local]
    }
  }

  /// Elements of the buffer of `rank` along this axis, copies in communication padding included.
  public func localCount(of rank: Int) -> Int {
    checkRank(rank)
    switch kind {
    case .undistributed, .block: return heldRange(of: rank).count
    case .cyclic, .unstructured: return ownedCount(of: rank)
    }
  }

  /// Elements that `rank` owns along this axis; the sum over ranks is `size`.
  public func ownedCount(of rank: Int) -> Int {
    checkRank(rank)
    switch kind {
    case .undistributed: return size
    case .block(let bounds): return bounds[rank + 1] - bounds[rank]
    case .cyclic(let blockSize):
      let blocks = size == 0 ? 0 : (size - 1) / blockSize + 1
      guard rank < blocks else { return 0 }
      let own = (blocks - 1 - rank) / rankCount + 1
      let holdsLast = (blocks - 1) % rankCount == rank
      // The last block alone may be partial, so full ones are counted first: no product exceeds `size`.
      return holdsLast ? (own - 1) * blockSize + (size - (blocks - 1) * blockSize) : own * blockSize
    case .unstructured(let indices): return indices[rank].count
    }
  }

  /// The global range that `rank` owns; `nil` for kinds that do not own ranges.
  public func ownedRange(of rank: Int) -> Range<Int>? {
    checkRank(rank)
    switch kind {
    case .undistributed: return 0..<size
    case .block(let bounds): return bounds[rank]..<bounds[rank + 1]
    case .cyclic, .unstructured: return nil
    }
  }

  /// The global range in the buffer of `rank`: what it owns and its communication padding.
  ///
  /// - Precondition: the axis is undistributed or of blocks.
  public func heldRange(of rank: Int) -> Range<Int> {
    guard let owned = ownedRange(of: rank) else { preconditionFailure("an axis of blocks") }
    guard !padding.isEmpty else { return owned }
    let entry = padding[rank]
    let lower = rank == 0 ? 0 : entry.lower
    let upper = rank == rankCount - 1 ? 0 : entry.upper
    return owned.lowerBound - lower..<owned.upperBound + upper
  }

  func checkRank(_ rank: Int) {
    precondition(rank >= 0 && rank < rankCount, "a grid rank of this axis")
  }
}

/// Widths of the padding at the two ends of a rank's buffer.
///
/// At the ends of the axis it is *boundary* padding: real elements, owned by the edge rank and counted in the size.
/// Between ranks it is *communication* padding: copies of the neighbour's elements.
public struct AxisPadding: Sendable, Hashable {
  public var lower: Int
  public var upper: Int
  public init(lower: Int, upper: Int) {
    self.lower = lower
    self.upper = upper
  }
}

/// Position of the last entry that is not above `value` in an ascending list whose first entry is not above it.
private func lastIndex(in ascending: [Int], atMost value: Int) -> Int {
  var low = 0
  var high = ascending.count
  while high - low > 1 {
    let middle = (low + high) / 2
    if ascending[middle] <= value { low = middle } else { high = middle }
  }
  return low
}

/// A list shortened to its first entries, for messages.
package func listText(_ values: [Int]) -> String {
  let shown = values.prefix(8).map(String.init).joined(separator: ", ")
  return "[" + shown + (values.count > 8 ? ", … (\(values.count) entries)" : "") + "]"
}
