// The manual page and the program say the same.

import DistArray
import Foundation
import Testing

@Suite struct ManualTests {
  private let page: String = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    // A page that cannot be read fails every test below.
    return (try? String(contentsOf: package.appendingPathComponent("Docs/dastore-tool.1"), encoding: .utf8)) ?? ""
  }()

  private func names(afterItem mark: String) -> Set<String> {
    Set(
      page.split(separator: "\n").filter { $0.hasPrefix(".It \(mark) ") }.compactMap {
        $0.split(separator: " ").dropFirst(2).first.map(String.init)
      })
  }

  @Test func commandsAgree() throws {
    let commands = try SelfDescription.ask().commands
    #expect(names(afterItem: "Cm") == Set(commands.map(\.commandName)))
  }

  @Test func functionsOfFormulasAgree() throws {
    let part = page.components(separatedBy: ".It functions of elements\n").dropFirst().first ?? ""
    let told = part.prefix { $0 != "." }.split { ", ()\n".contains($0) }.map(String.init)
    // Functions of two results have no place in a formula.
    let ufuncs = UfuncTable.all.filter { $0.outputCount == 1 }
    #expect(told.sorted() == ufuncs.flatMap { [$0.name, $0.alias].compactMap { $0 } }.sorted())
  }

  @Test func optionsAgree() throws {
    let description = try SelfDescription.ask()
    let arguments = ([description.command] + description.commands).flatMap { $0.arguments ?? [] }.filter(\.shouldDisplay)
    let long = Set(arguments.flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name))
    var inPage = Set(names(afterItem: "Fl").filter { $0.hasPrefix("-") }.map { String($0.dropFirst()) })
    for (short, long) in [("h", "help\n"), ("i", "input Ar name=source\n"), ("o", "out Ar target\n")] {
      #expect(page.contains(".It Fl \(short) , Fl -\(long)"))
    }
    inPage.formUnion(["help", "input", "out"])
    #expect(inPage == long)
  }

  @Test func optionsOfCommandsAgree() throws {
    // Options that every command has, or every one that works on elements, stand in a section of their own.
    let shared: Set = ["json", "quiet", "verbose", "memory", "explain", "version", "help"]
    for command in try SelfDescription.ask().commands {
      let own = Set(
        (command.arguments ?? []).filter(\.shouldDisplay).flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name))
      let line = try #require(page.split(separator: "\n").first { $0.hasPrefix(".It Cm \(command.commandName) ") })
      let words = line.split(separator: " ")
      let told = Set(zip(words, words.dropFirst()).filter { $0.0 == "Fl" }.map { String($0.1.dropFirst()) })
      #expect(told.subtracting(shared) == own.subtracting(shared), "\(command.commandName)")
    }
  }
}
