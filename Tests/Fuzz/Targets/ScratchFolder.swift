// A folder for the files of a target, in memory where the system has such a place.

import DAStore
import Glibc

/// Calls `body` with a new folder and removes it with the files in it.
public func withScratchFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
  let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  var template = Array("\(base)/dastore-fuzz-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw FuzzFinding("no folder can be made in \(base)") }
  let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer {
    for name in names(in: path) where name != "." && name != ".." { unlink("\(path)/\(name)") }
    rmdir(path)
  }
  return try body(path)
}

/// Names of the entries of a folder, sorted; none when it cannot be read.
func names(in folder: String) -> [String] {
  guard let stream = opendir(folder) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    names.append(withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
  }
  return names.sorted()
}
