// Python literals as values: the notation of `.npy` and `.dnpy` 1 headers, parsed and never evaluated.

/// A Python literal: numbers, strings, containers, and NumPy's printed one-dimensional arrays.
package indirect enum PythonLiteral: Sendable, Equatable {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  /// `str` and `bytes` alike: headers written by Python 2 do not tell them apart.
  case string(String)
  case tuple([PythonLiteral])
  case list([PythonLiteral])
  /// Entries in the order of the text; keys are unique.
  case dict([Entry])
  case array(PrintedArray)

  package struct Entry: Sendable, Equatable {
    package var key: PythonLiteral
    package var value: PythonLiteral
    package init(_ key: PythonLiteral, _ value: PythonLiteral) {
      self.key = key
      self.value = value
    }
  }

  /// What `repr` of a NumPy array looks like in a header: `array([0, 3, 4], dtype=int32)`.
  package struct PrintedArray: Sendable, Equatable {
    package var elements: [PythonLiteral]
    /// The name after `dtype=`, with or without quotes in the text; `nil` when it is not printed.
    package var dtype: String?
    /// NumPy replaced part of the elements by `...`, so they are not all in the text.
    package var isElided: Bool
    package init(_ elements: [PythonLiteral], dtype: String? = nil, isElided: Bool = false) {
      self.elements = elements
      self.dtype = dtype
      self.isElided = isElided
    }
  }
}

extension PythonLiteral {
  package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var intValue: Int? { if case .int(let value) = self { value } else { nil } }
  package var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  package var tupleValue: [PythonLiteral]? { if case .tuple(let value) = self { value } else { nil } }
  package var dictValue: [Entry]? { if case .dict(let value) = self { value } else { nil } }
  package var arrayValue: PrintedArray? { if case .array(let value) = self { value } else { nil } }
  /// The elements of a tuple or list.
  package var sequenceValue: [PythonLiteral]? {
    switch self {
    case .tuple(let value), .list(let value): value
    default: nil
    }
  }

  /// The value of a dict under a string key; `nil` for other kinds and missing keys.
  package subscript(key: String) -> PythonLiteral? {
    dictValue?.first { $0.key == .string(key) }?.value
  }

  /// Python's name of this kind of value, for error texts.
  package var kindName: String {
    switch self {
    case .none: "None"
    case .bool: "bool"
    case .int: "int"
    case .float: "float"
    case .string: "str"
    case .tuple: "tuple"
    case .list: "list"
    case .dict: "dict"
    case .array: "array"
    }
  }
}
