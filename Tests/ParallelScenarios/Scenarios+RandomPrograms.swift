// Random programs over random arrays, as Tests/Golden/random_formulas.py writes them: the whole system at work, its
// results in one file to be compared with NumPy's and with those of other numbers of ranks.

import DAStore
import DATestSupport
import DistArray
import Foundation
import MessagePassing

let randomProgramScenarios: [Scenario] = [Scenario(name: "random-programs", run: randomPrograms)]

/// What cases.json holds.
private struct Programs: Decodable {
  struct Case: Decodable {
    var `case`: Int
    var seed: UInt64
    var inputs: [Input]
    var steps: [Step]
    var results: [String]
    /// Formulas that NumPy refuses.
    var refused: [String]
  }
  struct Input: Decodable {
    var name: String
    var chunks: [Int]
  }
  struct Step: Decodable {
    enum Kind: String, Decodable { case formula, assigned, blocks, dealt, stored }
    var name: String
    var kind: Kind
    var formula: String?
    var base: String?
    var index: [Item]?
  }
  /// What stands between brackets: one of these.
  struct Item: Decodable {
    var position: Int?
    var slice: [Int?]?
    var positions: [Int]?
    var truths: [Bool]?
    var word: String?
    var formula: String?
  }
  var cases: [Case]
}

/// Runs the programs of `folder`/cases.json and leaves what they result in as `folder`/results.<ranks>.
private func randomPrograms(_ world: Communicator, _ arguments: [String]) throws {
  let folder = try argument(0, of: arguments)
  let programs = try JSONDecoder().decode(Programs.self, from: Data(contentsOf: URL(filePath: "\(folder)/cases.json")))
  var results = Data()
  for program in programs.cases {
    do {
      for (name, array) in try ran(program, world, folder) { results.append(record("\(program.case) \(name)", array)) }
    } catch {
      results.append(refusal("\(program.case) -", "\(error)"))
    }
    var run = try ProgramRun(program, world, folder, memory: 64 << 20)
    for number in try run.refusals() { results.append(refusal("\(program.case) refused\(number)", "")) }
  }
  if world.rank == 0 { try results.write(to: URL(filePath: "\(folder)/results.\(world.size)")) }
}

/// The results in a budget that chance says; where it is refused, in the one that the refusal names.
private func ran(
  _ program: Programs.Case, _ world: Communicator, _ folder: String
) throws -> [(String, DenseArray)] {
  var random = SeededRandom(seed: program.seed)
  var budget = 1 << Int.random(in: 14...24, using: &random)
  while true {
    var run = try ProgramRun(program, world, folder, memory: budget)
    defer { run.removeFiles() }
    do {
      return try run.results()
    } catch {
      guard let match = "\(error)".firstMatch(of: /raise --memory to (\d+)/), let needed = Int(match.1), needed > budget
      else { throw error }
      budget = needed
    }
  }
}

private func refusal(_ name: String, _ reason: String) -> Data {
  Data("\(name) refused - \(reason.utf8.count)\n\(reason)".utf8)
}

private func record(_ name: String, _ array: DenseArray) -> Data {
  let extents = array.shape.isEmpty ? "-" : array.shape.map(String.init).joined(separator: ",")
  return Data("\(name) \(array.dtype.numpyString) \(extents) \(array.bytes.count)\n".utf8) + array.bytes
}

/// One program on all ranks, which draw the same: where arrays lie, in which chunks and memory they are computed.
private struct ProgramRun {
  let program: Programs.Case
  let context: Context
  let folder: String
  var arrays: [String: DistArray] = [:]
  var random: SeededRandom
  var fileCount = 0

  init(_ program: Programs.Case, _ world: Communicator, _ folder: String, memory: Int) throws {
    self.program = program
    self.folder = folder
    random = SeededRandom(seed: program.seed)
    context = try Context(communicator: world, memory: MemoryBudget(byteCount: memory))
    context.options.workerCount = Int.random(in: 0...2, using: &random)
  }

  /// The arrays that are asked for, all at once; some from a file that is written beside.
  mutating func results() throws -> [(String, DenseArray)] {
    try prepare()
    var evaluated: [(String, DistArray)] = []
    var files: [(name: String, path: String, file: ArrayFile)] = []
    for name in program.results {
      let array = try found(name)
      if Int.random(in: 0..<3, using: &random) == 0 {
        let path = nextPath(Bool.random(using: &random) ? "npy" : "dnpy")
        let chunks = Bool.random(using: &random) && path.hasSuffix("dnpy") ? someChunks(array.shape) : nil
        files.append((name, path, array.file(path, chunks: chunks)))
      } else {
        evaluated.append((name, array))
      }
    }
    let dense = try context.evaluate(evaluated.map(\.1), writing: files.map(\.file))
    var results = Array(zip(evaluated.map(\.0), dense))
    for (name, path, _) in files { results.append((name, try context.evaluate(context.open(path)))) }
    return results
  }

