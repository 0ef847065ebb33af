// What a user's function makes of arrays as a dataset: each chunk is one call of the function.

import DAStore

/// The blocks of a mapped array.
///
/// A chunk's stored bytes are those of the chunks that the block and its halo need of each input. Decoding gathers the
/// inputs' blocks and calls the function.
final class MappedDataset: SourcedDataset {
  let path: String
  let description: DatasetDescription
  private let mapping: BlockMapping
  private let readers: [PieceReader]
  private let files: SourceFiles
  /// The inputs' shape, without frames.
  private let inputShape: [Int]
  /// Per input, bytes of the largest block with its halo.
  private let blockByteCounts: [Int]
  let largestStoredByteCount: Int
  let decodeScratchByteCount: Int

  private static let alignment = 64
  /// Bytes that a block whose extents nobody chose may need: below, blocks grow while their halos cost much.
  private static let standardLimit = 64 << 20

  /// - Throws: `.invalidArgument` for chosen extents that make no grid; `.internalFault` for a statistic inside.
  init(_ mapped: MappedArray) throws(StoreError) {
    mapping = mapped.mapping
    let (inputShape, isDropped) = (mapped.shape, mapped.mapping.isDropped)
    self.inputShape = inputShape
    var readers: [PieceReader] = []
    for input in mapped.inputs {
      // An array with a frame is read piece by piece: frames are no more elements to keep.
      if mapping.halo.contains(where: { $0 > 0 }), case .assembled(let assembly) = input.kind {
        readers.append(try PieceReader(assembly.parts, assembly.layout, name: mapping.kernel.name))
      } else {
        let whole = Mosaic(input.shape.map { Mosaic.Axis(all: $0) })
        readers.append(try PieceReader([input], whole, name: mapping.kernel.name))
      }
    }
    self.readers = readers
    path = "\(mapping.kernel.name)(\(readers.map(\.sources[0].dataset.path).joined(separator: ", ")))"
    files = try SourceFiles(readers.flatMap { $0.sources.map(\.dataset) }, path: path)
    let geometry = BlockGeometry(mapping, inputShape, readers)
    let extents = try geometry.chunkShape(limit: Self.standardLimit)
    let kept = inputShape.indices.filter { !isDropped[$0] }
    let shape = kept.map { inputShape[$0] }
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: mapping.kernel.resultType,
      grid: try ChunkGrid(shape: shape, chunkShape: kept.map { extents[$0] }), storedByteCount: 0)
    largestStoredByteCount = geometry.storedByteCount(extents)
    blockByteCounts = geometry.blockByteCounts(extents)
    decodeScratchByteCount = blockByteCounts.map { saturatingSum($0, Self.alignment) }.reduce(
      saturatingSum(readers.map(\.scratchByteCount).max() ?? 0, Self.alignment), saturatingSum)
  }

  var sources: [Tape.Source] { readers.flatMap(\.sources) }

  /// A chunk's block in the inputs, without the halo.
  private func region(of number: Int) -> Region {
    let chunk = description.grid.region(of: number)
    var (lower, upper) = (inputShape.map { _ in 0 }, inputShape)
    for (place, axis) in inputShape.indices.filter({ !mapping.isDropped[$0] }).enumerated() {
      (lower[axis], upper[axis]) = (chunk.lower[place], chunk.upper[place])
    }
    return Region(lower: lower, upper: upper)
  }

  /// A block with its halo in an input with its frame.
  private func framed(_ region: Region) -> Region {
    Region(lower: region.lower, upper: zip(region.upper, mapping.halo).map { $0 + 2 * $1 })
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    let region = framed(region(of: number))
    if region.isEmpty { return .encoded([]) }
    var extents: [StoredExtent] = []
    var first = 0
    for reader in readers {
      if case .extents(let stored) = try reader.stored(region) {
        extents += stored.map { files.extent($0.extent, ofSource: first + $0.source) }
      }
      first += reader.sources.count
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
    let byteCount = description.byteCount(ofChunk: number)
    if byteCount == 0 { return }
    guard let start = scratch.baseAddress, buffer.count == byteCount, scratch.count >= decodeScratchByteCount else {
      throw StoreError(.internalFault, "buffers of wrong sizes for chunk \(number)", path: path)
    }
    let region = region(of: number)
    let framed = framed(region)
    var inputs: [UnsafeRawBufferPointer] = []
    var place = start.alignedUp(toMultipleOf: Self.alignment)
    let blocks = place
    for byteCount in blockByteCounts { place = (place + byteCount).alignedUp(toMultipleOf: Self.alignment) }
    let rest = UnsafeMutableRawBufferPointer(start: place, count: start + scratch.count - place)
    place = blocks
    var used = 0
    for (index, reader) in readers.enumerated() {
      let byteCount = framed.elementCount * mapping.kernel.inputTypes[index].byteCount
      if byteCount > 0 {
        let own = UnsafeRawBufferPointer(rebasing: stored[used...])
        used += try reader.gather(framed, from: own, into: place, scratch: rest)
      }
      inputs.append(UnsafeRawBufferPointer(start: place, count: byteCount))
      place = (place + blockByteCounts[index]).alignedUp(toMultipleOf: Self.alignment)
    }
    ElementValue(zero: description.dtype).fill(buffer)
    try call(
      BlockCall(
        inputs: inputs, place: BlockPlace(region: region, halo: mapping.halo),
        resultPlace: BlockPlace(
          region: description.grid.region(of: number), halo: description.shape.map { _ in 0 }), result: buffer),
      number)
  }

  /// Calls the function; what it throws becomes an error that says where.
  private func call(_ call: BlockCall, _ number: Int) throws(StoreError) {
    do {
      try mapping.kernel.run(call)
    } catch let failure as ElementFailure {
      let position = rowMajorPosition(of: failure.offset, in: call.resultPlace.shape)
      let index = zip(call.resultPlace.region.lower, position).map { $0 + $1 }
      throw refusal(failure.cause, "for the element at \(shapeText(index))")
    } catch {
      throw refusal(error, "for chunk \(number), \(call.resultPlace.region)")
    }
  }

  private func refusal(_ cause: any Error, _ place: String) -> StoreError {
    let code = (cause as? StoreError)?.code ?? .functionFailed
    return StoreError(code, "the function failed \(place): \(cause)", path: path)
  }
}
