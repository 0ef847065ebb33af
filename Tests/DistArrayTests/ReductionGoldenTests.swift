// Reductions against what NumPy says of small awkward arrays (Tests/Golden/make_reductions.py).

import DAStore
import Foundation
import Testing

@testable import DistArray

@Suite struct ReductionGoldenTests {
  private struct Golden: Decodable {
    struct Case: Decodable {
      var dtype: String
      var shape: [Int]
      var chunks: [Int]
      var data: Data
      var axes: [Int]
      var ddof: Double
      var expected: [String: Data?]
    }
    struct HistogramCase: Decodable {
      var dtype: String
      var data: Data
      var bins: Int
      var range: [Double]?
      var counts: [Int]
      var edges: [Double]
    }
    var cases: [Case]
    var histograms: [HistogramCase]
  }

  private static func load() throws -> Golden { try golden("reductions.json") }

  @Test func everyStatisticAgreesWithNumPy() throws {
    for (number, golden) in try Self.load().cases.enumerated() {
      let dtype = try #require(DType(rawValue: golden.dtype))
      let array = try ChunkedMemory(
        shape: golden.shape, dtype: dtype, chunkShape: golden.chunks, bytes: [UInt8](golden.data))
      let result = try array.reduce(ReductionRequest(axes: golden.axes, ddof: golden.ddof))
      for statistic in Statistic.summary {
        let label = "case \(number): \(statistic.name) of \(golden.dtype) \(golden.shape) over \(golden.axes)"
        let expected = try #require(golden.expected[statistic.name], "\(label)")
        guard let expected else {
          // NumPy refuses; where the result has no elements either, an empty array says as much.
          #expect(result.arrays[statistic].map(\.bytes.isEmpty) ?? true, "\(label)")
          continue
        }
        guard let found = result.arrays[statistic] else {
          Issue.record("\(label): no value")
          continue
        }
        #expect(agree(found, [UInt8](expected)), "\(label): \(found.bytes) for \([UInt8](expected))")
      }
    }
  }

  /// Equal, NaN for NaN, and sums, means and spreads within a few units in the last place.
  private func agree(_ found: DenseArray, _ expected: [UInt8]) -> Bool {
    if found.bytes == expected { return true }
    guard found.bytes.count == expected.count else { return false }
    func close<F: BinaryFloatingPoint & BitwiseCopyable>(_: F.Type) -> Bool {
      let a = floats(found.bytes, F.self)
      let b = floats(expected, F.self)
      return zip(a, b).allSatisfy { x, y in
        x == y || x.isNaN && y.isNaN || (x - y).magnitude <= 4 * max(x.magnitude, y.magnitude, 1).ulp
      }
    }
    switch found.dtype {
    case .float16: return close(Float16.self)
    case .float32, .complex64: return close(Float.self)
    case .float64, .complex128: return close(Double.self)
    default: return false
    }
  }

  private func floats<F: BitwiseCopyable>(_ bytes: [UInt8], _: F.Type) -> [F] {
    bytes.withUnsafeBytes { memory in
      stride(from: 0, to: memory.count, by: MemoryLayout<F>.size).map {
        memory.loadUnaligned(fromByteOffset: $0, as: F.self)
      }
    }
  }

  @Test func histogramsAgreeWithNumPy() throws {
    for golden in try Self.load().histograms {
      let dtype = try #require(DType(rawValue: golden.dtype))
      let array = try ChunkedMemory(shape: [60], dtype: dtype, chunkShape: [13], bytes: [UInt8](golden.data))
      let range = golden.range.map { $0[0]...$0[1] }
      let request = ReductionRequest([.count], histogram: HistogramRequest(binCount: golden.bins, range: range))
      let plan = try ReductionPlan(request, over: array, ranks: 1)
      #expect(plan.passes == (range == nil ? 2 : 1))
      let histogram = try #require(try array.reduce(request).histogram)
      #expect(histogram.counts == golden.counts, "\(golden.dtype) \(golden.bins) \(String(describing: range))")
      #expect(zip(histogram.edges, golden.edges).allSatisfy { abs($0 - $1) <= 1e-12 * max(1, abs($1)) })
      #expect(histogram.counts.reduce(0, +) + histogram.outsideCount == 60)
    }
  }
}
