// `stats`: what an array's elements are like, in one pass.

import ArgumentParser
import DAStore
import DistArray

struct Stats: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Count, sum, mean, deviation, extremes and their places, NaNs, infinities and zeros.",
    discussion: """
      One pass over the array, in memory of at most --memory per rank; the same bits for any \
      number of ranks. A histogram needs a second pass unless its range is given.

      Example:
        dastore-tool stats volume.dnpy
        mpirun -n 4 dastore-tool stats --axis 0 volume.dnpy
        dastore-tool stats --histogram 50 --range -1,1 volume.dnpy
        dastore-tool stats --axis 1,2 --plot profile.png volume.dnpy
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Axes to reduce over, such as 0,2; all without it. -1 is the last.", valueName: "axes"))
  var axis: IntegerList?

  @Option(help: ArgumentHelp("Also count elements in so many equal bins.", valueName: "bins"))
  var histogram: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "First and last edge of the histogram, such as -1,1; the smallest and the largest element without it.",
      valueName: "low,high"))
  var range: ValueRange?

  @Option(
    help: ArgumentHelp(
      "Also draw the histogram, or mean and extremes along the one axis that --axis leaves, into this PNG file.",
      valueName: "file"), completion: .file(extensions: ["png"]))
  var plot: String?

  @OptionGroup var targetOptions: TargetOptions

  @Argument(help: "A stored array, or a part of one.", completion: .file())
  var source: String

  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }

  func validate() throws {
    if range != nil, histogram == nil { throw ValidationError("--range is the range of a histogram; add --histogram") }
    if plot != nil, histogram == nil, axis == nil {
      throw ValidationError("--plot draws a histogram or values along one axis; add --histogram or --axis")
    }
  }

  var writes: Bool { plot != nil }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let dataset = try session.open(source)
    let request = ReductionRequest(
      axes: axis?.values, histogram: histogram.map { HistogramRequest(binCount: $0, range: range?.bounds) })
    if session.explain {
      let ranks = session.communicator.size
      if output.json {
        try session.say(json: Explanation([request], over: dataset, ranks: ranks, budget: session.budget).json)
      } else {
        try ReductionPlan(request, over: dataset, ranks: ranks).explanation.forEach(session.say)
      }
      return .done
    }
    let shape = dataset.description.shape
    let drawnAxis = try keptAxis(of: dataset.description)
    let picture = try plot.map { path throws(StoreError) in
      try PictureFile(path: path, ending: .png, isOverwriting: targetOptions.force, communicator: session.communicator)
    }
    let result: ReductionResult
    let report: StreamingReport
    do throws(StoreError) {
      (result, report) = try reduce(
        request, over: dataset, options: session.streaming, communicator: session.communicator)
    } catch {
      picture?.discard()
      throw error
    }
    try picture?.write { () throws(StoreError) in
      try Chart(of: result, name: source, shape: shape, axis: drawnAxis).png()
    }
    let cost = try session.cost(readByteCount: dataset.readByteCount, writtenByteCount: 0)
    if output.json {
      var answer = try json(result, dataset.description.shape)
      answer["budget_bytes"] = .int(session.budget.byteCount)
      answer["accounted_bytes"] = .int(report.peakByteCount)
      try session.say(json: .object(cost.json.merging(answer) { _, own in own }))
      return .done
    }
    for line in try lines(result, dataset.description.shape) { session.say(line) }
    if !output.quiet {
      let bytes = dataset.description.logicalByteCount
      session.note(
        "\(byteCountText(bytes)) in \(fixed(cost.seconds, 2)) s, \(rateText(bytes: bytes, seconds: cost.seconds)), "
          + "on \(session.ranksText)")
    }
    return .done
  }

  /// The one axis along which values are drawn; `nil` for a histogram or no picture.
  private func keptAxis(of facts: DatasetDescription) throws(StoreError) -> Int? {
    guard plot != nil, axis != nil, histogram == nil else { return nil }
    let kept = try ReductionRequest(axes: axis?.values).reduced(dimensionCount: facts.shape.count)
      .enumerated().filter { !$0.element }.map(\.offset)
    guard kept.count == 1 else {
      throw StoreError(
        .invalidArgument, "--axis leaves \(kept.count) axes of \(shapeText(facts.shape)); a picture needs just one",
        path: source)
    }
    guard !facts.dtype.isComplex else {
      throw StoreError(
        .unsupportedDType, "\(facts.dtype.name) elements are not on one line and are not drawn", path: source)
    }
    return kept[0]
  }

  // MARK: For people

  private func lines(_ result: ReductionResult, _ shape: [Int]) throws(StoreError) -> [String] {
    var lines: [String] = []
    if result.shape.isEmpty {
      var rows: [[String]] = []
      for statistic in Statistic.summary {
        rows.append([statistic.name, try text(statistic, result, shape)])
      }
      lines = table(rows)
    } else {
      for statistic in Statistic.summary {
        guard let array = result.arrays[statistic] else { continue }
        lines += ["\(statistic.name):", try array.text()]
      }
    }
    if let histogram = result.histogram { lines += Self.bars(histogram) }
    return lines + result.remarks
  }

  private func text(_ statistic: Statistic, _ result: ReductionResult, _ shape: [Int]) throws(StoreError) -> String {
    guard let value = result.value(statistic) else { return "-" }
    switch statistic {
    case .count, .nanCount, .infinityCount, .zeroCount:
      return value.value(as: Int64.self).map { countText(Int($0)) } ?? "\(value)"
    case .positionOfMinimum, .positionOfMaximum:
      let position = try index(value, shape)
      return position.count > 1 ? "\(value), at \(shapeText(position))" : "\(value)"
    default:
      return result.unrounded[statistic].map { "\($0)" } ?? "\(value)"
    }
  }

  private static func bars(_ histogram: Histogram) -> [String] {
    let largest = max(1, histogram.counts.max() ?? 1)
    let rows = histogram.counts.indices.map { bin in
      let length = Int((Double(histogram.counts[bin]) / Double(largest) * 40).rounded())
      return [
        "\(histogram.edges[bin])", "to \(histogram.edges[bin + 1])", countText(histogram.counts[bin]),
        String(repeating: "#", count: length),
      ]
    }
    let outside = histogram.outsideCount
    return table(rows) + (outside > 0 ? ["\(countText(outside)) elements are outside, or not numbers"] : [])
  }

  // MARK: For programs

  private func json(_ result: ReductionResult, _ shape: [Int]) throws(StoreError) -> [String: JSONValue] {
    var answer: [String: JSONValue] = ["shape": JSONValue(result.shape)]
    for statistic in Statistic.summary {
      if let array = result.arrays[statistic] {
        answer[statistic.name] = result.unrounded[statistic].map { .double($0) } ?? array.json
      } else {
        answer[statistic.name] = .null
      }
      if statistic == .positionOfMinimum || statistic == .positionOfMaximum, let value = result.value(statistic) {
        answer[statistic.name + "_index"] = JSONValue(try index(value, shape))
      }
    }
    if let histogram = result.histogram {
      answer["histogram"] = .object([
        "counts": JSONValue(histogram.counts), "edges": .array(histogram.edges.map { .double($0) }),
        "outside": .int(histogram.outsideCount),
      ])
    }
    if !result.remarks.isEmpty { answer["remarks"] = .array(result.remarks.map { .string($0) }) }
    return answer
  }

  /// The index that a row-major position stands for: its place in a grid of single elements.
  private func index(_ position: ElementValue, _ shape: [Int]) throws(StoreError) -> [Int] {
    guard let number = position.value(as: Int64.self) else { return [] }
    return try ChunkGrid(shape: shape, chunkShape: shape.map { _ in 1 }).position(of: Int(number))
  }
}

extension DenseArray {
  /// Nested lists, row by row.
  fileprivate var json: JSONValue {
    var next = 0
    func list(_ axis: Int) -> JSONValue {
      guard axis < shape.count else {
        defer { next += 1 }
        return JSONValue(element(next))
      }
      return .array((0..<shape[axis]).map { _ in list(axis + 1) })
    }
    return list(0)
  }

  /// As NumPy prints it.
  func text() throws(StoreError) -> String {
    struct Reader: ElementVisitor {
      let array: DenseArray
      func visit<E: Element>(_: E.Type) throws(StoreError) -> MemoryDataset {
        try MemoryDataset(array.values(as: E.self) ?? [], shape: array.shape)
      }
    }
    let dataset = try dtype.visit(Reader(array: self))
    // Twice what is there already: the answer has been accounted.
    let budget = try MemoryBudget(byteCount: 2 * bytes.count + 1 << 20)
    return try showText(dataset, options: StreamingOptions(budget: budget))
  }
}
