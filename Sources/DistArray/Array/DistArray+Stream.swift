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
    var products: [MatrixProduct] = []
    var visited: Set<ObjectIdentifier> = []
    func collect(_ node: Expression) {
      guard visited.insert(ObjectIdentifier(node)).inserted else { return }
      node.kind.operands.forEach(collect)
      if case .reduced = node.kind { reductions.append(node) }
      if case .product(let product) = node.kind { products.append(product) }
    }
    collect(expression)
    var lines: [String] = []
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
    for (number, product) in products.enumerated() {
      lines.append("pass \(seen.count + number + 1): \(try planned(product).explanation)")
    }
    // Results that are not there yet stand as zeros: they have the shapes and types of the real ones.
    let tape = try Tape(expression.withPlaceholders())
    lines.append(
      "\(seen.isEmpty && products.isEmpty ? "one pass" : "then one pass"): \(shapeText(tape.shape)) \(tape.dtype.name) in chunks of "
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

extension DistArray {
  /// What making a product would take now.
  private func planned(_ product: MatrixProduct) throws(StoreError) -> ProductPlan {
    let budget = context.options.budget
    let (a, b) = (try product.a.withPlaceholders(), try product.b.withPlaceholders())
    let costs = [SourceCost(try Materialisation.dataset(a)), SourceCost(try Materialisation.dataset(b))]
    let byteCount = product.geometry.shape.reduce(a.dtype.byteCount, saturatingProduct)
    return try ProductPlan(
      product.geometry, a.dtype, costs: costs,
      isInMemory: ProductPlan.staysInMemory(byteCount, budget: budget), roundScratch: { $0 },
      rankCount: context.communicator.size, budget: budget)
  }
}

/// A result that is not there yet, as zeros in the chunks that it will have: for plans.
private final class PlannedDataset: ChunkedDataset {
  let path: String
  let description: DatasetDescription

  init(_ node: Expression, name: String) throws(StoreError) {
    path = name
    let chunks =
      if case .product(let product) = node.kind { product.geometry.blockShape } else { node.shape.map { max(1, $0) } }
    description = DatasetDescription(
      format: .memory, shape: node.shape, dtype: node.dtype, grid: try ChunkGrid(shape: node.shape, chunkShape: chunks),
      storedByteCount: 0)
  }

  func storage(of number: Int) throws(StoreError) -> ChunkStorage { .constant(ElementValue(zero: description.dtype)) }

  func read(_ extent: StoredExtent, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
    throw StoreError(.internalFault, "a result that is not there yet has nothing to read", path: path)
  }
}

extension Expression {
  /// The expression with zeros in place of its statistics and products: for plans.
  func withPlaceholders() throws(StoreError) -> Expression {
    var replaced: [ObjectIdentifier: Expression] = [:]
    return try replacing(&replaced) { node throws(StoreError) in
      guard node.kind.isMadeBefore else { return nil }
      let name = if case .reduced = node.kind { "statistic" } else { "product" }
      return Expression(try PlannedDataset(node, name: name))
    }
  }
}
