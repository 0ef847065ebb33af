// Loading: from stored extents to decoded chunks in memory, in few large reads.

import DAStore

/// A chunk to load and where to.
struct LoadTarget {
  var number: Int
  /// Exactly the chunk's decoded size.
  var destination: UnsafeMutableRawBufferPointer
  /// Where it is stored, when that was asked before.
  var storage: ChunkStorage?
}

extension CacheCore {
  /// Loads chunks and reports each as soon as it is complete or has failed.
  ///
  /// A chunk's failure is its own: the others are loaded all the same.
  /// - Parameter report: Position in `targets`, and the error if there was one; called once for each.
  func load(
    _ targets: [LoadTarget], of dataset: any ChunkedDataset, isAhead: Bool, report: (Int, StoreError?) -> Void
  ) {
    var load = ChunkLoad(core: self, dataset: dataset, targets: targets, isAhead: isAhead)
    load.run(report: report)
    let tally = load.tally
    monitor.withLock { state in
      state.statistics.reads += tally.reads
      state.statistics.mergedReads += tally.mergedReads
      state.statistics.bytesRead += tally.bytesRead
      state.statistics.bytesDecoded += tally.bytesDecoded
      state.statistics.readNanoseconds += tally.readNanoseconds
      state.statistics.decodeNanoseconds += tally.decodeNanoseconds
      if isAhead { state.statistics.aheadNanoseconds += tally.readNanoseconds + tally.decodeNanoseconds }
    }
  }
}

/// One batch of chunks being loaded by one thread.
private struct ChunkLoad {
  let core: CacheCore
  let dataset: any ChunkedDataset
  let targets: [LoadTarget]
  let isAhead: Bool
  var tally = CacheStatistics()
  private var scratch: PooledBuffer?
  /// Pieces of each target that have not arrived; 0 when it is complete or has failed.
  private var missing: [Int]

  init(core: CacheCore, dataset: any ChunkedDataset, targets: [LoadTarget], isAhead: Bool) {
    self.core = core
    self.dataset = dataset
    self.targets = targets
    self.isAhead = isAhead
    missing = Array(repeating: 0, count: targets.count)
  }

  mutating func run(report: (Int, StoreError?) -> Void) {
    var pieces: [ReadPiece] = []
    for (index, target) in targets.enumerated() {
      do throws(StoreError) {
        if try begin(index, target, &pieces) { report(index, nil) }
      } catch {
        report(index, error.at(path: dataset.path))
      }
    }
    if pieces.isEmpty { return }
    let plan = ReadPlan(pieces, limits: core.planLimits)
    for read in plan.reads { perform(read, plan.pieces[read.pieces], report) }
  }

  /// Looks a chunk's storage up and lists what must be read for it.
  ///
  /// - Returns: Whether the chunk is complete already.
  private mutating func begin(
    _ index: Int, _ target: LoadTarget, _ pieces: inout [ReadPiece]
  ) throws(StoreError) -> Bool {
    let storage: ChunkStorage
    if let known = target.storage { storage = known } else { storage = try dataset.storage(of: target.number) }
    switch storage {
    case .constant(let value):
      let dtype = dataset.description.dtype
      guard value.dtype == dtype else {
        throw wrong(target, "is a constant of \(value.dtype.name) in an array of \(dtype.name)")
      }
      value.fill(target.destination)
      return true
    case .direct(let extents):
      let byteCount = try storedByteCount(of: target, in: extents)
      guard byteCount == target.destination.count else {
        throw wrong(target, "occupies \(byteCount) bytes where its elements take \(target.destination.count)")
      }
      append(extents, of: index, to: target.destination, &pieces)
      return false
    case .encoded(let extents):
      let byteCount = try storedByteCount(of: target, in: extents)
      guard byteCount <= dataset.largestStoredByteCount else {
        throw wrong(target, "occupies \(byteCount) bytes where at most \(dataset.largestStoredByteCount) are possible")
      }
      if extents.count == 1, byteCount > 0 {
        append(extents, of: index, to: nil, &pieces)
        return false
      }
      try decodeScattered(target, extents, byteCount)
      return true
    }
  }

  private func wrong(_ target: LoadTarget, _ what: String) -> StoreError {
    StoreError(
      .corrupt, "chunk \(target.number) \(what); run `dastore-tool verify` to list damaged chunks", path: dataset.path)
  }

  /// Sum of the extents' sizes. Extents may come from a file, so that nothing about them is taken for granted.
  private func storedByteCount(of target: LoadTarget, in extents: [StoredExtent]) throws(StoreError) -> Int {
    var total = 0
    for extent in extents {
      let (sum, overflow) = total.addingReportingOverflow(extent.byteCount)
      guard extent.offset >= 0, extent.byteCount >= 0, !overflow,
        !extent.offset.addingReportingOverflow(extent.byteCount).overflow
      else {
        throw wrong(target, "is said to be stored at byte \(extent.offset) with \(extent.byteCount) bytes")
      }
      total = sum
    }
    return total
  }

  private mutating func append(
    _ extents: [StoredExtent], of index: Int, to destination: UnsafeMutableRawBufferPointer?,
    _ pieces: inout [ReadPiece]
  ) {
    let address = destination?.baseAddress.map { Int(bitPattern: $0) }
    var position = 0
    for extent in extents where extent.byteCount > 0 {
      pieces.append(
        ReadPiece(target: index, positionInChunk: position, extent: extent, destination: address.map { $0 + position }))
      position += extent.byteCount
      missing[index] += 1
    }
  }

