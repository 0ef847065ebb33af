// JSON as a value: attributes, metadata blocks, and what commands print for machines.

import FoundationEssentials

/// Any JSON document.
///
/// JSON has one kind of number: a whole one that fits 64 bits is read as an integer, `2.0` like `2`.
public enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])
}

extension JSONValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    // Each attempt fails for values of another kind; the last one reports.
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      // However it is written: what is whole here is written without a fraction, and must be the same when it is read again.
      self = Int(exactly: value).map { .int($0) } ?? .double(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

extension JSONValue {
  /// Parses UTF-8 JSON.
  ///
  /// - Throws: `.corrupt` with the parser's reason.
  public init(parsing bytes: [UInt8]) throws(StoreError) {
    do {
      self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    } catch DecodingError.dataCorrupted(let context) {
      // The reason may name the whole way to the place, as deep as the file makes it.
      throw StoreError(.corrupt, "not valid JSON: \(context.debugDescription.prefix(200))")
    } catch {
      // Which of several such values the parser meets first is chance; so that all ranks say the same, none is named.
      throw StoreError(.corrupt, "not valid JSON: it holds a value that is no text, number, list or object")
    }
  }

  /// UTF-8 JSON with sorted keys, so that equal values give equal bytes. Numbers that JSON cannot express become the
  /// strings `NaN`, `Infinity` and `-Infinity`.
  public func encoded(pretty: Bool = false) throws(StoreError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      return Array(try encoder.encode(self))
    } catch {
      throw StoreError(.internalFault, "could not write JSON: \(error)")
    }
  }

  public subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }
  public var intValue: Int? { if case .int(let value) = self { value } else { nil } }
  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  public var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  public var objectValue: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
  public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
}
