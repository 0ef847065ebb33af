// An array on its way to other chunks: copied once, beforehand, where every chunk of what is made from it would need a
// whole band of its own.

import DAStore
import MessagePassing

/// An array that is to be stored in chunks whose elements follow one another in C order.
///
/// A stretch of a flattened array cuts across all chunks that lie side by side. Where a chunk of the result is smaller than
/// such a band, the band's chunks would be decoded again for each of them. Chunks in C order are cut at two ends only.
///
/// Whether an array is copied depends on shapes, element types and chunks alone, so that results have the same bits with any
/// budget and on any number of ranks.
final class RechunkedArray: Sendable {
  let array: Expression
  let chunkShape: [Int]

  /// Bytes of a chunk, but of so few that their checksums are small beside the array.
  fileprivate static let chunkByteCount = 1 << 20
  private static let mostChunks = 1 << 19

  init(_ array: Expression) {
    let byteCount = array.shape.reduce(array.dtype.byteCount, saturatingProduct)
    self.array = array
    chunkShape = ChunkGrid.slabs(
      array.shape, elementByteCount: array.dtype.byteCount,
      targetByteCount: max(Self.chunkByteCount, byteCount / Self.mostChunks))
  }

  private init(_ array: Expression, _ chunkShape: [Int]) {
    self.array = array
    self.chunkShape = chunkShape
  }

  func with(_ array: Expression) -> RechunkedArray { RechunkedArray(array, chunkShape) }

  /// Copies the array, which needs no other result, to memory or a scratch file.
  ///
  /// - Throws: The same on every rank: `.memory` with the budget that would do, and what reading and writing throw.
  /// - Collective: yes.
  func made(
    options: StreamingOptions, communicator: Communicator
  ) throws(StoreError) -> (dataset: any ChunkedDataset, report: StreamingReport) {
    let budget = try options.agreedBudget(communicator)
    let source = try communicator.agree { () throws(StoreError) in try Materialisation.dataset(array) }
    let target = try HeldArray(
      array.shape, array.dtype, chunkShape: chunkShape, name: "array in C order", budget, options, communicator)
    let report = try ArrayCopy(from: source, to: target.writer, over: communicator, options: options).run()
    return (try target.written(), report)
  }
}

extension Expression {
  /// Decodings of each chunk of an array, on average, that are put up with before it is copied.
  private static var mostDecodings: Double { 1.5 }
  /// Stored bytes that a chunk of the result may need, if not for one chunk of the array alone.
  private static var mostStoredByteCount: Int { 8 << 20 }
  /// Elements for each stored one beyond which an array is not copied: one that repeats others has few to decode.
  private static var mostRepetitions: Int { 64 }

  /// The array, or what stands for it in chunks in C order, where another shape of it would decode its chunks often or many
  /// of them at once.
  ///
  /// - Throws: What planning the array throws.
  func readied(for layout: Reshaping) throws(StoreError) -> Expression {
    let elementCount = shape.reduce(1, saturatingProduct)
    let isSmall = saturatingProduct(elementCount, dtype.byteCount) <= RechunkedArray.chunkByteCount
    if isSmall || elementCount / Self.mostRepetitions > leafElementCount { return self }
    let planned = try AssembledDataset(
      .assembled(shape: layout.target, [withPlaceholders()], layout), name: "array")
    let most = max(Self.mostStoredByteCount, saturatingProduct(2, planned.largestPartByteCount))
    guard planned.largestStoredByteCount > most || planned.decodingsPerChunk > Self.mostDecodings else { return self }
    return try Expression(shape: shape, dtype: dtype, .rechunked(RechunkedArray(self))).checkedDepth()
  }

  /// Elements of the datasets that the array is made from, each once.
  private var leafElementCount: Int {
    var seen: Set<ObjectIdentifier> = []
    var waiting = [self]
    var sum = 0
    while let node = waiting.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      if case .stored = node.kind { sum = saturatingSum(sum, node.shape.reduce(1, saturatingProduct)) }
      waiting += node.kind.operands
    }
    return sum
  }

  /// A copy is made for views of so large a part of the array.
  private static var leastShare: Int { 8 }

  /// The array for a view that shows a small part of it: not worth a copy of the whole.
  func unreadied(for view: AffineView) -> Expression {
    guard case .assembled(let assembly) = kind, assembly.layout is Reshaping,
      case .rechunked(let rechunked) = assembly.parts[0].kind
    else { return self }
    let span = view.box(of: Region(shape: view.shape)).axes.reduce(1) {
      saturatingProduct($0, $1.count == 0 ? 0 : saturatingSum(saturatingProduct($1.count - 1, abs($1.step)), 1))
    }
    guard saturatingProduct(span, Self.leastShare) <= shape.reduce(1, saturatingProduct) else { return self }
    return Expression(shape: shape, dtype: dtype, .assembled(Assembly([rechunked.array], assembly.layout)))
  }
}
