// What a pass did on one rank: bytes, cache use, and where the time went.

import DAChunkCache
import DAStore

/// What a pass, or several, did on this rank.
public struct StreamingReport: Sendable, Equatable {
  /// Bytes read from sources, as they are stored.
  public var readByteCount = 0
  /// Bytes of chunks that were decoded, or computed by expressions.
  public var decodedByteCount = 0
  /// Bytes of chunks handed to writers, before they are encoded.
  public var writtenByteCount = 0
  /// Chunks asked for that were in memory, and that were not.
  public var hitCount = 0
  public var missCount = 0
  /// Most bytes accounted at a time.
  public var peakByteCount = 0
  /// Time of reads, of all threads together, as the others below, in nanoseconds.
  public var readNanoseconds = 0
  /// Time of decoding; of an expression, with its operations.
  public var decodeNanoseconds = 0
  /// Time that statistics, conversions and the assembly of chunks took.
  public var computeNanoseconds = 0
  /// Time in writers, with what they wait for other ranks.
  public var writeNanoseconds = 0
  /// Time in which the calling thread did none of these: it waited for helper threads and other ranks.
  public var waitNanoseconds = 0
  /// From beginning to end.
  public var totalNanoseconds = 0

  public init() {}

  /// - Parameter writer: Bytes that were set aside beside the cache and the blocks.
  init(cache: ChunkCache, blocks: BufferPool?, writer: Int = 0, clock: StationClock) {
    let statistics = cache.statistics
    readByteCount = statistics.bytesRead
    decodedByteCount = statistics.bytesDecoded
    writtenByteCount = clock.writtenByteCount
    hitCount = statistics.hits
    missCount = statistics.misses
    peakByteCount = cache.pool.statistics.peak + (blocks?.statistics.peak ?? 0) + writer
    readNanoseconds = statistics.readNanoseconds
    decodeNanoseconds = statistics.decodeNanoseconds
    computeNanoseconds = clock.computeNanoseconds
    writeNanoseconds = clock.writeNanoseconds
    totalNanoseconds = clock.totalNanoseconds
    let own = readNanoseconds + decodeNanoseconds - statistics.aheadNanoseconds
    waitNanoseconds = max(0, totalNanoseconds - own - computeNanoseconds - writeNanoseconds)
  }

  /// All fields, the peak apart: what adds up.
  private static let sums: [WritableKeyPath<StreamingReport, Int> & Sendable] = [
    \.readByteCount, \.decodedByteCount, \.writtenByteCount, \.hitCount, \.missCount, \.readNanoseconds,
    \.decodeNanoseconds, \.computeNanoseconds, \.writeNanoseconds, \.waitNanoseconds, \.totalNanoseconds,
  ]

  /// Adds what another pass did, which came before or after.
  public mutating func add(_ other: StreamingReport) {
    for field in Self.sums { self[keyPath: field] += other[keyPath: field] }
    peakByteCount = max(peakByteCount, other.peakByteCount)
  }

  /// Adds what the calling thread did after a pass.
  mutating func add(_ clock: StationClock) {
    computeNanoseconds += clock.computeNanoseconds
    writeNanoseconds += clock.writeNanoseconds
    totalNanoseconds += clock.totalNanoseconds
  }

  /// The fields as numbers, to be sent.
  var numbers: [Int] { [peakByteCount] + Self.sums.map { self[keyPath: $0] } }

  /// - Parameter numbers: As ``numbers`` gives them; what is missing is 0.
  init(numbers: [Int]) {
    peakByteCount = numbers.first ?? 0
    for (field, number) in zip(Self.sums, numbers.dropFirst()) { self[keyPath: field] = number }
  }

  /// Time in which threads did something.
  var busyNanoseconds: Int { readNanoseconds + decodeNanoseconds + computeNanoseconds + writeNanoseconds }
}

/// Adds up where the calling thread of a pass spends its time: asked per chunk or round, never per element.
final class StationClock {
  private let began = now()
  private(set) var computeNanoseconds = 0
  private(set) var writeNanoseconds = 0
  private(set) var writtenByteCount = 0

  var totalNanoseconds: Int { now() - began }

  func computing<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    let start = now()
    defer { computeNanoseconds += now() - start }
    try body()
  }

  func writing<Failure: Error>(_ byteCount: Int, _ body: () throws(Failure) -> Void) throws(Failure) {
    let start = now()
    writtenByteCount += byteCount
    defer { writeNanoseconds += now() - start }
    try body()
  }
}
