// `astype` loops: NumPy's results where they are defined (as `castElements` has them), and our own rule elsewhere.

import Testing

@testable import DAStore
@testable import DistArray

@Suite struct UfuncCastTests {
  @Test(arguments: 0...KernelLevel.best) func `defined conversions are those of castElements`(level: Int32) throws {
    let values = try UfuncGolden.values.get()
    for from in DType.allCases {
      let input = try #require(values["x.\(from.rawValue)"])
      for to in DType.allCases {
        let found = try UfuncLoop.cast(from: from, to: to, level: level).run([input], count: input.count)[0]
        for index in 0..<input.count {
          var bytes = [UInt8](repeating: 0, count: to.byteCount)
          let undefined = input[index].bytes.withUnsafeBytes { source in
            bytes.withUnsafeMutableBytes { castElements(from: from, source, to: to, $0) }
          }
          guard undefined == nil else { continue }
          let expected = bytes.withUnsafeBytes { ElementValue(dtype: to, littleEndian: $0) }
          let isNaN = expected.parts.contains(where: \.isNaN) && found[index].parts.contains(where: \.isNaN)
          #expect(found[index] == expected || isNaN, "\(from) \(input[index]) to \(to): \(found[index])")
        }
      }
    }
  }

  @Test(arguments: 0...KernelLevel.best) func `undefined conversions follow one rule everywhere`(level: Int32) throws {
    let inputs = [Double.nan, .infinity, -.infinity, 1e20, -1e20, 300.9, -1.5, 3e9, -3e9, 1.5 * 0x1p63, 0x1p63]
    let lowest64 = "-9223372036854775808"
    let middle64 = "9223372036854775808"
    let expected: [DType: [String]] = [
      .int8: ["0", "0", "0", "0", "0", "44", "-1", "0", "0", "0", "0"],
      .uint8: ["0", "0", "0", "0", "0", "44", "255", "0", "0", "0", "0"],
      .int16: ["0", "0", "0", "0", "0", "300", "-1", "0", "0", "0", "0"],
      .uint16: ["0", "0", "0", "0", "0", "300", "65535", "0", "0", "0", "0"],
      .int32: [String](repeating: "-2147483648", count: 5) + ["300", "-1"]
        + [String](repeating: "-2147483648", count: 4),
      .uint32: ["0", "0", "0", "0", "0", "300", "4294967295", "3000000000", "1294967296", "0", "0"],
      .int64: [String](repeating: lowest64, count: 5) + ["300", "-1", "3000000000", "-3000000000", lowest64, lowest64],
      .uint64: [String](repeating: middle64, count: 5)
        + ["300", "18446744073709551615", "3000000000", "18446744070709551616", "13835058055282163712", middle64],
    ]
    let elements = Elements(dtype: .float64, bytes: inputs.flatMap { ElementValue($0).bytes })
    for (dtype, texts) in expected {
      let found = try UfuncLoop.cast(from: .float64, to: dtype, level: level).run([elements], count: inputs.count)[0]
      #expect((0..<inputs.count).map { found[$0].description } == texts, "to \(dtype)")
    }
    let complex = Elements(dtype: .complex128, bytes: ElementValue(StoredComplex<Double>(1.5, 2)).bytes)
    #expect(
      try UfuncLoop.cast(from: .complex128, to: .float32, level: level).run([complex], count: 1)[0][0].description
        == "1.5")
  }
}
