// Scenarios for the MessagePassing target. Each runs on any number of ranks, also on one.

import Glibc
import MessagePassing

let messagePassingScenarios: [Scenario] = [
  Scenario(name: "environment", run: environment),
  Scenario(name: "collectives") { world, _ in try withLimits(world, collectives) },
  Scenario(name: "point-to-point") { world, _ in try withLimits(world, pointToPoint) },
  Scenario(name: "all-to-all") { world, _ in try withLimits(world, allToAll) },
  Scenario(name: "split", run: split),
  Scenario(name: "agree", run: agree),
  Scenario(name: "parallel-file") { world, arguments in
    try withLimits(world) { communicator in try parallelFile(communicator, try argument(0, of: arguments)) }
  },
  Scenario(name: "file-errors", run: fileErrors),
  Scenario(name: "nested-reads", run: nestedReads),
  Scenario(name: "nested-reads-uncured", keepsReadSieving: true, run: nestedReadsUncured),
  Scenario(name: "mismatched-message", run: mismatchedMessage),
  Scenario(name: "one-rank-fails") { world, _ in
    if world.rank == world.size - 1 { throw ScenarioFailure("as it should") }
    try world.barrier()
    try world.barrier()
  },
  Scenario(name: "large-messages", run: largeMessages),
  Scenario(name: "hang") { _, _ in while true { sleep(1) } },
]

/// Runs a scenario with the usual limit on messages, and with limits so small that everything is split.
private func withLimits(_ world: Communicator, _ body: (Communicator) throws -> Void) throws {
  for limit in [
    MessageLimit.standard, MessageLimit(byteCount: 40), MessageLimit(byteCount: 7), MessageLimit(byteCount: 1),
  ] {
    let communicator = try world.duplicate(messageLimit: limit)
    do {
      try body(communicator)
    } catch {
      throw ScenarioFailure("with messages of \(limit.byteCount) bytes: \(error)")
    }
    try communicator.free()
  }
}

/// Different values for each rank and place; `count` of them.
private func values<T: MessageElement & FixedWidthInteger>(
  _ count: Int, _ rank: Int, _ place: Int = 0, as type: T.Type = T.self
) -> [T] {
  (0..<count).map { T(truncatingIfNeeded: rank &* 1_000_003 &+ place &* 10_007 &+ $0 &* 31 &+ 1) }
}

/// Failure of one rank that the others must hear about.
private struct LocalFailure: AgreeableError, Equatable, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
  init(messagePassing error: MPIError) { description = error.description }
  init(peerBytes: [UInt8], rank: Int) { description = "rank \(rank): " + String(decoding: peerBytes, as: UTF8.self) }
  var peerBytes: [UInt8] { Array(description.utf8) }
}

// MARK: - Environment

@Sendable private func environment(_ world: Communicator, _ arguments: [String]) throws {
  try require(MPIEnvironment.isLaunched, "mpirun was not noticed")
  try require(MPIEnvironment.isInitialized, "MPI is not initialised")
  try requireEqual(world.size, Int(try argument(0, of: arguments)) ?? 0, "size of the world")
  try require(try MPIEnvironment.start() === world, "starting again must give the same world")
  try requireEqual(
    getenv(MPIEnvironment.readSievingVariable).map { String(cString: $0) }, "0", MPIEnvironment.readSievingVariable)
  try require(MPIEnvironment.libraryVersion.contains("MPI"), "library version '\(MPIEnvironment.libraryVersion)'")
  let node = try world.nodeLocal
  try requireEqual(node.rank, world.rank, "rank on the only node")
  try requireEqual(node.size, world.size, "ranks on the only node")
  try require(!world.isSerial && Communicator.serial.isSerial, "only the serial communicator is serial")
}

// MARK: - Collectives

