// What must hold of every loop on every instruction set, whatever it computes.

import DATestSupport
import Testing

@testable import DAStore
@testable import DistArray

@Suite struct UfuncPropertyTests {
  /// All loops, and inputs of `count` elements for each: awkward ones among random bits.
  private func forEachLoop(count: Int, _ body: (UfuncSignature, [Elements]) throws -> Void) throws {
    let values = try UfuncGolden.values.get()
    for signature in CompiledLoops.at(level: 0).signatures.values.joined() {
      let inputs = try signature.inputs.enumerated().map { position, dtype in
        let source = try #require(values["x.\(dtype.rawValue)"])
        // Whole numbers to a negative power have no result.
        let isExponent = signature.name == "power" && position == 1 && dtype.isSignedInteger
        var random = SeededRandom(seed: UInt64(count * 3 + position))
        let bytes = (0..<count).flatMap { index in
          isExponent
            ? [UInt8(index % 7)] + [UInt8](repeating: 0, count: dtype.byteCount - 1)
            : source[Int(random.next() % UInt64(source.count))].bytes
        }
        return Elements(dtype: dtype, bytes: bytes)
      }
      try body(signature, inputs)
    }
  }

  @Test(arguments: 0...KernelLevel.best) func `any length gives each element the result it has alone`(
    level: Int32
  ) throws {
    try forEachLoop(count: 100) { signature, inputs in
      let loop = CompiledLoops.at(level: level).loop(signature, scalars: [])
      let whole = try loop.run(inputs, count: 100)
      let backwards = inputs.map { input in
        Elements(dtype: input.dtype, bytes: (0..<100).reversed().flatMap { input[$0].bytes })
      }
      let turned = try loop.run(backwards, count: 100)
      for (forth, back) in zip(whole, turned) {
        #expect((0..<100).allSatisfy { forth[$0] == back[99 - $0] }, "\(signature) depends on neighbours")
      }
      for count in [0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 99] {
        let part = try loop.run(inputs.map { $0.prefix(count) }, count: count)
        for (part, whole) in zip(part, whole) {
          #expect(part.bytes == whole.prefix(count).bytes, "\(signature), \(count) elements")
        }
      }
    }
  }

  @Test(arguments: 0...KernelLevel.best) func `a single element equals an array of it`(level: Int32) throws {
    // Longer than the block in which a single element is repeated, for the largest type.
    let count = 300
    try forEachLoop(count: count) { signature, inputs in
      let loop = CompiledLoops.at(level: level).loop(signature, scalars: [])
      for single in [[0], [1], [2], [0, 1]] where single.allSatisfy({ $0 < inputs.count }) {
        let repeated = inputs.enumerated().map { position, input in
          guard single.contains(position) else { return input }
          return Elements(dtype: input.dtype, bytes: (0..<count).flatMap { _ in input[0].bytes })
        }
        let expected = try loop.run(repeated, count: count)
        let found = try loop.run(inputs, count: count, single: Set(single))
        for (found, expected) in zip(found, expected) {
          #expect(found.bytes == expected.bytes, "\(signature), single operands \(single)")
        }
      }
    }
  }

  @Test(arguments: 0...KernelLevel.best) func `in place equals out of place`(level: Int32) throws {
    try forEachLoop(count: 300) { signature, inputs in
      let loop = CompiledLoops.at(level: level).loop(signature, scalars: [])
      let expected = try loop.run(inputs, count: 300)
      for (position, input) in inputs.enumerated() where input.dtype.byteCount == signature.outputs[0].byteCount {
        let found = try loop.run(inputs, count: 300, inPlace: position)
        for (found, expected) in zip(found, expected) {
          #expect(found.bytes == expected.bytes, "\(signature) over operand \(position)")
        }
      }
    }
  }

  @Test func `AVX2 and AVX-512 give the same bits but for NaN`() throws {
    guard KernelLevel.best == 2 else { return }
    try forEachLoop(count: 300) { signature, inputs in
      let avx2 = try CompiledLoops.at(level: 1).loop(signature, scalars: []).run(inputs, count: 300)
      let avx512 = try CompiledLoops.at(level: 2).loop(signature, scalars: []).run(inputs, count: 300)
      for (a, b) in zip(avx2, avx512) where a.bytes != b.bytes {
        // One NaN is as good as another.
        let differ = (0..<a.count).first {
          a[$0] != b[$0] && !(a[$0].parts.contains(where: \.isNaN) && b[$0].parts.contains(where: \.isNaN))
        }
        #expect(differ == nil, "\(signature)")
      }
    }
  }

  @Test func `every level has the same loops, and the table a row for each`() {
    let loops = CompiledLoops.at(level: 0).signatures
    for level in 1...max(KernelLevel.best, 1) where level <= KernelLevel.best {
      #expect(CompiledLoops.at(level: level).signatures == loops)
    }
    #expect(Set(loops.keys) == Set(UfuncTable.all.map(\.name) + ["astype"]))
    #expect(loops["astype"]?.count == DType.allCases.count * DType.allCases.count)
    for ufunc in UfuncTable.all {
      #expect(!ufunc.summary.isEmpty)
      #expect(
        loops[ufunc.name]?.allSatisfy { $0.inputs.count == ufunc.inputCount && $0.outputs.count == ufunc.outputCount }
          == true)
    }
    #expect(UfuncTable["abs"]?.name == "absolute" && UfuncTable["mod"]?.name == "remainder")
    #expect(UfuncTable["true_divide"]?.name == "divide" && UfuncTable["nothing"] == nil)
  }

  @Test(arguments: 0...KernelLevel.best) func `negative integer powers are refused with their position`(
    level: Int32
  ) throws {
    let power = try #require(UfuncTable["power"])
    let loop = try power.loop(for: [.typed(.int16), .typed(.int16)], level: level)
    let base = Elements(dtype: .int16, bytes: [UInt8](repeating: 1, count: 600))
    var exponents = Elements(dtype: .int16, bytes: [UInt8](repeating: 0, count: 600))
    exponents.bytes[2 * 201 + 1] = 0x80
    let error = storeError { () throws(StoreError) in _ = try loop.run([base, exponents], count: 300) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("(element 201)") == true)
    #expect(storeError { () throws(StoreError) in _ = try loop.run([base, exponents], count: 201) } == nil)
    let single = Elements(dtype: .int16, bytes: [0xFF, 0xFF])
    #expect(
      storeError { () throws(StoreError) in _ = try loop.run([base, single], count: 300, single: [1]) }?.message
        .contains("(element 0)") == true)
  }
}
