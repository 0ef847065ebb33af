// HDF5 files made by h5py for the tests: every feature that is read, and what each dataset must give.

import DATestSupport
import Foundation

/// What `Tests/Golden/make_hdf5.py` wrote, made once per run and removed at its end.
enum HDF5Corpus {
  struct Case: Decodable {
    var name: String
    /// A `.npy` file with the same values; `nil` for what is refused.
    var npy: String?
    /// Part of the message with which it is refused.
    var error: String?
    var dimensions: [String?]?
    var attributes: [String: Attribute]?
  }

  /// A value of an attribute, as JSON text with sorted keys.
  struct Attribute: Decodable {
    var value: Any?
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        value = nil
      } else if let flag = try? container.decode(Bool.self) {
        value = flag
      } else if let number = try? container.decode(Double.self) {
        value = number
      } else if let text = try? container.decode(String.self) {
        value = text
      } else {
        value = try container.decode([Attribute].self).map(\.value)
      }
    }
  }

  static let folder: Result<String, any Error> = Result {
    var template = Array("/tmp/dastore-test-hdf5-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ExpectationFailure("no temporary folder can be made") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    madeFolder = path
    atexit { if let path = HDF5Corpus.madeFolder { try? FileManager.default.removeItem(atPath: path) } }
    let result = try TestPython.run("Tests/Golden/make_hdf5.py", [path])
    guard result.exitCode == 0 else { throw ExpectationFailure(result.stderr) }
    return path
  }
  // Written once, before the handler that reads it can run.
  nonisolated(unsafe) private static var madeFolder: String?

  static func cases() throws -> [Case] {
    let path = try folder.get() + "/cases.json"
    return try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }
}
