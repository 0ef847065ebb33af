// `rechunk`: the same array in other chunks.

import ArgumentParser
import DAStore

struct Rechunk: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copies an array into other chunks.",
    discussion: """
      Chunks decide what is fast: reading a plane touches every chunk that the plane cuts. With \
      auto, chunks are nearly cubes of a mebibyte, fair to all axes.

      Example:
        mpirun -n 4 dastore-tool rechunk --chunks 1,1024,1024 volume.dnpy planes.dnpy
      """)

  @Option(help: ArgumentHelp("Extents of the target's chunks, such as 64,64,64, or auto.", valueName: "shape"))
  var chunks: ChunkShape

  @OptionGroup var storage: StorageOptions
  @OptionGroup var targetOptions: TargetOptions

  @Argument(help: "A stored array, or a part of one.", completion: .file())
  var source: String

  @Argument(help: "The name of the array to be written.", completion: .file())
  var target: String

  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }
  var writes: Bool { true }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let request = CopyRequest(
      target: target, chunks: chunks, dtype: nil, storage: storage, force: targetOptions.force)
    return try request.run(from: try session.open(source), in: session, output: output)
  }
}
