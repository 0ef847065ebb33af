// What every command is to the program, and how one is run: parse, start the ranks, work, report, end.

import ArgumentParser
import DAStore
import Glibc
import MessagePassing

/// A command: it gives orders to the libraries and prints what they answer.
protocol ToolCommand: ParsableCommand {
  var output: OutputOptions { get }
  /// `nil` for commands that do not work on elements.
  var work: WorkOptions? { get }
  /// Whether a target is written, which must not be left half-done when the user interrupts.
  var writes: Bool { get }

  /// Does the work, on all ranks together.
  ///
  /// - Returns: `.done` or `.no`.
  /// - Throws: the same error on every rank.
  func run(in session: Session) throws(StoreError) -> ExitStatus
}

extension ToolCommand {
  var work: WorkOptions? { nil }
  var writes: Bool { false }
}

/// Runs the program with these arguments, without its own name.
func runTool(_ arguments: [String]) -> ExitStatus {
  // Whoever reads the answer may go away while a target is being written: that is an error of `write`, no sudden end.
  signal(SIGPIPE, SIG_IGN)
  let parsed: any ParsableCommand
  do {
    parsed = try DAStoreTool.parseAsRoot(arguments)
    guard let command = parsed as? any ToolCommand else {
      // What is left are the root without a command and ArgumentParser's own `help`.
      var other = parsed
      try other.run()
      return .done
    }
    return runOnRanks(command)
  } catch {
    return answer(parsingError: error, of: arguments)
  }
}

/// Prints what was asked for (`--help`, `--version`, a completion script) or what is wrong with the arguments.
private func answer(parsingError error: any Error, of arguments: [String]) -> ExitStatus {
  // The first rank may only end when it has spoken, the others only after it: a launcher ends all with the first.
  let communicator = try? MPIEnvironment.start()  // when it cannot start, one rank of the node speaks
  let isFirst = (communicator?.rank ?? MPIEnvironment.rankOnNode ?? 0) == 0
  if communicator == nil, !isFirst { sleep(1) }
  let status: ExitStatus
  if DAStoreTool.exitCode(for: error).isSuccess {
    let failure = isFirst ? writeText(DAStoreTool.fullMessage(for: error) + "\n", to: .output) : 0
    status = failure == 0 ? .done : refusedOutput(failure)
  } else {
    if isFirst {
      report(usageText(error, of: arguments))
    }
    status = .wrongUsage
  }
  try? communicator?.barrier()  // the answer is given; a launcher that is gone changes nothing
  try? MPIEnvironment.finish()
  return status
}

/// What is wrong with the arguments, and where to read how they should be.
private func usageText(_ error: any Error, of arguments: [String]) -> String {
  let names = DAStoreTool.configuration.subcommands.compactMap { $0.configuration.commandName ?? "\($0)".lowercased() }
  guard let first = arguments.first, !first.hasPrefix("-") else {
    return DAStoreTool.message(for: error) + "; see 'dastore-tool --help'"
  }
  guard names.contains(first) else { return "'\(first)' is not a command; see 'dastore-tool --help'" }
  return DAStoreTool.message(for: error) + "; see 'dastore-tool \(first) --help'"
}

private func runOnRanks(_ command: any ToolCommand) -> ExitStatus {
  // Reading leaves nothing behind: there, signals may end the process at once.
  if command.writes { Interrupt.listen() }
  let communicator: Communicator
  do {
    communicator = try MPIEnvironment.start()
  } catch {
    // What keeps MPI from starting is a matter of the node: there one rank speaks, and goes first.
    let isSpeaker = (MPIEnvironment.rankOnNode ?? 0) == 0
    if isSpeaker { report("\(error)") } else { sleep(1) }
    MPIEnvironment.abort(code: ExitStatus.couldNotReadOrWrite.code)
  }
  Interrupt.speaks.store(communicator.rank == 0, ordering: .relaxed)
  var status: ExitStatus
  do throws(StoreError) {
    let session = try Session(communicator: communicator, output: command.output, work: command.work)
    defer { session.progress.clear() }
    status = try command.run(in: session)
    if session.outputFailure != 0 { status = refusedOutput(session.outputFailure) }
  } catch {
    status = ExitStatus(error)
    if error.code == .interrupted { Interrupt.tell() } else if communicator.rank == 0 { report("\(error)") }
  }
  // The outcome stands and has been told; a launcher that ends this rank with another one changes nothing about it.
  Interrupt.speaks.store(false, ordering: .relaxed)
  do {
    try MPIEnvironment.finish()
  } catch {
    if communicator.rank == 0 { report("\(error)") }
    return status == .done ? .couldNotReadOrWrite : status
  }
  return status
}

/// Prints the one line that every failure gets.
func report(_ message: String) {
  let line = message.split(separator: "\n").joined(separator: "; ")
  writeText("dastore-tool: error: \(line)\n", to: .error)
}

/// A full disk behind `>` is a failure like any other; a reader that has seen enough, as `head` has, needs no word.
private func refusedOutput(_ number: Int32) -> ExitStatus {
  if number == EPIPE { return .interrupted(by: SIGPIPE) }
  report("standard output could not be written: \(String(cString: strerror(number)))")
  return .couldNotReadOrWrite
}

extension StringProtocol {
  /// The text without these characters at its ends.
  func trimming(_ characters: String) -> String {
    var rest = self[...]
    while let first = rest.first, characters.contains(first) { rest = rest.dropFirst() }
    while let last = rest.last, characters.contains(last) { rest = rest.dropLast() }
    return String(rest)
  }
}
