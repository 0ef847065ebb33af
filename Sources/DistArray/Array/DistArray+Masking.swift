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
  /// - Complexity: One pass over the mask; 8 bytes of memory for each of up to 2^20 stretches of it. Where stretches cut
  ///   across its chunks, it is copied to a scratch file on the way, which is kept for the elements.
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
    let (truths, counts) = try counted(truth, rowByteCount: rows.rowByteCount)
    let shape = [counts.total] + rows.shape.dropFirst()
    let whole = masked == expression.shape.count ? MaskedArray.Whole(array: expression, mask: truth) : nil
    let chosen = Expression(
      shape: shape, dtype: rows.dtype, .masked(MaskedArray(rows, truths, counts, of: whole)))
    return DistArray(.success(try chosen.checkedDepth()), context: context)
  }

  /// A mask along one axis, without anything inside that is made before it, and its counts. Collective.
  ///
  /// - Parameter rowByteCount: Bytes of what one truth chooses.
  func counted(
    _ mask: Expression, rowByteCount: Int
  ) throws(StoreError) -> (truths: Expression, counts: MaskCounts) {
    let rowCount = mask.shape.reduce(1, *)
    var materialisation = Materialisation(options: context.options, communicator: context.communicator)
    let truths = try materialisation([mask.reshaped(to: [rowCount])])[0]
    let array = DistArray(.success(truths), context: context)
    return (truths, try Self.counts(array, rowCount, rowByteCount: rowByteCount))
  }

  /// Counts truths stretch by stretch.
  private static func counts(
    _ truths: DistArray, _ rowCount: Int, rowByteCount: Int
  ) throws(StoreError) -> MaskCounts {
    if rowCount == 0 { return MaskCounts(length: 1, rowCount: 0, counts: []) }
    let chunk = try truths.dataset(name: "mask").description.grid.chunkShape[0]
    let length = Swift.max(MaskCounts.length(chunk: chunk, rowByteCount: rowByteCount), rowCount >> 20)
    let whole = rowCount / length
    let rest = whole * length
    var stretches: [DistArray] = []
    if whole > 0 {
      let head = truths[[.slice(start: 0, stop: rest)]].reshaped(to: [whole, length])
      stretches.append(head.countNonzero(axis: 1))
    }
    if rest < rowCount { stretches.append(truths[[.slice(start: rest)]].countNonzero()) }
    var values: [Int64] = []
    for counts in try truths.context.evaluate(stretches) {
      guard let own = counts.values(as: Int64.self) else {
        throw StoreError(.internalFault, "truths are counted as \(counts.dtype.name)")
      }
      values += own
    }
    return MaskCounts(length: length, rowCount: rowCount, counts: values)
  }
}

extension Expression {
  /// Bytes of all that stands at one position of the first axis.
  var rowByteCount: Int { shape.dropFirst().reduce(dtype.byteCount, saturatingProduct) }

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
