// `stats --plot`: a picture that can be read back, the same on any number of ranks, and no half-written one.

import DATestSupport
import Foundation
import Testing

@testable import dastore_tool

@Suite struct PlotTests {
  @Test func aHistogramIsDrawn() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      let plain = try folder.run("stats", "--histogram", "6", "--quiet", "a.npy")
      let drawn = try folder.run("stats", "--histogram", "6", "--quiet", "--plot", "h.png", "a.npy")
      #expect(drawn.exitCode == 0, "\(drawn.stderr)")
      #expect(drawn.stdout == plain.stdout)
      try expectPicture(folder.file("h.png"))
      for ranks in 1...3 {
        #expect(
          try folder.run("stats", "--histogram", "6", "--plot", "n.png", "--force", "a.npy", ranks: ranks).exitCode == 0
        )
        #expect(
          try Data(contentsOf: URL(fileURLWithPath: folder.file("n.png")))
            == Data(contentsOf: URL(fileURLWithPath: folder.file("h.png"))))
      }
      #expect(try folder.run("stats", "--axis", "0,1", "--plot", "l.png", "a.npy").exitCode == 0)
      try expectPicture(folder.file("l.png"))
      #expect(try folder.names == ["a.npy", "h.png", "l.png", "n.png"])
    }
  }

  @Test func whatCannotBeDrawnIsRefused() throws {
    try withToolFolder { folder in
      try folder.makeCounting("a.npy")
      try Data("precious".utf8).write(to: URL(fileURLWithPath: folder.file("p.png")))
      let cases: [([String], Int32)] = [
        (["--plot", "x.png", "a.npy"], 2), (["--histogram", "3", "--plot", "x.jpg", "a.npy"], 2),
        (["--axis", "0", "--plot", "x.png", "a.npy"], 2), (["--axis", "0,1,2", "--plot", "x.png", "a.npy"], 2),
        (["--axis", "0", "--plot", "x.png", "a.npy[:, :0, 0]"], 2),
        (["--histogram", "3", "--plot", "p.png", "a.npy"], 4),
        (["--histogram", "3", "--plot", "no/x.png", "a.npy"], 3),
      ]
      for (arguments, status) in cases {
        let result = try folder.run(["stats"] + arguments, ranks: 2)
        #expect(result.exitCode == status, "\(arguments): \(result.stderr)")
        #expect(result.errors.count == 1, "\(arguments): \(result.stderr)")
        #expect(try folder.names == ["a.npy", "p.png"])
      }
      #expect(try String(contentsOfFile: folder.file("p.png"), encoding: .utf8) == "precious")
    }
  }

  /// The picture has PNG's frame and Chart's size, and is no blank sheet: that would compress to almost nothing.
  private func expectPicture(_ path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    #expect(Array(bytes[16..<24]) == [0, 0, 3, 0xC0, 0, 0, 2, 0x58])
    #expect(bytes.suffix(8) == [0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82])
    #expect(bytes.count > 6000, "\(bytes.count) bytes")
  }

  // MARK: Scales

  @Test func ticksAreRoundNumbers() throws {
    let plain = try #require(AxisScale(from: 0, to: 588_000, tickCount: 6, isRounded: true))
    #expect(plain.ticks.map(\.label) == ["0", "100", "200", "300", "400", "500", "600"])
    #expect(plain.unitText == " (×10^3)")
    #expect(plain.high == 600_000)
    let small = try #require(AxisScale(from: -0.25, to: 0.25, tickCount: 5, isRounded: false))
    #expect(small.ticks.map(\.label) == ["-0.2", "-0.1", "0.0", "0.1", "0.2"])
    #expect(small.place(0) == 0.5)
    let counts = try #require(AxisScale(from: 0, to: 2, tickCount: 6, isRounded: true, isWhole: true))
    #expect(counts.ticks.map(\.label) == ["0", "1", "2"])
    let shifted = try #require(AxisScale(from: 1e9 - 0.001, to: 1e9 + 0.001, tickCount: 4, isRounded: true))
    #expect(shifted.offset == 1e9)
    #expect(shifted.ticks.allSatisfy { $0.label.count < 8 }, "\(shifted.ticks)")
  }

  @Test(
    arguments: [
      (0.0, 0.0), (5, 5), (0x1p-1070, 0x1p-1069), (-1e299, 1e299), (1e15, 1e15 + 1), (3, 4), (-0.0, 1e-9),
      (1.7e18, 1.8e18), (2, -2),
    ] as [(Double, Double)]) func everyScaleHasTicksInOrder(_ ends: (Double, Double)) throws
  {
    for isRounded in [false, true] {
      for isWhole in [false, true] {
        let scale = try #require(
          AxisScale(from: ends.0, to: ends.1, tickCount: 6, isRounded: isRounded, isWhole: isWhole))
        #expect(scale.low < scale.high)
        #expect(scale.ticks.count <= 24)
        #expect(zip(scale.ticks, scale.ticks.dropFirst()).allSatisfy { $0.value < $1.value })
        if !isWhole { #expect(scale.ticks.count >= 2, "\(scale)") }
      }
    }
  }

  @Test func endlessScalesAreRefused() {
    for ends in [(0, Double.infinity), (-1e308, 1e308), (.nan, 1)] as [(Double, Double)] {
      #expect(AxisScale(from: ends.0, to: ends.1, tickCount: 6, isRounded: true) == nil)
    }
  }
}
