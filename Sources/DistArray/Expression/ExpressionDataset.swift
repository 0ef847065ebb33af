// Expressions as a dataset: chunks are computed when they are asked for, so that everything that streams a stored array
// streams an expression, or several at once.

import DAStore

/// The elements of an expression, or of several expressions of one shape, chunk by chunk.
///
/// A chunk of several holds the elements of all, one expression after the other: as far as the description tells, bytes
/// that lie along a last axis, `fields` tells where. Expressions of larger elements come first, so that all are aligned.
///
/// A chunk's stored bytes are those of the source chunks that it needs, one source after the other; decoding it decodes
/// them and runs the tape. Reading ahead, merging of reads, helper threads and memory accounts therefore are those of any
/// dataset. Nothing is kept between chunks.
final class ExpressionDataset: SourcedDataset {
  let path: String
  let description: DatasetDescription
  let tape: Tape
  var sources: [Tape.Source] { tape.sources }
  /// Per expression, where its elements lie in a chunk.
  let fields: [ChunkField]
  /// The chunks of each expression.
  private let grid: ChunkGrid
  private let gathers: [ChunkGather]
  private let files: SourceFiles
  private let memory: TapeMemory
  /// Per source, bytes of the largest box that a chunk needs of it.
  private let boxByteCounts: [Int]

  private static let alignment = 64

  /// - Parameter name: What messages call it.
  /// - Throws: `.invalidArgument` for a shape that no array can have; `.internalFault` for a reduction inside.
  convenience init(_ expression: Expression, name: String) throws(StoreError) {
    try self.init([expression], chunkShape: nil, name: name)
  }

  /// - Parameter chunkShape: Extents of each expression's chunks; what suits the sources when not given.
  init(_ expressions: [Expression], chunkShape: [Int]?, name: String) throws(StoreError) {
    path = name
    let tape = try Tape(expressions)
    self.tape = tape
    let shape = tape.shape
    _ = try checkedElementCount(shape, dtype: tape.dtypes[0])
    grid = try ChunkGrid(shape: shape, chunkShape: chunkShape ?? tape.chunkShape())
    let (fields, elementByteCount) = Self.fields(tape)
    self.fields = fields
    if expressions.count == 1 {
      description = DatasetDescription(
        format: .memory, shape: shape, dtype: tape.dtypes[0], grid: grid, storedByteCount: 0)
    } else {
      let bytes = try ChunkGrid(shape: shape + [elementByteCount], chunkShape: grid.chunkShape + [elementByteCount])
      description = DatasetDescription(
        format: .memory, shape: bytes.shape, dtype: .uint8, grid: bytes, storedByteCount: 0)
    }
    gathers = tape.sources.map { ChunkGather($0.dataset) }
    memory = TapeMemory(tape)
    files = try SourceFiles(tape.sources.map(\.dataset), path: name)
    let largest = Region(shape: zip(grid.shape, grid.chunkShape).map { min($0, $1) })
    boxByteCounts = tape.sources.map { $0.view.box(of: largest).elementCount * $0.dtype.byteCount }
    let sums = zip(gathers, tape.sources).map { gather, source in
      if source.isComputed { return 0 }
      return saturatingProduct(
        gather.largestStoredByteCount,
        ChunkGather.mostTouchedChunks(source.view.box(of: largest).axes, source.dataset.description.grid))
    }
    largestStoredByteCount = sums.reduce(0, saturatingSum)
    let gathering = zip(gathers, tape.sources).map { $1.isComputed ? 0 : $0.scratchByteCount }.max() ?? 0
    decodeScratchByteCount = boxByteCounts.map { $0 + Self.alignment }.reduce(
      saturatingSum(gathering, memory.byteCount + 2 * Self.alignment), saturatingSum)
  }

