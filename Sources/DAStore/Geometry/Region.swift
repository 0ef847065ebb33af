// Half-open boxes in the index space of an array: pure values.

/// A half-open box of global indices: on every axis `lower ..< upper`.
public struct Region: Sendable, Hashable {
  public let lower: [Int]
  public let upper: [Int]

  /// - Precondition: both have one entry per axis and `0 <= lower <= upper`.
  public init(lower: [Int], upper: [Int]) {
    precondition(lower.count == upper.count, "bounds of one rank")
    precondition(zip(lower, upper).allSatisfy { 0 <= $0 && $0 <= $1 }, "0 <= lower <= upper on every axis")
    self.lower = lower
    self.upper = upper
  }

  /// The whole of an array of this shape.
  public init(shape: [Int]) {
    self.init(lower: Array(repeating: 0, count: shape.count), upper: shape)
  }

  public var dimensionCount: Int { lower.count }
  public var shape: [Int] { zip(lower, upper).map { $1 - $0 } }
  /// Product of the shape; 1 for a 0-dimensional region. Regions lie inside checked shapes, so this cannot overflow.
  public var elementCount: Int { zip(lower, upper).reduce(1) { $0 * ($1.1 - $1.0) } }
  public var isEmpty: Bool { zip(lower, upper).contains { $0 == $1 } }

  /// The common part of two regions, `nil` when there is none.
  public func intersection(_ other: Region) -> Region? {
    precondition(dimensionCount == other.dimensionCount, "regions of one space")
    var low = lower
    var high = upper
    for axis in low.indices {
      low[axis] = max(low[axis], other.lower[axis])
      high[axis] = min(high[axis], other.upper[axis])
      if low[axis] >= high[axis] { return nil }
    }
    return Region(lower: low, upper: high)
  }

  public func contains(_ other: Region) -> Bool {
    zip(lower, other.lower).allSatisfy { $0 <= $1 } && zip(upper, other.upper).allSatisfy { $0 >= $1 }
  }

  /// The same box in coordinates whose origin is `origin`.
  public func relative(to origin: [Int]) -> Region {
    Region(lower: zip(lower, origin).map { $0 - $1 }, upper: zip(upper, origin).map { $0 - $1 })
  }
}

extension Region: CustomStringConvertible {
  /// `[0:10, 5:7]`
  public var description: String {
    "[" + zip(lower, upper).map { "\($0):\($1)" }.joined(separator: ", ") + "]"
  }
}
