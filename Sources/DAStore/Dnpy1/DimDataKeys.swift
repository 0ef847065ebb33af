// The keys of one dimension dictionary, with the errors that name them.

/// Reads the values of a dictionary's keys and says what is wrong with them.
package struct DimDataKeys {
  package let entries: [PythonLiteral.Entry]
  package let literal: PythonLiteral
  /// What errors call the dictionary: `dim_data[0]`.
  let name: String
  let code: StoreError.Code

  /// - Throws: `code` when the literal is no dictionary.
  package init(_ literal: PythonLiteral, name: String, code: StoreError.Code) throws(StoreError) {
    guard case .dict(let entries) = literal else {
      throw StoreError(code, "\(name) is of type \(literal.kindName), expected a dict")
    }
    self.entries = entries
    self.literal = literal
    self.name = name
    self.code = code
  }

  package func required(_ key: String) throws(StoreError) -> PythonLiteral {
    guard let value = literal[key] else { throw StoreError(code, "\(name): key '\(key)' is missing") }
    return value
  }

  package func integer(_ key: String, atLeast minimum: Int, default fallback: Int? = nil) throws(StoreError) -> Int {
    if let fallback, literal[key] == nil { return fallback }
    guard let value = try required(key).intValue, value >= minimum else {
      throw error(key, expected: "an integer of at least \(minimum)")
    }
    return value
  }

  package func boolean(_ key: String) throws(StoreError) -> Bool {
    guard let value = literal[key] else { return false }
    guard let flag = value.boolValue else { throw error(key, expected: "True or False") }
    return flag
  }

  /// A list or printed array of integers.
  package func indices(_ literal: PythonLiteral, of key: String) throws(StoreError) -> [Int] {
    if literal.arrayValue?.isElided == true {
      throw StoreError(
        code,
        "\(name): key '\(key)' is abbreviated with '...', as NumPy prints long arrays: the indices "
          + "were never stored and the file cannot be placed; save the array again with another distribution")
    }
    guard let elements = literal.arrayValue?.elements ?? literal.sequenceValue else {
      throw error(key, expected: "a list or array of integers")
    }
    var indices: [Int] = []
    for element in elements {
      guard let index = element.intValue else {
        throw StoreError(code, "\(name): key '\(key)' holds \(element.excerpt), expected integers only")
      }
      indices.append(index)
    }
    return indices
  }

  /// A key that is not the protocol's may be a damaged one that matters.
  package func refuseKeys(except known: [String], _ letter: String) throws(StoreError) {
    for entry in entries {
      if let key = entry.key.stringValue, known.contains(key) { continue }
      throw StoreError(
        code,
        "\(name): key \(entry.key.excerpt) does not belong to dist_type '\(letter)', expected "
          + known.map { "'\($0)'" }.joined(separator: ", "))
    }
  }

  package func error(_ key: String, expected: String) -> StoreError {
    let found = literal[key]?.excerpt ?? "nothing"
    return StoreError(code, "\(name): key '\(key)' is \(found), expected \(expected)")
  }
}

extension PythonLiteral {
  /// The value's text, shortened for one line of an error.
  package var excerpt: String {
    let text = repr()
    return text.count > 60 ? text.prefix(57) + "..." : text
  }
}
