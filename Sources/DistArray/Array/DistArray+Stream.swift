// An array as a dataset to be streamed, and what computing it would take.

import DAStore

extension DistArray {
  /// The array as a dataset whose chunks are computed when they are read; its statistics are computed now.
  ///
  /// - Parameter name: What messages call it.
  /// - Throws: The first error in making the array, and what the passes of its statistics throw.
  /// - Collective: yes, when the array has statistics inside.
  public func dataset(name: String = "expression") throws(StoreError) -> any ChunkedDataset {
    let expression = try result.get()
    var materialisation = Materialisation(options: context.options, communicator: context.communicator)
    return try Materialisation.dataset(materialisation([expression])[0], name: name)
  }

  /// What computing the array would take, in words, a line each: sources, passes, steps and memory. Touches no data.
  /// Local.
  ///
  /// - Throws: The first error in making the array.
  public func explanation() throws(StoreError) -> [String] {
    let expression = try result.get()
    var reductions: [Expression] = []
    var lines: [String] = []
    var visited: Set<ObjectIdentifier> = []
    func collect(_ node: Expression) {
      guard visited.insert(ObjectIdentifier(node)).inserted else { return }
      node.kind.operands.forEach(collect)
      if case .reduced = node.kind {
        reductions.append(node)
      } else if node.needsPass {
        let count = node.kind.listedCount
        lines.append("beforehand: \(count) listed elements or rows of \(shapeText(node.shape)) \(node.dtype.name)")
      }
    }
    collect(expression)
    var seen: Set<Materialisation.Pass> = []
    for node in reductions {
      guard let pass = Materialisation.Pass(node), case .reduced(let inner, _) = node.kind else { continue }
      guard seen.insert(pass).inserted else { continue }
      let names = reductions.compactMap { other -> String? in
        guard Materialisation.Pass(other) == pass, case .reduced(_, let reduction) = other.kind else { return nil }
        return reduction.statistic.name
      }
      let axes = pass.reduced.indices.filter { pass.reduced[$0] }
      lines.append(
        "pass \(seen.count): \(Array(Set(names)).sorted().joined(separator: ", ")) of \(shapeText(inner.shape)) "
          + "\(inner.dtype.name) over "
          + (axes.count == inner.shape.count ? "all axes" : "axes \(axes.map(String.init).joined(separator: ", "))"))
    }
    // Results that are not there yet stand as zeros: they have the shapes and types of the real ones.
    let tape = try Tape(expression.withPlaceholders())
    lines.append(
      "\(seen.isEmpty ? "one pass" : "then one pass"): \(shapeText(tape.shape)) \(tape.dtype.name) in chunks of "
        + "\(shapeText(tape.chunkShape())), \(tape.steps.count) steps over tiles of "
        + "\(TileWalk.tileElementCount) elements"
    )
    for source in tape.sources {
      let facts = source.dataset.description
      lines.append(
        "source \(source.dataset.path): \(shapeText(facts.shape)) \(facts.dtype.name) in chunks of "
          + "\(shapeText(facts.grid.chunkShape))"
      )
    }
    let dataset = try ExpressionDataset(expression.withPlaceholders(), name: "expression")
    lines.append(
      "per chunk and thread: \(byteCountText(dataset.description.largestChunkByteCount)) of elements, at most "
        + "\(byteCountText(dataset.largestStoredByteCount)) read, "
        + "\(byteCountText(dataset.decodeScratchByteCount)) of scratch"
    )
    return lines
  }
}

extension Expression {
  /// The expression with zeros in place of what passes before would make: for plans.
  fileprivate func withPlaceholders() throws(StoreError) -> Expression {
    var replaced: [ObjectIdentifier: Expression] = [:]
    return try replacing(&replaced) { node throws(StoreError) in
      guard node.needsPass else { return nil }
      if case .patched(let patched) = node.kind {
        let zero = DenseArray(
          dtype: node.dtype, shape: [], bytes: Array(repeating: 0, count: node.dtype.byteCount))
        let array = try patched.array.withPlaceholders()
        return Expression(
          shape: node.shape, dtype: node.dtype,
          .patched(PatchedArray(array, patched.view, patched.points, .elements(zero))))
      }
      let byteCount = try checkedElementCount(node.shape, dtype: node.dtype) * node.dtype.byteCount
      return Expression(
        try MemoryDataset(
          shape: node.shape, dtype: node.dtype, bytes: Array(repeating: 0, count: byteCount), name: "result of a pass"))
    }
  }
}

extension Expression.Kind {
  /// How many points are picked or assigned.
  fileprivate var listedCount: Int {
    switch self {
    case .picked(let picked): picked.points.count
    case .patched(let patched): patched.points.count
    default: 0
    }
  }
}
