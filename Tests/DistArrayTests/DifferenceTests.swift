// Differences of stored arrays against element-by-element comparison; digests; printing.

import DAStore
import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DistArray

@Suite struct DifferenceTests {
  private func options(_ budget: Int = 1 << 20) throws(StoreError) -> StreamingOptions {
    StreamingOptions(budget: try MemoryBudget(byteCount: budget))
  }

  private func compare(
    _ a: any ChunkedDataset, _ b: any ChunkedDataset, _ tolerance: Tolerance? = nil, limit: Int = 10
  ) throws -> ArrayDifference {
    try difference(a, b, tolerance: tolerance ?? Tolerance(), limit: limit, over: .serial, options: options())
  }

  @Test func `differing elements come in C order whatever the chunks`() throws {
    var numbers = (0..<60).map { Double($0) }
    let a = try MemoryDataset(numbers, shape: [6, 10], chunkShape: [2, 3])
    numbers[7] += 0.5
    numbers[51] -= 10
    numbers[33] = .nan
    numbers[0] = -0.0
    for chunks in [[6, 10], [1, 1], [4, 7], [6, 2]] {
      let b = try MemoryDataset(numbers, shape: [6, 10], chunkShape: chunks)
      let result = try compare(a, b)
      #expect(result.elementCount == 60 && result.differingCount == 3 && result.nanCount == 1 && !result.isEqual)
      #expect(result.first.map(\.index) == [[0, 7], [3, 3], [5, 1]])
      #expect(result.first[0].a == ElementValue(7.0) && result.first[0].b == ElementValue(7.5))
      #expect(result.largestAbsolute == .init(error: 10, index: [5, 1]))
      #expect(result.largestRelative == .init(error: 10.0 / 41, index: [5, 1]))
      #expect(try compare(a, b, limit: 1).first.map(\.index) == [[0, 7]])
      #expect(try compare(a, b, limit: 0).first.isEmpty)
    }
  }

  @Test func `tolerance is NumPy's`() throws {
    let a = try MemoryDataset([1.0, 100, .infinity, .infinity, 0, 5])
    let b = try MemoryDataset([1.01, 101, .infinity, -.infinity, 1e-9, .infinity])
    #expect(try compare(a, b).differingCount == 5)
    let loose = try compare(a, b, Tolerance(relative: 0.01, absolute: 1e-8))
    #expect(loose.first.map(\.index) == [[3], [5]])
    #expect(loose.largestAbsolute == .init(error: .infinity, index: [3]))
    #expect(throws: StoreError.self) { try Tolerance(relative: -1) }
    #expect(throws: StoreError.self) { try Tolerance(absolute: .nan) }
  }

  @Test func `NaN equals NaN unless told otherwise`() throws {
    let a = try MemoryDataset([Float.nan, 1])
    let b = try MemoryDataset([-Float.nan, 1])
    #expect(try compare(a, b).isEqual)
    #expect(try compare(a, a, Tolerance(equatesNaN: false)).first.map(\.index) == [[0]])
    let c = try MemoryDataset([StoredComplex<Float>(.nan, 1)])
    #expect(try compare(c, MemoryDataset([StoredComplex<Float>(2, .nan)])).isEqual)
  }

  @Test func `neighbouring large integers differ`() throws {
    let a = try MemoryDataset([Int64.max, Int64.min, 5])
    let b = try MemoryDataset([Int64.max - 1, Int64.max, 5])
    let result = try compare(a, b)
    #expect(result.differingCount == 2 && result.largestAbsolute == .init(error: 0x1p64, index: [1]))
    #expect(try compare(MemoryDataset([UInt8(0)]), MemoryDataset([UInt8(255)])).largestRelative?.error == 1)
    let bools = try compare(MemoryDataset([StoredBool(true)]), MemoryDataset([StoredBool(rawValue: 7)]))
    #expect(bools.isEqual)
  }

