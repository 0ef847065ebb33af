// What `convert`, `rechunk` and `generate` share: a source, a target, and a stream between them.

import DAStore
import DistArray

/// What the target of a copy shall be; `nil` leaves the choice to the source.
struct CopyRequest {
  var target: String
  var chunks: ChunkShape?
  var dtype: DType?
  var storage: StorageOptions
  var force: Bool
  /// How a version 1 set is dealt out.
  var distribution = SetDistribution()

  /// Streams `source` into the target and reports.
  ///
  /// - Collective: yes.
  func run(from source: MeteredDataset, in session: Session, output: OutputOptions) throws(StoreError) -> ExitStatus {
    let facts = source.description
    let name = try TargetName(parsing: target)
    try distribution.check(name)
    let dtype = dtype ?? facts.dtype
    let grid = try ChunkGrid(shape: facts.shape, chunkShape: try chunkShape(facts, dtype))
    if session.explain {
      try explain(source, name, grid, dtype, session)
      return .done
    }
    let writer = try session.create(
      name, like: facts, dtype: dtype, chunkShape: grid.chunkShape, codecs: try storage.codecs(dtype, name.format),
      distribution: distribution,
      force: force)
    let copy = try ArrayCopy(from: source, to: writer, over: session.communicator, options: session.streaming)
    let report = try copy.run()
    let stored = writer.description.storedByteCount
    let cost = try session.cost(
      readByteCount: source.readByteCount, writtenByteCount: session.isFirst ? stored : 0)
    let logical = writer.description.logicalByteCount
    if output.json {
      let answer: [String: JSONValue] = [
        "target": .string(writer.path), "logical_bytes": .int(logical), "stored_bytes": .int(stored),
        "chunks": JSONValue(writer.description.grid.chunkShape), "budget_bytes": .int(session.budget.byteCount),
        "planned_bytes": .int(copy.route.peakByteCount), "accounted_bytes": .int(report.peakByteCount),
      ]
      try session.say(json: .object(cost.json.merging(answer) { own, _ in own }))
    } else if !output.quiet {
      let ratio = stored > 0 ? Double(logical) / Double(stored) : 0
      session.say(
        "\(writer.path): \(byteCountText(logical)) stored in \(byteCountText(stored))"
          + (ratio > 1.05 ? " (\(fixed(ratio, 1)) times smaller)" : "")
          + " in \(fixed(cost.seconds, 2)) s, \(rateText(bytes: logical, seconds: cost.seconds))")
    }
    return .done
  }

  private func chunkShape(_ facts: DatasetDescription, _ dtype: DType) throws(StoreError) -> [Int] {
    guard let chunks else { return facts.grid.chunkShape }
    return chunks.extents(facts.shape, dtype)
  }

  private func explain(
    _ source: MeteredDataset, _ name: TargetName, _ grid: ChunkGrid, _ dtype: DType, _ session: Session
  ) throws(StoreError) {
    let facts = source.description
    let target = DatasetDescription(
      format: .memory, shape: facts.shape, dtype: dtype, grid: grid, storedByteCount: 0)
    let route = try ArrayCopy.route(
      from: source, to: target, roundScratch: { $0 }, rankCount: session.communicator.size, budget: session.budget,
      scratchDirectory: "")
    var lines = [
      [
        "source",
        "\(source.path): \(shapeText(facts.shape)) \(facts.dtype.name), chunks \(shapeText(facts.grid.chunkShape))",
      ],
      ["target", "\(name.path) (\(name.format.rawValue)): \(dtype.name), chunks \(shapeText(grid.chunkShape))"],
    ]
    if let scratch = route.scratchGrid {
      lines.append([
        "scratch",
        "\(byteCountText(route.scratchByteCount)) beside the target while it is made, chunks \(shapeText(scratch.chunkShape))",
      ])
    }
    for (number, plan) in route.passes.enumerated() {
      lines += passLines(plan, title: route.passes.count > 1 ? "pass \(number + 1): " : "", session)
    }
    lines += [
      ["write", "\(byteCountText(target.logicalByteCount)) before compression"],
      ["memory", "\(byteCountText(route.peakByteCount)) per rank of \(session.budget)"],
    ]
    if name.format == .dnpy1 {
      let files = try distribution.maps(shape: facts.shape, rankCount: session.communicator.size).map(\.rankCount)
      lines.insert(["files", "\(countText(files.reduce(1, *))), a process grid of \(shapeText(files))"], at: 2)
    }
    for line in table(lines) { session.say(line) }
  }

  /// What one pass reads and holds.
  private func passLines(_ plan: CopyPlan, title: String, _ session: Session) -> [[String]] {
    let read = Region(shape: plan.source.shape).elementCount * plan.sourceElementByteCount
    return [
      [
        title + "rounds", "\(countText(plan.roundCount)), \(countText(plan.blockCount)) blocks on \(session.ranksText)",
      ],
      [title + "read", "\(byteCountText(read)) decoded, \(fixed(plan.readAmplification, 2)) times on average"],
      [
        title + "buffers",
        "blocks \(byteCountText(plan.memory.block)), converted \(byteCountText(plan.memory.converted)), writer "
          + "\(byteCountText(plan.memory.writer)), cache \(byteCountText(plan.memory.cache))",
      ],
    ]
  }
}
