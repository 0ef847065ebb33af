// What computing arrays would take, as a value: passes, sources, bytes and memory, in words and as JSON.

import DAStore

/// The plan of an evaluation, made without reading an element.
public struct Explanation: Sendable, Equatable {
  /// In the order in which they are made.
  public var passes: [Pass]
  public var ranks: Int
  /// Bytes per rank that the plan was made for; no pass takes more.
  public var budgetByteCount: Int

  /// Chunks that are gone through once, and what is made of them.
  public struct Pass: Sendable, Equatable {
    /// What is made, in words.
    public var results: [String]
    public var shape: [Int]
    public var chunkShape: [Int]
    public var chunkCount: Int
    /// Operations on each tile; parts of the arrays that occur twice are computed once.
    public var stepCount: Int
    public var sources: [Source]
    /// How chunks are gone through, and why not otherwise.
    public var algorithm: [String]
    /// Times that the chunks are gone through: twice for a histogram whose range must be found first.
    public var sweepCount: Int
    /// Bytes of files before compression.
    public var writtenByteCount: Int
    /// Bytes that ranks tell one another, at most, all together.
    public var sentByteCount: Int
    /// Bytes per rank that the pass needs, at most, with the smallest cache.
    public var leastByteCount: Int

    /// Decoded bytes of stored elements, all ranks together, each counted once per sweep.
    public var readByteCount: Int {
      saturatingProduct(sweepCount, sources.reduce(0) { saturatingSum($0, $1.byteCount) })
    }
  }

  /// An array that is read or computed from its indices.
  public struct Source: Sendable, Equatable {
    public var path: String
    public var shape: [Int]
    public var dtype: DType
    public var chunkShape: [Int]
    /// Bytes of the elements that are used; 0 of arrays that are not stored.
    public var byteCount: Int
  }

  /// A line per fact.
  public var lines: [String] {
    if passes.isEmpty { return ["nothing to compute: all is in memory"] }
    return passes.enumerated().flatMap { number, pass in
      pass.results.enumerated().map { ($0.offset == 0 ? "pass \(number + 1): " : "  and ") + $0.element } + pass.lines
    }
  }

  /// Keys in the words of the command line: `ranks`, `budget_bytes`, and `passes` as a list.
  public var json: JSONValue {
    .object([
      "ranks": .int(ranks), "budget_bytes": .int(budgetByteCount), "passes": .array(passes.map(\.json)),
    ])
  }
}

extension Explanation.Pass {
  fileprivate var lines: [String] {
    var lines = [
      "  \(chunkCount) chunk\(chunkCount == 1 ? "" : "s") of \(shapeText(chunkShape))"
        + (stepCount == 0
          ? "" : ", \(stepCount) step\(stepCount == 1 ? "" : "s") over tiles of \(TileWalk.tileElementCount) elements")
    ]
    lines += algorithm.map { "  \($0)" }
    lines += sources.map {
      "  source \($0.path): \(shapeText($0.shape)) \($0.dtype.name) in chunks of \(shapeText($0.chunkShape))"
    }
    lines.append(
      "  \(byteCountText(readByteCount)) read, \(byteCountText(writtenByteCount)) written, at most "
        + "\(byteCountText(sentByteCount)) sent; at least \(byteCountText(leastByteCount)) of memory per rank")
    return lines
  }

  fileprivate var json: JSONValue {
    .object([
      "results": .array(results.map { .string($0) }), "shape": numbers(shape), "chunks": numbers(chunkShape),
      "chunk_count": .int(chunkCount), "steps": .int(stepCount), "sweeps": .int(sweepCount),
      "algorithm": .array(algorithm.map { .string($0) }), "read_bytes": .int(readByteCount),
      "written_bytes": .int(writtenByteCount), "sent_bytes": .int(sentByteCount), "least_bytes": .int(leastByteCount),
      "sources": .array(
        sources.map {
          .object([
            "path": .string($0.path), "shape": numbers($0.shape), "dtype": .string($0.dtype.numpyString),
            "chunks": numbers($0.chunkShape), "bytes": .int($0.byteCount),
          ])
        }),
    ])
  }
}

private func numbers(_ list: [Int]) -> JSONValue { .array(list.map { .int($0) }) }

extension Explanation {
  /// What ``reduce(_:over:options:communicator:)`` would do.
  ///
  /// - Throws: `.invalidArgument` and `.unsupportedDType` for impossible requests.
  public init(
    _ requests: [ReductionRequest], over dataset: any ChunkedDataset, ranks: Int, budget: MemoryBudget
  ) throws(StoreError) {
    var items: [PassItem] = []
    for request in requests { items.append(try PassItem(.statistics(request, nodes: []), Expression(dataset))) }
    let passes = try EvaluationPass.passes(items, ranks: ranks, budget: budget.byteCount)
    self.init(
      passes: passes.map { Pass($0, budget: budget.byteCount) }, ranks: ranks, budgetByteCount: budget.byteCount)
  }
}

extension Context {
  /// What ``evaluate(_:writing:)`` would do: touches no data. Local.
  ///
  /// - Throws: The first error in making one of the arrays.
  public func explain(_ arrays: [DistArray], writing files: [ArrayFile] = []) throws(StoreError) -> Explanation {
    var materialisation = Materialisation(options: options, communicator: communicator)
    let passes = try materialisation.plan(outputs(arrays, files))
    let budget = options.budget
    var explained: [Explanation.Pass] = []
    for pass in passes {
      switch pass {
      case .chunks(let pass): explained.append(Explanation.Pass(pass, budget: budget.byteCount))
      case .product(let product):
        explained.append(try Explanation.Pass(product, ranks: communicator.size, budget: budget))
      case .rechunked(let rechunked):
        explained.append(try Explanation.Pass(rechunked, ranks: communicator.size, budget: budget))
      case .kept(let dataset): explained.append(Explanation.Pass(keeping: dataset, ranks: communicator.size))
      }
    }
    return Explanation(passes: explained, ranks: communicator.size, budgetByteCount: budget.byteCount)
  }
}

extension DistArray {
  /// What computing the array would take. Touches no data. Local.
  ///
  /// - Throws: The first error in making the array.
  public func explain() throws(StoreError) -> Explanation { try context.explain([self]) }
}
