// Columns, however they lie in memory, against the same elements as runs; and the same bits on every instruction set.

import CKernels
import DAStore
import DATestSupport
import Foundation
import Testing

@testable import DistArray

@Suite struct ReductionColumnTests {
  /// Where the elements of a column stand.
  enum Order: CaseIterable {
    /// Columns are neighbours.
    case rowByRow
    /// Columns are neighbours, but much lies between rows.
    case rowsFarApart
    /// Elements of a column are neighbours.
    case columnByColumn
    /// Nothing is next to its neighbour.
    case apart
  }

  /// Rows and columns: around strips, tiles and pieces of 16 bytes.
  private static let shapes = [(1, 1), (3, 70), (5, 3), (16, 64), (31, 33), (127, 5), (128, 31), (130, 129), (261, 20)]

  private func layout(
    _ dtype: DType, width: Int, fields: PartialFields = ReductionRequest().fields
  ) -> PartialLayout {
    PartialLayout(dtype: dtype, fields: fields, width: width)
  }

  /// Partial results of columns, in the memory of their layout.
  private func columns(
    _ content: [UInt8], _ dtype: DType, rows: Int, width: Int, order: Order, level: Int32,
    fields: PartialFields = ReductionRequest().fields
  ) throws -> AlignedBuffer {
    let size = dtype.byteCount
    let farRow = width + 2048 / size
    let memory = try AlignedBuffer(byteCount: max(content.count * 2, rows * farRow * size))
    for row in 0..<rows {
      for column in 0..<width {
        let place =
          switch order {
          case .rowByRow: row * width + column
          case .rowsFarApart: row * farRow + column
          case .columnByColumn: column * rows + row
          case .apart: 2 * (row * width + column)
          }
        let element = content[((row * width + column) * size)..<((row * width + column + 1) * size)]
        UnsafeMutableRawBufferPointer(rebasing: memory.bytes[(place * size)...]).copyBytes(from: element)
      }
    }
    let layout = layout(dtype, width: width, fields: fields)
    let state = try AlignedBuffer(byteCount: layout.byteCount)
    state.bytes.initializeMemory(as: UInt8.self, repeating: 0)
    var partials = layout.partials(in: state.bytes)
    let (rowStride, columnStride) =
      switch order {
      case .rowByRow: (width * size, size)
      case .rowsFarApart: (farRow * size, size)
      case .columnByColumn: (size, rows * size)
      case .apart: (2 * width * size, 2 * size)
      }
    // In two parts, so that partial results are joined, too.
    let upper = rows / 3
    for (start, count) in [(0, upper), (upper, rows - upper)] where count > 0 {
      let part = UnsafeRawBufferPointer(rebasing: memory.bytes[(start * rowStride)...])
      ckernels_add_columns(
        level, dtype.kernelCode, part.baseAddress, rowStride, columnStride, Int64(count),
        Int64(width), Int64(start), Int64(start), 1, &partials)
    }
    for part in [partials.sum_high, partials.sum_low, partials.imaginary_high, partials.imaginary_low, partials.spread]
    {
      guard let part else { continue }
      // A NaN's sign is anybody's.
      for column in 0..<width where part[column].isNaN { part[column] = .nan }
    }
    return state
  }

  @Test(arguments: DType.allCases)
  func columnsAgreeWithRuns(_ dtype: DType) throws {
    for (seed, shape) in Self.shapes.enumerated() {
      let (rows, width) = shape
      var random = SeededRandom(seed: UInt64(seed))
      let size = dtype.byteCount
      let content = ReductionIdentityTests.elements(dtype, count: rows * width, awkward: seed % 3 != 0, &random)
      for order in Order.allCases {
        let label: Comment = "\(rows) x \(width) \(dtype) \(order)"
        let best: Int32 = KernelLevel.best
        let state = try columns(content, dtype, rows: rows, width: width, order: order, level: best)
        let found = layout(dtype, width: width).partials(in: state.bytes)
        for column in 0..<width {
          let run = try AlignedBuffer(byteCount: rows * size)
          for row in 0..<rows {
            let start = (row * width + column) * size
            UnsafeMutableRawBufferPointer(rebasing: run.bytes[(row * size)...]).copyBytes(
              from: content[start..<start + size])
          }
          var wanted = ckernels_moments()
          ckernels_moments_of(best, dtype.kernelCode, run.bytes.baseAddress, Int64(rows), &wanted)
          #expect(found.minimum_at?[column] == wanted.minimum_at, label)
          #expect(found.maximum_at?[column] == wanted.maximum_at, label)
          #expect(found.zero_count?[column] == wanted.zero_count, label)
          #expect(found.nan_count.map { $0[column] == wanted.nan_count } ?? true, label)
          #expect(found.infinity_count.map { $0[column] == wanted.infinity_count } ?? true, label)
          #expect(found.wrapped.map { $0[column] == wanted.wrapped } ?? true, label)
          // An overflowing spread may be infinite or NaN.
          let spread = found.spread?[column] ?? .nan
          #expect(abs(spread - wanted.spread) <= 1e-14 * wanted.spread || !wanted.spread.isFinite, label)
          let scale = (wanted.spread * Double(rows)).squareRoot() + abs(wanted.sum_high)
          let sum = found.sum_high?[column] ?? .nan
          #expect(abs(sum - wanted.sum_high) <= 1e-15 * scale || !scale.isFinite, label)
          #expect(sum.isFinite == wanted.sum_high.isFinite, label)
        }
      }
    }
  }

