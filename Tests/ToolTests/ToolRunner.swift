// Runs the built program as a user would, alone or under mpirun, in a folder of its own.

import DATestSupport
import Foundation
import Testing

/// A folder in which the program is run.
struct ToolFolder {
  let path: String

  /// Runs `dastore-tool` with the folder as its current directory.
  func run(_ arguments: String..., ranks: Int? = nil, environment: [String: String] = [:]) throws -> ProcessResult {
    try run(arguments, ranks: ranks, environment: environment)
  }

  func run(_ arguments: [String], ranks: Int? = nil, environment: [String: String] = [:]) throws -> ProcessResult {
    let tool = try builtExecutable("dastore-tool")
    let command = ["-c", "cd \"$0\" && exec \"$@\"", path, tool] + arguments
    guard let ranks else { return try runProcess("/bin/sh", command, environment: environment) }
    return try runParallel("/bin/sh", command, ranks: ranks, environment: environment)
  }

  /// Runs a shell script in the folder; `$tool` is the program.
  func shell(_ script: String, environment: [String: String] = [:]) throws -> ProcessResult {
    let variables = ["tool": try builtExecutable("dastore-tool"), "folder": path].merging(environment) { _, own in own }
    return try runProcess("/bin/sh", ["-c", "cd \"$folder\"; \(script)"], environment: variables)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Names of everything in the folder, hidden files too, sorted.
  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  /// A small array of known elements: 0 to 23 as int32, in 2 × 3 × 4.
  func makeCounting(_ name: String) throws {
    let header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3, 4), }"
    let padded = header + String(repeating: " ", count: 128 - 10 - header.count - 1) + "\n"
    var bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(padded.utf8.count), 0] + Array(padded.utf8)
    for value in UInt8(0)..<24 { bytes += [value, 0, 0, 0] }
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }
}

func withToolFolder<R>(_ body: (ToolFolder) throws -> R) throws -> R {
  try withTemporaryDirectory { path in try body(ToolFolder(path: path)) }
}

extension ProcessResult {
  /// The program's own lines on standard error; launchers add theirs.
  var errors: [String] {
    stderr.split(separator: "\n").map(String.init).filter { $0.hasPrefix("dastore-tool: error: ") }
  }

  /// Standard output as a JSON object.
  var json: [String: Any] {
    get throws {
      let value = try JSONSerialization.jsonObject(with: Data(stdout.utf8))
      return try #require(value as? [String: Any], "no JSON object: \(stdout)")
    }
  }
}

/// What every command that works on elements adds to its JSON.
let costKeys = ["seconds", "read_bytes", "written_bytes", "peak_bytes", "ranks"]

/// All commands and their arguments, as the program describes itself.
struct SelfDescription: Decodable {
  struct Command: Decodable {
    var commandName: String
    var subcommands: [Command]?
    var arguments: [Argument]?
    var discussion: String?
    var abstract: String?
  }
  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }
    var kind: String
    var names: [Name]?
    var shouldDisplay: Bool
  }
  var command: Command

  /// Commands but ArgumentParser's own `help`.
  var commands: [Command] { (command.subcommands ?? []).filter { $0.commandName != "help" } }

  static func ask() throws -> SelfDescription {
    let result = try runProcess(try builtExecutable("dastore-tool"), ["--experimental-dump-help"])
    return try JSONDecoder().decode(SelfDescription.self, from: Data(result.stdout.utf8))
  }
}
