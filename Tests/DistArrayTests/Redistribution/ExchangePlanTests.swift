// Plans of exchanges: the ones that DistArray's tests list, and every element delivered once between all kinds.

import DAStore
import DATestSupport
import DistArray
import Testing

@Suite struct ExchangePlanTests {
  /// Who sends which slice to whom, of a one-dimensional plan.
  private func slices(_ plan: ExchangePlan) -> [[Int]] {
    plan.source.targets.flatMap { rank in
      plan.messages(from: rank).flatMap { message in
        message.axes[0].map { [message.source, message.target, $0.start, $0.stop] }
      }
    }
  }

  @Test(arguments: [
    ([1, 3], [0, 2], [[1, 0, 0, 20], [3, 2, 20, 40]]), ([1], [0, 2], [[1, 0, 0, 20], [1, 2, 20, 40]]),
    ([1, 2], [0], [[1, 0, 0, 20], [2, 0, 20, 40]]), ([0, 1], [0, 1], [[0, 0, 0, 20], [1, 1, 20, 40]]),
  ]) func fortyElementsBetweenTargets(from: [Int], to: [Int], expected: [[Int]]) throws {
    let plan = try ExchangePlan(
      from: Distribution(shape: [40], targets: from), to: Distribution(shape: [40], targets: to))
    #expect(slices(plan) == expected)
    #expect(plan.movedElementCount == (from == to ? 0 : 40))
    #expect(!plan.isReshape)
  }

  @Test func blocksOfTwoAxesGatherOnOneRankAndBack() throws {
    let spread = try distribution([9, 9], "bb", grid: [2, 2], ranks: 4)
    let one = try distribution([9, 9], "nn", ranks: 1)
    let boxes = [[0, 5, 0, 5], [0, 5, 5, 9], [5, 9, 0, 5], [5, 9, 5, 9]]
    func box(_ message: ExchangeMessage) -> [Int] {
      message.axes.flatMap { axis in axis.flatMap { [$0.start, $0.stop] } }
    }
    let gather = try ExchangePlan(from: spread, to: one)
    #expect(gather.messages(to: 0).map(\.source) == [0, 1, 2, 3])
    #expect(gather.messages(to: 0).map(box) == boxes)
    let scatter = try ExchangePlan(from: one, to: spread)
    #expect(scatter.messages(from: 0).map(\.target) == [0, 1, 2, 3])
    #expect(scatter.messages(from: 0).map(box) == boxes)
    #expect(scatter.messages(from: 3).isEmpty)
  }

