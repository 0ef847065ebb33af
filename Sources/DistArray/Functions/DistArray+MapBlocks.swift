// Users' functions of blocks as lazy arrays.

import DAStore

extension DistArray {
  /// What a function makes of each block of the array. Dask's `map_blocks`.
  ///
  /// Blocks are boxes of a grid: the array's own chunks, or boxes of the extents that are given; they do not depend on
  /// the ranks. The function is called when elements are asked for, for a block as often as passes need it, by helper
  /// threads at once: it gives the same for the same block whenever it is asked. What it throws ends the pass on all
  /// ranks as `.functionFailed` (or the code of the `StoreError` that it throws), naming the block.
  ///
  ///     let scaled = x.mapBlocks(to: Float.self) { (block: Block<Double>, result: ResultBlock<Float>) in
  ///       for index in block.elements.indices { result.elements[index] = Float(block.elements[index] / 2) }
  ///     }
  /// - Parameters:
  ///   - result: The element type of the result.
  ///   - chunks: Extents of the blocks along the array's axes.
  ///   - axes: Axes that the result is without: every block has all of them. Negative ones count from the end.
  ///   - body: Reads a block, and writes the result's elements at the same indices without the dropped axes; what it
  ///     does not write is zero. Elements come in the type it names, to which the array's must convert safely.
  /// - Returns: An array that remembers, as all arrays do, why it cannot be: `.unsupportedDType` for elements that do
  ///   not convert safely, `.invalidArgument` for extents or axes that do not fit.
  @inlinable
  public func mapBlocks<A: Element, R: Element>(
    to result: R.Type = R.self, chunks: [Int]? = nil, dropping axes: [Int] = [],
    _ body: @escaping @Sendable (_ block: Block<A>, _ result: ResultBlock<R>) throws -> Void
  ) -> DistArray {
    let kernel = BlockKernel(name: "mapBlocks", inputTypes: [A.dtype], resultType: R.dtype) { call in
      try body(call.block(0, of: A.self), call.resultBlock(of: R.self))
    }
    return Self.mapping([self], kernel, chunks: chunks, dropping: axes)
  }

  /// What a function makes of the blocks of two arrays of one shape. As ``mapBlocks(to:chunks:dropping:_:)``.
  @inlinable
  public func mapBlocks<A: Element, B: Element, R: Element>(
    with other: DistArray, to result: R.Type = R.self, chunks: [Int]? = nil, dropping axes: [Int] = [],
    _ body: @escaping @Sendable (_ a: Block<A>, _ b: Block<B>, _ result: ResultBlock<R>) throws -> Void
  ) -> DistArray {
    let kernel = BlockKernel(name: "mapBlocks", inputTypes: [A.dtype, B.dtype], resultType: R.dtype) { call in
      try body(call.block(0, of: A.self), call.block(1, of: B.self), call.resultBlock(of: R.self))
    }
    return Self.mapping([self, other], kernel, chunks: chunks, dropping: axes)
  }

  /// What a function makes of the blocks of three arrays of one shape. As ``mapBlocks(to:chunks:dropping:_:)``.
  @inlinable
  public func mapBlocks<A: Element, B: Element, C: Element, R: Element>(
    with second: DistArray, _ third: DistArray, to result: R.Type = R.self, chunks: [Int]? = nil,
    dropping axes: [Int] = [],
    _ body: @escaping @Sendable (_ a: Block<A>, _ b: Block<B>, _ c: Block<C>, _ result: ResultBlock<R>) throws -> Void
  ) -> DistArray {
    let types = [A.dtype, B.dtype, C.dtype]
    let kernel = BlockKernel(name: "mapBlocks", inputTypes: types, resultType: R.dtype) { call in
      try body(
        call.block(0, of: A.self), call.block(1, of: B.self), call.block(2, of: C.self), call.resultBlock(of: R.self))
    }
    return Self.mapping([self, second, third], kernel, chunks: chunks, dropping: axes)
  }

  @usableFromInline
  static func mapping(
    _ arrays: [DistArray], _ kernel: BlockKernel, chunks: [Int]?, dropping axes: [Int]
  ) -> DistArray {
    arrays[0].map { first throws(StoreError) in
      let inputs = try inputs(arrays, kernel)
      let shape = first.shape
      var isDropped = shape.map { _ in false }
      for axis in axes { isDropped[try normalAxis(axis, of: shape.count)] = true }
      for axis in shape.indices where isDropped[axis] {
        if let extent = chunks?.dropFirst(axis).first, extent < shape[axis] {
          throw StoreError(
            .invalidArgument,
            "blocks of \(extent) along axis \(axis), which has \(shape[axis]) positions and is dropped; a block must "
              + "have all of it")
        }
      }
      return try mapped(
        inputs, shape,
        BlockMapping(kernel: kernel, halo: shape.map { _ in 0 }, isDropped: isDropped, chunkShape: chunks))
    }
  }

  /// Arrays of one shape, in the element types that a function takes.
  static func inputs(_ arrays: [DistArray], _ kernel: BlockKernel) throws(StoreError) -> [Expression] {
    var inputs: [Expression] = []
    for (array, dtype) in zip(arrays, kernel.inputTypes) {
      let expression = try array.result.get()
      guard expression.dtype.castsSafely(to: dtype) else {
        throw StoreError(
          .unsupportedDType,
          "elements are \(expression.dtype.name), the function of \(kernel.name) takes \(dtype.name); convert them "
            + "with astype")
      }
      inputs.append(try expression.converted(to: dtype))
    }
    for input in inputs where input.shape != inputs[0].shape {
      throw StoreError(
        .invalidArgument,
        "\(kernel.name) takes arrays of one shape, not \(inputs.map { shapeText($0.shape) }.joined(separator: " and "))"
      )
    }
    return inputs
  }

  /// - Parameters:
  ///   - inputs: With frames as wide as the halo.
  ///   - shape: The inputs' without frames.
  static func mapped(
    _ inputs: [Expression], _ shape: [Int], _ mapping: BlockMapping
  ) throws(StoreError) -> Expression {
    if let chunkShape = mapping.chunkShape { _ = try ChunkGrid(shape: shape, chunkShape: chunkShape) }
    let kept = shape.indices.filter { !mapping.isDropped[$0] }.map { shape[$0] }
    _ = try checkedElementCount(kept, dtype: mapping.kernel.resultType)
    return try Expression(shape: kept, dtype: mapping.kernel.resultType, .mapped(MappedArray(inputs, mapping)))
      .checkedDepth()
  }
}
