// `digest`: one value for an array's contents, however it is stored.

import ArgumentParser
import DAStore
import DistArray

struct Digest: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the content digest of an array.",
    discussion: """
      It depends on element type, shape and elements only: the same for every file format, \
      chunk shape, codec and number of ranks.

      Example:
        dastore-tool digest volume.npy
        mpirun -n 4 dastore-tool digest volume.dnpy
      """)

  @Argument(help: "A stored array, or a part of one.", completion: .file())
  var source: String

  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let dataset = try session.open(source)
    if session.explain {
      let facts = dataset.description
      session.say(
        "one pass over \(byteCountText(facts.logicalByteCount)) in \(countText(facts.grid.chunkCount)) chunks, dealt to "
          + "\(session.ranksText), within \(session.budget) per rank")
      return .done
    }
    let value = try digest(dataset, over: session.communicator, options: session.streaming)
    let cost = try session.cost(readByteCount: dataset.readByteCount, writtenByteCount: 0)
    if output.json {
      try session.say(json: .object(cost.json.merging(["digest": .string(value)]) { own, _ in own }))
    } else {
      session.say(value)
    }
    return .done
  }
}
