// `verify`: whether files are what they claim to be.

import ArgumentParser
import DAStore
import DistArray
import MessagePassing

struct Verify: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks every checksum and structural rule; exits with 1 if anything is damaged.",
    discussion: """
      Of a .dnpy version 2 file all generations, their index and every chunk are checked. The \
      other formats have fewer checksums: of them, headers and sizes are checked, and every \
      element is read (archives have a checksum per member).

      Example:
        mpirun -n 4 dastore-tool verify run.dnpy other.npy
      """)

  @Argument(help: "Stored arrays.", completion: .file())
  var sources: [String]

  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }

  private struct Finding {
    var source: String
    var problems: [String] = []
    /// Damage that a second copy made good.
    var warnings: [String] = []
    var chunkCount = 0
    var byteCount = 0
    var isSound: Bool { problems.isEmpty }

    var json: JSONValue {
      .object([
        "source": .string(source), "sound": .bool(isSound), "problems": .array(problems.map { .string($0) }),
        "warnings": .array(warnings.map { .string($0) }), "chunks_checked": .int(chunkCount),
        "bytes_checked": .int(byteCount),
      ])
    }

    var lines: [String] {
      problems.map { "\(source): damaged: \($0)" } + warnings.map { "\(source): warning: \($0)" }
        + (isSound ? ["\(source): sound (\(countText(chunkCount)) chunks, \(byteCountText(byteCount)))"] : [])
    }
  }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    if session.explain {
      session.say("one pass over every chunk of \(sources.joined(separator: ", ")), dealt to \(session.ranksText)")
      return .done
    }
    var findings: [Finding] = []
    for source in sources {
      let finding = try examine(source, session)
      findings.append(finding)
      if !output.json, !output.quiet || !finding.isSound { finding.lines.forEach(session.say) }
    }
    let isSound = findings.allSatisfy(\.isSound)
    let cost = try session.cost(
      readByteCount: session.isFirst ? findings.reduce(0) { $0 + $1.byteCount } : 0, writtenByteCount: 0)
    if output.json {
      let answer: [String: JSONValue] = ["sound": .bool(isSound), "sources": .array(findings.map(\.json))]
      try session.say(json: .object(cost.json.merging(answer) { own, _ in own }))
    }
    return isSound ? .done : .no
  }

  /// Damage is an answer here, not a failure; a file that cannot be read at all is one.
  private func examine(_ source: String, _ session: Session) throws(StoreError) -> Finding {
    var finding = Finding(source: source)
    do throws(StoreError) {
      let dataset = try session.open(source)
      if dataset.description.format == .dnpy2, try DatasetName(parsing: source).selection == nil {
        let progress = session.progress
        let report = try Dnpy2Dataset.verify(
          path: dataset.path, communicator: session.communicator, pool: session.pool,
          progress: { done, total in progress.update(done: done, total: total) })
        finding.problems = report.problems
        finding.warnings = report.warnings
        finding.chunkCount = report.chunksChecked
        finding.byteCount = report.bytesChecked
      } else {
        // The digest reads every chunk and compares what checksums there are.
        _ = try digest(dataset, over: session.communicator, options: session.streaming)
        finding.chunkCount = dataset.description.grid.chunkCount
        finding.byteCount = try passing { () throws(MPIError) in
          try session.communicator.allReduce(dataset.readByteCount, .sum)
        }
      }
    } catch {
      guard error.code == .corrupt || error.code == .truncated else { throw error }
      finding.problems.append(error.message)
    }
    return finding
  }
}
