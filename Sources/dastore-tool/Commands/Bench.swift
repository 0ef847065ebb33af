// `bench`: this machine's limits, and the engine as a share of them, measured in one run.

import ArgumentParser
import DAStore
import DistArray
import Glibc
import MessagePassing

struct Bench: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures this machine's limits and the engine as a share of them.",
    discussion: """
      Makes a float32 field in a folder of its own under DIR, times plain reads, writes, LZ4 and the \
      engine on the same data in turn, and removes everything. What is compared runs in turn; each figure is the median of five; \
      all ranks work at once and the slowest counts.

      Example:
        mpirun -n 2 dastore-tool bench --size 1GiB --memory 64MiB /scratch
      """)

  @Option(help: ArgumentHelp("Bytes of the field; 1 GiB without it.", valueName: "size"))
  var size: MemorySize?

  @Argument(help: "A folder on the disk to be measured; the current one without it.", completion: .directory)
  var directory = "."

  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }
  var writes: Bool { true }

  /// One line of the answer.
  private struct Row {
    var station: String
    var bytesPerSecond: Double
    var bound: String?
    var share: Double?

    var cells: [String] {
      [station, rateText(bytes: Int(bytesPerSecond), seconds: 1), share.map { "\(fixed($0 * 100, 0)) %" } ?? "", bound.map { "of " + $0 } ?? ""]
    }
    /// The same beside the lowest of its limits.
    func compared(with limits: some Sequence<Row>) -> Row {
      guard let limit = limits.min(by: { $0.bytesPerSecond < $1.bytesPerSecond }) else { return self }
      return Row(
        station: station, bytesPerSecond: bytesPerSecond, bound: limit.station, share: bytesPerSecond / limit.bytesPerSecond)
    }

    var json: JSONValue {
      .object([
        "station": .string(station), "bytes_per_second": .double(bytesPerSecond), "bound": bound.map { .string($0) } ?? .null,
        "share": share.map { .double($0) } ?? .null,
      ])
    }
  }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let byteCount = size?.budget.byteCount ?? 1 << 30
    if session.explain {
      session.say("a field of \(byteCountText(byteCount)) in \(directory), stored twice; \(session.ranksText)")
      return .done
    }
    let folder = try makeFolder(session)
    defer { removeFolder(folder, session) }
    let rows = try measure(byteCount, in: folder, session)
    if output.json {
      let cost = try session.cost(readByteCount: 0, writtenByteCount: 0)
      let answer: [String: JSONValue] = ["field_bytes": .int(byteCount), "stations": .array(rows.map(\.json))]
      try session.say(json: .object(cost.json.merging(answer) { own, _ in own }))
    } else {
      for line in table(rows.map(\.cells)) { session.say(line) }
      _ = try session.cost(readByteCount: 0, writtenByteCount: 0)
    }
    return .done
  }

  private func measure(_ byteCount: Int, in folder: String, _ session: Session) throws(StoreError) -> [Row] {
    let shape = [max(1, byteCount >> 20), 512, 512]
    let field = try GeneratedField(shape: shape, seed: 1)
    let logical = field.description.logicalByteCount
    let raw = folder + "/raw.dnpy"
    let packed = folder + "/packed.dnpy"
    let rank = session.communicator.rank
    let ranks = session.communicator.size
    _ = try copy(field, to: raw, codecs: [], session)
    _ = try copy(field, to: packed, codecs: ["byteshuffle", "lz4"], session)
    let share = try session.communicator.agree { () throws(StoreError) in
      try ChunkSample(Dnpy2Dataset(path: packed), rank: rank, of: ranks, pool: BufferPool(budget: 256 << 20))
    }
    let sampled = try passing { () throws(MPIError) in try session.communicator.allReduce(share.byteCount, .sum) }
    let stored = try Dnpy2Dataset(path: packed).description.storedByteCount
    func drop() throws(StoreError) { try Ceilings.dropFromPageCache(raw) }
    func read() throws(StoreError) { _ = try Ceilings.read(raw, rank: rank, of: ranks) }

    let warm = try medians(session, [
      Job("pread, page cache", logical) { () throws(StoreError) in try read() },
      Job("stats, page cache", logical) { () throws(StoreError) in try stats(raw, session) },
    ])
    let disk = try medians(session, [
      Job("pread, disk", logical, after: drop) { () throws(StoreError) in try read() },
      Job("stats, disk", logical, after: drop) { () throws(StoreError) in try stats(raw, session) },
    ])
    let decoding = try medians(session, [
      Job("decode in memory", sampled) { () throws(StoreError) in try share.decode() },
      Job("stats, LZ4 + byte shuffle", logical) { () throws(StoreError) in try stats(packed, session) },
    ])
    let encoding = try medians(session, [
      Job("encode in memory", sampled) { () throws(StoreError) in try share.encode() },
      Job("write and fsync, as many field bytes as fit", logical) { () throws(StoreError) in
        try session.communicator.agree { () throws(StoreError) in
          try Ceilings.write(stored / ranks, to: "\(folder)/ceiling-\(rank)")
        }
      },
      Job(
        "convert to LZ4 + byte shuffle", logical,
        after: { () throws(StoreError) in if session.isFirst { unlink(folder + "/converted.dnpy") } }
      ) { () throws(StoreError) in
        _ = try copy(Dnpy2Dataset(path: raw), to: folder + "/converted.dnpy", codecs: ["byteshuffle", "lz4"], session)
      },
    ])
    return [warm, disk, decoding, encoding].flatMap { rows in rows.dropLast() + [rows[rows.count - 1].compared(with: rows.dropLast())] }
  }

  private func stats(_ path: String, _ session: Session) throws(StoreError) {
    let dataset = try Dnpy2Dataset.open(path: path, communicator: session.communicator)
    _ = try reduce(ReductionRequest(axes: nil), over: dataset, options: session.streaming, communicator: session.communicator)
  }

  private func copy(_ source: any ChunkedDataset, to path: String, codecs: [String], _ session: Session) throws(StoreError) -> StreamingReport {
    let facts = source.description
    let writer = try Dnpy2Writer.create(
      path: path, shape: facts.shape, dtype: facts.dtype, chunkShape: facts.grid.chunkShape, codecs: codecs, overwrite: true,
      communicator: session.communicator, pool: session.pool)
    return try ArrayCopy(from: source, to: writer, over: session.communicator, options: session.streaming).run()
  }

  /// What is timed.
  private struct Job {
    var station: String
    var byteCount: Int
    /// What must be done before, and takes no part in the time.
    var preparation: () throws(StoreError) -> Void
    var run: () throws(StoreError) -> Void

    init(
      _ station: String, _ byteCount: Int, after preparation: @escaping () throws(StoreError) -> Void = {},
      _ run: @escaping () throws(StoreError) -> Void
    ) {
      self.station = station
      self.byteCount = byteCount
      self.preparation = preparation
      self.run = run
    }
  }

  /// Runs jobs that are to be compared in turn, five times over, so that a slow moment of the machine hits all of them; the
  /// slowest rank counts, and the median.
  private func medians(_ session: Session, _ jobs: [Job]) throws(StoreError) -> [Row] {
    var times = Array(repeating: [Double](), count: jobs.count)
    for _ in 0..<5 {
      for (index, job) in jobs.enumerated() {
        try session.communicator.agree(job.preparation)
        try passing { () throws(MPIError) in try session.communicator.barrier() }
        let start = ContinuousClock.now
        try session.communicator.agree(job.run)
        let own = seconds(ContinuousClock.now - start)
        times[index].append(try passing { () throws(MPIError) in try session.communicator.allReduce(own, .max) })
        try session.report(done: 0, total: 0)
      }
    }
    return zip(jobs, times).map { job, times in
      Row(station: job.station, bytesPerSecond: Double(job.byteCount) / times.sorted()[2])
    }
  }

  private func makeFolder(_ session: Session) throws(StoreError) -> String {
    let process = try passing { () throws(MPIError) in try session.communicator.broadcast(Int(getpid()), from: 0) }
    let folder = "\(directory)/.dastore-bench-\(process)"
    try session.communicator.agree { () throws(StoreError) in
      guard session.isFirst, mkdir(folder, 0o700) != 0 else { return }
      throw systemError("cannot be made", folder)
    }
    return folder
  }

  private func removeFolder(_ folder: String, _ session: Session) {
    guard session.isFirst else { return }
    for name in ["raw.dnpy", "packed.dnpy", "converted.dnpy"] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }
}
