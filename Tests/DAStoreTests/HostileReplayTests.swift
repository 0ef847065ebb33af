// The fuzz targets in short: their seeds, former defects, and seeded mutations of both, with the same promises.

import DATestSupport
import Foundation
import FuzzTargets
import Testing

@Suite struct HostileReplayTests {
  private static let formerDefects = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appending(path: "../Fuzz/seeds").standardized
  /// Runs of one target; debug builds of the decoders are slow.
  private static let mutationCount = 100

  @Test(arguments: FuzzTarget.all.map(\.name))
  func mutatedInputsAreAnsweredTheSameWayTwice(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let made = try target.seeds()
    let seeds = try made + storedSeeds(in: Self.formerDefects.appending(path: name).path)
    #expect(!made.isEmpty)
    let seed: UInt64 = 0x5EED_F0CC
    var random = SeededRandom(seed: seed)
    try withScratchFolder { folder in
      func check(_ bytes: [UInt8], _ what: @autoclosure () -> String) {
        do {
          let answer = try target.run(bytes, folder: folder)
          let again = try target.run(bytes, folder: folder)
          #expect(answer.withoutTimes == again.withoutTimes, "\(what())")
        } catch {
          Issue.record("\(what()): \(error); input \(Data(bytes).base64EncodedString())")
        }
      }
      for input in seeds { check(input.bytes, "\(name), \(input.name)") }
      for round in 0..<Self.mutationCount {
        guard let input = seeds.randomElement(using: &random) else { return }
        check(mutated(input.bytes, using: &random), "\(name), \(input.name), seed \(seed), round \(round)")
      }
    }
  }

  @Test func seedsOfTargetsAreSound() throws {
    // A seed that the decoder refuses at the door tests nothing behind it.
    for (name, refused) in [("dnpy1", 0), ("dnpy2", 0), ("codecs", 0), ("literal", 0), ("json", 1), ("formula", 0)] {
      let target = try #require(FuzzTarget.named(name))
      try withScratchFolder { folder in
        let answers = try target.seeds().map { try target.run($0.bytes, folder: folder) }
        let errors = answers.filter { answer in
          ["corrupt: ", "truncated: ", "unsupported: ", "invalidArgument: ", "memory: "].contains {
            answer.hasPrefix($0)
          }
        }
        #expect(errors.count == refused, "\(name): \(errors)")
      }
    }
  }

  /// A few changes of the kinds that break decoders: bits, extreme numbers, missing, doubled and inserted bytes.
  private func mutated(_ bytes: [UInt8], using random: inout SeededRandom) -> [UInt8] {
    var result = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard !result.isEmpty else { return result }
      let place = Int.random(in: 0..<result.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 1: result[place] = [0, 1, 0x7F, 0x80, 0xFF, 0x2D, 0x39].randomElement(using: &random) ?? 0
      case 2:
        for index in place..<min(place + [2, 4, 8][Int.random(in: 0..<3, using: &random)], result.count) {
          result[index] = 0xFF
        }
      case 3: result.removeSubrange(place..<min(place + Int.random(in: 1...16, using: &random), result.count))
      case 4: result.insert(contentsOf: result[place..<min(place + 16, result.count)], at: place)
      default: result.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
      }
    }
    return result
  }
}

extension String {
  /// Writers stamp their commits with the clock.
  fileprivate var withoutTimes: String { replacing(#/time: -?\d+/#, with: "time") }
}
