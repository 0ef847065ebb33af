// `diff`: where two arrays differ, and by how much.

import ArgumentParser
import DAStore
import DistArray

struct Diff: ToolCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compares two arrays element by element; exits with 1 if they differ.",
    discussion: """
      Prints the first differences with their indices and the largest error. Two elements \
      are close when |a - b| <= atol + rtol * |b|; NaN equals NaN.

      Example:
        dastore-tool diff --rtol 1e-6 before.npy after.dnpy
      """)

  @Option(help: ArgumentHelp("Tolerance relative to the second element.", valueName: "r"))
  var rtol = 0.0

  @Option(help: ArgumentHelp("Tolerance of its own.", valueName: "a"))
  var atol = 0.0

  @Argument(help: "A stored array, or a part of one.", completion: .file())
  var first: String

  @Argument(help: "Another one.", completion: .file())
  var second: String

  @OptionGroup var workOptions: WorkOptions
  @OptionGroup var output: OutputOptions

  var work: WorkOptions? { workOptions }

  func run(in session: Session) throws(StoreError) -> ExitStatus {
    let tolerance = try Tolerance(relative: rtol, absolute: atol)
    let a = try session.open(first)
    let b = try session.open(second)
    if session.explain {
      session.say(
        "one pass over both: \(byteCountText(a.description.logicalByteCount)) and "
          + "\(byteCountText(b.description.logicalByteCount)), on \(session.ranksText), within \(session.budget) per rank")
      return .done
    }
    let found = try difference(a, b, tolerance: tolerance, over: session.communicator, options: session.streaming)
    let cost = try session.cost(readByteCount: a.readByteCount + b.readByteCount, writtenByteCount: 0)
    if output.json {
      try session.say(json: .object(cost.json.merging(json(found)) { own, _ in own }))
    } else {
      lines(found).forEach(session.say)
    }
    return found.isEqual ? .done : .no
  }

  private func lines(_ found: ArrayDifference) -> [String] {
    if let mismatch = found.mismatch { return [mismatch] }
    let errors = [("absolute", found.largestAbsolute), ("relative", found.largestRelative)].compactMap { kind, largest in
      largest.map { "largest \(kind) error \($0.error) at \(shapeText($0.index))" }
    }
    guard !found.isEqual else {
      guard !output.quiet else { return [] }
      return ["equal\(errors.isEmpty ? "" : " within the tolerance"): \(countText(found.elementCount)) elements"] + errors
    }
    let more = found.differingCount - found.first.count
    return found.first.map { "\(shapeText($0.index)): \($0.a) and \($0.b)" }
      + (more > 0 ? ["… and \(countText(more)) more"] : [])
      + ["\(countText(found.differingCount)) of \(countText(found.elementCount)) elements differ"] + errors
  }

  private func json(_ found: ArrayDifference) -> [String: JSONValue] {
    func largest(_ value: ArrayDifference.Largest?) -> JSONValue {
      value.map { .object(["error": .double($0.error), "index": JSONValue($0.index)]) } ?? .null
    }
    return [
      "equal": .bool(found.isEqual), "mismatch": found.mismatch.map { .string($0) } ?? .null,
      "element_count": .int(found.elementCount), "differing_count": .int(found.differingCount),
      "nan_count": .int(found.nanCount), "largest_absolute": largest(found.largestAbsolute),
      "largest_relative": largest(found.largestRelative),
      "first": .array(
        found.first.map { .object(["index": JSONValue($0.index), "a": JSONValue($0.a), "b": JSONValue($0.b)]) }),
    ]
  }
}
