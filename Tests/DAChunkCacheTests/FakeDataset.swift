// A dataset whose storage, failures and pace a test decides, and that records what it is asked for.

import DAStore
import DATestSupport
import Foundation

/// Chunks of bytes in an imagined file, stored in every way that the contract knows.
final class FakeDataset: ChunkedDataset, @unchecked Sendable {
  // Sendable: the lock guards what changes; the rest is constant.
  enum Kind: CaseIterable { case direct, scattered, encoded, scatteredEncoded, constant }
  enum Step: CaseIterable { case storage, read, check, decode }

  let path = "fake"
  let description: DatasetDescription
  let decodeScratchByteCount: Int
  let largestStoredByteCount: Int
  private let file: [UInt8]
  private let storages: [ChunkStorage]
  /// Which chunks have a byte of the file.
  private let owners: [Int]

  private let lock = NSLock()
  private var readsMade: [StoredExtent] = []
  private var announced: [StoredExtent] = []
  private var failing: [Int: (step: Step, error: StoreError, times: Int)] = [:]
  private var gate: (@Sendable () -> Void)?

  /// - Parameters:
  ///   - gap: Bytes between stored extents.
  ///   - kind: How chunk `n` is stored.
  init(chunks: Int, chunkByteCount: Int, gap: Int = 0, clip: Int = 0, kind: (Int) -> Kind = { _ in .direct }) throws {
    let shape = [chunks * chunkByteCount - clip]
    let grid = try ChunkGrid(shape: shape, chunkShape: [chunkByteCount])
    var file: [UInt8] = []
    var storages: [ChunkStorage] = []
    var owners: [Int] = []
    func store(_ bytes: [UInt8], _ number: Int) -> StoredExtent {
      file += [UInt8](repeating: 0xEE, count: gap)
      owners += Array(repeating: -1, count: gap)
      file += bytes
      owners += Array(repeating: number, count: bytes.count)
      return StoredExtent(offset: file.count - bytes.count, byteCount: bytes.count)
    }
    func parts(_ bytes: [UInt8]) -> ([UInt8], [UInt8]) {
      (Array(bytes.prefix(bytes.count / 3)), Array(bytes.dropFirst(bytes.count / 3)))
    }
    for number in 0..<chunks {
      let region = grid.region(of: number)
      let bytes = Self.contents(number, region.elementCount, isConstant: kind(number) == .constant)
      switch kind(number) {
      case .direct: storages.append(.direct([store(bytes, number)]))
      case .scattered:
        // The second part lies first in the file.
        let (first, second) = parts(bytes)
        let late = store(second, number)
        storages.append(.direct([store(first, number), late]))
      case .encoded: storages.append(.encoded([store(Self.encode(bytes), number)]))
      case .scatteredEncoded:
        let (first, second) = parts(Self.encode(bytes))
        let late = store(second, number)
        storages.append(.encoded([store(first, number), late]))
      case .constant: storages.append(.constant(ElementValue(Self.constant(number))))
      }
    }
    self.file = file
    self.storages = storages
    self.owners = owners
    decodeScratchByteCount = chunkByteCount
    largestStoredByteCount = chunkByteCount + 1
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: .uint8, grid: grid, storedByteCount: file.count)
  }

  /// A dataset of given storages over `byteCount` bytes of file: for storages that make no sense.
  init(storages: [ChunkStorage], chunkByteCount: Int, fileByteCount: Int) throws {
    let shape = [storages.count * chunkByteCount]
    file = Array(repeating: 0, count: fileByteCount)
    owners = Array(repeating: -1, count: fileByteCount)
    self.storages = storages
    decodeScratchByteCount = 0
    largestStoredByteCount = chunkByteCount + 1
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: .uint8, grid: try ChunkGrid(shape: shape, chunkShape: [chunkByteCount]),
      storedByteCount: fileByteCount)
  }

  private static func constant(_ number: Int) -> UInt8 { UInt8(truncatingIfNeeded: number &* 37 &+ 5) }

  private static func contents(_ number: Int, _ count: Int, isConstant: Bool) -> [UInt8] {
    isConstant
      ? Array(repeating: constant(number), count: count)
      : (0..<count).map { UInt8(truncatingIfNeeded: SeededRandom.mixed(UInt64(number * 1_000_003 + $0))) }
  }

  private static func encode(_ bytes: [UInt8]) -> [UInt8] { bytes.map { $0 ^ 0x5A } + [0x77] }

  /// What chunk `number` holds.
  func expected(_ number: Int) -> [UInt8] {
    if case .constant = storages[number] {
      return Self.contents(number, description.byteCount(ofChunk: number), isConstant: true)
    }
    return Self.contents(number, description.byteCount(ofChunk: number), isConstant: false)
  }

  // MARK: - What tests ask and decide

  var reads: [StoredExtent] { lock.withLock { readsMade } }
  var hints: [StoredExtent] { lock.withLock { announced } }
  func forgetReads() { lock.withLock { readsMade = [] } }

  /// Lets a step of a chunk fail some times.
  func fail(_ number: Int, _ step: Step, times: Int = .max) {
    let error = StoreError(.corrupt, "chunk \(number) fails at \(step)")
    lock.withLock { failing[number] = (step, error, times) }
  }

  func heal() { lock.withLock { failing = [:] } }

  /// Runs in every read, before the bytes come.
  func onRead(_ body: @escaping @Sendable () -> Void) { lock.withLock { gate = body } }

  // MARK: - The contract

  func storage(of number: Int) throws(StoreError) -> ChunkStorage {
    try raise(number, .storage)
    return storages[number]
  }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    let gate = lock.withLock {
      readsMade.append(extent)
      return self.gate
    }
    gate?()
    precondition(buffer.count == extent.byteCount, "a buffer of the extent's size")
    let (end, overflow) = extent.offset.addingReportingOverflow(extent.byteCount)
    guard !overflow, end <= file.count else { throw StoreError(.truncated, "ends at byte \(file.count)") }
    for number in Set(owners[extent.offset..<end]) { try raise(number, .read) }
    buffer.copyBytes(from: file[extent.offset..<end])
  }

  func check(_ number: Int, bytes: UnsafeRawBufferPointer) throws(StoreError) { try raise(number, .check) }

  func decode(
    _ number: Int, stored: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer,
    scratch: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    try raise(number, .decode)
    precondition(scratch.count >= decodeScratchByteCount, "scratch as large as promised")
    guard stored.count == buffer.count + 1, stored.last == 0x77 else { throw StoreError(.corrupt, "not encoded so") }
    for index in scratch.indices { scratch[index] = 0xDD }
    for index in buffer.indices { buffer[index] = stored[index] ^ 0x5A }
  }

  func willRead(_ extent: StoredExtent) { lock.withLock { announced.append(extent) } }

  private func raise(_ number: Int, _ step: Step) throws(StoreError) {
    let error: StoreError? = lock.withLock {
      guard let failure = failing[number], failure.step == step, failure.times > 0 else { return nil }
      failing[number] = failure.times == 1 ? nil : (step, failure.error, failure.times - 1)
      return failure.error
    }
    if let error { throw error }
  }
}

/// A writer that records what it is given.
final class FakeWriter: ChunkedDatasetWriter {
  let path = "target"
  let description: DatasetDescription
  private(set) var rounds: [[Int]] = []
  private(set) var contents: [Int: [UInt8]] = [:]
  var scratch: (Int) -> Int = { _ in 0 }
  var failure: StoreError?

  init(chunks: Int, chunkByteCount: Int, fill: UInt8 = 0) throws {
    let shape = [chunks * chunkByteCount]
    description = DatasetDescription(
      format: .memory, shape: shape, dtype: .uint8, grid: try ChunkGrid(shape: shape, chunkShape: [chunkByteCount]),
      fillValue: ElementValue(fill), storedByteCount: 0)
  }

  func write(_ chunks: [ChunkToWrite]) throws(StoreError) {
    if let failure { throw failure }
    rounds.append(chunks.map(\.number))
    for chunk in chunks { contents[chunk.number] = Array(chunk.bytes) }
  }

  func roundScratchByteCount(forChunksOf byteCount: Int) -> Int { scratch(byteCount) }
  func commit() throws(StoreError) {}
  func abandon() {}
}
