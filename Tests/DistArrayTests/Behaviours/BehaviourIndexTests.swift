// Docs/DistArrayBehaviours.md says which test shows which behaviour: all that it names must be there.

import DATestSupport
import Foundation
import Testing

@Suite struct BehaviourIndexTests {
  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(TestPython.packageFolder)/\(path)", encoding: .utf8)
  }

  @Test func everyTestThatIsNamedExists() throws {
    let tests = try FileManager.default.subpathsOfDirectory(atPath: "\(TestPython.packageFolder)/Tests")
      .filter { $0.hasSuffix(".swift") }.sorted().map { try text("Tests/\($0)") }
    let parallelTests = tests.filter { $0.contains("runScenario(") }
    var named = 0
    for line in try text("Docs/DistArrayBehaviours.md").split(separator: "\n") where line.hasPrefix("| ") {
      guard let cell = line.split(separator: "|").last, !line.hasPrefix("| behaviour") else { continue }
      for name in cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      where name.offset % 2 == 1 && name.element.first?.isLetter == true {
        named += 1
        let parts = name.element.split(separator: ".")
        if parts.count == 2 {
          let isThere = tests.contains {
            $0.contains("struct \(parts[0]) {") && ($0.contains("func \(parts[1])("))
          }
          #expect(isThere, "\(name.element)")
        } else {
          #expect(parallelTests.contains { $0.contains("\"\(name.element)\"") }, "scenario \(name.element)")
        }
      }
    }
    #expect(named > 60)
  }
}
