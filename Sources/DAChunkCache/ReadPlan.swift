// Turns the scattered extents of many chunks into few large reads: pure arithmetic on file positions.

import DAStore

/// One stored extent of a chunk that is being loaded.
struct ReadPiece: Equatable {
  /// Which of the chunks being loaded it belongs to.
  var target: Int
  /// Where its bytes begin among the chunk's stored bytes.
  var positionInChunk: Int
  var extent: StoredExtent
  /// Address at which the bytes are wanted, when they are elements as they are; `nil` when they must be decoded.
  var destination: Int?
}

/// A single read that serves neighbouring pieces.
struct PlannedRead: Equatable {
  var file: Int
  var offset: Int
  var byteCount: Int
  /// The pieces it serves, as positions in the plan's sorted list.
  var pieces: Range<Int>
  /// Whether its bytes go to their destinations without a stop: the pieces continue each other in the file and in
  /// memory.
  var isStraight: Bool

  var end: Int { offset + byteCount }
  var extent: StoredExtent { StoredExtent(file: file, offset: offset, byteCount: byteCount) }
}

/// The reads that bring a set of pieces into memory, in file order.
struct ReadPlan: Equatable {
  struct Limits: Equatable {
    /// Pieces are not joined beyond this size; a single larger piece is still one read.
    var largestRead: Int
    /// Unwanted bytes between two pieces that are read along rather than starting a new read.
    var largestGap: Int
    /// Pieces from this size on are read straight to their destination rather than joined at the price of a copy.
    var smallestStraightRead: Int
  }

  /// The given pieces by file and offset.
  var pieces: [ReadPiece]
  var reads: [PlannedRead]

  /// - Precondition: `offset >= 0`, `byteCount > 0` and no overflow of their sum in every extent.
  /// - Complexity: O(n log n) in the number of pieces, O(n) when they come in file order.
  init(_ unsorted: [ReadPiece], limits: Limits) {
    let isSorted = zip(unsorted, unsorted.dropFirst()).allSatisfy { !Self.precedes($1, $0) }
    pieces = isSorted ? unsorted : unsorted.sorted(by: Self.precedes)
    reads = []
    for index in pieces.indices {
      let piece = pieces[index]
      if var read = reads.last, let first = pieces[read.pieces].first,
        Self.join(&read, startingWith: first, piece, limits)
      {
        reads[reads.count - 1] = read
      } else {
        reads.append(
          PlannedRead(
            file: piece.extent.file, offset: piece.extent.offset, byteCount: piece.extent.byteCount,
            pieces: index..<index + 1, isStraight: piece.destination != nil))
      }
    }
  }

  private static func precedes(_ a: ReadPiece, _ b: ReadPiece) -> Bool {
    (a.extent.file, a.extent.offset, a.extent.byteCount, a.target, a.positionInChunk)
      < (b.extent.file, b.extent.offset, b.extent.byteCount, b.target, b.positionInChunk)
  }

  /// Extends `read` by the next piece, if that is allowed and worth it.
  private static func join(
    _ read: inout PlannedRead, startingWith first: ReadPiece, _ piece: ReadPiece, _ limits: Limits
  ) -> Bool {
    let end = max(read.end, piece.extent.offset + piece.extent.byteCount)
    guard piece.extent.file == read.file, piece.extent.offset - read.end <= limits.largestGap,
      end - read.offset <= limits.largestRead
    else { return false }
    let continues: Bool =
      if let start = first.destination, let next = piece.destination {
        piece.extent.offset == read.end && next - start == piece.extent.offset - read.offset
      } else {
        false
      }
    if !(read.isStraight && continues) {
      let isLarge = { (byteCount: Int) in byteCount >= limits.smallestStraightRead }
      if read.isStraight && isLarge(read.byteCount) { return false }
      if piece.destination != nil && isLarge(piece.extent.byteCount) { return false }
      read.isStraight = false
    }
    read.byteCount = end - read.offset
    read.pieces = read.pieces.lowerBound..<read.pieces.upperBound + 1
    return true
  }
}
