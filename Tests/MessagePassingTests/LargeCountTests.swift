// The arithmetic of splitting, for all small sizes.

import Testing

@testable import MessagePassing

struct LargeCountTests {
  @Test func piecesCoverTheWholeOnce() {
    for limit in 1...9 {
      for total in 0...40 {
        let pieces = MessageLimit(byteCount: limit).pieces(of: total)
        #expect(Array(pieces.ranges.joined()) == Array(0..<total))
        #expect(pieces.ranges.allSatisfy { (1...limit).contains($0.count) })
        #expect(pieces.range(pieces.roundCount + 3) == total..<total)
        #expect(pieces.count(pieces.roundCount) == 0)
      }
    }
  }

  @Test func largeTotalsStayInRange() {
    let pieces = MessageLimit.standard.pieces(of: 1 << 40)
    #expect(pieces.roundCount == 1 << 12)
    #expect(pieces.range(4095) == (4095 << 28)..<(1 << 40))
    #expect(pieces.count(4095) == 1 << 28)
    #expect(pieces.range(.max) == (1 << 40)..<(1 << 40))
    #expect(MessageLimit.standard.pieces(of: (1 << 28) + 1).count(1) == 1)
    // Whole elements, and at least one however small the limit.
    #expect(MessageLimit(byteCount: 30).elementPieces(of: 10, stride: 8).piece == 3)
    #expect(MessageLimit(byteCount: 1).elementPieces(of: 10, stride: 8).piece == 1)
  }

  @Test func layoutsPackAndUnpack() throws {
    for limit in [1, 3, 8, 64, 1000] {
      for ranks in 1...5 {
        let parts = (0..<ranks).map { rank in (0..<(rank * 7 % 11)).map { Int16(rank * 100 + $0) } }
        for extra in 0...2 {
          let needed = MessageLimit(byteCount: limit).layout(parts.map { $0.count * 2 })
          let layout = MessageLimit(byteCount: limit).layout(
            parts.map { $0.count * 2 }, roundCount: needed.roundCount + extra)
          let buffer = MessageBuffer(byteCount: layout.byteCount)
          for (rank, part) in parts.enumerated() { part.withUnsafeBytes { layout.pack($0, for: rank, into: buffer) } }
          #expect(try layout.unpack(buffer, as: Int16.self) == parts)
          // The pieces of a round follow each other without gaps and stay within the limit together.
          for round in 0..<layout.roundCount {
            let (counts, displacements) = (layout.counts(of: round), layout.displacements(of: round))
            #expect(
              zip(counts, displacements).reduce(Int32(0)) { $1.1 == $0 ? $0 + $1.0 : -1000 } == counts.reduce(0, +))
            #expect(counts.reduce(0, +) <= max(limit, ranks))
          }
        }
      }
    }
  }
}
