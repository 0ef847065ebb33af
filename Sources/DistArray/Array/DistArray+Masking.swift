// Elements chosen by a mask, whose number only the mask can tell.

import DAStore

extension DistArray {
  /// The elements where a mask is true, in C order along one axis. NumPy's `x[mask]`.
  ///
  /// The mask is computed once here, to count, because an array must know its shape; elements are read when they are
  /// asked for, and the mask with them again.
  /// - Parameter mask: Truth values in the shape of the array, or of its first axes: then the rest is chosen whole.
  /// - Throws: The first error in making the array or the mask; `.unsupportedDType` for a mask of another type;
  ///   `.invalidArgument` for one of another shape; what a pass over the mask throws.
  /// - Complexity: One pass over the mask; 8 bytes of memory for each of its chunks.
  /// - Collective: yes.
  public func elements(where mask: DistArray) throws(StoreError) -> DistArray {
    let (expression, truth) = (try result.get(), try mask.result.get())
    guard truth.dtype == .bool else {
      throw StoreError(
        .unsupportedDType, "a mask has elements of type bool, not \(truth.dtype.name); compare, as in x[x > 0]")
    }
    let masked = truth.shape.count
    try expression.checkMask(truth)
    let rowCount = truth.shape.reduce(1, *)
    let rows = try expression.reshaped(to: [rowCount] + expression.shape[masked...])
    let (truths, counts) = try counted(truth)
    let shape = [counts.total] + rows.shape.dropFirst()
    let chosen = Expression(shape: shape, dtype: rows.dtype, .masked(MaskedArray(rows, truths, counts)))
    return DistArray(.success(try chosen.checkedDepth()), context: context)
  }

  /// A mask along one axis, without statistics inside, and its counts. Collective.
  func counted(_ mask: Expression) throws(StoreError) -> (truths: Expression, counts: MaskCounts) {
    let rowCount = mask.shape.reduce(1, *)
    var materialisation = Materialisation(options: context.options, communicator: context.communicator)
    let truths = try materialisation([mask])[0].reshaped(to: [rowCount])
    return (truths, try Self.counts(DistArray(.success(truths), context: context), rowCount))
  }

  /// Counts truths stretch by stretch.
  private static func counts(_ truths: DistArray, _ rowCount: Int) throws(StoreError) -> MaskCounts {
    if rowCount == 0 { return MaskCounts(length: 1, rowCount: 0, counts: []) }
    let length = Swift.max(try truths.dataset(name: "mask").description.grid.chunkShape[0], rowCount >> 20, 1)
    let stretches = (rowCount - 1) / length + 1
    let whole = truths.padded([(before: 0, after: stretches * length - rowCount)]).reshaped(to: [stretches, length])
    let counts = try truths.context.evaluate(whole.countNonzero(axis: 1))
    guard let values = counts.values(as: Int64.self) else {
      throw StoreError(.internalFault, "truths are counted as \(counts.dtype.name)")
    }
    return MaskCounts(length: length, rowCount: rowCount, counts: values)
  }
}

extension Expression {
  /// - Throws: `.invalidArgument` when a mask does not have the sizes of the first axes.
  func checkMask(_ mask: Expression) throws(StoreError) {
    guard mask.shape.count <= shape.count else {
      throw StoreError(
        .invalidArgument, "a mask of \(mask.shape.count) axes is too many for an array of \(shape.count)")
    }
    for axis in mask.shape.indices where mask.shape[axis] != shape[axis] {
      throw StoreError(
        .invalidArgument,
        "the mask does not match the array along axis \(axis): the array has size \(shape[axis]), the mask "
          + "\(mask.shape[axis])")
    }
  }
}
