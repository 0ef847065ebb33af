// Looks up chunk records in the radix tree, keeping recent pages. Formats/dnpy-2.md section 5.

import Synchronization

/// The index of one generation. Thread-safe.
final class IndexReader: Sendable {
  let root: Record
  let levels: Int
  private let file: PositionalFile
  private let frontier: Int

  private struct PageKey: Hashable {
    var level: Int
    var number: Int
  }
  /// Two sets of pages: when the young one is full it becomes the old one and the old one is dropped, so that pages in use
  /// survive and memory stays bounded.
  private struct Pages: Sendable {
    var young: [PageKey: IndexPage] = [:]
    var old: [PageKey: IndexPage] = [:]
  }
  /// Guards the dictionaries only; pages are read without it.
  private let pages = Mutex(Pages())
  /// Pages in one set; both sets together take about 8 MiB.
  private static let pagesPerSet = 1024

  init(file: PositionalFile, root: Record, levels: Int, frontier: Int) {
    self.file = file
    self.root = root
    self.levels = levels
    self.frontier = frontier
  }

  /// The record of a chunk.
  ///
  /// - Throws: `.corrupt` when a page on the way does not match its checksum.
  /// - Complexity: O(levels) page reads, none when the pages are at hand.
  func record(ofChunk chunk: Int) throws(StoreError) -> Record {
    let fanOut = Dnpy2Layout.recordsPerPage
    guard let leaf = try page(level: 0, number: chunk / fanOut) else { return .absent }
    return leaf.records[chunk % fanOut]
  }

  /// How many chunks from `chunk` on lie below a page that is not there or is damaged; none when their leaf is sound.
  ///
  /// - Complexity: O(levels), as ``record(ofChunk:)``.
  func gap(at chunk: Int) -> (chunkCount: Int, damage: StoreError?) {
    for level in (0..<levels).reversed() {
      var span = 1
      for _ in 0...level {
        let (product, overflow) = span.multipliedReportingOverflow(by: Dnpy2Layout.recordsPerPage)
        span = overflow ? .max : product
      }
      var damage: StoreError?
      do throws(StoreError) {
        if try page(level: level, number: chunk / span) != nil { continue }
      } catch {
        damage = error
      }
      return (span - chunk % span, damage)
    }
    return (0, nil)
  }

  /// A page, or `nil` when nothing is stored below it.
  func page(level: Int, number: Int) throws(StoreError) -> IndexPage? {
    let key = PageKey(level: level, number: number)
    let known = pages.withLock { pages -> IndexPage? in
      if let page = pages.young[key] { return page }
      guard let page = pages.old[key] else { return nil }
      pages.young[key] = page
      return page
    }
    if let known { return known }
    let record: Record
    if level == levels - 1 {
      record = root
    } else {
      guard let above = try page(level: level + 1, number: number / Dnpy2Layout.recordsPerPage) else { return nil }
      record = above.records[number % Dnpy2Layout.recordsPerPage]
    }
    guard record.kind == .page else { return nil }
    let page = try Self.read(record, level: level, number: number, file: file, frontier: frontier)
    pages.withLock { pages in
      if pages.young.count >= Self.pagesPerSet {
        pages.old = pages.young
        pages.young = [:]
      }
      pages.young[key] = page
    }
    return page
  }

  /// Reads one page and verifies it against the record above it.
  static func read(_ record: Record, level: Int, number: Int, file: PositionalFile, frontier: Int) throws(StoreError) -> IndexPage {
    let what = "index page \(number) of level \(level)"
    guard Int(record.length) == Dnpy2Layout.pageByteCount else {
      throw StoreError(.corrupt, "\(what) claims \(record.length) bytes instead of 4096", path: file.path)
    }
    let bytes = try Snapshot.readBlock(record, file: file, limit: Dnpy2Layout.pageByteCount, what: what)
    do {
      return try IndexPage(bytes, level: level, number: number, frontier: frontier)
    } catch {
      throw error.at(path: file.path)
    }
  }
}
