// `convert`: an array in another format.

import ArgumentParser
import DAStore

struct Convert: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copies an array into another format, streaming.",
    discussion: """
      The target's format follows its name: file.npy, file.dnpy (version 2), or prefix for a \
      set of version 1 with one file per rank. An interrupted copy leaves no target.

      Example:
        mpirun -n 4 dastore-tool convert --memory 512MiB volume.npy volume.dnpy
        dastore-tool convert --dist b,c8,n --grid 2,2 volume.npy parts
      """)

  @Option(help: ArgumentHelp("Extents of the target's chunks, such as 64,64,64, or auto.", valueName: "shape"))
  var chunks: ChunkShape?

  @OptionGroup var storage: StorageOptions

  @Option(help: ArgumentHelp("Element type of the target, such as f4 or float32.", valueName: "type"))
  var dtype: ElementType?

  @OptionGroup var distributionOptions: DistributionOptions
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
      target: target, chunks: chunks, dtype: dtype?.dtype, storage: storage, force: targetOptions.force,
      distribution: distributionOptions.distribution)
    return try request.run(from: try session.open(source), in: session, output: output)
  }
}
