// Where two stored arrays differ and by how much, whatever their chunks, in one pass over both.

import DAChunkCache
import DAStore
import MessagePassing

/// The outcome of comparing two arrays; the same on every rank and for any number of ranks.
public struct ArrayDifference: Sendable, Equatable {
  /// Why the arrays cannot be compared element by element: different shapes or types. Everything else is empty then.
  public var mismatch: String?
  public var elementCount = 0
  /// Elements farther apart than the tolerance allows.
  public var differingCount = 0
  /// Those among them where one is NaN and the other is not (or both are, when NaN shall differ from itself).
  public var nanCount = 0
  /// The first differing elements in C order.
  public var first: [Element] = []
  /// Largest `|a − b|` and largest `|a − b| / |b|` of all unequal elements, within the tolerance or not, NaN aside;
  /// of equal ones the first in C order. `nil` when there is none.
  public var largestAbsolute: Largest?
  public var largestRelative: Largest?

  public struct Element: Sendable, Equatable {
    public var index: [Int]
    public var a: ElementValue
    public var b: ElementValue
  }

  public struct Largest: Sendable, Equatable {
    public var error: Double
    public var index: [Int]
  }

  public var isEqual: Bool { mismatch == nil && differingCount == 0 }
}

/// Compares two stored arrays.
///
/// Memory and work are planned as for a copy of `b` into the chunk grid of `a`.
/// - Parameter limit: How many differing elements are listed.
/// - Throws: `.memory` with the smallest budget that would do; what reading throws.
/// - Collective: yes.
public func difference(
  _ a: any ChunkedDataset, _ b: any ChunkedDataset, tolerance: Tolerance, limit: Int = 10,
  over communicator: Communicator, options: StreamingOptions
) throws(StoreError) -> ArrayDifference {
  var result = ArrayDifference()
  let facts = a.description
  if facts.shape != b.description.shape {
    result.mismatch = "shapes differ: \(shapeText(facts.shape)) and \(shapeText(b.description.shape))"
    return result
  }
  if facts.dtype != b.description.dtype {
    result.mismatch = "element types differ: \(facts.dtype.name) and \(b.description.dtype.name)"
    return result
  }
  let budget = try options.agreedBudget(communicator)
  let ownCost = SourceCost(a)
  let (plan, block) = try communicator.agree { () throws(StoreError) in
    // Room for the chunks of `a` is set aside as if a writer needed it.
    let plan = try CopyPlan(
      source: b.description.grid, cost: SourceCost(b), target: facts.grid,
      targetCost: .init(elementByteCount: facts.dtype.byteCount, isConverted: false), isDirect: false,
      roundScratch: { _ in ownCost.leastCacheByteCount }, rankCount: communicator.size, budget: budget)
    let blocks = BufferPool(budget: plan.memory.block)
    return (plan, try blocks.lease(byteCount: plan.memory.block))
  }
  let cache = options.makeCache(byteCount: plan.memory.cache + plan.memory.writer, for: [SourceCost(b), ownCost])
  let assembler = ChunkAssembler(b, plan, cache)
  var tally = DifferenceTally(shape: facts.shape, dtype: facts.dtype, tolerance: tolerance, limit: max(0, limit))
  options.progress?(0, facts.logicalByteCount)
  for round in 0..<plan.roundCount {
    try communicator.agree { () throws(StoreError) in
      try options.checkForStop()
      guard let number = plan.block(round: round, rank: communicator.rank) else { return }
      let places = try assembler.assemble(block: number, into: block.bytes)
      if round + 1 < plan.roundCount {
        assembler.prefetch(block: plan.block(round: round + 1, rank: communicator.rank))
      }
      var next = 0
      try cache.sweep(a, chunks: places.map(\.number)) { chunk, bytes throws(StoreError) in
        let other = UnsafeRawBufferPointer(rebasing: block.bytes[places[next].bytes])
        next += 1
        tally.add(facts.grid.region(of: chunk), bytes, other)
      }
    }
    options.progress?(plan.byteCount(throughRound: round), facts.logicalByteCount)
  }
  try communicator.agree { () throws(StoreError) in
    try a.finishReading()
    try b.finishReading()
  }
  return try tally.merged(over: communicator)
}

