// A folder for the files of one test, gone when the test is over.

import Foundation
import MessagePassing

/// A new folder that all ranks of a communicator know.
public struct ScratchFolder {
  public let path: String
  private let communicator: Communicator

  /// - Collective: yes; rank 0 makes the folder.
  public init(_ communicator: Communicator = .serial) throws {
    var name: [UInt8] = []
    let made = Result { () throws(ExpectationFailure) -> Void in
      guard communicator.rank == 0 else { return }
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dastore-test-\(UUID().uuidString)")
        .path
      name = Array(folder.utf8)
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      } catch {
        throw ExpectationFailure("\(folder) cannot be made: \(error)")
      }
    }
    try communicator.agree(made)
    try communicator.broadcast(&name, from: 0)
    path = String(decoding: name, as: UTF8.self)
    self.communicator = communicator
  }

  /// Names of the files in it, sorted.
  public func contents() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  /// Removes the folder.
  ///
  /// - Collective: yes.
  public func remove() throws {
    try communicator.barrier()
    if communicator.rank == 0 { try FileManager.default.removeItem(atPath: path) }
  }
}