  @Test func `other shapes and types are reported, empty arrays are equal`() throws {
    let a = try MemoryDataset([1.0, 2])
    #expect(try compare(a, MemoryDataset([1.0])).mismatch == "shapes differ: (2,) and (1,)")
    #expect(try compare(a, MemoryDataset([Float(1), 2])).mismatch == "element types differ: float64 and float32")
    #expect(try compare(MemoryDataset([Float](), shape: [0, 3]), MemoryDataset([Float](), shape: [0, 3])).isEqual)
    #expect(try compare(MemoryDataset([1.0], shape: []), MemoryDataset([2.0], shape: [])).first.map(\.index) == [[]])
  }

  @Test func `the budget that a refusal names suffices`() throws {
    let numbers = (0..<4096).map { Float($0) }
    let a = EncodedDataset(try MemoryDataset(numbers, shape: [64, 64], chunkShape: [64, 7]))
    let b = EncodedDataset(try MemoryDataset(numbers, shape: [64, 64], chunkShape: [5, 64]))
    do throws(StoreError) {
      _ = try difference(a, b, tolerance: Tolerance(), over: .serial, options: options(4096))
      Issue.record("one page must not do")
    } catch {
      #expect(error.code == .memory)
      let number = error.message.components(separatedBy: "--memory to ").last.flatMap { Int($0.prefix { $0.isNumber }) }
      let least = try #require(number)
      #expect(try difference(a, b, tolerance: Tolerance(), over: .serial, options: options(least)).isEqual)
    }
  }

  @Test func `a damaged array is an error, not a difference`() throws {
    let memory = try MemoryDataset((0..<30).map { Int32($0) }, chunkShape: [4])
    for (a, b) in [
      (EncodedDataset(memory, damagedChunk: 2), memory as any ChunkedDataset),
      (memory, EncodedDataset(memory, damagedChunk: 2)),
    ] as [(any ChunkedDataset, any ChunkedDataset)] {
      #expect { _ = try compare(a, b) } throws: { ($0 as? StoreError)?.code == .corrupt }
    }
  }

  @Test func `the digest is the content's`() throws {
    let numbers = (0..<60).map { Double($0) * 0.1 }
    var digests: Set<String> = []
    for chunks in [[6, 10], [1, 1], [4, 7], [6, 2]] {
      let memory = try MemoryDataset(numbers, shape: [6, 10], chunkShape: chunks)
      digests.insert(try digest(memory, over: .serial, options: options()))
      digests.insert(try digest(EncodedDataset(memory), over: .serial, options: options(20 << 10)))
      let all = try RegionView(of: memory, Selection(parsing: "[::-1]"))
      digests.insert(try digest(RegionView(of: all, Selection(parsing: "[::-1]")), over: .serial, options: options()))
    }
    #expect(digests.count == 1)
    let other = try MemoryDataset(numbers, shape: [10, 6])
    #expect(try !digests.contains(digest(other, over: .serial, options: options())))
    #expect {
      _ = try digest(other, over: .serial, options: options(4096))
    } throws: { ($0 as? StoreError)?.code == .memory }
  }

  @Test func `showing reads only what is printed`() throws {
    let memory = try MemoryDataset((0..<10_000).map { Int32($0) }, shape: [100, 100], chunkShape: [10, 10])
    // All chunks but those in the corners are damaged; here the middle one stands for them.
    let source = EncodedDataset(memory, damagedChunk: 55)
    let text = try showText(source, options: options())
    #expect(text.hasPrefix("[[   0    1    2 ...   97   98   99]\n [ 100"))
    #expect(text.hasSuffix("[9900 9901 9902 ... 9997 9998 9999]]"))
    #expect(throws: StoreError.self) {
      try showText(RegionView(of: source, Selection(parsing: "[50:60, 50:60]")), options: options())
    }
    #expect(try showText(MemoryDataset([Float](), shape: [0, 4]), options: options()) == "[]")
    #expect(try showText(MemoryDataset([2.5], shape: []), options: options()) == "2.5")
  }
}
