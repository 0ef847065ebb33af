// Result types of ufuncs against NumPy's, for every pair of types and for plain numbers beside arrays.

import Testing

@testable import DAStore
@testable import DistArray

@Suite struct UfuncTypeTests {
  struct Golden: Decodable {
    var promote: [[String]]
    var unary: [String: [String?]]
    var binary: [String: [[String?]]]
    var weakRight: [String: [String: [String?]]]
    var weakLeft: [String: [String: [String?]]]
    var weakBoth: [String: [String: [String: String?]]]
    var clip: [[String?]]
  }

  private let numbers: [String: Operand] = [
    "int": .weakInt(1), "float": .weakFloat(1), "complex": .weakComplex(real: 1, imaginary: 0),
  ]

  private func outputs(_ name: String, _ operands: [Operand]) throws -> String? {
    let ufunc = try #require(UfuncTable[name], "\(name)")
    do {
      return try ufunc.loop(for: operands).outputTypes.map(\.rawValue).joined(separator: " ")
    } catch {
      #expect(error.code == .unsupportedDType)
      #expect(error.message.contains("'\(ufunc.name)'"))
      return nil
    }
  }

  @Test func `promotion is NumPy's`() throws {
    let golden: Golden = try golden("ufunc-types.json")
    for (a, row) in zip(DType.allCases, golden.promote) {
      for (b, expected) in zip(DType.allCases, row) {
        #expect(promote(a, b).rawValue == expected, "\(a) with \(b)")
        #expect(a.castsSafely(to: b) == (expected == b.rawValue))
      }
    }
  }

  @Test func `functions of one array have NumPy's result types`() throws {
    let golden: Golden = try golden("ufunc-types.json")
    for (name, row) in golden.unary {
      for (dtype, expected) in zip(DType.allCases, row) {
        #expect(try outputs(name, [.typed(dtype)]) == expected, "\(name) of \(dtype)")
      }
    }
  }

  @Test func `functions of two arrays have NumPy's result types`() throws {
    let golden: Golden = try golden("ufunc-types.json")
    for (name, rows) in golden.binary {
      for (a, row) in zip(DType.allCases, rows) {
        for (b, expected) in zip(DType.allCases, row) {
          #expect(try outputs(name, [.typed(a), .typed(b)]) == expected, "\(name) of \(a) and \(b)")
        }
      }
    }
    for (a, row) in zip(DType.allCases, golden.clip) {
      for (b, expected) in zip(DType.allCases, row) {
        #expect(try outputs("clip", [.typed(a), .typed(b), .typed(b)]) == expected, "clip of \(a) by \(b)")
      }
    }
  }

  @Test func `plain numbers are weak as in NumPy`() throws {
    let golden: Golden = try golden("ufunc-types.json")
    for (word, number) in numbers {
      for (name, rows) in golden.weakRight {
        for (dtype, expected) in zip(DType.allCases, try #require(rows[word])) {
          #expect(try outputs(name, [.typed(dtype), number]) == expected, "\(name) of \(dtype) and \(word)")
        }
      }
      for (name, rows) in golden.weakLeft {
        for (dtype, expected) in zip(DType.allCases, try #require(rows[word])) {
          #expect(try outputs(name, [number, .typed(dtype)]) == expected, "\(name) of \(word) and \(dtype)")
        }
      }
      for (name, rows) in golden.weakBoth {
        for (other, expected) in try #require(rows[word]) {
          let operands = [number, try #require(numbers[other])]
          #expect(try outputs(name, operands) == expected, "\(name) of \(word) and \(other)")
        }
      }
    }
  }

  @Test func `a plain integer must fit the type it takes`() throws {
    let add = try #require(UfuncTable["add"])
    for (dtype, fits, tooLarge) in [
      (DType.uint8, 255, 256), (.int8, -128, -129), (.uint64, 0, -1), (.int16, 32767, 32768),
    ] {
      let loop = try add.loop(for: [.typed(dtype), .weakInt(Int128(fits))])
      #expect(loop.inputTypes == [dtype, dtype])
      #expect(loop.scalars[0] == nil)
      #expect(loop.scalars[1]?.dtype == dtype)
      #expect(loop.scalars[1]?.description == "\(fits)")
      let error = storeError { () throws(StoreError) in
        _ = try add.loop(for: [.typed(dtype), .weakInt(Int128(tooLarge))])
      }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.hasPrefix("\(tooLarge) is out of bounds for \(dtype.name)") == true)
    }
    #expect(storeError { () throws(StoreError) in _ = try add.loop(for: [.weakInt(1), .weakInt(1 << 64)]) } != nil)
  }

  @Test func `integers are compared with any plain integer by value`() throws {
    let huge = Int128(1) << 70
    let cases: [(DType, Int128)] = [
      (.uint8, 300), (.uint8, -1), (.int8, 128), (.int64, 1 << 63), (.int64, huge), (.uint64, -1), (.uint64, -huge),
      (.uint64, 1 << 64), (.int32, -huge),
    ]
    for (dtype, number) in cases {
      let limits = try #require(dtype.integerRange)
      for value in [limits.lowerBound, 0, limits.upperBound] {
        for (name, expected) in [
          ("less", value < number), ("equal", value == number), ("greater_equal", value >= number),
        ] {
          let loop = try #require(UfuncTable[name]).loop(for: [.typed(dtype), .weakInt(number)])
          let element = try #require(try Operand.weakInt(value).element(as: loop.inputTypes[0]))
          let scalar = try #require(loop.scalars[1])
          let results = try loop.run(
            [element, scalar].map { Elements(dtype: $0.dtype, bytes: $0.bytes) }, count: 1, single: [1])
          #expect(results[0].bytes == [expected ? 1 : 0], "\(value) \(name) \(number) as \(loop.inputTypes)")
        }
      }
    }
  }

  @Test func `a refusal names ufunc, types and the way out`() throws {
    func refusal(_ name: String, _ operands: Operand...) throws -> String {
      let ufunc = try #require(UfuncTable[name])
      return storeError { () throws(StoreError) in _ = try ufunc.loop(for: operands) }?.message ?? ""
    }
    #expect(
      try refusal("left_shift", .typed(.float32), .weakInt(1))
        == "'left_shift' is not defined for float32 and 1: it takes int8, uint8, int16, uint16, int32, uint32, int64, "
        + "uint64, and the operands do not cast safely to any of these; convert them with astype")
    #expect(try refusal("subtract", .typed(.bool), .weakBool(true)).contains("use bitwise_xor or logical_xor"))
    #expect(try refusal("negative", .typed(.bool)).contains("use invert or logical_not"))
    #expect(try refusal("add", .typed(.int8)) == "'add' takes 2 operands, not 1")
  }
}

/// The error that `body` throws.
func storeError(_ body: () throws(StoreError) -> Void) -> StoreError? {
  do throws(StoreError) {
    try body()
    return nil
  } catch { return error }
}