private func collectives(_ communicator: Communicator) throws {
  let (rank, size) = (communicator.rank, communicator.size)
  try communicator.barrier()
  for root in 0..<size {
    for count in [0, 1, 5, 100] {
      var sent = rank == root ? values(count, root, as: Int32.self) : values(rank * 3, 99)
      try communicator.broadcast(&sent, from: root)
      try requireEqual(sent, values(count, root), "broadcast of \(count) from \(root)")
    }
    try requireEqual(
      try communicator.broadcast(Double(rank) + 0.5, from: root), Double(root) + 0.5, "broadcast of one value")

    for width in 0...3 {
      let expected = (0..<size).map { values(width * $0 * 7 % 23, $0, as: UInt16.self) }
      let gathered = try communicator.gather(expected[rank], to: root)
      try requireEqual(gathered, rank == root ? expected : [], "gather to \(root)")
      let scattered = try communicator.scatter(rank == root ? expected : [], from: root)
      try requireEqual(scattered, expected[rank], "scatter from \(root)")
      try requireEqual(try communicator.allGather(expected[rank]), expected, "all-gather")
    }
  }
  try requireEqual(try communicator.allGather(Int8(rank)), (0..<size).map { Int8($0) }, "all-gather of one value")

  for count in [0, 1, 33] {
    let own = values(count, rank, as: Int.self)
    let all = (0..<size).map { values(count, $0, as: Int.self) }
    func combined(_ operation: (Int, Int) -> Int) -> [Int] {
      (0..<count).map { place in all.dropFirst().reduce(all[0][place]) { operation($0, $1[place]) } }
    }
    try requireEqual(try communicator.allReduce(own, .sum), combined(+), "sum")
    try requireEqual(try communicator.allReduce(own, .min), combined(min), "min")
    try requireEqual(try communicator.allReduce(own, .max), combined(max), "max")
    try requireEqual(try communicator.allReduce(own, .bitwiseOr), combined(|), "bitwise or")
    try requireEqual(try communicator.allReduce(own, .bitwiseAnd), combined(&), "bitwise and")
  }
  try requireEqual(try communicator.allReduce(Float(rank), .max), Float(size - 1), "max of Float")
  try requireEqual(try communicator.allReduce((UInt64(1) << 63) >> UInt64(rank), .max), 1 << 63, "max beyond Int")
  do {
    _ = try communicator.allReduce([1.0], .bitwiseOr)
    throw ScenarioFailure("bitwise or of Double must fail")
  } catch let error as MPIError {
    try requireEqual(error.kind, .badArgument, "kind of \(error)")
  }

  try requireEqual(
    try communicator.exclusiveScan(rank * rank + 1), (0..<rank).reduce(0) { $0 + $1 * $1 + 1 }, "exclusive scan")
}

// MARK: - Point to point

private func pointToPoint(_ communicator: Communicator) throws {
  let (rank, size) = (communicator.rank, communicator.size)
  let (next, previous) = ((rank + 1) % size, (rank + size - 1) % size)
  func message(_ count: Int, from rank: Int, _ place: Int) -> [Int32] { values(count + place, rank, place) }

  for count in [0, 1, 50] {
    // Three with one tag, received in the order they were sent, in background and not.
    let sends = try (0..<3).map { try communicator.startSend(message(count, from: rank, $0), to: next, tag: 5) }
    let first = try communicator.startReceive(Int32.self, count: count, from: previous, tag: 5)
    let second = try communicator.startReceive(Int32.self, count: count + 1, from: previous, tag: 5)
    try requireEqual(try first.wait(), message(count, from: previous, 0), "first message")
    while try !second.test() {}
    try requireEqual(try second.wait(), message(count, from: previous, 1), "second message")
    try requireEqual(
      try communicator.receive(Int32.self, from: previous, tag: 5), message(count, from: previous, 2), "third message")
    for send in sends { try send.wait() }

    // Blocking, from even to odd ranks.
    if rank % 2 == 0, rank + 1 < size {
      try communicator.send(values(count, rank, as: UInt8.self), to: rank + 1, tag: 6)
    }
    if rank % 2 == 1 {
      try requireEqual(
        try communicator.receive(UInt8.self, from: rank - 1, tag: 6), values(count, rank - 1), "blocking")
    }

    // Raw bytes.
    let bytes = values(count, rank, as: UInt8.self)
    var received = [UInt8](repeating: 0, count: count)
    try bytes.withUnsafeBytes { source in
      try received.withUnsafeMutableBytes { target in
        let receive = try communicator.startReceive(bytes: target, from: previous, tag: 7)
        let send = try communicator.startSend(bytes: source, to: next, tag: 7)
        while try !receive.test() {}
        try receive.wait()
        try send.wait()
      }
    }
    try requireEqual(received, values(count, previous), "raw bytes")
  }
  do {
    try communicator.send([1], to: size)
    throw ScenarioFailure("a send to nobody must fail")
  } catch let error as MPIError {
    try requireEqual(error.kind, .badArgument, "kind of \(error)")
  }
}

