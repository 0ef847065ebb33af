// The conformance suite: what every back end promises, as plain functions that any number of ranks run together.

import DAChunkCache
import DAStore
import MessagePassing

/// One promise of every back end.
public struct ConformanceCheck: Sendable, CustomStringConvertible {
  public var name: String
  var run: @Sendable (ConformanceRun) throws -> Void
  public var description: String { name }

  /// Runs the check on all ranks of a communicator.
  ///
  /// - Collective: yes; fails on all ranks when it fails on one.
  public func run(_ backEnd: BackEnd, _ communicator: Communicator) throws {
    let folder = try ScratchFolder(communicator)
    do {
      try run(ConformanceRun(backEnd: backEnd, communicator: communicator, folder: folder))
    } catch {
      try? folder.remove()  // the failure is what matters
      throw ExpectationFailure("\(backEnd.name), \(name): \(error)")
    }
    try folder.remove()
  }

  public static let all = checks(DType.allCases)

  /// The checks for several ranks, with one element type of each size: what ranks do together depends on bytes only.
  public static let parallel = checks([.bool, .int16, .float32, .float64, .complex128])

  private static func checks(_ dtypes: [DType]) -> [ConformanceCheck] {
    dtypes.map { dtype in
      ConformanceCheck(name: "round trip of \(dtype.name)") { run in
        for (index, layout) in Layout.all.enumerated() { try run.roundTrip(layout, dtype, seed: UInt64(index)) }
      }
    } + [
      ConformanceCheck(name: "chunks never written hold the fill value") { try $0.fillValue() },
      ConformanceCheck(name: "an array of which nothing was written") { try $0.nothingWritten() },
      ConformanceCheck(name: "giving up leaves nothing") { try $0.abandon() },
      ConformanceCheck(name: "an existing target is refused and kept") { try $0.existing() },
      ConformanceCheck(name: "arguments that make no sense") { try $0.badArguments() },
      ConformanceCheck(name: "chunks that make no sense") { try $0.badChunks() },
      ConformanceCheck(name: "reading what does not exist") { try $0.badReads() },
    ]
  }
}

/// A shape and how it is cut.
struct Layout {
  var shape: [Int]
  var chunkShape: [Int]?

  static let all: [Layout] = [
    Layout(shape: [], chunkShape: []),
    Layout(shape: [0], chunkShape: [3]),
    Layout(shape: [1], chunkShape: [1]),
    Layout(shape: [7], chunkShape: [3]),
    Layout(shape: [3], chunkShape: [10]),
    Layout(shape: [5, 6], chunkShape: [2, 4]),
    Layout(shape: [6, 5], chunkShape: nil),
    Layout(shape: [0, 4], chunkShape: [1, 2]),
    Layout(shape: [4, 0, 3], chunkShape: [2, 2, 2]),
    Layout(shape: [3, 4, 5], chunkShape: [2, 2, 2]),
    Layout(shape: [2, 3, 4, 3], chunkShape: [2, 2, 3, 2]),
  ]
}

/// One run of one check.
struct ConformanceRun {
  let backEnd: BackEnd
  let communicator: Communicator
  let folder: ScratchFolder

  func path(_ name: String) -> String { "\(folder.path)/\(name)\(backEnd.suffix)" }

  /// Writes some chunks of an array: in random order, over several rounds, by random ranks. The same plan on all ranks.
  func write(_ numbers: [Int], _ pattern: Pattern, to writer: any ChunkedDatasetWriter) throws {
    let description = writer.description
    var random = SeededRandom(seed: pattern.seed ^ 0xC0FFEE)
    let assigned = numbers.shuffled(using: &random).map { ($0, Int.random(in: 0..<communicator.size, using: &random)) }
    var rest = assigned[...]
    repeat {
      let round = rest.prefix(Int.random(in: 1...4, using: &random))
      rest = rest.dropFirst(round.count)
      let mine = round.filter { $0.1 == communicator.rank }.map(\.0)
      let bytes = mine.map { pattern.bytes(description.grid.region(of: $0), of: description.shape, description.dtype) }
      try withBuffers(bytes) { buffers in
        try writer.write(zip(mine, buffers).map { ChunkToWrite(number: $0, bytes: $1) })
      }
    } while !rest.isEmpty
  }

