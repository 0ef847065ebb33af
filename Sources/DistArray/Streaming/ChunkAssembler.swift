// Assembles chunks of one grid from the cached chunks of another: the step from chunk to block.

import DAChunkCache
import DAStore

/// Fills a block's target chunks, one after the other in one buffer, each dense and in C order.
struct ChunkAssembler {
  let source: any ChunkedDataset
  let plan: CopyPlan
  let cache: ChunkCache
  let clock: StationClock
  /// Whether chunks will be read again for other blocks.
  private let hint: SweepHint

  init(_ source: any ChunkedDataset, _ plan: CopyPlan, _ cache: ChunkCache, _ clock: StationClock = StationClock()) {
    self.source = source
    self.plan = plan
    self.cache = cache
    self.clock = clock
    hint = plan.readAmplification > 1 ? .keep : .scan
  }

  /// Assembles a block. Local.
  ///
  /// Source chunks are read in ascending order, each once.
  /// - Parameter buffer: At least the block's bytes.
  /// - Returns: The block's target chunks and where they lie in the buffer, ascending.
  func assemble(
    block: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> [(number: Int, bytes: Range<Int>)] {
    let size = source.description.dtype.byteCount
    var places: [(number: Int, bytes: Range<Int>)] = []
    var indices: [Int: Int] = [:]
    var offset = 0
    for number in plan.targetChunks(ofBlock: block) {
      let byteCount = plan.target.elementCount(of: number) * size
      indices[number] = places.count
      places.append((number, offset..<offset + byteCount))
      offset += byteCount
    }
    guard offset <= buffer.count, let base = buffer.baseAddress else {
      throw StoreError(.internalFault, "a block of \(offset) bytes in a buffer of \(buffer.count)", path: source.path)
    }
    let region = plan.region(ofBlock: block)
    try cache.sweep(source, chunks: plan.sourceChunks(ofBlock: block), hint: hint) { number, bytes throws(StoreError) in
      let chunk = plan.source.region(of: number)
      guard let wanted = chunk.intersection(region), let from = bytes.baseAddress else { return }
      clock.computing {
        for target in plan.target.chunks(touching: wanted) {
          guard let index = indices[target] else { continue }
          copyOverlap(
            from: from, chunk, to: base + places[index].bytes.lowerBound, plan.target.region(of: target),
            elementByteCount: size)
        }
      }
    }
    return places
  }

  /// Says which chunks the next round needs. Local; only a hint.
  func prefetch(block: Int?) {
    if let block { cache.prefetch(source, chunks: plan.sourceChunks(ofBlock: block)) }
  }
}

/// Copies what two dense C-order boxes have in common from one to the other.
func copyOverlap(
  from source: UnsafeRawPointer, _ sourceRegion: Region, to destination: UnsafeMutableRawPointer,
  _ destinationRegion: Region, elementByteCount: Int
) {
  guard let overlap = sourceRegion.intersection(destinationRegion) else { return }
  let sourceStrides = rowMajorStrides(sourceRegion.shape, elementByteCount: elementByteCount)
  let destinationStrides = rowMajorStrides(destinationRegion.shape, elementByteCount: elementByteCount)
  var sourceOffset = 0
  var destinationOffset = 0
  for axis in overlap.lower.indices {
    sourceOffset += (overlap.lower[axis] - sourceRegion.lower[axis]) * sourceStrides[axis]
    destinationOffset += (overlap.lower[axis] - destinationRegion.lower[axis]) * destinationStrides[axis]
  }
  copyBox(
    shape: overlap.shape, elementByteCount: elementByteCount, from: source + sourceOffset, sourceStrides: sourceStrides,
    to: destination + destinationOffset, destinationStrides: destinationStrides)
}

/// Reads any box of a dataset into dense memory, through a cache.
public struct BlockLoader {
  public let dataset: any ChunkedDataset
  private let cache: ChunkCache

  public init(_ dataset: any ChunkedDataset, cache: ChunkCache) {
    self.dataset = dataset
    self.cache = cache
  }

  /// Fills `buffer` with the elements of `region` in C order. Local.
  ///
  /// - Precondition: `region` lies inside the array and `buffer` has exactly its size.
  /// - Throws: What reading the chunks throws.
  /// - Complexity: each chunk touched is read once, in ascending order.
  public func load(
    _ region: Region, into buffer: UnsafeMutableRawBufferPointer, hint: SweepHint = .keep
  ) throws(StoreError) {
    let facts = dataset.description
    precondition(Region(shape: facts.shape).contains(region), "a part of the array")
    precondition(buffer.count == region.elementCount * facts.dtype.byteCount, "a buffer of the region's size")
    guard let base = buffer.baseAddress else { return }
    try cache.sweep(dataset, chunks: facts.grid.chunks(touching: region), hint: hint) {
      number, bytes throws(StoreError) in
      guard let from = bytes.baseAddress else { return }
      copyOverlap(
        from: from, facts.grid.region(of: number), to: base, region, elementByteCount: facts.dtype.byteCount)
    }
  }
}