/// A typed receive of another count than was sent fails on the receiving side, and nothing hangs.
@Sendable private func mismatchedMessage(_ world: Communicator, _ arguments: [String]) throws {
  for (tag, (sent, asked)) in [(3, 5), (5, 3), (0, 4), (4, 0)].enumerated() {
    let send = try world.startSend(values(sent, 0, as: Int16.self), to: (world.rank + 1) % world.size, tag: tag)
    let receive = try world.startReceive(
      Int16.self, count: asked, from: (world.rank + world.size - 1) % world.size, tag: tag)
    if tag % 2 == 0 { while try !receive.test() {} }
    do {
      _ = try receive.wait()
      throw ScenarioFailure("\(sent) sent, \(asked) received: must fail")
    } catch let error as MPIError {
      try requireEqual(error.kind, .truncated, "kind of \(error)")
    }
    try send.wait()
  }
}

// MARK: - All to all

private func allToAll(_ communicator: Communicator) throws {
  let (rank, size) = (communicator.rank, communicator.size)
  func part(from source: Int, to target: Int, _ turn: Int) -> [Int32] {
    // Zero on the diagonal of the first turn; only rank 0 sends in the third.
    let count = turn == 2 && source != 0 ? 0 : (source * 5 + target * 3) * turn % 29
    return values(count, source, target + turn)
  }
  for turn in 0...4 {
    let parts = (0..<size).map { part(from: rank, to: $0, turn) }
    let expected = (0..<size).map { part(from: $0, to: rank, turn) }
    try requireEqual(try communicator.allToAll(parts), expected, "all-to-all, turn \(turn)")

    // The same from memory to memory, with counts that are known.
    let stride = MemoryLayout<Int32>.stride
    let outgoing = Array(parts.joined())
    var incoming = [Int32](repeating: -1, count: expected.reduce(1) { $0 + $1.count })
    try outgoing.withUnsafeBytes { source in
      try incoming.withUnsafeMutableBytes { target in
        try communicator.allToAll(
          source, parts.map { $0.count * stride }, into: target, expected.map { $0.count * stride })
      }
    }
    try requireEqual(incoming, Array(expected.joined()) + [-1], "planned, turn \(turn)")

    // Two at once, with another collective between.
    let first = try communicator.startAllToAll(parts)
    let second = try communicator.startAllToAll(parts.map { $0.map { Double($0) } })
    try communicator.barrier()
    while try !second.test() {}
    try requireEqual(try second.wait(), expected.map { $0.map { Double($0) } }, "second in background, turn \(turn)")
    try requireEqual(try first.wait(), expected, "first in background, turn \(turn)")
  }
}

/// Messages just above the real limit of 256 MiB.
@Sendable private func largeMessages(_ world: Communicator, _ arguments: [String]) throws {
  let (rank, size) = (world.rank, world.size)
  let limit = MessageLimit.standard.byteCount
  func message(from rank: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: UInt8(rank), count: limit + 9)
    for place in [0, limit / size - 1, limit / size, limit - 1, limit, limit + 8] { bytes[place] = UInt8(100 + rank) }
    return bytes
  }
  func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && memcmp(left, right, left.count) == 0
  }

  let own = message(from: rank)
  let last = message(from: size - 1)
  var sent = rank == size - 1 ? own : []
  try world.broadcast(&sent, from: size - 1)
  try require(isEqual(sent, last), "broadcast")
  let received = try world.startAllToAll((0..<size).map { $0 == 0 && rank == size - 1 ? own : [] }).wait()
  try requireEqual(received.map(\.count), (0..<size).map { rank == 0 && $0 == size - 1 ? own.count : 0 }, "counts")
  try require(rank != 0 || isEqual(received[size - 1], last), "all-to-all")
}