  /// Creates, fills and commits an array, and opens it.
  func stored(_ request: ArrayRequest, _ pattern: Pattern, name: String = "array") throws -> any ChunkedDataset {
    let writer = try backEnd.create(path(name), request, communicator)
    try write(Array(0..<writer.description.grid.chunkCount), pattern, to: writer)
    try writer.commit()
    return try backEnd.open(path(name))
  }

  func roundTrip(_ layout: Layout, _ dtype: DType, seed: UInt64) throws {
    let request = ArrayRequest(shape: layout.shape, dtype: dtype, chunkShape: layout.chunkShape)
    let pattern = Pattern(seed: seed &* 1000 &+ UInt64(dtype.byteCount))
    let name = "round-\(seed)"
    do {
      let dataset = try stored(request, pattern, name: name)
      try communicator.together {
        try facts(dataset, request, path(name))
        try contents(dataset) { pattern.bytes(dataset.description.grid.region(of: $0), of: layout.shape, dtype) }
      }
    } catch {
      throw ExpectationFailure(
        "shape \(layout.shape) in chunks \(layout.chunkShape.map { "\($0)" } ?? "of its choice"): \(error)")
    }
  }

  /// What a stored array says of itself.
  private func facts(_ dataset: any ChunkedDataset, _ request: ArrayRequest, _ path: String) throws {
    let description = dataset.description
    try expectEqual(dataset.path, path, "path")
    try expectEqual(description.format, backEnd.format, "format")
    try expectEqual(description.shape, request.shape, "shape")
    try expectEqual(description.dtype, request.dtype, "element type")
    try expectEqual(description.grid.shape, request.shape, "shape of the grid")
    if backEnd.keepsChunkShape, let chunkShape = request.chunkShape {
      try expectEqual(description.grid.chunkShape, chunkShape, "chunk shape")
    }
    let elementCount = request.shape.reduce(1, *)
    try expectEqual(description.logicalByteCount, elementCount * request.dtype.byteCount, "logical bytes")
    // Chunks of one value may take no bytes at all.
    try expectTrue(description.storedByteCount >= 0, "stored bytes: \(description.storedByteCount)")
    try expectEqual(
      (0..<description.grid.chunkCount).reduce(0) { $0 + description.byteCount(ofChunk: $1) },
      description.logicalByteCount, "bytes of all chunks")
    try expectEqual(description.fillValue.dtype, request.dtype, "type of the fill value")
    if let names = description.dimensionNames { try expectEqual(names.count, request.shape.count, "dimension names") }
  }

  /// Reads every chunk in every way: by itself, pinned, as a batch, swept past the cache and through it, with helpers.
  private func contents(_ dataset: any ChunkedDataset, _ expected: (Int) -> [UInt8]) throws {
    let count = dataset.description.grid.chunkCount
    func check(_ number: Int, _ bytes: UnsafeRawBufferPointer, _ how: String) throws(ExpectationFailure) {
      try expectEqual(Array(bytes), expected(number), "chunk \(number) \(how)")
    }
    for number in 0..<count {
      try expectEqual(try dataset.loadedBytes(ofChunk: number), expected(number), "chunk \(number)")
    }
    var random = SeededRandom(seed: UInt64(count))
    let shuffled = Array(0..<count).shuffled(using: &random)
    for workerCount in [0, 2] {
      var options = CacheOptions()
      options.workerCount = workerCount
      options.scanRoundByteCount = 64
      let cache = ChunkCache(pool: BufferPool(budget: 1 << 20), options: options)
      try sweep(cache, dataset, shuffled, .scan) { try check($0, $1, "scanned") }
      cache.prefetch(dataset, chunks: shuffled)
      for number in 0..<count { try check(number, try cache.pin(dataset, chunk: number).bytes, "pinned") }
      cache.drop(dataset)
      for pin in try cache.pin(dataset, chunks: shuffled + shuffled) { try check(pin.number, pin.bytes, "in a batch") }
      cache.drop(dataset)
      try sweep(cache, dataset, shuffled.reversed(), .keep) { try check($0, $1, "swept") }
      try sweep(cache, dataset, shuffled, .scan) { try check($0, $1, "scanned from the cache") }
    }
    try dataset.finishReading()
  }

