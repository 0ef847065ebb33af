// A directory that a test may fill, and that is gone afterwards.

import Glibc

/// Runs `body` with the path of a new, empty directory, and deletes it with all it contains.
public func withTemporaryDirectory<R>(_ body: (_ path: String) throws -> R) throws -> R {
  var template = Array("/tmp/dastore-test-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else {
    throw ProcessFailure(description: "mkdtemp: \(String(cString: strerror(errno)))")
  }
  let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer { removeTree(path) }
  return try body(path)
}

/// Deletes a file or a directory with all it contains; links are deleted, not followed.
private func removeTree(_ path: String) {
  var information = stat()
  if lstat(path, &information) == 0, information.st_mode & S_IFMT == S_IFDIR, let directory = opendir(path) {
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    closedir(directory)
    for name in names where name != "." && name != ".." { removeTree("\(path)/\(name)") }
  }
  remove(path)
}