  @Test func flatRunsOfBlocks() throws {
    func flat(_ distribution: Distribution) -> [[[Int]]] {
      distribution.ranks.map { rank in distribution.flatRuns(ofRank: rank).map { [$0.start, $0.stop] } }
    }
    #expect(try flat(distribution([40], "b", ranks: 2)) == [[[0, 20]], [[20, 40]]])
    #expect(try flat(distribution([5, 8], "bn", ranks: 2)) == [[[0, 24]], [[24, 40]]])
    #expect(
      try flat(distribution([5, 8], "bb", grid: [2, 2], ranks: 4)) == [
        [[0, 4], [8, 12], [16, 20]], [[4, 8], [12, 16], [20, 24]], [[24, 28], [32, 36]], [[28, 32], [36, 40]],
      ])
    #expect(try flat(distribution([2, 3], "cn", ranks: 2)) == [[[0, 3]], [[3, 6]]])
    #expect(
      try distribution([6], "c", ranks: 2).flatRuns(ofRank: 1) == [AxisRun(start: 1, step: 2, count: 3, localStart: 0)])
  }

  @Test func otherNumbersOfElementsAreRefused() throws {
    let ten = try distribution([10], "b", ranks: 2)
    for shape in [[9], [3, 4], [3, 4000]] {
      let message = refusal { _ = try ExchangePlan(from: ten, to: distribution(shape, "b", ranks: 2)) }
      #expect(message.contains("(10,) of 10 elements cannot become"), "\(message)")
    }
  }

  @Test(arguments: [
    ([7, 13], "bb", [2, 2], [7, 13], "b0:2:7,b0:4:13"), ([40], "b", [2], [5, 8], "bn"),
    ([40], "b", [2], [5, 8], "bb"), ([3, 5, 2], "bb", [2, 2, 1], [6, 5], "nb"),
    ([13, 17, 19], "bnb", [2, 1, 2], [13, 323], "cn"),
  ]) func valuesSurvive(shape: [Int], letters: String, grid: [Int], newShape: [Int], newLetters: String) throws {
    let source = try distribution(shape, letters, grid: grid, ranks: 4)
    let target = try distribution(newShape, newLetters, ranks: 4)
    try checkExchange(source, target)
    try checkExchange(target, source)
    let elsewhere = try Distribution(axes: target.axes, ranks: target.ranks.map { $0 + 2 })
    try checkExchange(source, elsewhere)
    try checkExchange(target, elsewhere)
  }

  @Test func allKindsAndGridsOfOneAxis() throws {
    for size in 0...7 {
      var all: [Distribution] = []
      for ranks in 1...4 {
        let middle = size / 2
        let bounds = ([0] + Array(repeating: middle, count: ranks - 1) + [size]).map(String.init).joined(separator: ":")
        var lists = Array(repeating: [String](), count: ranks)
        for index in 0..<size { lists[(index * 5 + 3) % 7 % ranks].insert("\(index)", at: 0) }
        let listed = lists.map { $0.joined(separator: ":") }.joined(separator: "/")
        let text = listed.isEmpty ? "n" : "u" + listed
        for kind in ["b\(bounds)", "c", "c2", "c3", text] {
          all.append(try distribution([size], kind, grid: [ranks], ranks: ranks))
        }
        all.append(try distribution([size], "b", grid: [ranks], ranks: ranks))
      }
      all.append(try Distribution(shape: [size], targets: [1, 3]))
      for source in all { for target in all { try checkExchange(source, target) } }
    }
  }

  @Test func allKindsAndGridsOfTwoAxes() throws {
    for shape in [[3, 4], [1, 5], [4, 0]] {
      var all: [Distribution] = []
      let kinds = shape.map { size in
        let evens = (0..<size).filter { $0 % 3 == 0 }.reversed().map(String.init).joined(separator: ":")
        let odds = (0..<size).filter { $0 % 3 != 0 }.map(String.init).joined(separator: ":")
        return [("n", 1), ("b", 2), ("c", 2), ("c2", 2), ("u\(odds)/\(evens)", 2)]
      }
      for (rows, rowRanks) in kinds[0] {
        for (columns, columnRanks) in kinds[1] {
          all.append(try distribution(shape, "\(rows),\(columns)", grid: [rowRanks, columnRanks], ranks: 4))
        }
      }
      all.append(try distribution(shape, "b,n", grid: [4, 1], ranks: 4))
      all.append(try distribution(shape, "n,c", grid: [1, 3], ranks: 4))
      for source in all { for target in all { try checkExchange(source, target) } }
    }
  }

  @Test func randomExchangesAndReshapes() throws {
    let seed: UInt64 = 313
    var random = SeededRandom(seed: seed)
    let shapes = [[12], [3, 4], [4, 3], [2, 3, 2], [1, 12], [6, 2], [2, 1, 6], [12, 1, 1]]
    func any(_ shape: [Int]) throws -> Distribution {
      var axes: [AxisMap] = []
      for size in shape { axes.append(try random.axisMap(size: size, maximumRankCount: 3)) }
      return try random.distribution(axes)
    }
    for turn in 0..<400 {
      let source = try any(shapes.randomElement(using: &random) ?? [12])
      let target = try any(shapes.randomElement(using: &random) ?? [12])
      try checkExchange(source, target, "turn \(turn), seed \(seed)")
    }
    for ends in [([], [1, 1]), ([1], []), ([], []), ([0, 3], [7, 0])] {
      try checkExchange(any(ends.0), any(ends.1), "\(ends), seed \(seed)")
    }
  }

  @Test func paddedBuffersExchangeWhatIsOwned() throws {
    let padded = try distribution([9, 2], "bn", ranks: 3).padded([PaddingWidths(communication: 2)])
    let columns = try distribution([9, 2], "cb", grid: [2, 2], ranks: 4)
    try checkExchange(padded, columns)
    try checkExchange(columns, padded)
    try checkExchange(padded, distribution([6, 3], "bb", grid: [2, 2], ranks: 4))
    try checkExchange(distribution([6, 3], "bb", grid: [2, 2], ranks: 4), padded)
  }

  @Test func contiguousRowsAreOneRun() throws {
    let plan = try ExchangePlan(
      from: distribution([40, 5, 6], "bnn", ranks: 2), to: distribution([40, 5, 6], "bnn", ranks: 4))
    #expect(plan.messages(from: 0).map { $0.runs.count } == [1, 1])
    #expect(
      plan.messages(from: 0)[1].runs.map { [$0.count, $0.sourceOffset, $0.sourceStep, $0.targetOffset, $0.targetStep] }
        == [[300, 300, 1, 0, 1]])
  }

  @Test func hugeArraysArePlannedAtOnce() throws {
    let size = 1 << 40
    let plan = try ExchangePlan(
      from: distribution([size, 1 << 20], "cb", grid: [13, 6], ranks: 78),
      to: distribution([size, 1 << 20], "bc", grid: [11, 7], ranks: 77))
    let message = try #require(plan.messages(from: 17).first)
    #expect(message.axes[0].count == 1)
    #expect(plan.messages(from: 17).reduce(0) { $0 + $1.elementCount } == plan.source.ownedCount(ofRank: 17))
    #expect(plan.messages(to: 17).reduce(0) { $0 + $1.elementCount } == plan.target.ownedCount(ofRank: 17))
    var first: [ExchangeMessage.Run] = []
    message.forEachRun(in: 0..<5) { first.append($0) }
    #expect(first.reduce(0) { $0 + $1.count } == 5)
  }

  @Test func plansBeyondMemoryAreRefused() throws {
    let size = 1 << 50
    for (kind, other) in [("c2", "b"), ("b", "c3"), ("c", "c2")] {
      let message = refusal {
        _ = try ExchangePlan(from: distribution([size], kind, ranks: 3), to: distribution([size], other, ranks: 2))
      }
      #expect(message.contains("unsupported: an exchange of \(size) elements"), "\(message)")
    }
    #expect(
      try ExchangePlan(from: distribution([size], "c", ranks: 3), to: distribution([size], "b", ranks: 2))
        .movedElementCount > 0)
  }

  /// Sends packed messages by the senders' plan, takes them apart by the receivers', and looks at every element; also
  /// in rounds of a few bytes.
  private func checkExchange(_ source: Distribution, _ target: Distribution, _ note: String = "") throws {
    let plan = try ExchangePlan(from: source, to: target)
    let what = "\(source.text) -> \(target.text) \(note)"
    func numbers(_ distribution: Distribution, _ rank: Int) -> [Int] {
      let shape = distribution.localShape(ofRank: rank) ?? []
      return allIndices(shape).map { local in
        guard let global = distribution.globalIndex(ofLocal: local, rank: rank),
          (try? distribution.owner(of: global)) == rank
        else { return -1 }
        return zip(global, distribution.shape).reduce(0) { $0 * $1.1 + $1.0 }
      }
    }
    var rounds = [try plan.rounds(elementByteCount: 8, byteLimit: 24).flatMap(\.transfers)]
    rounds.append(
      source.targets.flatMap { plan.messages(from: $0).filter { $0.source == $0.target } }.map {
        ExchangeTransfer(source: $0.source, target: $0.target, elements: 0..<$0.elementCount)
      })
    var wires: [[Int]: [Int]] = [:]
    for rank in source.targets {
      let buffer = numbers(source, rank)
      for message in plan.messages(from: rank) {
        for transfer in rounds.joined() where transfer.source == rank && transfer.target == message.target {
          var packed: [Int] = []
          message.forEachRun(in: transfer.elements) { run in
            for element in 0..<run.count { packed.append(buffer[run.sourceOffset + element * run.sourceStep]) }
          }
          #expect(packed.count == transfer.elements.count, "\(what)")
          wires[[rank, message.target], default: []] += packed
        }
      }
    }
    for rank in target.targets {
      let expected = numbers(target, rank)
      var buffer = Array(repeating: -1, count: expected.count)
      for message in plan.messages(to: rank) {
        #expect(message.target == rank)
        var wire = (wires.removeValue(forKey: [message.source, rank]) ?? [])[...]
        #expect(wire.count == message.elementCount, "\(what)")
        message.forEachRun(in: 0..<message.elementCount) { run in
          for element in 0..<run.count {
            let place = run.targetOffset + element * run.targetStep
            if buffer[place] >= 0 { Issue.record("\(what): element \(place) of rank \(rank) comes twice") }
            buffer[place] = wire.popFirst() ?? -2
          }
        }
      }
      #expect(buffer == expected, "\(what), rank \(rank)")
    }
    #expect(wires.isEmpty, "\(what)")
  }

  @Test func roundsKeepTheLimitAndLetAllRanksWork() throws {
    let plan = try ExchangePlan(
      from: distribution([64, 8], "bn", ranks: 4), to: distribution([64, 8], "nb", ranks: 4))
    let limit = 320
    let rounds = try plan.rounds(elementByteCount: 8, byteLimit: limit)
    // Each rank sends 96 elements to others, 40 fit in a round.
    #expect(rounds.count == 3)
    for round in rounds {
      for rank in 0..<4 {
        for side in [\ExchangeTransfer.source, \ExchangeTransfer.target] {
          let bytes = round.transfers.filter { $0[keyPath: side] == rank }.reduce(0) { $0 + $1.elements.count * 8 }
          #expect(bytes > 0 && bytes <= limit)
        }
      }
    }
    // One receiver takes as long as it must, one sender too.
    let one = try distribution([64, 8], "nn", ranks: 1)
    for (from, to) in [(plan.source, one), (one, plan.source)] {
      let rounds = try ExchangePlan(from: from, to: to).rounds(elementByteCount: 8, byteLimit: limit)
      #expect(rounds.map { $0.transfers.reduce(0) { $0 + $1.elements.count } } == Array(repeating: 40, count: 9) + [24])
    }
    #expect(rounds.flatMap(\.transfers).reduce(0) { $0 + $1.elements.count } == plan.movedElementCount)
    do {
      _ = try plan.rounds(elementByteCount: 8, byteLimit: 7)
      Issue.record("less than an element per round")
    } catch {
      #expect(error.code == .memory)
      #expect(error.message.contains("one must fit"))
    }
    #expect(try ExchangePlan(from: plan.source, to: plan.source).rounds(elementByteCount: 8, byteLimit: 8).isEmpty)
  }
}