// MARK: - Split

@Sendable private func split(_ world: Communicator, _ arguments: [String]) throws {
  let (rank, size) = (world.rank, world.size)
  let copy = try world.duplicate()
  try requireEqual(copy.rank, rank, "rank in the duplicate")
  try requireEqual(copy.size, size, "size of the duplicate")
  // A message on one is not heard on the other.
  let onCopy = try copy.startSend([1], to: rank, tag: 1)
  let onWorld = try world.startSend([2], to: rank, tag: 1)
  try requireEqual(try world.receive(Int.self, from: rank, tag: 1), [2], "message on the world")
  try requireEqual(try copy.receive(Int.self, from: rank, tag: 1), [1], "message on the duplicate")
  try onCopy.wait()
  try onWorld.wait()
  try copy.free()

  // Even and odd ranks, in reverse order.
  let half = try world.split(color: rank % 2, key: -rank)
  let members = (0..<size).filter { $0 % 2 == rank % 2 }.reversed() as [Int]
  guard let half else { throw ScenarioFailure("no half") }
  try requireEqual(try half.allGather(rank), members, "members of a half")
  try requireEqual(try half.allReduce(rank, .sum), members.reduce(0, +), "sum over a half")
  try half.free()

  // The last rank stays out.
  let others = try world.split(color: rank == size - 1 ? nil : 3, key: 0)
  try requireEqual(others?.size, rank == size - 1 ? nil : size - 1, "size without the last")
  try others?.free()

  do {
    _ = try world.split(color: rank == size - 1 ? -4 : 0, key: 0)
    throw ScenarioFailure("a negative color must fail on all ranks")
  } catch let error as MPIError {
    try requireEqual(error.kind, .badArgument, "kind of \(error)")
    try require(error.description.contains("-4"), "'\(error)' does not name the color")
  }
}

// MARK: - Agree

@Sendable private func agree(_ world: Communicator, _ arguments: [String]) throws {
  let (rank, size) = (world.rank, world.size)
  try requireEqual(try world.agree(Result<Int, LocalFailure>.success(rank)), rank, "agreement on success")
  // Every set of failing ranks.
  for failing in 1..<(1 << size) {
    let lowest = failing.trailingZeroBitCount
    do {
      try world.agree { () throws(LocalFailure) in
        if failing >> rank & 1 == 1 { throw LocalFailure("no luck with \(rank)") }
      }
      throw ScenarioFailure("agreement although \(failing) fail")
    } catch let error as LocalFailure {
      let expected = size == 1 ? "no luck with 0" : "rank \(lowest): no luck with \(lowest)"
      try requireEqual(error.description, expected, "what rank \(rank) hears")
    }
  }
  // An MPIError travels whole.
  let original = MPIError(call: "MPI_Imagined", code: 77, errorClass: 42, text: "nicht möglich")
  do {
    try world.agree(rank == size - 1 ? .failure(original) : Result<Void, MPIError>.success(()))
    throw ScenarioFailure("agreement although the last rank fails")
  } catch let error as MPIError {
    var expected = original
    expected.rank = size == 1 ? nil : size - 1
    try requireEqual(error, expected, "the error that travelled")
  }
  try world.barrier()
}

// MARK: - Parallel files

/// What the test files hold at `offset`.
private func fileByte(_ offset: Int) -> UInt8 { UInt8(truncatingIfNeeded: offset &* 37 &+ offset >> 8) }

private func fileBytes(_ range: Range<Int>) -> [UInt8] { range.map(fileByte) }

private func readAll(_ file: ParallelFile, _ range: Range<Int>) throws -> [UInt8] {
  var bytes = [UInt8](repeating: 0xee, count: range.count)
  try bytes.withUnsafeMutableBytes { try file.readAll(at: range.lowerBound, into: $0) }
  return bytes
}

private func read(_ file: ParallelFile, _ range: Range<Int>) throws -> [UInt8] {
  var bytes = [UInt8](repeating: 0xee, count: range.count)
  try bytes.withUnsafeMutableBytes { try file.read(at: range.lowerBound, into: $0) }
  return bytes
}

