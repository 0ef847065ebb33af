// `distribution`: the same facts as JSON, as a table with a drawing, and as a picture.

import DATestSupport
import Foundation
import Testing

@Suite struct DistributionTests {
  @Test func jsonSaysWhoOwnsWhat() throws {
    try withToolFolder { folder in
      let arguments = ["distribution", "--json", "--shape", "100,50", "--dist", "b,c", "--grid", "2,2", "--ranks", "4"]
      let answer = try folder.run(arguments).json
      #expect(answer["shape"] as? [Int] == [100, 50])
      #expect(answer["grid_shape"] as? [Int] == [2, 2])
      #expect(answer["targets"] as? [Int] == [0, 1, 2, 3])
      #expect(answer["local_shapes"] as? [[Int]] == Array(repeating: [50, 25], count: 4))
      #expect(answer["owned_counts"] as? [Int] == [1250, 1250, 1250, 1250])
      let dimData = try #require(answer["dim_data"] as? [[[String: Any]]])
      #expect(dimData.count == 4)
      #expect(dimData[2][0]["dist_type"] as? String == "b")
      #expect(dimData[2][0]["start"] as? Int == 50)
      #expect(dimData[2][0]["stop"] as? Int == 100)
      #expect(dimData[3][1]["dist_type"] as? String == "c")
      #expect(dimData[3][1]["proc_grid_rank"] as? Int == 1)
      #expect(try folder.run(arguments, ranks: 3).stdout == folder.run(arguments).stdout)
      #expect(try folder.names.isEmpty)
    }
  }

