// The parser and printer of Python literals.

import DAStore
import Testing

@Suite struct PythonLiteralTests {
  private func parse(_ text: String) throws -> PythonLiteral { try PythonLiteral(parsing: Array(text.utf8)) }

  @Test(arguments: [
    ("None", PythonLiteral.none), (" True\n", .bool(true)), ("False", .bool(false)), ("0", .int(0)), ("00", .int(0)),
    ("-12", .int(-12)),
    ("+7", .int(7)), ("12L", .int(12)), ("-9223372036854775808", .int(.min)), ("1.5", .float(1.5)), ("1.", .float(1)),
    (".5", .float(0.5)), ("-.5e1", .float(-5)), ("1e-3", .float(0.001)), ("2.E2", .float(200)), ("'a'", .string("a")),
    ("\"it's\"", .string("it's")), ("u'a'", .string("a")), ("b'a'", .string("a")), ("''", .string("")),
    (#"'\n\\\'\x41\u00e9\U0001F600\101'"#, .string("\n\\'Aé\u{1F600}A")),
    (#"'\d'"#, .string("\\d")), ("'é'", .string("é")), ("()", .tuple([])), ("(1,)", .tuple([.int(1)])),
    ("(1)", .int(1)),
    ("(1, 2)", .tuple([.int(1), .int(2)])), ("[1, [2,],]", .list([.int(1), .list([.int(2)])])), ("{}", .dict([])),
    ("{'a': 1, 2: (None,)}", .dict([.init(.string("a"), .int(1)), .init(.int(2), .tuple([.none]))])),
    ("array([0, 3])", .array(.init([.int(0), .int(3)]))),
    ("array([0, 1, ..., 9])", .array(.init([.int(0), .int(1), .int(9)], isElided: true))),
    ("array([1., 2.], dtype=float32)", .array(.init([.float(1), .float(2)], dtype: "float32"))),
    ("array([], dtype='<i8')", .array(.init([], dtype: "<i8"))),
    ("array([0, ...], shape=(2000,))", .array(.init([.int(0)], isElided: true))),
    ("array([0,\n       1])", .array(.init([.int(0), .int(1)]))),
  ])
  func understands(_ text: String, _ value: PythonLiteral) throws {
    #expect(try parse(text) == value)
  }

  @Test(arguments: [
    ("", "byte 0: expected a value, found the end"), ("x", "byte 0: expected a value, found 'x'"),
    ("1 2", "byte 2: expected the end of the header, found '2'"),
    ("{'a' 1}", "byte 5: expected ':' after a key, found '1'"),
    ("{1, 2}", "byte 2: expected ':' after a key, found ','"),
    ("{'a': 1", "byte 7: expected ',' or '}', found the end"), ("(1 2)", "byte 3: expected ',' or ')', found '2'"),
    ("[,]", "byte 1: expected a value, found ','"),
    ("'a", "byte 2: expected the closing quote of a string, found the end"),
    ("'a\nb'", "byte 2: expected the closing quote of a string, found byte 0xa"),
    ("{'a': 1, 'a': 2}", "byte 9: key 'a' is given twice"),
    ("9223372036854775808", "byte 0: an integer that does not fit 64 bits: 9223372036854775808"),
    ("007", "byte 0: a number with leading zeros: 007"),
    ("1j", "byte 1: expected the end of a number, found 'j'"),
    ("0x10", "byte 1: expected the end of a number, found 'x'"),
    ("1_000", "byte 1: expected the end of a number, found '_'"),
    ("1e", "byte 2: expected the digits of an exponent, found the end"),
    ("-", "byte 1: expected a number, found the end"), (".", "byte 0: expected a number, found '.'"),
    ("--1", "byte 1: expected a number, found '-'"),
    (#"'\x4'"#, "byte 4: expected 2 hexadecimal digits, found '''"),
    (#"'\ud800'"#, "byte 3: an escape that names no character"),
    (#"'\N{DIGIT ONE}'"#, "byte 3: a character by name"), ("...", "byte 0: expected a number, found '.'"),
    ("[0, ...]", "expected a number"),
    ("array(1)", "byte 6: expected '[' after array(, found '1'"),
    ("array([1] 2)", "byte 10: expected ',' or ')', found '2'"),
    ("array([1], 2)", "byte 11: expected a keyword argument or ')', found '2'"),
    ("array([array([1])])", "byte 7: expected a value, found 'a'"),
    ("__import__('os')", "byte 0: expected a value, found '_'"),
    ("1+1", "byte 1: expected the end of the header, found '+'"),
  ])
  func refuses(_ text: String, _ says: String) {
    let error = storeError { () throws(StoreError) in _ = try PythonLiteral(parsing: Array(text.utf8)) }
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains(says) == true, "\(text): \(error?.message ?? "")")
  }

  @Test func positionsCountFromTheStreamsOffset() {
    let error = storeError { () throws(StoreError) in _ = try PythonLiteral(parsing: Array("[x]".utf8), offset: 100) }
    #expect(error?.message == "header, byte 101: expected a value, found 'x'")
  }

  @Test func nestingIsLimited() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(throws: Never.self) { try parse(nested(PythonLiteral.maximumDepth)) }
    for opening in ["[", "(", "{1:", "array(["] {
      let text = String(repeating: opening, count: 100_000)
      #expect(
        storeError { () throws(StoreError) in _ = try PythonLiteral(parsing: Array(text.utf8)) }?.code == .corrupt)
    }
  }

  @Test func sizesAreLimited() {
    let long = Array(repeating: UInt8(ascii: " "), count: PythonLiteral.maximumByteCount + 1)
    #expect(
      storeError { () throws(StoreError) in _ = try PythonLiteral(parsing: long) }?.message.contains("at most 1048576")
        == true)
    let wide = "{" + (0...PythonLiteral.maximumEntryCount).map { "\($0): 0" }.joined(separator: ",") + "}"
    #expect(
      storeError { () throws(StoreError) in _ = try PythonLiteral(parsing: Array(wide.utf8)) }?.message.contains(
        "1024 entries") == true)
  }