private func parallelFile(_ communicator: Communicator, _ path: String) throws {
  let (rank, size) = (communicator.rank, communicator.size)
  // Parts of different lengths; the last rank's, and another's, may be empty.
  let lengths = (0..<size).map { $0 % 3 == 1 ? 0 : 200 + $0 * 17 }
  let start = lengths.prefix(rank).reduce(0, +)
  let own = start..<start + lengths[rank]
  let total = lengths.reduce(0, +)

  let file = try ParallelFile.open(path, [.readWrite, .create], on: communicator, hints: ["cb_nodes": "1"])
  try file.setSize(0)
  try requireEqual(try file.size(), 0, "size of a new file")
  try communicator.barrier()
  try file.preallocate(64)
  try require(try file.size() >= 64, "size after reserving")

  // Together.
  try fileBytes(own).withUnsafeBytes { try file.writeAll(at: own.lowerBound, from: $0) }
  try file.sync()
  try communicator.barrier()
  try requireEqual(try file.size(), total, "size after writing together")
  for shift in 0..<size {
    let other = (rank + shift) % size
    let begin = lengths.prefix(other).reduce(0, +)
    let range = begin..<begin + lengths[other]
    try requireEqual(try readAll(file, range), fileBytes(range), "read together")
  }
  // Nobody has anything to move; only one rank has.
  try requireEqual(try readAll(file, 0..<0), [], "nothing")
  try fileBytes(0..<0).withUnsafeBytes { try file.writeAll(at: 0, from: $0) }
  for active in 0..<size {
    let range = rank == active ? 0..<total : 5..<5
    try requireEqual(try readAll(file, range), fileBytes(range), "read by rank \(active) only")
  }

  // Alone: each rank behind the others, different numbers of calls.
  for turn in 0..<rank {
    let place = total + rank * 100 + turn * 11
    try fileBytes(place..<place + 11).withUnsafeBytes { try file.write(at: place, from: $0) }
    try requireEqual(try read(file, place..<place + 11), fileBytes(place..<place + 11), "own bytes back")
  }
  try requireEqual(try read(file, own), fileBytes(own), "read alone")
  try file.sync()
  try communicator.barrier()

  // Past the end: an error for the one, and for all.
  let end = try file.size()
  try communicator.barrier()
  do {
    _ = try read(file, end - 3..<end + 7)
    throw ScenarioFailure("a read past the end must fail")
  } catch let error as MPIError {
    try requireEqual(error.kind, .truncated, "kind of \(error)")
    try require(error.text.contains("expected 10 bytes, found 3"), "'\(error)' does not give the counts")
    try require(error.text.contains(path), "'\(error)' does not name the file")
  }
  for failing in 0..<size {
    do {
      _ = try readAll(file, rank == failing ? end..<end + 1 : 0..<min(total, 50))
      throw ScenarioFailure("a read past the end by rank \(failing) must fail everywhere")
    } catch let error as MPIError {
      try requireEqual(error.kind, .truncated, "kind of \(error)")
      try requireEqual(error.rank, size == 1 ? nil : failing, "rank in \(error)")
    }
    do {
      try fileBytes(0..<4).withUnsafeBytes { try file.writeAll(at: rank == failing ? -1 : 0, from: $0) }
      throw ScenarioFailure("a write before the beginning by rank \(failing) must fail everywhere")
    } catch let error as MPIError {
      try requireEqual(error.kind, .badArgument, "kind of \(error)")
    }
  }
  try requireEqual(try readAll(file, own), fileBytes(own), "still usable after errors")
  _ = try file.hints()
  try file.setSize(10)
  try requireEqual(try file.size(), 10, "size after cutting")
  do {
    _ = try readAll(file, 5..<11)
    throw ScenarioFailure("a read past the new end must fail")
  } catch let error as MPIError {
    try requireEqual(error.kind, .truncated, "kind of \(error)")
  }
  try communicator.barrier()
  try file.close()
  try file.close()
}

