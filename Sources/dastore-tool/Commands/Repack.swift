// `repack`: a file without the space that earlier generations left.

import ArgumentParser
import DAStore
import DistArray

struct Repack: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Rewrites a .dnpy file without unused space.",
    discussion: """
      All kept generations stay. The file is replaced when the new one is complete; \
      interrupting it leaves the old one.

      Example:
        mpirun -n 4 dastore-tool repack run.dnpy
      """)

  @Argument(help: "A file.dnpy.", completion: .file(extensions: ["dnpy"]))
  var source: String

  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }
  var writes: Bool { true }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let name = try DatasetName(parsing: source)
    if session.explain {
      session.say("would copy every chunk that a kept generation of \(name.path) reaches into a new file beside it")
      session.say("and put that in its place; chunks are not decoded; memory per rank: at most \(session.budget)")
      return .done
    }
    let (before, after) = try Dnpy2Writer.repack(
      path: name.path, communicator: session.communicator, pool: session.pool, progress: session.report)
    let cost = try session.cost(readByteCount: session.isFirst ? after : 0, writtenByteCount: session.isFirst ? after : 0)
    if output.json {
      var json = cost.json
      json["bytes_before"] = .int(before)
      json["bytes_after"] = .int(after)
      try session.say(json: .object(json))
    } else if !output.quiet {
      session.say("\(name.path): \(byteCountText(before)) before, \(byteCountText(after)) after")
    }
    return .done
  }
}
