// What items between brackets choose, position by position and in the plainest code; random ones with their NumPy text.

import DAStore
import DATestSupport

@testable import DistArray

/// An item, and how NumPy writes it.
struct TestItem {
  enum Kind {
    case position(Int)
    case slice(Int?, Int?, Int)
    case ellipsis
    case newAxis
    case list([Int], [Int])
    case mask([Bool], [Int])
  }
  var kind: Kind
  /// Whether it is given as an array instead of a list.
  var isArray = false

  func item(_ context: Context) throws -> ArrayIndex {
    switch kind {
    case .position(let position):
      return isArray
        ? .array(context.array(try MemoryDataset([Int32(position)], shape: []))) : .position(position)
    case .slice(let start, let stop, let step): return .slice(start: start, stop: stop, step: step)
    case .ellipsis: return .otherAxes
    case .newAxis: return .insertedAxis
    case .list(let values, let shape):
      return isArray
        ? .array(context.array(try MemoryDataset(values.map { Int16($0) }, shape: shape)))
        : .positions(values, shape: shape)
    case .mask(let truths, let shape):
      return isArray
        ? .array(context.array(try MemoryDataset(truths.map { StoredBool($0) }, shape: shape)))
        : .truths(truths, shape: shape)
    }
  }

  /// NumPy's spelling.
  var text: String {
    func made(_ values: [String], _ shape: [Int], _ dtype: String) -> String {
      "array([\(values.joined(separator: ","))],'\(dtype)').reshape((\(shape.map { "\($0)," }.joined())))"
    }
    switch kind {
    case .position(let position): return "\(position)"
    case .slice(let start, let stop, let step):
      return "\(start.map(String.init) ?? ""):\(stop.map(String.init) ?? ""):\(step)"
    case .ellipsis: return "..."
    case .newAxis: return "None"
    case .list(let values, let shape): return made(values.map(String.init), shape, "i8")
    case .mask(let truths, let shape): return made(truths.map { $0 ? "1" : "0" }, shape, "?")
    }
  }
}

/// The elements that items choose, by their row-major places in the array.
struct ReferenceIndex {
  var shape: [Int] = []
  var places: [Int] = []

  private enum Entry {
    case fixed(Int)
    case range([Int])
    case new
    /// Nothing: where an ellipsis stood.
    case gap
    /// Positions, and the shape in which they are listed.
    case list([Int], [Int])
    /// No axis, only a shape.
    case truth([Int])

    var isList: Bool {
      switch self {
      case .list, .truth: true
      default: false
      }
    }
    var isFixed: Bool { if case .fixed = self { true } else { false } }
  }

  /// `nil` where NumPy refuses.
  init?(_ items: [TestItem], of array: [Int]) {
    guard let entries = Self.entries(items, array) else { return nil }
    var common: [Int] = []
    for entry in entries {
      switch entry {
      case .list(_, let shape), .truth(let shape):
        guard let joined = try? broadcastShape([common, shape]) else { return nil }
        common = joined
      default: break
      }
    }
    let hasLists = entries.contains(where: \.isList)
    // Places of what belongs to the lists, integers among them.
    let advanced = entries.indices.filter { entries[$0].isList || hasLists && entries[$0].isFixed }
    let isTogether = (advanced.last ?? 0) - (advanced.first ?? 0) + 1 == advanced.count
    // For each axis of the result: the entry and which of its axes.
    var axes: [(entry: Int?, axis: Int, size: Int)] = []
    let listAxes = common.indices.map { (entry: Int?.none, axis: $0, size: common[$0]) }
    if hasLists, !isTogether { axes += listAxes }
    for (number, entry) in entries.enumerated() {
      if hasLists, isTogether, number == advanced.first { axes += listAxes }
      switch entry {
      case .range(let positions): axes.append((number, 0, positions.count))
      case .new: axes.append((number, 0, 1))
      case .fixed, .list, .truth, .gap: break
      }
    }
    shape = axes.map(\.size)
    for index in ReferenceArray.indices(of: shape) {
      var listIndex = common
      var own: [Int: Int] = [:]
      for (place, axis) in axes.enumerated() {
        if let entry = axis.entry { own[entry] = index[place] } else { listIndex[axis.axis] = index[place] }
      }
      var position: [Int] = []
      for (number, entry) in entries.enumerated() {
        switch entry {
        case .fixed(let fixed): position.append(fixed)
        case .range(let positions): position.append(positions[own[number] ?? 0])
        case .list(let values, let shape):
          let part = listIndex.suffix(shape.count)
          position.append(values[zip(part, shape).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }])
        case .new, .truth, .gap: break
        }
      }
      places.append(zip(position, array).reduce(0) { $0 * $1.1 + $1.0 })
    }
  }

  private static func entries(_ items: [TestItem], _ array: [Int]) -> [Entry]? {
    let taken = items.reduce(0) { count, item in
      switch item.kind {
      case .position, .slice, .list: count + 1
      case .mask(_, let shape): count + shape.count
      case .ellipsis, .newAxis: count
      }
    }
    let ellipses = items.count { if case .ellipsis = $0.kind { true } else { false } }
    guard taken <= array.count, ellipses <= 1 else { return nil }
    var entries: [Entry] = []
    var axis = 0
    for item in items + (ellipses == 0 ? [TestItem(kind: .ellipsis)] : []) {
      switch item.kind {
      case .position(let position):
        guard position >= -array[axis], position < array[axis] else { return nil }
        entries.append(.fixed((position + array[axis]) % array[axis]))
        axis += 1
      case .slice(let start, let stop, let step):
        entries.append(.range(Self.range(start, stop, step, array[axis])))
        axis += 1
      case .ellipsis:
        // An empty one separates lists, too.
        entries.append(.gap)
        for _ in 0..<array.count - taken {
          entries.append(.range(Array(0..<array[axis])))
          axis += 1
        }
      case .newAxis: entries.append(.new)
      case .list(let values, let shape):
        let size = array[axis]
        guard values.allSatisfy({ $0 >= -size && $0 < size }) else { return nil }
        entries.append(.list(values.map { ($0 + size) % max(size, 1) }, shape))
        axis += 1
      case .mask(let truths, let shape):
        guard Array(array[axis..<axis + shape.count]) == shape else { return nil }
        let chosen = zip(ReferenceArray.indices(of: shape), truths).filter(\.1).map(\.0)
        if shape.isEmpty { entries.append(.truth([chosen.count])) }
        for own in shape.indices { entries.append(.list(chosen.map { $0[own] }, [chosen.count])) }
        axis += shape.count
      }
    }
    return entries
  }

  /// Python's slice, one step at a time.
  private static func range(_ start: Int?, _ stop: Int?, _ step: Int, _ size: Int) -> [Int] {
    func place(_ bound: Int) -> Int { bound < 0 ? bound + size : bound }
    var positions: [Int] = []
    var position = start.map(place) ?? (step > 0 ? 0 : size - 1)
    if step > 0 {
      position = max(position, 0)
      let end = min(stop.map(place) ?? size, size)
      while position < end {
        positions.append(position)
        position += step
      }
    } else {
      position = min(position, size - 1)
      let end = stop.map { max(place($0), -1) } ?? -1
      while position > end {
        positions.append(position)
        position += step
      }
    }
    return positions
  }
}

