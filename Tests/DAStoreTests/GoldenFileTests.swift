// The golden files of Formats/examples: the writer still makes them, and both readers still read them.

import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct GoldenFileTests {
  let scratch: ScratchDirectory
  init() throws { scratch = try ScratchDirectory() }

  /// With `DASTORE_UPDATE_GOLDEN` set it makes the files anew, for a change of the format that is meant.
  @Test(arguments: GoldenFile.all) func writerReproduces(_ golden: GoldenFile) throws {
    let path = scratch.file(golden.name + ".dnpy")
    try golden.write(to: path)
    if ProcessInfo.processInfo.environment["DASTORE_UPDATE_GOLDEN"] != nil {
      try save(try bytes(of: path), to: golden.path)
      for generation in golden.kept {
        try save(try golden.expected(generation: generation).npy(), to: golden.npyPath(generation: generation))
      }
    }
    let found = try bytes(of: path)
    let expected = try bytes(of: golden.path)
    let difference = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    #expect(
      found.count == expected.count && difference == nil, "\(golden.name) differs first at byte \(difference ?? -1)")
    #expect(expected.count < 40_000, "golden files stay small")
    for generation in golden.kept {
      #expect(try golden.expected(generation: generation).npy() == bytes(of: golden.npyPath(generation: generation)))
    }
  }

  @Test(arguments: GoldenFile.all) func swiftReads(_ golden: GoldenFile) throws {
    for generation in golden.kept {
      let dataset = try Dnpy2Dataset(path: golden.path, generation: generation)
      #expect(try GoldenArray(reading: dataset) == golden.expected(generation: generation), "generation \(generation)")
      let step = golden.generations[generation - 1]
      #expect(dataset.description.attributes == step.attributes)
      #expect(dataset.description.dimensionNames == golden.dimensionNames)
      #expect(dataset.description.fillValue == golden.fill)
      #expect(dataset.description.codecs == golden.codecs)
      #expect(dataset.description.grid.chunkShape == golden.chunkShape)
    }
    #expect(try Dnpy2Dataset(path: golden.path).history().map(\.number) == golden.kept)
    let report = try Dnpy2Dataset.verify(path: golden.path, communicator: .serial, pool: pool)
    #expect(report.isSound && report.warnings.isEmpty, "\(report)")
    for dropped in 0..<golden.kept[0] {
      let error = #expect(throws: StoreError.self) { try Dnpy2Dataset(path: golden.path, generation: dropped) }
      #expect(error?.code == .notFound)
    }
  }

  /// What the stranger's reader says about a file, on its first line.
  private struct Info: Decodable {
    var dtype: String
    var fill_value: String
    var shape: [Int]
    var chunk_shape: [Int]
    var codecs: [String]
    var dimension_names: [String?]?
    var attributes: JSONValue
    var generation: Int
    var time: Int64
    var generations: [Int]
  }

  @Test(arguments: GoldenFile.all) func strangerReads(_ golden: GoldenFile) throws {
    for generation in golden.kept {
      let npy = scratch.file("\(golden.name).\(generation).npy")
      let result = try TestPython.runReader(
        [golden.path, "--generation", "\(generation)", "--info", "--npy", npy, "--digest", "--verify"])
      try #require(result.exitCode == 0, "\(result.stderr)")
      let lines = result.stdout.split(separator: "\n")
      try #require(lines.count == 2, "\(result.stdout)")
      let info = try JSONDecoder().decode(Info.self, from: Data(lines[0].utf8))
      #expect(info.dtype == golden.dtype.numpyString)
      #expect(info.fill_value == Metadata.hexadecimal(golden.fill.bytes))
      #expect(info.shape == golden.generations[generation - 1].shape)
      #expect(info.chunk_shape == golden.chunkShape)
      #expect(info.codecs == golden.codecs)
      #expect(info.dimension_names == golden.dimensionNames)
      #expect(info.attributes == .object(golden.generations[generation - 1].attributes))
      #expect(info.generation == generation)
      #expect(info.time == GoldenFile.created + Int64(generation) * 1_000_000_000)
      #expect(info.generations == golden.kept)
      #expect(lines[1] == (try golden.expected(generation: generation).digest()))
      try expectSameNpy(npy, golden.npyPath(generation: generation))
    }
    let dropped = try TestPython.runReader([golden.path, "--generation", "\(golden.kept[0] - 1)"])
    #expect(dropped.exitCode == 1 && dropped.stderr.contains("no generation"))
  }

  /// The same type, shape and elements; how far the header is padded differs between releases of NumPy.
  private func expectSameNpy(_ path: String, _ expected: String) throws {
    func parts(_ path: String) throws -> (header: String, elements: [UInt8]) {
      let bytes = try bytes(of: path)
      try #require(bytes.count >= 10 && bytes[6] == 1, "version 1 of the header")
      let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
      let header = String(decoding: bytes[10..<start], as: UTF8.self)
      return (header.trimmingCharacters(in: .whitespacesAndNewlines), Array(bytes[start...]))
    }
    let (found, golden) = (try parts(path), try parts(expected))
    #expect(found.header == golden.header)
    #expect(found.elements == golden.elements)
  }

  @Test func theFolderHoldsTheseFilesAndNamesThem() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: GoldenFile.folder.path)
    let expected = GoldenFile.all.flatMap { golden in
      ["\(golden.name).dnpy"]
        + golden.kept.map { URL(fileURLWithPath: golden.npyPath(generation: $0)).lastPathComponent }
    }
    #expect(Set(names.filter { $0.hasSuffix(".dnpy") || $0.hasSuffix(".npy") }) == Set(expected))
    let readme = try String(contentsOf: GoldenFile.folder.appending(path: "README.md"), encoding: .utf8)
    for golden in GoldenFile.all {
      let row = readme.split(separator: "\n").first { $0.hasPrefix("| `\(golden.name)` |") }
      #expect(
        row?.contains(golden.dtype.rawValue) == true, "README.md has no row for \(golden.name) that names its type")
    }
    #expect(Set(GoldenFile.all.map(\.dtype)) == Set(DType.allCases), "every element type has a file")
  }

  /// Section 10 of the format is what the script says about the file.
  @Test func annotatedDumpIsTrue() throws {
    let result = try TestPython.run("Formats/examples/annotate.py", [])
    try #require(result.exitCode == 0, "\(result.stderr)")
    let text = try String(contentsOf: GoldenFile.folder.appending(path: "../dnpy-2.md"), encoding: .utf8)
    #expect(result.stdout.utf8.count > 1000)
    #expect(text.contains(result.stdout), "make it anew: python3 Formats/examples/annotate.py")
  }
}
