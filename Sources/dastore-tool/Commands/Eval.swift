// `eval`: a formula over stored arrays.

import ArgumentParser
import DAStore
import DistArray

struct Eval: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Computes a formula over stored arrays, and prints or stores the result.",
    discussion: """
      Formulas are written as for NumPy: operators, functions of elements, statistics with axis=, \
      slices, comparisons, where. With -o the result is streamed into a file; without it the \
      elements are printed, summarised when there are many. Several formulas are computed \
      together, arrays with the same chunks in one pass; -o then stands once for each, or not.

      Example:
        dastore-tool eval 'mean(x, axis=0) - 273.15' -i x=air.dnpy
        dastore-tool eval 'mean(x)' 'max(x, axis=0)' -i x=air.dnpy
        mpirun -n 4 dastore-tool eval 'sqrt(u*u + v*v)' -i u=u.dnpy -i v=v.dnpy -o speed.dnpy
      """)

  @Argument(help: "The formula, or several; one that begins with a minus in parentheses.")
  var formula: [String]

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "What a name of the formula stands for, such as x=volume.dnpy; once for each.", valueName: "name=source"))
  var input: [NamedSource] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the result is stored; once for each formula.", valueName: "target"), completion: .file())
  var out: [String] = []

  @Option(help: ArgumentHelp("Extents of the target's chunks, such as 64,64,64, or auto.", valueName: "shape"))
  var chunks: ChunkShape?

  @OptionGroup var storage: StorageOptions
  @OptionGroup var targetOptions: TargetOptions
  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }
  var writes: Bool { !out.isEmpty }

  func validate() throws {
    guard out.isEmpty || out.count == formula.count else {
      throw ValidationError("\(formula.count) formulas and \(out.count) targets; give --out once for each formula")
    }
    guard Set(out).count == out.count else { throw ValidationError("two formulas have the same target") }
  }

  /// `name=source`.
  struct NamedSource: ExpressibleByArgument {
    let name: String
    let source: String

    init?(argument: String) {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let first = parts[0].first, first == "_" || first.isLetter,
        parts[0].allSatisfy({ $0 == "_" || $0.isLetter || $0.isNumber }), !parts[1].isEmpty
      else { return nil }
      name = String(parts[0])
      source = String(parts[1])
    }
  }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    var sources: [MeteredDataset] = []
    var arrays: [String: DistArray] = [:]
    let context = try Context(communicator: session.communicator, memory: session.budget)
    context.options = session.streaming
    context.options.scratchDirectory = out.first.map { splitPath($0).directory }
    for input in input {
      let dataset = try session.open(input.source)
      guard arrays.updateValue(context.array(dataset), forKey: input.name) == nil else {
        throw StoreError(.invalidArgument, "'\(input.name)' is given twice; give each name one source")
      }
      sources.append(dataset)
    }
    var results: [DistArray] = []
    for text in formula {
      do throws(FormulaError) {
        results.append(try FormulaEvaluation.array(text, arrays, in: context))
      } catch {
        session.note(error.pointing)
        throw error.storeError
      }
    }
    if session.explain {
      let explanation = try out.isEmpty ? context.explain(results) : context.explain([], writing: files(results))
      try session.say(explanation, isJSON: output.json)
      return .done
    }
    guard results.count == 1 else { return try together(results, of: sources, in: session, context) }
    let result = MeteredDataset(try results[0].dataset(name: "'\(formula[0])'"))
    if let out = out.first {
      let request = CopyRequest(target: out, chunks: chunks, storage: storage, force: targetOptions.force)
      return try request.run(from: result, in: session, output: output)
    }
    let text = try session.communicator.agree { () throws(StoreError) in
      session.isFirst ? try showText(result, options: context.options) : ""
    }
    let cost = try session.cost(readByteCount: sources.reduce(0) { $0 + $1.readByteCount }, writtenByteCount: 0)
    if output.json {
      let facts = result.description
      let answer: [String: JSONValue] = [
        "text": .string(text), "shape": JSONValue(facts.shape), "dtype": .string(facts.dtype.numpyString),
      ]
      try session.say(json: .object(cost.json.merging(answer) { own, _ in own }))
    } else {
      session.say(text)
    }
    return .done
  }
}
