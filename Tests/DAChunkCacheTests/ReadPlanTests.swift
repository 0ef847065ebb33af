// The coalescing planner, exhaustively on small inputs.

import DAStore
import Testing

@testable import DAChunkCache

@Suite struct ReadPlanTests {
  private static func piece(
    _ target: Int, _ offset: Int, _ byteCount: Int, to destination: Int?, file: Int = 0
  ) -> ReadPiece {
    ReadPiece(
      target: target, positionInChunk: 0, extent: StoredExtent(file: file, offset: offset, byteCount: byteCount),
      destination: destination)
  }

  /// All sets of up to three pieces over a file of seven bytes: decoded, straight in file order, or straight elsewhere.
  private static let pieces: [ReadPiece] = (0..<5).flatMap { offset in
    (1...2).flatMap { byteCount in
      [nil, 100 + offset, 200 - 3 * offset].map { piece(0, offset, byteCount, to: $0) }
    }
  }

  private static let limits = [1, 3, 6].flatMap { read in
    [0, 1, 3].flatMap { gap in
      [1, 2, 100].map { ReadPlan.Limits(largestRead: read, largestGap: gap, smallestStraightRead: $0) }
    }
  }

  private func sets() -> [[ReadPiece]] {
    var sets: [[ReadPiece]] = [[]]
    for first in Self.pieces {
      sets.append([first])
      for second in Self.pieces {
        sets.append([first, second])
        // Every third of the triples: enough to meet each neighbourhood, and a third of the time.
        for (index, third) in Self.pieces.enumerated() where (index + second.extent.offset) % 3 == 0 {
          sets.append([first, second, third])
        }
      }
    }
    return sets.map { set in
      set.enumerated().map { target, piece in
        var piece = piece
        piece.target = target
        return piece
      }
    }
  }

  @Test func everyPlanIsRightAndTight() {
    var failures = 0
    for set in sets() {
      // One of the limits for each set, so that all sets and all limits are met without their product.
      let limit = Self.limits[
        set.reduce(set.count) { $0 * 7 + $1.extent.offset * 3 + $1.extent.byteCount } % Self.limits.count]
      if let fault = Self.fault(of: ReadPlan(set, limits: limit), set, limit) {
        failures += 1
        if failures < 5 { Issue.record("\(set) with \(limit): \(fault)") }
      }
    }
    #expect(failures == 0)
  }

  /// What is wrong with a plan, if anything.
  private static func fault(of plan: ReadPlan, _ set: [ReadPiece], _ limits: ReadPlan.Limits) -> String? {
    guard plan.pieces.sorted(by: order) == set.sorted(by: order) else { return "other pieces" }
    guard plan.reads.flatMap({ Array($0.pieces) }) == Array(plan.pieces.indices) else { return "not each piece once" }
    for read in plan.reads {
      let served = plan.pieces[read.pieces]
      guard let first = served.first else { return "an empty read" }
      let end = served.map { $0.extent.offset + $0.extent.byteCount }.max()
      guard read.offset == first.extent.offset, read.end == end else {
        return "reads more or less than its pieces span"
      }
      guard served.count == 1 || read.byteCount <= limits.largestRead else { return "a joined read beyond the limit" }
      var reached = first.extent.offset
      for piece in served {
        guard piece.extent.offset - reached <= limits.largestGap else { return "a bridged gap beyond the limit" }
        reached = max(reached, piece.extent.offset + piece.extent.byteCount)
        if read.isStraight {
          guard let start = first.destination, let destination = piece.destination,
            destination - start == piece.extent.offset - read.offset
          else { return "straight to the wrong place" }
        } else if served.count > 1, piece.destination != nil, piece.extent.byteCount >= limits.smallestStraightRead {
          return "a large piece is copied"
        }
      }
      if read.isStraight {
        let lengths = served.reduce(0) { $0 + $1.extent.byteCount }
        guard lengths == read.byteCount else { return "straight with gaps or overlaps" }
      }
      if served.count == 1 && first.destination != nil && !read.isStraight { return "a single piece is copied" }
    }
    if set.allSatisfy({ $0.destination == nil }) {
      guard plan.reads.count == fewestReads(plan.pieces, limits) else { return "more reads than needed" }
    }
    return nil
  }

  private static func order(_ a: ReadPiece, _ b: ReadPiece) -> Bool { a.target < b.target }

  /// The fewest reads for pieces that all need decoding, by trying every way to cut the sorted list.
  private static func fewestReads(_ sorted: [ReadPiece], _ limits: ReadPlan.Limits) -> Int {
    if sorted.isEmpty { return 0 }
    var fewest = Int.max
    for cuts in 0..<(1 << (sorted.count - 1)) {
      var groups: [[ReadPiece]] = [[sorted[0]]]
      for index in 1..<max(sorted.count, 1) {
        if cuts >> (index - 1) & 1 == 1 { groups.append([]) }
        groups[groups.count - 1].append(sorted[index])
      }
      let isAllowed = groups.allSatisfy { group in
        var end = group[0].extent.offset
        for piece in group {
          if piece.extent.offset - end > limits.largestGap { return false }
          end = max(end, piece.extent.offset + piece.extent.byteCount)
        }
        return group.count == 1 || end - group[0].extent.offset <= limits.largestRead
      }
      if isAllowed { fewest = min(fewest, groups.count) }
    }
    return fewest
  }

  @Test func filesAreKeptApart() {
    let limits = ReadPlan.Limits(largestRead: 100, largestGap: 100, smallestStraightRead: 100)
    let plan = ReadPlan(
      [
        Self.piece(0, 4, 4, to: nil, file: 1), Self.piece(1, 0, 4, to: nil, file: 0),
        Self.piece(2, 0, 4, to: nil, file: 1),
      ],
      limits: limits)
    #expect(plan.reads.map(\.file) == [0, 1])
    #expect(plan.reads.map(\.byteCount) == [4, 8])
  }

  @Test func neighboursInFileAndMemoryAreOneStraightRead() {
    let limits = ReadPlan.Limits(largestRead: 100, largestGap: 0, smallestStraightRead: 1)
    let plan = ReadPlan((0..<5).map { Self.piece($0, 10 * $0, 10, to: 1000 + 10 * $0) }, limits: limits)
    #expect(plan.reads.count == 1)
    #expect(plan.reads.first?.isStraight == true)
  }

  @Test func extentsAtTheEndOfTheNumberLineDoNotTrap() {
    let limits = ReadPlan.Limits(largestRead: 8 << 20, largestGap: 64 << 10, smallestStraightRead: 100)
    let plan = ReadPlan(
      [Self.piece(0, 0, 8, to: nil), Self.piece(1, Int.max - 8, 8, to: nil), Self.piece(2, 1, Int.max - 1, to: nil)],
      limits: limits)
    #expect(plan.reads.count == 3)
  }
}
