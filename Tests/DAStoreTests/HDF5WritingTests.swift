// HDF5 files written here hold for h5py what they hold for us.

import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct HDF5WritingTests {
  private static let chains = [
    [], ["byteshuffle"], ["deflate"], ["lz4"], ["fletcher32"], ["byteshuffle", "deflate", "fletcher32"],
    ["byteshuffle", "lz4", "fletcher32"],
  ]

  private func write(_ path: String, _ writer: HDF5Writer, _ bytes: (Int) -> [UInt8]) throws {
    for number in 0..<writer.description.grid.chunkCount {
      try bytes(number).withUnsafeBytes { try writer.write([ChunkToWrite(number: number, bytes: $0)]) }
    }
    try writer.commit()
  }

  private func h5py(_ script: String, _ arguments: String...) throws -> String {
    let result = try TestPython.run(text: "import sys, h5py, hdf5plugin, numpy as np\n" + script, arguments)
    #expect(result.exitCode == 0, "\(result.stderr)")
    return result.stdout
  }

  /// Elements 0, 1, 2, … modulo 97 (modulo 2 for Booleans), in every type and through every chain of filters.
  @Test func h5pyReadsTheSameElements() throws {
    try withTemporaryDirectory { folder in
      for (index, chain) in Self.chains.enumerated() {
        for dtype in DType.allCases {
          let path = "\(folder)/\(index)-\(dtype.rawValue).h5"
          let writer = try HDF5Writer(
            path: path, member: "/a/b/data", shape: [7, 5], dtype: dtype, chunkShape: [3, 2], codecs: chain,
            communicator: .serial, pool: BufferPool(budget: 1 << 20))
          let pattern = Pattern(seed: UInt64(index))
          try write(path, writer) { pattern.bytes(writer.description.grid.region(of: $0), of: [7, 5], dtype) }
          try Data(pattern.bytes([7, 5], dtype)).write(to: URL(fileURLWithPath: path + ".bytes"))
        }
      }
      let answer = try h5py(
        """
        import pathlib
        count = 0
        for path in sorted(pathlib.Path(sys.argv[1]).glob("*.h5")):
            want = path.with_name(path.name + ".bytes").read_bytes()
            data = h5py.File(path)["a/b/data"]
            code = path.stem.split("-")[1]
            assert data.dtype == np.dtype("?" if code == "b1" else "<" + code), (path, data.dtype)
            assert data.shape == (7, 5) and data.chunks == (3, 2), path
            assert data[()].tobytes() == want, path
            count += 1
        print(count)
        """, folder)
      #expect(answer == "\(Self.chains.count * DType.allCases.count)\n")
    }
  }

  /// More chunks than two levels of the index hold, some of them never written.
  @Test func h5pyReadsADeepIndex() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/deep.h5"
      let writer = try HDF5Writer(
        path: path, shape: [4300], dtype: .int16, chunkShape: [1], fillValue: ElementValue(Int16(-5)),
        communicator: .serial, pool: BufferPool(budget: 1 << 20))
      let element: [UInt8] = [3, 1]
      try element.withUnsafeBytes { bytes in
        try writer.write((0..<4300).filter { $0 != 17 }.map { ChunkToWrite(number: $0, bytes: bytes) })
      }
      try writer.commit()
      let answer = try h5py(
        "d = h5py.File(sys.argv[1])['buffer']; print((d[()] == 259).sum(), d[17], d.id.get_num_chunks())", path)
      #expect(answer == "4299 -5 4299\n")
    }
  }

  @Test func attributesAndDimensionsComeBack() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/a.h5"
      let attributes: [String: JSONValue] = [
        "whole": .int(-3), "real": .double(0.25), "flag": .bool(true), "text": .string("Grad °C"),
        "empty": .string(""),
        "numbers": .array([.array([.int(1), .int(2)]), .array([.int(3), .int(4)])]),
        "mixed": .array([.int(1), .double(2.5)]),
        "texts": .array([.string("a"), .string("")]), "nothing": .null, "record": .object(["a": .int(1)]),
      ]
      let writer = try HDF5Writer(
        path: path, shape: [2, 3], dtype: .uint8, chunkShape: [2, 3], attributes: attributes,
        dimensionNames: ["time", nil], communicator: .serial, pool: BufferPool(budget: 1 << 20))
      try write(path, writer) { _ in [1, 2, 3, 4, 5, 6] }
      var expected = attributes
      expected["record"] = .string("{\"a\":1}")
      expected["mixed"] = .array([.double(1), .double(2.5)])
      let facts = try HDF5Dataset(path: path).description
      #expect(facts.attributes == expected)
      #expect(facts.dimensionNames == ["time", nil])
      let answer = try h5py(
        """
        d = h5py.File(sys.argv[1])["buffer"]
        a = dict(d.attrs)
        assert a["whole"] == -3 and a["real"] == 0.25 and a["flag"] == True and a["flag"].dtype == bool
        assert a["text"] == "Grad °C" and a["empty"] == "" and a["record"] == '{"a":1}'
        assert a["numbers"].tolist() == [[1, 2], [3, 4]] and a["mixed"].tolist() == [1, 2.5]
        assert list(a["texts"]) == ["a", ""] and isinstance(a["nothing"], h5py.Empty)
        print([x.label for x in d.dims])
        """, path)
      #expect(answer == "['time', '']\n")
    }
  }

  @Test func aFileWithOtherDatasetsIsNotReplaced() throws {
    try withTemporaryDirectory { folder in
      let path = folder + "/a.h5"
      func writer(_ member: String, overwrite: Bool) throws -> HDF5Writer {
        try HDF5Writer(
          path: path, member: member, shape: [], dtype: .int8, chunkShape: [], overwrite: overwrite,
          communicator: .serial, pool: BufferPool(budget: 1 << 20))
      }
      try write(path, try writer("one", overwrite: false)) { _ in [1] }
      #expect(throws: StoreError.self) { try writer("one", overwrite: false) }
      let error = #expect(throws: StoreError.self) { try writer("two", overwrite: true) }
      #expect(error?.message.contains("holds '/one', which would be lost") == true)
      try write(path, try writer("one", overwrite: true)) { _ in [2] }
      #expect(try HDF5Dataset(path: path).loadedBytes(ofChunk: 0) == [2])
      // What cannot be read here may hold what others can read.
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
      let refusal = #expect(throws: StoreError.self) { try writer("one", overwrite: true) }
      #expect(refusal?.code == .alreadyExists && refusal?.message.contains("may hold other datasets") == true)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole.prefix(whole.count / 2))
    }
  }
}