  /// Sweeps and checks that every chunk came once, in order.
  private func sweep(
    _ cache: ChunkCache, _ dataset: any ChunkedDataset, _ chunks: [Int], _ hint: SweepHint,
    _ body: (Int, UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var seen: [Int] = []
    var failure: (any Error)?
    try cache.sweep(dataset, chunks: chunks, hint: hint) { number, bytes throws(StoreError) in
      seen.append(number)
      do { try body(number, bytes) } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
    try expectEqual(seen, chunks, "order of a sweep")
  }

  func fillValue() throws {
    let pattern = Pattern(seed: 4)
    for dtype in [DType.int16, .float64, .complex128, .bool] {
      let fill = backEnd.storesFillValue ? ElementValue(ofPattern: Pattern(seed: 77), dtype) : ElementValue(zero: dtype)
      let request = ArrayRequest(shape: [5, 6], dtype: dtype, chunkShape: [2, 4], fillValue: fill)
      let writer = try backEnd.create(path(dtype.name), request, communicator)
      let written = (0..<writer.description.grid.chunkCount).filter { $0 % 2 == 0 }
      try write(written, pattern, to: writer)
      try writer.commit()
      let dataset = try backEnd.open(path(dtype.name))
      try communicator.together {
        if backEnd.recordsFillValue { try expectEqual(dataset.description.fillValue, fill, "fill value") }
        try contents(dataset) { number in
          let region = dataset.description.grid.region(of: number)
          return written.contains(number)
            ? pattern.bytes(region, of: request.shape, dtype)
            : (0..<region.elementCount).flatMap { _ in fill.bytes }
        }
      }
    }
  }

  func nothingWritten() throws {
    let writer = try backEnd.create(
      path("empty"), ArrayRequest(shape: [4, 3], dtype: .float32, chunkShape: [2, 2]), communicator)
    try writer.write([])
    try writer.commit()
    let dataset = try backEnd.open(path("empty"))
    try communicator.together {
      try contents(dataset) { [UInt8](repeating: 0, count: dataset.description.byteCount(ofChunk: $0)) }
    }
  }

  func abandon() throws {
    let request = ArrayRequest(shape: [5, 6], dtype: .int32, chunkShape: [2, 4])
    for hasWritten in [false, true] {
      let writer = try backEnd.create(path("given-up"), request, communicator)
      if hasWritten { try write(Array(0..<writer.description.grid.chunkCount), Pattern(seed: 1), to: writer) }
      writer.abandon()
      try communicator.barrier()
      try communicator.together {
        try expectEqual(try folder.contents(), [], "what giving up leaves behind")
        try expectError(.notFound, in: "opening an array that was given up") { try backEnd.open(path("given-up")) }
      }
      try communicator.barrier()
    }
    // The name is free again.
    try communicator.together { () throws in }
    let pattern = Pattern(seed: 2)
    let dataset = try stored(request, pattern, name: "given-up")
    try communicator.together {
      try contents(dataset) { pattern.bytes(dataset.description.grid.region(of: $0), of: request.shape, request.dtype) }
    }
  }

  func existing() throws {
    guard backEnd.makesFiles else { return }
    let request = ArrayRequest(shape: [5, 6], dtype: .int32, chunkShape: [2, 4])
    let pattern = Pattern(seed: 3)
    _ = try stored(request, pattern)
    // Until all ranks have let go of the writer, its lock may lie beside the array.
    try communicator.barrier()
    let before = try folder.contents()
    try communicator.barrier()
    // All ranks are refused alike, so that no rank is left waiting.
    try expectError(.alreadyExists, in: "creating what exists") {
      let writer = try backEnd.create(path("array"), ArrayRequest(shape: [2], dtype: .int8), communicator)
      writer.abandon()
    }
    try communicator.barrier()
    let dataset = try backEnd.open(path("array"))
    try communicator.together {
      try expectEqual(try folder.contents(), before, "files after a refusal")
      try contents(dataset) { pattern.bytes(dataset.description.grid.region(of: $0), of: request.shape, request.dtype) }
    }
  }

  func badArguments() throws {
    let requests: [(String, ArrayRequest)] = [
      ("a negative size", ArrayRequest(shape: [3, -1], dtype: .int8, chunkShape: [1, 1])),
      ("a size beyond all memory", ArrayRequest(shape: [1 << 40, 1 << 40], dtype: .int8, chunkShape: [1, 1])),
      ("the largest size", ArrayRequest(shape: [.max], dtype: .float64)),
      ("too many axes", ArrayRequest(shape: Array(repeating: 1, count: maximumDimensionCount + 1), dtype: .int8)),
    ]
    let ofChunks: [(String, ArrayRequest)] = [
      ("chunks without an extent", ArrayRequest(shape: [3], dtype: .int8, chunkShape: [0])),
      ("chunks of negative extent", ArrayRequest(shape: [3], dtype: .int8, chunkShape: [-2])),
      ("chunks of other dimensions", ArrayRequest(shape: [3], dtype: .int8, chunkShape: [1, 1])),
    ]
    let ofFill = [
      ("a fill value of another type", ArrayRequest(shape: [3], dtype: .int8, fillValue: ElementValue(1.5)))
    ]
    for (what, request) in requests + (backEnd.keepsChunkShape ? ofChunks : [])
      + (backEnd.storesFillValue ? ofFill : [])
    {
      try expectError(.invalidArgument, in: what) {
        let writer = try backEnd.create(path("bad"), request, communicator)
        writer.abandon()
      }
    }
    try communicator.barrier()
    try communicator.together { try expectEqual(try folder.contents(), [], "what refused arrays leave behind") }
  }

  func badChunks() throws {
    let request = ArrayRequest(shape: [7], dtype: .int16, chunkShape: [3])
    let lastRank = communicator.size - 1
    /// What the last rank writes; the others write nothing, and must fail with it.
    func refused(_ what: String, _ chunks: (DatasetDescription) -> [(Int, Int)]) throws {
      let writer = try backEnd.create(path("chunks"), request, communicator)
      let mine = communicator.rank == lastRank ? chunks(writer.description) : []
      let bytes = mine.map { [UInt8](repeating: 1, count: $0.1) }
      try withBuffers(bytes) { buffers in
        // A back end may take it for a fault of the layers above, which number chunks.
        _ = try expectError(.invalidArgument, .internalFault, in: what) {
          try writer.write(zip(mine, buffers).map { ChunkToWrite(number: $0.0, bytes: $1) })
        }
      }
      writer.abandon()
      try communicator.barrier()
      try communicator.together { try expectEqual(try folder.contents(), [], "what is left behind") }
    }
    try refused("a chunk below the first") { [(-1, $0.byteCount(ofChunk: 0))] }
    try refused("a chunk beyond the last") { [($0.grid.chunkCount, $0.byteCount(ofChunk: 0))] }
    try refused("too few bytes") { [(0, $0.byteCount(ofChunk: 0) - 1)] }
    try refused("too many bytes") { [(0, $0.byteCount(ofChunk: 0) + 2)] }
    try refused("a chunk twice in one round") { [(0, $0.byteCount(ofChunk: 0)), (0, $0.byteCount(ofChunk: 0))] }
  }

  func badReads() throws {
    try communicator.together {
      try expectError(.notFound, in: "opening what does not exist") { try backEnd.open(path("nowhere")) }
    }
    let dataset = try stored(ArrayRequest(shape: [7], dtype: .int16, chunkShape: [3]), Pattern(seed: 9))
    try communicator.together {
      let cache = ChunkCache(pool: BufferPool(budget: 1 << 20))
      let count = dataset.description.grid.chunkCount
      for number in [-1, count, .max, .min] {
        try expectError(.invalidArgument, in: "pinning chunk \(number)") { try cache.pin(dataset, chunk: number) }
        try expectError(.invalidArgument, in: "sweeping chunk \(number)") {
          try cache.sweep(dataset, chunks: [number]) { _, _ throws(StoreError) in }
        }
      }
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 16)
      defer { buffer.deallocate() }
      for offset in [1 << 40, Int.max - 8] {
        let extent = StoredExtent(offset: offset, byteCount: buffer.count)
        dataset.willRead(extent)
        try expectError(.truncated, .corrupt, .io, in: "reading far beyond the end") {
          try dataset.read(extent, into: buffer)
        }
      }
    }
  }
}

extension ElementValue {
  /// An element of a pattern.
  init(ofPattern pattern: Pattern, _ dtype: DType) {
    self = pattern.bytes([], dtype).withUnsafeBytes { ElementValue(dtype: dtype, littleEndian: $0) }
  }
}

/// Hands out the memory of several arrays at once.
func withBuffers<Result>(_ arrays: [[UInt8]], _ body: ([UnsafeRawBufferPointer]) throws -> Result) rethrows -> Result {
  let buffers = arrays.map { bytes in
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    buffer.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(buffer)
  }
  defer { for buffer in buffers { buffer.deallocate() } }
  return try body(buffers)
}
