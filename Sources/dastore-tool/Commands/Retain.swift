// `retain`: how many generations a file keeps.

import ArgumentParser
import DAStore

struct Retain: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keeps the last generations of a .dnpy file, from now on.",
    discussion: """
      Commits a generation with the same elements that knows the new number, and which \
      counts among those that are kept. The space of dropped generations is used again \
      by later commits; 'repack' gives it back at once.

      Example:
        dastore-tool retain --keep 5 run.dnpy
      """)

  @Option(help: ArgumentHelp("How many generations to keep, the newest included.", valueName: "n"))
  var keep: Int

  @Argument(help: "A file.dnpy.", completion: .file(extensions: ["dnpy"]))
  var source: String

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard keep >= 1 else { throw ValidationError("--keep must be at least 1") }
  }

  var writes: Bool { true }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let name = try DatasetName(parsing: source)
    let writer = try Dnpy2Writer.update(path: name.path, communicator: session.communicator, pool: session.pool)
    do throws(StoreError) {
      writer.generationsKept = keep
      try writer.commit()
    } catch {
      writer.abandon()
      throw error
    }
    let generation = writer.description.generation ?? 0
    if output.json {
      try session.say(json: .object(["generation": .int(generation), "kept": .int(keep)]))
    } else if !output.quiet {
      session.say("\(name.path): generation \(generation), keeping \(keep)")
    }
    return .done
  }
}