@Sendable private func fileErrors(_ world: Communicator, _ arguments: [String]) throws {
  let directory = try argument(0, of: arguments)
  func refused(_ path: String, _ mode: ParallelFile.Mode, _ kind: MPIError.Kind) throws {
    for communicator in [world, .serial] {
      do {
        try ParallelFile.open(path, mode, on: communicator).close()
        throw ScenarioFailure("opening '\(path)' must fail")
      } catch let error as MPIError {
        try requireEqual(error.kind, kind, "kind of \(error)")
        try require(error.text.contains(path), "'\(error)' does not name the file")
      }
    }
  }
  try refused(directory + "/missing", .read, .noSuchFile)
  try refused(directory + "/missing/file", [.write, .create], .noSuchFile)
  try refused(directory, .read, .badArgument)
  try refused(directory, [], .badArgument)
  try refused(directory + "/new", [.read, .create], .badArgument)

  // A colon in a name means nothing; deleted when closed.
  let path = directory + "/a:b.bin"
  let file = try ParallelFile.open(path, [.write, .create, .exclusive, .deleteOnClose], on: world)
  try [UInt8](repeating: 7, count: 3).withUnsafeBytes { try file.writeAll(at: world.rank * 3, from: $0) }
  try world.barrier()
  try require(access(path, F_OK) == 0, "'\(path)' is not there")
  try refused(path, [.write, .create, .exclusive], .fileExists)
  try world.barrier()
  try file.close()
  try world.barrier()
  try require(access(path, F_OK) != 0, "'\(path)' is still there")

  // Each rank its own file, on the serial communicator.
  let own = try ParallelFile.open(directory + "/own-\(world.rank)", [.readWrite, .create], on: .serial)
  try fileBytes(0..<100).withUnsafeBytes { try own.write(at: 0, from: $0) }
  try requireEqual(try read(own, 0..<100), fileBytes(0..<100), "own file")
  try own.close()

  // No room: the error comes out, on every rank.
  signal(SIGXFSZ, SIG_IGN)
  let full = try ParallelFile.open(directory + "/full", [.readWrite, .create], on: world)
  // On all ranks, as the library decides which of them writes.
  var limit = rlimit(rlim_cur: 1000, rlim_max: rlim_t.max)
  setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  do {
    try fileBytes(0..<2000).withUnsafeBytes { try full.writeAll(at: world.rank * 2000, from: $0) }
    throw ScenarioFailure("writing where there is no room must fail")
  } catch let error as MPIError {
    print(error)
  }
  try world.barrier()
  try full.close()
}

// MARK: - The nested-range probe

/// Reads nested ranges collectively, as Open MPI 4.1 gets wrong with read sieving on; returns the number of wrong
/// elements on all ranks.
private func nestedProbe(_ world: Communicator, _ path: String) throws -> Int {
  let ranges = [0..<1000, 10..<510, 5..<805]
  let count = 2000
  func element(_ index: Int) -> Int32 { Int32(index * 7 + 3) }
  if world.rank == 0 {
    let file = try ParallelFile.open(path, [.write, .create], on: .serial)
    try (0..<count).map(element).withUnsafeBytes { try file.write(at: 0, from: $0) }
    try file.close()
  }
  try world.barrier()
  let file = try ParallelFile.open(path, .read, on: world)
  var wrong = 0
  for _ in 0..<20 {
    let range = world.rank < 3 ? ranges[world.rank] : 0..<0
    var found = [Int32](repeating: -1, count: range.count)
    try found.withUnsafeMutableBytes { try file.readAll(at: range.lowerBound * 4, into: $0) }
    wrong += zip(found, range).count { $0 != element($1) }
  }
  try file.close()
  return try world.allReduce(wrong, .sum)
}

@Sendable private func nestedReads(_ world: Communicator, _ arguments: [String]) throws {
  try requireEqual(
    getenv(MPIEnvironment.readSievingVariable).map { String(cString: $0) }, "0", MPIEnvironment.readSievingVariable)
  try requireEqual(try nestedProbe(world, try argument(0, of: arguments)), 0, "wrong elements")
}

@Sendable private func nestedReadsUncured(_ world: Communicator, _ arguments: [String]) throws {
  let wrong = try nestedProbe(world, try argument(0, of: arguments))
  if world.rank == 0 { print("wrong elements: \(wrong)") }
}
