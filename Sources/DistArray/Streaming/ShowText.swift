// An array as NumPy prints it, reading only the elements that are printed.

import DAChunkCache
import DAStore

/// The text of a stored array: as `print` shows it in NumPy, summarised beyond 1000 elements.
///
/// Local: one rank's matter.
/// - Throws: What reading throws; `.invalidArgument` for arrays with too many axes to print.
/// - Complexity: reads the chunks that hold the printed elements: a few in each corner of a large array.
public func showText(_ dataset: any ChunkedDataset, options: StreamingOptions) throws(StoreError) -> String {
  let facts = dataset.description
  let layout = try ShowLayout(shape: facts.shape)
  let cost = SourceCost(dataset)
  guard cost.leastCacheByteCount <= options.budget.byteCount else {
    throw StoreError(
      .memory,
      "a chunk of \(cost.chunkByteCount) bytes cannot be read in a budget of \(options.budget.byteCount) bytes; raise "
        + "--memory to \(cost.leastCacheByteCount)", path: dataset.path)
  }
  let cache = options.makeCache(byteCount: options.budget.byteCount, for: [cost])
  let loader = BlockLoader(dataset, cache: cache)
  let size = facts.dtype.byteCount
  let printed = Region(shape: layout.printedShape)
  let elements = try AlignedBuffer(byteCount: printed.elementCount * size)
  for box in layout.boxes where !box.source.isEmpty {
    let part = try AlignedBuffer(byteCount: box.source.elementCount * size)
    try loader.load(box.source, into: part.bytes)
    guard let from = part.bytes.baseAddress, let to = elements.bytes.baseAddress else { continue }
    let place = Region(lower: box.origin, upper: zip(box.origin, box.source.shape).map { $0 + $1 })
    copyOverlap(from: from, place, to: to, printed, elementByteCount: size)
  }
  let texts = elementTexts(facts.dtype, UnsafeRawBufferPointer(elements.bytes), isScalar: facts.shape.isEmpty)
  return layout.text(texts)
}
