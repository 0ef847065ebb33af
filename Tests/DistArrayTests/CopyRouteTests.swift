// Which copies go through a scratch file, and what they cost: a pure choice.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct CopyRouteTests {
  private func route(
    _ shape: [Int], _ source: [Int], _ target: [Int], budget: Int, ranks: Int = 2, types: (DType, DType) = (.float32, .float32),
    mayUseScratch: Bool = true
  ) throws -> CopyRoute {
    let source = try ChunkGrid(shape: shape, chunkShape: source)
    let size = types.0.byteCount
    return try CopyRoute(
      CopyRoute.Ends(
        source: source, cost: SourceCost(elementByteCount: size, chunkByteCount: source.largestChunkElementCount * size),
        sourceType: types.0, target: try ChunkGrid(shape: shape, chunkShape: target), targetType: types.1,
        roundScratch: { $0 + 1000 }, rankCount: ranks, budget: MemoryBudget(byteCount: budget)),
      mayUseScratch: mayUseScratch)
  }

  @Test func `rows become columns in two passes that read everything once`() throws {
    let crossing = try route([8192, 16384], [16, 16384], [8192, 32], budget: 64 << 20)
    #expect(crossing.passes.count == 2 && crossing.scratchByteCount == 512 << 20)
    #expect(crossing.passes.allSatisfy { $0.readAmplification == 1 })
    #expect(crossing.peakByteCount <= 64 << 20)
    let alone = try route([8192, 16384], [16, 16384], [8192, 32], budget: 64 << 20, mayUseScratch: false)
    #expect(alone.passes.count == 1 && alone.passes[0].readAmplification > 8 && alone.scratchByteCount == 0)
  }

  @Test func `odd extents are read little more than once`() throws {
    for (shape, source, target) in [
      ([1000, 3000], [7, 3000], [1000, 11]), ([300, 50, 400], [1, 50, 400], [300, 3, 2]),
      ([300, 50, 400], [300, 3, 2], [1, 50, 400]), ([100_000, 30], [100, 30], [100_000, 1]),
    ] {
      let route = try route(shape, source, target, budget: 5 << 19)
      #expect(route.passes.count == 2, "\(shape)")
      #expect(route.passes.allSatisfy { $0.readAmplification < 1.3 }, "\(shape): \(route.passes.map(\.readAmplification))")
    }
  }

  @Test func `what fits, or crosses little, goes straight`() throws {
    #expect(try route([8192, 16384], [16, 16384], [8192, 32], budget: 2 << 30).passes.count == 1)
    #expect(try route([8192, 16384], [16, 16384], [512, 512], budget: 64 << 20).passes.count == 1)
    #expect(try route([64, 64], [8, 64], [8, 64], budget: 1 << 20).passes.count == 1)
    #expect(try route([], [], [], budget: 1 << 20).passes.count == 1)
    #expect(try route([0, 9], [3, 9], [3, 1], budget: 1 << 20).passes.count == 1)
  }

  @Test func `the smaller element type lies in the scratch file`() throws {
    let shape = [512, 512]
    let narrow = try route(shape, [1, 512], [512, 1], budget: 1 << 17, types: (.float64, .int16))
    #expect(narrow.scratchType == .int16 && narrow.scratchByteCount == 512 * 512 * 2)
    let wide = try route(shape, [1, 512], [512, 1], budget: 1 << 17, types: (.int16, .float64))
    #expect(wide.scratchType == .int16)
  }

  @Test func `a route through scratch is never the dearer one, and keeps to the budget`() throws {
    var random = SeededRandom(seed: 91)
    var through = 0
    for turn in 0..<400 {
      let axes = Int.random(in: 1...3, using: &random)
      func draw(_ range: ClosedRange<Int>) -> [Int] { (0..<axes).map { _ in Int.random(in: range, using: &random) } }
      let (shape, source, target) = (draw(1...200), draw(1...60), draw(1...60))
      let budget = Int.random(in: 8...200, using: &random) * 4096
      guard let straight = try? route(shape, source, target, budget: budget, mayUseScratch: false) else { continue }
      let chosen = try route(shape, source, target, budget: budget)
      #expect(chosen.passes.allSatisfy { $0.memory.peak <= budget }, "seed 91, turn \(turn)")
      #expect(chosen.passes.first?.source == straight.passes.first?.source)
      #expect(chosen.passes.last?.target == straight.passes.first?.target)
      guard chosen.passes.count == 2 else { continue }
      through += 1
      #expect(chosen.passes[0].target == chosen.passes[1].source)
      let read = chosen.passes.reduce(0) { $0 + $1.readAmplification }
      #expect(read < straight.passes[0].readAmplification, "seed 91, turn \(turn)")
    }
    #expect(through > 5, "\(through) routes went through scratch")
  }

  @Test func `huge grids are routed without walking them`() throws {
    let route = try route([1 << 20, 1 << 20], [1, 1 << 20], [1 << 20, 1], budget: 256 << 20, ranks: 1000)
    #expect(!route.passes.isEmpty)
  }
}
