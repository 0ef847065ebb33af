// Assignment into stored arrays: what is written, what stays, and what a failure leaves.

import DAStore
import DATestSupport
import Foundation
import MessagePassing
import Testing

@testable import DistArray

@Suite struct UpdateTests {
  let context: Context

  init() throws { context = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 16 << 20)) }

  private func withStored(_ ending: String, _ body: (_ path: String) throws -> Void) throws {
    try withTemporaryDirectory { folder in
      let path = "\(folder)/u.\(ending)"
      try context.fromFunction([20, 30]) { Double($0[0] * 30 + $0[1]) }
        .write(to: path, chunks: ending == "npy" ? nil : [5, 7])
      try body(path)
    }
  }

  private func values(_ name: String) throws -> [Double] {
    try #require(try context.evaluate(context.open(name)).values(as: Double.self))
  }

  @Test(arguments: ["dnpy", "npy"]) func assignmentIsStored(_ ending: String) throws {
    try withStored(ending) { path in
      let rows = context.full([3, 30], -1.5)
      try context.update(path) { u in
        u[2..<5] = rows
        u[[0, 19], [3, 29]] = 7
        u[-1, .stride(by: -10)] = context.arange(3)
      }
      var expected = (0..<600).map(Double.init)
      for place in 60..<150 { expected[place] = -1.5 }
      (expected[3], expected[599]) = (7, 0)
      (expected[589], expected[579]) = (1, 2)
      #expect(try values(path) == expected)
      try context.update(path) { u in u[u < 0] = 0 }
      #expect(try values(path) == expected.map { max($0, 0) })
    }
  }

  /// The chunks that assignments reach.
  private func expectChanges(_ path: String, _ chunks: Set<Int>?, _ body: (inout DistArray) -> Void) throws {
    let dataset = try openDataset(DatasetName(parsing: path), over: .serial)
    var array = context.array(dataset)
    body(&array)
    #expect(try array.result.get().changedChunks(of: dataset) == chunks)
  }

  /// Only the chunks reached are written, as one generation; the old one stays readable while it is kept.
  @Test func onlyChunksReachedAreWritten() throws {
    try withStored("dnpy") { path in
      let before = try context.open(path)
      let old = try context.evaluate(before)
      // Five chunks a row.
      try expectChanges(path, [0]) { $0[2..<5, 0] = 1 }
      try expectChanges(path, Set(0..<10)) { $0[4...5] = 1 }
      try expectChanges(path, [0, 19]) { $0[[0, 19], [3, 29]] = 1 }
      try expectChanges(path, [11, 12]) { $0[[12], 8..<20] = 1 }
      try expectChanges(path, [0, 6]) { u in
        u[7, 7] = 1
        u[0, [0]] = 2
      }
      try expectChanges(path, []) { _ in }
      try expectChanges(path, nil) { $0 += 1 }
      let size = try #require(FileManager.default.contents(atPath: path)).count
      try context.update(path) { u in u[2..<5, 0] = 1 }
      let grown = try #require(FileManager.default.contents(atPath: path)).count
      #expect(grown - size < 64 << 10)
      let now = try context.open(path)
      #expect(try now.dataset().description.generation == 2)
      // A reader from before sees what it opened.
      #expect(try context.evaluate(before) == old)
      try context.update(path) { _ in }
      #expect(try context.open(path).dataset().description.generation == 2)
    }
  }

  @Test(arguments: ["dnpy", "npy"]) func failureLeavesTheOldArray(_ ending: String) throws {
    try withStored(ending) { path in
      let old = try values(path)
      let bytes = FileManager.default.contents(atPath: path)
      func refused(_ body: (inout DistArray) throws(StoreError) -> Void) throws -> String {
        try #require(throws: StoreError.self) { try context.update(path, body) }.message
      }
      #expect(try refused { $0[40] = 1 }.contains("index 40 is out of bounds for axis 0 with size 20"))
      #expect(try refused { $0 = $0[0..<3] }.contains("an update keeps shape (20, 30) and type float64"))
      #expect(try refused { $0 = $0.astype(.float32) }.contains("float32"))
      #expect(
        try refused { (u) throws(StoreError) in
          u[0] = 1
          throw StoreError(.invalidArgument, "changed my mind")
        } == "changed my mind")
      let small = try Context(communicator: .serial, memory: MemoryBudget(byteCount: 1000))
      let error = try #require(throws: StoreError.self) { try small.update(path) { u in u[0, 0] = 1 } }
      #expect(error.code == .memory)
      #expect(try values(path) == old)
      #expect(FileManager.default.contents(atPath: path) == bytes)
      // And nobody holds the lock.
      try context.update(path) { u in u[0, 0] = 1 }
      #expect(try values(path).first == 1)
    }
  }

  @Test func othersAreRefusedWithTheWayOut() throws {
    try withStored("dnpy") { path in
      for name in ["\(path)[0:2]", "\(path)@1"] {
        let error = try #require(throws: StoreError.self) { try context.update(name) { u in u[0] = 1 } }
        #expect(error.message.contains("update the whole"))
      }
      let set = String(path.dropLast(6)) + "set"
      let copy = try Dnpy1Writer(
        path: set, maps: [.undistributed(size: 4)], dtype: .float64, communicator: .serial)
      try copy.commit()
      let error = try #require(throws: StoreError.self) { try context.update(set) { u in u[0] = 1 } }
      #expect(error.code == .unsupported)
      #expect(error.message.contains("convert it to .dnpy"))
    }
  }
}
