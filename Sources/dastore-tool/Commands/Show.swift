// `show`: elements as NumPy prints them.

import ArgumentParser
import DAStore
import DistArray

struct Show: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints elements as NumPy would, summarised when there are many.",
    discussion: """
      Reads only what it prints.

      Example:
        dastore-tool show 'volume.dnpy[0, 100:110, ::2]'
      """)

  @Argument(help: "A stored array, or a part of one.", completion: .file())
  var source: String

  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let dataset = try session.open(source)
    if session.explain {
      session.say("the first rank reads the chunks that hold the printed elements, within \(session.budget)")
      return .done
    }
    let text = try session.communicator.agree { () throws(StoreError) in
      session.isFirst ? try showText(dataset, options: session.streaming) : ""
    }
    let cost = try session.cost(readByteCount: dataset.readByteCount, writtenByteCount: 0)
    if output.json {
      try session.say(json: .object(cost.json.merging(["text": .string(text)]) { own, _ in own }))
    } else {
      session.say(text)
    }
    return .done
  }
}
