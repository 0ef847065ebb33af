// The root of the command line: the list of commands.

import ArgumentParser

struct DAStoreTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dastore-tool",
    abstract: "Looks at, measures and converts large arrays in files, alone or on many ranks.",
    discussion: """
      Runs as it is, or in parallel with the same arguments and the same result:
        mpirun -n 4 dastore-tool stats volume.dnpy

      A stored array is named file.npy, file.dnpy, file.npz:member, or prefix for \
      a set prefix_<rank>.dnpy of version 1. Where an array is read, a part may \
      follow in brackets, and @7 opens generation 7:
        dastore-tool show 'volume.dnpy@7[0, 10:20, ::2]'

      Exit status: 0 done; 1 the answer is "no" (differs, damaged); 2 wrong usage; \
      3 could not read or write; 4 refused (memory, lock, existing target); \
      70 a bug; 130 or 143 interrupted; 141 nobody read the answer to its end.
      """,
    version: toolVersion,
    subcommands: [
      Info.self, Show.self, Stats.self, Eval.self, Convert.self, Rechunk.self, Digest.self, Diff.self, Verify.self, History.self,
      Retain.self, Repack.self, Generate.self,
      DistributionCommand.self, Doctor.self, Bench.self,
    ])

  func run() throws {
    throw ValidationError("no command was given")
  }
}

let toolVersion = "0.1.0"
