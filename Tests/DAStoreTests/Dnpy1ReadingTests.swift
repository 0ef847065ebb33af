// Sets as DistArray and others wrote them: read whole, on any chunk grid; broken ones are refused with the reason.

import Foundation
import Testing

@testable import DAStore

@Suite struct Dnpy1ReadingTests {
  @Test(arguments: Dnpy1Golden.readable.map(\.name))
  func goldenSetsHoldWhatTheyShould(name: String) throws {
    let golden = try #require(Dnpy1Golden.readable.first { $0.name == name })
    let expected = countingBytes(golden.shape, golden.dtype)
    var chunkShapes: [[Int]?] = [nil]
    for edge in 1...4 { chunkShapes.append(Array(repeating: edge, count: golden.shape.count)) }
    if golden.shape.count == 2 { chunkShapes += [[1, 100], [100, 1], [2, 3], [3, 2]] }
    for chunkShape in chunkShapes {
      let dataset = try Dnpy1Dataset(Dnpy1Golden.prefix(name), chunkShape: chunkShape)
      #expect(dataset.description.shape == golden.shape)
      #expect(dataset.description.dtype == golden.dtype)
      #expect(dataset.description.format == .dnpy1)
      #expect(try readWhole(dataset) == expected, "chunks \(chunkShape ?? [])")
    }
  }

  @Test func anyMemberNameOpensTheSet() throws {
    for name in ["bb", "bb_0.dnpy", "bb_3.dnpy"] {
      let dataset = try Dnpy1Dataset(Dnpy1Golden.prefix(name))
      #expect(dataset.description.shape == [5, 9])
      #expect(dataset.path == Dnpy1Golden.prefix(name))
      #expect(dataset.maps.map(\.rankCount) == [2, 2])
    }
    let names = [2, 0, 3, 1].map { Dnpy1Names.name(prefix: Dnpy1Golden.prefix("bb"), rank: $0) }
    #expect(try readWhole(Dnpy1Dataset(files: names)) == countingBytes([5, 9], .uint8))
    let details = try Dnpy1Dataset(Dnpy1Golden.prefix("bb")).description.details
    #expect(details.contains(.init("process_grid", .array([.int(2), .int(2)]))))
    #expect(details.contains(.init("distribution", .array([.string("b"), .string("b")]))))
    #expect(details.contains(.init("files", .int(4))))
  }

