// Golden `.npy` and `.npz` files, temporary folders, and whole-array reads, for the tests of both formats.

import DAStore
import Foundation
import Testing

/// What `Tests/Golden/make_npy.py` says about its files.
struct NpyGolden: Decodable {
  struct Array: Decodable {
    var file: String
    var shape: [Int]
    var dtype: String
    var version: UInt8
    var fortran: Bool
    var bigEndian: Bool
    /// Elements in C order, little-endian.
    var hex: String
  }
  struct Refused: Decodable {
    var file: String
    var code: String
    var says: String
  }
  struct Header: Decodable {
    var shape: [Int]
    var dtype: String
    var fortran: Bool
    var version: UInt8
    /// The header without the blanks and the line feed that fill it up to `size`.
    var hex: String
    var size: Int
  }
  var arrays: [Array]
  var refused: [Refused]
  var headers: [Header]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../Golden/npy").standardized
  static let all: NpyGolden = {
    do {
      return try JSONDecoder().decode(NpyGolden.self, from: Data(contentsOf: folder.appending(path: "golden.json")))
    } catch {
      fatalError("Tests/Golden/npy/golden.json: \(error)")
    }
  }()

  static func path(_ name: String) -> String { folder.appending(path: name).path }
  static func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: folder.appending(path: name))) }
}

func bytes(hex: String) -> [UInt8] {
  let digits = Swift.Array(hex.utf8)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0 }
}

/// A folder that is removed with everything in it when the closure ends.
func withTemporaryFolder<Value>(_ body: (URL) throws -> Value) throws -> Value {
  let folder = FileManager.default.temporaryDirectory.appending(path: "dastore-npy-" + UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }  // the system sweeps what stays
  return try body(folder)
}

/// The error that the closure throws, recorded as a failure when it throws none.
func storeError(_ body: () throws(StoreError) -> Void, _ location: SourceLocation = #_sourceLocation) -> StoreError? {
  do {
    try body()
    Issue.record("no error was thrown", sourceLocation: location)
    return nil
  } catch {
    return error
  }
}
