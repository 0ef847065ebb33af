// Functions of blocks and of elements: what plain code makes of the same elements, errors, and the memory they state.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct UserFunctionTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  private struct Refusal: Error, CustomStringConvertible {
    var description: String { "no such luck" }
  }

  private func source(_ shape: [Int], _ random: inout SeededRandom) throws -> (DistArray, ReferenceArray) {
    let reference = ReferenceArray(shape: shape) { _ in Double(Int.random(in: -50...50, using: &random)) / 4 }
    let chunks = shape.map { Int.random(in: 1...max(1, $0), using: &random) }
    return (context.array(try MemoryDataset(reference.values, shape: shape, chunkShape: chunks)), reference)
  }

  private func randomShape(_ random: inout SeededRandom, least: Int = 0) -> [Int] {
    (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: least...9, using: &random) }
  }

  private func expect(
    _ x: DistArray, _ expected: ReferenceArray, _ seed: UInt64, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let dense = try context.evaluate(x)
    #expect(dense.shape == expected.shape, "seed \(seed)", sourceLocation: sourceLocation)
    #expect(dense.values(as: Double.self) == expected.values, "seed \(seed)", sourceLocation: sourceLocation)
    let dataset = try x.dataset()
    for number in 0..<dataset.description.grid.chunkCount {
      guard case .encoded(let extents) = try dataset.storage(of: number) else { continue }
      let byteCount = extents.reduce(0) { $0 + $1.byteCount }
      #expect(byteCount <= dataset.largestStoredByteCount, "seed \(seed)", sourceLocation: sourceLocation)
      #expect(extents.allSatisfy { $0.file >= 0 && $0.file < dataset.fileNumberBound }, "seed \(seed)")
    }
  }

  /// Every element with its place in the array.
  private static func placed(_ block: Block<Double>, _ result: ResultBlock<Double>) {
    for index in ReferenceArray.indices(of: block.shape) {
      let place = zip(block.region.lower, index).reduce(0) { 10 * $0 + $1.0 + $1.1 }
      result[index] = block[index] + Double(place)
    }
  }

  @Test(arguments: 1...60) func blocksKnowTheirPlace(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shape = randomShape(&random)
    let (x, a) = try source(shape, &random)
    let chunks = Bool.random(using: &random) ? nil : shape.map { _ in Int.random(in: 1...10, using: &random) }
    let y = x.mapBlocks(chunks: chunks, Self.placed)
    let expected = ReferenceArray(shape: shape) { index in a[index] + Double(index.reduce(0) { 10 * $0 + $1 }) }
    try expect(y, expected, seed)
    if let chunks { #expect(try y.dataset().description.grid.chunkShape == chunks) }
  }

  @Test(arguments: 1...40) func severalInputs(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shape = randomShape(&random)
    let (x, a) = try source(shape, &random)
    let (y, b) = try source(shape, &random)
    let small = (y * 4).astype(.int16)
    let two = x.mapBlocks(with: small) { (x: Block<Double>, y: Block<Int32>, result: ResultBlock<Double>) in
      for index in result.elements.indices { result.elements[index] = x.elements[index] * Double(y.elements[index]) }
    }
    let expected = ReferenceArray(shape: shape) { a[$0] * (4 * b[$0]) }
    try expect(two, expected, seed)
    let three = x.mapBlocks(with: y + 1, x[.ellipsis]) {
      (x: Block<Double>, y: Block<Double>, z: Block<Double>, result: ResultBlock<Double>) in
      for index in result.elements.indices {
        result.elements[index] = x.elements[index] - y.elements[index] * z.elements[index]
      }
    }
    try expect(three, ReferenceArray(shape: shape) { a[$0] - (b[$0] + 1) * a[$0] }, seed)
  }

  @Test(arguments: 1...30) func droppedAxes(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shape = (0..<3).map { _ in Int.random(in: 1...8, using: &random) }
    let (x, a) = try source(shape, &random)
    let axis = Int.random(in: 0..<3, using: &random)
    let y = x.mapBlocks(dropping: [axis - 3]) { (block: Block<Double>, result: ResultBlock<Double>) in
      for index in ReferenceArray.indices(of: block.shape) {
        var place = index
        place.remove(at: axis)
        result[place] += block[index] * Double(1 + index[axis])
      }
    }
    var kept = shape
    kept.remove(at: axis)
    let expected = ReferenceArray(shape: kept) { index in
      (0..<shape[axis]).reduce(0) { sum, position in
        var place = index
        place.insert(position, at: axis)
        return sum + a[place] * Double(1 + position)
      }
    }
    try expect(y, expected, seed)
  }

  // MARK: Overlap

  /// The element at an index that may lie beyond the array.
  private static func beyond(
    _ a: ReferenceArray, _ index: [Int], _ boundaries: [DistArray.Boundary], _ constants: [Double]
  ) -> Double {
    var own = index
    var outside: Double?
    for (axis, size) in a.shape.enumerated() where index[axis] < 0 || index[axis] >= size {
      let place = index[axis]
      switch boundaries[axis] {
      case .periodic: own[axis] = (place + size) % size
      case .reflect: own[axis] = place < 0 ? -1 - place : 2 * size - 1 - place
      case .mirror:
        let period = max(1, 2 * size - 2)
        let inside = ((place % period) + period) % period
        own[axis] = min(inside, period - inside)
      case .nearest: own[axis] = place < 0 ? 0 : size - 1
      case .constant: outside = constants[axis]
      }
    }
    return outside ?? a[own]
  }

  private static func neighbours(_ depth: [Int]) -> [[Int]] {
    ReferenceArray.indices(of: depth.map { 2 * $0 + 1 }).map { zip($0, depth).map { $0 - $1 } }
  }

  @Test(arguments: 1...150) func neighboursAreSeen(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let shape = randomShape(&random, least: 1)
    let (x, a) = try source(shape, &random)
    let depth = shape.map { Int.random(in: 0...min($0, 3), using: &random) }
    let constants = shape.map { _ in Double(Int.random(in: -9...9, using: &random)) }
    let boundaries = constants.map { constant -> DistArray.Boundary in
      [.periodic, .reflect, .mirror, .nearest, .constant(constant)].randomElement(using: &random) ?? .periodic
    }
    let chunks = Bool.random(using: &random) ? nil : shape.map { _ in Int.random(in: 1...6, using: &random) }
    let offsets = Self.neighbours(depth)
    func weight(_ place: Int) -> Double { Double(place % 7 + 1) }
    let shown = Bool.random(using: &random) ? x : (x + 0).rolled(by: 0, axis: nil).reshaped(to: shape)
    let y = (shape.isEmpty ? x : shown).mapOverlap(
      depth: shape.isEmpty ? [2] : depth, boundary: shape.isEmpty ? [.nearest] : boundaries, chunks: chunks
    ) { (block: Block<Double>, result: ResultBlock<Double>) in
      for index in ReferenceArray.indices(of: block.shape) {
        for (place, offset) in offsets.enumerated() {
          result[index] += Double(place % 7 + 1) * block[zip(index, offset).map { $0 + $1 }]
        }
      }
    }
    let expected = ReferenceArray(shape: shape) { index in
      offsets.enumerated().reduce(0) { sum, neighbour in
        let place = zip(index, neighbour.element).map { $0 + $1 }
        return sum + weight(neighbour.offset) * Self.beyond(a, place, boundaries, constants)
      }
    }
    try expect(y, expected, seed)
  }

  @Test func overlapOfTwoArraysAndOfResults() throws {
    var random = SeededRandom(seed: 7)
    let (x, a) = try source([13, 11], &random)
    let (y, b) = try source([13, 11], &random)
    func difference(_ x: DistArray, _ y: DistArray) -> DistArray {
      x.mapOverlap(with: y, depth: [1, 0], boundary: [.periodic], chunks: [4, 5]) {
        (x: Block<Double>, y: Block<Double>, result: ResultBlock<Double>) in
        for i in 0..<x.shape[0] {
          for j in 0..<x.shape[1] { result[i, j] = x[i + 1, j] - y[i - 1, j] }
        }
      }
    }
    func difference(_ a: ReferenceArray, _ b: ReferenceArray) -> ReferenceArray {
      ReferenceArray(shape: a.shape) { a[[($0[0] + 1) % 13, $0[1]]] - b[[($0[0] + 12) % 13, $0[1]]] }
    }
    try expect(difference(x, y), difference(a, b), 7)
    let least = a.values.min() ?? 0
    try expect(difference(difference(x, y), x - x.min()), difference(difference(a, b), a.mapped { $0 - least }), 7)
    let total = try context.evaluate(difference(x, y).sum())
    #expect(total.values(as: Double.self) == [difference(a, b).values.reduce(0, +)])
  }

  @Test func lineAndVolumeSubscripts() throws {
    let line = try context.array((0..<10).map { Int32($0) })
    let steps = line.mapOverlap(depth: [1], boundary: [.constant(0)], chunks: [3]) {
      (block: Block<Int32>, result: ResultBlock<Int32>) in
      for i in 0..<block.shape[0] { result[i] = block[i + 1] - block[i - 1] }
    }
    #expect(try context.evaluate(steps).values(as: Int32.self) == [1, 2, 2, 2, 2, 2, 2, 2, 2, -8])
    let volume = try context.array((0..<24).map { Float($0) }, shape: [2, 3, 4])
    let sums = volume.mapOverlap(depth: [1], boundary: [.nearest], chunks: [1, 2, 3]) {
      (block: Block<Float>, result: ResultBlock<Float>) in
      for i in 0..<block.shape[0] {
        for j in 0..<block.shape[1] {
          for k in 0..<block.shape[2] {
            result[i, j, k] += block[i + 1, j, k] + block[i, j - 1, k]
            result[i, j, k] += block[i, j, k + 1]
          }
        }
      }
    }
    let expected = (0..<24).map { place -> Float in
      let (i, j, k) = (place / 12, place / 4 % 3, place % 4)
      func at(_ i: Int, _ j: Int, _ k: Int) -> Float { Float(12 * min(i, 1) + 4 * max(j, 0) + min(k, 3)) }
      return at(i + 1, j, k) + at(i, j - 1, k) + at(i, j, k + 1)
    }
    #expect(try context.evaluate(sums).values(as: Float.self) == expected)
  }

  /// Where nobody chooses, halos make blocks of several chunks.
  @Test func blocksGrowAgainstRereading() throws {
    let x = context.array(
      try MemoryDataset([Float](repeating: 1, count: 64 * 64), shape: [64, 64], chunkShape: [4, 4]))
    let y = x.mapOverlap(depth: [1], boundary: [.reflect]) { (block: Block<Float>, result: ResultBlock<Float>) in
      for index in result.elements.indices { result.elements[index] = block.elements[index] }
    }
    let dataset = try y.dataset()
    let extents = dataset.description.grid.chunkShape
    #expect(extents.allSatisfy { $0 >= 16 })
    #expect(dataset.largestStoredByteCount <= 64 << 20)
  }

  // MARK: Single elements

  @Test func vectorizedFunctionsBroadcast() throws {
    let x = try context.array([1.5, -2, 3, 4, 5, -6], shape: [2, 3])
    let row = try context.array([Int32(10), 20, 30])
    let square = vectorize { (x: Double) in x * x }
    #expect(try context.evaluate(square(x)).values(as: Double.self) == [2.25, 4, 9, 16, 25, 36])
    let larger = vectorize { (x: Double, y: Int32) in StoredBool(x * 10 > Double(y)) }
    #expect(larger.resultType == .bool)
    let truths = try context.evaluate(larger(x, row))
    #expect(truths.shape == [2, 3])
    #expect(truths.values(as: StoredBool.self)?.map(\.isTrue) == [true, false, false, true, true, false])
    #expect(
      try context.evaluate(larger(x, 20)).values(as: StoredBool.self)?.map(\.isTrue)
        == [false, false, true, true, true, false])
    let mixed = vectorize { (x: Double, y: Int32, z: Float) in Float(x) + Float(y) * z }
    #expect(
      try context.evaluate(mixed(x[0..., 0..<1], row, 0.5)).values(as: Float.self) == [6.5, 11.5, 16.5, 9, 14, 19])
    #expect(try context.evaluate(square(context.zeros([0, 3]))).shape == [0, 3])
  }

  // MARK: Mistakes

  private func message(_ x: DistArray) -> String {
    do {
      _ = try context.evaluate(x)
      return ""
    } catch {
      return "\(error.code) \(error)"
    }
  }

  @Test func whatFunctionsThrowNamesThePlace() throws {
    let x = context.array(try MemoryDataset([Double](repeating: 1, count: 20), shape: [4, 5], chunkShape: [2, 5]))
    let failing = x.mapBlocks { (block: Block<Double>, result: ResultBlock<Double>) in
      if block.region.lower[0] > 0 { throw Refusal() }
    }
    #expect(
      message(failing) == "functionFailed mapBlocks(memory): the function failed for chunk 1, [2:4, 0:5]: no such luck")
    let own = x.mapBlocks { (_: Block<Double>, _: ResultBlock<Double>) in
      throw StoreError(.unsupported, "not today")
    }
    #expect(message(own).hasPrefix("unsupported mapBlocks(memory): the function failed for chunk 0"))
    let places = try context.array((0..<20).map { Double($0) }, shape: [4, 5])
    let element = vectorize { (x: Double) in if x == 13 { throw Refusal() } else { x } }
    #expect(message(element(places)).hasSuffix("the function failed for the element at (2, 3): no such luck"))
  }

  @Test func mistakesAreRemembered() throws {
    let x = try context.array([1.0, 2, 3, 4], shape: [2, 2])
    @Sendable func copy(_ x: Block<Int32>, _ result: ResultBlock<Int32>) {}
    #expect(message(x.mapBlocks(copy)).contains("elements are float64, the function of mapBlocks takes int32"))
    @Sendable func pass(_ x: Block<Double>, _ result: ResultBlock<Double>) {}
    #expect(message(x.mapBlocks(chunks: [1], pass)).contains("has 1 axes"))
    #expect(message(x.mapBlocks(chunks: [0, 1], pass)).contains("at least 1"))
    #expect(message(x.mapBlocks(dropping: [2], pass)).contains("axis 2 is out of bounds"))
    #expect(message(x.mapBlocks(chunks: [1, 1], dropping: [1], pass)).contains("a block must have all of it"))
    @Sendable func two(_ x: Block<Double>, _ y: Block<Double>, _ result: ResultBlock<Double>) {}
    #expect(message(x.mapBlocks(with: x[0], two)).contains("takes arrays of one shape, not (2, 2) and (2,)"))
    #expect(message(x.mapOverlap(depth: [3, 0], boundary: [.nearest], pass)).contains("depth 3 along axis 0"))
    #expect(message(x.mapOverlap(depth: [-1], boundary: [.nearest], pass)).contains("depth -1"))
    #expect(message(x.mapOverlap(depth: [1, 1, 1], boundary: [.nearest], pass)).contains("3 depths"))
    let whole = try context.array([Int8(1), 2])
    @Sendable func small(_ x: Block<Int8>, _ result: ResultBlock<Int8>) {}
    #expect(message(whole.mapOverlap(depth: [1], boundary: [.constant(300)], small)).contains("300"))
    #expect(
      message(whole.mapOverlap(depth: [1], boundary: [.constant(Double.nan)], small)).contains("no value in int8"))
    #expect(message(whole.padded([(before: 1, after: 0)], value: Double.nan)).contains("no value in int8"))
    #expect(message(vectorize { (x: Double) in x }(x, 1)).contains("takes 1 operands, not 2"))
    #expect(message(vectorize { (x: Int32) in x }(x)).contains("takes int32"))
  }

  /// The budget that a refusal names is enough, and is kept.
  @Test func namedBudgetsAreEnough() throws {
    let values = (0..<60 * 50).map { Double($0 % 97) }
    let x = context.array(try MemoryDataset(values, shape: [60, 50], chunkShape: [9, 8]))
    let y = x.mapOverlap(depth: [2, 1], boundary: [.periodic], chunks: [7, 16]) {
      (block: Block<Double>, result: ResultBlock<Double>) in
      for i in 0..<block.shape[0] {
        for j in 0..<block.shape[1] { result[i, j] = block[i - 2, j + 1] + block[i + 2, j - 1] }
      }
    }
    let dataset = try y.dataset()
    let facts = dataset.description
    func peak(_ budget: Int) throws -> Int {
      let writer = try MemoryWriter(
        shape: facts.shape, dtype: facts.dtype, chunkShape: facts.grid.chunkShape, communicator: .serial)
      let options = StreamingOptions(budget: try MemoryBudget(byteCount: budget))
      return try ArrayCopy(from: dataset, to: writer, over: .serial, options: options).run().peakByteCount
    }
    let refusal = try #require(throws: StoreError.self) { try peak(4096) }
    #expect(refusal.code == .memory)
    let words = refusal.message.replacing(";", with: "").split(separator: " ")
    let place = try #require(words.firstIndex(of: "--memory"))
    let least = try #require(Int(words[place + 2]))
    #expect(try peak(least) <= least)
    #expect(throws: StoreError.self) { try peak(least - 1) }
  }
}
