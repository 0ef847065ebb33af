// Hands out space in the file: reusable extents first, then the end. Only rank 0 of a writer has one. Section 4, free table.

/// Space that some generations reach no more.
struct FreeExtent: Sendable, Equatable {
  var offset: Int
  var byteCount: Int
  /// The first generation that does not reach it.
  var freedBy: Int
  var end: Int { offset + byteCount }
}

struct ExtentAllocator: Sendable {
  /// Everything allocated lies below.
  private(set) var frontier: Int
  private(set) var free: [FreeExtent]
  /// Extents that the generation under construction gave up; reusable by later ones only.
  private var released: [FreeExtent] = []
  /// Bytes freed by generations up to this one may be overwritten: no kept generation reaches them.
  private let oldestKept: Int
  private let blockAlignment: Int
  /// The table keeps the largest extents; what is dropped is lost until a repack.
  private static let largestTable = 65_536

  init(frontier: Int, free: [FreeExtent], oldestKept: Int, blockAlignment: Int) {
    self.frontier = frontier
    self.free = free
    self.oldestKept = oldestKept
    self.blockAlignment = blockAlignment
  }

  /// Takes `byteCount` bytes at a multiple of the block alignment: the first free extent that is large enough, else the end.
  mutating func allocate(_ byteCount: Int) -> Int {
    precondition(byteCount > 0, "something to allocate")
    for (index, extent) in free.enumerated() where extent.freedBy <= oldestKept && extent.byteCount >= byteCount {
      let start = roundedUp(extent.offset, to: blockAlignment)
      guard start + byteCount <= extent.end else { continue }
      let pieces = [
        FreeExtent(offset: extent.offset, byteCount: start - extent.offset, freedBy: extent.freedBy),
        FreeExtent(offset: start + byteCount, byteCount: extent.end - start - byteCount, freedBy: extent.freedBy),
      ]
      free.replaceSubrange(index...index, with: pieces.filter { $0.byteCount > 0 })
      return start
    }
    return allocateAtEnd(byteCount)
  }

  /// Takes bytes beyond everything allocated.
  mutating func allocateAtEnd(_ byteCount: Int) -> Int {
    let start = roundedUp(frontier, to: blockAlignment)
    frontier = start + byteCount
    return start
  }

  /// Gives up bytes that `generation` will not reach.
  mutating func release(_ bytes: Range<Int>, by generation: Int) {
    guard !bytes.isEmpty else { return }
    released.append(FreeExtent(offset: bytes.lowerBound, byteCount: bytes.count, freedBy: generation))
  }

  /// The table to store with a generation: sorted, neighbours freed by the same generation joined.
  func table() -> [FreeExtent] {
    var joined: [FreeExtent] = []
    for extent in (free + released).sorted(by: { $0.offset < $1.offset }) {
      // Bytes below the oldest kept generation are all alike: joining them undoes fragmentation.
      let freedBy = max(extent.freedBy, oldestKept)
      if let last = joined.last, last.end == extent.offset, last.freedBy == freedBy {
        joined[joined.count - 1].byteCount += extent.byteCount
      } else {
        joined.append(FreeExtent(offset: extent.offset, byteCount: extent.byteCount, freedBy: freedBy))
      }
    }
    if joined.count > Self.largestTable {
      joined = Array(joined.sorted { $0.byteCount > $1.byteCount }.prefix(Self.largestTable)).sorted { $0.offset < $1.offset }
    }
    return joined
  }
}

/// The free table as bytes.
enum FreeTable {
  static func decode(_ bytes: [UInt8], frontier: Int) throws(StoreError) -> [FreeExtent] {
    guard bytes.count % Dnpy2Layout.freeEntryByteCount == 0 else {
      throw StoreError(.corrupt, "a table of free space of \(bytes.count) bytes")
    }
    let fields = FieldReader(bytes: bytes)
    var extents: [FreeExtent] = []
    for start in stride(from: 0, to: bytes.count, by: Dnpy2Layout.freeEntryByteCount) {
      let extent = FreeExtent(
        offset: try fields.count(start, "a free extent's offset"), byteCount: try fields.count(start + 8, "a free extent's size"),
        freedBy: try fields.count(start + 16, "a generation"))
      guard extent.offset >= (extents.last?.end ?? Dnpy2Layout.firstExtent), extent.byteCount >= 1,
        extent.byteCount <= frontier, extent.offset <= frontier - extent.byteCount
      else { throw StoreError(.corrupt, "the table of free space is out of order at byte \(extent.offset)") }
      extents.append(extent)
    }
    return extents
  }

  static func encode(_ extents: [FreeExtent]) -> [UInt8] {
    var fields = FieldWriter(byteCount: extents.count * Dnpy2Layout.freeEntryByteCount)
    for (index, extent) in extents.enumerated() {
      let start = index * Dnpy2Layout.freeEntryByteCount
      fields.put(start, count: extent.offset)
      fields.put(start + 8, count: extent.byteCount)
      fields.put(start + 16, count: extent.freedBy)
    }
    return fields.bytes
  }
}