  @Test func textDrawsEveryElement() throws {
    try withToolFolder { folder in
      let text = try folder.run("distribution", "--shape", "5,9", "--dist", "c2,c2", "--grid", "2,2").stdout
      #expect(text.hasSuffix("\n\n001100110\n001100110\n223322332\n223322332\n001100110\n"))
      #expect(text.contains("3     (1, 1)  (2, 4)       8         2:4      2:4 6:8"))
      let line = try folder.run("distribution", "--shape", "10", "--dist", "c", "--ranks", "4").stdout
      #expect(line.hasSuffix("\n0123012301\n"))
      let lists = try folder.run("distribution", "--shape", "4", "--dist", "u3:0/1:2").stdout
      #expect(lists.hasSuffix("\n0110\n"))
      #expect(try folder.run("distribution", "--shape", "0,4", "--ranks", "2").stdout.hasSuffix("(no elements)\n"))
      #expect(
        try folder.run("distribution", "--shape", "3,4,5", "--dist", "nbb", "--grid", "1,2,2").stdout
          .contains("drawn at index 0 of axis 0"))
    }
  }

  @Test func largeArraysAreDrawnSmall() throws {
    try withToolFolder { folder in
      let blocks = try folder.run("distribution", "--shape", "1000,128", "--dist", "b,n", "--ranks", "3").stdout
      #expect(blocks.contains("(one character is 41.7 x 2.0 elements; * is more than one rank)"))
      let deal = try folder.run("distribution", "--shape", "4611686018427387000", "--dist", "c100", "--ranks", "2")
        .stdout
      #expect(deal.contains("axis 0 is drawn to index 400 of 4611686018427387000"))
      let many = try folder.run("distribution", "--shape", "4000", "--ranks", "100")
      #expect(many.stdout.contains("and 36 more ranks"))
      #expect(many.stdout.contains("characters come again after 62 ranks"))
    }
  }

  @Test func targetsPaddingAndSlices() throws {
    try withToolFolder { folder in
      let subset = try folder.run("distribution", "--json", "--shape", "9", "--targets", "5,1,3").json
      #expect(subset["targets"] as? [Int] == [1, 3, 5])
      let padded = try folder.run(
        "distribution", "--json", "--shape", "60", "--ranks", "3", "--padding", "3", "--boundary", "4", "--periodic",
        "-1"
      ).json
      #expect(padded["local_shapes"] as? [[Int]] == [[23], [26], [23]])
      #expect(padded["owned_counts"] as? [Int] == [20, 20, 20])
      let first = try #require((padded["dim_data"] as? [[[String: Any]]])?.first?.first)
      #expect(first["padding"] as? [Int] == [4, 3])
      #expect(first["periodic"] as? Bool == true)
      let part = try folder.run("distribution", "--json", "--shape", "15,20", "--ranks", "4", "--slice", "[3:7, 4]")
        .json
      #expect(part["shape"] as? [Int] == [4])
      #expect(part["targets"] as? [Int] == [0, 1])
      #expect(part["local_shapes"] as? [[Int]] == [[1], [3]])
    }
  }

  @Test func plotsAreWellFormedAndNotReplaced() throws {
    try withToolFolder { folder in
      let arguments = ["distribution", "--shape", "9,12", "--dist", "c2,c3", "--grid", "2,2", "--plot", "p.svg"]
      #expect(try folder.run(arguments, ranks: 2).exitCode == 0)
      let data = try Data(contentsOf: URL(fileURLWithPath: folder.file("p.svg")))
      let picture = String(decoding: data, as: UTF8.self)
      // 20 parts with their borders, 4 colours in the legend and the ground.
      #expect(picture.components(separatedBy: "<rect ").count - 1 == 25)
      #expect(picture.contains("<title>rank 3: [2:4, 3:6]</title>"))
      #expect(picture.contains(">axis 1 (12)</text>"))
      #expect(picture.contains(">rank 2: (4, 6)</text>"))
      let check = try runProcess(
        try findExecutable("python3"),
        ["-c", "import sys, xml.dom.minidom as m; m.parse(sys.argv[1])", folder.file("p.svg")])
      #expect(check.exitCode == 0, "\(check.stderr)")
      let refused = try folder.run(arguments)
      #expect(refused.exitCode == 4)
      #expect(refused.errors.count == 1)
      #expect(try folder.run(arguments + ["--force", "--quiet"]).exitCode == 0)
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("p.svg"))) == data)
      #expect(try folder.run("distribution", "--shape", "4", "--plot", "missing/p.svg").exitCode == 3)
      #expect(try folder.names == ["p.svg"])
    }
  }

  @Test func coloursOfManyRanksDiffer() throws {
    try withToolFolder { folder in
      #expect(try folder.run("distribution", "--shape", "40", "--ranks", "40", "--plot", "p.svg").exitCode == 0)
      let picture = try String(contentsOfFile: folder.file("p.svg"), encoding: .utf8)
      let colours = picture.components(separatedBy: "fill=\"#").dropFirst().map { $0.prefix(6) }
      // Beside them: ground, writing in three shades.
      #expect(Set(colours).count >= 41)
    }
  }

  @Test(arguments: [
    ([], "missing"), (["--shape", "4", "--dist", "x"], "'x' is no distribution"),
    (["--shape", "4,4", "--dist", "b,b", "--grid", "3,2", "--ranks", "4"], "needs 6 ranks, there are 4"),
    (["--shape", "4", "--dist", "b0:2:5"], "end at 5, its size is 4"), (["--shape", "4,-4"], "negative"),
    (["--shape", "4", "--ranks", "0"], "0 ranks"), (["--shape", "4", "--ranks", "99999999999"], "are supported"),
    (["--shape", "4", "--grid", "3000000000,3000000000"], "are supported"),
    (["--shape", "4", "--ranks", "3", "--targets", "1,3"], "target 3 does not exist among 3 ranks"),
    (["--shape", "4", "--dist", "n", "--targets", "1,3"], "not distributed"),
    (["--shape", "4", "--dist", "c", "--ranks", "2", "--padding", "1"], "only blocks"),
    (["--shape", "4", "--periodic", "1"], "axis 1 does not exist"),
    (["--shape", "4", "--slice", "[7]"], "out of bounds"),
    (["--shape", "4", "--plot", "p.png"], "ends in .svg"), (["--shape", "4,x"], "invalid"),
  ]) func wrongUsageIsTwo(_ arguments: [String], says: String) throws {
    try withToolFolder { folder in
      let result = try folder.run(["distribution"] + arguments)
      #expect(result.exitCode == 2, "\(arguments): \(result.stderr)")
      #expect(result.errors.count == 1)
      #expect(result.stderr.lowercased().contains(says.lowercased()), "\(result.stderr)")
      #expect(result.stdout.isEmpty)
      #expect(try folder.names.isEmpty)
    }
  }
}
