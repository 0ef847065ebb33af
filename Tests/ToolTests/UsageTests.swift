// Help, wrong usage, exit statuses and the one line that every failure gets.

import DATestSupport
import Foundation
import Testing

@Suite struct UsageTests {
  @Test func everyCommandExplainsItself() throws {
    let commands = try SelfDescription.ask().commands
    #expect(commands.count >= 13)
    for command in commands {
      let help = try runProcess(try builtExecutable("dastore-tool"), [command.commandName, "--help"])
      #expect(help.exitCode == 0)
      #expect(help.stdout.contains("Example:\n  "), "\(command.commandName) shows no example")
      #expect(help.stdout.contains("dastore-tool \(command.commandName)"))
      #expect(help.stderr.isEmpty)
      let tooLong = help.stdout.split(separator: "\n").filter { $0.count > 80 && !$0.hasPrefix("USAGE:") }.map(String.init)
      #expect(tooLong.isEmpty, "\(command.commandName): \(tooLong)")
    }
  }

  @Test(arguments: [
    [], ["frob"], ["--frob"], ["info"], ["info", "--frob", "a.npy"], ["info", "a.npy", "b.npy"],
    ["stats", "--axis", "x", "a.npy"], ["stats", "--axis", "7", "a.npy"], ["stats", "--histogram", "0", "a.npy"],
    ["stats", "--range", "0,1", "a.npy"], ["stats", "--histogram", "2", "--range", "1,0", "a.npy"],
    ["stats", "--histogram", "2", "--range", "1", "a.npy"], ["stats", "--histogram", "2", "--range", "nan,1", "a.npy"],
    ["stats", "--histogram", "2", "--range", "0,inf", "a.npy"], ["stats", "--histogram", "2", "--range", "-1e308,1e308", "a.npy"],
    ["show", "--memory", "much", "a.npy"], ["show", "--memory", "-1", "a.npy"], ["show", "a.npy[9]"], ["show", "a.npy]"],
    ["info", "a.npy:member"], ["convert", "a.npy"],
    ["convert", "--chunks", "0,1,1", "a.npy", "b.dnpy"], ["convert", "--chunks", "2,2", "a.npy", "b.dnpy"],
    ["convert", "--codec", "zip", "a.npy", "b.dnpy"], ["convert", "--dtype", "text", "a.npy", "b.dnpy"],
    ["convert", "a.npy", "b.xyz"], ["convert", "a.npy", "b.dnpy[0]"], ["rechunk", "a.npy", "b.dnpy"],
    ["convert", "--dist", "b,n,n", "a.npy", "b.dnpy"], ["convert", "--dist", "b,n,n", "a.npy", "b.npy"],
    ["convert", "--dist", "b,n", "a.npy", "b"], ["convert", "--dist", "b,x,n", "a.npy", "b"],
    ["convert", "--dist", "c0,n,n", "a.npy", "b"], ["convert", "--dist", "b0:9,n,n", "a.npy", "b"],
    ["convert", "--dist", "b2:0,n,n", "a.npy", "b"], ["convert", "--dist", "b0,n,n", "a.npy", "b"],
    ["convert", "--grid", "2,1,1", "a.npy", "b"], ["convert", "--dist", "b,c,n", "--grid", "0,2", "a.npy", "b"],
    ["convert", "--dist", "b,c,n", "--grid", "2", "a.npy", "b"], ["convert", "--dist", "b,c,n", "--grid", "2,2,2", "a.npy", "b"],
    ["convert", "--dist", "b,c,n", "--grid", "4611686018427387904,4", "a.npy", "b"],
    ["retain", "--keep", "0", "a.dnpy"], ["diff", "--rtol", "-1", "a.npy", "a.npy"], ["generate", "--shape", "4,x", "b.dnpy"],
    ["generate", "--shape", "-4", "b.dnpy"], ["generate", "--shape", "9223372036854775807,9", "b.dnpy"],
  ]) func wrongUsageIsTwo(_ arguments: [String]) throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let result = try folder.run(arguments)
      #expect(result.exitCode == 2, "\(arguments): \(result.stderr)")
      #expect(result.errors.count == 1)
      #expect(result.stderr.split(separator: "\n").count == 1, "\(result.stderr)")
      #expect(result.stdout.isEmpty)
      #expect(try folder.names == ["a.npy"])
    }
  }

  @Test(arguments: [
    ["info"], ["show"], ["stats"], ["digest"], ["verify"], ["history"], ["retain", "--keep", "2"], ["repack"],
    ["convert", "b.dnpy"], ["rechunk", "--chunks", "1", "b.dnpy"], ["diff", "a.npy"],
  ]) func whatCannotBeReadIsThree(_ command: [String]) throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      try FileManager.default.createDirectory(atPath: folder.file("folder.dnpy"), withIntermediateDirectories: false)
      try Data("nothing known".utf8).write(to: URL(fileURLWithPath: folder.file("foreign.dnpy")))
      try Data().write(to: URL(fileURLWithPath: folder.file("empty.dnpy")))
      let before = try folder.names
      for source in ["missing.dnpy", "folder.dnpy", "foreign.dnpy", "empty.dnpy"] {
        // Sources come first where there is a target.
        let takesTarget = command.last == "b.dnpy"
        let arguments = takesTarget ? command.dropLast() + [source, "b.dnpy"] : command + [source]
        let result = try folder.run(Array(arguments))
        // A file that ends before its contents is damage, which `verify` reports as its answer.
        let expected: Int32 = command == ["verify"] && source == "empty.dnpy" ? 1 : 3
        #expect(result.exitCode == expected, "\(arguments): \(result.stderr)\(result.stdout)")
        #expect(result.errors.count == (expected == 3 ? 1 : 0))
        if expected == 3 { #expect(result.errors.first?.contains(source) == true, "\(result.errors)") }
        #expect(try folder.names == before)
      }
    }
  }

  @Test func existingTargetsAreKept() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      for target in ["t.npy", "t.dnpy", "t"] {
        #expect(try folder.run("convert", "a.npy[0]", target).exitCode == 0)
        let digest = try folder.run("digest", target).stdout
        let refused = try folder.run("convert", "a.npy", target)
        #expect(refused.exitCode == 4, "\(target): \(refused.stderr)")
        #expect(refused.errors.count == 1)
        #expect(try folder.run("digest", target).stdout == digest)
        #expect(try folder.run("convert", "--force", "a.npy", target).exitCode == 0)
        #expect(try folder.run("diff", "a.npy", target).exitCode == 0)
      }
      #expect(try folder.names == ["a.npy", "t.dnpy", "t.npy", "t_0.dnpy"])
    }
  }

  @Test func budgetsAreRefusedWithTheSmallestThatDoes() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      for command in [["stats"], ["digest"], ["show"], ["diff", "a.npy"]] {
        let result = try folder.run(command + ["--memory", "10", "a.npy"])
        #expect(result.exitCode == 4, "\(command): \(result.stderr)")
        let words = result.errors.first?.split(whereSeparator: { " ,;".contains($0) }).map(String.init) ?? []
        let needed = try #require(words.firstIndex(of: "--memory").flatMap { words.dropFirst($0).compactMap { Int($0) }.first })
        #expect(try folder.run(command + ["--memory", "\(needed)", "a.npy"]).exitCode == 0, "\(command) in \(needed)")
      }
      #expect(try folder.run("digest", "a.npy", environment: ["DASTORE_MEMORY": "10"]).exitCode == 4)
      #expect(try folder.run("digest", "a.npy", environment: ["DASTORE_MEMORY": "lots"]).exitCode == 2)
      #expect(try folder.run("digest", "--memory", "1MiB", "a.npy", environment: ["DASTORE_MEMORY": "10"]).exitCode == 0)
    }
  }

  @Test func failuresAreToldOnce() throws {
    try withToolFolder { folder in
      for ranks in 2...3 {
        let missing = try folder.run("stats", "missing.npy", ranks: ranks)
        #expect(missing.exitCode == 3)
        #expect(missing.errors.count == 1, "\(missing.stderr)")
        let usage = try folder.run("stats", "--frob", ranks: ranks)
        #expect(usage.exitCode == 2)
        #expect(usage.errors.count == 1, "\(usage.stderr)")
        let version = try folder.run("--version", ranks: ranks)
        #expect(version.exitCode == 0)
        #expect(version.stdout.split(separator: "\n").count == 1)
      }
    }
  }

  @Test func unwritableOutputIsAFailure() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let result = try folder.shell("\"$tool\" show a.npy > /dev/full")
      #expect(result.exitCode == 3)
      #expect(result.errors.count == 1)
    }
  }

  @Test func startsWithoutFullFoundation() throws {
    let libraries = try runProcess(try findExecutable("ldd"), [try builtExecutable("dastore-tool")]).stdout
    #expect(libraries.contains("libmpi"))
    #expect(!libraries.contains("libFoundation.so"), "full Foundation costs tens of milliseconds at every start")
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionScripts(_ shell: String) throws {
    let script = try runProcess(try builtExecutable("dastore-tool"), ["--generate-completion-script", shell])
    #expect(script.exitCode == 0)
    #expect(script.stdout.contains("rechunk"))
  }
}