extension TestItem {
  /// Random items for an array; a few of them do not fit.
  static func random(for array: [Int], _ random: inout SeededRandom) -> [TestItem] {
    func drawn(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    func chance(_ percent: Int) -> Bool { drawn(1...100) <= percent }
    let listShape = (0..<drawn(0...2)).map { _ in drawn(1...4) }
    // Separated lists are rare when every axis gets its own kind.
    let prefersLists = chance(50)
    var items: [TestItem] = []
    var axis = 0
    var hasEllipsis = false
    while axis < array.count {
      let size = array[axis]
      func position() -> Int { chance(2) ? drawn(-size - 1...size) : size == 0 ? 0 : drawn(-size...size - 1) }
      if chance(8) { items.append(TestItem(kind: .newAxis)) }
      if chance(4) { items.append(TestItem(kind: .mask([chance(75)], []))) }
      if !hasEllipsis, chance(12) {
        items.append(TestItem(kind: .ellipsis))
        hasEllipsis = true
        axis += drawn(0...array.count - axis)
        continue
      }
      switch drawn(0...9) {
      case 0...(prefersLists ? 4 : 0):
        var shape = listShape
        if !shape.isEmpty, chance(25) { shape[drawn(0...shape.count - 1)] = 1 }
        if shape.count > 1, chance(25) { shape.removeFirst() }
        if chance(5) { shape = [0] }
        let values = (0..<shape.reduce(1, *)).map { _ in position() }
        // An array of one integer without axes is an integer.
        if shape.isEmpty {
          items.append(TestItem(kind: .position(values[0]), isArray: chance(30)))
        } else {
          items.append(TestItem(kind: .list(values, shape), isArray: chance(30)))
        }
        axis += 1
      case 5:
        let count = chance(70) ? 1 : drawn(1...array.count - axis)
        let shape = chance(97) ? Array(array[axis..<axis + count]) : [size + 1]
        let share = [0, 20, 50, 100].randomElement(using: &random) ?? 50
        let truths = (0..<shape.reduce(1, *)).map { _ in chance(share) }
        items.append(TestItem(kind: .mask(truths, shape), isArray: chance(50)))
        axis += count
      case 6:
        items.append(TestItem(kind: .position(position())))
        axis += 1
      case 9 where chance(60): axis = array.count
      default:
        func bound() -> Int? { chance(40) ? nil : drawn(-size - 2...size + 2) }
        let step = [1, 1, 2, 3, -1, -2].randomElement(using: &random) ?? 1
        items.append(TestItem(kind: .slice(bound(), bound(), step)))
        axis += 1
      }
    }
    return items
  }
}
