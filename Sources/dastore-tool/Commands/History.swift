// `history`: the generations of a file.

import ArgumentParser
import DAStore
import DistArray

struct History: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lists the generations of a .dnpy file that can still be opened.",
    discussion: """
      Every commit makes a generation; how many are kept is set with 'retain'. A generation \
      is opened by its number behind the name.

      Example:
        dastore-tool history run.dnpy
        dastore-tool stats run.dnpy@7
      """)

  @Argument(help: "A file.dnpy.", completion: .file(extensions: ["dnpy"]))
  var source: String

  @OptionGroup var output: OutputOptions

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let name = try DatasetName(parsing: source)
    let dataset = try Dnpy2Dataset.open(path: name.path, communicator: session.communicator)
    let generations = try session.communicator.agree { () throws(StoreError) in try dataset.history() }
    if output.json {
      try session.say(json: .array(generations.map(json)))
      return .done
    }
    let rows = generations.reversed().map { generation in
      [
        "\(generation.number)", timeText(nanoseconds: generation.time), byteCountText(generation.storedByteCount),
        "\(countText(generation.storedChunkCount)) of \(countText(generation.chunkCount))",
        generation.isCurrent ? "current" : "",
      ]
    }
    for line in table([["generation", "committed", "stored", "chunks", ""]] + rows) { session.say(line) }
    return .done
  }

  private func json(_ generation: Dnpy2Dataset.Generation) -> JSONValue {
    .object([
      "generation": .int(generation.number), "parent": .int(generation.parent),
      "committed": .string(timeText(nanoseconds: generation.time)), "chunks": .int(generation.chunkCount),
      "stored_chunks": .int(generation.storedChunkCount), "stored_bytes": .int(generation.storedByteCount),
      "current": .bool(generation.isCurrent),
    ])
  }
}
