// Writing `.npy`: the same bytes as NumPy, whole files or none, and a live look by NumPy itself.

import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct NpyWriterTests {
  /// Hands chunks of an array whose elements are given in C order to a writer, `perRound` at a time, last chunk first.
  private func put(
    _ elements: [UInt8], into writer: NpyWriter, only: (Int) -> Bool = { _ in true }, perRound: Int = 3
  ) throws {
    let description = writer.description
    let size = description.dtype.byteCount
    let strides = rowMajorStrides(description.shape, elementByteCount: size)
    var rest = (0..<description.grid.chunkCount).reversed().filter(only)
    while !rest.isEmpty {
      let numbers = rest.prefix(perRound)
      rest.removeFirst(numbers.count)
      let memories = numbers.map {
        UnsafeMutableRawBufferPointer.allocate(byteCount: description.byteCount(ofChunk: $0), alignment: 16)
      }
      defer { for memory in memories { memory.deallocate() } }
      for (number, memory) in zip(numbers, memories) {
        let region = description.grid.region(of: number)
        let start = zip(region.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }
        elements.withUnsafeBytes { from in
          guard let from = from.baseAddress, let to = memory.baseAddress else { return }
          copyBox(
            shape: region.shape, elementByteCount: size, from: from + start, sourceStrides: strides, to: to,
            destinationStrides: rowMajorStrides(region.shape, elementByteCount: size))
        }
      }
      try writer.write(zip(numbers, memories).map { ChunkToWrite(number: $0, bytes: UnsafeRawBufferPointer($1)) })
    }
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test(arguments: [1, 16, 40, 1 << 20])
  func writesTheBytesThatNumPyWrites(chunkByteCount: Int) throws {
    try withTemporaryFolder { folder in
      for expected in NpyGolden.all.arrays where !expected.bigEndian && expected.version == 1 {
        if ["trailing_bytes.npy", "python_2.npy"].contains(expected.file) { continue }
        let path = folder.appending(path: expected.file).path
        let writer = try NpyWriter(
          path: path, shape: expected.shape, dtype: #require(DType(rawValue: expected.dtype)),
          isFortranOrder: expected.fortran,
          chunkByteCount: chunkByteCount, communicator: .serial)
        #expect(try names(in: folder).contains { $0.hasPrefix("." + expected.file) && $0.hasSuffix(".partial") })
        try put(bytes(hex: expected.hex), into: writer)
        #expect(!FileManager.default.fileExists(atPath: path))
        try writer.commit()
        #expect(
          try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == NpyGolden.bytes(expected.file),
          "\(expected.file)")
        #expect(try readAll(NpyDataset(path: path)) == bytes(hex: expected.hex))
      }
      #expect(try !names(in: folder).contains { $0.hasSuffix(".partial") })
    }
  }

  @Test func numPyReadsWhatWeWrote() throws {
    try withTemporaryFolder { folder in
      var lines: [String] = []
      for dtype in DType.allCases {
        for (shape, order) in [([2, 3, 4], "C"), ([2, 3, 4], "F"), ([], "C"), ([3, 0], "C")] {
          let count = Region(shape: shape).elementCount * dtype.byteCount
          // Bools must be 0 or 1, and exponents of all ones would be NaN: small bytes are neither.
          let elements = (0..<count).map { UInt8(dtype == .bool ? $0 % 2 : $0 % 100) }
          let path = folder.appending(path: "\(dtype.rawValue)_\(shape.count)_\(order).npy").path
          let writer = try NpyWriter(
            path: path, shape: shape, dtype: dtype, isFortranOrder: order == "F", chunkByteCount: 32,
            communicator: .serial)
          try put(elements, into: writer)
          try writer.commit()
          let hex = elements.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
          lines.append(
            "\(path)\t\(dtype.numpyString)\t\(shape.map(String.init).joined(separator: ","))\t\(order)\t\(hex)")
        }
      }
      let table = folder.appending(path: "table").path
      try lines.joined(separator: "\n").write(toFile: table, atomically: true, encoding: .utf8)
      let script = """
        import sys, numpy as np
        for line in open(sys.argv[1]):
            path, dtype, shape, order, data = line.rstrip("\\n").split("\\t")
            a = np.load(path, allow_pickle=False)
            assert a.dtype.str == dtype, (path, a.dtype)
            assert a.shape == tuple(int(n) for n in shape.split(",") if n), (path, a.shape)
            assert order == "C" or a.flags.f_contiguous, path
            assert np.ascontiguousarray(a).tobytes().hex() == data, path
        print("equal")
        """
      let result = try TestPython.run(text: script, [table])
      #expect(result.exitCode == 0, "\(result.stderr)")
      #expect(result.stdout == "equal\n")
    }
  }

  @Test func chunksNeverWrittenHoldTheFillValue() throws {
    try withTemporaryFolder { folder in
      for (fill, isFortranOrder) in [(Int16(0), false), (7, false), (7, true), (-2, true)] {
        let path = folder.appending(path: "fill\(fill)\(isFortranOrder).npy").path
        let writer = try NpyWriter(
          path: path, shape: [3, 5], dtype: .int16, isFortranOrder: isFortranOrder, fillValue: ElementValue(fill),
          chunkByteCount: 4,
          communicator: .serial)
        let ones = Array(repeating: UInt8(1), count: 30)
        try put(ones, into: writer, only: { $0 % 3 == 0 })
        try writer.commit()
        let grid = writer.description.grid
        let dataset = try NpyDataset(path: path, chunkByteCount: 4)
        #expect(dataset.description.grid == grid)
        for number in 0..<grid.chunkCount {
          let expected = number % 3 == 0 ? [1, 1] : ElementValue(fill).bytes
          let chunk = try readChunk(dataset, number)
          #expect(chunk == Array(repeating: expected, count: chunk.count / 2).flatMap { $0 })
        }
      }
    }
  }

  @Test func existingFilesAreKeptUntilTheCommit() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.npy").path
      try "old".write(toFile: path, atomically: true, encoding: .utf8)
      let refused = storeError { () throws(StoreError) in
        _ = try NpyWriter(path: path, shape: [2], dtype: .int8, communicator: .serial)
      }
      #expect(refused?.code == .alreadyExists)
      #expect(try names(in: folder) == ["a.npy"])

      let abandoned = try NpyWriter(path: path, shape: [2], dtype: .int8, isOverwriting: true, communicator: .serial)
      try put([1, 2], into: abandoned)
      #expect(try names(in: folder).count == 2)
      abandoned.abandon()
      abandoned.abandon()
      #expect(try names(in: folder) == ["a.npy"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
      #expect(storeError { () throws(StoreError) in try abandoned.write([]) }?.code == .invalidArgument)
      #expect(storeError { () throws(StoreError) in try abandoned.commit() }?.code == .internalFault)

      let writer = try NpyWriter(path: path, shape: [2], dtype: .int8, isOverwriting: true, communicator: .serial)
      try put([1, 2], into: writer)
      try writer.commit()
      writer.abandon()
      #expect(try readAll(NpyDataset(path: path)) == [1, 2])
      #expect(try names(in: folder) == ["a.npy"])
    }
  }

  @Test func aFileThatAppearsMeanwhileIsKept() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "a.npy").path
      let writer = try NpyWriter(path: path, shape: [2], dtype: .int8, communicator: .serial)
      try put([1, 2], into: writer)
      try "other".write(toFile: path, atomically: false, encoding: .utf8)
      #expect(storeError { () throws(StoreError) in try writer.commit() }?.code == .alreadyExists)
      writer.abandon()
      #expect(try names(in: folder) == ["a.npy"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "other")
    }
  }

  @Test func badTargetsAreRefused() throws {
    try withTemporaryFolder { folder in
      func begin(_ path: String, _ shape: [Int] = [2], _ fill: ElementValue? = nil) -> StoreError.Code? {
        storeError { () throws(StoreError) in
          _ = try NpyWriter(
            path: path, shape: shape, dtype: .int8, fillValue: fill, isOverwriting: true, communicator: .serial)
        }?.code
      }
      #expect(begin(folder.path) == .invalidArgument)
      #expect(begin("/dev/null") == .invalidArgument)
      #expect(begin(folder.appending(path: "none/a.npy").path) == .notFound)
      #expect(begin(folder.appending(path: "a.npy").path, [-1]) == .invalidArgument)
      #expect(begin(folder.appending(path: "a.npy").path, [2], ElementValue(1.5)) == .invalidArgument)
      // No disk has room for this; nothing stays.
      #expect(begin(folder.appending(path: "a.npy").path, [1 << 61]) == .io)
      let left = try names(in: folder)
      #expect(left.isEmpty)
    }
  }

  @Test func aWriterThatIsDroppedLeavesNothing() throws {
    try withTemporaryFolder { folder in
      do {
        _ = try NpyWriter(path: folder.appending(path: "a.npy").path, shape: [2], dtype: .int8, communicator: .serial)
      }
      let left = try names(in: folder)
      #expect(left.isEmpty)
    }
  }

  @Test func wrongChunksAreRefused() throws {
    try withTemporaryFolder { folder in
      let writer = try NpyWriter(
        path: folder.appending(path: "a.npy").path, shape: [2], dtype: .int8, communicator: .serial)
      defer { writer.abandon() }
      let bytes: [UInt8] = [1, 2, 3]
      for (number, count) in [(0, 3), (1, 2), (-1, 2)] {
        let error = bytes.withUnsafeBytes { buffer in
          storeError { () throws(StoreError) in
            try writer.write([ChunkToWrite(number: number, bytes: UnsafeRawBufferPointer(rebasing: buffer[..<count]))])
          }
        }
        #expect(error?.code == .invalidArgument)
      }
    }
  }

  @Test func scratchIsWhatOneRoundNeeds() throws {
    try withTemporaryFolder { folder in
      let rows = try NpyWriter(
        path: folder.appending(path: "c.npy").path, shape: [100, 100], dtype: .int8, communicator: .serial)
      #expect(rows.roundScratchByteCount(forChunksOf: 1000) == 1000)
      // A long run is copied, and the one before may still be on its way to the disk.
      #expect(rows.roundScratchByteCount(forChunksOf: 8 << 20) == 2 * ((8 << 20) + 8192))
      rows.abandon()
    }
  }
}
