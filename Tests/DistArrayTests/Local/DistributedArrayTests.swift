// Arrays in memory on one rank: elements, local blocks, memory accounts and errors. Several ranks: ParallelScenarios.

import DAStore
import DATestSupport
import DistArray
import Testing

@Suite struct DistributedArrayTests {
  private func context(_ byteCount: Int = 1 << 22) throws -> Context {
    try Context(communicator: .serial, memory: MemoryBudget(byteCount: byteCount))
  }

  /// The error of `body`.
  private func failure(_ body: () throws -> Void) -> StoreError? {
    do { try body() } catch { return error as? StoreError }
    return nil
  }

  @Test func elementsByIndex() throws {
    let context = try context()
    let array = try context.fromFunction(as: distribution([10, 11], "bc", ranks: 1)) { Int32($0[0] * 100 + $0[1]) }
    for (index, value) in [([0, 0], 0), ([9, 10], 910), ([-1, -11], 900), ([-10, -1], 10)] as [([Int], Int32)] {
      #expect(try array.value(at: index, as: Int32.self) == value)
      try array.setElement(at: index, to: ElementValue(value + 1000))
      #expect(try array.element(at: index) == ElementValue(value + 1000))
    }
    for (index, axis, size) in [([10, 0], 0, 10), ([-11, 0], 0, 10), ([0, 11], 1, 11), ([0, -12], 1, 11)] {
      for body in [
        { _ = try array.element(at: index) }, { try array.setElement(at: index, to: ElementValue(Int32(1))) },
      ] {
        let text = failure(body)?.message ?? ""
        #expect(text.contains("index \(index[axis]) is out of bounds for axis \(axis) with size \(size)"), "\(text)")
      }
    }
    #expect(failure { _ = try array.element(at: [1]) }?.code == .invalidArgument)
    #expect(failure { _ = try array.value(at: [1, 1], as: Double.self) }?.code == .unsupportedDType)
    #expect(failure { try array.setElement(at: [1, 1], to: ElementValue(1.5)) }?.code == .unsupportedDType)
    let scalar = try context.full(as: distribution([], "", ranks: 1), ElementValue(42.0))
    #expect(try scalar.value(at: [], as: Double.self) == 42)
  }

  @Test func localBlocks() throws {
    let context = try context()
    let array = try context.zeros(as: distribution([4, 6], "bn", ranks: 1), dtype: .int16)
    let facts = try array.withMutableLocalBlock(as: Int16.self) { block, elements in
      for place in elements.indices {
        let global = block.globalIndex([place / block.strides[0], place % block.strides[0]])
        elements[place] = Int16(global[0] * 10 + global[1])
      }
      return (block.shape, block.strides, block.owned, block.hasCopies)
    }
    #expect(facts?.0 == [4, 6] && facts?.1 == [6, 1] && facts?.2 == [0..<4, 0..<6] && facts?.3 == false)
    let last = try array.withLocalBlock(as: Int16.self) { block, elements in elements[block.offset([3, 5])] }
    #expect(last == 35)
    #expect(failure { _ = try array.withLocalBlock(as: Double.self) { _, _ in } }?.code == .unsupportedDType)
    #expect(
      try array.toArray().values(as: Int16.self) == (0..<4).flatMap { row in (0..<6).map { Int16(row * 10 + $0) } })
  }

  @Test func otherLibrariesShareTheMemory() throws {
    let context = try context()
    let array = try context.fromFunction(as: distribution([3, 5], "bb", ranks: 1)) { Double($0[0] * 5 + $0[1]) }
    let shared = try array.protocolArray()
    #expect(shared.buffer.shape == [3, 5] && shared.dimData.count == 2)
    shared.buffer.start?.storeBytes(of: -7, toByteOffset: 8 * 7, as: Double.self)
    #expect(try array.value(at: [1, 2], as: Double.self) == -7)
    // The memory outlives the array's own use of it.
    try array.redistribute(as: distribution([15], "c", ranks: 1))
    shared.buffer.start?.storeBytes(of: -8, toByteOffset: 8 * 7, as: Double.self)
    #expect(try array.value(at: [7], as: Double.self) == -7)
    #expect(shared.buffer.start?.load(fromByteOffset: 8 * 7, as: Double.self) == -8)
  }

  @Test func memoryIsAccountedAndGivenBack() throws {
    let context = try context(1 << 20)
    do {
      let array = try context.zeros(as: distribution([64 << 10], "b", ranks: 1))
      #expect(context.heldByteCount == 512 << 10)
      let refused = failure { _ = try context.zeros(as: distribution([100_000], "b", ranks: 1)) }
      #expect(refused?.code == .memory)
      let capacity = BufferPool.capacity(for: 800_000)
      #expect(
        refused?.message.contains("raise --memory to \((512 << 10) + capacity)") == true,
        "\(String(describing: refused))")
      // Passes over data get what is left.
      let tooMuch = failure { _ = try context.evaluate(context.ones([40_000])) }
      #expect(tooMuch?.message.contains("more than half the budget of \(512 << 10)") == true)
      _ = try array.element(at: [5])
    }
    #expect(context.heldByteCount == 0)
    #expect(try context.evaluate(context.ones([40_000]).sum()).values(as: Double.self) == [40_000])
  }

  @Test func wrongDistributions() throws {
    let context = try context()
    #expect(failure { _ = try context.zeros(as: distribution([8], "b", ranks: 2)) }?.message.contains("rank 1") == true)
    let array = try context.arange(10).distribute(as: distribution([10], "c", ranks: 1))
    for shape in [[9], [3, 4], [3, 4000]] {
      let other = try distribution(shape, "b", ranks: 1)
      #expect(failure { _ = try array.distribute(as: other) }?.message.contains("cannot become") == true)
      #expect(failure { try array.redistribute(as: other) }?.code == .invalidArgument)
      #expect(failure { _ = try context.arange(10).distribute(as: other) }?.code == .invalidArgument)
    }
    #expect(
      failure { _ = try context.fromLocalBlocks(as: distribution([3], "b", ranks: 1), [1.0]) }?.code == .invalidArgument
    )
  }

  @Test func usersFunctionsMayFail() throws {
    struct Unexpected: Error {}
    let context = try context()
    let array = try context.zeros(as: distribution([3], "b", ranks: 1))
    #expect(
      failure { try array.apply(as: Double.self) { _, _ in throw Unexpected() } }?.message.contains("Unexpected")
        == true)
    #expect(failure { try array.apply(as: Float.self) { _, _ in } }?.code == .unsupportedDType)
    let other = try context.zeros(as: distribution([4], "b", ranks: 1))
    #expect(
      failure { try array.apply(as: Double.self, reading: other, as: Double.self) { _, _, _ in } }?.code
        == .invalidArgument)
  }

  @Test func becomesLazyAgain() throws {
    let folder = try ScratchFolder()
    for budget in [64 << 20, 10 << 20] {
      let context = try context(budget)
      context.scratchDirectory = folder.path
      let array = try context.arange(0.0, 360_000).distribute(as: distribution([600, 600], "c3,b", ranks: 1))
      let held = context.heldByteCount
      let lazy = try array.array()
      #expect(lazy.shape == [600, 600])
      // Once more in memory, or in a file that nobody sees.
      #expect(context.heldByteCount == (budget == 64 << 20 ? 2 * held : held))
      #expect(try folder.contents().isEmpty)
      try array.setElement(at: [0, 0], to: ElementValue(1e9))
      #expect(try context.evaluate(lazy.sum()).values(as: Double.self) == [64_799_820_000])
    }
    try folder.remove()
  }
}
