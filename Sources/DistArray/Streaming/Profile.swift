// What passes did on all ranks, side by side: in words and as JSON.

import DAStore
import MessagePassing

/// Reports of all ranks.
public struct Profile: Sendable, Equatable {
  /// One per rank.
  public let ranks: [StreamingReport]

  /// Gathers the reports of all ranks.
  ///
  /// - Collective: yes; every rank gets the same.
  public init(_ report: StreamingReport, over communicator: Communicator) throws(StoreError) {
    let all = try passing { () throws(MPIError) in try communicator.allGather(report.numbers) }
    ranks = all.map(StreamingReport.init(numbers:))
  }

  /// How much longer the busiest rank was busy than ranks were on average: 1 when work was shared evenly.
  public var imbalance: Double {
    let busy = ranks.map { Double($0.busyNanoseconds) }
    let mean = busy.reduce(0, +) / Double(max(1, busy.count))
    return mean > 0 ? (busy.max() ?? 0) / mean : 1
  }

  /// Whether there was any pass.
  public var hasPasses: Bool { ranks.contains { $0.totalNanoseconds > 0 } }

  /// A line per rank, and one for all.
  public var lines: [String] {
    ranks.enumerated().map { rank, report in
      let stations = report.stations.map { "\($0.name) \(secondsText($0.nanoseconds))" }.joined(separator: ", ")
      let asked = report.hitCount + report.missCount
      return "rank \(rank): \(stations) s; \(byteCountText(report.readByteCount)) read, "
        + "\(byteCountText(report.decodedByteCount)) decoded, \(byteCountText(report.writtenByteCount)) written; "
        + "\(report.hitCount) of \(asked) chunks were in memory"
    } + ["imbalance: \(Double(Int(imbalance * 100 + 0.5)) / 100)"]
  }

  /// `imbalance`, and `ranks` as a list with bytes, chunks and seconds.
  public var json: JSONValue {
    .object([
      "imbalance": .double(imbalance),
      "ranks": .array(
        ranks.map { report in
          let seconds = report.stations.map { ($0.name, JSONValue.double(Double($0.nanoseconds) / 1e9)) }
          return .object([
            "read_bytes": .int(report.readByteCount), "decoded_bytes": .int(report.decodedByteCount),
            "written_bytes": .int(report.writtenByteCount), "hits": .int(report.hitCount),
            "misses": .int(report.missCount), "accounted_bytes": .int(report.peakByteCount),
            "seconds": .object(Dictionary(uniqueKeysWithValues: seconds)),
          ])
        }),
    ])
  }
}

extension StreamingReport {
  /// Stations with their time, in the order of the walk.
  fileprivate var stations: [(name: String, nanoseconds: Int)] {
    [
      ("read", readNanoseconds), ("decode", decodeNanoseconds), ("compute", computeNanoseconds),
      ("write", writeNanoseconds), ("wait", waitNanoseconds), ("total", totalNanoseconds),
    ]
  }
}

/// Seconds with milliseconds.
private func secondsText(_ nanoseconds: Int) -> String {
  let milliseconds = (nanoseconds + 500_000) / 1_000_000
  let rest = String(milliseconds % 1000)
  return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
}