  @Test func aSingleFileOfAnotherNameIsASetOfOne() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "whole.dnpy").path
      try FileManager.default.copyItem(atPath: Dnpy1Golden.prefix("alias_0.dnpy"), toPath: path)
      #expect(try readWhole(Dnpy1Dataset(path)) == countingBytes([2, 3], .int32))
    }
  }

  @Test func contiguousPartsAreReadStraightIntoTheChunk() throws {
    func isDirect(_ name: String) throws -> Bool {
      guard case .direct = try Dnpy1Dataset(Dnpy1Golden.prefix(name)).storage(of: 0) else { return false }
      return true
    }
    #expect(try isDirect("b"))
    #expect(try isDirect("bn"))
    #expect(try isDirect("zerod"))
    #expect(try isDirect("padded"))
    #expect(try !isDirect("nc"))
    #expect(try !isDirect("fortran"))
    #expect(try !isDirect("bigendian"))
  }

  @Test func boundingRangesStayBounded() throws {
    // One column of a C-order file: its bounding range would be the whole file.
    let dataset = try Dnpy1Dataset(Dnpy1Golden.prefix("bn"), chunkShape: [2, 1])
    guard case .direct(let extents) = try dataset.storage(of: 3) else {
      Issue.record("one element of each file is a stretch of the chunk")
      return
    }
    #expect(extents.map(\.byteCount) == [4, 4])
    let padded = Dnpy1Transfer(
      Dnpy1Part(
        file: 0, runs: [[AxisRun(start: 0, count: 100, localStart: 0)], [AxisRun(start: 0, count: 2, localStart: 0)]]),
      localShape: [100, 100], isFortranOrder: false, elementByteCount: 8, amplification: 4)
    #expect(padded.extents.count == 100)
    #expect(padded.byteCount == 1600 && padded.neededByteCount == 1600)
    let wide = Dnpy1Transfer(
      Dnpy1Part(
        file: 0, runs: [[AxisRun(start: 0, count: 100, localStart: 0)], [AxisRun(start: 0, count: 50, localStart: 0)]]),
      localShape: [100, 100], isFortranOrder: false, elementByteCount: 8, amplification: 4)
    #expect(wide.extents.count == 1)
    #expect(wide.byteCount == 99 * 800 + 400)
  }

  /// What opening a set says, with the folder's name left out.
  private func refusal(
    _ body: () throws(StoreError) -> Dnpy1Dataset, _ location: SourceLocation = #_sourceLocation
  )
    -> String
  {
    storeError({ () throws(StoreError) in _ = try body() }, location)?.message ?? ""
  }

  @Test func knownDefectsAreExplained() {
    #expect(
      refusal { () throws(StoreError) in try Dnpy1Dataset(Dnpy1Golden.prefix("miscounted")) }
        .contains("its buffer is (5,), dim_data makes it (4,): DistArray counted the partial last block"))
    #expect(
      refusal { () throws(StoreError) in try Dnpy1Dataset(Dnpy1Golden.prefix("elided")) }.contains(
        "is abbreviated with '...'"))
    #expect(
      refusal { () throws(StoreError) in try Dnpy1Dataset(Dnpy1Golden.prefix("nowhere")) }.contains(
        "no such set of files"))
    #expect(refusal { () throws(StoreError) in try Dnpy1Dataset(files: []) }.contains("empty list"))
  }

  @Test func anotherVersionIsNamedAndRefused() throws {
    try withTemporaryFolder { folder in
      let prefix = try Dnpy1Golden.copy("b", to: folder)
      let url = URL(fileURLWithPath: Dnpy1Names.name(prefix: prefix, rank: 1))
      var data = try Data(contentsOf: url)
      data.replaceSubrange(6..<8, with: [3, 2])
      try data.write(to: url)
      #expect(
        refusal { () throws(StoreError) in try Dnpy1Dataset(prefix) }
          .contains(".dnpy version 3.2 in a set of files; only version 1.0 is such a set"))
    }
  }

  @Test func inconsistentSetsAreRefused() throws {
    func check(_ name: String, says: String, path: String? = nil, _ change: (String) throws -> Void) throws {
      try withTemporaryFolder { folder in
        let prefix = try Dnpy1Golden.copy(name, to: folder)
        try change(prefix)
        let error = storeError { () throws(StoreError) in _ = try Dnpy1Dataset(prefix) }
        #expect(error?.message.contains(says) == true, "\(name): \(error?.description ?? "accepted")")
        #expect(error?.code == .corrupt || error?.code == .truncated || error?.code == .unsupported)
        if let path { #expect(error?.path?.hasSuffix(path) == true, "\(error?.path ?? "no path")") }
      }
    }
    func file(_ prefix: String, _ rank: Int) -> String { Dnpy1Names.name(prefix: prefix, rank: rank) }
    func replace(_ prefix: String, _ rank: Int, _ old: String, _ new: String) throws {
      let url = URL(fileURLWithPath: file(prefix, rank))
      var data = try Data(contentsOf: url)
      let range = try #require(data.range(of: Data(old.utf8)))
      #expect(old.utf8.count == new.utf8.count)
      data.replaceSubrange(range, with: Data(new.utf8))
      try data.write(to: url)
    }
    func resize(_ prefix: String, _ rank: Int, by count: Int) throws {
      let url = URL(fileURLWithPath: file(prefix, rank))
      let data = try Data(contentsOf: url)
      try (data + Data(count: max(0, count))).prefix(data.count + count).write(to: url)
    }
    let files = FileManager.default
    for rank in 0..<4 {
      try check("bb", says: "rank \(rank) is missing") { try files.removeItem(atPath: file($0, rank)) }
    }
    try check("bb", says: "a write that was interrupted") { try files.removeItem(atPath: file($0, 0)) }
    try check("bb", says: "a file of rank 4 too") { try files.copyItem(atPath: file($0, 3), toPath: file($0, 4)) }
    try check("bb", says: "its name says rank 2, its dim_data the place (0, 1)", path: "bb_2.dnpy") {
      try files.removeItem(atPath: file($0, 2))
      try files.copyItem(atPath: file($0, 1), toPath: file($0, 2))
    }
    try check("bb", says: "its elements are int8, those of other files of the set uint8", path: "bb_1.dnpy") {
      try replace($0, 1, "'|u1'", "'|i1'")
    }
    try check("bigendian", says: "its byte order is '<c8'") { try replace($0, 1, "'>c8'", "'<c8'") }
    try check("bb", says: "its global shape is (6, 9)") { try replace($0, 3, "'size': 5", "'size': 6") }
    try check("bb", says: "dim_data[0] differs from that of") { try replace($0, 1, "'stop': 3", "'stop': 2") }
    try check("bb", says: "its process grid is (3, 2)") {
      try replace($0, 2, "'proc_grid_size': 2", "'proc_grid_size': 3")
    }
    try check("b", says: "the process grid (5,) means 5 files, but rank 4 is missing") {
      try replace($0, 0, "'proc_grid_size': 4", "'proc_grid_size': 5")
    }
    try check("b", says: "grid ranks 1 and 2 overlap: one ends at 4, the next begins at 3") {
      try replace($0, 2, "'start': 4", "'start': 3")
    }
    try check("b", says: "a hole: no grid rank owns 4..<5") { try replace($0, 2, "'start': 4", "'start': 5") }
    try check("b", says: "a hole: no grid rank owns 6..<7") { try replace($0, 3, "'stop': 7", "'stop': 6") }
    try check("b", says: "its buffer is (3,), dim_data makes it (2,)", path: "b_0.dnpy") {
      try replace($0, 0, "'shape': (2,)", "'shape': (3,)")
      try resize($0, 0, by: 8)
    }
    try check("b", says: "the header promises (3,) float64, 24 bytes, but only 16") {
      try replace($0, 0, "'shape': (2,)", "'shape': (3,)")
    }
    try check("b", says: "8 bytes follow the elements that the header promises") { try resize($0, 0, by: 8) }
    try check("b", says: "dim_data[0]: key 'stop' is 8, expected an integer not greater than 'size', 7") {
      try replace($0, 3, "'stop': 7", "'stop': 8")
    }
    try check("b", says: "axis 0 is distributed as 'c', in other files of the set as 'b'") {
      let path = file($0, 1)
      let header = try Dnpy1Header.encode(
        dimensions: [DimData(try .cyclic(size: 7, rankCount: 4), gridRank: 1)],
        npy: NpyHeader(shape: [2], dtype: .float64))
      try Data(header + Array(repeating: 0, count: 16)).write(to: URL(fileURLWithPath: path))
    }
    try check("blockcyclic", says: "'block_size'") { try replace($0, 3, "'block_size': 2", "'block_size': 3") }
    try check("u", says: "index 3 of rank 1 is listed a second time") { try replace($0, 1, "[1, 2,", "[3, 2,") }
    try check("u", says: "index -1 of rank 1 is outside the axis") { try replace($0, 1, " 2, 5,", "-1, 5,") }
    try check("padded", says: "communication padding between grid ranks 0 and 1") {
      try replace($0, 1, "'padding': (1, 2)", "'padding': (0, 2)")
      try replace($0, 1, "'start': 4", "'start': 5")
      try replace($0, 1, "'shape': (8,)", "'shape': (7,)")
      try resize($0, 1, by: -4)
    }
    try check("padded", says: "DistArray leaves out the 'padding'") {
      for rank in 0..<4 {
        let url = URL(fileURLWithPath: file($0, rank))
        var data = try Data(contentsOf: url)
        let begin = try #require(data.range(of: Data(", 'padding'".utf8))).lowerBound
        let end = try #require(data.range(of: Data("True".utf8))).upperBound
        data.replaceSubrange(begin..<end, with: Data(repeating: UInt8(ascii: " "), count: end - begin))
        try data.write(to: url)
      }
    }
    try check("padded", says: "disagree on 'periodic'") { try replace($0, 2, "'periodic': True", "'periodic':False") }
    try check("b", says: "version 1.10.0 of the Distributed Array Protocol") {
      try replace($0, 0, "'0.10.0'", "'1.10.0'")
    }
    try check("b", says: "expected a version such as") { try replace($0, 0, "'0.10.0'", "'0.10.a'") }
    try check("b", says: "expected exactly the keys") { try replace($0, 0, "'dim_data'", "'dim_date'") }
  }

  @Test func aListWithOnePlaceTwiceIsRefused() {
    let names = [0, 1, 1, 3].map { Dnpy1Names.name(prefix: Dnpy1Golden.prefix("bb"), rank: $0) }
    #expect(
      refusal { () throws(StoreError) in try Dnpy1Dataset(files: names) }.contains(
        "has the same place (0, 1) in the process grid as"))
    #expect(
      refusal { () throws(StoreError) in try Dnpy1Dataset(files: Array(names.prefix(2))) }.contains(
        "means 4 files, but 2 were given"))
  }

  @Test func oldRanksAreMoreThanNewOnes() throws {
    // A set of one file beside leftovers of a larger one.
    try withTemporaryFolder { folder in
      let prefix = try Dnpy1Golden.copy("alias", to: folder)
      try FileManager.default.copyItem(atPath: prefix + "_0.dnpy", toPath: prefix + "_1.dnpy")
      #expect(
        refusal { () throws(StoreError) in try Dnpy1Dataset(prefix) }.contains(
          "a file of rank 1 too; it belongs to another set"))
    }
  }

  @Test func truncationAtEveryByteIsNoticed() throws {
    try withTemporaryFolder { folder in
      let prefix = try Dnpy1Golden.copy("bb", to: folder)
      let name = Dnpy1Names.name(prefix: prefix, rank: 1)
      let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: name)))
      for count in 0..<whole.count {
        try Data(whole[..<count]).write(to: URL(fileURLWithPath: name))
        let error = storeError { () throws(StoreError) in _ = try Dnpy1Dataset(prefix) }
        #expect(
          error?.code == .truncated || error?.code == .corrupt, "\(count) bytes: \(error?.description ?? "accepted")")
        #expect(error?.path == name)
      }
    }
  }

  @Test func flippedHeaderBitsAreRefusedOrHarmless() throws {
    for (set, rank) in [("bb", 1), ("blockcyclic", 2), ("shuffled", 0), ("padded", 1)] {
      let golden = try #require(Dnpy1Golden.readable.first { $0.name == set })
      let expected = countingBytes(golden.shape, golden.dtype)
      try withTemporaryFolder { folder in
        let prefix = try Dnpy1Golden.copy(set, to: folder)
        let url = URL(fileURLWithPath: Dnpy1Names.name(prefix: prefix, rank: rank))
        let whole = try [UInt8](Data(contentsOf: url))
        let headerByteCount = try Dnpy1Header(decoding: whole).dataOffset
        // The blanks that fill up headers are all alike: one set's are enough.
        for bit in 0..<headerByteCount * 8 where set == "bb" || whole[bit / 8] != UInt8(ascii: " ") {
          var damaged = whole
          damaged[bit / 8] ^= 1 << (bit % 8)
          try Data(damaged).write(to: url)
          do throws(StoreError) {
            let dataset = try Dnpy1Dataset(prefix)
            #expect(
              (try? readWhole(dataset)) == expected, "\(set): bit \(bit % 8) of byte \(bit / 8), \(dataset.description)"
            )
          } catch {
            #expect([.corrupt, .truncated, .unsupported].contains(error.code), "\(error)")
          }
        }
      }
    }
  }

  @Test func aReplacedFileIsNoticed() throws {
    try withTemporaryFolder { folder in
      let prefix = try Dnpy1Golden.copy("b", to: folder)
      let dataset = try Dnpy1Dataset(prefix)
      let name = Dnpy1Names.name(prefix: prefix, rank: 2)
      let data = try Data(contentsOf: URL(fileURLWithPath: name))
      try FileManager.default.moveItem(atPath: name, toPath: name + ".old")
      try data.write(to: URL(fileURLWithPath: name))
      #expect(throws: StoreError.self) { try readWhole(dataset) }
    }
  }

  @Test func openFilesAreBounded() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "file").path
      try Data([1]).write(to: URL(fileURLWithPath: path))
      let handles = FileHandles { (_) throws(StoreError) in try PositionalFile(path) }
      let kept = try handles.file(0)
      for number in 1..<FileHandles.capacity { _ = try handles.file(number) }
      #expect(try handles.file(0) === kept)
      for number in 100..<100 + FileHandles.capacity - 1 { _ = try handles.file(number) }
      #expect(handles.openCount == FileHandles.capacity)
      #expect(try handles.file(0) === kept)
      _ = try handles.file(500)
      _ = try handles.file(501)
      #expect(handles.openCount == FileHandles.capacity)
      handles.closeAll()
      #expect(handles.openCount == 0)
      var byte = [UInt8(0)]
      try byte.withUnsafeMutableBytes { try kept.read(at: 0, into: $0) }
      #expect(byte == [1])
    }
  }

  @Test func namesOfMembers() {
    #expect(Dnpy1Names.split("a/b_3.dnpy")?.prefix == "a/b")
    #expect(Dnpy1Names.split("a/b_3.dnpy")?.rank == 3)
    for name in [
      "b.dnpy", "b_03.dnpy", "b_-1.dnpy", "b_.dnpy", "_1.dnpy", "a/_1.dnpy", "b_1.npy", "b_99999999999999999999.dnpy",
      "b_+1.dnpy",
    ] {
      #expect(Dnpy1Names.split(name) == nil, "\(name)")
    }
    #expect(
      Dnpy1Names.directory(of: "x") == "." && Dnpy1Names.directory(of: "/x") == "/"
        && Dnpy1Names.directory(of: "a/b/x") == "a/b")
  }
}
