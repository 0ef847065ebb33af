// Reads everything a file's generations reach and reports what is damaged. Formats/dnpy-2.md, all sections.

import MessagePassing

/// What `verify` found in a file.
public struct VerificationReport: Sendable, Equatable {
  /// One sentence per damaged thing, in order of the file's structure.
  public var problems: [String] = []
  /// Damage that a second copy made good.
  public var warnings: [String] = []
  public var chunksChecked = 0
  public var bytesChecked = 0
  public var isSound: Bool { problems.isEmpty }
}

extension Dnpy2Dataset {
  /// Checks every checksum and structural rule of a file: both copies of the fixed blocks, the index pages and chunks of every
  /// generation that is kept, the counts in the superblock, and that no two extents overlap. Collective.
  ///
  /// Chunks are read and decoded by all ranks, each a share.
  /// - Returns: The same report on every rank.
  /// - Throws: Only what prevents looking at all: no such file, not this format, no sound superblock.
  /// - Complexity: one read of the file; 24 bytes of memory per chunk on rank 0.
  public static func verify(
    path: String, communicator: Communicator, pool: BufferPool, progress: ((_ done: Int, _ total: Int) throws(StoreError) -> Void)? = nil
  ) throws(StoreError) -> VerificationReport {
    let current = try open(path: path, communicator: communicator)
    var report = VerificationReport()
    report.warnings = current.snapshot.survivedDamage
    var generations: [Int] = []
    do throws(StoreError) {
      generations = try current.history().map(\.number)
    } catch {
      report.problems.append(error.message)
      generations = [current.snapshot.state.generation]
    }
    var seen = Set<Record>()
    var extents: [Range<Int>] = []
    for generation in generations.reversed() {
      do throws(StoreError) {
        let dataset = try current.at(generation: generation, communicator: communicator)
        try dataset.verifyGeneration(
          into: &report, seen: &seen, extents: &extents, communicator: communicator, pool: pool, progress: progress)
      } catch {
        guard error.code != .interrupted, error.code != .messagePassing else { throw error }
        report.problems.append("generation \(generation): \(error.message)")
      }
    }
    report.problems += overlaps(in: extents, snapshot: current.snapshot)
    return report
  }

  /// Another generation as it was when this one was opened, whatever writers have done since. Collective.
  private func at(generation: Int, communicator: Communicator) throws(StoreError) -> Dnpy2Dataset {
    try communicator.agree { () throws(StoreError) in
      try Dnpy2Dataset(
        Snapshot(path: path, generation: generation, head: snapshot.head, file: snapshot.file), verifyChecksums: true)
    }
  }

  private func verifyGeneration(
    into report: inout VerificationReport, seen: inout Set<Record>, extents: inout [Range<Int>], communicator: Communicator,
    pool: BufferPool, progress: ((Int, Int) throws(StoreError) -> Void)?
  ) throws(StoreError) {
    let chunkCount = description.grid.chunkCount
    let generation = snapshot.state.generation
    var storedChunks = 0
    var storedBytes = 0
    var pageDamage = Set<String>()
    var problems: [(chunk: Int, text: String)] = []
    let buffer = try communicator.agree { () throws(StoreError) in
      try pool.lease(byteCount: description.largestChunkByteCount)
    }
    var next = 0
    while next < chunkCount {
      let chunk = next
      // There may be far more chunks than the file has bytes: where no page is, all its chunks are passed over in one step.
      var (absentCount, damage) = snapshot.index.gap(at: chunk)
      var record = Record.absent
      do throws(StoreError) {
        if absentCount == 0 { record = try snapshot.index.record(ofChunk: chunk) }
      } catch {
        damage = error
      }
      // One bad page hides many chunks: report it once.
      if let damage, pageDamage.insert(damage.message).inserted {
        report.problems.append("generation \(generation): \(damage.message)")
      }
      absentCount = max(absentCount, 1)
      next = absentCount < chunkCount - chunk ? chunk + absentCount : chunkCount
      guard record.hasExtent else { continue }
      storedChunks += 1
      storedBytes += Int(record.length)
      guard seen.insert(record).inserted else { continue }
      if let bytes = record.footprint(chunkAlignment: snapshot.preamble.chunkAlignment, blockAlignment: snapshot.preamble.blockAlignment) {
        extents.append(bytes)
      }
      report.chunksChecked += 1
      report.bytesChecked += Int(record.length)
      guard chunk % communicator.size == communicator.rank else { continue }
      do throws(StoreError) {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<description.byteCount(ofChunk: chunk)])
        try readChunk(chunk, into: bytes, pool: pool)
      } catch {
        problems.append((chunk, error.message))
      }
      try progress?(chunk + 1, chunkCount)
    }
    let lines = problems.map { "\($0.chunk)\t\($0.text)" }.joined(separator: "\n")
    let gathered = try passing { () throws(MPIError) in try communicator.allGather(Array(lines.utf8)) }
    let all = gathered.flatMap { String(decoding: $0, as: UTF8.self).split(separator: "\n") }.map { $0.split(separator: "\t", maxSplits: 1) }
    for line in all.sorted(by: { (Int($0[0]) ?? 0) < (Int($1[0]) ?? 0) }) where line.count == 2 {
      report.problems.append("generation \(generation): \(line[1])")
    }
    if pageDamage.isEmpty, storedChunks != snapshot.state.storedChunkCount || storedBytes != snapshot.state.storedByteCount {
      report.problems.append(
        "generation \(generation): its superblock counts \(snapshot.state.storedChunkCount) stored chunks of "
          + "\(snapshot.state.storedByteCount) bytes, the index reaches \(storedChunks) of \(storedBytes)")
    }
  }

  /// Extents that share bytes with one another or with space that may be overwritten.
  private static func overlaps(in extents: [Range<Int>], snapshot: Snapshot) -> [String] {
    var problems: [String] = []
    var free: [Range<Int>] = []
    do throws(StoreError) {
      if snapshot.superblock.freeTable.kind == .block {
        let bytes = try Snapshot.readBlock(
          snapshot.superblock.freeTable, file: snapshot.file, limit: Int(UInt32.max), what: "the table of free space")
        let oldest = try snapshot.generations().first?.generation ?? 0
        free = try FreeTable.decode(bytes, frontier: snapshot.superblock.frontier)
          .filter { $0.freedBy <= oldest }.map { $0.offset..<$0.end }
      }
    } catch {
      problems.append(error.message)
    }
    let marked = extents.map { (range: $0, isFree: false) } + free.map { (range: $0, isFree: true) }
    var last: (range: Range<Int>, isFree: Bool)?
    for entry in marked.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      if let last, last.range.upperBound > entry.range.lowerBound {
        let what = last.isFree || entry.isFree ? "space marked as free" : "another chunk"
        problems.append("the chunk stored at byte \(entry.range.lowerBound) overlaps \(what) at byte \(last.range.lowerBound)")
      }
      if entry.range.upperBound > last?.range.upperBound ?? 0 { last = entry }
    }
    return problems
  }
}
