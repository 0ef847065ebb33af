// What NumPy says of ufuncs (Tests/Golden/make_ufuncs.py), and how results are held against it.

import Foundation

@testable import DAStore
@testable import DistArray

/// Elements of one type, as bytes.
struct Elements: Sendable {
  var dtype: DType
  var bytes: [UInt8]
  var count: Int { bytes.count / dtype.byteCount }

  subscript(index: Int) -> ElementValue {
    let size = dtype.byteCount
    return bytes[index * size..<(index + 1) * size].withUnsafeBytes { ElementValue(dtype: dtype, littleEndian: $0) }
  }
  /// The first `count` elements.
  func prefix(_ count: Int) -> Elements { Elements(dtype: dtype, bytes: Array(bytes.prefix(count * dtype.byteCount))) }
}

enum UfuncGolden {
  /// Inputs `x.f8`, `a.f8`, `b.f8`, … and results `sin.f8.0`, `add.f8.f8.0`, …
  static let values: Result<[String: Elements], StoreError> = Result { () throws(StoreError) in
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let archive = try NpzArchive(path: folder.appendingPathComponent("Golden/ufuncs.npz").path)
    var values: [String: Elements] = [:]
    let pool = BufferPool(budget: 1 << 24)
    for member in archive.members {
      let dataset = try archive.dataset(member.name, chunkByteCount: 1 << 20)
      let dtype = dataset.description.dtype
      var bytes = [UInt8](repeating: 0, count: dataset.description.shape.reduce(1, *) * dtype.byteCount)
      var failure: StoreError?
      bytes.withUnsafeMutableBytes { buffer in
        do throws(StoreError) {
          try dataset.readChunk(0, into: buffer, pool: pool)
        } catch { failure = error }
      }
      if let failure { throw failure }
      values[member.name] = Elements(dtype: dtype, bytes: bytes)
    }
    return values
  }
}

extension UfuncLoop {
  /// Runs over copies in aligned memory; results are surrounded by bytes that must stay.
  ///
  /// - Parameters:
  ///   - single: Operands of which only the first element is used.
  ///   - inPlace: Operand that is overwritten by the first result.
  func run(
    _ inputs: [Elements], count: Int, single: Set<Int> = [], inPlace: Int? = nil
  ) throws(StoreError) -> [Elements] {
    let guardCount = 64
    func memory(_ byteCount: Int, _ bytes: [UInt8]) -> UnsafeMutableRawPointer {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount + 2 * guardCount, alignment: 64)
      memory.initializeMemory(as: UInt8.self, repeating: 0xA5, count: byteCount + 2 * guardCount)
      bytes.withUnsafeBytes {
        (memory + guardCount).copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(memory), byteCount: $0.count)
      }
      return memory
    }
    let sources = inputs.map { memory($0.bytes.count, $0.bytes) }
    let targets = outputTypes.map { memory(count * $0.byteCount, []) }
    defer { (sources + targets).forEach { $0.deallocate() } }
    let operands = sources.enumerated().map { UfuncInput($1 + guardCount, isSingle: single.contains($0)) }
    var outputs = targets.map { $0 + guardCount }
    if let inPlace { outputs[0] = sources[inPlace] + guardCount }
    try run(count: count, inputs: operands, outputs: outputs)
    return zip(outputs, outputTypes).map { output, dtype in
      let byteCount = count * dtype.byteCount
      let around = UnsafeRawBufferPointer(start: output - guardCount, count: byteCount + 2 * guardCount)
      let isUntouched = (around.prefix(guardCount) + around.suffix(guardCount)).allSatisfy { $0 == 0xA5 }
      precondition(isUntouched || inPlace != nil, "\(name) writes beyond its result")
      return Elements(dtype: dtype, bytes: Array(around.dropFirst(guardCount).prefix(byteCount)))
    }
  }
}

/// How far a result may lie from the expected one.
struct Allowance {
  /// Steps between neighbouring numbers, per part of a number; NaN, infinities and zeros must be the same.
  var steps = 0
  /// Whether 0 and -0 are the same.
  var equatesZeros = false
  /// Whether steps are those at the largest of result and operands.
  var countsAtOperands = false
  /// Relative to the modulus of a complex number.
  var modulus = 0.0

  /// The first element that is too far off.
  func firstMismatch(_ found: Elements, _ expected: Elements, operands: [Elements]) -> Int? {
    if found.dtype != expected.dtype || found.count != expected.count { return 0 }
    if found.bytes == expected.bytes { return nil }
    return (0..<found.count).first { index in
      !isClose(found[index], expected[index], operands: countsAtOperands ? operands.map { $0[index] } : [])
    }
  }

  private func isClose(_ found: ElementValue, _ expected: ElementValue, operands: [ElementValue]) -> Bool {
    if found == expected { return true }
    guard expected.dtype.isFloatingPoint || expected.dtype.isComplex else { return false }
    let (a, b) = (found.parts, expected.parts)
    let size = b.map(\.magnitude).filter(\.isFinite).reduce(0, { hypot($0, $1) })
    return zip(a, b).allSatisfy { part, wanted in
      if part.isNaN || wanted.isNaN { return part.isNaN && wanted.isNaN }
      if part == 0, wanted == 0 { return equatesZeros || part.sign == wanted.sign }
      if part == wanted { return true }
      if part.isInfinite || wanted.isInfinite { return false }
      if modulus > 0, abs(part - wanted) <= modulus * size { return true }
      let largest = operands.flatMap(\.parts).map(\.magnitude).filter(\.isFinite).reduce(abs(wanted), max)
      return abs(part - wanted) <= Double(steps) * expected.step(at: largest)
    }
  }
}

extension ElementValue {
  /// The number, or real and imaginary part; nothing for integers.
  var parts: [Double] {
    switch dtype {
    case .float16: [value(as: Float16.self).map(Double.init) ?? .nan]
    case .float32: [value(as: Float.self).map(Double.init) ?? .nan]
    case .float64: [value(as: Double.self) ?? .nan]
    case .complex64: value(as: StoredComplex<Float>.self).map { [Double($0.real), Double($0.imaginary)] } ?? []
    case .complex128: value(as: StoredComplex<Double>.self).map { [$0.real, $0.imaginary] } ?? []
    default: []
    }
  }

  /// The distance of neighbouring numbers of this type at `value`.
  func step(at value: Double) -> Double {
    switch dtype {
    case .float16: Double(Float16(value).ulp)
    case .float32, .complex64: Double(Float(value).ulp)
    default: value.ulp
    }
  }
}
