// `generate`: test data of any size, the same elements on every machine.

import ArgumentParser
import DAStore

struct Generate: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a smooth float32 field with noise, computed from a formula.",
    discussion: """
      An element depends on the shape, the seed and its index only: any number of ranks, on \
      any machine, writes the same array.

      Example:
        mpirun -n 2 dastore-tool generate --shape 256,1024,1024 volume.npy
      """)

  @Option(help: ArgumentHelp("Extents of the array, such as 256,1024,1024.", valueName: "shape"))
  var shape: IntegerList

  @Option(help: ArgumentHelp("Another seed gives other noise.", valueName: "n"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Extents of the target's chunks, such as 64,64,64, or auto.", valueName: "shape"))
  var chunks: ChunkShape?

  @OptionGroup var storage: StorageOptions
  @OptionGroup var targetOptions: TargetOptions

  @Argument(help: "The name of the array to be written.", completion: .file())
  var target: String

  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }
  var writes: Bool { true }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let field = try session.communicator.agree { () throws(StoreError) in
      try GeneratedField(shape: shape.values, seed: seed)
    }
    let request = CopyRequest(
      target: target, chunks: chunks, dtype: nil, storage: storage, force: targetOptions.force)
    return try request.run(from: MeteredDataset(field), in: session, output: output)
  }
}
