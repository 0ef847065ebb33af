// Every operation on the communicator of a process alone, without MPI.

import Glibc
import Testing

@testable import MessagePassing

struct SerialCommunicatorTests {
  let alone = Communicator.serial

  @Test func noLauncherNoMPI() throws {
    #expect(!MPIEnvironment.isLaunched)
    let world = try MPIEnvironment.start()
    #expect(world === Communicator.serial)
    #expect(world.isSerial)
    try MPIEnvironment.finish()
    #expect(try MPIEnvironment.start() === world)
    #expect(!MPIEnvironment.isInitialized)
    #expect(MPIEnvironment.libraryVersion.contains("MPI"))
  }

  @Test func collectives() throws {
    #expect((alone.rank, alone.size) == (0, 1))
    try alone.barrier()
    var values: [Int32] = [3, 1, 4]
    try alone.broadcast(&values, from: 0)
    #expect(values == [3, 1, 4])
    #expect(try alone.broadcast(2.5, from: 0) == 2.5)
    #expect(try alone.gather(values, to: 0) == [values])
    #expect(try alone.allGather(values) == [values])
    #expect(try alone.allGather(UInt8(7)) == [7])
    #expect(try alone.scatter([values], from: 0) == values)
    #expect(try alone.allReduce(values, .sum) == values)
    #expect(try alone.allReduce(Float(1), .min) == 1)
    #expect(try alone.exclusiveScan(5) == 0)
    #expect(try alone.allToAll([values]) == [values])
    let planned = try [Int32](count: 3) { (incoming) throws(MPIError) in
      try values.withBytes { (outgoing) throws(MPIError) in try alone.allToAll(outgoing, [12], into: incoming, [12]) }
    }
    #expect(planned == values)
    let request = try alone.startAllToAll([values])
    #expect(try request.test())
    #expect(try request.wait() == [values])
    let node = try alone.nodeLocal
    #expect(node == (0, 1))
  }

  @Test func wrongArgumentsThrow() {
    #expect(throws: MPIError.self) { try alone.broadcast(1, from: 1) }
    #expect(throws: MPIError.self) { try alone.gather([1], to: -1) }
    #expect(throws: MPIError.self) { try alone.allReduce([1.0], .bitwiseAnd) }
    #expect(throws: MPIError.self) { try alone.send([1], to: 2) }
    #expect(throws: MPIError.self) { try alone.send([1], to: 0, tag: 40_000) }
    #expect(throws: MPIError.self) { try alone.split(color: -1, key: 0) }
    #expect(throws: MPIError.self) { try alone.split(color: 0, key: .max) }
    #expect(throws: MPIError.self) { try alone.startReceive(Int.self, count: .max, from: 0) }
  }

  @Test func messagesToItself() throws {
    let own = try alone.duplicate()
    #expect(own !== alone)
    try own.send([1.5, 2.5], to: 0, tag: 3)
    try own.startSend([Int8(9)], to: 0, tag: 3).wait()
    try own.send([Int](), to: 0, tag: 4)
    #expect(try own.receive(Int.self, from: 0, tag: 4) == [])
    #expect(try own.receive(Double.self, from: 0, tag: 3) == [1.5, 2.5])
    let request = try own.startReceive(Int8.self, count: 1, from: 0, tag: 3)
    #expect(try request.test())
    #expect(try request.wait() == [9])

    let early = try own.startReceive(Int8.self, count: 2, from: 0)
    #expect(try !early.test())
    try own.send([Int8(1), 2], to: 0)
    #expect(try early.wait() == [1, 2])

    // Where MPI would wait for ever, an error.
    #expect(throws: MPIError.self) { try own.receive(Int.self, from: 0) }
    try own.send([Int8(1)], to: 0)
    let wrong = try own.startReceive(Int8.self, count: 5, from: 0)
    #expect(throws: MPIError.self) { try wrong.wait() }
    try own.free()
  }

  @Test func splitting() throws {
    let none = try alone.split(color: nil, key: 0)
    #expect(none === nil)
    let part = try alone.split(color: 3, key: -7)
    #expect(part?.size == 1)
    try part?.free()
    try alone.free()
    #expect(alone.size == 1)
  }

  @Test func agreement() throws {
    #expect(try alone.agree(Result<Int, MPIError>.success(4)) == 4)
    let failure = MPIError(call: "MPI_X", code: 1, errorClass: 2, text: "three")
    #expect(throws: failure) { try alone.agree { () throws(MPIError) in throw failure } }
  }
}
