// The letters and lists by which people name distributions: `b,c4,n`.

import DAStore

extension AxisDistribution {
  /// Reads the distribution of one axis.
  ///
  /// `n` undistributed; `b` equal blocks; `b0:20:42` blocks between these bounds; `c` cyclic; `c4` blocks of four dealt
  /// in turn; `u0:3/1:2` these lists of indices, one per grid rank.
  /// - Throws: `.invalidArgument` with the text and what is understood.
  public init(parsing text: String) throws(StoreError) {
    let rest = text.dropFirst()
    switch text.first {
    case "n" where rest.isEmpty: self = .undistributed
    case "b" where rest.isEmpty: self = .block
    case "b": self = .bounds(try Self.numbers(rest, of: text))
    case "c" where rest.isEmpty: self = .cyclic(blockSize: 1)
    case "c":
      let sizes = try Self.numbers(rest, of: text)
      guard sizes.count == 1, sizes[0] >= 1 else {
        throw StoreError(.invalidArgument, "distribution '\(text)': a block size of at least 1 follows 'c'")
      }
      self = .cyclic(blockSize: sizes[0])
    case "u" where !rest.isEmpty:
      var indices: [[Int]] = []
      for list in rest.split(separator: "/", omittingEmptySubsequences: false) {
        indices.append(list.isEmpty ? [] : try Self.numbers(list, of: text))
      }
      self = .unstructured(indices)
    default:
      throw StoreError(
        .invalidArgument,
        "'\(text)' is no distribution; known are 'n', 'b', 'b0:20:42' (bounds), 'c', 'c4' (block size) and "
          + "'u0:3/1:2' (indices of each rank)")
    }
  }

  /// Reads one distribution per axis: with commas between them, `b,c4`, or as letters alone, `bn`.
  ///
  /// - Throws: `.invalidArgument` with the part that is not understood.
  public static func list(parsing text: String) throws(StoreError) -> [AxisDistribution] {
    let parts: [String]
    if text.allSatisfy(\.isLetter) {
      parts = text.map { String($0) }
    } else {
      parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    var list: [AxisDistribution] = []
    for part in parts { list.append(try AxisDistribution(parsing: part)) }
    return list
  }

  /// One distribution per axis from those that are named; all other axes are undistributed.
  ///
  /// - Parameter named: Axis numbers, negative ones from the end.
  /// - Throws: `.invalidArgument` for an axis that the array does not have or that is named twice.
  public static func list(
    named: [(axis: Int, distribution: AxisDistribution)], dimensionCount: Int
  ) throws(StoreError) -> [AxisDistribution] {
    let axes = try normalizedAxes(named.map(\.axis), dimensionCount: dimensionCount)
    var list = Array(repeating: AxisDistribution.undistributed, count: dimensionCount)
    for (axis, entry) in zip(axes, named) { list[axis] = entry.distribution }
    return list
  }

  private static func numbers(_ text: Substring, of whole: String) throws(StoreError) -> [Int] {
    var numbers: [Int] = []
    for part in text.split(separator: ":", omittingEmptySubsequences: false) {
      guard let number = Int(part) else {
        throw StoreError(.invalidArgument, "distribution '\(whole)': '\(part)' is not a whole number")
      }
      numbers.append(number)
    }
    return numbers
  }
}

/// Axis numbers from 0, in the order given; negative ones count from the end.
///
/// - Throws: `.invalidArgument` for an axis outside the array or given twice.
func normalizedAxes(_ axes: [Int], dimensionCount: Int) throws(StoreError) -> [Int] {
  var normalized: [Int] = []
  for axis in axes {
    guard axis < dimensionCount, axis >= -dimensionCount else {
      throw StoreError(.invalidArgument, "axis \(axis) does not exist in an array of \(dimensionCount) axes")
    }
    let positive = axis < 0 ? axis + dimensionCount : axis
    guard !normalized.contains(positive) else {
      throw StoreError(.invalidArgument, "axis \(positive) is named twice")
    }
    normalized.append(positive)
  }
  return normalized
}
