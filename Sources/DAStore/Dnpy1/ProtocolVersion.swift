// Which versions of the Distributed Array Protocol are understood.

/// The version of the Distributed Array Protocol in a `__version__` key.
///
/// - Throws: `code` when it is no version such as `0.10.0`, `.unsupported` for one that is neither 0.9 nor 0.10.
package func checkedProtocolVersion(
  _ literal: PythonLiteral, code: StoreError.Code = .corrupt
) throws(StoreError) -> String {
  let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  guard let text = literal.stringValue else {
    throw StoreError(code, "'__version__' is \(literal.excerpt), expected a version such as '0.10.0'")
  }
  let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
  guard numbers.count == 3, numbers.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { digits.contains($0) } }) else {
    throw StoreError(code, "'__version__' is \(String(text.prefix(40))), expected a version such as '0.10.0'")
  }
  guard numbers[0] == "0", numbers[1] == "9" || numbers[1] == "10" else {
    throw StoreError(
      .unsupported,
      "version \(String(text.prefix(40))) of the Distributed Array Protocol; 0.9 and 0.10 are understood")
  }
  return text
}
