// Names that lead to no stored array: folders, pipes, devices, files without a size. No format may wait, trap or guess.

import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DAStore

@Suite struct HostilePlacesTests {
  typealias Opener = @Sendable (String) throws(StoreError) -> Void
  static let openers: [(name: String, open: Opener)] = [
    ("npy", { path throws(StoreError) in _ = try NpyDataset(path: path) }),
    ("npz", { path throws(StoreError) in _ = try NpzArchive(path: path) }),
    ("dnpy1", { path throws(StoreError) in _ = try Dnpy1Dataset(files: [path]) }),
    ("dnpy2", { path throws(StoreError) in _ = try Dnpy2Dataset(path: path) }),
    ("any", { path throws(StoreError) in _ = try openDataset(DatasetName(parsing: path), over: .serial) }),
  ]

  private func expectRefusal(_ path: String, _ codes: Set<StoreError.Code>) {
    for (name, open) in Self.openers {
      do throws(StoreError) {
        try open(path)
        Issue.record("\(name) opened \(path)")
      } catch {
        #expect(codes.contains(error.code), "\(name), \(path): \(error.code), \(error)")
        #expect(error.path == path, "\(name), \(path): \(error)")
      }
    }
  }

  @Test func thingsThatAreNoFilesAreRefused() throws {
    try withTemporaryFolder { folder in
      let pipe = folder.appending(path: "pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      for path in [folder.path, pipe, "/dev/null", "/dev/zero"] { expectRefusal(path, [.unsupported]) }
      let ring = folder.appending(path: "ring").path
      try FileManager.default.createSymbolicLink(atPath: ring, withDestinationPath: ring)
      expectRefusal(ring, [.io])
      expectRefusal(folder.appending(path: "missing").path, [.notFound])
      expectRefusal(folder.path + "/" + String(repeating: "n", count: 300), [.io])
      // A file on the way to the file.
      let file = folder.appending(path: "file").path
      try Data([1, 2, 3]).write(to: URL(fileURLWithPath: file))
      expectRefusal(file + "/a", [.io])
    }
  }

  @Test func filesWithoutBytesAreRefused() throws {
    try withTemporaryFolder { folder in
      let empty = folder.appending(path: "empty").path
      try Data().write(to: URL(fileURLWithPath: empty))
      // Files of /proc have bytes but no size.
      for path in [empty, "/proc/self/status"] { expectRefusal(path, [.truncated, .unsupported, .corrupt]) }
    }
  }

  @Test func aFileOfOneKindIsRefusedByTheOthers() throws {
    try withTemporaryFolder { folder in
      let dnpy2 = folder.appending(path: "a.dnpy").path
      try makeFile(dnpy2, Model(shape: [3]) { Int32($0) }, chunkShape: [2])
      let files = [
        "npy": NpyGolden.path("i4_c.npy"), "npz": NpyGolden.path("one.npz"), "dnpy2": dnpy2,
        "dnpy1": Dnpy1Golden.prefix("bn") + "_0.dnpy",
      ]
      for (format, path) in files {
        for (name, open) in Self.openers where name != format && name != "any" {
          let error = #expect(throws: StoreError.self, "\(name) opened a file of \(format)") { try open(path) }
          // Shorter than the head that every .dnpy 2 file has is cut short, whatever it was.
          let codes: [StoreError.Code] =
            name == "dnpy2" ? [.unsupported, .corrupt, .truncated] : [.unsupported, .corrupt]
          #expect(error.map { codes.contains($0.code) } == true, "\(name), \(format): \(String(describing: error))")
          #expect(error?.path == path)
        }
      }
    }
  }
}