  /// Which of the formulas that NumPy refuses are refused.
  mutating func refusals() throws -> [Int] {
    if program.refused.isEmpty { return [] }
    try prepare()
    defer { removeFiles() }
    return program.refused.indices.filter { number in
      do {
        _ = try context.evaluate(FormulaEvaluation.array(program.refused[number], arrays, in: context))
        return false
      } catch {
        return true
      }
    }
  }

  private mutating func prepare() throws {
    for input in program.inputs { arrays[input.name] = try opened(input) }
    for step in program.steps { arrays[step.name] = try made(step) }
  }

  /// Files may be open still: only their names go.
  func removeFiles() {
    for number in 0..<fileCount where context.communicator.rank == 0 {
      for suffix in ["npy", "dnpy"] { unlink("\(path(number)).\(suffix)") }
    }
  }

  private func found(_ name: String?) throws -> DistArray {
    guard let array = name.flatMap({ arrays[$0] }) else { throw ScenarioFailure("no array \(name ?? "")") }
    return array
  }

  private func path(_ number: Int) -> String { "\(folder)/\(context.communicator.size)-\(program.case)-\(number)" }

  private mutating func nextPath(_ suffix: String) -> String {
    fileCount += 1
    return "\(path(fileCount - 1)).\(suffix)"
  }

  private mutating func someChunks(_ shape: [Int]) -> [Int] {
    shape.map { Int.random(in: 1...max($0, 1), using: &random) }
  }

  /// An input where chance puts it: its file, a chunked file, or memory.
  private mutating func opened(_ input: Programs.Input) throws -> DistArray {
    let source = try context.open("\(folder)/\(program.case).\(input.name).npy")
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return source
    case 1: return try stored(source, chunks: input.chunks)
    default:
      let dense = try context.evaluate(source)
      return context.array(
        try MemoryDataset(shape: dense.shape, dtype: dense.dtype, bytes: dense.bytes, chunkShape: input.chunks))
    }
  }

  private mutating func stored(_ array: DistArray, chunks: [Int]) throws -> DistArray {
    let path = nextPath("dnpy")
    try array.write(to: path, chunks: chunks)
    return try context.open(path)
  }

  private mutating func made(_ step: Programs.Step) throws -> DistArray {
    switch step.kind {
    case .formula: return try FormulaEvaluation.array(step.formula ?? "", arrays, in: context)
    case .assigned:
      var array = try found(step.base)
      let items = try (step.index ?? []).map(item)
      array[items] = try FormulaEvaluation.array(step.formula ?? "", arrays, in: context)
      try array.check()
      return array
    case .stored:
      let array = try found(step.base)
      return try stored(array, chunks: someChunks(array.shape))
    case .blocks:
      let array = try found(step.base)
      let chunks = Bool.random(using: &random) ? someChunks(array.shape) : nil
      return try array.dtype.visit(IdentityOfBlocks(array: array, chunks: chunks))
    case .dealt: return try dealt(try found(step.base))
    }
  }

  private func item(_ item: Programs.Item) throws -> ArrayIndex {
    if let position = item.position { return .position(position) }
    if let slice = item.slice, slice.count == 3 { return .slice(start: slice[0], stop: slice[1], step: slice[2] ?? 1) }
    if let positions = item.positions { return .positions(positions, shape: [positions.count]) }
    if let truths = item.truths { return .truths(truths, shape: [truths.count]) }
    if let formula = item.formula { return .array(try FormulaEvaluation.array(formula, arrays, in: context)) }
    return item.word == "newaxis" ? .insertedAxis : .otherAxes
  }

  /// Dealt out over the ranks, dealt anew, and gathered again.
  private mutating func dealt(_ array: DistArray) throws -> DistArray {
    let ways = try distributions(array.shape, over: context.communicator.size)
    guard let first = ways.randomElement(using: &random), let second = ways.randomElement(using: &random) else {
      throw ScenarioFailure("no distributions of \(array.shape)")
    }
    let local = try array.distribute(as: first)
    if Bool.random(using: &random) { try local.redistribute(as: second) }
    let other = try local.distribute(as: second)
    return try other.array()
  }
}

/// Copies blocks as they are.
private struct IdentityOfBlocks: ElementVisitor {
  let array: DistArray
  let chunks: [Int]?

  func visit<E: Element>(_: E.Type) -> DistArray {
    array.mapBlocks(chunks: chunks) { (block: Block<E>, result: ResultBlock<E>) in
      for place in block.elements.indices { result.elements[place] = block.elements[place] }
    }
  }
}
