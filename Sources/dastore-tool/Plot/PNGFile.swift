// The file that a picture goes to: refused beforehand when it exists, there only when it is whole.

import DAStore
import MessagePassing

struct PNGFile {
  private let target: TargetFile

  /// - Throws: `.alreadyExists` unless `isOverwriting`; `.invalidArgument` for a name that does not end in `.png`.
  /// - Collective: yes.
  init(path: String, isOverwriting: Bool, communicator: Communicator) throws(StoreError) {
    guard path.lowercased().hasSuffix(".png") else {
      throw StoreError(.invalidArgument, "pictures are PNG files; choose a name that ends in .png", path: path)
    }
    target = try TargetFile(path, overwrite: isOverwriting, communicator: communicator)
  }

  /// Draws on the first rank and puts the file in place.
  ///
  /// - Collective: yes.
  func write(_ draw: () throws(StoreError) -> [UInt8]) throws(StoreError) {
    do throws(StoreError) {
      try target.communicator.agree { () throws(StoreError) in
        guard target.communicator.rank == 0 else { return }
        let bytes = try draw()
        let file = try PositionalFile(target.partialPath, .createNew)
        try bytes.withBytes { bytes throws(StoreError) in try file.write(at: 0, bytes) }
        try file.synchronize()
      }
      try target.publish()
    } catch {
      target.discard()
      throw error.at(path: target.target)
    }
  }

  /// Gives up; what had the name keeps it. Local.
  func discard() { target.discard() }
}
