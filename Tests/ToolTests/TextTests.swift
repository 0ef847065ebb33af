// Numbers, tables and the progress bar as people read them.

import DAStore
import Testing

@testable import dastore_tool

@Suite struct TextTests {
  @Test func numbers() {
    #expect(countText(0) == "0")
    #expect(countText(999) == "999")
    #expect(countText(623_551_288) == "623,551,288")
    #expect(countText(-1000) == "-1,000")
    #expect(countText(.min) == "-9,223,372,036,854,775,808")
    #expect(fixed(1.25, 0) == "1")
    #expect(fixed(1.999, 2) == "2.00")
    #expect(fixed(0.05, 1) == "0.1")
    #expect(fixed(-0.001, 2) == "0.00")
    #expect(fixed(12.03, 2) == "12.03")
    #expect(fixed(.nan, 2) == "nan")
    #expect(fixed(1e300, 2) == "1e+300")
    #expect(rateText(bytes: 1_370_000_000, seconds: 1) == "1.37 GB/s")
    #expect(rateText(bytes: 20_000_000, seconds: 1) == "20 MB/s")
    #expect(rateText(bytes: 1, seconds: 0) == "0.0 MB/s")
  }

  @Test func tables() {
    #expect(table([["a", "bb"], ["ccc", "d"], ["e"]]) == ["a    bb", "ccc  d", "e"])
    #expect(table([]) == [])
  }

  @Test func progressLine() {
    let line = ProgressBar.line(done: 500_000_000, total: 2_000_000_000, seconds: 2)
    #expect(line == "\r[#######                       ] 25 %  250 MB/s  0:06 left\u{1B}[K")
    #expect(ProgressBar.line(done: 0, total: 10, seconds: 1).contains(" 0 %"))
    #expect(ProgressBar.line(done: 20, total: 10, seconds: 1).contains(" 100 %"))
  }

  @Test(arguments: StoreError.Code.allCases) func everyFailureHasAStatus(_ code: StoreError.Code) {
    let status = ExitStatus(StoreError(code, "x")).code
    #expect([2, 3, 4, 70, 130].contains(status))
    #expect((status == 70) == (code == .internalFault))
    #expect((status == 130) == (code == .interrupted))
  }

  @Test func generatedElementsFollowTheFormula() throws {
    let field = try GeneratedField(shape: [4, 6, 8], seed: 3)
    func bytes(_ field: GeneratedField) throws -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: field.description.byteCount(ofChunk: 0))
      try bytes.withUnsafeMutableBytes {
        try field.decode(0, stored: .init(start: nil, count: 0), into: $0, scratch: .init(start: nil, count: 0))
      }
      return bytes
    }
    let values = try bytes(field).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    #expect(values.count == 192)
    #expect(values.allSatisfy { (254...306).contains($0) && ($0 * 64).rounded() == $0 * 64 })
    #expect(Set(values).count > 50)
    #expect(try bytes(GeneratedField(shape: [4, 6, 8], seed: 3)) == bytes(field))
    #expect(try bytes(GeneratedField(shape: [4, 6, 8], seed: 4)) != bytes(field))
    #expect(try bytes(GeneratedField(shape: [], seed: 0)).count == 4)
  }
}
