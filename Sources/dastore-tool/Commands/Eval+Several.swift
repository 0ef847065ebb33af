// `eval` of several formulas: what can be is computed in one pass.

import DAStore
import DistArray

extension Eval {
  /// The targets of all formulas.
  func files(_ results: [DistArray]) throws(StoreError) -> [ArrayFile] {
    var files: [ArrayFile] = []
    for (result, path) in zip(results, out) {
      let dtype = try result.dtype
      files.append(
        result.file(
          path, chunks: chunks.map { $0.extents(result.shape, dtype) }, codecs: try storage.codecs(dtype, .dnpy2),
          overwrite: targetOptions.force))
    }
    return files
  }

  /// Computes the formulas and prints or stores them.
  ///
  /// - Collective: yes.
  func together(
    _ results: [DistArray], of sources: [MeteredDataset], in session: Session, _ context: Context
  ) throws(StoreError) -> ExitStatus {
    let values = try context.evaluate(out.isEmpty ? results : [], writing: files(results))
    let cost = try session.cost(
      readByteCount: sources.reduce(0) { $0 + $1.readByteCount }, writtenByteCount: try storedByteCount(session))
    var answers: [JSONValue] = []
    for (index, text) in formula.enumerated() {
      var answer: [String: JSONValue] = [
        "formula": .string(text), "shape": JSONValue(results[index].shape),
        "dtype": .string(try results[index].dtype.numpyString),
      ]
      if out.isEmpty {
        let shown = try values[index].text()
        answer["text"] = .string(shown)
        if !output.json { session.say("\(text):\n\(shown)") }
      } else {
        answer["target"] = .string(out[index])
        if !output.json && !output.quiet {
          session.say("\(out[index]): \(shapeText(results[index].shape)) \(try results[index].dtype.name)")
        }
      }
      answers.append(.object(answer))
    }
    if output.json {
      try session.say(json: .object(cost.json.merging(["results": .array(answers)]) { own, _ in own }))
    }
    return .done
  }

  /// Bytes of the stored targets, of which the first rank knows.
  private func storedByteCount(_ session: Session) throws(StoreError) -> Int {
    var sum = 0
    for path in out {
      let stored = try session.open(path).description.storedByteCount
      sum += session.isFirst ? stored : 0
    }
    return sum
  }
}
