// Values of every loop against NumPy's, on every instruction set that the machine has.

import Testing

@testable import DAStore
@testable import DistArray

@Suite struct UfuncValueTests {
  /// Names of the inputs of a loop, as the reference has them.
  private func inputNames(_ signature: UfuncSignature) -> [String] {
    let types = signature.inputs.map(\.rawValue)
    switch (signature.name, types.count) {
    case (_, 1): return ["x.\(types[0])"]
    case ("left_shift", _), ("right_shift", _): return ["a.\(types[0])", "shift.\(types[1])"]
    case ("power", _): return ["a.\(types[0])", "power.\(types[1])"]
    case ("ldexp", _): return ["a.\(types[0])", "exponent.\(types[0]).\(types[1])"]
    default: return ["a.\(types[0])", "b.\(types[1])"]
    }
  }

  private func allowance(_ ufunc: Ufunc, _ result: DType) -> Allowance {
    Allowance(
      steps: ufunc.accuracy.steps(result),
      equatesZeros: ["maximum", "minimum", "fmax", "fmin", "clip"].contains(ufunc.name),
      countsAtOperands: ufunc.name.hasPrefix("logaddexp"),
      // Elementary functions of complex numbers are the C library's; its bounds are not ours.
      modulus: result.isComplex && isElementary(ufunc) ? (result == .complex64 ? 4 * 0x1p-23 : 4 * 0x1p-52) : 0)
  }
  private func isElementary(_ ufunc: Ufunc) -> Bool { UfuncTable.elementary.contains { $0.name == ufunc.name } }

  @Test(arguments: 0...KernelLevel.best) func `every loop gives NumPy's values`(level: Int32) throws {
    let values = try UfuncGolden.values.get()
    for ufunc in UfuncTable.all where ufunc.name != "where" {
      #expect(!ufunc.signatures.isEmpty, "\(ufunc.name) has loops")
      for signature in ufunc.signatures {
        let inputs: [Elements]
        let key: String
        if ufunc.name == "clip" {
          let b = try #require(values["b.\(signature.inputs[0].rawValue)"])
          let shift = b.count - 7 % b.count
          let rolled = Elements(dtype: b.dtype, bytes: (0..<b.count).flatMap { b[($0 + shift) % b.count].bytes })
          inputs = [try #require(values["a.\(signature.inputs[0].rawValue)"]), b, rolled]
          key = "clip.\(signature.inputs[0].rawValue)"
        } else {
          inputs = try inputNames(signature).map { try #require(values[$0], "\($0)") }
          key = "\(ufunc.name).\(signature.inputs.map(\.rawValue).joined(separator: "."))"
        }
        let count = inputs.map(\.count).min() ?? 0
        let loop = CompiledLoops.at(level: level).loop(signature, scalars: [])
        let results = try loop.run(inputs, count: count)
        for (number, result) in results.enumerated() {
          let expected = try #require(values["\(key).\(number)"], "\(key).\(number)")
          let mismatch = allowance(ufunc, result.dtype).firstMismatch(result, expected, operands: inputs)
          if let mismatch {
            let operands = inputs.map { "\($0[mismatch])" }.joined(separator: ", ")
            Issue.record("\(key).\(number) of \(operands): \(result[mismatch]), expected \(expected[mismatch])")
          }
        }
      }
    }
  }
}
