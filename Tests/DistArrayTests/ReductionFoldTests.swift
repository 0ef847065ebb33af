// Products, and moments without NaN: the same bits from every instruction set, and values against plain loops.

import CKernels
import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct ReductionFoldTests {
  @Test(arguments: [DType.bool, .int8, .uint64, .float16, .float32, .float64, .complex64, .complex128])
  func everyInstructionSetFoldsToTheSameBits(_ dtype: DType) throws {
    let fields: PartialFields = dtype.isComplex ? .product : .folds
    for (columns, rows) in [(1, 1), (3, 40), (8, 129), (21, 7), (64, 300)] {
      var random = SeededRandom(seed: UInt64(rows))
      let count = columns * rows
      let memory = try AlignedBuffer(byteCount: count * dtype.byteCount)
      for index in memory.bytes.indices { memory.bytes[index] = UInt8.random(in: 0...255, using: &random) }
      if dtype == .bool { for index in memory.bytes.indices { memory.bytes[index] &= 1 } }
      let (table, single) = (
        PartialLayout(dtype: dtype, fields: fields, width: columns),
        PartialLayout(dtype: dtype, fields: fields, width: 1)
      )
      var states: [[UInt8]] = []
      for level in 0...KernelLevel.best {
        let state = try AlignedBuffer(byteCount: table.byteCount + single.byteCount)
        state.bytes.initializeMemory(as: UInt8.self, repeating: 0)
        var folds = table.folds(in: state.bytes)
        ckernels_fold_columns(
          level, dtype.kernelCode, memory.bytes.baseAddress, columns * dtype.byteCount, dtype.byteCount, Int64(rows),
          Int64(columns), 0, 7, 3, &folds)
        ckernels_join_folds(level, Int64(columns), &folds, &folds)
        let rest = UnsafeMutableRawBufferPointer(rebasing: state.bytes[table.byteCount...])
        var run = single.folds(in: rest)
        let (extents, strides) = ([Int64(count)], [Int64(2)])
        ckernels_fold_run(
          level, dtype.kernelCode, memory.bytes.baseAddress, Int64(count), 0, 5, 1, extents, strides, &run)
        for (folds, width) in [(folds, columns), (run, 1)] {
          for part in [folds.sum_high, folds.spread, folds.fraction, folds.imaginary_fraction] {
            guard let part else { continue }
            for index in 0..<width where part[index].isNaN { part[index] = .nan }
          }
        }
        states.append(Array(state.bytes))
      }
      #expect(states.allSatisfy { $0 == states[0] }, "\(rows) x \(columns) \(dtype)")
    }
  }

  /// Sums with small errors whatever the chunks are, and exact extremes.
  @Test(arguments: [DType.float16, .float32, .float64]) func figuresOfNumbers(_ dtype: DType) throws {
    for seed in UInt64(1)...6 {
      var random = SeededRandom(seed: seed)
      let shape = [Int.random(in: 1...40, using: &random), Int.random(in: 1...200, using: &random)]
      let chunk = shape.map { Int.random(in: 1...$0, using: &random) }
      let values = (0..<shape[0] * shape[1]).map { _ in
        Int.random(in: 0..<3, using: &random) == 0 ? Double.nan : Double(Int.random(in: -99...99, using: &random))
      }
      var bytes: [UInt8] = []
      for value in values {
        switch dtype {
        case .float16: withUnsafeBytes(of: Float16(value)) { bytes += $0 }
        case .float32: withUnsafeBytes(of: Float(value)) { bytes += $0 }
        default: withUnsafeBytes(of: value) { bytes += $0 }
        }
      }
      let array = try ChunkedMemory(shape: shape, dtype: dtype, chunkShape: chunk, bytes: bytes)
      let statistics: Set<Statistic> = [
        .nanMean, .nanVariance, .nanMinimum, .nanPositionOfMinimum, .nanPositionOfMaximum,
      ]
      let result = try array.reduce(ReductionRequest(statistics))
      let label = "seed \(seed): \(shape) in \(chunk)"
      let numbers = values.filter { !$0.isNaN }
      guard let smallest = numbers.min(), let largest = numbers.max() else { continue }
      let count = Double(numbers.count)
      let mean = numbers.reduce(0, +) / count
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      let bound = dtype == .float64 ? 1e-13 : dtype == .float32 ? 1e-6 : 2e-3
      let (foundMean, foundVariance) = (
        try #require(result.value(.nanMean)?.realValue), try #require(result.value(.nanVariance)?.realValue)
      )
      #expect(abs(foundMean - mean) <= bound * max(1, abs(mean)), "\(label)")
      #expect(abs(foundVariance - variance) <= bound * max(1, variance), "\(label)")
      #expect(result.value(.nanMinimum)?.realValue == smallest, "\(label)")
      #expect(
        result.value(.nanPositionOfMinimum)?.realValue == values.firstIndex(of: smallest).map(Double.init), "\(label)")
      #expect(
        result.value(.nanPositionOfMaximum)?.realValue == values.firstIndex(of: largest).map(Double.init), "\(label)")
      for ranks in [2, 3] {
        #expect(
          try array.simulate(ReductionRequest(statistics, axes: [0]), ranks: ranks).arrays
            == array.reduce(ReductionRequest(statistics, axes: [0])).arrays, "\(label) on \(ranks)")
      }
    }
  }
}
