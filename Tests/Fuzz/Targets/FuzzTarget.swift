// What a fuzz target is: a decoder, inputs to begin with, and the promises that its answer must keep.

import DAStore

/// A broken promise: what a fuzzer looks for beside crashes.
public struct FuzzFinding: Error, CustomStringConvertible {
  public var description: String
  init(_ description: String) { self.description = description }
}

/// One decoder under test.
public struct FuzzTarget: Sendable {
  public struct Seed: Sendable {
    public var name: String
    public var bytes: [UInt8]
  }

  public var name: String
  /// Longest input worth trying.
  public var maximumByteCount: Int
  /// Small sound inputs.
  public var seeds: @Sendable () throws -> [Seed]
  /// Gives the bytes to the decoder and tells in one text what came of it: the same text for the same bytes.
  ///
  /// The folder is an empty one that the target may use; what is in it is overwritten from call to call.
  var body: @Sendable (_ bytes: [UInt8], _ folder: String) throws -> String

  /// Runs the decoder; `StoreError` is an answer like any other, provided that it says what a person needs.
  ///
  /// - Throws: `FuzzFinding`.
  public func run(_ bytes: [UInt8], folder: String) throws -> String {
    do {
      return try body(bytes, folder)
    } catch let finding as FuzzFinding {
      throw finding
    } catch let error as StoreError {
      try judge(error)
      return "\(error.code): \(error)"
    } catch {
      throw FuzzFinding("an error of a foreign type: \(error)")
    }
  }

  public static let all: [FuzzTarget] = [
    literal, json, names, formula, npyHeader, npyFile, npz, deflate, dnpy1, dnpy2, codecs,
  ]

  public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// Errors are one printable line and never blame the library or the system for what the bytes say.
private func judge(_ error: StoreError) throws {
  let text = "\(error)"
  if error.message.isEmpty { throw FuzzFinding("an empty error message") }
  if text.unicodeScalars.contains(where: {
    $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.properties.isNewline
  }) {
    throw FuzzFinding("an error message of more than one line, or with control characters: \(text.debugDescription)")
  }
  if text.utf8.count > 4096 { throw FuzzFinding("an error of \(text.utf8.count) bytes: \(text.prefix(200))…") }
  if error.code == .internalFault || error.code == .io || error.code == .messagePassing {
    throw FuzzFinding("bytes of a file led to an error of another kind: \(error.code): \(text)")
  }
}

extension Unicode.Scalar.Properties {
  /// Line and paragraph separators beyond the control characters.
  fileprivate var isNewline: Bool { generalCategory == .lineSeparator || generalCategory == .paragraphSeparator }
}

/// Fails unless `condition` holds.
func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
  if !condition { throw FuzzFinding(what()) }
}

/// Errors of a file must name it.
func naming<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
  do {
    return try body()
  } catch let error as StoreError {
    try require(error.path?.hasPrefix(path) == true, "an error that does not name its file \(path): \(error)")
    throw error
  }
}

/// FNV-1a, for answers that are long.
func fingerprint(_ bytes: some Sequence<UInt8>) -> String {
  String(bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }, radix: 16)
}

/// Takes numbers from the front of an input; zeros when it is used up.
struct InputReader {
  var rest: ArraySlice<UInt8>
  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func number(byteCount: Int) -> Int {
    var value = 0
    for shift in 0..<byteCount { value |= Int(rest.popFirst() ?? 0) << (8 * shift) }
    return value
  }

  mutating func take(_ count: Int) -> [UInt8] {
    let taken = rest.prefix(count)
    rest = rest.dropFirst(count)
    return Array(taken)
  }
}
