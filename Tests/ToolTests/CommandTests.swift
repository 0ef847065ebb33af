// What each command answers, alone and on several ranks.

import DATestSupport
import Foundation
import Testing

@Suite struct CommandTests {
  @Test func info() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      #expect(try folder.run("convert", "--chunks", "1,2,4", "--shuffle", "bit", "a.npy", "a.dnpy").exitCode == 0)
      let npy = try folder.run("info", "--json", "a.npy").json
      #expect(npy["format"] as? String == "npy")
      #expect(npy["chunks"] is NSNull)
      let facts = try folder.run("info", "--json", "a.dnpy").json
      let keys = [
        "format", "shape", "dtype", "chunks", "codecs", "logical_bytes", "stored_bytes", "generation", "attributes",
        "fill_value", "dimension_names",
      ]
      #expect(Set(keys).isSubset(of: facts.keys))
      #expect(facts["format"] as? String == "dnpy2")
      #expect(facts["shape"] as? [Int] == [2, 3, 4])
      #expect(facts["dtype"] as? String == "<i4")
      #expect(facts["chunks"] as? [Int] == [1, 2, 4])
      #expect(facts["codecs"] as? [String] == ["bitshuffle", "lz4"])
      #expect(facts["logical_bytes"] as? Int == 96)
      #expect(facts["generation"] as? Int == 1)
      #expect(try folder.run("info", "a.dnpy").stdout.contains("(2, 3, 4)"))
    }
  }

  @Test func show() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      #expect(try folder.run("show", "a.npy[0]").stdout == "[[ 0  1  2  3]\n [ 4  5  6  7]\n [ 8  9 10 11]]\n")
      #expect(try folder.run("show", "a.npy[1, ::-2, 3]", ranks: 2).stdout == "[23 15]\n")
      #expect(try folder.run("show", "a.npy[1, 2, 3]").stdout == "23\n")
    }
  }

  @Test func stats() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let answer = try folder.run("stats", "--json", "--histogram", "2", "a.npy").json
      #expect(Set(costKeys).isSubset(of: answer.keys))
      #expect(answer["count"] as? Int == 24)
      #expect(answer["sum"] as? Int == 276)
      #expect(answer["mean"] as? Double == 11.5)
      #expect(answer["var"] as? Double == 575.0 / 12)
      #expect(answer["std"] as? Double == (575.0 / 12).squareRoot())
      #expect(answer["min"] as? Int == 0)
      #expect(answer["max"] as? Int == 23)
      #expect(answer["argmin"] as? Int == 0)
      #expect(answer["argmax_index"] as? [Int] == [1, 2, 3])
      #expect(answer["zero_count"] as? Int == 1)
      #expect((answer["histogram"] as? [String: Any])?["counts"] as? [Int] == [12, 12])
      let along = try folder.run("stats", "--json", "--axis", "0,-1", "a.npy").json
      #expect(along["sum"] as? [Int] == [60, 92, 124])
      #expect(along["shape"] as? [Int] == [3])
      #expect(along["peak_bytes"] as? [Int] != nil)
      #expect(try folder.run("stats", "--axis", "0", "a.npy").stdout.contains("sum:\n[[12 14 16 18]"))
    }
  }

  @Test func aHistogramOfAGivenRangeTakesOnePass() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      for ranks in [nil, 2] as [Int?] {
        let answer = try folder.run("stats", "--json", "--histogram", "4", "--range", "-2,10", "a.npy", ranks: ranks)
          .json
        let histogram = try #require(answer["histogram"] as? [String: Any])
        // Bins -2 to 1, 1 to 4, 4 to 7, 7 to 10 with 10 itself, and 11 to 23 outside.
        #expect(histogram["counts"] as? [Int] == [1, 3, 3, 4])
        #expect(histogram["edges"] as? [Double] == [-2, 1, 4, 7, 10])
        #expect(histogram["outside"] as? Int == 13)
        #expect(answer["read_bytes"] as? Int == 96)
        #expect(
          try folder.run("stats", "--json", "--histogram", "4", "a.npy", ranks: ranks).json["read_bytes"] as? Int == 192
        )
      }
    }
  }

  @Test func verboseTellsWhatTheCacheDid() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      for (arguments, counts) in [
        (["stats", "a.npy"], "0 hits, 1 miss, 1 load, 0 evictions, 96 bytes in 1 read call"),
        (["stats", "--histogram", "2", "a.npy"], "0 hits, 2 misses, 2 loads, 0 evictions, 192 bytes in 2 read calls"),
        (["digest", "a.npy"], "0 hits, 1 miss, 1 load, 0 evictions, 96 bytes in 1 read call"),
        (["show", "a.npy"], "1 load, 0 evictions, 96 bytes in 1 read call"),
        (["convert", "a.npy", "b.dnpy"], "1 load, 0 evictions, 96 bytes in 1 read call"),
        (["diff", "a.npy", "b.dnpy"], "2 loads, 0 evictions"),
      ] {
        let result = try folder.run(arguments + ["--verbose"])
        #expect(result.exitCode == 0)
        let line = result.stderr.split(separator: "\n").first { $0.hasPrefix("rank 0: cache: ") }
        #expect(line?.contains(counts) == true, "\(arguments): \(result.stderr)")
        #expect(
          !(try folder.run(arguments + ["--force"].filter { _ in arguments[0] == "convert" }).stderr.contains("cache:"))
        )
      }
      let parallel = try folder.run("stats", "--verbose", "a.npy", ranks: 2)
      for rank in 0..<2 {
        #expect(parallel.stderr.contains("rank \(rank): cache: "), "\(parallel.stderr)")
        #expect(parallel.stderr.contains("rank \(rank): read 0."), "\(parallel.stderr)")
      }
      #expect(parallel.stderr.contains("imbalance: "))
      let profile = try folder.run("convert", "--json", "--verbose", "a.npy", "c.dnpy", ranks: 2).json["profile"]
      let ranks = (profile as? [String: Any])?["ranks"] as? [[String: Any]]
      #expect(ranks?.compactMap { $0["written_bytes"] as? Int }.reduce(0, +) == 96)
      #expect(
        (ranks?.first?["seconds"] as? [String: Any])?.keys.sorted() == [
          "compute", "decode", "read", "total", "wait", "write",
        ])
      #expect(try folder.run("stats", "--json", "a.npy").json["profile"] == nil)
    }
  }

  @Test func emptyArraysAreOrdinary() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      #expect(try folder.run("convert", "a.npy[0:0]", "e.dnpy", ranks: 2).exitCode == 0)
      let answer = try folder.run("stats", "--json", "e.dnpy").json
      #expect(answer["count"] as? Int == 0)
      #expect(answer["min"] is NSNull)
      #expect(answer["mean"] as? String == "NaN")
      #expect(try folder.run("show", "e.dnpy").stdout == "[]\n")
      #expect(try folder.run("verify", "e.dnpy").exitCode == 0)
    }
  }

  @Test func convertAndRechunk() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let answer = try folder.run("convert", "--json", "--dtype", "f8", "--chunks", "auto", "a.npy", "d.dnpy").json
      #expect(Set(costKeys + ["target", "logical_bytes", "stored_bytes", "chunks"]).isSubset(of: answer.keys))
      #expect(answer["logical_bytes"] as? Int == 192)
      #expect((answer["written_bytes"] as? Int ?? 0) > 0)
      #expect((answer["read_bytes"] as? Int ?? 0) >= 96)
      #expect(try folder.run("show", "d.dnpy[1, 1]").stdout == "[16. 17. 18. 19.]\n")
      #expect(try folder.run("rechunk", "--chunks", "2,1,3", "--codec", "none", "a.npy", "r.dnpy").exitCode == 0)
      #expect(try folder.run("info", "--json", "r.dnpy").json["chunks"] as? [Int] == [2, 1, 3])
      #expect(try folder.run("diff", "a.npy", "r.dnpy").exitCode == 0)
      #expect(try folder.run("convert", "--quiet", "r.dnpy", "back.npy").stdout.isEmpty)
      let original = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.npy"))).suffix(96)
      #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("back.npy"))).suffix(96) == original)
      let lossy = try folder.run("convert", "--dtype", "f4", "missing.npy", "x.dnpy")
      #expect(lossy.exitCode == 3)
    }
  }

  @Test func explainingWritesNothing() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      #expect(try folder.run("convert", "a.npy", "a.dnpy").exitCode == 0)
      let before = try folder.names
      for command in [
        ["stats", "a.npy"], ["digest", "a.npy"], ["diff", "a.npy", "a.dnpy"], ["show", "a.npy"], ["verify", "a.dnpy"],
        ["convert", "a.npy", "new.dnpy"], ["rechunk", "--chunks", "1,1,1", "a.npy", "new.dnpy"], ["repack", "a.dnpy"],
        ["generate", "--shape", "9,9", "new.dnpy"],
      ] {
        let result = try folder.run(command + ["--explain"])
        #expect(result.exitCode == 0, "\(command): \(result.stderr)")
        #expect(!result.stdout.isEmpty)
        #expect(try folder.names == before, "\(command)")
      }
    }
  }

  @Test func statsExplainsForPrograms() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let plan = try folder.run("stats", "--explain", "--json", "--histogram", "4", "a.npy", ranks: 2).json
      let pass = try #require((plan["passes"] as? [[String: Any]])?.first)
      #expect(plan["ranks"] as? Int == 2)
      #expect(pass["sweeps"] as? Int == 2)
      #expect(pass["read_bytes"] as? Int == 2 * 96)
      #expect(pass["shape"] as? [Int] == [2, 3, 4])
    }
  }

  @Test func diffFindsAndMeasures() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      #expect(try folder.run("convert", "a.npy", "b.npy").exitCode == 0)
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: folder.file("b.npy")))
      let size = try handle.seekToEnd()
      try handle.seek(toOffset: size - 4)
      try handle.write(contentsOf: Data([25, 0, 0, 0]))
      try handle.close()
      let text = try folder.run("diff", "a.npy", "b.npy")
      #expect(text.exitCode == 1)
      #expect(text.stdout.contains("(1, 2, 3): 23 and 25"))
      #expect(text.errors.isEmpty)
      let answer = try folder.run("diff", "--json", "a.npy", "b.npy", ranks: 3).json
      #expect(answer["equal"] as? Bool == false)
      #expect(answer["differing_count"] as? Int == 1)
      #expect((answer["largest_absolute"] as? [String: Any])?["error"] as? Double == 2)
      #expect(try folder.run("diff", "--atol", "2", "a.npy", "b.npy").exitCode == 0)
      #expect(try folder.run("diff", "a.npy", "b.npy[0]").exitCode == 1)
    }
  }

  @Test func damageIsFoundAndNamed() throws {
    try withToolFolder { folder in
      #expect(try folder.run("generate", "--shape", "40,50", "--chunks", "10,50", "a.dnpy").exitCode == 0)
      #expect(try folder.run("verify", "a.dnpy").stdout.contains("sound"))
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: folder.file("a.dnpy")))
      try handle.seek(toOffset: 12_288 + 100)
      let byte = try #require(try handle.read(upToCount: 1))
      try handle.seek(toOffset: 12_288 + 100)
      try handle.write(contentsOf: Data(byte.map { $0 ^ 0x10 }))
      try handle.close()
      let found = try folder.run("verify", "a.dnpy")
      #expect(found.exitCode == 1)
      #expect(found.stdout.contains("damaged"))
      #expect(found.errors.isEmpty)
      let answer = try folder.run("verify", "--json", "a.dnpy", ranks: 2)
      #expect(answer.exitCode == 1)
      #expect(try answer.json["sound"] as? Bool == false)
      #expect(try folder.run("digest", "a.dnpy").exitCode == 3)
      let copy = try folder.run("convert", "a.dnpy", "b.npy")
      #expect(copy.exitCode == 3)
      #expect(try folder.names == ["a.dnpy"])
    }
  }

  @Test func generationsAreKeptAndDropped() throws {
    try withToolFolder { folder in
      #expect(try folder.run("generate", "--shape", "30,30", "a.dnpy").exitCode == 0)
      let digest = try folder.run("digest", "a.dnpy").stdout
      #expect(try folder.run("retain", "--keep", "2", "a.dnpy", ranks: 2).exitCode == 0)
      let lines = try folder.run("history", "a.dnpy").stdout.split(separator: "\n")
      #expect(lines.count == 3)
      #expect(lines.dropFirst().first?.hasPrefix("2 ") == true)
      #expect(try folder.run("digest", "a.dnpy@1").stdout == digest)
      #expect(try folder.run("repack", "a.dnpy", ranks: 2).exitCode == 0)
      #expect(try folder.run("digest", "a.dnpy@1").stdout == digest)
      #expect(try folder.run("digest", "a.dnpy@9").exitCode == 3)
      #expect(try folder.names == ["a.dnpy"])
    }
  }

  @Test func doctorLooksAtTheDirectory() throws {
    try withToolFolder { folder in
      let answer = try folder.run("doctor", "--json", ranks: 3)
      #expect(answer.exitCode == 0)
      let facts = try answer.json
      #expect((facts["read_probe"] as? [String: Int])?["wrong"] == 0)
      #expect((facts["read_probe"] as? [String: Int])?["read"] == 2300)
      #expect(facts["locks_work"] as? Bool == true)
      #expect((facts["mpi_library"] as? String)?.isEmpty == false)
      #expect(try folder.names == [])
      #expect(try folder.run("doctor", "missing").exitCode == 3)
    }
  }
}
