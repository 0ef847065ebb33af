// Texts of arrays against NumPy's.

import DAStore
import Testing

@testable import DistArray

@Suite struct ShowTests {
  struct Case: Decodable {
    var dtype: String
    var shape: [Int]
    var bytes: String
    var text: String
  }

  @Test func `layout and numbers are NumPy's`() throws {
    let cases: [Case] = try golden("show.json")
    #expect(cases.count > 200)
    for (index, example) in cases.enumerated() {
      let dtype = try #require(DType.parse(example.dtype)).dtype
      let layout = try ShowLayout(shape: example.shape)
      let all = bytes(hex: example.bytes)
      var printed = [UInt8](repeating: 0, count: layout.printedShape.reduce(dtype.byteCount, *))
      let strides = rowMajorStrides(example.shape, elementByteCount: dtype.byteCount)
      let printedStrides = rowMajorStrides(layout.printedShape, elementByteCount: dtype.byteCount)
      for box in layout.boxes where !box.source.isEmpty {
        all.withUnsafeBytes { from in
          printed.withUnsafeMutableBytes { to in
            guard let from = from.baseAddress, let to = to.baseAddress else { return }
            copyBox(
              shape: box.source.shape, elementByteCount: dtype.byteCount,
              from: from + zip(box.source.lower, strides).reduce(0) { $0 + $1.0 * $1.1 }, sourceStrides: strides,
              to: to + zip(box.origin, printedStrides).reduce(0) { $0 + $1.0 * $1.1 },
              destinationStrides: printedStrides)
          }
        }
      }
      let texts = printed.withUnsafeBytes { elementTexts(dtype, $0, isScalar: example.shape.isEmpty) }
      #expect(layout.text(texts) == example.text, "case \(index): \(example.dtype) \(example.shape)")
    }
  }

  @Test func `an array with too many axes to print is refused`() {
    #expect(throws: StoreError.self) { try ShowLayout(shape: Array(repeating: 7, count: 20)) }
  }

  @Test func `an array without elements takes no room for its long axes`() throws {
    for shape in [[0, 1 << 40], [1 << 40, 0, 1 << 20]] {
      let layout = try ShowLayout(shape: shape)
      #expect(layout.positions.allSatisfy { $0.count <= 6 })
      #expect(layout.text([]) == "[]")
    }
  }
}
