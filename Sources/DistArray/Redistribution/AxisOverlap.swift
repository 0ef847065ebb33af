// Elements that two ranks share along an axis, one as their owner before an exchange, the other as their owner after
// it.

import DAStore

/// Equally spaced indices that are equally spaced in the sender's and in the receiver's buffer.
public struct AxisOverlap: Sendable, Hashable {
  /// First global index.
  public var start: Int
  /// Distance of neighbours in the global index space, at least one.
  public var step: Int
  public var count: Int
  /// Place of the first element in the sender's buffer, and the distance of neighbours there.
  public var sourceStart: Int
  public var sourceStep: Int
  /// Place of the first element in the receiver's buffer, and the distance of neighbours there.
  public var targetStart: Int
  public var targetStep: Int

  /// End as in a slice: one past the last global index.
  public var stop: Int { start + (count - 1) * step + 1 }

  /// The indices that both runs have, `nil` when there are none.
  ///
  /// Two arithmetic progressions meet in one whose step is the least common multiple of theirs (Chinese remainders).
  init?(_ source: AxisRun, _ target: AxisRun) {
    let (divisor, inverse) = Self.greatestCommonDivisor(source.step, target.step)
    let distance = target.start - source.start
    guard distance % divisor == 0 else { return nil }
    // No product of the 62-bit values overflows 128 bits.
    let modulus = Int128(target.step / divisor)
    let step = Int128(source.step) * modulus
    let turns = Int128(distance / divisor) % modulus * Int128(inverse) % modulus
    // A common member of both progressions, continued without ends; turns may be negative.
    var first = Int128(source.start) + turns * Int128(source.step)
    let least = Int128(max(source.start, target.start))
    if first < least { first += (least - first + step - 1) / step * step }
    let last = Int128(min(source.stop, target.stop) - 1)
    guard first <= last else { return nil }
    start = Int(first)
    count = Int((last - first) / step) + 1
    // A single element needs no steps, which may be too large for an integer.
    self.step = count == 1 ? 1 : Int(step)
    sourceStart = source.localStart + (start - source.start) / source.step * source.localStep
    sourceStep = count == 1 ? 1 : self.step / source.step * source.localStep
    targetStart = target.localStart + (start - target.start) / target.step * target.localStep
    targetStep = count == 1 ? 1 : self.step / target.step * target.localStep
  }

  init(element start: Int, source: Int, target: Int) {
    self.init(neighbours: 1, from: start, source: source, target: target)
  }

  /// Elements that are neighbours in both buffers.
  init(neighbours count: Int, from start: Int, source: Int, target: Int) {
    self.start = start
    (step, self.count) = (1, count)
    (sourceStart, sourceStep) = (source, 1)
    (targetStart, targetStep) = (target, 1)
  }

  /// The greatest common divisor of `first` and `second`, and a factor whose product with `first` leaves it as the
  /// remainder by `second`. (Extended Euclidean algorithm.)
  private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> (divisor: Int, factor: Int) {
    var (rest, next) = (first, second)
    var (factor, nextFactor) = (1, 0)
    while next != 0 {
      let quotient = rest / next
      (rest, next) = (next, rest - quotient * next)
      (factor, nextFactor) = (nextFactor, factor - quotient * nextFactor)
    }
    return (rest, factor)
  }

  /// Takes in the next overlap of the same pair of ranks where it continues this one; says whether it did.
  mutating func extend(by next: AxisOverlap) -> Bool {
    guard next.count == 1 || next.step == 1 && next.sourceStep == 1 && next.targetStep == 1 else { return false }
    var (step, sourceStep, targetStep) = (step, sourceStep, targetStep)
    if count == 1 {
      step = next.start - start
      sourceStep = next.sourceStart - sourceStart
      targetStep = next.targetStart - targetStart
      guard next.count == 1 || step == 1 && sourceStep == 1 && targetStep == 1 else { return false }
    }
    guard step > 0, next.start == start + count * step, next.sourceStart == sourceStart + count * sourceStep,
      next.targetStart == targetStart + count * targetStep,
      next.count == 1 || step == 1 && sourceStep == 1 && targetStep == 1
    else { return false }
    (self.step, self.sourceStep, self.targetStep) = (step, sourceStep, targetStep)
    count += next.count
    return true
  }
}