  /// Makes one planned read and deals its bytes out.
  ///
  /// When a read that serves several pieces fails, each piece is read by itself, so that only those fail that must.
  private mutating func perform(
    _ read: PlannedRead, _ pieces: ArraySlice<ReadPiece>, _ report: (Int, StoreError?) -> Void
  ) {
    if pieces.allSatisfy({ missing[$0.target] == 0 }) { return }
    do throws(StoreError) {
      if read.isStraight, let first = pieces.first {
        // The pieces lie side by side in memory as well: this may reach over several chunks' destinations.
        let start = targets[first.target].destination.baseAddress.map { $0 + first.positionInChunk }
        try fetch(read, into: UnsafeMutableRawBufferPointer(start: start, count: read.byteCount))
        for piece in pieces { arrived(piece, report) }
      } else {
        let staging = try core.lease(read.byteCount, for: "reading \(pieces.count) extents", isAhead: isAhead)
        try fetch(read, into: staging.bytes)
        for piece in pieces { deal(piece, from: staging.bytes, startingAt: read.offset, report) }
      }
    } catch {
      if pieces.count == 1, let piece = pieces.first {
        fail(piece.target, error, report)
      } else {
        for index in pieces.indices {
          let extent = pieces[index].extent
          perform(
            PlannedRead(
              file: extent.file, offset: extent.offset, byteCount: extent.byteCount, pieces: index..<index + 1,
              isStraight: pieces[index].destination != nil),
            pieces[index...index], report)
        }
      }
    }
  }

  private mutating func fetch(_ read: PlannedRead, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    tally.reads += 1
    tally.bytesRead += read.byteCount
    if read.pieces.count > 1 { tally.mergedReads += 1 }
    let began = now()
    defer { tally.readNanoseconds += now() - began }
    try dataset.read(read.extent, into: buffer)
  }

  private mutating func deal(
    _ piece: ReadPiece, from staging: UnsafeMutableRawBufferPointer, startingAt offset: Int,
    _ report: (Int, StoreError?) -> Void
  ) {
    let start = piece.extent.offset - offset
    let bytes = UnsafeRawBufferPointer(rebasing: staging[start..<start + piece.extent.byteCount])
    let target = targets[piece.target]
    if piece.destination != nil {
      UnsafeMutableRawBufferPointer(rebasing: target.destination[piece.positionInChunk...]).copyMemory(from: bytes)
      arrived(piece, report)
    } else {
      missing[piece.target] = 0
      do throws(StoreError) {
        try decode(target, bytes)
        report(piece.target, nil)
      } catch {
        report(piece.target, error.at(path: dataset.path))
      }
    }
  }

  /// Notes that elements have reached their destination; the last piece completes the chunk.
  private mutating func arrived(_ piece: ReadPiece, _ report: (Int, StoreError?) -> Void) {
    guard missing[piece.target] > 0 else { return }
    missing[piece.target] -= 1
    guard missing[piece.target] == 0 else { return }
    let target = targets[piece.target]
    do throws(StoreError) {
      try dataset.check(target.number, bytes: UnsafeRawBufferPointer(target.destination))
      report(piece.target, nil)
    } catch {
      report(piece.target, error.at(path: dataset.path))
    }
  }

  private mutating func fail(_ index: Int, _ error: StoreError, _ report: (Int, StoreError?) -> Void) {
    guard missing[index] > 0 else { return }
    missing[index] = 0
    report(index, error.at(path: dataset.path))
  }

  private mutating func decode(_ target: LoadTarget, _ stored: UnsafeRawBufferPointer) throws(StoreError) {
    let byteCount = dataset.decodeScratchByteCount
    if scratch == nil, byteCount > 0 {
      scratch = try core.lease(byteCount, for: "decoding chunk \(target.number)", isAhead: isAhead)
    }
    let began = now()
    defer { tally.decodeNanoseconds += now() - began }
    try dataset.decode(
      target.number, stored: stored, into: target.destination,
      scratch: scratch?.bytes ?? UnsafeMutableRawBufferPointer(start: nil, count: 0))
    tally.bytesDecoded += target.destination.count
  }

  /// Loads an encoded chunk whose stored bytes lie in several places: they are put together first.
  private mutating func decodeScattered(
    _ target: LoadTarget, _ extents: [StoredExtent], _ byteCount: Int
  ) throws(StoreError) {
    let stored = try core.lease(byteCount, for: "chunk \(target.number)", isAhead: isAhead)
    var pieces: [ReadPiece] = []
    var position = 0
    for extent in extents where extent.byteCount > 0 {
      pieces.append(
        ReadPiece(
          target: 0, positionInChunk: position, extent: extent,
          destination: stored.bytes.baseAddress.map { Int(bitPattern: $0) + position }))
      position += extent.byteCount
    }
    let plan = ReadPlan(pieces, limits: core.planLimits)
    for read in plan.reads {
      let served = plan.pieces[read.pieces]
      if read.isStraight, let first = served.first {
        let start = first.positionInChunk
        try fetch(read, into: UnsafeMutableRawBufferPointer(rebasing: stored.bytes[start..<start + read.byteCount]))
      } else {
        let staging = try core.lease(read.byteCount, for: "reading \(served.count) extents", isAhead: isAhead)
        try fetch(read, into: staging.bytes)
        for piece in served {
          let start = piece.extent.offset - read.offset
          UnsafeMutableRawBufferPointer(rebasing: stored.bytes[piece.positionInChunk...]).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: staging.bytes[start..<start + piece.extent.byteCount]))
        }
      }
    }
    try decode(target, UnsafeRawBufferPointer(stored.bytes))
  }
}