  /// Where expressions lie in a chunk; those found in the same place share one. Bytes per element of all together.
  private static func fields(_ tape: Tape) -> (fields: [ChunkField], elementByteCount: Int) {
    var fields: [Tape.Place: ChunkField] = [:]
    var elementByteCount = 0
    for index in tape.dtypes.indices.sorted(by: { tape.dtypes[$0].byteCount > tape.dtypes[$1].byteCount })
    where fields[tape.results[index]] == nil {
      fields[tape.results[index]] = ChunkField(bytesBefore: elementByteCount, tape.dtypes[index])
      elementByteCount += tape.dtypes[index].byteCount
    }
    return (
      zip(tape.results, tape.dtypes).map { fields[$0] ?? ChunkField($1) }, elementByteCount
    )
  }

  let decodeScratchByteCount: Int
  let largestStoredByteCount: Int

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    let region = grid.region(of: number)
    var extents: [StoredExtent] = []
    for index in tape.sources.indices where !tape.sources[index].isComputed {
      guard case .extents(let stored) = try gathers[index].stored(tape.sources[index].view.box(of: region)) else {
        continue
      }
      extents += stored.map { files.extent($0, ofSource: index) }
    }
    return .encoded(extents)
  }

  var fileNumberBound: Int { files.bound }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    try files.read(extent, into: buffer)
  }

  func willRead(_ extent: StoredExtent) { files.willRead(extent) }
  func finishReading() throws(StoreError) { try files.finishReading() }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    let region = grid.region(of: number)
    guard let destination = buffer.baseAddress, let start = scratch.baseAddress,
      buffer.count == description.byteCount(ofChunk: number), scratch.count >= decodeScratchByteCount
    else {
      if region.isEmpty { return }
      throw StoreError(.internalFault, "buffers of wrong sizes for chunk \(number)", path: path)
    }
    var place = start.alignedUp(toMultipleOf: Self.alignment)
    var operands: [Tape.Operand] = []
    var used = 0
    let own = place
    place = (place + memory.byteCount).alignedUp(toMultipleOf: Self.alignment)
    let boxes = place
    for byteCount in boxByteCounts { place = (place + byteCount).alignedUp(toMultipleOf: Self.alignment) }
    let rest = UnsafeMutableRawBufferPointer(start: place, count: start + scratch.count - place)
    place = boxes
    for (index, source) in tape.sources.enumerated() {
      let box = source.view.box(of: region)
      let remaining = UnsafeRawBufferPointer(rebasing: stored[used...])
      let byteCount = box.elementCount * source.dtype.byteCount
      let target = UnsafeMutableRawBufferPointer(start: place, count: byteCount)
      var elements = UnsafeRawPointer(place)
      if let computed = source.dataset as? ComputedDataset {
        try computed.fill(box, into: target)
      } else if case .constant(let value) = try gathers[index].stored(box) {
        value.fill(target)
      } else if let inPlace = try elementsInPlace(index, box, remaining) {
        elements = inPlace
        used += byteCount
      } else {
        used += try gathers[index].gather(box, from: remaining, into: target, scratch: rest)
      }
      operands.append(Tape.Operand(elements: elements, strides: source.view.strides(of: region)))
      place = (place + boxByteCounts[index]).alignedUp(toMultipleOf: Self.alignment)
    }
    do throws(StoreError) {
      let elementCount = region.elementCount
      let destinations = fields.map { destination + elementCount * $0.bytesBefore }
      try tape.run(region, operands: operands, into: destinations, memory: own)
    } catch {
      throw error.at(path: path)
    }
  }

  /// A source's elements where they were read to, if they are all there in order and aligned.
  private func elementsInPlace(
    _ index: Int, _ box: StridedBox, _ stored: UnsafeRawBufferPointer
  ) throws(StoreError) -> UnsafeRawPointer? {
    guard let start = stored.baseAddress, Int(bitPattern: start) % tape.sources[index].dtype.byteCount == 0,
      try gathers[index].elementsInPlace(box, in: stored) != nil
    else { return nil }
    return start
  }
}
