// Names of datasets and targets: every form, and what is said about the others.

import DAStore
import DATestSupport
import Testing

@Suite struct NameTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch { return (error as? StoreError)?.message ?? "\(error)" }
  }

  @Test func `the forms of a name`() throws {
    let plain = try DatasetName(parsing: "dir.x/file.npy")
    #expect(plain.path == "dir.x/file.npy" && plain.member == nil && plain.generation == nil && plain.selection == nil)
    let generation = try DatasetName(parsing: "a@b/file.dnpy@7[1, ..., ::2]")
    #expect(generation.path == "a@b/file.dnpy" && generation.generation == 7)
    #expect(generation.selection?.items == [.index(1), .ellipsis, .slice(start: nil, stop: nil, step: 2)])
    let member = try DatasetName(parsing: "x.npz:land/mask[0]")
    #expect(member.path == "x.npz" && member.member == "land/mask" && member.selection?.items == [.index(0)])
    #expect(try DatasetName(parsing: "x.npz:odd]name[1]").member == "odd]name")
    #expect(try DatasetName(parsing: "x.npz").member == nil)
    #expect(try DatasetName(parsing: "run/out_0.dnpy").versionOnePrefix == "run/out")
    #expect(try DatasetName(parsing: "run/_0.dnpy").versionOnePrefix == nil)
    #expect(try DatasetName(parsing: "run/out_1.dnpy").versionOnePrefix == nil)
    #expect(try DatasetName(parsing: "odd[1].npy").path == "odd[1].npy")
    #expect(try DatasetName(parsing: "odd[1][...]").path == "odd[1]")
    #expect(try DatasetName(parsing: "user@7").path == "user@7")
  }

  @Test func `names that cannot be meant`() {
    #expect(message { _ = try DatasetName(parsing: "") }.contains("does not name a file"))
    #expect(message { _ = try DatasetName(parsing: "[1]") }.contains("does not name a file"))
    #expect(message { _ = try DatasetName(parsing: "dir/") }.contains("does not name a file"))
    #expect(message { _ = try DatasetName(parsing: "a\0b.npy") }.contains("zero byte"))
    #expect(message { _ = try DatasetName(parsing: "a.npy]") }.contains("no '['"))
    #expect(message { _ = try DatasetName(parsing: "a.dnpy@") }.contains("must be a number"))
    #expect(message { _ = try DatasetName(parsing: "a.dnpy@x") }.contains("found 'x'"))
    #expect(message { _ = try DatasetName(parsing: "a.dnpy@-1") }.contains("must be a number"))
    #expect(message { _ = try DatasetName(parsing: "a.dnpy@99999999999999999999") }.contains("must be a number"))
    #expect(message { _ = try DatasetName(parsing: "a.npz:") }.contains("ends after '.npz:'"))
    #expect(message { _ = try DatasetName(parsing: "a.npy:x") }.contains("only .npz and HDF5 files have members"))
    #expect(message { _ = try DatasetName(parsing: "a.h5:") }.contains("ends after a colon"))
  }

  @Test func `paths in HDF5 and NetCDF files`() throws {
    let cases = [
      ("a.h5", "a.h5", nil), ("d.x/a.h5:/g/d", "d.x/a.h5", "/g/d"), ("a.HDF5:x", "a.HDF5", "x"),
      ("b.nc:/x[1]", "b.nc", "/x"), ("c.nc4[0]", "c.nc4", nil), ("a.h5:/g:h", "a.h5", "/g:h"),
    ]
    for (text, path, member) in cases {
      let name = try DatasetName(parsing: text)
      #expect(name.path == path && name.member == member, "\(text)")
    }
  }

  @Test(arguments: [
    ("[0:10, x]", "expected an integer, a slice start:stop:step or '...', found 'x', at character 8, here: [0:10, ^x]"),
    ("[]", "an empty selection"),
    ("[1 2]", "expected ',' or ']', found '2', at character 4, here: [1 ^2]"),
    ("[1,,2]", "expected an index or slice, found ','"),
    ("[::0]", "step of 0"),
    ("[..., ...]", "only one ellipsis"),
    ("[None]", "a new axis cannot be selected"),
    ("[0, newaxis]", "a new axis cannot be selected"),
    ("[99999999999999999999]", "not a 64-bit integer"),
    ("[1:2:3:4]", "expected ',' or ']'"),
    ("[-]", "'-' is not a 64-bit integer"),
    ("[1.5]", "expected ',' or ']'"),
    ("[,]", "expected an integer"),
  ])
  func `mistakes in selections are placed`(text: String, expected: String) {
    let found = message { _ = try DatasetName(parsing: "a.npy" + text) }
    #expect(found.contains(expected), "\(found)")
  }

  @Test func `any text parses or throws`() {
    var generator = SeededRandom(seed: 7)
    let alphabet = Array("[]:,.-0129 @aN\u{301}é")
    for _ in 0..<3000 {
      let text = String(
        (0..<Int.random(in: 0..<14, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? "a" })
      _ = message { _ = try DatasetName(parsing: text).selection?.resolve(shape: [3, 0, 5]) }
      _ = message { _ = try TargetName(parsing: text) }
    }
  }

  @Test func `targets by their ending`() throws {
    #expect(try TargetName(parsing: "d/a.npy").format == .npy)
    #expect(try TargetName(parsing: "a.dnpy").format == .dnpy2)
    #expect(try TargetName(parsing: "a_1.dnpy").format == .dnpy2)
    #expect(try TargetName(parsing: "x/a_0.dnpy") == TargetName(parsing: "x/a"))
    #expect(try TargetName(parsing: "x/a").format == .dnpy1)
    #expect(message { _ = try TargetName(parsing: "a.npz") }.contains("read, not written"))
    #expect(message { _ = try TargetName(parsing: "a.dnpy@3") }.contains("generation"))
    #expect(message { _ = try TargetName(parsing: "a.npy[1]") }.contains("selection"))
    #expect(message { _ = try TargetName(parsing: "a.txt") }.contains("'.txt' names no format"))
    #expect(try TargetName(parsing: "a.h5").format == .hdf5 && TargetName(parsing: "a.h5").member == "buffer")
    #expect(try TargetName(parsing: "d/a.h5:/x/y").path == "d/a.h5" && TargetName(parsing: "a.h5:/x/y").member == "/x/y")
    #expect(message { _ = try TargetName(parsing: "a.h5:") }.contains("ends after a colon"))
    #expect(message { _ = try TargetName(parsing: "a.nc") }.contains("NetCDF files are read"))
    #expect(message { _ = try TargetName(parsing: "d/.npy") }.contains("only an ending"))
  }

  @Test func `slices take what Python's slices take`() throws {
    let bounds: [Int?] = [nil, Int.min, -9, -6, -5, -4, -1, 0, 1, 4, 5, 6, 9, Int.max]
    for size in 0...5 {
      for start in bounds {
        for stop in bounds {
          for step in [Int.min, -7, -2, -1, 1, 2, 3, 7, Int.max] {
            let selection = try Selection([.slice(start: start, stop: stop, step: step)])
            let axis = try selection.resolve(shape: [size]).axes[0]
            let found = (0..<axis.count).map { axis.start + axis.step * $0 }
            #expect(found == python(start, stop, step, size), "\(selection) of \(size)")
          }
        }
      }
    }
  }

  /// Positions by walking, with steps cut to the axis.
  private func python(_ start: Int?, _ stop: Int?, _ step: Int, _ size: Int) -> [Int] {
    func position(_ bound: Int) -> Int { bound >= 0 ? min(bound, 100) : max(bound, -100) + size }
    let step = max(-100, min(100, step))
    var result: [Int] = []
    if step > 0 {
      var index = max(0, start.map(position) ?? 0)
      let end = min(size, stop.map(position) ?? size)
      while index < end {
        result.append(index)
        index += step
      }
    } else {
      var index = min(size - 1, start.map(position) ?? size - 1)
      let end = max(-1, stop.map(position) ?? -1)
      while index > end {
        result.append(index)
        index += step
      }
    }
    return result
  }

  @Test func `indices out of bounds name index, axis and size`() throws {
    let name = try DatasetName(parsing: "a.npy[..., -6]")
    let selection = try #require(name.selection)
    #expect(
      message { _ = try selection.resolve(shape: [2, 5]) }.contains("index -6 is out of bounds for axis 1 with size 5"))
    #expect(message { _ = try Selection([.index(Int.min)]).resolve(shape: [2]) }.contains("out of bounds"))
    #expect(message { _ = try Selection([.index(0), .index(0)]).resolve(shape: [2]) }.contains("2 indices"))
  }
}
