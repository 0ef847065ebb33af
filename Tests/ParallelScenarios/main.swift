// Runs one scenario on every rank: `ParallelScenarios <name> [argument…]`. Exit code 0 if it held on all of them.

import Glibc
import MessagePassing

func printError(_ text: String) {
  let line = text + "\n"
  _ = write(STDERR_FILENO, line, line.utf8.count)
}

let arguments = CommandLine.arguments
guard arguments.count > 1, let scenario = Scenario.all.first(where: { $0.name == arguments[1] }) else {
  printError(
    "usage: ParallelScenarios <name> [argument…]\n" + Scenario.all.map { "  \($0.name)" }.joined(separator: "\n"))
  exit(2)
}

var rank = 0
do {
  let world = try MPIEnvironment.start(readSieving: scenario.keepsReadSieving)
  rank = world.rank
  try scenario.run(world, Array(arguments.dropFirst(2)))
  try MPIEnvironment.finish()
} catch {
  printError("\(scenario.name), rank \(rank): \(error)")
  MPIEnvironment.abort(code: 1)
}