extension [AxisOverlap] {
  /// Adds an overlap behind the last, or lengthens the last.
  mutating func join(_ next: AxisOverlap) {
    if isEmpty || !self[count - 1].extend(by: next) { append(next) }
  }
}

/// What the grid ranks of an axis before and after an exchange have in common.
struct AxisOverlapTable: Sendable {
  /// Most overlaps that a plan may have to look at along an axis: they stand in memory.
  static let mostOverlaps = 1 << 27

  struct Entry: Sendable {
    /// Grid rank on the other side.
    var peer: Int
    /// Ascending, and the same list on both sides.
    var overlaps: [AxisOverlap]
  }
  /// For each grid rank of the source the grid ranks of the target it shares elements with, ascending.
  private(set) var bySource: [[Entry]]
  /// For each grid rank of the target those of the source.
  private(set) var byTarget: [[Entry]]

  /// - Throws: `.unsupported` when more than ``mostOverlaps`` may meet.
  /// - Precondition: both maps deal the same number of elements.
  /// - Complexity: O(overlaps) for blocks and regular deals, where dealing single elements into smaller blocks costs at
  ///   most one look per element; O(size) with index lists.
  init(from source: AxisMap, to target: AxisMap) throws(StoreError) {
    precondition(source.size == target.size, "one axis dealt twice")
    let bound = Self.bound(source, target)
    guard bound <= Self.mostOverlaps else {
      throw StoreError(
        .unsupported,
        "an exchange of \(source.size) elements along an axis that is dealt in \(bound) pieces; at most "
          + "\(Self.mostOverlaps) are planned: deal larger blocks")
    }
    var lists: [[Int: [AxisOverlap]]] = Array(repeating: [:], count: source.rankCount)
    if source.isUnstructured || target.isUnstructured {
      for global in 0..<source.size {
        let (sender, receiver) = (source.owner(of: global), target.owner(of: global))
        guard let here = source.local(of: global, on: sender), let there = target.local(of: global, on: receiver) else {
          preconditionFailure("owners hold what they own")
        }
        lists[sender][receiver, default: []].join(AxisOverlap(element: global, source: here, target: there))
      }
    } else {
      for sender in 0..<source.rankCount {
        for run in source.ownedRuns(of: sender) {
          for receiver in target.owners(in: run.start..<run.stop) {
            for other in target.runs(of: receiver, in: run.start..<run.stop) {
              if let overlap = AxisOverlap(run, other) { lists[sender][receiver, default: []].append(overlap) }
            }
          }
        }
      }
    }
    bySource = lists.map { list in
      list.map { Entry(peer: $0.key, overlaps: $0.value) }.sorted { $0.peer < $1.peer }
    }
    byTarget = Array(repeating: [], count: target.rankCount)
    for (sender, entries) in bySource.enumerated() {
      for entry in entries { byTarget[entry.peer].append(Entry(peer: sender, overlaps: entry.overlaps)) }
    }
  }
}

extension AxisOverlapTable {
  /// How many pairs of runs may meet, at most; `Int.max` for more than can be counted.
  private static func bound(_ source: AxisMap, _ target: AxisMap) -> Int {
    if source.isUnstructured || target.isUnstructured { return source.size }
    func times(_ first: Int, _ second: Int) -> Int {
      let (product, overflow) = first.multipliedReportingOverflow(by: second)
      return overflow ? .max : product
    }
    // Runs without gaps meet one after the other; a run with gaps meets all others.
    let gaps = (source.hasGaps ? source.rankCount : 1, target.hasGaps ? target.rankCount : 1)
    let (first, second) = (times(source.runCountBound, gaps.1), times(target.runCountBound, gaps.0))
    return first.addingReportingOverflow(second).overflow ? .max : first + second
  }
}

extension AxisMap {
  /// Whether runs have steps.
  fileprivate var hasGaps: Bool { kind == .cyclic(blockSize: 1) && rankCount > 1 }

  var isUnstructured: Bool { if case .unstructured = kind { true } else { false } }
}
