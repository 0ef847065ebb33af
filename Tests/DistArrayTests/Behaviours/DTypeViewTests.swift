// Bytes of an array read as elements of another type: as NumPy's `view`, and as DistArray's tests have it.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct DTypeViewTests {
  let context: Context

  init() throws {
    context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20))
  }

  /// Formulas, and what NumPy must be asked where its views need elements that lie together.
  private static let formulas: [(String, numPy: String)] =
    [
      "f.view('i4')", "f.view(dtype='f4') + 1", "f.view()", "i.view('i2')", "i.view('u1')", "i.view('i8')",
      "d.view('c16')[:, :1].view('u2')", "g.view('i2')", "f.view('u1').view('f4')", "(f + 1).view('i4') & 255",
      "c.view('f8')", "c.view('f8').view('c16')", "c.view('c8')", "d.view('c16')", "d.view('u1')[:, ::-3]",
      "d.view('u1').view('i2').view('u8')", "sum(i.view('u2'), axis=0)", "mean(i.view('i8') % 97, axis=0)",
      "i.view('i2') * i.view('u4')[0, 0]", "e.view('i8')", "e.view('u1')", "o.view('i8')", "o.view('u1')",
      "z.view('i8')",
      "b.view('u1')", "b.view('u4')", "zeros((4, 6), dtype='i4').view('i8')",
      "full((4, 6), 258, dtype='i2').view('u1')",
      "full((4, 8), 258, dtype='i2').view('u8')[:, ::-1]", "full((4, 6), 257, dtype='i2').view('u1') * 2",
      "concatenate((i, i + 1), axis=1).view('i8')", "i[1:].view('i8')", "h.view('f4') > 0", "i.view('i2')[1, 3]",
    ].map { ($0, $0) } + [
      ("i.T.view('u1')", "ascontiguousarray(i.T).view('u1')"),
      ("i[:, ::2].view('i2')", "ascontiguousarray(i[:, ::2]).view('i2')"),
      ("d[::-1, ::-1].view('c16')", "ascontiguousarray(d[::-1, ::-1]).view('c16')"),
      ("i.sum(axis=0).view('u1')", "i.sum(axis=0).view('u1')"),
      ("broadcast_to(i[:1], (3, 10)).view('i8')", "ascontiguousarray(broadcast_to(i[:1], (3, 10))).view('i8')"),
    ]

  private static let script = """
    import sys
    from numpy import *
    n = arange(400)
    f = (n[:20] * 0.37 - 3).astype('f4').reshape(4, 5)
    i = (n[:40] * 123456789 % 2147483629).astype('i4').reshape(4, 10)
    g = (n[:60] * 7654321 % 2147483629).astype('i4').reshape(3, 4, 5)
    h = (n[:48] * 37 - 700).astype('i2').reshape(6, 8)
    d = (n[:24] * 1.7 - 11).reshape(6, 4)
    c = (n[:12] * 0.7 - 4 + 1j * n[:12]).reshape(3, 4)
    b = (n[:24] % 3 == 0).reshape(3, 8)
    e = zeros((0, 4), 'i4')
    o = zeros((3, 0), 'i4')
    z = array(1.5)
    for line in sys.argv[1:]:
        r = asarray(eval(line))
        print(r.dtype.name, *r.shape, ':', r.tobytes().hex())
    """

  /// The script's arrays, in chunks of at most these extents.
  private func arrays(_ chunks: [Int]) throws -> [String: DistArray] {
    func array<E: Element>(_ shape: [Int], _ element: (Int) -> E) throws -> DistArray {
      let extents = zip(shape, chunks.suffix(shape.count)).map { max(1, min($0, $1)) }
      return context.array(
        try MemoryDataset((0..<shape.reduce(1, *)).map(element), shape: shape, chunkShape: extents))
    }
    return [
      "f": try array([4, 5]) { Float(Double($0) * 0.37 - 3) },
      "i": try array([4, 10]) { Int32($0 * 123_456_789 % 2_147_483_629) },
      "g": try array([3, 4, 5]) { Int32($0 * 7_654_321 % 2_147_483_629) },
      "h": try array([6, 8]) { Int16($0 * 37 - 700) }, "d": try array([6, 4]) { Double($0) * 1.7 - 11 },
      "c": try array([3, 4]) { StoredComplex(Double($0) * 0.7 - 4, Double($0)) },
      "b": try array([3, 8]) { StoredBool($0 % 3 == 0) }, "e": try array([0, 4]) { Int32($0) },
      "o": try array([3, 0]) { Int32($0) }, "z": try array([]) { _ in 1.5 },
    ]
  }

  @Test func viewsAreNumPys() throws {
    let output = try TestPython.run(text: Self.script, Self.formulas.map(\.numPy))
    #expect(output.exitCode == 0, "\(output.stderr)")
    let lines = output.stdout.split(separator: "\n")
    try #require(lines.count == Self.formulas.count)
    for chunks in [[9, 9, 99], [2, 3, 3], [1, 1, 1], [2, 2, 8]] {
      let arrays = try arrays(chunks)
      for ((formula, _), line) in zip(Self.formulas, lines) {
        do {
          let found = try context.evaluate(FormulaEvaluation.array(formula, arrays, in: context))
          let facts = ([found.dtype.name] + found.shape.map(String.init) + [":"]).joined(separator: " ")
          let hex = found.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
          #expect(facts + " " + hex == line, "\(formula) in chunks \(chunks)")
        } catch {
          Issue.record("\(formula) in chunks \(chunks): \(error)")
        }
      }
    }
  }

  @Test(arguments: ["npy", "dnpy"]) func storedArraysAreViewedByteForByte(_ ending: String) throws {
    try withTemporaryDirectory { folder in
      let values = (0..<600).map { Int32($0 * 7_654_321 % 2_147_483_629) }
      let path = "\(folder)/x.\(ending)"
      try context.array(MemoryDataset(values, shape: [20, 30])).write(to: path, chunks: ending == "npy" ? nil : [3, 7])
      let expected = values.withUnsafeBytes { Array($0) }
      for dtype in [DType.uint8, .int16, .float32, .int64] {
        let view = try context.open(path).viewed(as: dtype)
        #expect(view.shape == [20, 120 / dtype.byteCount])
        #expect(try context.evaluate(view).bytes == expected, "\(dtype.name)")
        try view.write(to: "\(folder)/y.dnpy", chunks: [4, 5], overwrite: true)
        #expect(try context.evaluate(context.open("\(folder)/y.dnpy").viewed(as: .int32)).bytes == expected)
      }
    }
  }

  @Test func elementsMustBeWhole() throws {
    func refused(_ array: DistArray) -> String { refusal { try array.check() } }
    let five = context.zeros([4, 5], dtype: .int32)
    #expect(refused(five.viewed(as: .int64)).contains("5 elements of int32 along the last axis are 20 bytes"))
    #expect(refused(context.zeros([30], dtype: .int16).viewed(as: .complex128)).contains("60 bytes"))
    #expect(refused(context.zeros([]).viewed(as: .int32)).contains("without axes"))
    #expect(context.zeros([4, 3, 1 << 40]).viewed(as: .int8).shape == [4, 3, 1 << 43])
    for formula in [
      "x.view('i8')", "x.view('S7')", "x.view('>i2')", "view(x, 'i4')", "x.view('i4', 'i2')", "x.view(3)",
    ] {
      #expect(throws: FormulaError.self, "\(formula)") {
        try FormulaEvaluation.array(formula, ["x": five], in: context)
      }
    }
  }

  @Test func theFirstViewCountsAndNothingIsConverted() throws {
    let array = context.arange(8)
    let back = try array.viewed(as: .int16).viewed(as: .int64).result.get()
    let own = try array.result.get()
    #expect(back === own)
    var view = array.viewed(as: .int32)
    view[0] = 7
    #expect(try context.evaluate(view.viewed(as: .int64)).values(as: Int64.self) == [7, 1, 2, 3, 4, 5, 6, 7])
    #expect(try context.evaluate(array).values(as: Int64.self) == Array(0..<8))
  }

  @Test func failuresOfTheSourceAreTheViews() throws {
    let wrong = 3 ** (context.arange(8) - 4)
    #expect(throws: StoreError.self) { _ = try context.evaluate(wrong.viewed(as: .int16)) }
  }
}
