// The same bits for any number of ranks, and for every instruction set.

import CKernels
import DAStore
import DATestSupport
import Testing

@testable import DistArray

@Suite struct ReductionIdentityTests {
  /// Random elements of a type; floats hold NaNs and infinities when `awkward`.
  static func elements(
    _ dtype: DType, count: Int, awkward: Bool, _ random: inout SeededRandom
  ) -> [UInt8] {
    func reals() -> [Double] {
      (0..<count).map { _ in
        if awkward, random.next() % 40 == 0 { return [.nan, .infinity, -.infinity, 0, -0.0][Int(random.next() % 5)] }
        return Double(Int64(truncatingIfNeeded: random.next() >> 11)) / 0x1p40 - 4096
      }
    }
    switch dtype {
    case .float16: return bytes(of: reals().map { Float16($0 / 100) })
    case .float32: return bytes(of: reals().map { Float($0) })
    case .float64: return bytes(of: reals())
    case .complex64: return bytes(of: zip(reals(), reals()).flatMap { [Float($0), Float($1)] })
    case .complex128: return bytes(of: zip(reals(), reals()).flatMap { [$0, $1] })
    default: return (0..<count * dtype.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
  }

  @Test(arguments: DType.allCases)
  func anyNumberOfRanksGivesTheSameBits(_ dtype: DType) throws {
    for seed: UInt64 in 0..<12 {
      var random = SeededRandom(seed: seed &* 1000 &+ UInt64(dtype.kernelCode))
      let dimensions = Int(random.next() % 4)
      let shape = (0..<dimensions).map { _ in Int(random.next() % 9) + 1 }
      let chunks = shape.map { _ in Int(random.next() % 4) + 1 }
      let axes: [Int]? = seed % 3 == 0 ? nil : shape.indices.filter { _ in random.next() % 2 == 0 }
      let content = Self.elements(dtype, count: shape.reduce(1, *), awkward: seed % 2 == 0, &random)
      let array = try ChunkedMemory(shape: shape, dtype: dtype, chunkShape: chunks, bytes: content)
      let request = ReductionRequest(axes: axes)
      let serial = try array.reduce(request)
      for ranks in 1...6 {
        // Unrounded NaNs differ from themselves, so arrays are compared: bytes.
        let parallel = try array.simulate(request, ranks: ranks)
        #expect(
          parallel.arrays == serial.arrays,
          "seed \(seed): \(dtype) \(shape) in \(chunks) over \(String(describing: axes)) on \(ranks) ranks")
      }
    }
  }

  @Test func groupsOfSeveralChunksPerUnitGiveTheSameBits() throws {
    var random = SeededRandom(seed: 5)
    let content = Self.elements(.int8, count: 300 * 4000, awkward: false, &random)
    let array = try ChunkedMemory(shape: [300, 4000], dtype: .int8, chunkShape: [1, 4000], bytes: content)
    let request = ReductionRequest([.sum, .positionOfMaximum], axes: [0])
    let plan = try ReductionPlan(request, over: array, ranks: 1)
    #expect(plan.geometry.chunksPerUnit > 1)
    let serial = try array.reduce(request)
    for ranks in [2, 3] { #expect(try array.simulate(request, ranks: ranks).arrays == serial.arrays, "\(ranks)") }
  }

  @Test(arguments: DType.allCases)
  func everyInstructionSetGivesTheSameBits(_ dtype: DType) throws {
    for (seed, count) in [1, 31, 33, 1000, 9001].enumerated() {
      var random = SeededRandom(seed: UInt64(seed))
      let content = Self.elements(dtype, count: count, awkward: seed % 2 == 1, &random)
      let columns = count < 300 ? 1 : 300
      let layout = PartialLayout(
        dtype: dtype, fields: ReductionRequest().fields, width: columns)
      var runs: [[UInt8]] = []
      var tables: [[UInt8]] = []
      for level in 0...KernelLevel.best {
        let memory = try AlignedBuffer(byteCount: content.count)
        memory.bytes.copyBytes(from: content)
        var moments = ckernels_moments()
        ckernels_moments_of(level, dtype.kernelCode, memory.bytes.baseAddress, Int64(count), &moments)
        // A sum of infinities is NaN, whose sign is anybody's; it is made one pattern when results are finished.
        for part in [\ckernels_moments.sum_high, \.imaginary_high, \.spread] where moments[keyPath: part].isNaN {
          moments[keyPath: part] = .nan
        }
        runs.append(withUnsafeBytes(of: moments) { Array($0) })
        let state = try AlignedBuffer(byteCount: layout.byteCount)
        state.bytes.initializeMemory(as: UInt8.self, repeating: 0)
        var partials = layout.partials(in: state.bytes)
        ckernels_add_columns(
          level, dtype.kernelCode, memory.bytes.baseAddress, columns * dtype.byteCount, dtype.byteCount,
          Int64(count / columns), Int64(columns), 0, 7, 3, &partials)
        ckernels_merge(level, dtype.kernelCode, Int64(columns), &partials, 1, &partials, 1)
        for part in [partials.sum_high, partials.imaginary_high, partials.spread] {
          guard let part else { continue }
          for index in 0..<columns where part[index].isNaN { part[index] = .nan }
        }
        tables.append(Array(state.bytes))
      }
      #expect(runs.allSatisfy { $0 == runs[0] }, "run of \(count) \(dtype)")
      #expect(tables.allSatisfy { $0 == tables[0] }, "columns of \(count) \(dtype)")
    }
  }
}
