// What a reduction will do, before it does it: passes, bytes, memory, and the same in words.

import DAStore

/// The plan of a reduction: a value, made without reading an element.
public struct ReductionPlan: Sendable, Equatable {
  public let request: ReductionRequest
  /// Times that every chunk is read.
  public let passes: Int
  /// Decoded bytes that all ranks together go through.
  public let byteCount: Int
  public let outputShape: [Int]
  /// Bytes of the answer, which every rank gets.
  public let resultByteCount: Int
  /// Bytes of the largest partial result.
  private let nodeByteCount: Int
  /// Bytes that chunks need on their way through a rank.
  public let chunkByteCount: Int
  public let ranks: Int
  let geometry: ReductionGeometry
  let dtype: DType

  /// Plans `request` over a dataset for a number of ranks.
  ///
  /// - Throws: `.invalidArgument` for axes, histograms or ddof that make no sense; `.unsupportedDType` for a histogram of
  ///   complex numbers.
  public init(_ request: ReductionRequest, over dataset: any ChunkedDataset, ranks: Int) throws(StoreError) {
    let description = dataset.description
    let reduced: [Bool]
    do {
      reduced = try request.reduced(dimensionCount: description.shape.count)
      try request.histogram?.check(dtype: description.dtype, reducesAll: !reduced.contains(false))
    } catch {
      throw error.at(path: dataset.path)
    }
    if let refused = request.storedStatistics.first(where: { !$0.isDefined(for: description.dtype) }) {
      throw StoreError(
        .unsupportedDType, "\(refused.name) is not defined for \(description.dtype.name) elements", path: dataset.path)
    }
    guard request.ddof.isFinite else { throw StoreError(.invalidArgument, "ddof \(request.ddof) is not finite") }
    self.request = request
    self.ranks = ranks
    dtype = description.dtype
    geometry = ReductionGeometry(grid: description.grid, reduced: reduced)
    passes = request.histogram != nil && request.histogram?.range == nil ? 2 : 1
    byteCount = saturatingProduct(passes, description.logicalByteCount)
    outputShape = geometry.outputShape
    let finisher = Finisher(request: request, dtype: dtype, geometry: geometry)
    resultByteCount = saturatingProduct(finisher.byteCount(width: 1), geometry.outputCount)
    let layout = PartialLayout(dtype: dtype, fields: request.fields, width: geometry.largestWidth)
    nodeByteCount = BufferPool.capacity(for: layout.byteCount)
    chunkByteCount = SourceCost(dataset).leastCacheByteCount
  }

  /// Bytes of partial results that a rank holds at most.
  public var partialByteCount: Int { partialByteCount(openGroups: 1) }

  /// The same when so many groups are open at once.
  func partialByteCount(openGroups: Int) -> Int {
    saturatingProduct(geometry.largestNodeCount(ranks: ranks, openGroups: openGroups), nodeByteCount)
  }

  /// Bytes that a rank needs beside the chunks: partial results, the values it finishes and the whole answer.
  public var peakByteCount: Int { saturatingSum(partialByteCount, saturatingProduct(2, resultByteCount)) }
  /// The smallest budget per rank that can hold this reduction.
  public var smallestBudget: Int { saturatingSum(peakByteCount, chunkByteCount) }

  /// Refuses a budget that is too small.
  ///
  /// - Throws: `.memory` naming the smallest budget that would do.
  public func check(budget: MemoryBudget) throws(StoreError) {
    guard budget.byteCount >= smallestBudget else {
      throw StoreError(
        .memory,
        "a reduction to shape \(shapeText(outputShape)), with \(partialByteCount) bytes of partial results, "
          + "\(saturatingProduct(2, resultByteCount)) of results and \(chunkByteCount) of chunks, "
          + budget.refusal(needing: smallestBudget)
          + ", ask for fewer statistics or axes, or rechunk to smaller chunks")
    }
  }

  /// The plan in words, one line per fact.
  public var explanation: [String] {
    let names = request.storedStatistics.map(\.name).joined(separator: ", ")
    let over =
      geometry.keptAxes.isEmpty ? "all axes" : "axes \(geometry.reducedAxes.map(String.init).joined(separator: ", "))"
    var lines = [
      "reduce \(shapeText(geometry.grid.shape)) \(dtype.name) over \(over) to \(shapeText(outputShape)): \(names)",
      "\(geometry.grid.chunkCount) chunks of \(shapeText(geometry.grid.chunkShape)), \(geometry.unitCount) units of work "
        + "over \(ranks) rank\(ranks == 1 ? "" : "s"), joined in a tree fixed by the chunk grid",
      passes == 1
        ? "1 pass: \(byteCount) decoded bytes"
        : "2 passes: \(byteCount) decoded bytes; the histogram's range must be found first (give one to save a pass)",
      "per rank: \(partialByteCount) bytes of partial results, \(resultByteCount) bytes of results; at least "
        + "\(smallestBudget) bytes of budget",
    ]
    if let histogram = request.histogram { lines.append("histogram of \(histogram.binCount) bins") }
    return lines
  }

  public static func == (a: ReductionPlan, b: ReductionPlan) -> Bool {
    a.request == b.request && a.ranks == b.ranks && a.geometry.grid == b.geometry.grid && a.dtype == b.dtype
      && a.chunkByteCount == b.chunkByteCount
  }
}
