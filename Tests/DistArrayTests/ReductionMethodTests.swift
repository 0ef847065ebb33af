// Statistics as methods of arrays: DistArray's own cases, and what types, masks and initial values do.

import DAStore
import DATestSupport
import MessagePassing
import Testing

@testable import DistArray

@Suite struct ReductionMethodTests {
  let context: Context
  /// 0 … 15 as 4 × 4, in chunks that divide no axis.
  let square: DistArray

  init() throws {
    context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 8 << 20))
    square = context.array(try MemoryDataset((0..<16).map(Int64.init), shape: [4, 4], chunkShape: [3, 2]))
  }

  private func doubles(_ array: DistArray) throws -> [Double] {
    try #require(try context.evaluate(array.astype(.float64)).values(as: Double.self))
  }

  private func refusal(_ array: DistArray) -> String {
    do throws(StoreError) {
      _ = try context.evaluate(array)
      return "no error"
    } catch {
      return error.message
    }
  }

  // MARK: DistArray's reductions

  @Test func sums() throws {
    #expect(try doubles(square.sum()) == [120])
    #expect(try doubles(square.sum(axis: 0)) == [24, 28, 32, 36])
    for axis: any AxisChoice in [1, -1, [1]] as [any AxisChoice] {
      #expect(try doubles(square.sum(axis: axis)) == [6, 22, 38, 54])
    }
    #expect(try doubles(square.sum(axis: [0, 1])) == [120])
    #expect(square.sum(axis: 0).sum(axis: 0).shape == [])
    #expect(try doubles(square.sum(axis: 0).sum(axis: 0)) == [120])
    let sum = try square.sum(dtype: .int64).dtype
    #expect(sum == .int64)
    #expect(square.sum(axis: [0, -1], keepDimensions: true).shape == [1, 1])
    let nine = context.array(try MemoryDataset((0..<81).map(Double.init), shape: [9, 9], chunkShape: [2, 4]))
    #expect(try doubles(nine.sum()) == [3240])
    let threes = context.full([10, 20, 30, 40], 3.0)
    #expect(try doubles(threes.sum()) == [720_000])
    for axis in 0..<4 { #expect(try doubles(threes.sum(axis: axis).sum()) == [720_000]) }
  }

  @Test func means() throws {
    #expect(try doubles(square.mean()) == [7.5])
    #expect(try doubles(square.mean(axis: 0)) == [6, 7, 8, 9])
    #expect(try doubles(square.mean(axis: 1)) == [1.5, 5.5, 9.5, 13.5])
    let whole = square.mean(axis: 1, dtype: .int64)
    let dtype = try whole.dtype
    #expect(dtype == .int64)
    #expect(try doubles(whole) == [1, 5, 9, 13])
    #expect(try doubles(square.mean(axis: 0, dtype: .int64)) == [6, 7, 8, 9])
  }

  @Test func spreads() throws {
    #expect(try doubles(square.variance()) == [21.25])
    #expect(try doubles(square.variance(axis: 0)) == [20, 20, 20, 20])
    #expect(try doubles(square.variance(axis: 1)) == [1.25, 1.25, 1.25, 1.25])
    #expect(try doubles(square.standardDeviation()) == [4.6097722286464435])
    #expect(try doubles(square.standardDeviation(axis: 0)) == Array(repeating: 4.47213595499958, count: 4))
    #expect(try doubles(square.standardDeviation(axis: 1)) == Array(repeating: 1.118033988749895, count: 4))
    #expect(try doubles(square.variance(dtype: .int64)) == [21])
    #expect(try doubles(square.standardDeviation(dtype: .int64)) == [4])
    #expect(try doubles(context.ones([14]).variance()) == [0])
  }

  @Test func extremes() throws {
    #expect(try doubles(square.min()) == [0])
    #expect(try doubles(square.min(axis: 1)) == [0, 4, 8, 12])
    #expect(try doubles(square.max()) == [15])
    #expect(try doubles(square.max(axis: 1)) == [3, 7, 11, 15])
    #expect(try doubles(square.peakToPeak(axis: 0)) == [12, 12, 12, 12])
  }

  @Test func truthValues() throws {
    let truths = square.applying("greater", 3)
    #expect(try doubles(truths.min()) == [0])
    #expect(try doubles(truths.max()) == [1])
    #expect(try doubles(truths.sum()) == [12])
    #expect(try doubles(truths.mean()) == [0.75])
    #expect(try doubles(truths.variance()) == [0.1875])
    #expect(try doubles(truths.standardDeviation()) == [0.4330127018922193])
    #expect(try doubles(truths.product(axis: 1)) == [0, 1, 1, 1])
    let dtype = try truths.product().dtype
    #expect(dtype == .int64)
  }

  // MARK: Products, masks, initial values

  @Test func productsWrapAndKeepTheirExponents() throws {
    let wide = context.array(try MemoryDataset([Int64](repeating: 3, count: 50), chunkShape: [7]))
    #expect(try context.evaluate(wide.product()).values(as: Int64.self) == [6_048_575_297_968_530_377])
    // Out of range on the way, but not in the end, in any chunks.
    for chunk in 1...6 {
      let far = try MemoryDataset([1e200, 1e250, 1e-300, 1e-100, 1e-200, 1e150], chunkShape: [chunk])
      let product = try doubles(context.array(far).product())[0]
      #expect(Swift.abs(product - 1) < 1e-14, "\(chunk)")
    }
    #expect(try doubles(context.array([0x1p-1074, 0x1p1000]).product()) == [0x1p-74])
    #expect(try doubles(context.array([1e300, 1e300, 0]).product()) == [0])
    #expect(try doubles(context.array([1e300, 1e300]).product()) == [.infinity])
    #expect(try doubles(context.array([-1e300, 1e300]).product()) == [-.infinity])
    #expect(try doubles(context.array([0, Double.infinity]).product())[0].isNaN)
  }

  @Test func refusalsOfMasksAndAxes() throws {
    let mask = square.applying("greater", 3)
    #expect(
      refusal(square.min(where: mask))
        == "reduction operation 'minimum' does not have an identity, so to use a where mask one has to specify 'initial'"
    )
    #expect(refusal(square.sum(where: square)).contains("elements of type bool, not int64"))
    #expect(refusal(square.sum(where: context.full([3], true))).contains("broadcast"))
    #expect(refusal(square.sum(where: context.full([2, 4, 4], true))).contains("broadcast"))
    #expect(refusal(square.sum(axis: [0, 2])).contains("axis 2 is out of bounds"))
    #expect(refusal(square.sum(axis: [0, -2])).contains("given twice"))
    #expect(refusal(square.astype(.complex64).reduced(.nanMean)) == "nanmean is not defined for complex64 elements")
    #expect(refusal(square.reduced(.productFraction)) == "prod_fraction is not defined for int64 elements")
    #expect(refusal(square.standardDeviation(axis: 0, dtype: .int32)).contains("Cannot cast ufunc 'sqrt'"))
    #expect(refusal(square.astype(.float32).nanMean(dtype: .int32)).contains("dtype must be inexact"))
  }

  @Test func withoutNaN() throws {
    let nan = Double.nan
    let array = context.array(
      try MemoryDataset([nan, 3, 1, nan, nan, nan, 2, nan, 1], shape: [3, 3], chunkShape: [2, 2]))
    #expect(try doubles(array.nanSum(axis: 1)) == [4, 0, 3])
    #expect(try doubles(array.nanProduct(axis: 1)) == [3, 1, 2])
    #expect(try doubles(array.nanMean(axis: 0)) == [2, 3, 1])
    #expect(try doubles(array.nanMean(axis: 1))[1].isNaN)
    #expect(try doubles(array.nanVariance()) == [0.6875])
    #expect(try doubles(array.nanVariance(axis: 1, ddof: 1)).map(\.isNaN) == [false, true, false])
    #expect(try doubles(array.nanMin()) == [1])
    #expect(try doubles(array.nanArgmin()) == [2])
    #expect(try doubles(array.nanArgmax(axis: 0)) == [2, 0, 0])
    #expect(refusal(array.nanArgmax(axis: 1)) == "All-NaN slice encountered: nanargmax has no position to give")
    #expect(try doubles(array.nanMax(axis: 1, initial: 2.5)) == [3, 2.5, 2.5])
  }

  // MARK: Counting

  @Test func histogramsAndCounts() throws {
    let histogram = try square.histogram(bins: 5)
    #expect(histogram.counts == [3, 3, 3, 3, 4])
    #expect(histogram.edges == [0, 3, 6, 9, 12, 15])
    #expect(throws: StoreError.self) { try square.histogram(bins: 0) }
    #expect(throws: StoreError.self) { try context.array([1.0, .nan]).histogram() }
    let numbers = try context.array([3, 1, 1, 0, 5].map(Int64.init))
    #expect(try doubles(numbers.binCount()) == [1, 2, 0, 1, 0, 1])
    #expect(try doubles(numbers.binCount(minimumLength: 8)) == [1, 2, 0, 1, 0, 1, 0, 0])
    #expect(try numbers[[ArrayIndex.slice(stop: 0)]].binCount().shape == [0])
    func message(_ array: DistArray) -> String {
      do throws(StoreError) {
        _ = try array.binCount()
        return "no error"
      } catch {
        return error.message
      }
    }
    #expect(message(numbers.applying("subtract", 1)).contains("must have no negative elements; the smallest is -1"))
    #expect(message(square).contains("one axis, not of 2"))
    #expect(message(numbers.astype(.float32)).contains("Cannot cast array data from float32"))
    #expect(message(numbers.applying("multiply", 1 << 40)).contains("at most 1048576 are possible"))
  }
}