  @Test func bytesAbove127AreReadInTheGivenEncoding() throws {
    let text: [UInt8] = [0x27, 0xE9, 0x27]
    #expect(try PythonLiteral(parsing: text, encoding: .latin1) == .string("é"))
    #expect(
      storeError { () throws(StoreError) in _ = try PythonLiteral(parsing: text, encoding: .utf8) }?.message.contains(
        "UTF-8") == true)
  }

  @Test func printsAsPythonDoes() throws {
    let value = PythonLiteral.dict([
      .init(.string("b"), .tuple([.int(1)])), .init(.string("a"), .list([.none, .bool(true), .float(0.1), .float(2)])),
      .init(.string("c"), .tuple([.string("it's"), .string("'\""), .string("\n\\é\u{7f}\u{200b}")])),
    ])
    #expect(value.repr() == #"{'b': (1,), 'a': [None, True, 0.1, 2.0], 'c': ("it's", '\'"', '\n\\é\x7f\u200b')}"#)
    #expect(value.repr(sortingKeys: true).hasPrefix("{'a': [None"))
    #expect(try parse(value.repr()) == value)
    let array = PythonLiteral.array(.init([.int(1), .int(5)], dtype: "int32"))
    #expect(array.repr() == "array([1, 5], dtype=int32)")
    #expect(try parse(array.repr()) == array)
  }

  @Test func headersSortKeysAndEndWithComma() {
    let entries: [PythonLiteral.Entry] = [
      .init(.string("shape"), .tuple([.int(3), .int(4)])), .init(.string("descr"), .string("<f8")),
      .init(.string("fortran_order"), .bool(false)),
    ]
    #expect(PythonLiteral.headerText(entries) == "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }")
  }
}