  @Test(arguments: DType.allCases)
  func everyInstructionSetGivesTheSameBits(_ dtype: DType) throws {
    for (seed, shape) in Self.shapes.enumerated() {
      var random = SeededRandom(seed: UInt64(100 + seed))
      let content = ReductionIdentityTests.elements(
        dtype, count: shape.0 * shape.1, awkward: seed % 2 == 0, &random)
      for order in Order.allCases {
        let tables = try (0...KernelLevel.best).map { level in
          let state = try columns(content, dtype, rows: shape.0, width: shape.1, order: order, level: level)
          return Array(state.bytes)
        }
        #expect(tables.allSatisfy { $0 == tables[0] }, "\(shape) \(dtype) \(order)")
      }
    }
  }

  /// A kernel that looks for fewer figures finds the same.
  @Test(arguments: DType.allCases)
  func figuresAskedAloneAreTheSame(_ dtype: DType) throws {
    let asked: [PartialFields] = [
      .sums, [.sums, .spread], .minimum, .maximum, [.minimum, .maximum], [.minimum, .minimumAt],
      [.maximum, .maximumAt], .nans, .infinities, .zeros,
    ]
    for (seed, shape) in [(5, 3), (48, 70), (130, 129), (261, 20)].enumerated() {
      let (rows, width) = shape
      var random = SeededRandom(seed: UInt64(200 + seed))
      let content = ReductionIdentityTests.elements(dtype, count: rows * width, awkward: seed % 2 == 0, &random)
      for order in Order.allCases {
        let all = try columns(content, dtype, rows: rows, width: width, order: order, level: KernelLevel.best)
        let whole = layout(dtype, width: width).partials(in: all.bytes)
        for fields in asked {
          let some = try columns(
            content, dtype, rows: rows, width: width, order: order, level: KernelLevel.best, fields: fields)
          let layout = layout(dtype, width: width, fields: fields)
          let part = layout.partials(in: some.bytes)
          let label: Comment = "\(fields.rawValue) of \(rows) x \(width) \(dtype) \(order)"
          func expectSame<Value>(_ found: UnsafeMutablePointer<Value>?, _ wanted: UnsafeMutablePointer<Value>?) {
            guard let found else { return }
            let size = width * MemoryLayout<Value>.size
            #expect(wanted.map { memcmp(found, $0, size) == 0 } ?? false, label)
          }
          expectSame(part.sum_high, whole.sum_high)
          expectSame(part.sum_low, whole.sum_low)
          expectSame(part.imaginary_high, whole.imaginary_high)
          expectSame(part.imaginary_low, whole.imaginary_low)
          expectSame(part.spread, whole.spread)
          expectSame(part.minimum_at, whole.minimum_at)
          expectSame(part.maximum_at, whole.maximum_at)
          expectSame(part.nan_count, whole.nan_count)
          expectSame(part.infinity_count, whole.infinity_count)
          expectSame(part.zero_count, whole.zero_count)
          let extremes = [(part.minimum, whole.minimum), (part.maximum, whole.maximum)]
          for case (let found?, let wanted) in extremes {
            #expect(wanted.map { memcmp(found, $0, width * layout.extremeByteCount) == 0 } ?? false, label)
          }
        }
      }
    }
  }

  @Test func theFirstNaNOfAComplexColumnStays() throws {
    // A NaN beside a real part that is larger than the elements after it.
    var values = (0..<40).map { StoredComplex(Double($0), 1.0) }
    values[7] = StoredComplex(9, .nan)
    values[20] = StoredComplex(-5, 2)
    let array = try ChunkedMemory(
      shape: [40, 2], dtype: .complex128, chunkShape: [40, 2], bytes: bytes(of: values.flatMap { [$0, $0] }))
    let result = try array.reduce(ReductionRequest([.positionOfMinimum, .positionOfMaximum], axes: [0]))
    #expect(try result.array(.positionOfMinimum).values(as: Int64.self) == [7, 7])
    #expect(try result.array(.positionOfMaximum).values(as: Int64.self) == [7, 7])
  }
}