/// What one rank has seen; merging is exact, so that the number of ranks cannot be seen in the result.
struct DifferenceTally {
  let shape: [Int]
  let dtype: DType
  let tolerance: Tolerance
  let limit: Int
  private var differingCount = 0
  private var nanCount = 0
  /// Ascending positions, at most `limit`.
  private var first: [Entry] = []
  private var absolute = Peak()
  private var relative = Peak()

  private struct Entry {
    var position: Int
    var a: ElementValue
    var b: ElementValue
  }

  private struct Peak {
    var error = -1.0
    var position = Int.max

    mutating func take(_ error: Double, at position: Int) {
      if error > self.error || (error == self.error && position < self.position) {
        (self.error, self.position) = (error, position)
      }
    }
  }

  init(shape: [Int], dtype: DType, tolerance: Tolerance, limit: Int) {
    self.shape = shape
    self.dtype = dtype
    self.tolerance = tolerance
    self.limit = limit
  }

  mutating func add(_ region: Region, _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) {
    let extents = region.shape
    let size = dtype.byteCount
    forEachUnequal(dtype, a, b, tolerance) { pair in
      let local = rowMajorPosition(of: pair.index, in: extents)
      let position = rowMajorIndex(of: zip(local, region.lower).map { $0 + $1 }, in: shape)
      if pair.absolute.isNaN {
        if pair.isBeyondTolerance { nanCount += 1 }
      } else {
        absolute.take(pair.absolute, at: position)
      }
      if !pair.relative.isNaN { relative.take(pair.relative, at: position) }
      guard pair.isBeyondTolerance else { return }
      differingCount += 1
      if first.count == limit, position >= first.last?.position ?? -1 { return }
      let bytes = pair.index * size..<(pair.index + 1) * size
      let entry = Entry(
        position: position, a: ElementValue(dtype: dtype, littleEndian: UnsafeRawBufferPointer(rebasing: a[bytes])),
        b: ElementValue(dtype: dtype, littleEndian: UnsafeRawBufferPointer(rebasing: b[bytes])))
      insert(entry)
    }
  }

  private mutating func insert(_ entry: Entry) {
    let place = first.firstIndex { $0.position > entry.position } ?? first.count
    first.insert(entry, at: place)
    if first.count > limit { first.removeLast() }
  }

  private func value(_ low: UInt64, _ high: UInt64) -> ElementValue {
    withUnsafeBytes(of: (low, high)) { ElementValue(dtype: dtype, littleEndian: $0) }
  }

  /// Collective.
  func merged(over communicator: Communicator) throws(StoreError) -> ArrayDifference {
    var words = [
      UInt64(differingCount), UInt64(nanCount), absolute.error.bitPattern, UInt64(absolute.position),
      relative.error.bitPattern, UInt64(relative.position),
    ]
    for entry in first { words += [UInt64(entry.position), entry.a.low, entry.a.high, entry.b.low, entry.b.high] }
    let all = try passing { () throws(MPIError) in try communicator.allGather(words) }
    var total = DifferenceTally(shape: shape, dtype: dtype, tolerance: tolerance, limit: limit)
    for words in all where words.count >= 6 {
      total.differingCount += Int(words[0])
      total.nanCount += Int(words[1])
      total.absolute.take(Double(bitPattern: words[2]), at: Int(words[3]))
      total.relative.take(Double(bitPattern: words[4]), at: Int(words[5]))
      for start in stride(from: 6, to: words.count - 4, by: 5) {
        total.insert(
          Entry(
            position: Int(words[start]), a: value(words[start + 1], words[start + 2]),
            b: value(words[start + 3], words[start + 4])))
      }
    }
    var result = ArrayDifference()
    result.elementCount = shape.reduce(1, *)
    result.differingCount = total.differingCount
    result.nanCount = total.nanCount
    result.first = total.first.map {
      ArrayDifference.Element(index: rowMajorPosition(of: $0.position, in: shape), a: $0.a, b: $0.b)
    }
    func largest(_ peak: Peak) -> ArrayDifference.Largest? {
      peak.error < 0 ? nil : .init(error: peak.error, index: rowMajorPosition(of: peak.position, in: shape))
    }
    result.largestAbsolute = largest(total.absolute)
    result.largestRelative = largest(total.relative)
    return result
  }
}
