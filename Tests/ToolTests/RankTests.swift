// The number of ranks changes nothing but the time; an interrupted job leaves nothing behind.

import DATestSupport
import Foundation
import Testing

@Suite struct RankTests {
  @Test func answersAreTheSameOnOneToFourRanks() throws {
    try withToolFolder { folder in
      #expect(try folder.run("generate", "--shape", "13,17,19", "--chunks", "5,6,7", "one.dnpy").exitCode == 0)
      let digest = try folder.run("digest", "one.dnpy").stdout
      let known = try withoutCost(try folder.run("stats", "--json", "--histogram", "7", "one.dnpy").json)
      let along = try withoutCost(try folder.run("stats", "--json", "--axis", "1", "one.dnpy").json)
      for ranks in 1...4 {
        #expect(try folder.run("generate", "--shape", "13,17,19", "--chunks", "3,17,4", "g\(ranks).dnpy", ranks: ranks).exitCode == 0)
        #expect(try folder.run("digest", "g\(ranks).dnpy").stdout == digest)
        for target in ["n\(ranks).npy", "d\(ranks).dnpy", "s\(ranks)"] {
          let result = try folder.run("convert", "--memory", "64KiB", "one.dnpy", target, ranks: ranks)
          #expect(result.exitCode == 0, "\(result.stderr)")
          #expect(try folder.run("digest", target, ranks: 5 - ranks).stdout == digest, "\(target)")
        }
        let stats = try folder.run("stats", "--json", "--histogram", "7", "one.dnpy", ranks: ranks).json
        #expect(stats["ranks"] as? Int == ranks)
        #expect((stats["peak_bytes"] as? [Int])?.count == ranks)
        #expect(try withoutCost(stats) == known)
        #expect(try withoutCost(try folder.run("stats", "--json", "--axis", "1", "one.dnpy", ranks: ranks).json) == along)
      }
      #expect(try folder.run("generate", "--shape", "13,17,19", "--seed", "1", "other.dnpy").exitCode == 0)
      #expect(try folder.run("diff", "one.dnpy", "other.dnpy", ranks: 2).exitCode == 1)
    }
  }

  @Test(arguments: [
    (["--dist", "b,c,n", "--grid", "2,2"], [2, 2, 1]), (["--dist", "c2,b,c8", "--grid", "2,3,1"], [2, 3, 1]),
    (["--dist", "b0:1:1:7,n,c3", "--grid", "3,2"], [3, 1, 2]), (["--dist", "n,n,n"], [1, 1, 1]),
    (["--dist", "n,b0:4:9,n"], [1, 2, 1]),
  ]) func aSetIsDealtOutAsAsked(_ options: [String], _ grid: [Int]) throws {
    try withToolFolder { folder in
      #expect(try folder.run("generate", "--shape", "7,9,11", "a.npy").exitCode == 0)
      let files = (0..<grid.reduce(1, *)).map { "set_\($0).dnpy" }
      for ranks in [nil, 1, 2, 3, 4] as [Int?] {
        let result = try folder.run(["convert", "--force"] + options + ["a.npy", "set"], ranks: ranks)
        #expect(result.exitCode == 0, "\(result.stderr)")
        #expect(try folder.names == ["a.npy"] + files)
        #expect(try folder.run("diff", "a.npy", "set").exitCode == 0)
        #expect(try folder.run("verify", "set").exitCode == 0)
      }
      let info = try folder.run("info", "--json", "set").json["details"] as? [String: Any]
      #expect(info?["process_grid"] as? [Int] == grid)
      let explained = try folder.run(["convert", "--explain"] + options + ["a.npy", "other"]).stdout
      #expect(explained.contains("a process grid of (\(grid.map(String.init).joined(separator: ", ")))"), "\(explained)")
    }
  }

  @Test func aDistributionWithoutAGridSuitsTheRanks() throws {
    try withToolFolder { folder in
      #expect(try folder.run("generate", "--shape", "8,8,4", "a.npy").exitCode == 0)
      let result = try folder.run("convert", "--dist", "b,c,n", "a.npy", "set", ranks: 4)
      #expect(result.exitCode == 0, "\(result.stderr)")
      #expect(try folder.names == ["a.npy", "set_0.dnpy", "set_1.dnpy", "set_2.dnpy", "set_3.dnpy"])
      #expect(try folder.run("diff", "a.npy", "set").exitCode == 0)
    }
  }

  /// The answer as text, without what differs from run to run.
  private func withoutCost(_ answer: [String: Any]) throws -> String {
    let rest = answer.filter { !(costKeys + ["accounted_bytes", "budget_bytes"]).contains($0.key) }
    return String(decoding: try JSONSerialization.data(withJSONObject: rest, options: [.sortedKeys]), as: UTF8.self)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["DASTORE_SLOW_TESTS"] != nil), arguments: [1, 4])
  func theLandMaskKeepsItsBudget(_ ranks: Int) throws {
    let mask = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Examples/Data/globe_land_mask.npz").path + ":mask"
    try withToolFolder { folder in
      let tool = try builtExecutable("dastore-tool")
      for arguments in [["convert", mask, folder.file("m.dnpy")], ["stats", folder.file("m.dnpy")]] {
        let result = try runParallel(tool, arguments + ["--memory", "64MiB", "--json"], ranks: ranks, timeout: 900)
        #expect(result.exitCode == 0, "\(result.stderr)")
        let peaks = try #require(try result.json["peak_bytes"] as? [Int])
        #expect(peaks.allSatisfy { $0 <= (64 + 48) << 20 }, "\(peaks)")
        if arguments[0] == "stats" { #expect(try result.json["sum"] as? Int == 623_551_288) }
      }
    }
  }

  @Test(arguments: [nil, 2] as [Int?], ["INT", "TERM"]) func interruptionLeavesNothing(_ ranks: Int?, _ signal: String) throws {
    try withToolFolder { folder in
      // Far more than can be written before the signal comes: which it does as soon as the target is under construction.
      let launcher =
        try ranks.map {
          "\(try findExecutable("mpirun")) --allow-run-as-root --oversubscribe --bind-to none -n \($0) --mca plm isolated "
            + "--mca btl_vader_single_copy_mechanism none --mca oob_tcp_if_include lo"
        } ?? ""
      let script = """
        \(launcher) "$tool" generate --shape 4096,1024,1024 big.dnpy & job=$!
        until ls -A | grep -q partial; do kill -0 $job || exit 99; done
        kill -\(signal) $job
        wait $job
        """
      let result = try folder.shell(script)
      let expected: Int32 = signal == "INT" ? 130 : 143
      // mpirun ends its ranks with SIGTERM, whatever it was told itself, and reports in its own way.
      if ranks == nil { #expect(result.exitCode == expected, "\(result.exitCode): \(result.stderr)") }
      #expect(result.exitCode != 0)
      #expect(result.exitCode != 99, "\(result.stderr)")
      #expect(result.errors.count <= 1)
      #expect(try folder.names == [], "\(result.stderr)")
    }
  }
}
