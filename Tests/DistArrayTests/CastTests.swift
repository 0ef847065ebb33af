// Conversion of element types against NumPy's astype.

import DAStore
import Testing

@Suite struct CastTests {
  struct Case: Decodable {
    var from: String
    var to: String
    var inputs: [String]
    var outputs: [String?]
  }

  @Test func `every pair of types converts as in NumPy or stops at the first undefined element`() throws {
    let cases: [Case] = try golden("casts.json")
    #expect(cases.count == DType.allCases.count * DType.allCases.count)
    for example in cases {
      let from = try #require(DType.parse(example.from)).dtype
      let to = try #require(DType.parse(example.to)).dtype
      for (input, expected) in zip(example.inputs, example.outputs) {
        var output = [UInt8](repeating: 0xAA, count: to.byteCount)
        let stop = bytes(hex: input).withUnsafeBytes { input in
          output.withUnsafeMutableBytes { castElements(from: from, input, to: to, $0) }
        }
        if let expected {
          let same = ElementValue(dtype: to, bytes(hex: expected)).isSame(as: ElementValue(dtype: to, output))
          #expect(stop == nil && same, "\(example.from) \(input) to \(example.to): \(output), expected \(expected)")
        } else {
          #expect(stop == 0, "\(example.from) \(input) has no value in \(example.to)")
        }
      }
      if let undefined = example.outputs.firstIndex(of: nil) {
        let all = example.inputs.flatMap(bytes(hex:))
        var output = [UInt8](repeating: 0, count: example.inputs.count * to.byteCount)
        let stop = all.withUnsafeBytes { input in
          output.withUnsafeMutableBytes { castElements(from: from, input, to: to, $0) }
        }
        #expect(stop == undefined)
      }
    }
  }
}

extension ElementValue {
  init(dtype: DType, _ bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { ElementValue(dtype: dtype, littleEndian: $0) }
  }

  /// Bit for bit, but any NaN is as good as another.
  fileprivate func isSame(as other: ElementValue) -> Bool {
    self == other || (description == other.description && description.contains("nan"))
  }
}
