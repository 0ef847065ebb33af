// Users' functions of blocks that see the neighbours around them.

import DAStore

extension DistArray {
  /// What stands beyond the ends of an axis: Dask's and `scipy.ndimage`'s names.
  public enum Boundary {
    /// The array again, from its other end: `numpy.pad`'s `wrap`.
    case periodic
    /// The array mirrored at its border, so that the last element comes twice: `numpy.pad`'s `symmetric`.
    case reflect
    /// The array mirrored at its last element, which comes once: `numpy.pad`'s `reflect`.
    case mirror
    /// The nearest element: `numpy.pad`'s `edge`.
    case nearest
    /// A number, as an element of the array's type.
    case constant(any ArrayOperand)
  }

  /// What a function makes of each block of the array and of the elements around it. Dask's `map_overlap`.
  ///
  ///     let laplacian = x.mapOverlap(depth: [1, 1], boundary: [.nearest]) {
  ///       (block: Block<Double>, result: ResultBlock<Double>) in
  ///       for i in 0..<block.shape[0] {
  ///         for j in 0..<block.shape[1] {
  ///           result[i, j] =
  ///             block[i - 1, j] + block[i + 1, j] + block[i, j - 1] + block[i, j + 1] - 4 * block[i, j]
  ///         }
  ///       }
  ///     }
  ///
  /// Blocks, threads and errors are those of ``mapBlocks(to:chunks:dropping:_:)``. The neighbours are read with the
  /// block, a chunk that several blocks need once for each: larger blocks read less. If no extents are given, blocks of
  /// several chunks are chosen as far as they need no more than 64 MiB.
  /// - Parameters:
  ///   - depth: Per axis, how many elements the function sees beyond a block on either side; one number stands for all
  ///     axes. At most as many as the axis has.
  ///   - boundary: Per axis, what stands beyond the array; one stands for all axes. Of different constants the last
  ///     axis' stands in corners.
  ///   - result: The element type of the result.
  ///   - chunks: Extents of the blocks, without halos.
  ///   - body: Reads a block with its halo, and writes the elements of the block without it: the result is trimmed.
  @inlinable
  public func mapOverlap<A: Element, R: Element>(
    depth: [Int], boundary: [Boundary], to result: R.Type = R.self, chunks: [Int]? = nil,
    _ body: @escaping @Sendable (_ block: Block<A>, _ result: ResultBlock<R>) throws -> Void
  ) -> DistArray {
    let kernel = BlockKernel(name: "mapOverlap", inputTypes: [A.dtype], resultType: R.dtype) { call in
      try body(call.block(0, of: A.self), call.resultBlock(of: R.self))
    }
    return Self.overlapping([self], kernel, depth, boundary, chunks: chunks)
  }

  /// What a function makes of the blocks of two arrays of one shape and of the elements around them. As
  /// ``mapOverlap(depth:boundary:to:chunks:_:)``.
  @inlinable
  public func mapOverlap<A: Element, B: Element, R: Element>(
    with other: DistArray, depth: [Int], boundary: [Boundary], to result: R.Type = R.self, chunks: [Int]? = nil,
    _ body: @escaping @Sendable (_ a: Block<A>, _ b: Block<B>, _ result: ResultBlock<R>) throws -> Void
  ) -> DistArray {
    let kernel = BlockKernel(name: "mapOverlap", inputTypes: [A.dtype, B.dtype], resultType: R.dtype) { call in
      try body(call.block(0, of: A.self), call.block(1, of: B.self), call.resultBlock(of: R.self))
    }
    return Self.overlapping([self, other], kernel, depth, boundary, chunks: chunks)
  }

  @usableFromInline
  static func overlapping(
    _ arrays: [DistArray], _ kernel: BlockKernel, _ depth: [Int], _ boundary: [Boundary], chunks: [Int]?
  ) -> DistArray {
    arrays[0].map { first throws(StoreError) in
      let shape = first.shape
      guard depth.count == 1 || depth.count == shape.count, boundary.count == 1 || boundary.count == shape.count else {
        throw StoreError(
          .invalidArgument,
          "\(depth.count) depths and \(boundary.count) boundaries for \(shape.count) axes; give one for each, or one "
            + "for all")
      }
      let halo = shape.indices.map { depth[depth.count == 1 ? 0 : $0] }
      let boundaries = shape.indices.map { boundary[boundary.count == 1 ? 0 : $0] }
      for (axis, depth) in halo.enumerated() {
        guard depth >= 0, depth <= shape[axis] || shape.contains(0) else {
          throw StoreError(
            .invalidArgument,
            "depth \(depth) along axis \(axis), which has \(shape[axis]) positions; between 0 and as "
              + "many as there are is possible")
        }
      }
      // An array without elements has no blocks that could see anything.
      let seen = shape.contains(0) ? shape.map { _ in 0 } : halo
      let inputs = try inputs(arrays, kernel).map { input throws(StoreError) in
        try input.framed(by: seen, boundaries)
      }
      return try mapped(
        inputs, shape,
        BlockMapping(kernel: kernel, halo: seen, isDropped: shape.map { _ in false }, chunkShape: chunks))
    }
  }
}

extension Expression {
  /// The array with a frame, of a kind of its own for each axis.
  fileprivate func framed(
    by widths: [Int], _ boundaries: [DistArray.Boundary]
  ) throws(StoreError) -> Expression {
    if widths.allSatisfy({ $0 == 0 }) { return self }
    var parts = [self]
    var axes: [Mosaic.Axis] = []
    for (axis, size) in shape.enumerated() {
      let width = widths[axis]
      guard size <= Int.max / 4 else { throw StoreError(.invalidArgument, "axis \(axis) is too long for a frame") }
      if let mode = boundaries[axis].padMode {
        axes.append(Mosaic.Axis(try mode.runs(size, before: width, after: width)))
        continue
      }
      guard width > 0, case .constant(let value) = boundaries[axis] else {
        axes.append(Mosaic.Axis(all: size))
        continue
      }
      let run = Mosaic.Run(part: parts.count, start: 0, step: 0, count: width)
      axes.append(Mosaic.Axis([run, Mosaic.Run(start: 0, step: 1, count: size), run]))
      parts.append(try frame(of: value))
    }
    let layout = Mosaic(axes)
    return try .assembled(shape: layout.shape, parts, layout)
  }

  /// A number everywhere, as an element of this array's type and in its shape.
  func frame(of value: any ArrayOperand) throws(StoreError) -> Expression {
    guard case .number(let number) = try value.operand.argument.get() else {
      throw StoreError(.invalidArgument, "the value of a constant frame is a number")
    }
    let element = try number.value(as: dtype)
    let single = Expression(try MemoryDataset(shape: [], dtype: dtype, bytes: element.bytes, name: "frame"))
    return single.viewed(AffineView(broadcasting: [], to: shape))
  }
}

extension DistArray.Boundary {
  /// What `numpy.pad` calls it; `nil` for constants.
  fileprivate var padMode: DistArray.PadMode? {
    switch self {
    case .periodic: .wrap
    case .reflect: .symmetric
    case .mirror: .reflect
    case .nearest: .edge
    case .constant: nil
    }
  }
}
