// Expected values that scripts beside the data have taken from NumPy.

import DAStore
import Foundation

/// Reads a file of `Tests/Golden`.
func golden<Value: Decodable>(_ name: String, as type: Value.Type = Value.self, file: String = #filePath) throws -> Value {
  let folder = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
  return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent("Golden/\(name)")))
}

func bytes(hex: String) -> [UInt8] {
  let digits = Array(hex.utf8)
  return stride(from: 0, to: digits.count - 1, by: 2).compactMap { UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) }
}
