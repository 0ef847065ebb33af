// Parallel files of a process alone.

import DATestSupport
import Glibc
import Testing

@testable import MessagePassing

struct SerialFileTests {
  private func withPath(_ body: (String) throws -> Void) throws {
    try withTemporaryDirectory { try body($0 + "/file") }
  }

  private func bytes(_ range: Range<Int>) -> [UInt8] { range.map { UInt8(truncatingIfNeeded: $0 * 7) } }

  private func read(_ file: ParallelFile, at offset: Int, _ count: Int) throws -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    try result.withUnsafeMutableBytes { try file.read(at: offset, into: $0) }
    return result
  }

  @Test(arguments: [1, 3, 1 << 28]) func readsWhatWasWritten(limit: Int) throws {
    try withPath { path in
      let alone = try Communicator.serial.duplicate(messageLimit: MessageLimit(byteCount: limit))
      let file = try ParallelFile.open(path, [.readWrite, .create, .exclusive], on: alone)
      try bytes(0..<50).withUnsafeBytes { try file.write(at: 10, from: $0) }
      try bytes(0..<0).withUnsafeBytes { try file.writeAll(at: 500, from: $0) }
      #expect(try file.size() == 60)
      #expect(try read(file, at: 10, 50) == bytes(0..<50))
      #expect(try read(file, at: 0, 10) == [UInt8](repeating: 0, count: 10))
      #expect(try read(file, at: 1000, 0) == [])
      try file.sync()
      try file.setSize(20)
      #expect(try file.size() == 20)
      try file.preallocate(0)
      try file.preallocate(100)
      #expect(try file.size() == 100)
      #expect(try file.hints() == [:])
      try file.close()
      try file.close()
    }
  }

  @Test func errors() throws {
    try withPath { path in
      func kind(_ body: () throws -> Void) -> MPIError.Kind? {
        do {
          try body()
          return nil
        } catch {
          return (error as? MPIError)?.kind
        }
      }
      #expect(kind { _ = try ParallelFile.open(path, .read, on: .serial) } == .noSuchFile)
      #expect(kind { _ = try ParallelFile.open(path, [], on: .serial) } == .badArgument)
      #expect(kind { _ = try ParallelFile.open("", .read, on: .serial) } == .badArgument)
      #expect(kind { _ = try ParallelFile.open("a\0b", .read, on: .serial) } == .badArgument)
      #expect(kind { _ = try ParallelFile.open("/tmp", .read, on: .serial) } == .badArgument)
      let file = try ParallelFile.open(path, [.readWrite, .create], on: .serial)
      #expect(kind { _ = try ParallelFile.open(path, [.write, .create, .exclusive], on: .serial) } == .fileExists)
      try file.setSize(8)
      let error = #expect(throws: MPIError.self) { try read(file, at: 5, 10) }
      #expect(error?.text == "'\(path)', 10 bytes at offset 5: expected 10 bytes, found 3")
      #expect(kind { _ = try read(file, at: 8, 1) } == .truncated)
      #expect(kind { _ = try read(file, at: -1, 1) } == .badArgument)
      #expect(kind { _ = try read(file, at: .max, 1) } == .badArgument)
      #expect(kind { try file.setSize(-1) } == .badArgument)
      try file.close()
      let full = try ParallelFile.open("/dev/full", .write, on: .serial)
      #expect(kind { try bytes(0..<1).withUnsafeBytes { try full.write(at: 0, from: $0) } } == .noSpace)
      try full.close()
    }
  }

  @Test func deletedWhenClosed() throws {
    try withPath { path in
      let file = try ParallelFile.open(path, [.write, .create, .deleteOnClose], on: .serial)
      #expect(access(path, F_OK) == 0)
      try file.close()
      #expect(access(path, F_OK) != 0)
    }
  }
}
