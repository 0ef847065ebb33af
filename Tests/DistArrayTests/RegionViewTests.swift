// Views by selection against picking elements one by one.

import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct RegionViewTests {
  private static func options(_ budget: Int = 1 << 20) throws -> StreamingOptions {
    StreamingOptions(budget: try MemoryBudget(byteCount: budget))
  }

  /// All elements of a dataset in C order, read block by block through a cache.
  static func elements<E: Element>(_ dataset: any ChunkedDataset, as _: E.Type) throws -> [E] {
    let cache = try options().makeCache(byteCount: 1 << 20, for: [SourceCost(dataset)])
    let region = Region(shape: dataset.description.shape)
    return try withUnsafeTemporaryAllocation(
      byteCount: max(region.elementCount, 1) * MemoryLayout<E>.size, alignment: 16
    ) { buffer in
      let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(region.elementCount * MemoryLayout<E>.size)])
      try BlockLoader(dataset, cache: cache).load(region, into: bytes)
      return (0..<region.elementCount).map {
        bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<E>.size, as: E.self)
      }
    }
  }

  /// The expected elements, by index arithmetic alone.
  private func pick(_ shape: [Int], _ selection: ResolvedSelection) -> [Int32] {
    var result: [Int32] = []
    let extents = selection.axes.map(\.count)
    for number in 0..<extents.reduce(1, *) {
      let position = rowMajorPosition(of: number, in: extents)
      let source = position.indices.map { selection.axes[$0].start + selection.axes[$0].step * position[$0] }
      result.append(Int32(rowMajorIndex(of: source, in: shape)))
    }
    return result
  }

  private func drawItem(_ size: Int, using generator: inout SeededRandom) -> Selection.Item {
    if size > 0, Int.random(in: 0..<4, using: &generator) == 0 {
      return .index(Int.random(in: -size..<size, using: &generator))
    }
    func bound() -> Int? {
      Bool.random(using: &generator) ? nil : Int.random(in: -size - 2...size + 2, using: &generator)
    }
    let step = [-3, -2, -1, 1, 1, 2, 3, 5].randomElement(using: &generator) ?? 1
    return .slice(start: bound(), stop: bound(), step: step)
  }

  @Test func `random selections of random grids`() throws {
    var generator = SeededRandom(seed: 23)
    for turn in 0..<400 {
      let rank = Int.random(in: 0...3, using: &generator)
      let shape = (0..<rank).map { _ in Int.random(in: 0...8, using: &generator) }
      let chunks = (0..<rank).map { _ in Int.random(in: 1...5, using: &generator) }
      let numbers = (0..<Int32(shape.reduce(1, *))).map { $0 }
      let memory = try MemoryDataset(numbers, shape: shape, chunkShape: chunks)
      let source: any ChunkedDataset = turn % 2 == 0 ? memory : EncodedDataset(memory)
      var items = shape.map { drawItem($0, using: &generator) }
      if Bool.random(using: &generator) {
        items = Array(items.prefix(Int.random(in: 0...rank, using: &generator))) + [.ellipsis]
      }
      let selection = try Selection(items)
      let view = try RegionView(
        of: source, selection, chunkByteCount: [1, 64, 4096].randomElement(using: &generator) ?? 1)
      let resolved = try selection.resolve(shape: shape)
      #expect(view.description.shape == resolved.shape)
      let found = try Self.elements(view, as: Int32.self)
      #expect(found == pick(shape, resolved), "seed 23, turn \(turn): \(shape) in \(chunks) \(selection)")
      for chunk in 0..<view.description.grid.chunkCount {
        if case .encoded(let extents) = try view.storage(of: chunk) {
          #expect(extents.reduce(0) { $0 + $1.byteCount } <= view.largestStoredByteCount)
        }
      }
    }
  }

  @Test func `views of views`() throws {
    let memory = try MemoryDataset((0..<60).map { Int32($0) }, shape: [6, 10], chunkShape: [4, 3])
    let odd = try RegionView(of: memory, Selection(parsing: "[::-1, 1::2]"))
    let view = try RegionView(of: odd, Selection(parsing: "[1, 1:-1]"))
    #expect(try Self.elements(view, as: Int32.self) == [43, 45, 47])
    #expect(view.path == "memory[::-1, 1::2][1, 1:-1]")
  }

  @Test func `a leading part of an unchecked file reads no byte beyond it`() throws {
    let memory = try MemoryDataset((0..<1000).map { Int32($0) }, shape: [100, 10], chunkShape: [10, 10])
    let view = try RegionView(of: memory, Selection(parsing: "[3:57]"))
    var read = 0
    for chunk in 0..<view.description.grid.chunkCount {
      if case .encoded(let extents) = try view.storage(of: chunk) { read += extents.reduce(0) { $0 + $1.byteCount } }
    }
    #expect(read == 54 * 40)
  }

  @Test func `constant chunks of a view are constant`() throws {
    let source = EncodedDataset(try MemoryDataset(Array(repeating: Int32(7), count: 24), shape: [24], chunkShape: [5]))
    let view = try RegionView(of: source, Selection(parsing: "[2::3]"))
    #expect(try view.storage(of: 0) == .constant(ElementValue(Int32(7))))
  }

  @Test func `what does not fit names the source`() throws {
    let memory = try MemoryDataset([Int32(1), 2], name: "small")
    #expect {
      _ = try RegionView(of: memory, Selection(parsing: "[5]"))
    } throws: {
      "\($0)" == "small: index 5 is out of bounds for axis 0 with size 2 of shape (2,)"
    }
  }
}
